# SPDX-License-Identifier: BSD-3-Clause
"""Steps, pauses, exceptions and interrupts on a real kernel (kernel/python: step.c pause.c filters.c
raise.c park.c stop.c)."""

import os

import pytest

from debugger import Debugger


@pytest.fixture
def debugger(kernel):
    kernel.run("pass")
    return Debugger(kernel)


def where(debugger, thread=1):
    top = debugger.body("stackTrace", threadId=thread)["stackFrames"][0]
    return top["name"].rpartition(".")[2], top["line"]


def step(debugger, cell, command, thread=1):
    debugger.body(command, threadId=thread)
    debugger.await_stop(cell)
    return where(debugger, thread)


TWO = """\
def inner(x):
    y = x * 2
    return y
def outer(x):
    z = inner(x)
    return z + 1
a = outer(1)
b = outer(2)
"""


def test_step_over_in_and_out(debugger):
    cell = debugger.run_to(TWO, 7)
    assert step(debugger, cell, "stepIn") == ("outer", 5)
    assert step(debugger, cell, "stepIn") == ("inner", 2)
    assert step(debugger, cell, "stepOut") == ("outer", 5)
    assert step(debugger, cell, "next") == ("outer", 6)
    assert step(debugger, cell, "next") == ("<module>", 7)
    assert step(debugger, cell, "next") == ("<module>", 8)
    debugger.body("next", threadId=1)
    assert cell.wait().status == "ok"


def test_a_step_past_the_end_of_a_cell_ends_with_it(debugger):
    cell = debugger.run_to("a = 1\nb = 2\n", 2)
    debugger.body("next", threadId=1)
    assert cell.wait().status == "ok"
    assert debugger.kernel.run("c = 3").status == "ok"
    assert debugger.body("debugInfo")["stoppedThreads"] == []


def test_a_step_goes_over_await_and_yield(debugger):
    code = (
        "import asyncio\nasync def co():\n    x = 1\n    await asyncio.sleep(0.01)\n    y = 2\n"
        "    return y\nawait asyncio.gather(co())\n"
    )
    if debugger.kernel.run("1").status != "ok":
        pytest.fail("no kernel")
    cell = debugger.run_to(code, 3)
    assert step(debugger, cell, "next") == ("co", 4)
    assert step(debugger, cell, "next") == ("co", 5)
    assert debugger.go_on(cell).status == "ok"


def test_a_step_that_raises_lands_in_the_handler(debugger):
    code = "def f():\n    return 1 / 0\ntry:\n    f()\nexcept ZeroDivisionError:\n    z = 1\n"
    cell = debugger.run_to(code, 2)
    assert step(debugger, cell, "next") == ("<module>", 5)
    assert debugger.go_on(cell).status == "ok"


def test_just_my_code_steps_over_libraries(debugger):
    code = "import json\ndef hook(d):\n    return d\nr = json.loads('{}', object_hook=hook)\ns = 1\n"
    cell = debugger.run_to(code, 4)
    assert step(debugger, cell, "stepIn")[0] in ("hook", "loads")
    debugger.go_on(cell)


def test_threads_step_on_their_own(debugger):
    code = (
        "import threading\ndef work(n):\n    a = n\n    b = a\n    return b\n"
        "t = threading.Thread(target=work, args=(1,), name='worker')\nt.start(); t.join()\n"
    )
    path = debugger.body("dumpCell", code=code)["sourcePath"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3}])
    cell = debugger.kernel.start(code)
    thread = debugger.await_stop(cell)["threadId"]
    assert thread != 1
    names = {t["id"]: t["name"] for t in debugger.body("threads")["threads"]}
    assert names[thread] == "worker" and names[1] == "MainThread"
    assert step(debugger, cell, "next", thread) == ("work", 4)
    debugger.body("continue", threadId=thread)
    assert cell.wait().status == "ok"


def test_other_threads_wait_while_one_is_stopped(debugger):
    code = (
        "import threading\ncount = [0]\ngo = True\ndef spin():\n    while go:\n        count[0] += 1\n"
        "t = threading.Thread(target=spin)\nt.start()\nhere = 1\ngo = False\nt.join()\n"
    )
    cell = debugger.run_to(code, 9)
    frame = debugger.frames()[0]["id"]

    def count():
        return int(
            debugger.body("evaluate", expression="count[0]", frameId=frame, context="watch")["result"]
        )

    counts = [count() for _ in range(50)]
    assert len(set(counts[10:])) == 1, counts
    assert debugger.go_on(cell).status == "ok"


@pytest.mark.parametrize(
    "body", ["while True: pass", "while True:\n    n = 1", "import time\nwhile True: time.sleep(30)",
             "import threading\nl = threading.Lock()\nl.acquire(); l.acquire()",
             "import select\nselect.select([], [], [])",
             "import os\nr, w = os.pipe()\nos.read(r, 1)"]
)
def test_pause_then_interrupt(debugger, body):
    cell = debugger.kernel.start("print('go', flush=True)\n" + body)
    cell.until_printed("go")
    debugger.body("pause", threadId=1)
    assert debugger.await_stop(cell)["reason"] == "pause"
    assert debugger.frames()[-1]["name"] == "<module>"
    debugger.kernel.ask("control", "interrupt_request")
    cell.wait()
    assert cell.reply["content"]["ename"] == "KeyboardInterrupt"
    assert debugger.kernel.run("1").status == "ok"


LOCKED = """\
import threading
lock = threading.Lock()
seen = []
try:
    with lock:
        while True: pass
except KeyboardInterrupt:
    seen.append("except")
finally:
    seen.append("finally")
seen.append(lock.locked())
"""


def test_an_interrupt_in_a_stop_runs_except_finally_and_with(debugger):
    cell = debugger.kernel.start("print('go', flush=True)\n" + LOCKED)
    cell.until_printed("go")
    debugger.body("pause", threadId=1)
    debugger.await_stop(cell)
    debugger.kernel.ask("control", "interrupt_request")
    assert cell.wait().status == "ok"
    assert debugger.kernel.run("seen").result == "['except', 'finally', False]"


@pytest.mark.parametrize("line", [3, 4, 6])
def test_an_interrupt_at_a_breakpoint_is_raised_there_once(debugger, line):
    code = (
        "hits = []\ntry:\n    x = 1\n    y = x + 1\n    for k in range(3):\n        z = k\n"
        "except KeyboardInterrupt:\n    hits.append('caught')\n"
    )
    debugger.body("setExceptionBreakpoints", filters=["raised", "uncaught"])
    for _ in range(3):
        cell = debugger.run_to(code, line)
        debugger.kernel.ask("control", "interrupt_request")
        assert cell.wait().status == "ok"
        assert debugger.kernel.run("hits").result == "['caught']"


@pytest.mark.parametrize(
    "code, top",
    [
        ("def bad():\n    return 1 / 0\nbad()\n", ("bad", 2)),
        ("try:\n    {}['k']\nexcept ValueError:\n    pass\nfinally:\n    q = 1\n", ("<module>", 2)),
        ("with open('/dev/null') as f:\n    int('x')\n", ("<module>", 2)),
        ("import json\njson.loads('{')\n", None),
    ],
)
def test_uncaught_stops_before_the_stack_unwinds(debugger, code, top):
    debugger.body("setExceptionBreakpoints", filters=["uncaught"])
    cell = debugger.kernel.start(code)
    while True:
        m = debugger.kernel.iopub()
        if m["msg_type"] == "debug_event" and m["content"]["event"] == "stopped":
            break
    assert m["content"]["body"]["reason"] == "exception"
    assert top is None or where(debugger) == top
    info = debugger.body("exceptionInfo", threadId=1)
    assert info["breakMode"] == "unhandled" and info["details"]["typeName"]
    debugger.body("continue", threadId=1)
    assert cell.wait().status == "error"


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    pass\n",
        "try:\n    1 / 0\nexcept:\n    pass\n",
        "import contextlib\nwith contextlib.suppress(ArithmeticError):\n    1 / 0\n",
        "hasattr(1, 'nothing'); next(iter([]), None); [k for k in iter([])]\n",
        "try:\n    try:\n        1 / 0\n    finally:\n        q = 1\nexcept ArithmeticError as e:\n    e = 1\n",
        "raise SystemExit\n",
        "import asyncio\nasync def co():\n    raise KeyError\ntry:\n    asyncio.new_event_loop()"
        ".run_until_complete(co()) if 0 else None\nexcept KeyError:\n    pass\n",
    ],
)
def test_what_is_caught_is_not_uncaught(debugger, code):
    debugger.body("setExceptionBreakpoints", filters=["uncaught"])
    cell = debugger.kernel.start(code)
    while True:
        m = debugger.kernel.iopub()
        assert m["msg_type"] != "debug_event" or m["content"]["event"] != "stopped", m["content"]
        if m["parent_header"].get("msg_id") == cell.msg_id and m["content"].get(
            "execution_state"
        ) == "idle":
            break
    debugger.kernel.reply_to("shell", cell.msg_id)


def test_raised_stops_once_for_an_exception(debugger):
    debugger.body("setExceptionBreakpoints", filters=["raised"])
    code = (
        "def deep(n):\n    if n:\n        deep(n - 1)\n    raise KeyError(n)\n"
        "try:\n    deep(3)\nexcept KeyError:\n    pass\n"
    )
    cell = debugger.kernel.start(code)
    debugger.await_stop(cell)
    assert where(debugger) == ("deep", 4)
    assert debugger.go_on(cell).status == "ok"


@pytest.mark.parametrize(
    "condition, stops", [("KeyError", 1), ("LookupError", 1), ("OSError", 0), ("exception.args == (1,)", 1)]
)
def test_a_filter_has_a_condition(debugger, condition, stops):
    debugger.body(
        "setExceptionBreakpoints",
        filters=[],
        filterOptions=[{"filterId": "raised", "condition": condition}],
    )
    cell = debugger.kernel.start("try:\n    raise KeyError(1)\nexcept KeyError:\n    pass\n")
    if stops:
        debugger.await_stop(cell)
        debugger.body("continue", threadId=1)
    assert cell.wait().status == "ok"
    assert not any(m["msg_type"] == "error" for m in cell.messages)


def test_breakpoint_stops_where_it_stands(debugger):
    cell = debugger.kernel.start("def f(a):\n    breakpoint()\n    b = a\n    return b\nf(3)\n")
    stop = debugger.await_stop(cell)
    assert stop["reason"] == "breakpoint" and where(debugger) == ("f", 2)
    assert step(debugger, cell, "next") == ("f", 3)
    assert debugger.go_on(cell).status == "ok"


def test_breakpoint_is_pdb_without_a_debugger(kernel):
    cell = kernel.start("q = 5\nbreakpoint()\nr = 6\n", allow_stdin=True)
    asked = kernel.client.get_stdin_msg(timeout=60)
    assert "(Pdb)" in asked["content"]["prompt"] or "ipdb" in asked["content"]["prompt"]
    kernel.client.input("c")
    assert cell.wait().status == "ok"
    assert kernel.run("r").result == "6"


LOOP = """\
import gc, sys
class Point:
    def __init__(self, x):
        self.x = x
    @property
    def double(self):
        return 2 * self.x
def work(big, point):
    a = [big, point]
    b = {"a": a, "n": len(big)}
    return b
while True:
    work(bytearray(10**5), Point(1))
"""


def test_a_thousand_rounds_of_stop_inspect_step_leave_the_blocks_flat(make_kernel):
    """Neither Python's blocks nor references to the objects that were shown stay behind."""
    debugger = Debugger(make_kernel("--plain"))
    debugger.kernel.run("pass")
    cell = debugger.run_to(LOOP, 9)

    def ask(frame, expression, context="watch"):
        given = {"expression": expression, "frameId": frame, "context": context}
        return debugger.body("evaluate", **given)

    def one_round():
        frame = debugger.frames()[0]["id"]
        for scope in debugger.body("scopes", frameId=frame)["scopes"]:
            if not scope["expensive"]:
                shown = debugger.variables(scope["variablesReference"])
        assert debugger.variables(shown["point"]["variablesReference"])["x"]["value"] == "1"
        assert ask(frame, "point.double")["result"] == "2"
        assert not debugger.request("evaluate", expression="nope", frameId=frame)["success"]
        debugger.body("next", threadId=1)
        debugger.await_stop(cell)
        debugger.variables(ask(debugger.frames()[0]["id"], "a", "repl")["variablesReference"])
        debugger.body("continue", threadId=1)
        debugger.await_stop(cell)

    def blocks():
        frame = debugger.frames()[0]["id"]
        found = ask(frame, "(gc.collect(), sys.getallocatedblocks(), sys.getrefcount(Point))[1:]")
        return eval(found["result"])

    for _ in range(3):  # caches fill, dicts grow, also those of the count
        blocks()
        for _ in range(50):
            one_round()
    before = blocks()
    for _ in range(100 if "ASAN_OPTIONS" in os.environ else 1000):  # ASan has no blocks to count
        one_round()
    after = blocks()
    debugger.kernel.ask("control", "interrupt_request")
    cell.wait()
    assert after[1] == before[1]
    # what Python loads late is some dozen once; one block in ten rounds would be too much
    assert abs(after[0] - before[0]) < 100, (before, after)


def test_a_hundred_stops_leave_no_memory_behind(debugger):
    code = "def w(big):\n    a = big\n    return a\nimport gc, sys\n"
    debugger.kernel.run(code)
    path = debugger.body("dumpCell", code=code)["sourcePath"]

    def stop_and_look(cell):
        debugger.await_stop(cell)
        frame = debugger.frames()[0]["id"]
        scope = debugger.body("scopes", frameId=frame)["scopes"][0]["variablesReference"]
        debugger.variables(scope)
        debugger.body("next", threadId=1)
        debugger.await_stop(cell)
        debugger.go_on(cell)

    def growth(lines):
        """Blocks that ten more runs leave behind, at the least; stopped at these lines."""
        found = [{"line": line} for line in lines]
        debugger.body("setBreakpoints", source={"path": path}, breakpoints=found)
        readings = []
        for _ in range(10):
            for _ in range(10):
                cell = debugger.kernel.start("w(bytearray(10**6)); None", silent=True)
                stop_and_look(cell) if lines else cell.wait()
            readings.append(int(debugger.kernel.run("gc.collect(); sys.getallocatedblocks()").result))
        return min(b - a for a, b in zip(readings[2:], readings[3:]))

    growth([2])  # caches fill, dicts grow: the first hundred keep more than the next
    alone = growth([])  # a cell that is run keeps some: history, its text
    assert growth([2]) - alone <= 20
