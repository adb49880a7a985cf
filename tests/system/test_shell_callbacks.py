# SPDX-License-Identifier: BSD-3-Clause
"""IPython's callbacks around a cell: an interrupt in one before the code is the cell's."""

import pytest

HOOK = """\
import os, signal
def hook(*info):
    get_ipython().events.unregister({event!r}, hook)
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(10**6):
        pass
get_ipython().events.register({event!r}, hook)
ran = []
"""


@pytest.fixture
def shell(make_kernel):
    return make_kernel()


@pytest.mark.parametrize("event", ["pre_execute", "pre_run_cell"])
def test_an_interrupt_before_the_code_is_the_cells(shell, event):
    assert shell.run(HOOK.format(event=event)).status == "ok"
    cell = shell.run("ran.append(1)")
    assert cell.reply["content"].get("ename") == "KeyboardInterrupt", cell.reply["content"]
    assert shell.run("ran").result == "[]"


def test_an_interrupt_after_the_code_comes_too_late(shell):
    assert shell.run(HOOK.format(event="post_run_cell")).status == "ok"
    shell.run("ran.append(1)")
    assert shell.run("ran").result == "[1]"


def test_a_callback_that_fails_is_told_and_the_cell_runs(shell):
    shell.run("def bad(*a):\n    1/0\nget_ipython().events.register('pre_execute', bad)")
    cell = shell.run("print('on')")
    assert "on" in cell.stream("stdout") and "Error in callback" in cell.stream("stdout")
    assert shell.run("get_ipython().events.unregister('pre_execute', bad)").status == "ok"
