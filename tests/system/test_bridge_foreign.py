# SPDX-License-Identifier: BSD-3-Clause
"""The bridge on ipykernel's debugger, by its control channel: the same session, and nothing that is
known to wedge it (facts: jupyter.md §4)."""

import pytest
from dap_client import DapClient, Failed
from jupyter_client import KernelManager

CELL = "def f(n):\n    total = 0\n    for i in range(n):\n        total += i\n    return total\nprint(f(4))"
GUARD = 60


class Peer:
    """An ipykernel with one client of its own, and a session of the bridge that is attached to it."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.file = str(folder / "kernel.json")
        self.manager = KernelManager(kernel_name="python3", connection_file=self.file)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=GUARD)
        self.dap = DapClient()

    def attach(self):
        self.dap.initialize()
        seq = self.dap.send("attach", {"connectionFile": self.file})
        self.dap.request("setExceptionBreakpoints", {"filters": []})
        self.dap.request("configurationDone")
        reply = self.dap.response(seq)
        if not reply["success"]:
            raise Failed(reply["message"])

    def stop(self):
        source = {"path": "vscode-notebook-cell:/nb.ipynb#W0"}
        self.dap.request("celldap/cell", {"uri": source["path"], "notebook": "/nb.ipynb", "index": 0,
                                          "code": CELL})
        body = self.dap.request("setBreakpoints", {"source": source, "breakpoints": [{"line": 4}]})
        if not body["breakpoints"][0]["verified"]:
            raise Failed(f"not verified: {body}")
        self.client.execute(CELL)
        return self.dap.event("stopped")

    def frames(self, stop):
        return self.dap.request("stackTrace", {"threadId": stop["threadId"]})["stackFrames"]

    def runs(self):
        """A cell's result, so it is alive and its shell free."""
        reply = self.client.execute_interactive("6 * 7", timeout=GUARD, output_hook=lambda m: None)
        return reply["content"]["status"]

    def close(self):
        self.dap.close()
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def stopped(tmp_path, fresh_peers):
    """(peer, stop)"""
    peers = []

    def attempt():
        while peers:
            peers.pop().close()
        peers.append(Peer(tmp_path / "peer"))
        peers[-1].attach()
        return peers[-1], peers[-1].stop()

    yield fresh_peers(attempt, (Failed, AssertionError, RuntimeError))
    for peer in peers:
        peer.close()


def test_a_session_on_ipykernel(stopped):
    """One kernel for all of it: it takes seconds to start."""
    peer, stop = stopped
    dap, frame = peer.dap, peer.frames(stop)[0]
    assert (frame["name"], frame["line"]) == ("f", 4)
    assert frame["source"]["path"] == "vscode-notebook-cell:/nb.ipynb#W0"
    scope = dap.request("scopes", {"frameId": frame["id"]})["scopes"][0]["variablesReference"]
    values = dap.request("variables", {"variablesReference": scope})["variables"]
    assert {v["name"]: v["value"] for v in values if v["name"] in "in"} == {"i": "0", "n": "4"}
    watch = {"expression": "n * 2", "frameId": frame["id"], "context": "watch"}
    assert dap.request("evaluate", watch)["result"] == "8"
    lacks = dap.event("capabilities", lambda b: "supportsRestartFrame" in b["capabilities"])
    assert lacks["capabilities"]["supportsRestartFrame"] is False
    for command, arguments in (("restartFrame", {"frameId": frame["id"]}),
                               ("breakpointLocations", {"source": {"path": "x.py"}, "line": 1}),
                               ("dataBreakpointInfo", {"name": "n"}),
                               ("readMemory", {"memoryReference": "m", "count": 1})):
        assert not dap.call(command, arguments)["success"], command
    dap.request("cancel", {"requestId": 1})
    dap.request("next", {"threadId": stop["threadId"]})
    assert dap.event("stopped")["reason"] == "step"
    # many at once: one after the other reaches the kernel, each gets its own answer
    frame = peer.frames(stop)[0]["id"]
    sent = [dap.send("evaluate", {"expression": f"n + {i}", "frameId": frame, "context": "watch"})
            for i in range(8)]
    assert [dap.response(s)["body"]["result"] for s in sent] == [str(4 + i) for i in range(8)]
    dap.request("setBreakpoints", {"source": {"path": "vscode-notebook-cell:/nb.ipynb#W0"},
                                   "breakpoints": []})
    dap.request("continue", {"threadId": stop["threadId"]})
    dap.output("6\n")
    for _ in range(2):  # nothing is stopped: it must not reach the kernel
        dap.request("continue", {"threadId": stop["threadId"]})
    dap.request("threads")
    assert dap.disconnect() == 0
    assert peer.runs() == "ok"


def test_terminate_of_a_stop_leaves_ipykernel_alive(stopped):
    peer, _ = stopped
    peer.dap.request("terminate")
    peer.dap.event("terminated")
    assert peer.dap.disconnect() == 0
    assert peer.runs() == "ok"
