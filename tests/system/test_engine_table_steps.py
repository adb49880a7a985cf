# SPDX-License-Identifier: BSD-3-Clause
"""One row a case: where steps end (kernel/python: step.c). One kernel for all rows of a backend.

A row: the code, the line of the breakpoint, and commands with the place where each ends: a function
and a line, or END for the end of the cell.
"""

import sys

import conftest
import pytest
from bridge_files import program
from dap_client import DapClient
from debugger import Debugger

END = "end"
# From 3.14 on each test of a one-line loop's condition is a visit (test_engine_breakpoints.py).
LAST_TEST = int(sys.version_info >= (3, 14))
COMMANDS = {"o": "next", "i": "stepIn", "u": "stepOut"}


@pytest.fixture(scope="module", params=["ipython", "plain"])
def shared(request, tmp_path_factory):
    options = ["--plain"] if request.param == "plain" else []
    kernel = conftest.Kernel(tmp_path_factory.mktemp("steps"), options)
    kernel.run("import asyncio, contextlib, json, threading, functools\n")
    yield Debugger(kernel)
    kernel.close()


@pytest.fixture
def debugger(shared):
    yield shared
    shared.request("terminate")
    shared.request("continue", threadId=1)
    shared.body("disconnect")
    shared.body("initialize", clientID="test", adapterID="x", pathFormat="path")
    shared.body("attach")
    while "KeyboardInterrupt" in str(shared.kernel.run("pass").reply["content"]):
        pass


def until(debugger, cell):
    """The next stop's body, or END."""
    while True:
        m = debugger.kernel.iopub()
        if m["msg_type"] == "debug_event" and m["content"]["event"] == "stopped":
            return m["content"]["body"]
        if m["parent_header"].get("msg_id") == cell.msg_id:
            cell.messages.append(m)
            if m["content"].get("execution_state") == "idle":
                cell.reply = debugger.kernel.reply_to("shell", cell.msg_id)
                return END


def place(debugger, stop):
    if stop == END:
        return END
    top = debugger.body("stackTrace", threadId=stop["threadId"])["stackFrames"][0]
    return top["name"].rpartition(".")[2], top["line"]


def walk(debugger, code, line, commands):
    path = debugger.body("dumpCell", code=code)["sourcePath"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": line}])
    cell = debugger.kernel.start(code)
    stop = until(debugger, cell)
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[])
    found = []
    for command in commands:
        if stop == END:
            found.append("over")
            break
        debugger.body(COMMANDS[command], threadId=stop["threadId"])
        stop = until(debugger, cell)
        assert stop == END or stop["reason"] == "step", stop
        found.append(place(debugger, stop))
    if stop != END:
        debugger.body("continue", threadId=stop["threadId"])
        assert until(debugger, cell) == END
    return found


M = "<module>"
ROWS = {
    "over lines": ("a = 1\nb = 2\nc = 3\n", 1, "ooo", [(M, 2), (M, 3), END]),
    "in, out, over": ("def f(x):\n    y = x\n    return y\na = f(1)\nb = 2\n", 4, "iuo",
                      [("f", 2), (M, 4), (M, 5)]),
    "over a recursive call": ("def f(n):\n    if n:\n        x = f(n - 1)\n    return n\na = f(3)\nb = 1\n", 3, "oo",
                              [("f", 4), (M, 5)]),
    "a one-line loop": ("for i in range(2): a = i\nb = 2\n", 1, "oooo", [(M, 1), (M, 1), (M, 2), END]),
    "while on one line": ("n = 2\nwhile n: n -= 1\nb = 2\n", 2, "o" * (3 + LAST_TEST),
                          [(M, 2)] * (1 + LAST_TEST) + [(M, 3), END]),
    "a comprehension is one line": ("a = [i for i in range(3)]\nb = 2\n", 1, "oo", [(M, 2), END]),
    "out of the cell": ("a = 1\nb = 2\n", 1, "u", [END]),
    "the end of a function": ("def f():\n    a = 1\nf()\nb = 2\n", 2, "oo", [(M, 3), (M, 4)]),
    "the end of the cell in a function": ("def f():\n    a = 1\nf()\n", 2, "oo", [(M, 3), END]),
    # -- exceptions, finally, with
    "onto except": ("try:\n    1/0\nexcept ArithmeticError:\n    a = 1\nb = 2\n", 2, "ooo",
                    [(M, 3), (M, 4), (M, 5)]),
    "raise, then finally": ("def f():\n    try:\n        raise KeyError\n    finally:\n        a = 1\ntry:\n    f()\n"
                            "except KeyError:\n    b = 1\n", 3, "ooo", [("f", 5), (M, 8), (M, 9)]),
    "out through an exception": ("def f():\n    a = 1\n    raise KeyError\ntry:\n    f()\nexcept KeyError:\n    b = 1\n",
                                 2, "u", [(M, 6)]),
    "over a call that raises": ("def f():\n    raise KeyError\ntry:\n    f()\nexcept KeyError:\n    b = 1\n", 4, "oo",
                                [(M, 5), (M, 6)]),
    "with and its exit": ("class C:\n    def __enter__(s):\n        return s\n    def __exit__(s, *a):\n        return None\n"
                          "with C():\n    a = 1\nb = 2\n", 6, "ioooo",
                          [("__enter__", 3), (M, 6), (M, 7), (M, 6), (M, 8)]),
    "an error ends the cell": ("def f():\n    1/0\nf()\n", 2, "o", [END]),
    # -- generators
    "over a yield stays": ("def g():\n    a = 1\n    yield a\n    b = 2\n    yield b\nfor x in g():\n    c = x\n", 2, "ooo",
                           [("g", 3), ("g", 4), ("g", 5)]),
    "out of a generator": ("def g():\n    a = 1\n    yield a\n    yield 2\nfor x in g():\n    c = x\n", 2, "uo",
                           [(M, 5), (M, 6)]),
    "into a generator": ("def g():\n    a = 1\n    yield a\nfor x in g():\n    c = x\n", 4, "io", [("g", 2), ("g", 3)]),
    "the end of a generator": ("def g():\n    yield 1\n    b = 1\nfor x in g():\n    c = x\nd = 1\n", 3, "oo",
                               [(M, 4), (M, 6)]),
    "over yield from": ("def g():\n    yield 1\n    yield 2\ndef h():\n    yield from g()\n    a = 1\nfor x in h():\n"
                        "    c = x\n", 5, "o", [("h", 6)]),
    # -- coroutines: others run the same function meanwhile
    "over await": ("async def f(n):\n    a = n\n    await asyncio.sleep(0.01 * n)\n    b = n\n    return b\n"
                   "r = await asyncio.gather(f(2), f(1), f(0))\n", 2, "oo", [("f", 3), ("f", 4)]),
    "async for": ("async def g():\n    for i in range(2):\n        await asyncio.sleep(0)\n        yield i\n"
                  "async def f():\n    async for x in g():\n        a = x\n    b = 1\nawait f()\n", 6, "ooooo",
                  [("f", 7), ("f", 6), ("f", 7), ("f", 6), ("f", 8)]),
    "async with": ("class C:\n    async def __aenter__(s):\n        await asyncio.sleep(0)\n"
                   "    async def __aexit__(s, *a):\n        await asyncio.sleep(0)\nasync def f():\n    async with C():\n"
                   "        a = 1\n    b = 2\nawait f()\n", 7, "ooo", [("f", 8), ("f", 7), ("f", 9)]),
    "await at the top": ("a = 1\nawait asyncio.sleep(0)\nb = 2\n", 1, "ooo", [(M, 2), (M, 3), END]),
    "out of a coroutine": ("async def f():\n    await asyncio.sleep(0)\n    a = 1\n    return a\nasync def g():\n"
                           "    b = await f()\n    return b\nc = await g()\n", 3, "uo", [("g", 6), ("g", 7)]),
    # -- C between
    "out of a sort key": ("def key(x):\n    a = x\n    return a\ns = sorted([2, 1], key=key)\nb = 1\n", 2, "u", [(M, 4)]),
    "over the end of a key": ("def key(x):\n    return x\ns = sorted([2], key=key)\nb = 1\n", 2, "oo", [(M, 3), (M, 4)]),
    "into a sort key": ("def key(x):\n    return x\ns = sorted([2], key=key)\nb = 1\n", 3, "iuo",
                        [("key", 2), (M, 3), (M, 4)]),
    "out of what a library called": ("def hook(d):\n    a = 1\n    return d\nj = json.loads('{}', object_hook=hook)\nb = 1\n",
                                     2, "uo", [(M, 4), (M, 5)]),
    "in goes past a library": ("def hook(d):\n    return d\nj = json.loads('{}', object_hook=hook)\nb = 1\n", 3, "i",
                               [("hook", 2)]),
    "in where there is only C": ("a = len([1])\nb = 2\n", 1, "i", [(M, 2)]),
    "a property and a decorator": ("def deco(f):\n    @functools.wraps(f)\n    def w(*a):\n        return f(*a)\n    return w\n"
                                   "@deco\ndef f(x):\n    return x\nf(1)\nb = 2\n", 9, "iiuuo",
                                   [("w", 4), ("f", 8), ("w", 4), (M, 9), (M, 10)]),
    "lambdas and class bodies": ("f = lambda x: x\nf(1)\nclass A:\n    a = 1\n    b = 2\nc = 1\n", 2, "iuoioou",
                                 [("<lambda>", 1), (M, 2), (M, 3), ("A", 3), ("A", 4), ("A", 5), (M, 3)]),
    "exec": ("exec('a = 1')\nb = 2\n", 1, "o", [(M, 2)]),
    "a line that deletes itself": ("def f():\n    global f\n    del f\n    a = 1\nf()\nb = 2\n", 3, "oooo",
                                   [("f", 4), (M, 5), (M, 6), END]),
    # -- threads
    "out of a thread's target": ("def t():\n    a = 1\n    b = 2\nw = threading.Thread(target=t)\nw.start(); w.join()\n", 2,
                                 "ou", [("t", 3), END]),
    "the end of a thread's target": ("def t():\n    a = 1\nw = threading.Thread(target=t)\nw.start(); w.join()\nc = 1\n", 2,
                                     "o", [END]),
}


@pytest.mark.parametrize("name", ROWS)
def test_where_a_step_ends(debugger, name):
    code, line, commands, places = ROWS[name]
    assert walk(debugger, code, line, commands) == places


def attach(debugger, **arguments):
    debugger.body("disconnect")
    debugger.body("initialize", clientID="test", adapterID="x", pathFormat="path")
    debugger.body("attach", **arguments)


RULED = "def hook(d):\n    return d\nj = json.loads('{}', object_hook=hook)\nb = 1\n"


@pytest.mark.parametrize("arguments, ends", [
    ({}, ("hook", 2)),
    ({"justMyCode": False}, "loads"),
    ({"rules": [{"module": "json", "include": True}]}, "loads"),
    ({"rules": [{"path": "**/json/__init__.py", "include": True}]}, "loads"),
    ({"rules": [{"module": "json.dec*", "include": True}]}, "__init__"),
    ({"rules": [{"module": "json", "include": False}], "justMyCode": False}, ("hook", 2)),
    ({"rules": [{"module": "js", "include": True}]}, ("hook", 2)),
    ({"rules": [{"module": "json", "include": False}, {"module": "json", "include": True}]}, ("hook", 2)),
])
def test_rules_say_what_a_step_stops_in(debugger, arguments, ends):
    attach(debugger, **arguments)
    (found,) = walk(debugger, RULED, 3, "i")
    assert found == ends or found[0] == ends


def test_a_rule_has_to_be_one(debugger):
    for rule in ({}, {"path": "x"}, {"include": True}, {"path": 1, "include": True}, 5,
                 {"path": "a", "module": "b", "include": True}, {"path": "a", "include": "yes"}):
        debugger.body("disconnect")
        debugger.body("initialize", clientID="test", adapterID="x", pathFormat="path")
        assert "arguments.rules[1]" in debugger.error("attach", rules=[{"path": "a", "include": True}, rule])
    debugger.body("attach")


@pytest.mark.parametrize("granularity, works", [("statement", True), ("line", True), ("instruction", True), ("word", False)])
def test_granularity(debugger, granularity, works):
    path = debugger.body("dumpCell", code="a = 1\nb = 2\n")["sourcePath"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 1}])
    cell = debugger.kernel.start("a = 1\nb = 2\n")
    stop = until(debugger, cell)
    assert debugger.request("next", threadId=stop["threadId"], granularity=granularity)["success"] == works
    if works:
        assert place(debugger, until(debugger, cell)) == ("<module>", 2)
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[])
    debugger.body("continue", threadId=1)
    assert until(debugger, cell) == END


SPIN = """\
count, go = [0], True
def spin():
    while go:
        count[0] += 1
t = threading.Thread(target=spin)
t.start()
a = 1
for i in range(200000): b = i
c = 1
go = False
t.join()
"""


def count_of(debugger, stop):
    top = debugger.body("stackTrace", threadId=stop["threadId"])["stackFrames"][0]["id"]
    return int(debugger.body("evaluate", expression="count[0]", frameId=top, context="watch")["result"])


@pytest.mark.parametrize("alone", [True, False])
def test_single_thread_leaves_the_others_waiting(debugger, alone):
    path = debugger.body("dumpCell", code=SPIN)["sourcePath"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 7}, {"line": 9}])
    cell = debugger.kernel.start(SPIN)
    stop = until(debugger, cell)
    debugger.body("next", threadId=1, singleThread=alone)
    stop = until(debugger, cell)
    before = count_of(debugger, stop)
    reply = debugger.body("continue", threadId=1, singleThread=alone)
    assert reply["allThreadsContinued"] is not alone
    stop = until(debugger, cell)
    assert place(debugger, stop) == ("<module>", 9)
    assert (count_of(debugger, stop) == before) is alone
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[])
    debugger.body("continue", threadId=1, singleThread=alone)
    if alone:  # join() waits for a thread that waits: continue lets all go
        debugger.body("continue", threadId=1)
    assert until(debugger, cell) == END


def test_the_bridge_passes_rules_on(tmp_path):
    path = program(tmp_path, "import json\n" + RULED)
    for rules, name in (([{"module": "json", "include": True}], "loads"), ([], "hook")):
        with DapClient() as client:
            client.launch(path, [({"path": str(path)}, [{"line": 4}])], rules=rules)
            client.event("stopped")
            client.request("stepIn", {"threadId": 1})
            client.event("stopped")
            frames = client.request("stackTrace", {"threadId": 1})["stackFrames"]
            assert frames[0]["name"] == name
            client.disconnect()
    with DapClient() as client:
        client.initialize()
        seq = client.send("launch", {"program": str(path), "rules": [{"path": 1}]})
        client.request("configurationDone")
        assert "arguments.rules[0]" in client.response(seq)["body"]["error"]["format"]
