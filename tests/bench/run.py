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
import sys
import time
from pathlib import Path

import bridge_rows
import engine_rows
import instructions
import measures
import session_rows
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
    parser.add_argument("--only", nargs="+", choices=[*engine_rows.PARTS, "engine", "instructions", "busy", "session", "bridge"])
    options = parser.parse_args()
    quick = options.quick
    parts = {
        **{name: lambda t, rows=rows: rows(t, BUILD, PYTHON, quick) for name, rows in engine_rows.PARTS.items()},
        "instructions": counted,
        "busy": lambda t: busy(t, 1 if quick else 3),
        "bridge": lambda t: bridge_rows.rows(t, BUILD, PYTHON, quick),
        "session": lambda t: session_rows.rows(t, BUILD, PYTHON, quick),
    }
    chosen = options.only or [name for name in parts if not (quick and name == "instructions")]
    if "engine" in chosen:
        chosen = [*engine_rows.PARTS, "instructions", *(name for name in chosen if name != "engine")]
    modules = {"ipykernel": "ipykernel", "debugpy": "debugpy", "xeus-python": "xeus_python_shell"}
    versions = {name: importlib.metadata.version(name) for name, module in modules.items() if importlib.util.find_spec(module)}
    head = {"python": platform.python_version(), "machine": f"{os.cpu_count()} cores, {platform.machine()}",
            "date": time.strftime("%Y-%m-%d"), "load": f"{os.getloadavg()[0]:.1f}", **versions}
    print(", ".join(f"{key} {value}" for key, value in head.items()))
    table, begin = Table(), time.monotonic()
    for name in chosen:
        parts[name](table)
    print(f"load at the end {os.getloadavg()[0]:.1f}, took {time.monotonic() - begin:.0f} s")
    if options.json:
        options.json.write_text(json.dumps({**head, "rows": table.rows}, indent=1) + "\n")
    return 1 if table.missed() else 0


if __name__ == "__main__":
    sys.exit(main())
