# SPDX-License-Identifier: BSD-3-Clause
"""What the debuggers of ipykernel and xeus-python do wrong, one fault a test, on a kernel that does it
on demand: the client gets an answer, in words, and the session goes on (facts: jupyter.md §4)."""

import pytest
from dap_client import DapClient, Failed
from scripted_kernel import ScriptedKernel

SOURCE = {"path": "vscode-notebook-cell:/nb.ipynb#W0"}
CODE = "a = 1\nb = 2\nc = 3"


class Attached:
    def __init__(self, folder, **answers):
        self.kernel = ScriptedKernel(folder, **answers)
        self.dap = DapClient()

    def attach(self, **arguments):
        self.dap.initialize()
        seq = self.dap.send("attach", {"connectionFile": self.kernel.file, **arguments})
        self.dap.request("setExceptionBreakpoints", {"filters": []})
        self.dap.request("configurationDone")
        reply = self.dap.response(seq)
        if not reply["success"]:
            raise Failed(reply["message"])
        return self

    def stop(self):
        self.kernel.stop()
        return self.dap.event("stopped")

    def close(self):
        self.dap.close()
        self.kernel.close()


@pytest.fixture
def scripted(tmp_path):
    made = []

    def make(**answers):
        made.append(Attached(tmp_path, **answers))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("how", ["disconnect", "terminate", "terminate and disconnect", "terminate and gone"])
def test_nothing_ends_before_the_kernel_knows_that_we_go(scripted, how):
    """A message that is still on its way is lost with the process: the cell would stay stopped."""
    it = scripted(disconnect=lambda request: ScriptedKernel.SILENCE).attach()
    it.stop()
    for command in how.split(" and "):
        if command == "gone":
            it.dap.process.stdin.close()
        else:
            it.dap.send(command)
    request = it.kernel.take("disconnect")
    if "gone" not in how:
        it.dap.call("threads")  # it is still there
    assert not it.dap.take("terminated") and "disconnect" not in [r["command"] for r in it.dap.responses.values()]
    it.kernel.reply_now(request, {})
    if how == "terminate":
        it.dap.event("terminated")
        it.dap.send("disconnect")
    it.dap.until_end()
    assert it.dap.process.wait(60) == 0
    assert {"disconnect", "terminate"} & set(it.dap.open.values()) == set()
    assert it.kernel.seen.empty()
