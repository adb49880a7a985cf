# SPDX-License-Identifier: BSD-3-Clause
"""What the debuggers of ipykernel and xeus-python do wrong, one fault a test, on a kernel that does it
on demand: the client gets an answer, in words, and the session goes on (facts: jupyter.md §4)."""

import pytest
from dap_client import DapClient, Failed
from dap_requests import ENDING, UNKNOWN, commands, properties
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


def test_nothing_that_it_does_not_know_is_sent(scripted):
    """Whatever an editor asks, stopped or not: a debugger of this kind wedges on unknown words."""
    bodies = {"threads": {"threads": [{"id": 1, "name": "MainThread"}]}, "scopes": {"scopes": []},
              "continue": {"allThreadsContinued": True},
              "modules": {"modules": []}, "stackTrace": {"stackFrames": []},
              "evaluate": {"result": "", "variablesReference": 0}, "setVariable": {"value": ""},
              "variables": {"variables": []}, "source": {"content": ""}}
    it = scripted(**{c: lambda r, body=b: {"body": body} for c, b in bodies.items()}).attach()
    takes = {"attach", "configurationDone", "continue", "debugInfo", "disconnect", "dumpCell",
             "evaluate", "initialize", "modules", "next", "pause", "scopes", "setBreakpoints",
             "setExceptionBreakpoints", "setVariable", "source", "stackTrace", "stepIn", "stepOut",
             "threads", "variables"}
    for state in ("idle", "stopped"):
        for command in commands():
            if command not in ENDING | {"launch", "attach", "initialize"}:
                it.dap.call(command, {k: v for k, v in UNKNOWN.items() if k in properties(command)})
        if state == "idle":
            it.stop()
    sent = set()
    while not it.kernel.seen.empty():
        sent.add(it.kernel.seen.get()["command"])
    assert sent <= takes


def test_replies_are_repaired(scripted):
    """No type, no success, body a list, or nothing at all: the client gets DAP."""
    it = scripted(
        modules=lambda r: {"raw": {"body": {"modules": [{"id": n, "name": str(n)} for n in range(9)],
                                            "totalModules": 9}}},
        setExceptionBreakpoints=lambda r: {"body": [None]},
        evaluate=lambda r: {"raw": {}},
    ).attach()
    page = it.dap.request("modules", {"startModule": 3, "moduleCount": 2})
    assert [m["id"] for m in page["modules"]] == [3, 4] and page["totalModules"] == 9
    it.dap.request("setExceptionBreakpoints", {"filters": ["raised"]})
    it.stop()
    reply = it.dap.error("evaluate", {"expression": "x", "frameId": 1, "context": "watch"})
    assert "not started" in reply["message"]


def test_another_requests_answer_is_not_taken(scripted):
    swapped = {"raw": {"seq": 9, "type": "response", "request_seq": 4711, "success": True,
                       "command": "threads", "body": {"threads": []}}}
    it = scripted(stackTrace=lambda r: swapped).attach()
    it.stop()
    assert "ask again" in it.dap.error("stackTrace", {"threadId": 1})["message"]
    it.kernel.take("stackTrace")
    it.kernel.take("debugInfo")  # how things stand


def test_a_missing_answer_is_followed_by_what_is_true(scripted):
    """`next` was lost, and so was the end of the stop."""
    it = scripted(next=lambda r: ScriptedKernel.SILENCE).attach()
    it.stop()
    seq = it.dap.send("next", {"threadId": 1})
    it.kernel.take("next")
    it.kernel.stopped_threads = []
    assert "in time" in it.dap.response(seq)["message"]
    it.dap.event("continued")
    assert it.dap.request("continue", {"threadId": 1}) == {"allThreadsContinued": True}
    it.stop()


def test_a_wedged_debugger_is_told_once_and_asked_no_more(scripted):
    it = scripted(stackTrace=lambda r: ScriptedKernel.WEDGE).attach()
    it.stop()
    it.dap.error("stackTrace", {"threadId": 1})
    it.dap.output("does not answer any more", "important")
    while not it.kernel.seen.empty():
        it.kernel.seen.get()
    for command in ("stackTrace", "scopes", "next", "continue"):
        reply = it.dap.error(command, {"threadId": 1, "frameId": 1})
        assert "restart of the kernel helps" in reply["message"]
    assert it.kernel.seen.empty()
    assert it.dap.disconnect() == 0


def test_continue_is_not_sent_when_nothing_is_stopped_there(scripted):
    it = scripted().attach()
    it.stop()
    it.kernel.stopped_threads = []  # another front end was quicker
    it.dap.request("continue", {"threadId": 1})
    it.dap.event("continued")
    commands_sent = []
    while not it.kernel.seen.empty():
        commands_sent.append(it.kernel.seen.get()["command"])
    assert commands_sent[-1] == "debugInfo" and "continue" not in commands_sent


def test_what_concerns_debugpy_only_is_not_shown(scripted):
    it = scripted(threads=lambda r: {"body": {"threads": [
        {"id": 1, "name": "MainThread"}, {"id": 2, "name": "IPythonHistorySavingThread"},
        {"id": 3, "name": "Thread-2 (_watch_pipe_fd)"}, {"id": 4, "name": "mine"}]}}).attach()
    for name, body in (("debugpySockets", {"sockets": []}), ("debugpyWaitingForServer", {"port": 1}),
                       ("output", {"category": "telemetry", "output": "ptvsd"}),
                       ("output", {"category": "stdout", "output": "seen\n"})):
        it.kernel.event(name, body)
    assert it.dap.event("output")["output"] == "seen\n"
    assert [t["name"] for t in it.dap.request("threads")["threads"]] == ["MainThread", "mine"]
    it.kernel.event("thread", {"reason": "exited", "threadId": 2})
    it.kernel.event("thread", {"reason": "exited", "threadId": 4})
    assert it.dap.event("thread")["threadId"] == 4
    assert not [e for e in it.dap.events if e["event"].startswith("debugpy")]


def test_a_debugger_that_was_started_before_is_not_ended(scripted):
    """Somebody else may be using it: what is ours is taken back, what is stopped runs on."""
    it = scripted(attach=lambda r: {"success": False, "message": "Session is already started"})
    it.kernel.started, it.kernel.stopped_threads = True, [1, 2]
    it.attach()
    assert it.dap.event("stopped")["threadId"] == 1
    it.dap.request("celldap/cell", {"uri": SOURCE["path"], "notebook": "/nb.ipynb", "index": 0,
                                    "code": CODE})
    it.dap.request("setBreakpoints", {"source": SOURCE, "breakpoints": [{"line": 2}]})
    assert it.dap.disconnect() == 0
    seen = []
    while not it.kernel.seen.empty():
        seen.append(it.kernel.seen.get())
    names = [r["command"] for r in seen]
    assert "disconnect" not in names and "attach" not in names and "continue" in names
    last = [r for r in seen if r["command"] == "setBreakpoints"][-1]
    assert last["arguments"]["breakpoints"] == []
