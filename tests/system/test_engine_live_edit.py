# SPDX-License-Identifier: BSD-3-Clause
"""celldap/runCell while stopped: an edited cell takes effect before the program goes on
(contracts.md §3, §9)."""

import pytest
from bridge_files import notebook
from dap_client import DapClient
from debugger import Debugger

LOOP = "got = []\nfor i in range(3):\n    got.append(f(i))\n    last = i\n"
OLD = "def f(x):\n    return x\n"
NEW = "def f(x):\n    y = x * 10\n    print('new', x)\n    return y\nf(1)\n"


@pytest.fixture
def debugger(kernel):
    kernel.run("pass")
    return Debugger(kernel)


def header(name):
    return {"msg_id": name, "msg_type": "execute_request", "session": "s"}


def of_parent(debugger, name):
    """The iopub messages of that parent, until its idle."""
    found = []
    while not found or found[-1] != ("status", "idle"):
        m = debugger.kernel.iopub()
        if m["parent_header"].get("msg_id") == name:
            c = m["content"]
            found.append((m["msg_type"], c.get("execution_state") or c.get("text") or c.get("ename")
                          or c.get("data", {}).get("text/plain")))
    return found


def test_the_next_call_uses_the_new_function(debugger):
    debugger.kernel.run(OLD)
    cell = debugger.run_to(LOOP, 4)
    before = [(f["name"], f["line"]) for f in debugger.frames()]
    body = debugger.body("celldap/runCell", code=NEW, cellId="a", header=header("first"))
    assert body["status"] == "ok" and body["execution_count"] > 0
    assert of_parent(debugger, "first") == [
        ("status", "busy"), ("stream", "new 1\n"), ("execute_result", "10"), ("status", "idle"),
    ]
    assert [(f["name"], f["line"]) for f in debugger.frames()] == before
    body = debugger.body("celldap/runCell", code="1/0", cellId="b", header=header("second"))
    assert body["status"] == "error" and body["ename"] == "ZeroDivisionError"
    assert ("error", "ZeroDivisionError") in of_parent(debugger, "second")
    body = debugger.body("celldap/runCell", code="def (", cellId="b", header=header("third"))
    assert body["status"] == "error" and body["ename"] == "SyntaxError"
    assert [(f["name"], f["line"]) for f in debugger.frames()] == before
    debugger.body("setBreakpoints", source={"path": cell_path(debugger, LOOP)}, breakpoints=[])
    assert debugger.go_on(cell).status == "ok"
    assert cell.stream("stdout") == "new 1\nnew 2\n"  # of the loop's own calls
    assert debugger.kernel.run("got").result == "[0, 10, 20]"
    assert "stopped program" in debugger.error("celldap/runCell", code="x = 1")
    assert debugger.kernel.run("1/0").status == "error"
    debugger.body("celldap/postMortem")
    assert "stopped program" in debugger.error("celldap/runCell", code="x = 1")


def cell_path(debugger, code):
    return debugger.body("dumpCell", code=code)["sourcePath"]


def test_breakpoints_of_an_edited_cell_replace_those_of_its_old_text(debugger):
    old, new = "a = 1\nb = 2", "first = 0\na = 1\nb = 2"
    for code, line in ((old, 2), (new, 3)):
        source = {"path": cell_path(debugger, code), "adapterData": {"cellId": "edited"}}
        debugger.body("setBreakpoints", source=source, breakpoints=[{"line": line}])
    cell = debugger.kernel.start_request({"code": new}, {"cellId": "edited"})
    debugger.await_stop(cell)
    assert debugger.frames()[0]["line"] == 3
    debugger.go_on(cell)


def test_a_breakpoint_of_the_cell_stops_inside_the_stop(debugger):
    debugger.kernel.run(OLD)
    path = cell_path(debugger, NEW)
    source = {"path": path, "adapterData": {"cellId": "the-cell"}}
    debugger.body("setBreakpoints", source=source, breakpoints=[{"line": 2}])
    cell = debugger.run_to(LOOP, 4)
    outer = [(f["name"], f["line"]) for f in debugger.frames()]
    asked = debugger.send("celldap/runCell", code=NEW, cellId="the-cell", header=header("n"))
    debugger.await_stop(cell)
    shown = [(f["name"].rpartition(".")[2], f["line"]) for f in debugger.frames()]
    assert shown == [("f", 2), ("<module>", 5), *outer]
    top = debugger.frames()[0]["id"]
    assert debugger.body("evaluate", expression="x", frameId=top, context="watch")["result"] == "1"
    debugger.body("next", threadId=1)
    debugger.await_stop(cell)
    assert debugger.frames()[0]["line"] == 3
    debugger.body("continue", threadId=1)
    assert debugger.reply(asked)["body"]["status"] == "ok"
    debugger.await_stop(cell)  # the outer stop is shown again
    assert [(f["name"], f["line"]) for f in debugger.frames()] == outer
    debugger.body("setBreakpoints", source={"path": cell_path(debugger, LOOP)}, breakpoints=[])
    debugger.body("continue", threadId=1)
    for x in ("1", "2"):
        debugger.await_stop(cell)
        top = debugger.frames()[0]
        found = debugger.body("evaluate", expression="x", frameId=top["id"], context="watch")
        assert (top["line"], found["result"]) == (2, x)
        debugger.body("continue", threadId=1)
    assert cell.wait().status == "ok"
    assert debugger.kernel.run("got").result == "[0, 10, 20]"


def test_an_interrupt_ends_the_inner_cell_and_not_the_stop(debugger):
    cell = debugger.run_to("a = 1\nb = 2\n", 2)
    endless = "print('spin', flush=True)\nwhile True: pass\n"
    asked = debugger.send("celldap/runCell", code=endless, header=header("spin"))
    while debugger.kernel.iopub()["content"].get("text") != "spin\n":
        pass
    debugger.kernel.ask("control", "interrupt_request")
    assert debugger.reply(asked)["body"]["ename"] == "KeyboardInterrupt"
    assert debugger.frames()[0]["line"] == 2
    assert debugger.go_on(cell).status == "ok"


def test_await_inside_a_stopped_task_is_an_error_and_else_works(debugger):
    sleep = "import asyncio\nr = await asyncio.sleep(0, 7)\n"
    debugger.kernel.run("import asyncio\n")
    cell = debugger.run_to("a = 1\nb = 2\n", 2)
    assert debugger.body("celldap/runCell", code=sleep)["status"] == "ok"
    assert debugger.go_on(cell).status == "ok"
    assert debugger.kernel.run("r").result == "7"
    cell = debugger.run_to("import asyncio\nawait asyncio.sleep(0)\nb = 3\nawait asyncio.sleep(0)\n", 3)
    body = debugger.body("celldap/runCell", code=sleep)
    assert body["status"] == "error" and "task" in body["evalue"]
    assert debugger.go_on(cell).status == "ok"


def test_the_bridge_runs_it_as_that_cell(tmp_path):
    path = notebook(tmp_path, [OLD, LOOP, "print(got)\n"])
    with DapClient() as client:
        spots = [({"path": f"{path}#cell=1"}, [{"line": 4}]), ({"path": f"{path}#cell=0"}, [{"line": 2}])]
        client.launch(path, spots, initialize={"celldap": {
            "version": 1, "events": ["celldap/cellOutput", "celldap/cellState"]}})
        client.event("stopped")  # f(0)
        client.request("continue", {"threadId": 1})
        client.event("stopped")  # line 4
        client.request("celldap/runCell", {"index": 0, "code": NEW})
        state = client.event("celldap/cellState", lambda b: b["cell"]["index"] == 0 and b["state"] == "running")
        assert state
        client.event("stopped")  # the breakpoint follows the cell by its id
        frames = client.request("stackTrace", {"threadId": 1})["stackFrames"]
        assert [f["name"] for f in frames] == ["f", "<module>", "<module>"]
        client.request("continue", {"threadId": 1})
        out = client.event("celldap/cellOutput", lambda b: b["cell"]["index"] == 0)
        assert out["content"]["text"].startswith("new")
        client.event("celldap/cellState", lambda b: b["cell"]["index"] == 0 and b["state"] == "ok")
        client.request("setBreakpoints", {"source": {"path": f"{path}#cell=0"}, "breakpoints": []})
        client.request("setBreakpoints", {"source": {"path": f"{path}#cell=1"}, "breakpoints": []})
        client.event("stopped")
        client.request("continue", {"threadId": 1})
        printed = client.event("celldap/cellOutput", lambda b: b["cell"]["index"] == 2)
        assert printed["content"]["text"] == "[0, 10, 20]\n"
        client.disconnect()
