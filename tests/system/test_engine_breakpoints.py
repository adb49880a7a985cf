# SPDX-License-Identifier: BSD-3-Clause
"""Where breakpoints land and when they stop, on a real kernel (kernel/python: breakpoints.c lines.c
expr.c log_message.c)."""

import subprocess
import sys

import pytest

from debugger import Debugger

FUNCTION = """\
def f(a):
    b = a + 1

    return b
for i in range(4):
    f(i)
"""


@pytest.fixture
def debugger(kernel):
    kernel.run("pass")  # Python is warm: a breakpoint answers verified, not pending
    return Debugger(kernel)


def set_in(debugger, code, *breakpoints):
    path = debugger.body("dumpCell", code=code)["sourcePath"]
    wanted = [b if isinstance(b, dict) else {"line": b} for b in breakpoints]
    return debugger.body("setBreakpoints", source={"path": path}, breakpoints=wanted)["breakpoints"]


def lines_of_stops(debugger, code):
    """Runs the cell and continues at every stop: the line of each."""
    cell, lines = debugger.kernel.start(code), []
    while True:
        m = debugger.kernel.iopub()
        if m["msg_type"] == "debug_event" and m["content"]["event"] == "stopped":
            lines.append(debugger.frames()[0]["line"])
            debugger.body("continue", threadId=1)
        elif m["parent_header"].get("msg_id") == cell.msg_id and m["content"].get(
            "execution_state"
        ) == "idle":
            debugger.kernel.reply_to("shell", cell.msg_id)
            return lines


@pytest.mark.parametrize(
    "asked, landed",
    [(2, 2), (3, 4), (1, 1), (5, 5), (6, 6), (7, None), (900, None)],
)
def test_a_line_without_code_moves_down_in_its_scope(debugger, asked, landed):
    (found,) = set_in(debugger, FUNCTION, asked)
    assert found["verified"] == (landed is not None)
    if landed is None:
        assert "no code can stop" in found["message"]
    else:
        assert found["line"] == landed and "message" not in found


def test_code_that_was_defined_long_ago_stops(debugger):
    debugger.kernel.run(FUNCTION)
    set_in(debugger, FUNCTION, 4)
    assert lines_of_stops(debugger, "f(1); f(2)") == [4, 4]


def test_an_empty_list_takes_them_away(debugger):
    set_in(debugger, FUNCTION, 2)
    set_in(debugger, FUNCTION)
    assert lines_of_stops(debugger, FUNCTION) == []


@pytest.mark.parametrize(
    "condition, stops",
    [
        ("a == 2", [2]),
        ("any(k > a for k in [3])", [2, 2, 2]),
        ("(lambda: a)() > 2", [2]),
        ("'a' in locals() and a == 1", [2]),
        ("(n := a) == 3", [2]),
        ("False", []),
        ("i == 1", [2]),
    ],
)
def test_conditions_see_the_frame(debugger, condition, stops):
    set_in(debugger, FUNCTION, {"line": 2, "condition": condition})
    assert lines_of_stops(debugger, FUNCTION) == stops


def test_a_condition_that_fails_is_told_once_and_does_not_stop(debugger):
    set_in(debugger, FUNCTION, {"line": 2, "condition": "nothing > 1"})
    (told,) = debugger.outputs(FUNCTION, 1)
    assert "NameError: name 'nothing' is not defined" in told["output"]
    set_in(debugger, FUNCTION, {"line": 2, "logMessage": "end"})
    assert [t["output"] for t in debugger.outputs("f(9)", 1)] == ["end\n"]


@pytest.mark.parametrize(
    "breakpoint, text",
    [
        ({"condition": "a ="}, "SyntaxError"),
        ({"logMessage": "{a"}, "without its '}'"),
        ({"logMessage": "a}"}, "without its '{'"),
        ({"hitCondition": "many"}, "many"),
    ],
)
def test_what_does_not_parse_is_refused_with_the_reason(debugger, breakpoint, text):
    (found,) = set_in(debugger, FUNCTION, {"line": 2, **breakpoint})
    assert not found["verified"] and text in found["message"]


@pytest.mark.parametrize(
    "hit, count",
    [("2", 1), ("== 2", 1), (">= 3", 2), ("> 1", 3), ("< 3", 2), ("<= 1", 1), ("% 2", 2)],
)
def test_hit_conditions(debugger, hit, count):
    set_in(debugger, FUNCTION, {"line": 2, "hitCondition": hit})
    assert len(lines_of_stops(debugger, FUNCTION)) == count


def test_hits_count_where_the_condition_holds(debugger):
    set_in(debugger, FUNCTION, {"line": 2, "condition": "a > 1", "hitCondition": "2"})
    cell = debugger.kernel.start(FUNCTION)
    debugger.await_stop(cell)
    frame = debugger.frames()[0]["id"]
    assert debugger.body("evaluate", expression="a", frameId=frame, context="watch")["result"] == "3"
    debugger.go_on(cell)


def test_log_messages_are_told_and_do_not_stop(debugger):
    message = "a={a} {{b}} 100% {[k for k in range(a)]} {nope}"
    set_in(debugger, FUNCTION, {"line": 2, "logMessage": message})
    told = debugger.outputs(FUNCTION, 4)
    assert [t["output"] for t in told] == [
        f"a={n} {{b}} 100% {list(range(n))} <NameError: name 'nope' is not defined>\n"
        for n in range(4)
    ]
    assert all(t["line"] == 2 for t in told)


@pytest.mark.parametrize(
    "code, line, stops",
    [
        # from 3.14 on each test of the condition is a visit, as below
        ("n = 0\nwhile n < 3: n += 1\n", 2, 4 if sys.version_info >= (3, 14) else 3),
        ("x = [k for k in range(3)]\ny = 1\n", 1, 1),
        ("class C:\n    z = 1\n    w = 2\n", 2, 1),
        ("def deco(f):\n    return f\n@deco\ndef g():\n    return 1\ng()\n", 5, 1),
        ("g = lambda q: q + 1\ng(1)\n", 1, 2),
        ("def one(): return 1\none(); one()\n", 1, 3),
        ("t = {k: 1 for k in range(3) if k}\n", 1, 1),
        ("t = list(k for k in range(3))\n", 1, 1),
        ("t = list(\n    k\n    for k in range(3)\n)\n", 2, 3),
        ("def gen():\n    yield 1\n    yield 2\nlist(gen())\n", 3, 1),
        ("def o():\n    def i():\n        return 1\n    return i()\no()\n", 3, 1),
        ("exec(compile('a=1\\nb=2', '<x>', 'exec'))\nc = 3\n", 2, 1),
    ],
)
def test_every_kind_of_code_stops(debugger, code, line, stops):
    set_in(debugger, code, line)
    assert len(lines_of_stops(debugger, code)) >= 1
    assert len(lines_of_stops(debugger, code)) == stops


COUNT = """\
import sys
code, line = eval(sys.argv[1])
found = 0
def trace(frame, what, arg):
    global found
    if frame.f_code.co_filename == "<cell>":
        found += what == "line" and frame.f_lineno == line
        return trace
sys.settrace(trace)
exec(compile(code, "<cell>", "exec"), {})
sys.settrace(None)
print(found)
"""


@pytest.mark.parametrize(
    "code, line",
    [
        ("n = 0\nwhile n < 5: n += 1\n", 2),  # 5 before Python 3.14; then the last test is a visit
        ("n = 2\nwhile n: n -= 1\nb = 2\n", 2),
        ("def f():\n    for i in range(4): a = i\nf()\n", 2),
        ("for i in range(4):\n    if i > 1: a = i\n", 2),
        ("while True: break\n", 1),
    ],
)
def test_a_loop_on_one_line_stops_as_often_as_settrace_counts(debugger, code, line):
    counted = subprocess.run([sys.executable, "-I", "-c", COUNT, repr((code, line))], check=True,
                             capture_output=True, text=True).stdout
    set_in(debugger, code, line)
    assert len(lines_of_stops(debugger, code)) == int(counted)


def test_a_breakpoint_set_in_a_running_loop_hits(debugger):
    code = "n = 0\nwhile n < 10**10:\n    n += 1\n    m = n\n"
    cell = debugger.kernel.start(code)
    cell.until(lambda m: m["msg_type"] == "execute_input")
    set_in(debugger, code, 4)
    debugger.await_stop(cell)
    top = debugger.frames()[0]
    assert top["line"] == 4
    set_in(debugger, code)
    scope = debugger.body("scopes", frameId=top["id"])["scopes"][0]["variablesReference"]
    debugger.body("setVariable", variablesReference=scope, name="n", value="10**10")
    assert debugger.go_on(cell).status == "ok"


def test_a_function_breakpoint_waits_for_its_function(debugger):
    body = debugger.body("setFunctionBreakpoints", breakpoints=[{"name": "later"}])
    assert not body["breakpoints"][0]["verified"]
    cell = debugger.kernel.start("def later():\n    return 7\nlater()\n")
    stop = debugger.await_stop(cell)
    assert stop["reason"] == "function breakpoint" and debugger.frames()[0]["line"] == 2
    debugger.go_on(cell)


def test_library_files_can_hold_breakpoints(debugger):
    import textwrap as module

    lines = open(module.__file__).read().splitlines()
    line = 1 + next(n for n, t in enumerate(lines) if "max_lines=1" in t)
    (found,) = debugger.body(
        "setBreakpoints", source={"path": module.__file__}, breakpoints=[{"line": line}]
    )["breakpoints"]
    assert found["verified"] and found["line"] == line
    cell = debugger.kernel.start("import textwrap\nd = textwrap.shorten('a', 9)\n")
    debugger.await_stop(cell)
    top = debugger.frames()[0]
    assert (top["source"]["path"], top["line"]) == (module.__file__, line)
    debugger.go_on(cell)
