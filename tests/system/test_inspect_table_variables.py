# SPDX-License-Identifier: BSD-3-Clause
"""What variables look like: debugpy's variablePresentation, pages, hex, hints, handles; a row each.
At the debug socket."""

import pytest

from debug_socket import Debugger

CELL = """\
import collections, types
class Point:
    kind, _hidden = "point", 1
    class Inner: pass
    def move(self): pass
    def _secret(self): pass
    def __len__(self): return 3
    @property
    def lazy(self):
        called.append(1)
        return 5
called = []
_under = 1
def f(argument):
    numbers, pair, few = list(range(3000)), (1, 2), {1, 2, 3}
    frozen, queue, span = frozenset({"a"}), collections.deque(range(2500)), range(0, 9000, 3)
    table = {f"key {i}": i for i in range(2000)}
    small, keys, values = {"a": 255}, table.keys(), table.values()
    items, proxy, view = table.items(), types.MappingProxyType({"a": 1}), memoryview(b"abc")
    point, text, blob, flag, nothing = Point(), "abc", b"abc", True, None
    big, negative, real = 2**70, -255, 1.5
    return argument
def g(argument):
    return f(argument)
result = g(255)
"""
LINE = CELL.split("\n").index("    return argument") + 1


@pytest.fixture
def debugger(make_kernel):
    d = Debugger(make_kernel("--plain"))
    yield d
    d.close()


GROUPS = ["special variables", "function variables", "class variables", "protected variables"]
PRESENTATIONS = [  # variablePresentation, groups shown of Point(), names shown, names not shown
    ({}, GROUPS[:3], ["_hidden", "kind", "lazy"], ["move", "__len__", "Inner", "_secret"]),
    ({"all": "group"}, GROUPS, ["kind", "lazy"], ["move", "_hidden", "_secret"]),
    ({"all": "inline"}, [], ["__len__", "move", "_secret", "Inner", "_hidden", "kind"], []),
    ({"all": "hide"}, [], ["kind", "lazy"], ["move", "__len__", "Inner", "_hidden", "_secret"]),
    ({"special": "hide"}, GROUPS[1:3], ["kind"], ["__len__"]),
    ({"function": "inline"}, ["special variables", "class variables"], ["move", "_secret"], ["Inner"]),
    ({"all": "inline", "class": "group"}, ["class variables"], ["move"], ["Inner"]),
    ({"protected": "group"}, GROUPS, ["kind"], ["_hidden", "_secret"]),
    ({"protected": "hide"}, GROUPS[:3], ["kind"], ["_hidden", "_secret"]),
]
WRONG = [
    ("x", "expected object at arguments.variablePresentation"),
    ({"special": 1}, "expected string at arguments.variablePresentation.special"),
    ({"class": "x"}, "'x' at arguments.variablePresentation.class is none of"),
    ({"all": "x"}, "'x' at arguments.variablePresentation.all is none of"),
]


def test_presentation(debugger):
    assert debugger.ask("initialize", adapterID="test")["success"]
    for given, said in WRONG:
        assert said in debugger.error("attach", variablePresentation=given)
    debugger.body("attach")
    cell, frame, found = debugger.stop_at(CELL, LINE)
    for given, groups, shown, missing in PRESENTATIONS:
        debugger.body("disconnect", suspendDebuggee=True)
        debugger.attach(variablePresentation=given)
        _, found = debugger.look()
        point = debugger.variables(found["point"]["variablesReference"])
        assert [n for n in point if n in GROUPS] == groups, given
        assert not set(shown) - set(point) and not set(missing) & set(point), given
        inside = {}
        for name in groups:
            inside |= debugger.variables(point[name]["variablesReference"])
        hidden = [k for k, v in given.items() if v == "hide"]
        assert hidden or not set(missing) - set(inside), given
    debugger.go_on(cell)


PAGED = [  # variable, indexedVariables, first and last index, value of the last
    ("numbers", 3000, "2999", "2999"),
    ("pair", 2, "1", "2"),
    ("few", 3, "2", None),
    ("frozen", 1, "0", "'a'"),
    ("queue", 2500, "2499", "2499"),
    ("span", 3000, "2999", "8997"),
    ("keys", 2000, "1999", "'key 1999'"),
    ("values", 2000, "1999", "1999"),
    ("items", 2000, "1999", "('key 1999', 1999)"),
    ("table", 2000, "'key 1999'", "1999"),
    ("view", 3, "2", "99"),
]


def test_pages(debugger):
    debugger.attach()
    cell, frame, found = debugger.stop_at(CELL, LINE)
    for name, count, last, value in PAGED:
        variable = found[name]
        assert variable["indexedVariables"] == count, name
        given = {"filter": "indexed", "start": count - 1, "count": 10}
        page = debugger.variables(variable["variablesReference"], **given)
        assert list(page) == [last], name
        assert value is None or page[last]["value"] == value, name
        given["start"] = count
        assert debugger.variables(variable["variablesReference"], **given) == {}, name
        named = debugger.variables(variable["variablesReference"], filter="named")
        assert named["len()"]["value"] == str(count), name
    assert found["small"]["namedVariables"] == 2 and "indexedVariables" not in found["small"]
    for name in ("numbers", "queue", "span", "table"):
        page = debugger.variables(found[name]["variablesReference"], start=1, count=2)
        for entry in page.values():
            given = {"expression": entry["evaluateName"], "context": "watch", "frameId": frame}
            assert debugger.body("evaluate", **given)["result"] == entry["value"]
    debugger.go_on(cell)


def test_values_hints_and_handles(debugger):
    debugger.attach()
    cell, frame, found = debugger.stop_at(CELL, LINE)
    hexed = debugger.variables(
        debugger.body("scopes", frameId=frame)["scopes"][0]["variablesReference"], format={"hex": True}
    )
    for name, plain, in_hex in (
        ("argument", "255", "0xff"),
        ("negative", "-255", "-0xff"),
        ("big", str(2**70), hex(2**70)),
        ("small", "{'a': 255}", "{'a': 0xff}"),
        ("real", "1.5", "1.5"),
        ("flag", "True", "True"),
        ("nothing", "None", "None"),
    ):
        assert (found[name]["value"], hexed[name]["value"]) == (plain, in_hex), name
        assert found[name]["evaluateName"] == name
    assert found["text"]["presentationHint"]["attributes"] == ["rawString"]
    point = debugger.variables(found["point"]["variablesReference"])
    assert point["lazy"]["presentationHint"] == {"kind": "property", "lazy": True}
    assert point["lazy"]["evaluateName"] == "point.lazy"
    assert point["_hidden"]["presentationHint"]["visibility"] == "protected"
    methods = debugger.variables(point["function variables"]["variablesReference"])
    assert methods["move"]["presentationHint"]["kind"] == "method"
    classes = debugger.variables(point["class variables"]["variablesReference"])
    assert classes["Inner"]["presentationHint"]["kind"] == "class"
    given = {"expression": "called", "context": "watch", "frameId": frame}
    assert debugger.body("evaluate", **given)["result"] == "[]"
    scopes = debugger.body("scopes", frameId=frame)["scopes"]
    assert [(s["name"], s["expensive"]) for s in scopes] == [("Locals", False), ("Globals", True)]
    frames = debugger.body("stackTrace", threadId=1)["stackFrames"]
    assert [f["canRestart"] for f in frames] == [True, False, False]
    held = {n: v["variablesReference"] for n, v in found.items() if v["variablesReference"]}
    debugger.body("next", threadId=1)
    debugger.event("stopped")
    outer = debugger.body("stackTrace", threadId=1)["stackFrames"][0]["id"]
    scopes = {s["name"]: s for s in debugger.body("scopes", frameId=outer)["scopes"]}
    if "Return value" in scopes:
        value = debugger.variables(scopes["Return value"]["variablesReference"])
        assert value["(return) f"]["value"] == "255"
    frames = debugger.body("stackTrace", threadId=1)["stackFrames"]
    assert [f["canRestart"] for f in frames] == [False] * len(frames)  # a return is no line
    debugger.go_on(cell)
    assert not debugger.ask("variables", variablesReference=held["numbers"])["success"]
    cell, frame, found = debugger.stop_at(CELL, LINE)
    assert held == {n: v["variablesReference"] for n, v in found.items() if v["variablesReference"]}
    debugger.go_on(cell)
