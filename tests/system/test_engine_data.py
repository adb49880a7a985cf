# SPDX-License-Identifier: BSD-3-Clause
"""Data breakpoints on a real kernel (kernel/python: data_breakpoints.c data_places.c data_watch.c
data_compare.c): what can be watched, each kind of change, where it stops, when it ends."""

import pytest
from debugger import Debugger

SETUP = """\
x = 1
class C:
    m = 0
class S:
    __slots__ = ("v", "__weakref__")
    @property
    def p(self): return 1
o = C(); o.n = 1
s = S(); s.v = 1
l = [1, 2, 3]
q = (1,)
d = {"k": 1, 2: 3, (1,): 0}
class R:
    def __repr__(self): raise SystemExit
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One kernel for the rows of tables; what a test sets it takes away."""
    from conftest import Kernel

    kernel = Kernel(tmp_path_factory.mktemp("data"), ["--plain"])
    kernel.run("pass")
    yield Debugger(kernel)
    kernel.close()


@pytest.fixture
def debugger(shared):
    shared.kernel.run(SETUP)
    yield shared
    watch(shared)
    shared.body("setBreakpoints", source={"path": "/nothing.py"}, breakpoints=[])


def info(debugger, name, **more):
    return debugger.body("dataBreakpointInfo", name=name, **more)


def watch(debugger, *names, frame=None, **more):
    ids = [info(debugger, n, **({"frameId": frame} if frame else {}))["dataId"] for n in names]
    assert all(ids), (names, ids)
    wanted = [{"dataId": i, "accessType": "write", **more} for i in ids]
    found = debugger.body("setDataBreakpoints", breakpoints=wanted)["breakpoints"]
    assert all(b["verified"] for b in found), found
    return [b["id"] for b in found]


def go(debugger, cell, awaited=None):
    """Continues at every stop until the cell has ended: (text, line, function) of each, other
    debug events. An event that is told of the end is awaited: it may come after it."""
    stops, events, idle = [], [], False
    while not idle or (awaited and awaited not in [name for name, _ in events]):
        m = debugger.kernel.iopub()
        if m["msg_type"] == "debug_event":
            body = m["content"].get("body", {})
            if m["content"]["event"] == "stopped":
                assert body["reason"] == "data breakpoint", body
                assert body["description"] == "Paused on a data breakpoint"
                top = debugger.body("stackTrace", threadId=body["threadId"])["stackFrames"][0]
                stops.append((body["text"], top["line"], top["name"]))
                debugger.body("continue", threadId=body["threadId"])
            else:
                events.append((m["content"]["event"], body))
        elif m["parent_header"].get("msg_id") == cell.msg_id and m["content"].get(
            "execution_state"
        ) == "idle":
            idle = True
    return stops, events, debugger.kernel.reply_to("shell", cell.msg_id)["content"]


def changes(debugger, code):
    stops, _, reply = go(debugger, debugger.kernel.start(code))
    assert reply["status"] == "ok", reply
    return stops


@pytest.mark.parametrize(
    "name, code, told",
    [
        ("x", "y = 0\nx = 2\ny = 1", ["x: 1 → 2, by line 2"]),
        ("x", "x = 1\nx = 0 + 1\n", []),
        ("x", "x += 1; x += 1", ["x: 1 → 2, by line 1", "x: 2 → 3, by line 1"]),
        ("x", "for x in range(2): pass", ["x: 1 → 0, by line 1", "x: 0 → 1, by line 1"]),
        ("x", "del x\nx = 3", ["x: 1 → nothing, by line 1", "x: nothing → 3, by line 2"]),
        ("x", "def f():\n    global x\n    x = 'a'\nf()", ["x: 1 → 'a', by line 3"]),
        ("x", "globals().update(x=5)\n", ["x: 1 → 5, by line 1"]),
        ("x", "exec('y = 1\\nx = 9')", ["x: 1 → 9, by line 2"]),
        ("x", "import sys as x\nx = 1", [None, None]),
        ("x", "x = [1]\nx.append(2)", ["x: 1 → [1], by line 1"]),
        ("x", "import threading\ndef f():\n    global x\n    x = 2\nt = threading.Thread(target=f)\n"
              "t.start(); t.join()", ["x: 1 → 2, by line 4"]),
        ("new", "new = 1\ndel new", ["new: nothing → 1, by line 1", "new: 1 → nothing, by line 2"]),
        ("d['k']", "d['k'] = 2\nd.update(k=3)", ["d['k']: 1 → 2, by line 1",
                                                 "d['k']: 2 → 3, by line 2"]),
        ("d[2]", "d.clear()\nd.update({2: 9})", ["d[2]: 3 → nothing, by line 1",
                                                 "d[2]: nothing → 9, by line 2"]),
        ("C.m", "C.m = 7\nclass D(C): pass\nD.m = 8", ["C.m: 0 → 7, by line 1"]),
        ("o.n", "o.n = 2\nsetattr(o, 'n', 3)\no.__dict__.update(n=4)",
         ["o.n: 1 → 2, by line 1", "o.n: 2 → 3, by line 2", "o.n: 3 → 4, by line 3"]),
        ("o.n", "def f(a):\n    a.n += 1\nf(o)\ndel o.n", ["o.n: 1 → 2, by line 2",
                                                          "o.n: 2 → nothing, by line 4"]),
        ("o.n", "for i in range(2, 4): o.n = i", ["o.n: 1 → 2, by line 1", "o.n: 2 → 3, by line 1"]),
        ("s.v", "y = 0\ns.v = 2\ns.v = 2", ["s.v: 1 → 2, by line 2"]),
        ("l[1]", "l[1] = 5\ny = 0\nl.insert(0, 4)\nl.clear()",
         ["l[1]: 2 → 5, by line 1", "l[1]: 5 → 1, by line 3", "l[1]: 1 → nothing, by line 4"]),
        ("l[-1]", "l[2] = 0", ["l[-1]: 3 → 0, by line 1"]),
        ("x", "x = R()", [None]),
    ],
)
def test_changes_are_told_with_old_and_new_value(debugger, name, code, told):
    watch(debugger, name)
    found = changes(debugger, code)
    assert len(found) == len(told), found
    for (text, _, _), wanted in zip(found, told):
        assert wanted is None or text == wanted


def test_values_are_shown_without_the_users_code(debugger):
    watch(debugger, "x")
    ((text, _, _),) = changes(debugger, "x = R()\n")
    assert text.startswith("x: 1 → <R object at 0x") and "timed out" not in text
    changes(debugger, "x = 'y' * 100000")


def test_the_stop_is_behind_the_store(debugger):
    watch(debugger, "x")
    assert [s[1:] for s in changes(debugger, "y = 1\nx = 2\ny = 2\ny = 3")] == [(3, "<module>")]
    watch(debugger, "s.v")
    code = "def f():\n    s.v = 9\nf()\ny = 1"
    assert [s[1:] for s in changes(debugger, code)] == [(2, "f")]


def test_a_local_until_its_function_returns(debugger):
    code = (
        "def g(a):\n    b = a\n    for i in range(2):\n        b += i\n    c = [b for q in range(2)]\n"
        "    def h():\n        nonlocal b\n        b = 100\n    h()\n    b = 7\n    del b\n    b = 3\n"
        "    return b\ng(1)\ng(2)"
    )
    cell = debugger.run_to(code, 3)
    top = debugger.frames()[0]
    scope = debugger.body("scopes", frameId=top["id"])["scopes"][0]["variablesReference"]
    assert not info(debugger, "i", variablesReference=scope)["canPersist"]
    (number,) = watch(debugger, "b", frame=top["id"])
    debugger.body("setBreakpoints", source=top["source"], breakpoints=[])
    debugger.body("continue", threadId=1)
    stops, events, reply = go(debugger, cell, "breakpoint")
    assert [s[0] for s in stops] == [
        "b: 1 → 2, by line 4", "b: 2 → 100, by line 8", "b: 100 → 7, by line 10",
        "b: 7 → nothing, by line 11", "b: nothing → 3, by line 12",
    ]
    assert reply["status"] == "ok"
    (gone,) = [b for name, b in events if name == "breakpoint"]
    assert gone["breakpoint"]["id"] == number and not gone["breakpoint"]["verified"]
    assert "'b' is watched no more: the function has returned" in gone["breakpoint"]["message"]


def test_a_local_of_a_frame_that_an_exception_ends(debugger):
    code = "def g():\n    b = 1\n    b = 2\n    raise KeyError\ntry:\n    g()\nexcept KeyError: pass"
    cell = debugger.run_to(code, 3)
    top = debugger.frames()[0]
    watch(debugger, "b", frame=top["id"])
    debugger.body("setBreakpoints", source=top["source"], breakpoints=[])
    debugger.body("continue", threadId=1)
    stops, events, _ = go(debugger, cell, "breakpoint")
    assert [s[0] for s in stops] == ["b: 1 → 2, by line 3"]
    assert ["breakpoint"] == [name for name, _ in events if name == "breakpoint"]


def test_conditions_and_hit_counts(debugger):
    code = "for i in range(6): x = 10 + i"
    watch(debugger, "x", condition="x == 12")
    assert [s[0] for s in changes(debugger, code)] == ["x: 11 → 12, by line 1"]
    debugger.kernel.run("x = 1")
    watch(debugger, "x", hitCondition="% 3")
    assert [s[0] for s in changes(debugger, code)] == ["x: 11 → 12, by line 1",
                                                       "x: 14 → 15, by line 1"]


def test_two_at_once_and_with_a_line(debugger):
    first, second = watch(debugger, "x", "l[0]")
    code = "x, l[0] = 5, 6\ny = 1\n"
    path = debugger.body("dumpCell", code=code)["sourcePath"]
    found = debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 2}])
    cell = debugger.kernel.start(code)
    seen, texts = set(), ""
    while not {first, second, found["breakpoints"][0]["id"]} <= seen:
        stop = debugger.await_stop(cell)
        seen |= set(stop["hitBreakpointIds"])
        texts += stop.get("text", "") + ";"
        debugger.body("continue", threadId=1)
    assert "x: 1 → 5, by line 1" in texts and "l[0]: 1 → 6, by line 1" in texts
    assert cell.wait().status == "ok"
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[])


@pytest.mark.parametrize(
    "name, reason",
    [
        ("1 + 1", "only a name, an attribute or an item"),
        ("l[9]", "there is no such item"),
        ("q[0]", "items of type 'tuple' cannot be watched"),
        ("d[q]", "entries with a key of type 'tuple' cannot be watched"),
        ("s.p", "computed by a property"),
        ("s.nothing", "there is no attribute 'nothing'"),
        ("nothing.x", "name 'nothing' is not defined"),
        ("x +", "SyntaxError"),
        ("f(x).y", "may run code"),
    ],
)
def test_what_cannot_be_watched_says_why(debugger, name, reason):
    body = info(debugger, name)
    assert body["dataId"] is None and reason in body["description"]


def test_ids_are_stable_and_globals_persist(debugger):
    first = info(debugger, "x")
    assert first == {"dataId": "global:__main__:x", "description": "x", "accessTypes": ["write"],
                     "canPersist": True}
    assert info(debugger, "o.n") == info(debugger, "o.n")
    assert "arguments.name" in debugger.error("dataBreakpointInfo")
    assert "asAddress" in debugger.error("dataBreakpointInfo", name="x", asAddress=True)


@pytest.mark.parametrize("access", ["read", "readWrite"])
def test_reads_are_refused_with_the_reason(debugger, access):
    wanted = [{"dataId": info(debugger, "x")["dataId"], "accessType": access}]
    (found,) = debugger.body("setDataBreakpoints", breakpoints=wanted)["breakpoints"]
    assert not found["verified"] and "Python tells of writes only" in found["message"]


@pytest.mark.parametrize("wrong", ["", "x", "ref:99999:x", "expr:0:1+1", "global:no.such:x", "::::"])
def test_ids_that_mean_nothing(debugger, wrong):
    if not wrong:
        assert "dataId" in debugger.error("setDataBreakpoints", breakpoints=[{"dataId": wrong}])
        return
    (found,) = debugger.body("setDataBreakpoints", breakpoints=[{"dataId": wrong}])["breakpoints"]
    assert not found["verified"] and found["message"]


def test_an_interrupt_in_the_stop_ends_the_cell_and_the_breakpoint_stays(debugger):
    watch(debugger, "x")
    cell = debugger.kernel.start("try:\n    x = 2\n    y = 3\nfinally:\n    z = 4\n")
    debugger.await_stop(cell)
    debugger.kernel.manager.interrupt_kernel()
    assert cell.wait().reply["content"]["ename"] == "KeyboardInterrupt"
    assert debugger.kernel.run("print(z)").status == "ok"
    assert [s[0] for s in changes(debugger, "x = 6")] == ["x: 2 → 6, by line 1"]


def test_steps_go_on_from_the_stop(debugger):
    watch(debugger, "x")
    cell = debugger.kernel.start("y = 0\nx = 2\ny = 1\ny = 2\n")
    debugger.await_stop(cell)
    debugger.body("next", threadId=1)
    assert debugger.await_stop(cell)["reason"] == "step"
    assert debugger.frames()[0]["line"] in (3, 4)
    assert debugger.go_on(cell).status == "ok"


def test_nothing_is_kept_alive(debugger):
    code = "import weakref\nclass W:\n    pass\nw = W(); w.a = W()\nr, ra = weakref.ref(w), weakref.ref(w.a)"
    debugger.kernel.run(code)
    watch(debugger, "w.a")
    cell = debugger.kernel.start("del w\ny = 1\ny = 2\nassert r() is None")
    stops, events, _ = go(debugger, cell, "breakpoint")
    assert stops == []
    assert "watched no more" in [b for n, b in events if n == "breakpoint"][0]["breakpoint"]["message"]
    assert debugger.kernel.run("assert ra() is None").status == "ok"


def test_writes_of_the_debugger_do_not_stop(debugger):
    watch(debugger, "x", "l[0]")
    cell = debugger.run_to("y = 1\ny = 2\ny = 3\n", 2)
    top = debugger.frames()[0]
    debugger.body("setExpression", expression="x", value="50", frameId=top["id"])
    debugger.body("setBreakpoints", source=top["source"], breakpoints=[])
    debugger.body("continue", threadId=1)
    stops, _, _ = go(debugger, cell)
    assert stops == []
    assert [s[0] for s in changes(debugger, "x = 51")] == ["x: 50 → 51, by line 1"]
