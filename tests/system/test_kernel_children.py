# SPDX-License-Identifier: BSD-3-Clause
"""Processes that the user's code started: interrupts reach them, and the kernel's end is theirs."""

import contextlib
import json
import os
import re
import select
import signal

import pytest
from conftest import GUARD

TELLS = (
    "import os, signal, sys\n"
    "def end(*args):\n"
    "    print('child ended', flush=True)\n"
    "    sys.exit()\n"
    "signal.signal(signal.SIGTERM, end)\n"
    "print('child ready', flush=True)\n"
    "while True:\n"
    "    signal.pause()\n"
)
IGNORES = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\n"
HANGS = "import signal; signal.signal(signal.SIGTERM, lambda *a: 0); print('hung', flush=True)\n"
FOR_EVER = "while True: signal.pause()\n"


def popen(source, extra=""):
    return f"subprocess.Popen([sys.executable, '-c', {source!r}]{extra})"


def ended(fd, seconds=GUARD):
    return bool(select.select([fd], [], [], seconds)[0])


def kill(fd):
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(fd, signal.SIGKILL)
    os.close(fd)


@pytest.mark.parametrize(
    "code",
    [
        "os.system('echo begun; exec sleep 1000')",
        "subprocess.run('echo begun; sleep 1000', shell=True)",
    ],
    ids=["os.system", "subprocess.run"],
)
def test_an_interrupt_reaches_the_child_that_a_cell_waits_for(kernel, code):
    cell = kernel.start("import os, subprocess\n" + code).until_printed("begun")
    assert kernel.ask("control", "interrupt_request") == {"status": "ok"}
    cell.wait()
    assert kernel.run("6 * 7").result == "42"


def test_children_end_with_the_kernel_after_atexit(plain):
    cell = plain.start(
        "import atexit, subprocess, sys\n"
        "atexit.register(print, 'atexit ran')\n"
        f"pids = [{popen(TELLS)}.pid, {popen(HANGS + FOR_EVER)}.pid,\n"
        f"        {popen(IGNORES + FOR_EVER)}.pid,\n"
        f"        {popen(TELLS, ', start_new_session=True, stdout=subprocess.DEVNULL')}.pid]\n"
        "print(pids)"
    ).wait()
    printed = cell.stream("stdout")
    while not all(word in printed for word in ("child ready", "hung", "deaf")):
        m = plain.iopub()
        printed += m["content"]["text"] if m["msg_type"] == "stream" else ""
    # the children's words may come in the middle of the line
    pids = json.loads(re.search(r"\[[0-9, ]+\]", printed)[0])
    fds = [os.pidfd_open(pid) for pid in pids]
    try:
        plain.ask("control", "shutdown_request", {"restart": False})
        assert plain.ended() == 0
        assert ended(fds[0]) and ended(fds[1])
        assert not ended(fds[2], 0)  # it said that it wants to stay
        assert not ended(fds[3], 0)  # so did who gave it a session of its own
    finally:
        for fd in fds:
            kill(fd)
    text = ""
    while "child ended" not in text:
        m = plain.iopub()
        text += m["content"]["text"] if m["msg_type"] == "stream" else ""
    assert text.index("atexit ran") < text.index("child ended")


def test_children_of_a_kernel_that_is_killed_hard_end_too(plain):
    """The cell ignores every interrupt: the process ends 5 s after the request, its child at once."""
    cell = plain.start(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '1000'])\n"
        "print(child.pid, end=' end')\n"
        "while True:\n"
        "    try:\n"
        "        while True: pass\n"
        "    except KeyboardInterrupt: pass\n"
    ).until_printed(" end")
    fd = os.pidfd_open(int(cell.stream("stdout").split()[0]))
    try:
        plain.ask("control", "shutdown_request", {"restart": False})
        assert plain.ended() == 1
        assert ended(fd)
    finally:
        os.close(fd)


def test_what_a_program_left_running_goes_on(plain, tmp_path):
    """A file that is run ends as under plain Python, and so leaves its children alone."""
    program = tmp_path / "p.py"
    program.write_text(
        "import subprocess\n"
        "p = subprocess.Popen(['sleep', '1000'], stdout=subprocess.DEVNULL)\nprint(p.pid)\n"
    )
    content = {"code": "", "silent": False, "store_history": False, "user_expressions": {}}
    content |= {"allow_stdin": False, "stop_on_error": True}
    run_file = {"celldap": {"runFile": {"program": str(program), "args": []}}}
    cell = plain.run_request(content, run_file)
    fd = os.pidfd_open(int(cell.stream("stdout")))
    try:
        plain.ask("control", "shutdown_request", {"restart": False})
        assert plain.ended() == 0
        assert not ended(fd, 0)
    finally:
        kill(fd)
