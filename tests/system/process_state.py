# SPDX-License-Identifier: BSD-3-Clause
"""What a process that does not answer is doing, for the message of the test that waited for it."""

import shutil
import subprocess
from pathlib import Path

GUARD = 60  # seconds; only against hangs


def _line(task):
    words = [task.name]
    for name in ("comm", "wchan", "syscall"):
        try:
            words.append(f"{name}={(task / name).read_text().strip()}")
        except OSError as error:
            words.append(f"{name}: {error.strerror}")
    return " ".join(words)


def _stacks(pid):
    gdb = shutil.which("gdb")
    if not gdb:
        return ["(no gdb: no stacks)"]
    command = [gdb, "-p", str(pid), "-batch", "-ex", "thread apply all backtrace 30"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=GUARD)
    except subprocess.TimeoutExpired:
        return ["(gdb did not end)"]
    return [line for line in done.stdout.splitlines() if line.startswith(("#", "Thread"))]


def describe(process):
    """Of a Popen: its exit status; where it runs, a line for each thread, and their stacks."""
    status = process.poll()
    if status is not None:
        return f"process {process.pid} ended with {status}"
    tasks = sorted(Path(f"/proc/{process.pid}/task").glob("*"))
    lines = [f"process {process.pid} runs:", *(_line(task) for task in tasks)]
    return "\n".join(lines + _stacks(process.pid))
