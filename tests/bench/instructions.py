# SPDX-License-Identifier: BSD-3-Clause
"""Instructions of the loop of measures.BRANCH, counted by valgrind: in celldap's kernel without and
with the breakpoint, and in a plain Python process. What is around the loop is taken out by running
it with two lengths."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from kernels import celldap
from measures import BRANCH, BRANCH_LINE

SHORT, LONG = 20_000, 1_020_000


def valgrind(output: Path) -> list[str]:
    return ["valgrind", "--tool=callgrind", "--instr-atstart=yes", f"--callgrind-out-file={output}"]


def total(folder: Path) -> int:
    """The greatest summary: a process that it forked writes its own, smaller file."""
    found = [int(m) for file in folder.iterdir() for m in re.findall(r"^(?:summary|totals): (\d+)", file.read_text(errors="replace"), re.M)]
    return max(found)


def plain(python: str, count: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        script.write_text(f"{BRANCH}work({count})\n")
        out = Path(folder, "out")
        out.mkdir()
        subprocess.run([*valgrind(out / "callgrind.%p"), python, "-I", str(script)], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return total(out)


def kernel(build: Path, python: str, count: int, with_breakpoint: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        peer = celldap(build, python, wrap=valgrind(Path(folder, "callgrind.%p")))
        try:
            peer.start_debugging()
            peer.set_breakpoints(BRANCH, *([{"line": BRANCH_LINE}] if with_breakpoint else []))
            peer.run(BRANCH)
            peer.run(f"work({count})")
            peer.request(peer.control, "shutdown_request", {"restart": False})
            peer.process.wait(120)
        finally:
            peer.close()
        return total(Path(folder))


def loop(build: Path, python: str) -> dict[str, int] | None:
    """Instructions a turn of the loop, times LONG - SHORT; None without valgrind."""
    if not shutil.which("valgrind"):
        return None
    return {
        "plain": plain(python, LONG) - plain(python, SHORT),
        "without": kernel(build, python, LONG, False) - kernel(build, python, SHORT, False),
        "with": kernel(build, python, LONG, True) - kernel(build, python, SHORT, True),
    }
