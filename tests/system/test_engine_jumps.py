# SPDX-License-Identifier: BSD-3-Clause
"""goto, restartFrame and step-in targets on a real kernel (kernel/python: jump.c step_targets.c)."""

import pytest

from debugger import Debugger

CODE = """\
seen = []
def f(a):
    seen.append("first")
    b = a + 1
    seen.append("second")
    return b
def g(x):
    return x * 2
r = f(1)
s = f(g(2)) + g(f(3))
"""


@pytest.fixture
def debugger(kernel):
    kernel.run("pass")
    return Debugger(kernel)


def where(debugger):
    top = debugger.frames()[0]
    return top["name"].rpartition(".")[2], top["line"]


def step(debugger, cell, command, **arguments):
    debugger.body(command, threadId=1, **arguments)
    debugger.await_stop(cell)
    return where(debugger)


def seen(debugger):
    return debugger.kernel.run("seen").result


def targets(debugger, line):
    source = debugger.frames()[0]["source"]
    return debugger.body("gotoTargets", source=source, line=line)["targets"]


def test_goto_skips_lines(debugger):
    cell = debugger.run_to(CODE, 3)
    debugger.kernel.client  # the stop is at line 3: nothing was appended yet
    (target,) = targets(debugger, 6)
    frame = debugger.frames()[0]["id"]
    scope = debugger.body("scopes", frameId=frame)["scopes"][0]["variablesReference"]
    assert "b" not in debugger.variables(scope)
    (back,) = targets(debugger, 4)
    debugger.body("goto", threadId=1, targetId=back["id"])
    assert debugger.await_stop(cell)["reason"] == "goto"
    assert where(debugger) == ("f", 4)
    assert step(debugger, cell, "next") == ("f", 5)
    path = debugger.frames()[0]["source"]["path"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[])
    (target,) = targets(debugger, 6)
    debugger.body("goto", threadId=1, targetId=target["id"])
    debugger.await_stop(cell)
    assert debugger.go_on(cell).status == "ok"
    assert seen(debugger) == str(["first", "second"] * 2)


def test_lines_that_cannot_be_reached_have_no_target(debugger):
    cell = debugger.run_to(CODE, 3)
    assert targets(debugger, 8) == [] and targets(debugger, 99) == []
    assert "targetId" in debugger.error("goto", threadId=1)
    debugger.body("setBreakpoints", source=debugger.frames()[0]["source"], breakpoints=[])
    debugger.go_on(cell)


def test_what_python_refuses_is_told_in_its_words(debugger):
    code = "def f():\n    for i in range(2):\n        x = i\n    return 1\nf()\n"
    cell = debugger.run_to(code, 4)
    assert "into" in debugger.error("goto", threadId=1, targetId=3)
    assert "no target" in debugger.error("goto", threadId=1, targetId=5)
    assert debugger.go_on(cell).status == "ok"


def test_a_frame_restarts_with_its_values(debugger):
    cell = debugger.run_to(CODE, 5)
    frame = debugger.frames()[0]["id"]
    debugger.body("restartFrame", frameId=frame)
    assert debugger.await_stop(cell)["reason"] == "restart"
    assert where(debugger) == ("f", 3)
    frame = debugger.frames()[0]["id"]
    assert debugger.body("evaluate", expression="b", frameId=frame, context="watch")["result"] == "2"
    assert "innermost" in debugger.error("restartFrame", frameId=debugger.frames()[1]["id"])
    assert step(debugger, cell, "next") == ("f", 4)
    debugger.body("setBreakpoints", source=debugger.frames()[0]["source"], breakpoints=[])
    assert debugger.go_on(cell).status == "ok"


def test_a_pause_cannot_jump(debugger):
    cell = debugger.kernel.start("print('go', flush=True)\nwhile True: pass\n")
    cell.until_printed("go")
    debugger.body("pause", threadId=1)
    debugger.await_stop(cell)
    assert "step once" in debugger.error("goto", threadId=1, targetId=1)
    debugger.kernel.ask("control", "interrupt_request")
    cell.wait()


def test_step_in_targets_are_the_calls_of_the_line_in_order(debugger):
    cell = debugger.run_to(CODE, 10)
    found = debugger.body("stepInTargets", frameId=debugger.frames()[0]["id"])["targets"]
    assert [t["label"] for t in found] == ["g(2)", "f(g(2))", "f(3)", "g(f(3))"]
    assert [t["column"] for t in found] == [7, 5, 17, 15]
    assert step(debugger, cell, "stepIn", targetId=found[3]["id"]) == ("g", 8)
    frame = debugger.frames()[0]["id"]
    assert debugger.body("evaluate", expression="x", frameId=frame, context="watch")["result"] == "4"
    assert debugger.go_on(cell).status == "ok"
