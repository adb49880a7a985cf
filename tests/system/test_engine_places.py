# SPDX-License-Identifier: BSD-3-Clause
"""Places inside of lines: breakpointLocations and breakpoints with a column, on a real kernel
(kernel/python: places.c instruction.c columns.c, celldap/places.py)."""

import pytest
from debugger import Debugger

CODE = """\
def a(): return 1
b = lambda q: q + 1
a(); b(2)
x = [b(i) for i in range(3) if i]
class O:
    def m(self, *z): return self
O().m(1).m(str(a())).m()
s = "äö𝄞"; t = str(s); u = sum(b(e) for e in range(2))
for i in range(3): a(); b(i)
try: a()
finally: a(); b(1)
k = {b(n): n for n in range(2)}

y = a() if b(0) else \\
    b(1)
"""
# line, column, text there, stops, column of the frame at a stop
PLACES = [
    (1, 1, "def", 1, 1),
    (1, 10, "return 1", 8, None),
    (2, 1, "b =", 1, 5),
    (2, 15, "q + 1", 12, 15),
    (3, 1, "a()", 1, 1),
    (3, 6, "b(2)", 1, 6),
    (4, 1, "x =", 1, 20),
    (4, 6, "b(i)", 2, 6),
    (4, 32, "i]", 3, 32),
    (5, 1, "class", 1, 1),
    (6, 5, "def", 1, 5),
    (6, 22, "return", 3, 29),
    (7, 1, "O()", 1, 1),
    (7, 5, "m(1)", 1, 1),
    (7, 10, "m(str", 1, 1),
    (7, 12, "str(a", 1, 12),
    (7, 16, "a()", 1, 16),
    (7, 22, "m()", 1, 1),
    (8, 1, "s =", 1, 5),
    (8, 13, "t =", 1, 17),
    (8, 25, "u =", 1, 29),
    (8, 33, "b(e)", 2, 33),
    (8, 47, "range", 1, 47),
    (9, 1, "for", 1, 10),
    (9, 20, "a()", 3, 20),
    (9, 25, "b(i)", 3, 25),
    (10, 1, "try", 1, 6),
    (11, 10, "a()", 1, 10),
    (11, 15, "b(1)", 1, 15),
    (12, 1, "k =", 1, 23),
    (12, 6, "b(n)", 2, 6),
    (14, 1, "y =", 1, 12),
]


@pytest.fixture
def debugger(make_kernel):
    kernel = make_kernel("--plain")
    kernel.run("pass")
    return Debugger(kernel)


def keep(debugger, code):
    return {"path": debugger.body("dumpCell", code=code)["sourcePath"]}


def places(debugger, source, line, **span):
    body = debugger.body("breakpointLocations", source=source, line=line, **span)
    return [(p["line"], p["column"]) for p in body["breakpoints"]]


def set_at(debugger, source, *wanted):
    points = [{"line": w[0], "column": w[1], **(w[2] if len(w) > 2 else {})} for w in wanted]
    return debugger.body("setBreakpoints", source=source, breakpoints=points)["breakpoints"]


def stops(debugger, code, then="continue"):
    """Runs the cell, resuming at every stop: where each was, and the bodies of the events."""
    cell, at, bodies = debugger.kernel.start(code), [], []
    while True:
        m = debugger.kernel.iopub()
        if m["msg_type"] == "debug_event" and m["content"]["event"] == "stopped":
            frame = debugger.frames()[0]
            at.append((frame["line"], frame["column"], frame["name"]))
            bodies.append(m["content"]["body"])
            debugger.body(then, threadId=1)
        elif m["parent_header"].get("msg_id") == cell.msg_id and m["content"].get(
            "execution_state"
        ) == "idle":
            reply = debugger.kernel.reply_to("shell", cell.msg_id)["content"]
            assert reply["status"] == "ok", reply
            return at, bodies


def utf16(line, column):
    return line.encode("utf-16-le")[2 * (column - 1) :].decode("utf-16-le")


def test_places_of_a_cell_that_never_ran(debugger):
    source = keep(debugger, CODE)
    lines = CODE.split("\n")
    found = places(debugger, source, 1, endLine=99)
    assert [p for p in found if p[0] < 14] == [p[:2] for p in PLACES if p[0] < 14]
    for line, column, text, _, _ in PLACES:
        assert utf16(lines[line - 1], column).startswith(text)
    assert places(debugger, source, 13) == []
    assert places(debugger, source, 3) == [(3, 1), (3, 6)]
    assert places(debugger, source, 3, column=2) == [(3, 6)]
    assert places(debugger, source, 3, endColumn=5) == [(3, 1)]
    assert places(debugger, source, 2, column=10, endLine=3, endColumn=3) == [(2, 15), (3, 1)]
    assert places(debugger, source, 1000) == []


def test_each_place_stops_as_often_as_it_is_reached(debugger):
    source = keep(debugger, CODE)
    for line, column, text, count, shown in PLACES:
        (found,) = set_at(debugger, source, (line, column))
        assert (found["verified"], found["line"], found["column"]) == (True, line, column)
        at, _ = stops(debugger, CODE)
        assert [a[0] for a in at] == [line] * count, (line, text)
        assert shown is None or {a[1] for a in at} == {shown}, (line, text)


def test_several_places_of_a_line_stop_once_each_in_order(debugger):
    source = keep(debugger, CODE)
    found = set_at(debugger, source, (3, 6), (3, 1))
    assert [f["column"] for f in found] == [6, 1]
    at, bodies = stops(debugger, CODE)
    assert [a[:2] for a in at] == [(3, 1), (3, 6)]
    assert [b["hitBreakpointIds"] for b in bodies] == [[found[1]["id"]], [found[0]["id"]]]


def test_a_line_and_its_first_place_are_one_stop(debugger):
    source = keep(debugger, CODE)
    body = debugger.body(
        "setBreakpoints", source=source, breakpoints=[{"line": 3}, {"line": 3, "column": 1}]
    )
    at, bodies = stops(debugger, CODE)
    assert [a[:2] for a in at] == [(3, 1)]
    assert sorted(bodies[0]["hitBreakpointIds"]) == [b["id"] for b in body["breakpoints"]]


@pytest.mark.parametrize(
    "column, landed",
    [(1, 1), (2, 1), (4, 6), (5, 6), (8, 6), (99, 6)],
)
def test_a_column_between_places_takes_the_one_that_holds_it_or_the_next(debugger, column, landed):
    source = keep(debugger, CODE)
    (found,) = set_at(debugger, source, (3, column))
    assert (found["line"], found["column"]) == (3, landed)
    assert found["endLine"] == 3 and found["endColumn"] == {1: 4, 6: 10}[landed]


def test_a_column_on_a_line_without_code_moves_as_the_line_does(debugger):
    source = keep(debugger, CODE)
    (found,) = set_at(debugger, source, (13, 4))
    assert found["verified"] and found["line"] == 14 and "column" not in found
    (found,) = set_at(debugger, source, (99, 4))
    assert not found["verified"] and found["column"] == 4


def test_steps_go_on_from_a_place(debugger):
    source = keep(debugger, CODE)
    set_at(debugger, source, (3, 6))
    at, bodies = stops(debugger, CODE, then="next")
    assert [a[0] for a in at[:3]] == [3, 4, 5] and at[0][1] == 6
    assert [b["reason"] for b in bodies[:2]] == ["breakpoint", "step"]
    cell = debugger.kernel.start(CODE)
    debugger.await_stop(cell)
    debugger.body("stepIn", threadId=1)
    debugger.await_stop(cell)
    top = debugger.frames()[0]
    assert (top["name"], top["line"]) == ("<lambda>", 2)
    debugger.body("stepOut", threadId=1)
    debugger.await_stop(cell)
    assert debugger.frames()[0]["name"] == "<module>"
    set_at(debugger, source)
    assert debugger.go_on(cell).status == "ok"


def test_a_step_onto_a_place_is_one_stop(debugger):
    source = keep(debugger, CODE)
    debugger.body(
        "setBreakpoints",
        source=source,
        breakpoints=[{"line": 2}, {"line": 3, "column": 1}, {"line": 4, "column": 1}],
    )
    cell = debugger.kernel.start(CODE)
    debugger.await_stop(cell)
    debugger.body("next", threadId=1)
    debugger.await_stop(cell)
    assert debugger.frames()[0]["line"] == 3
    debugger.body("continue", threadId=1)
    stop = debugger.await_stop(cell)
    assert debugger.frames()[0]["line"] in (2, 4) and stop["reason"] == "breakpoint"
    set_at(debugger, source)
    assert debugger.go_on(cell).status == "ok"


def test_condition_hit_count_and_log_at_a_place(debugger):
    source = keep(debugger, CODE)
    set_at(debugger, source, (9, 25, {"condition": "i == 1"}))
    assert len(stops(debugger, CODE)[0]) == 1
    set_at(debugger, source, (9, 25, {"hitCondition": "> 1"}))
    assert len(stops(debugger, CODE)[0]) == 2
    set_at(debugger, source, (4, 6, {"logMessage": "i is {i}"}))
    told = debugger.outputs(CODE, 2)
    assert [t["output"] for t in told] == ["i is 1\n", "i is 2\n"]


def test_a_place_in_a_loop_that_runs_now_and_an_interrupt_there(debugger):
    code = "n = 0\nwhile n < 10**9: n += 1; m = n\n"
    source = keep(debugger, code)
    cell = debugger.kernel.start(code)
    cell.until(lambda m: m["msg_type"] == "execute_input")
    (found,) = set_at(debugger, source, (2, 26))
    assert (found["verified"], found["column"]) == (True, 26)
    debugger.await_stop(cell)
    assert debugger.frames()[0]["column"] == 30
    debugger.kernel.manager.interrupt_kernel()
    assert cell.wait().reply["content"]["ename"] == "KeyboardInterrupt"
    assert debugger.kernel.run("1 + 1").status == "ok"


def test_files_and_their_columns(debugger, tmp_path):
    (tmp_path / "mod_d1.py").write_text(
        "def f(c):\n    s = '𝄞é'; return [c(k) for k in s]\n", encoding="utf-8"
    )
    source = {"path": str(tmp_path / "mod_d1.py")}
    assert places(debugger, source, 2) == [(2, 5), (2, 16), (2, 24)]
    set_at(debugger, source, (2, 24))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport mod_d1\nmod_d1.f(ord)"
    at, _ = stops(debugger, code)
    assert at == [(2, 24, "f")] * 2
    assert "there is no file" in debugger.error(
        "breakpointLocations", source={"path": "/nowhere.py"}, line=1
    )
    assert "SyntaxError" in debugger.error(
        "breakpointLocations", source=keep(debugger, "a = (\n"), line=1
    )


def test_ipython_lines_keep_their_first_place(make_kernel):
    kernel = make_kernel()
    kernel.run("pass")
    debugger = Debugger(kernel)
    code = "%%time\na = 1; b = str(a)\n"
    source = keep(debugger, code)
    assert places(debugger, source, 2) == [(2, 1), (2, 8)]
    set_at(debugger, source, (2, 8))
    assert [a[:2] for a in stops(debugger, code)[0]] == [(2, 12)]
    magic = "a = 1\nif a:\n    %time b = 2; c = 3\n"
    assert places(debugger, keep(debugger, magic), 3) == [(3, 5)]
