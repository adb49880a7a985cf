# SPDX-License-Identifier: BSD-3-Clause
"""Instructions that code which does not stop takes under the debugger, over those of a plain Python
process; counted by valgrind. A call is made with two sizes in one process each: the difference has
nothing of start, request and reply in it. Each size is counted three times and the least counts: what
a process does by the way (caches that fill, modules that load when it is idle) only adds, and once took
5 % off the plain Python's difference. The garbage collector is off: what it looks through is the rest
of the process. A figure is the same from run to run within 1 %."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import engine
from client import Client
from kernels import GUARD_S, celldap
from measures import BRANCH, BRANCH_LINE


class Counted:
    """A process under callgrind; it is asked from outside for the count since the last time."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="celldap-bench-")
        self.wrap = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.folder.name}/out.%p"]
        self.pid = 0

    def control(self, what: str) -> None:
        subprocess.run(["callgrind_control", what, str(self.pid)], check=True, capture_output=True)

    def counted(self, do) -> int:
        self.control("--zero")
        before = set(os.listdir(self.folder.name))
        do()
        self.control("--dump")
        end = time.monotonic() + GUARD_S
        while time.monotonic() < end:
            for name in set(os.listdir(self.folder.name)) - before:
                text = Path(self.folder.name, name).read_text(errors="replace")
                if found := re.findall(r"^totals: (\d+)", text, re.M):
                    return int(found[0])
        raise TimeoutError("callgrind wrote no counts")

    def difference(self, count, sizes: tuple[int, int]) -> int:
        """Of the larger size over the smaller one; count(size): the instructions of one call."""
        for size in sizes:  # what is specialised or kept for later at first is not counted
            count(size)
        short, long = (min(count(size) for _ in range(TIMES)) for size in sizes)
        return long - short

    def difference_of(self, call: str, sizes: tuple[int, int]) -> int:
        return self.difference(lambda size: self.counted(lambda: self.run(call.format(size))), sizes)

    def close(self) -> None:
        self.folder.cleanup()


class Plain(Counted):
    """A Python process that runs the lines it is sent."""

    LOOP = "import sys\nns = {}\nfor line in sys.stdin:\n    exec(eval(line), ns)\n    print('done', flush=True)\n"

    def __init__(self, python: str):
        super().__init__()
        self.process = subprocess.Popen([*self.wrap, python, "-I", "-c", self.LOOP], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.pid = self.process.pid
        self.run("pass")

    def run(self, code: str) -> None:
        self.process.stdin.write(f"{code!r}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        super().close()


class Debugged(Counted):
    """celldap with a client attached."""

    def __init__(self, build: Path, python: str):
        super().__init__()
        self.client = Client(build, celldap(build, python, wrap=self.wrap), "debug")
        self.pid = self.client.kernel.process.pid
        self.client.start_debugging()
        self.run = self.client.kernel.run

    def step_over(self, size: int) -> int:
        """`next` over fib(size), from its caller."""
        client = self.client
        code = engine.STEP_OVER.replace("25", str(size))
        client.set_breakpoints(code, {"line": 9})
        self.run(code)
        before = client.stops()
        begun = client.kernel.execute("caller()")
        client.wait_stop(before + 1)
        count = self.counted(lambda: client.times("stop", "next", {"threadId": client.thread}, 1))
        client.dap("continue", {"threadId": client.thread})
        for _, message in client.kernel.messages(client.kernel.shell):
            if message["parent"] == begun:
                break
        client.set_breakpoints(code)
        return count

    def close(self) -> None:
        self.client.close()
        super().close()


# what: code, call, sizes, where the breakpoint is: file and line
WORK = {
    "attached, no breakpoint": (BRANCH, "work({})", (20_000, 120_000), None),
    "a breakpoint on a branch not taken": (BRANCH, "work({})", (20_000, 120_000), (BRANCH, BRANCH_LINE)),
    "a breakpoint in another file": (BRANCH, "work({})", (20_000, 120_000), (engine.OTHER_FILE, 2)),
    "json encoding by generators": (engine.JSON, "encode({})", (2, 6), (engine.JSON, 10)),
    "recursive fib": (engine.FIB, "fib({})", (12, 19), (engine.FIB, 6)),
    "exceptions in a loop, filters off": (engine.RAISES, "raising({})", (1_000, 11_000), None),
}
STEPPED = (12, 19)
TIMES = 3
FILTERED = "exceptions in a loop, filters uncaught and userUnhandled on"
FILTERS = ["uncaught", "userUnhandled"]


def ratios(build: Path, python: str) -> dict[str, float] | None:
    """Instructions under celldap over those of a plain Python; None without valgrind."""
    if not shutil.which("callgrind_control"):
        return None
    found = {}
    with contextlib.closing(Plain(python)) as plain, contextlib.closing(Debugged(build, python)) as ours:
        for what, (code, call, sizes, at) in WORK.items():
            for process in (plain, ours):
                process.run("import gc; gc.disable()")
                process.run(code)
            if at:
                ours.client.set_breakpoints(at[0], {"line": at[1]})
            counts = [process.difference_of(call, sizes) for process in (ours, plain)]
            found[what] = counts[0] / counts[1]
            if at:
                ours.client.set_breakpoints(at[0])
        ours.client.dap("setExceptionBreakpoints", {"filters": FILTERS})
        code, call, sizes, _ = WORK["exceptions in a loop, filters off"]
        counts = [process.difference_of(call, sizes) for process in (ours, plain)]
        found[FILTERED] = counts[0] / counts[1]
        ours.client.dap("setExceptionBreakpoints", {"filters": []})
        plain.run(engine.FIB)
        stepped, alone = ours.difference(ours.step_over, STEPPED), plain.difference_of("fib({})", STEPPED)
        found["step over fib from its caller"] = stepped / alone
    return found
