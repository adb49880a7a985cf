# SPDX-License-Identifier: BSD-3-Clause
"""Clients that come, go and die while a cell runs or is stopped (contracts.md §6, §7)."""

import time

import debugger as control
import pytest
from debug_socket import Debugger

LOOP = """\
import time
def work(n):
    a = n + 1
    return a
print('go', flush=True)
n = 0
while n < 10**9:
    n = work(n)
    time.sleep(0.0001)
"""


def running(kernel):
    return kernel.start(LOOP).until_printed("go")


def interrupted(kernel, cell):
    assert cell.wait().reply["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.run("n > 0").result == "True"


@pytest.mark.parametrize("how", ["terminate", "disconnect"])
def test_a_client_that_attaches_to_a_running_loop_stops_it_there(kernel, how):
    """Nothing of this needs main, which never is idle; and the end leaves the kernel alive."""
    cell = running(kernel)
    d = control.Debugger(kernel)
    path = d.body("dumpCell", code=LOOP)["sourcePath"]
    found = d.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3}, {"line": 8}])
    assert [b["line"] for b in found["breakpoints"]] == [3, 8]
    d.await_stop(cell)
    first = d.frames()[0]["line"]
    d.body("continue", threadId=1)
    d.await_stop(cell)
    assert {first, d.frames()[0]["line"]} == {3, 8}
    if how == "terminate":
        d.body("terminate")
    else:
        d.body("disconnect", terminateDebuggee=True)
    interrupted(kernel, cell)


def test_terminate_and_disconnect_end_a_cell_that_runs(kernel):
    d = control.Debugger(kernel)
    cell = running(kernel)
    d.body("terminate")
    interrupted(kernel, cell)
    cell = running(kernel)
    d.body("disconnect", terminateDebuggee=True)
    interrupted(kernel, cell)


def test_disconnect_lets_a_stopped_cell_go_on_or_leaves_it(kernel):
    code = "a = 1\nb = 2\nprint('end')\n"
    d = control.Debugger(kernel)
    cell = d.run_to(code, 2)
    d.body("disconnect", terminateDebuggee=False)
    assert cell.wait().stream("stdout") == "end\n"
    d = control.Debugger(kernel)
    cell = d.run_to(code, 2)
    d.body("disconnect", suspendDebuggee=True)
    d = control.Debugger(kernel)
    d.await_stop(cell)  # it is shown to who comes
    assert d.frames()[0]["line"] == 2
    d.body("setBreakpoints", source={"path": d.body("dumpCell", code=code)["sourcePath"]}, breakpoints=[])
    assert d.go_on(cell).stream("stdout") == "end\n"


def test_a_client_that_died_leaves_orphans_that_the_next_one_clears(plain):
    code = "x = 1\ny = 2\nz = 3\n"
    one, d = Debugger(plain).attach(), control.Debugger(plain)
    one.breakpoint(code, 2)
    path = d.body("dumpCell", code=code)["sourcePath"]

    def set_none():
        d.body("setBreakpoints", source={"path": path}, breakpoints=[])

    def listed():
        return [b["line"] for s in d.body("debugInfo")["breakpoints"] for b in s["breakpoints"]]

    set_none()
    assert listed() == []  # it is the other's, who is there
    cell = plain.start(code)
    d.await_stop(cell)
    d.go_on(cell)
    one.close()  # no disconnect: killed; after ten silent seconds it is away
    deadline = time.monotonic() + 60
    while not listed() and time.monotonic() < deadline:
        if plain.client.iopub_channel.socket.poll(100):
            plain.iopub()
    assert listed() == [2]
    cell = plain.start(code)
    d.await_stop(cell)  # it stays armed
    d.go_on(cell)
    set_none()
    assert listed() == []
    assert plain.run(code).status == "ok"


def test_a_thread_that_loops_over_a_breakpoint_waits_while_main_is_stopped(kernel):
    code = (
        "import threading\ncount, go = [0], True\ndef spin():\n    while go:\n        count[0] += 1\n        b = 1\n"
        "t = threading.Thread(target=spin)\nt.start()\nhere = 1\ngo = False\nt.join()\n"
    )
    d = control.Debugger(kernel)
    path = d.body("dumpCell", code=code)["sourcePath"]
    never = {"line": 6, "condition": "count[0] < 0"}
    d.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 9}, never])
    cell = kernel.start(code)
    assert d.await_stop(cell)["threadId"] == 1
    frame = d.frames()[0]["id"]

    def count():
        return d.body("evaluate", expression="count[0]", frameId=frame, context="watch")["result"]

    counts = [count() for _ in range(40)]
    assert len(set(counts[5:])) == 1, counts
    assert d.go_on(cell).status == "ok"
