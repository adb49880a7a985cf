# SPDX-License-Identifier: BSD-3-Clause
"""Code of the user's that does not end: each reply comes in its time, whatever a __repr__ does.

One kernel and one stop for many rows. Times are guards against hangs: that a reply came at all, and
that the next request was answered, is what the rows show.
"""

import pytest

from debugger import Debugger

CELL = """\
flag = None
import os, threading, time
free, taken = threading.Lock(), threading.Lock()
class Endless:
    def __repr__(self):
        while True:
            pass
class Sleeps:
    def __repr__(self):
        time.sleep(1000)
class Locked:
    def __repr__(self):
        taken.acquire()
class Raises:
    def __repr__(self):
        raise ValueError("no")
class Exits:
    def __repr__(self):
        raise SystemExit(3)
class Deep:
    def __repr__(self):
        return repr(Deep())
class Wrong:
    def __repr__(self):
        return 7
class Worse(Exception):
    def __str__(self):
        time.sleep(1000)
class Failing:
    def __repr__(self):
        raise Worse()
class Swallows:
    times = 3
    def __repr__(self):
        while Swallows.times > 0:
            try:
                time.sleep(1000)
            except BaseException:
                Swallows.times -= 1
        return "swallowed"
class Stubborn:
    def __repr__(self):
        while not os.path.exists(flag):
            try:
                time.sleep(0.01)
            except BaseException:
                pass
        return "gave up"
class Good:
    def __repr__(self):
        return "good"
    @property
    def slow(self):
        time.sleep(1000)
    def wait(self):
        time.sleep(1000)
    def __setattr__(self, name, value):
        time.sleep(1000)
taken.acquire()
def f(x):
    good, number = Good(), 1
    return number
answer = 0
things = [Endless(), Sleeps(), Locked(), Raises(), Exits(), Deep(), Wrong(), Failing(), Swallows()]
for x in things if flag is None else [Stubborn()]:
    answer += f(x)
"""
LINE = CELL.split("\n").index("    return number") + 1

SHOWN = {
    "Endless": "repr timed out",
    "Sleeps": "repr timed out",
    "Locked": "repr timed out",
    "Raises": "<ValueError in __repr__: no>",
    "Exits": "<SystemExit in __repr__: 3>",
    "Deep": "<RecursionError in __repr__",
    "Wrong": "<TypeError in __repr__",
    "Failing": "<Worse in __repr__",
    "Swallows": "",
}


def stop(debugger, flag=None):
    debugger.cell = debugger.run_to(CELL.replace("None", repr(flag), 1), LINE)
    return look(debugger)


def look(debugger):
    debugger.frame = debugger.frames()[0]["id"]
    scope = debugger.body("scopes", frameId=debugger.frame)["scopes"][0]["variablesReference"]
    debugger.scope = scope
    return debugger.variables(scope)


def evaluate(debugger, expression, context="watch"):
    given = {"expression": expression, "context": context, "frameId": debugger.frame}
    return debugger.request("evaluate", **given)


def test_each_repr_is_answered_for(make_kernel):
    debugger = Debugger(make_kernel("--plain"))
    found = stop(debugger)
    for name, shown in SHOWN.items():
        assert shown in found["x"]["value"] and found["x"]["type"] == name
        assert found["good"]["value"] == "good" and found["number"]["value"] == "1"
        if name in ("Sleeps", "Raises"):
            assert shown in evaluate(debugger, "x", "repl")["body"]["result"]
        assert evaluate(debugger, "number")["body"]["result"] == "1"
        debugger.body("continue", threadId=1)
        if name != list(SHOWN)[-1]:
            debugger.await_stop(debugger.cell)
            found = look(debugger)
    assert debugger.cell.wait().status == "ok"
    assert debugger.kernel.run("answer").result == "9"


@pytest.fixture
def stopped(make_kernel):
    debugger = Debugger(make_kernel("--plain"))
    debugger.found = stop(debugger)
    return debugger


TOO_LONG = "took too long and was stopped"


def test_requests_that_run_the_users_code(stopped):
    frame = {"frameId": stopped.frame}
    good = stopped.found["good"]["variablesReference"]
    rows = [
        ("evaluate", {"expression": "good.wait()", "context": "watch", **frame}),
        ("evaluate", {"expression": "[0 for x in iter(int, 1)]", "context": "clipboard", **frame}),
        ("setVariable", {"variablesReference": stopped.scope, "name": "number", "value": "good.wait()"}),
        ("setVariable", {"variablesReference": good, "name": "x", "value": "1"}),
        ("setExpression", {"expression": "good.x", "value": "1", **frame}),
        ("setExpression", {"expression": "number", "value": "good.slow", **frame}),
    ]
    for command, arguments in rows:
        assert TOO_LONG in stopped.error(command, **arguments), arguments
        assert evaluate(stopped, "number")["body"]["result"] == "1"
    lazy = stopped.variables(good)["slow"]["variablesReference"]
    assert TOO_LONG in stopped.variables(lazy)["slow"]["value"]
    several = evaluate(stopped, "[Sleeps() for i in range(50)]")
    assert several["body"]["result"].count("repr timed out") > 10  # the first took all the time
    assert len(stopped.variables(several["body"]["variablesReference"])) == 51


def started(debugger, command, **arguments):
    """Sends a request; returns how its reply is to be had."""
    debugger.seq += 1
    seq = debugger.seq
    content = {"type": "request", "seq": seq, "command": command, "arguments": arguments}
    sent = debugger.kernel.send("control", "debug_request", content)
    return seq, lambda: debugger.kernel.reply_to("control", sent)["content"]


ENDLESS = ("good.wait()", "[0 for x in iter(int, 1)]", "Sleeps()", "taken.acquire()")


def test_what_is_cancelled_ends(stopped):
    for expression in ENDLESS:
        given = {"expression": expression, "context": "repl", "frameId": stopped.frame}
        seq, reply = started(stopped, "evaluate", **given)
        _, cancelled = started(stopped, "cancel", requestId=seq)
        reply = reply()
        assert not reply["success"] and reply["message"] == "cancelled"
        assert cancelled()["success"]
        assert evaluate(stopped, "number")["body"]["result"] == "1"


def test_a_thread_that_cannot_be_stopped_is_busy(make_kernel, tmp_path):
    debugger = Debugger(make_kernel("--plain"))
    flag = tmp_path / "go on"
    found = stop(debugger, str(flag))
    assert list(found) == ["x"] and "repr timed out" in found["x"]["value"]
    assert "Stubborn" == found["x"]["type"] and found["x"]["variablesReference"] > 0
    for command, arguments in (
        ("evaluate", {"expression": "1", "context": "repl"}),
        ("variables", {"variablesReference": debugger.scope}),
        ("scopes", {"frameId": debugger.frame}),
        ("setVariable", {"variablesReference": debugger.scope, "name": "x", "value": "1"}),
    ):
        assert "thread 1 is busy: 'variables' took too long" in debugger.error(command, **arguments)
    assert debugger.body("threads")["threads"][0]["id"] == 1
    assert debugger.body("continue", threadId=1)["allThreadsContinued"]
    assert "notStopped" == debugger.request("scopes", frameId=debugger.frame)["message"]
    flag.touch()
    assert debugger.cell.wait().status == "ok"
    assert debugger.kernel.run("answer").result == "1"


def test_terminate_ends_an_evaluation_and_the_cell(make_kernel):
    debugger = Debugger(make_kernel("--plain"))
    stop(debugger)
    given = {"expression": "good.wait()", "context": "repl", "frameId": debugger.frame}
    started(debugger, "evaluate", **given)
    started(debugger, "terminate")
    channel = debugger.kernel.client.control_channel
    replies = [channel.get_msg(timeout=60)["content"] for _ in range(2)]
    replies = {m["command"]: m for m in replies}
    assert replies["evaluate"]["message"] == "cancelled" and replies["terminate"]["success"]
    cell = debugger.cell.wait()
    assert cell.status == "error" and cell.reply["content"]["ename"] == "KeyboardInterrupt"
    assert debugger.kernel.run("answer").result == "0"


def test_a_lock_of_another_thread_is_let_go(make_kernel):
    debugger = Debugger(make_kernel("--plain"))
    code = """\
import threading, time
lock, has = threading.Lock(), threading.Event()
done = threading.Event()
def work():
    while not done.is_set():
        with lock:
            has.set()
            for i in range(1000):
                pass
thread = threading.Thread(target=work, daemon=True)
thread.start()
class Locked:
    def __repr__(self):
        with lock:
            return "got it"
def f(x):
    return x
has.wait()
y = f(Locked())
done.set()
"""
    cell = debugger.run_to(code, code.split("\n").index("    return x") + 1)
    assert look(debugger)["x"]["value"] == "got it"
    assert debugger.go_on(cell).status == "ok"


def test_another_thread_than_main(make_kernel):
    debugger = Debugger(make_kernel("--plain"))
    code = CELL[: CELL.index("things =")] + """\
thread = threading.Thread(target=f, args=(Endless(),))
thread.start()
thread.join()
"""
    cell = debugger.run_to(code, LINE)
    number = debugger.body("threads")["threads"][1]["id"]
    frames = debugger.body("stackTrace", threadId=number)["stackFrames"]
    debugger.frame = frames[0]["id"]
    scope = debugger.body("scopes", frameId=debugger.frame)["scopes"][0]["variablesReference"]
    found = debugger.variables(scope)
    assert "repr timed out" in found["x"]["value"] and found["number"]["value"] == "1"
    assert TOO_LONG in evaluate(debugger, "[0 for x in iter(int, 1)]")["message"]
    seq, reply = started(
        debugger, "evaluate", expression="x", context="repl", frameId=debugger.frame
    )
    _, cancelled = started(debugger, "cancel", requestId=seq)
    assert reply()["message"] == "cancelled" and cancelled()["success"]
    assert evaluate(debugger, "number")["body"]["result"] == "1"
    assert debugger.go_on(cell).status == "ok"
