# SPDX-License-Identifier: BSD-3-Clause
"""Interrupts, and a kernel that answers whatever its main thread does."""

import os
import re
import signal
from pathlib import Path

import pytest

LOOP = "print('now', flush=True)\nwhile True: pass"
SLEEP = "import time\nprint('now', flush=True)\ntime.sleep(1000)"
INPUT = "print('now', flush=True)\ninput()"


def by_message(kernel):
    assert kernel.ask("control", "interrupt_request") == {"status": "ok"}


def by_signal(kernel):
    """Until main has it: it cannot know whether a request that it finds then was sent later."""
    os.kill(kernel.pid, signal.SIGINT)
    status = Path(f"/proc/{kernel.pid}/status")
    while int(re.search(r"ShdPnd:\s*(\w+)", status.read_text())[1], 16) >> (signal.SIGINT - 1) & 1:
        assert kernel.process.poll() is None


def start(kernel, code):
    cell = kernel.start(code, allow_stdin=True).until_printed("now")
    if "input" in code:
        kernel.client.get_stdin_msg(timeout=60)
    return cell


@pytest.mark.parametrize("code", [LOOP, SLEEP, INPUT], ids=["loop", "sleep", "input"])
@pytest.mark.parametrize("interrupt", [by_message, by_signal])
def test_an_interrupt_is_one_keyboard_interrupt(kernel, code, interrupt):
    for _ in range(3):
        cell = start(kernel, code)
        interrupt(kernel)
        assert cell.wait().reply["content"]["ename"] == "KeyboardInterrupt"
        assert kernel.run("1 + 1").result == "2"


def test_an_interrupt_can_be_caught(kernel):
    cell = start(kernel, f"try:\n    print('now', flush=True)\n    while True: pass\n"
                         f"except KeyboardInterrupt:\n    print('caught')")
    by_message(kernel)
    assert cell.wait().stream("stdout") == "now\ncaught\n"
    assert cell.status == "ok"


def test_a_kernel_that_was_started_with_sigint_ignored_hears_it(make_kernel):
    """As a script starts what it puts into the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        kernel = make_kernel("--plain")
    finally:
        signal.signal(signal.SIGINT, before)
    for interrupt in (by_message, by_signal):
        cell = start(kernel, LOOP)
        interrupt(kernel)
        assert cell.wait().reply["content"]["ename"] == "KeyboardInterrupt"


@pytest.mark.parametrize("interrupt", [by_message, by_signal])
def test_an_interrupt_while_idle_changes_nothing(kernel, interrupt):
    kernel.run("x = 1")
    for _ in range(5):
        interrupt(kernel)
    assert kernel.ask("control", "kernel_info_request")["status"] == "ok"
    assert kernel.run("x").result == "1"


def test_an_interrupt_does_not_drop_what_is_queued_without_stop_on_error(kernel):
    cell = kernel.start(LOOP, stop_on_error=False).until_printed("now")
    queued = kernel.start("6 * 7")
    by_message(kernel)
    assert cell.wait().status == "error"
    assert queued.wait().result == "42"


@pytest.mark.parametrize("code", [LOOP, SLEEP, INPUT], ids=["loop", "sleep", "input"])
def test_the_kernel_answers_while_a_cell_runs(kernel, code):
    kernel.run("def some_function():\n    'Says much.'")
    cell = start(kernel, code)
    for _ in range(3):
        assert kernel.ask("shell", "kernel_info_request")["status"] == "ok"
        assert kernel.ask("control", "kernel_info_request")["status"] == "ok"
        complete = kernel.ask("shell", "complete_request", {"code": "some_f", "cursor_pos": 6})
        assert any(m.startswith("some_function") for m in complete["matches"])
        inspect = kernel.ask(
            "shell",
            "inspect_request",
            {"code": "some_function", "cursor_pos": 5, "detail_level": 0},
        )
        assert inspect["found"]
        assert kernel.ask("shell", "is_complete_request", {"code": "1"})["status"] == "complete"
        assert kernel.ask("shell", "comm_info_request")["status"] == "ok"
        assert beats(kernel)
    by_message(kernel)
    assert cell.wait().status == "error"


def beats(kernel):
    import zmq

    with zmq.Context() as context, context.socket(zmq.REQ) as req:
        req.linger = 0
        info = kernel.client.get_connection_info()
        req.connect(f"tcp://{info['ip']}:{info['hb_port']}")
        req.send(b"ping")
        return req.poll(60_000) and req.recv() == b"ping"
