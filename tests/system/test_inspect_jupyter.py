# SPDX-License-Identifier: BSD-3-Clause
"""Jupyter's own inspection requests, exceptions, sources, modules and nested stops."""

import pytest

from debugger import Debugger


@pytest.fixture
def debugger(kernel):
    return Debugger(kernel)


def test_variables_without_a_stop(debugger):
    debugger.kernel.run("number = 41\nrows = [1, 2, 3]\ndef f(): pass")
    found = {v["name"]: v for v in debugger.body("inspectVariables")["variables"]}
    assert found["number"]["value"] == "41" and found["rows"]["variablesReference"] > 0
    assert "f" not in found and "In" not in found and "get_ipython" not in found
    children = debugger.variables(found["rows"]["variablesReference"])
    assert children["2"]["value"] == "3"
    assert debugger.body("evaluate", expression="number + 1")["result"] == "42"
    result = debugger.body("evaluate", expression="rows * 2")
    assert result["indexedVariables"] == 6
    assert debugger.variables(result["variablesReference"])["5"]["value"] == "3"


def test_variables_while_a_cell_runs(debugger):
    cell = debugger.kernel.start(
        "import time\nstarted = 1\nprint('go', flush=True)\n"
        "end = time.monotonic() + 60\nwhile not globals().get('stop') and time.monotonic() < end: pass"
    )
    cell.until_printed("go")
    names = [v["name"] for v in debugger.body("inspectVariables")["variables"]]
    assert "started" in names
    debugger.kernel.ask("control", "interrupt_request")
    cell.wait()


def test_rich_views(debugger):
    debugger.kernel.run(
        "class Rich:\n    def _repr_html_(self): return '<b>x</b>'\n"
        "    def __repr__(self): return 'plain'\nrich = Rich()"
    )
    data = debugger.body("richInspectVariables", variableName="rich")["data"]
    assert data["text/plain"] == "plain"
    ipython = debugger.kernel.run("type(get_ipython())").status == "ok"
    assert data.get("text/html") == ("<b>x</b>" if ipython else None)
    group = debugger.body("richInspectVariables", variableName="special variables")
    assert group == {"data": {}, "metadata": {}}
    assert "NameError" in debugger.error("richInspectVariables", variableName="nope")


def test_copy_to_globals(debugger):
    code = "def f():\n    inner = [7]\n    return 1\nf()"
    cell = debugger.run_to(code, 3)
    frame = debugger.frames()[0]["id"]
    copied = debugger.body(
        "copyToGlobals", srcVariableName="inner", dstVariableName="outer", srcFrameId=frame
    )
    assert copied["value"] == "[7]" and copied["variablesReference"] > 0
    given = {"srcVariableName": "inner", "dstVariableName": "not a name", "srcFrameId": frame}
    assert "arguments.dstVariableName" in debugger.error("copyToGlobals", **given)
    debugger.go_on(cell)
    assert debugger.kernel.run("outer").result == "[7]"


def test_sources_and_modules(debugger):
    code = "import json\nx = json.dumps({})"
    cell = debugger.run_to(code, 2)
    source = debugger.frames()[0]["source"]
    text = debugger.body("source", source=source, sourceReference=0)
    assert text["content"] == code and text["mimeType"] == "text/x-python"
    assert "/no/such.py" in debugger.error("source", source={"path": "/no/such.py"}, sourceReference=0)
    found = debugger.body("modules", startModule=0, moduleCount=2)
    assert len(found["modules"]) == 2 and found["totalModules"] > 20
    everything = {m["name"]: m for m in debugger.body("modules")["modules"]}
    assert everything["json"]["path"].endswith("json/__init__.py")
    assert everything["json"]["isUserCode"] is False
    debugger.go_on(cell)


def test_exception_details(debugger):
    debugger.body("setExceptionBreakpoints", filters=["raised"])
    code = (
        "def f():\n    try:\n        raise KeyError('k')\n    except KeyError as e:\n"
        "        raise RuntimeError('second') from e\ntry:\n    f()\nexcept RuntimeError:\n    pass"
    )
    cell = debugger.kernel.start(code)
    debugger.await_stop(cell)
    first = debugger.body("exceptionInfo", threadId=1)
    assert first["exceptionId"] == "KeyError" and first["breakMode"] == "always"
    debugger.body("continue", threadId=1)
    debugger.await_stop(cell)
    second = debugger.body("exceptionInfo", threadId=1)
    assert second["description"] == "second"
    assert second["details"]["innerException"][0]["typeName"] == "KeyError"
    assert ", line 5, in f" in second["details"]["stackTrace"]
    debugger.body("setExceptionBreakpoints", filters=[])
    debugger.go_on(cell)


def test_no_exception_is_an_error(debugger):
    cell = debugger.run_to("x = 1\ny = 2", 2)
    assert "not stopped at an exception" in debugger.error("exceptionInfo", threadId=1)
    debugger.go_on(cell)


def test_a_breakpoint_in_an_evaluation(debugger):
    cell = debugger.run_to("def g(a):\n    b = a * 2\n    return b\nx = 1\ny = 2", 5)
    frame = debugger.frames()[0]
    path = frame["source"]["path"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3}])
    watch = {"expression": "g(4)", "context": "watch", "frameId": frame["id"]}
    assert debugger.body("evaluate", **watch)["result"] == "8", "watch does not stop"
    content = {
        "type": "request",
        "seq": 900,
        "command": "evaluate",
        "arguments": {"expression": "g(5)", "context": "repl", "frameId": frame["id"]},
    }
    evaluation = debugger.kernel.send("control", "debug_request", content)
    debugger.await_stop(cell)
    inner = debugger.frames()
    assert [f["name"] for f in inner] == ["g", "<module>"]
    scopes = debugger.body("scopes", frameId=inner[0]["id"])["scopes"]
    assert debugger.variables(scopes[0]["variablesReference"])["b"]["value"] == "10"
    debugger.body("continue", threadId=1)
    assert debugger.kernel.reply_to("control", evaluation)["content"]["body"]["result"] == "10"
    debugger.await_stop(cell)  # the outer stop is shown again
    assert debugger.frames()[0]["line"] == 5
    debugger.go_on(cell)
