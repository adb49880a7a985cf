# SPDX-License-Identifier: BSD-3-Clause
"""celldap beside ipykernel, xeus-python and debugpy in one run: a table of figure, target and verdict.

    ./dev bench [--quick] [--json FILE] [--only NAME…]

A figure is the median of what was taken in turn; a ratio is one of two such medians. docs/benchmarks.md
says what each row means. Exit status 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import instructions
import measures
import session_rows
from dap_tcp import Debugpy
from kernels import celldap, ipykernel
from measures import median

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CELLDAP_BUILD", ROOT / "build"))
PYTHON = sys.executable


class Table:
    def __init__(self) -> None:
        self.rows: list[dict] = []

    def add(self, what: str, figure: str, value: float, target: str = "", met: bool | None = None) -> None:
        verdict = {True: "met", False: "MISSED", None: ""}[met]
        self.rows.append({"what": what, "figure": figure, "value": value, "target": target, "verdict": verdict})
        print(f"{what:<58} {figure:>14}  {target:<24} {verdict}", flush=True)

    def missed(self) -> bool:
        return any(row["verdict"] == "MISSED" for row in self.rows)


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3f} ms"


def latencies(table: Table, rounds: int) -> None:
    peers = measures.in_threads([
        lambda: celldap(BUILD, PYTHON, "debug"),
        lambda: celldap(BUILD, PYTHON, "control"),
        lambda: ipykernel(PYTHON),
        lambda: ipykernel(PYTHON, no_delay=True),
        lambda: Debugpy(PYTHON, measures.STEPS, [{"line": 4}]),
    ])
    try:
        for peer in peers:
            measures.stop_in_loop(peer)
        for what, measure, target in (("next to stopped", measures.steps, 1e-3), ("variables", measures.variables, 0.5e-3)):
            took = measure(peers, rounds)
            middle = {name: median(values) for name, values in took.items()}
            ours = [n for n in middle if n.startswith("celldap")]
            theirs = [n for n in middle if not n.startswith("celldap")]
            for name in ours:
                table.add(f"{what}: {name}", ms(middle[name]), middle[name], f"< {ms(target)}", middle[name] < target)
            for name in theirs:
                table.add(f"{what}: {name}", ms(middle[name]), middle[name])
                for own in ours:
                    ratio = middle[name] / middle[own]
                    table.add(f"   {name} / {own}", f"{ratio:.1f} x", ratio, "> 1 x", ratio > 1)
    finally:
        for peer in peers:
            peer.close()


def plain_loop(pairs: int, code: str, call: str) -> float:
    """Median time of the call in a Python without any debugger."""
    program = (f"{code}import time\nfor _ in range({pairs + 1}):\n"
               f"    b = time.perf_counter(); {call}; print(time.perf_counter() - b)\n")
    done = subprocess.run([PYTHON, "-I", "-c", program], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return median([float(line) for line in done.stdout.split()[1:]])


def loops(table: Table, pairs: int) -> None:
    count, few = 400_000, 40_000
    ours, theirs = measures.in_threads([lambda: celldap(BUILD, PYTHON), lambda: ipykernel(PYTHON)])
    try:
        for peer in (ours, theirs):
            peer.start_debugging()
            peer.set_breakpoints(measures.BRANCH)
            peer.set_breakpoints(measures.CONDITION)
            peer.run(measures.BRANCH)
            peer.run(measures.CONDITION)
        branch = {"line": measures.BRANCH_LINE}
        low, high = measures.no_op_spread(ours, measures.BRANCH, f"work({count})", pairs)
        with_it, without = measures.with_and_without(ours, measures.BRANCH, f"work({count})", branch, pairs)
        ratio = median(with_it) / median(without)
        table.add("loop with a breakpoint on a branch not taken: wall time", f"{ratio:.3f} x", ratio,
                  f"{low:.3f} to {high:.3f} x (no-op)", low <= ratio <= high)
        plain = plain_loop(pairs, measures.BRANCH, f"work({count})")
        table.add("   against a plain Python process", f"{median(with_it) / plain:.3f} x", median(with_it) / plain)
        slow, _ = measures.with_and_without(theirs, measures.BRANCH, f"work({few})", branch, max(3, pairs // 10))
        table.add("   ipykernel + debugpy against a plain Python process",
                  f"{median(slow) / few * count / plain:.1f} x", median(slow) / few * count / plain)

        never = {"line": measures.CONDITION_LINE, "condition": "i == -1"}
        with_it, without = measures.with_and_without(ours, measures.CONDITION, f"counted({count})", never, pairs)
        rate, ratio = count / median(with_it), median(with_it) / median(without)
        table.add("a breakpoint with a false condition: hits a second", f"{rate:,.0f}", rate, "> 1,500,000", rate > 1.5e6)
        table.add("   against the bare loop", f"{ratio:.2f} x", ratio, "<= 6 x", ratio <= 6)
        slow, _ = measures.with_and_without(theirs, measures.CONDITION, f"counted({few})", never, max(3, pairs // 10))
        table.add("   ipykernel + debugpy: hits a second", f"{few / median(slow):,.0f}", few / median(slow))
        table.add("   celldap / ipykernel + debugpy", f"{rate / (few / median(slow)):.1f} x", rate / (few / median(slow)))
    finally:
        ours.close()
        theirs.close()


def counted(table: Table) -> None:
    found = instructions.ratios(BUILD, PYTHON)
    if found is None:
        print("instructions: skipped: no valgrind on this machine (Debian: valgrind)")
        return
    for what, ratio in found.items():
        limit = 1.3 if what == instructions.FILTERED else 1.02
        table.add(f"{what}: instructions of plain Python", f"{ratio:.4f} x", ratio, f"<= {limit} x", ratio <= limit)


def busy(table: Table, seconds: float) -> None:
    ours, theirs = measures.in_threads([lambda: celldap(BUILD, PYTHON), lambda: ipykernel(PYTHON)])
    try:
        took = median(measures.info_while_busy(ours, seconds, 300))
        table.add("kernel_info on shell while a cell runs: celldap", ms(took), took, "< 2.000 ms", took < 2e-3)
        blocked = median(measures.info_while_busy(theirs, seconds, 300))
        table.add(f"   ipykernel (the cell takes {seconds:g} s)", ms(blocked), blocked)
    finally:
        ours.close()
        theirs.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds, no instruction counts")
    parser.add_argument("--json", type=Path, help="write the rows there as well")
    parser.add_argument("--only", nargs="+", choices=["latencies", "loops", "instructions", "busy", "session"])
    options = parser.parse_args()
    quick = options.quick
    parts = {
        "latencies": lambda t: latencies(t, 10 if quick else 40),
        "loops": lambda t: loops(t, 5 if quick else 30),
        "instructions": counted,
        "busy": lambda t: busy(t, 1 if quick else 3),
        "session": lambda t: session_rows.rows(t, BUILD, PYTHON, quick),
    }
    chosen = options.only or [name for name in parts if not (quick and name == "instructions")]
    modules = {"ipykernel": "ipykernel", "debugpy": "debugpy", "xeus-python": "xeus_python_shell"}
    versions = {name: importlib.metadata.version(name) for name, module in modules.items() if importlib.util.find_spec(module)}
    head = {"python": platform.python_version(), "machine": f"{os.cpu_count()} cores, {platform.machine()}",
            "date": time.strftime("%Y-%m-%d"), **versions}
    print(", ".join(f"{key} {value}" for key, value in head.items()))
    table = Table()
    for name in chosen:
        parts[name](table)
    if options.json:
        options.json.write_text(json.dumps({**head, "rows": table.rows}, indent=1) + "\n")
    return 1 if table.missed() else 0


if __name__ == "__main__":
    sys.exit(main())
