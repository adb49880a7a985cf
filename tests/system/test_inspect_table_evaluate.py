# SPDX-License-Identifier: BSD-3-Clause
"""Evaluations and assignments, a row each: await, nested stops, targets of setExpression, errors that
say where. At the debug socket."""

import pytest

from debug_socket import Debugger


@pytest.fixture
def debugger(make_kernel):
    d = Debugger(make_kernel("--plain")).attach()
    yield d
    d.close()


def evaluate(debugger, expression, context="repl", **more):
    return debugger.ask("evaluate", expression=expression, context=context, **more)


ASYNC = """\
import asyncio
steps = []
async def other():
    for i in range(1000):
        steps.append(i)
        await asyncio.sleep(0)
async def double(x):
    await asyncio.sleep(0.01)
    return 2 * x
async def main():
    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    local = 20
    task.cancel()
    return local
"""
AWAIT = ASYNC.split("\n").index("    task.cancel()") + 1


def test_await_inside_of_a_task(debugger):
    code = ASYNC + "result = await main()\n"
    cell, frame, found = debugger.stop_at(code, AWAIT)
    assert found["local"]["value"] == "20"
    before = int(evaluate(debugger, "len(steps)", frameId=frame)["body"]["result"])
    assert evaluate(debugger, "await double(local)", frameId=frame)["body"]["result"] == "40"
    said = debugger.event("output")["content"]["body"]
    assert said["category"] == "console" and "other tasks" in said["output"]
    assert int(evaluate(debugger, "len(steps)", frameId=frame)["body"]["result"]) > before
    given = {"frameId": frame}
    assert evaluate(debugger, "local = await double(local)", **given)["body"]["result"] == ""
    failed = evaluate(debugger, "await double(None)", **given)
    assert failed["message"].startswith("TypeError: unsupported operand")
    watched = evaluate(debugger, "await double(1)", "watch", **given)
    assert "debug console only" in watched["message"]
    seq, reply = debugger.start(
        "evaluate", expression="await asyncio.sleep(1000)", context="repl", **given
    )
    _, cancelled = debugger.start("cancel", requestId=seq)
    assert reply()["message"] == "cancelled" and cancelled()["success"]
    assert evaluate(debugger, "local", **given)["body"]["result"] == "40"
    assert debugger.go_on(cell).status == "ok"
    assert debugger.kernel.run("result").result == "40"


def test_await_in_a_plain_cell_and_in_a_module(debugger):
    cell, frame, _ = debugger.stop_at(ASYNC + "x = 4\ny = 5\n", ASYNC.count("\n") + 2)
    assert evaluate(debugger, "await double(x)", frameId=frame)["body"]["result"] == "8"
    assert evaluate(debugger, "z = await double(x)\nz + 1", frameId=frame)["body"]["result"] == "9"
    assert debugger.go_on(cell).status == "ok"


def test_a_loop_that_is_not_pythons_own_is_refused(debugger):
    foreign = """\
class Foreign(asyncio.SelectorEventLoop):
    def _run_once(self):
        super()._run_once()
def run():
    with asyncio.Runner(loop_factory=Foreign) as runner:
        runner.run(main())
import threading
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""
    cell, frame, _ = debugger.stop_at(ASYNC + foreign, AWAIT)
    message = evaluate(debugger, "await double(1)", frameId=frame)["message"]
    assert "Foreign is not asyncio's own loop" in message
    assert debugger.go_on(cell).status == "ok"


NESTED = """\
def inner(x):
    y = x + 1
    return y
def f():
    a = 1
    return inner(a)
f()
"""


def test_an_evaluation_stops_at_a_breakpoint(debugger):
    path = debugger.body("dumpCell", code=NESTED)["sourcePath"]
    debugger.breakpoint(NESTED, 6)
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 6}, {"line": 3}])
    cell = debugger.kernel.start(NESTED)
    debugger.event("stopped")
    frame, _ = debugger.look()
    _, reply = debugger.start("evaluate", expression="inner(41)", context="repl", frameId=frame)
    assert debugger.event("stopped")["content"]["body"]["reason"] == "breakpoint"
    frames = debugger.body("stackTrace", threadId=1)["stackFrames"]
    assert [f["name"] for f in frames] == ["inner", "f", "<module>"]
    _, found = debugger.look()
    assert found["y"]["value"] == "42"
    assert evaluate(debugger, "y", "watch", frameId=frames[0]["id"])["body"]["result"] == "42"
    debugger.body("continue", threadId=1)
    assert reply()["body"]["result"] == "42"
    debugger.event("stopped")  # the outer one is what is stopped now
    frame, found = debugger.look()
    assert found["a"]["value"] == "1"
    # cancelled while it is stopped inside: the inner stop ends too
    seq, reply = debugger.start("evaluate", expression="inner(1)", context="repl", frameId=frame)
    debugger.event("stopped")
    _, cancelled = debugger.start("cancel", requestId=seq)
    assert reply()["message"] == "cancelled" and cancelled()["success"]
    debugger.event("continued")
    debugger.event("stopped")
    assert debugger.look()[1]["a"]["value"] == "1"
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[])
    assert debugger.go_on(cell).status == "ok"


SET = """\
import array
g = 1
class Slots:
    __slots__ = ("x", "y")
class Plain:
    pass
def f(argument):
    local, cell = 1, 2
    items, table, buffer = [1, 2, 3, 4], {"a": 1, (1, 2): 3}, bytearray(b"abcd")
    slots, plain, nested = Slots(), Plain(), [[1, 2], [3, 4]]
    slots.x = plain.x = 1
    def closure():
        return cell, later
    later = 0
    return local, argument, cell, closure(), items, table, buffer, slots.x, plain.x, nested, g
result = f(0)
"""
TARGETS = [  # setExpression: target, value, shown
    ("local", "local + 9", "10"),
    ("argument", "'given'", "'given'"),
    ("cell", "7", "7"),
    ("later", "cell + 1", "8"),
    ("g", "2", "2"),
    ("items[0]", "'first'", "'first'"),
    ("items[-1]", "40", "40"),
    ("items[1:3]", "[5, 6, 7]", "[5, 6, 7]"),
    ("items[:0]", "(0,)", "(0,)"),
    ("table['a']", "[1]", "[1]"),
    ("table[1, 2]", "None", "None"),
    ("buffer[::2]", "b'XY'", "b'XY'"),
    ("slots.x", "2", "2"),
    ("plain.x", "3", "3"),
    ("nested[1][0]", "30", "30"),
    ("  local ", " 11", "11"),
]
REFUSED = [  # target, value, what is said
    ("local", "1 +", "SyntaxError: invalid syntax (line 1, column 4)"),
    ("local", "(", "SyntaxError: '(' was never closed (line 1, column 1)"),
    ("local", "", "SyntaxError: invalid syntax (line 1, column 1)"),
    ("local", "nope", "NameError: name 'nope' is not defined"),
    ("f()", "1", "SyntaxError: only a name"),
    ("1", "1", "SyntaxError: only a name"),
    ("local +", "1", "SyntaxError: invalid syntax (line 1, column 8)"),
    ("items[99]", "1", "IndexError"),
    ("items[::2]", "[1]", "ValueError"),
    ("slots.z", "1", "AttributeError"),
    ("nope.x", "1", "NameError"),
]


def test_assignments(debugger):
    line = SET.split("\n").index("    later = 0") + 2
    cell, frame, _ = debugger.stop_at(SET, line)
    for target, value, shown in TARGETS:
        given = {"expression": target, "value": value, "frameId": frame}
        assert debugger.body("setExpression", **given)["value"] == shown, target
    for target, value, said in REFUSED:
        given = {"expression": target, "value": value, "frameId": frame}
        assert debugger.error("setExpression", **given).startswith(said), (target, value)
    scope = debugger.body("scopes", frameId=frame)["scopes"][0]["variablesReference"]
    changed = debugger.body("setVariable", variablesReference=scope, name="local", value="0x10")
    assert changed["value"] == "16"
    given = {"variablesReference": scope, "name": "local", "value": "2 3"}
    assert "line 1, column" in debugger.error("setVariable", **given)
    debugger.go_on(cell)
    shown = debugger.kernel.run("result").result
    assert shown == (
        "(16, 'given', 7, (7, 8), [0, 'first', 5, 6, 7, 40], {'a': [1], (1, 2): None}, "
        "bytearray(b'XbYd'), 2, 3, [[1, 2], [30, 4]], 2)"
    )


CHAIN = """\
def fails():
    try:
        int("x")
    except ValueError as e:
        raise KeyError("outer") from e
def group():
    errors = []
    for f in (fails, lambda: 1 / 0):
        try:
            f()
        except Exception as e:
            errors.append(e)
    raise ExceptionGroup("both", errors)
group()
"""


def test_exception_info_is_a_tree(debugger):
    filters = {"filters": [], "filterOptions": [{"filterId": "uncaught"}]}
    debugger.body("setExceptionBreakpoints", **filters)
    cell = debugger.kernel.start(CHAIN)
    stop = debugger.event("stopped")["content"]["body"]
    assert stop["reason"] == "exception"
    info = debugger.body("exceptionInfo", threadId=stop["threadId"])
    assert info["exceptionId"] == "ExceptionGroup" and info["breakMode"] in ("unhandled", "always")
    tree = info["details"]
    assert [d["typeName"] for d in tree["innerException"]] == ["KeyError", "ZeroDivisionError"]
    cause = tree["innerException"][0]["innerException"][0]
    assert cause["typeName"] == "ValueError" and "line 3, in fails" in cause["stackTrace"]
    frame = debugger.look(stop["threadId"])[0]
    for details in (tree, *tree["innerException"], cause):
        for context in ("watch", "hover", "repl"):
            given = {"expression": details["evaluateName"], "context": context, "frameId": frame}
            if context == "hover" and "[" in details["evaluateName"]:
                continue
            assert debugger.body("evaluate", **given)["type"] == details["typeName"]
    debugger.body("continue", threadId=1)
    assert cell.wait().status == "error"
    assert debugger.kernel.run("'__exception__' in dir(__builtins__)").result == "False"
