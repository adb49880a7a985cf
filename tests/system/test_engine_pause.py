# SPDX-License-Identifier: BSD-3-Clause
"""Pauses that come when none of the user's frames can stop, on a real kernel (kernel/python: pause.c
stop.c step.c)."""

import os

import pytest

from debugger import Debugger


@pytest.fixture
def debugger(kernel):
    kernel.run("pass")
    return Debugger(kernel)


HOLD = """\
import os
def hold(begun, done):
    open(begun, "w").close()
    while not os.path.exists(done):
        try:
            for i in range(1000):
                pass
        except BaseException:
            pass
n = 0
while True:
    n += 1
"""


def test_a_pause_on_the_way_out_of_a_stop_is_not_lost(debugger, tmp_path):
    """The program was told to go on and is not yet: something on its thread holds it up."""
    begun, done = tmp_path / "begun", tmp_path / "done"
    os.mkfifo(begun)
    cell = debugger.run_to(HOLD, 10)
    expression = f"hold({str(begun)!r}, {str(done)!r})"
    frame = debugger.frames()[0]["id"]
    held = debugger.send("evaluate", expression=expression, frameId=frame, context="repl")
    open(begun).close()
    debugger.body("continue", threadId=1)
    debugger.body("pause", threadId=1)
    done.touch()
    debugger.reply(held)
    assert debugger.await_stop(cell)["reason"] == "pause"
    debugger.kernel.ask("control", "interrupt_request")
    cell.wait()


BETWEEN = """\
def hold(original):
    async def run_code(code, *args, **options):
        if "held" in code.co_names:
            open({0!r}).read()
        return await original(code, *args, **options)
    return run_code
get_ipython().run_code = hold(get_ipython().run_code)
"""


@pytest.mark.parametrize("taken_back", [False, True])
def test_a_pause_where_none_of_the_users_frames_run_stops_at_the_next_line(make_kernel, tmp_path, taken_back):
    debugger = Debugger(make_kernel())
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    debugger.kernel.run(BETWEEN.format(str(fifo)))
    cell = debugger.kernel.start("a = 1\n" + ("held = 2\n" if taken_back else "while True:\n    held = 2\n"))
    with open(fifo, "w"):  # IPython runs the cell's statements one after the other: this is between two
        debugger.body("pause", threadId=1)
        if taken_back:
            debugger.body("continue", threadId=1)
    if taken_back:
        assert cell.wait().status == "ok"
        assert "stopped" not in [e["event"] for e in cell.of_type("debug_event")]
        return
    assert debugger.await_stop(cell)["reason"] == "pause" and debugger.frames()[0]["line"] == 2
    debugger.kernel.ask("control", "interrupt_request")
    cell.wait()


def test_a_pause_while_idle_stops_the_next_cell_at_its_first_line(debugger):
    debugger.body("pause", threadId=1)
    cell = debugger.kernel.start("# a remark\nfirst = 1\nsecond = 2\n")
    debugger.await_stop(cell)
    assert debugger.frames()[0]["line"] == 2
    debugger.go_on(cell)
    debugger.body("pause", threadId=1)
    debugger.body("continue", threadId=1)
    assert debugger.kernel.run("third = 3").status == "ok"
