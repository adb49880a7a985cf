# SPDX-License-Identifier: BSD-3-Clause
"""What a client sees of a stopped cell: frames, scopes, variables, evaluation, assignment.

Driven by debug_request on the control channel of a real kernel, as Jupyter front ends do.
"""

import pytest

from debugger import Debugger

CELL = """\
import sys
class Point:
    kind = "point"
    def __init__(self, x):
        self.x = x
        self._secret = 1
        self.__deep = 2
    @property
    def double(self):
        seen.append(self.x)
        return [self.x, self.x * 2]
    def move(self):
        pass
class Bad:
    def __repr__(self):
        raise NameError("no such thing")
def counted(n):
    total = 0
    items = list(range(n))
    table = {"a": [1], 2: "b", (1, "t"): 3.5}
    point = Point(21)
    bad = Bad()
    text = "q\\ud800"
    huge = 10 ** 6000
    cell = 5
    def inner():
        return cell
    total += 1
    return total, cell, items[:2], point.x
seen = []
answer = counted(10000)
"""
LINE = 28


@pytest.fixture
def debugger(kernel):
    return Debugger(kernel)


@pytest.fixture
def stopped(debugger):
    """A debugger stopped in counted(); .frame, .locals and .scopes are what it sees there."""
    debugger.cell = debugger.run_to(CELL, LINE)
    debugger.frame = debugger.frames()[0]["id"]
    debugger.scopes = debugger.body("scopes", frameId=debugger.frame)["scopes"]
    debugger.locals = debugger.variables(debugger.scopes[0]["variablesReference"])
    return debugger


def test_frames_end_at_the_cell(stopped):
    frames = stopped.frames()
    assert [f["name"] for f in frames] == ["counted", "<module>"]
    assert [f["line"] for f in frames] == [LINE, 31]
    assert frames[0]["source"]["name"].startswith("Cell In[")
    page = stopped.body("stackTrace", threadId=1, startFrame=1, levels=1)
    assert [f["name"] for f in page["stackFrames"]] == ["<module>"] and page["totalFrames"] == 2
    shown = stopped.body("stackTrace", threadId=1, format={"parameters": True, "line": True})
    assert shown["stackFrames"][0]["name"] == f"counted(n) : {LINE}"


def test_threads_are_the_users(stopped):
    assert stopped.body("threads")["threads"][0] == {"id": 1, "name": "MainThread"}


def test_values_are_bounded_and_never_fail(stopped):
    v = stopped.locals
    assert v["total"]["value"] == "0" and v["total"]["type"] == "int"
    assert v["bad"]["value"] == "<NameError in __repr__: no such thing>"
    assert v["items"]["indexedVariables"] == 10000 and len(v["items"]["value"]) <= 1000
    assert v["huge"]["value"].startswith("0x") and len(v["huge"]["value"]) <= 1000
    assert v["text"]["value"].startswith("'q")
    whole = stopped.body("evaluate", expression="items", context="clipboard", frameId=stopped.frame)
    assert whole["result"] == repr(list(range(10000)))


def test_items_are_paged(stopped):
    items = stopped.locals["items"]["variablesReference"]
    page = stopped.variables(items, filter="indexed", start=9998, count=5)
    assert list(page) == ["9998", "9999"] and page["9999"]["evaluateName"] == "items[9999]"
    assert list(stopped.variables(items, filter="named")) == ["len()"]
    everything = stopped.variables(items)
    rest = stopped.variables(everything["[5000:10000]"]["variablesReference"])
    assert len(rest) == 5000 and rest["9999"]["value"] == "9999"


def test_entries_are_named_by_their_key(stopped):
    table = stopped.variables(stopped.locals["table"]["variablesReference"])
    assert list(table) == ["'a'", "2", "(1, 't')", "len()"]
    assert table["(1, 't')"]["evaluateName"] == "table[(1, 't')]"


def test_attributes_are_grouped_and_properties_lazy(stopped):
    point = stopped.variables(stopped.locals["point"]["variablesReference"])
    assert list(point)[:2] == ["special variables", "function variables"]
    assert point["x"]["value"] == "21" and point["kind"]["value"] == "'point'"
    assert point["_secret"]["presentationHint"]["visibility"] == "protected"
    assert point["double"]["presentationHint"]["lazy"]
    look = {"expression": "seen", "context": "watch", "frameId": stopped.frame}
    assert stopped.body("evaluate", **look)["result"] == "[]"
    value = stopped.variables(point["double"]["variablesReference"])["double"]
    assert value["value"] == "[21, 42]"
    assert stopped.variables(value["variablesReference"])["1"]["value"] == "42"
    assert stopped.body("evaluate", **look)["result"] == "[21]"


def test_evaluation_sees_the_frame(stopped):
    def result(expression, context="watch"):
        given = {"expression": expression, "context": context, "frameId": stopped.frame}
        return stopped.body("evaluate", **given)["result"]

    assert result("any(x > total for x in items)") == "True"
    assert result("(lambda q: q + cell)(1)") == "6"
    assert result("def add(a):\n    return a + cell\n\nadd(1)", "repl") == "6"
    assert result("new = add(2)", "repl") == "" and result("new") == "7"
    assert result("total = 41", "repl") == "" and result("cell += 1", "repl") == ""
    assert result("point.x", "hover") == "21"
    point = {"context": "hover", "frameId": stopped.frame}
    assert "may run code" in stopped.error("evaluate", expression="point.double", **point)
    assert "may run code" in stopped.error("evaluate", expression="seen.append(1)", **point)
    failed = stopped.request("evaluate", expression="nope", context="repl", frameId=stopped.frame)
    assert failed["message"] == "NameError: name 'nope' is not defined"
    assert "Traceback" in failed["body"]["traceback"]
    assert "celldap" not in failed["body"]["traceback"]
    cell = stopped.go_on(stopped.cell)
    assert cell.status == "ok"
    assert stopped.kernel.run("answer").result == "(42, 6, [0, 1], 21)"


def test_assignment_changes_the_result(stopped):
    scope = stopped.scopes[0]["variablesReference"]
    items, point = (stopped.locals[n]["variablesReference"] for n in ("items", "point"))
    for reference, name, value in (
        (scope, "total", "total + 9"),
        (scope, "cell", "6"),
        (items, "0", "'first'"),
        (point, "x", "[1]"),
    ):
        stopped.body("setVariable", variablesReference=reference, name=name, value=value)
    changed = stopped.body(
        "setExpression", expression="items[1]", value="point", frameId=stopped.frame
    )
    assert changed["type"] == "Point" and changed["variablesReference"] > 0
    stopped.body("setExpression", expression="items[1]", value="2", frameId=stopped.frame)
    bad = {"variablesReference": scope, "name": "total"}
    assert stopped.error("setVariable", value="1 +", **bad).startswith("SyntaxError")
    assert stopped.error("setVariable", value="nope", **bad).startswith("NameError")
    stopped.go_on(stopped.cell)
    assert stopped.kernel.run("answer").result == "(10, 6, ['first', 2], [1])"


def test_references_are_paths(stopped):
    items = stopped.locals["items"]["variablesReference"]
    stopped.go_on(stopped.cell)
    assert stopped.request("variables", variablesReference=items)["success"] is False
    cell = stopped.run_to(CELL, LINE)
    assert stopped.variables(items, start=3, count=1)["3"]["value"] == "3"
    assert "arguments.variablesReference" in stopped.error("variables", variablesReference=2**31 - 1)
    assert "arguments.frameId" in stopped.error("scopes", frameId=2**31 - 1)
    stopped.go_on(cell)


def test_completions_run_nothing(stopped):
    def labels(text):
        given = {"text": text, "column": len(text) + 1, "frameId": stopped.frame}
        return [t["label"] for t in stopped.body("completions", **given)["targets"]]

    assert "total" in labels("to") and "append" in labels("items.app") and "len" in labels("le")
    assert "double" in labels("point.d")


def test_inspection_leaks_nothing(stopped):
    scope = stopped.scopes[0]["variablesReference"]
    point = stopped.locals["point"]["variablesReference"]

    def count():
        given = {"expression": "__import__('gc').collect() * 0 + sys.getallocatedblocks()"}
        return int(stopped.body("evaluate", frameId=stopped.frame, context="watch", **given)["result"])

    def rounds():
        before = count()
        for _ in range(100):
            stopped.body("scopes", frameId=stopped.frame)
            stopped.variables(scope)
            stopped.variables(point)
            for expression in ("any(x > total for x in items)", "point.nope"):
                given = {"expression": expression, "context": "watch", "frameId": stopped.frame}
                stopped.request("evaluate", **given)
        return count() - before

    # The interpreter's own tables fill up at first; a leak would show in each of these.
    assert min(rounds() for _ in range(8)) < 20
