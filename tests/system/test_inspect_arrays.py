# SPDX-License-Identifier: BSD-3-Clause
"""numpy and pandas values, and a second thread, as a client sees them."""

import pytest

from debugger import Debugger


@pytest.fixture
def debugger(kernel):
    return Debugger(kernel)


def test_numpy_arrays_are_paged(debugger):
    pytest.importorskip("numpy")
    cell = debugger.run_to("import numpy\na = numpy.arange(12000).reshape(3000, 4)\nx = 1", 3)
    scope = debugger.body("scopes", frameId=debugger.frames()[0]["id"])["scopes"][0]
    array = debugger.variables(scope["variablesReference"])["a"]
    assert array["type"] == "ndarray" and array["indexedVariables"] == 3000
    rows = debugger.variables(array["variablesReference"], filter="indexed", start=2999, count=9)
    assert list(rows) == ["2999"] and rows["2999"]["evaluateName"] == "a[2999]"
    inner = debugger.variables(rows["2999"]["variablesReference"], filter="indexed")
    assert inner["3"]["value"].endswith("11999)") or inner["3"]["value"] == "11999"
    facts = debugger.variables(array["variablesReference"], filter="named")
    assert facts["shape"]["value"] == "(3000, 4)"
    given = {"variablesReference": rows["2999"]["variablesReference"], "name": "0", "value": "-5"}
    debugger.body("setVariable", **given)
    debugger.go_on(cell)
    assert debugger.kernel.run("int(a[2999, 0])").result == "-5"


def test_pandas_tables_show_their_columns(debugger):
    pytest.importorskip("pandas")
    code = "import pandas\nt = pandas.DataFrame({'n': [1, 2], 'word': ['a', 'b']})\nx = 1"
    cell = debugger.run_to(code, 3)
    scope = debugger.body("scopes", frameId=debugger.frames()[0]["id"])["scopes"][0]
    table = debugger.variables(scope["variablesReference"])["t"]
    assert table["type"] == "DataFrame"
    columns = debugger.variables(table["variablesReference"])
    assert list(columns)[:2] == ["'n'", "'word'"] and columns["shape"]["value"] == "(2, 2)"
    assert columns["'n'"]["evaluateName"] == "t['n']"
    assert columns["'n'"]["value"] == "[1, 2] (2, int64)", "not pandas' own repr, which takes long"
    items = debugger.variables(columns["'word'"]["variablesReference"], filter="indexed")
    assert items["1"]["value"] == "'b'"
    assert items["1"]["evaluateName"] == "t['word'].iloc[1]"
    debugger.go_on(cell)


def test_another_threads_frames(debugger):
    code = (
        "import threading\nstarted, end = threading.Event(), threading.Event()\n"
        "def work(n):\n    started.set()\n    end.wait(60)\n"
        "t = threading.Thread(target=work, args=(7,), name='worker-7')\n"
        "t.start()\nstarted.wait(60)\nx = 1\nend.set()\nt.join()"
    )
    cell = debugger.run_to(code, 9)
    threads = {t["name"]: t["id"] for t in debugger.body("threads")["threads"]}
    assert threads["MainThread"] == 1 and "worker-7" in threads
    assert not [n for n in threads if "celldap" in n]
    frames = debugger.body("stackTrace", threadId=threads["worker-7"])["stackFrames"]
    work = next(f for f in frames if f["name"] == "work")
    assert frames[0].get("presentationHint") == "subtle", "threading's own code"
    scope = debugger.body("scopes", frameId=work["id"])["scopes"][0]
    assert debugger.variables(scope["variablesReference"])["n"]["value"] == "7"
    assert "no thread" in debugger.error("stackTrace", threadId=4711)
    debugger.go_on(cell)


def test_names_of_a_comprehension_at_module_level(debugger):
    cell = debugger.run_to("seen = [n * 2\n        for n in (5,)\n        if n]", 1)
    frame = debugger.frames()[0]["id"]
    given = {"expression": "n + 1", "context": "watch", "frameId": frame}
    stops = 0
    while not debugger.request("evaluate", **given)["success"]:
        stops += 1
        assert stops < 5, "n never came"
        debugger.body("next", threadId=1)
        debugger.await_stop(cell)
    assert debugger.body("evaluate", **given)["result"] == "6"
    scope = debugger.body("scopes", frameId=frame)["scopes"][0]
    assert debugger.variables(scope["variablesReference"])["n"]["value"] == "5"
    path = debugger.frames()[0]["source"]["path"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[])
    debugger.go_on(cell)
