# SPDX-License-Identifier: BSD-3-Clause
"""celldap/postMortem: the frames of a cell that failed, as a view (contracts.md §9)."""

import pytest
from bridge_files import notebook
from dap_client import DapClient
from debugger import Debugger

FAILS = """\
import json
def inner(d):
    x = len(d)
    try:
        json.loads('{')
    finally:
        y = 1
def outer(d):
    return inner(d)
d = {'k': [1, 2]}
outer(d)
"""


@pytest.fixture
def debugger(kernel):
    kernel.run("pass")
    return Debugger(kernel)


def stopped(debugger):
    while True:
        m = debugger.kernel.iopub()
        if m["msg_type"] == "debug_event" and m["content"]["event"] in ("stopped", "continued"):
            return m["content"]


def open_view(debugger):
    debugger.body("celldap/postMortem")
    event = stopped(debugger)
    assert event["event"] == "stopped" and event["body"]["reason"] == "exception"
    return event["body"]


def names(debugger):
    return [(f["name"].rpartition(".")[2], f["line"]) for f in debugger.frames()]


def test_the_view_reads_what_a_stop_reads(debugger):
    assert "failed" in debugger.error("celldap/postMortem")
    assert debugger.kernel.run(FAILS).status == "error"
    assert open_view(debugger)["text"] == "JSONDecodeError"
    shown = names(debugger)
    assert shown[-3:] == [("inner", 5), ("outer", 9), ("<module>", 11)]
    assert shown[0][0] == "raw_decode" or shown[0][0] == "scan_once" or len(shown) > 3
    frame = debugger.frames()[-3]["id"]
    scope = debugger.body("scopes", frameId=frame)["scopes"][0]["variablesReference"]
    found = debugger.variables(scope)
    assert found["x"]["value"] == "1" and found["y"]["value"] == "1"
    assert debugger.variables(found["d"]["variablesReference"])["'k'"]["value"] == "[1, 2]"
    for context in ("watch", "repl", "hover", "clipboard"):
        got = debugger.body("evaluate", expression="d['k']", frameId=frame, context=context)
        assert got["result"] == "[1, 2]"
    made = debugger.body("evaluate", expression="[x + n for n in d['k']]", frameId=frame)
    assert made["result"] == "[2, 3]"
    info = debugger.body("exceptionInfo", threadId=1)
    assert info["exceptionId"] == "json.decoder.JSONDecodeError" and info["breakMode"] == "unhandled"
    for command in ("next", "stepIn", "stepOut", "gotoTargets", "setVariable", "setExpression"):
        assert "post-mortem" in debugger.error(command, threadId=1, variablesReference=scope, name="x",
                                               value="1", expression="x")
    debugger.body("continue", threadId=1)
    assert stopped(debugger)["event"] == "continued"
    assert "stopped" in debugger.error("stackTrace", threadId=1)
    assert names_again(debugger) == shown


def names_again(debugger):
    """The view can be opened again until the next run, which ends it."""
    open_view(debugger)
    shown = names(debugger)
    assert debugger.kernel.run("pass", silent=True, store_history=False).status == "ok"
    assert names(debugger) == shown
    debugger.kernel.send("shell", "execute_request", {"code": "z = 1", "silent": False})
    assert stopped(debugger)["event"] == "continued"
    assert debugger.kernel.run("z").result == "1"
    assert "stopped" in debugger.error("stackTrace", threadId=1)
    assert "failed" in debugger.error("celldap/postMortem")
    return shown


def test_a_real_stop_and_disconnect_end_the_view(debugger):
    assert debugger.kernel.run(FAILS).status == "error"
    open_view(debugger)
    thread = (
        "import threading\ndef work():\n    a = 1\n    b = 2\n"
        "threading.Thread(target=work, name='w').start()\n"
    )
    path = debugger.body("dumpCell", code=thread)["sourcePath"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3}])
    cell = debugger.kernel.start(thread)
    debugger.await_stop(cell)
    assert "stopped" in debugger.error("celldap/postMortem")
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[])
    debugger.body("continue", threadId=1)
    assert cell.wait().status == "ok"
    assert debugger.kernel.run("1/0").status == "error"
    open_view(debugger)
    debugger.body("disconnect")
    debugger.body("initialize", clientID="test", adapterID="x", pathFormat="path")
    debugger.body("attach")
    assert "stopped" in debugger.error("stackTrace", threadId=1)
    open_view(debugger)


def test_the_bridge_shows_it_in_the_clients_words(tmp_path):
    path = notebook(tmp_path, ["def bad(n):\n    return n / 0\n", "bad(3)\n"])
    with DapClient() as client:
        client.launch(path)
        assert client.event("stopped")["description"] == "Paused on an uncaught exception"
        client.request("continue", {"threadId": 1})  # who set the filter gets a real stop
        client.output("failed with ZeroDivisionError", "important")
        client.request("celldap/postMortem")
        assert client.event("stopped")["reason"] == "exception"
        frames = client.request("stackTrace", {"threadId": 1})["stackFrames"]
        assert [f["name"] for f in frames] == ["bad", "<module>"]
        assert all(f["source"]["path"] == str(path) for f in frames)
        body = {"expression": "n", "frameId": frames[0]["id"], "context": "watch"}
        assert client.request("evaluate", body)["result"] == "3"
        assert "post-mortem" in client.error("next", {"threadId": 1})["body"]["error"]["format"]
        client.request("continue", {"threadId": 1})
        assert "notStopped" in client.error("stackTrace", {"threadId": 1})["message"]
        assert client.request("evaluate", {"expression": "1 + 1", "context": "repl"})["result"] == "2"
        client.disconnect()
