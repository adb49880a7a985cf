# SPDX-License-Identifier: BSD-3-Clause
"""The end of a kernel: asked for, forced, or because its parent is gone. Nothing stays behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROGRAM, PYTHON, read_connection, wait_gone
from debugger import Debugger
from jupyter_client import BlockingKernelClient

LOOP = "print('now', flush=True)\nwhile True: pass"
STUBBORN = """
print('now', flush=True)
while True:
    try:
        while True: pass
    except BaseException:
        pass
"""


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("channel", ["control", "shell"])
def test_shutdown_replies_and_ends(kernel, channel, restart):
    reply = kernel.ask(channel, "shutdown_request", {"restart": restart})
    assert reply == {"status": "ok", "restart": restart}
    assert kernel.ended() == 0


def test_shutdown_is_told_to_every_client(plain):
    other = BlockingKernelClient(connection_file=plain.file)
    other.load_connection_file()
    other.start_channels()
    other.wait_for_ready(timeout=60)
    plain.ask("control", "shutdown_request", {"restart": False})
    while (m := other.get_iopub_msg(timeout=60))["msg_type"] != "shutdown_reply":
        pass
    assert m["content"] == {"status": "ok", "restart": False}
    other.stop_channels()


@pytest.mark.parametrize(
    "code",
    [LOOP, "import time\nprint('now', flush=True)\ntime.sleep(1000)"],
    ids=["loop", "sleep"],
)
def test_shutdown_while_a_cell_runs_interrupts_it(kernel, code):
    cell = kernel.start(code).until_printed("now")
    kernel.ask("control", "shutdown_request", {"restart": False})
    assert cell.wait().reply["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.ended() == 0


def test_shutdown_while_input_waits(kernel):
    kernel.start("input()", allow_stdin=True)
    kernel.client.get_stdin_msg(timeout=60)
    kernel.ask("control", "shutdown_request", {"restart": False})
    assert kernel.ended() == 0


def test_code_that_does_not_end_is_killed(plain):
    plain.start(STUBBORN).until_printed("now")
    plain.ask("control", "shutdown_request", {"restart": False})
    assert plain.ended() == 1
    assert "did not end" in plain.log.read_text()


def test_queued_cells_are_aborted_at_the_end(plain):
    plain.start(LOOP).until_printed("now")
    queued = plain.start("1")
    assert plain.ask("shell", "kernel_info_request")["status"] == "ok"
    plain.ask("control", "shutdown_request", {"restart": False})
    assert queued.wait().status == "aborted"


def test_atexit_runs_and_its_output_arrives(kernel):
    kernel.run("import atexit\natexit.register(print, 'bye')")
    kernel.ask("control", "shutdown_request", {"restart": False})
    text = ""
    while "bye" not in text:
        m = kernel.iopub()
        text += m["content"]["text"] if m["msg_type"] == "stream" else ""
    assert kernel.ended() == 0


@pytest.mark.parametrize("busy", [False, True])
def test_sigterm_ends_in_order(kernel, tmp_path, busy):
    kernel.run(f"import atexit\nx = atexit.register(open, {str(tmp_path / 'ended')!r}, 'w')")
    if busy:
        kernel.start(LOOP).until_printed("now")
    os.kill(kernel.pid, signal.SIGTERM)
    assert kernel.ended() == -signal.SIGTERM  # whoever started it sees why it ended
    assert (tmp_path / "ended").exists()


def test_sigterm_for_a_forked_child_ends_only_the_child(kernel):
    cell = kernel.run(
        "import multiprocessing, time\n"
        "p = multiprocessing.get_context('fork').Process(target=time.sleep, args=(1000,))\n"
        "p.start(); p.terminate(); p.join(60); p.exitcode"
    )
    assert cell.result == "-15"
    assert kernel.run("1 + 1").result == "2"


def test_exit_ends_the_kernel_after_the_reply(make_kernel):
    kernel = make_kernel()
    cell = kernel.run("print('last')\nexit()")
    assert cell.stream("stdout") == "last\n"
    if cell.reply["content"].get("payload"):
        kernel.client.shutdown()  # a front end does what the payload asks for
    assert kernel.ended() == 0


PARENT = """
import json, os, subprocess, sys
env = {**os.environ, "JPY_PARENT_PID": str(os.getpid())}
child = subprocess.Popen(sys.argv[1:], env=env, stdin=subprocess.DEVNULL)
print(json.dumps(child.pid), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("keep", [False, True])
def test_the_kernel_ends_with_its_parent_unless_told_not_to(tmp_path, keep):
    file = tmp_path / "kernel.json"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, PROGRAM, "-f", file, "--python", PYTHON, "--plain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "CELLDAP_KEEP_KERNEL": "1" if keep else "0"},
    )
    pid = json.loads(parent.stdout.readline())
    parent.kill()
    parent.wait()
    if keep:
        read_connection(file)
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.shutdown()
        client.stop_channels()
    wait_gone(pid)


def test_a_parent_that_is_gone_already_is_noticed(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    kernel = subprocess.run(
        [PROGRAM, "-f", tmp_path / "kernel.json", "--python", PYTHON, "--plain"],
        env={**os.environ, "JPY_PARENT_PID": str(gone.pid)},
        timeout=60,
    )
    assert kernel.returncode == 0


def test_nothing_stays_behind(make_kernel, tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    kernel = make_kernel(env={"TMPDIR": str(folder)})
    kernel.run("import subprocess, tempfile\n1")
    assert len(list(folder.glob("celldap-*"))) == 1
    assert oct(next(folder.glob("celldap-*")).stat().st_mode & 0o777) == "0o700"
    kernel.ask("control", "shutdown_request", {"restart": False})
    assert kernel.ended() == 0
    assert list(folder.glob("celldap-*")) == []


def test_what_killed_kernels_left_is_removed_and_nothing_else(make_kernel, tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    others = [folder / "celldap-cells-", folder / "celldap-cells-mine", folder / "celldap-123456"]
    for other in others:
        other.mkdir()
    killed, alive, last = (make_kernel("--plain", env={"TMPDIR": str(folder)}) for _ in range(3))
    for kernel in (killed, alive):
        kernel.path = Path(Debugger(kernel).body("dumpCell", code="1")["sourcePath"])
    killed.process.kill()
    killed.ended()
    assert killed.path.exists() and alive.path.exists()
    last.ask("control", "shutdown_request", {"restart": False})
    assert last.ended() == 0
    assert not killed.path.parent.exists()
    assert sorted(folder.iterdir()) == sorted([*others, alive.path.parent])
    assert alive.path.exists()
