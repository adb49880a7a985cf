# SPDX-License-Identifier: BSD-3-Clause
"""The session rows of the table: celldap with and without IPython beside ipykernel and xeus-python.

A peer that cannot do something has no row there: xeus-python ends by SIGINT, its raw mode loses what
is printed. Where a target is the limit of something else (IPython's own rendering), that is measured
in the same run.
"""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import sessions
from client import Client
from measures import median

OURS, PLAIN, IPYKERNEL, XEUS, RAW = (
    "celldap", "celldap without IPython", "ipykernel", "xeus-python", "xeus-python raw")


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


def mb(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


def each(table, what: str, figures: dict[str, float], show, targets: dict[str, tuple], more: bool = False) -> None:
    """One row a peer; targets: name → (limit, as text). more: more is better."""
    for name, value in figures.items():
        limit, text = targets.get(name, (None, ""))
        met = None if limit is None else value > limit if more else value < limit
        table.add(f"{what}: {name}", show(value), value, text, met)


def below(limit: float, text: str, *names: str) -> dict[str, tuple]:
    return {name: (limit, f"< {text}") for name in names}


def starts(table, makers, python: str, rounds: int) -> None:
    found, alone = sessions.starts(makers, python, rounds)
    took = {name: {k: median([once[k] for once in rows]) for k in rows[0]} for name, rows in found.items()}
    column = lambda key: {name: figures[key] for name, figures in took.items()}  # noqa: E731
    each(table, "start to kernel_info", column("info"), ms, below(0.040, "40 ms", OURS, PLAIN))
    results = column("result")
    at_limit(table, "start to the first result", results.pop(OURS), 0.150, median(alone),
             "IPython's shell alone, from nothing to its first result")
    each(table, "start to the first result", results, ms, below(0.150, "150 ms", PLAIN))
    each(table, "memory at first idle", column("idle"), mb, below(20e6, "20 MB", OURS, PLAIN))
    each(table, "memory after the first cell", column("after"), mb, below(36e6, "36 MB", OURS, PLAIN))


def at_limit(table, what: str, value: float, target: float, limit: float, limit_is: str) -> None:
    """The figure of ours meets its target, or stands within 1.3 times of what IPython alone takes."""
    table.add(f"   {limit_is}", ms(limit), limit)
    table.add(f"{what}: {OURS}", ms(value), value, f"< {target * 1e3:g} ms or 1.3 x that",
              value < target or value < 1.3 * limit)


def cells(table, build: Path, python: str, kernels, rounds: int) -> None:
    clients = [Client(build, kernel, "shell") for kernel in kernels]
    try:
        info = sessions.round_trips(clients, rounds, "kernel_info_request")
        info = {name: median(values) for name, values in info.items()}
        each(table, "kernel_info to reply, nothing runs", info, ms, {})
        took = {name: median(values) for name, values in sessions.round_trips(clients, 4 * rounds).items()}
        alone = median([sessions.run_cell(python) for _ in range(3)])
        at_limit(table, "pass to reply", took.pop(OURS), 0.5e-3, info[OURS] + alone,
                 "kernel_info and IPython's own run_cell('pass')")
        each(table, "pass to reply", took, ms, below(0.3e-3, "0.3 ms", PLAIN))
        rates: dict[str, list[float]] = {kernel.name: [] for kernel in kernels}
        for _ in range(rounds):
            for client in clients:
                name = client.kernel.name
                rates[name].append(sessions.cells_a_second(client, 300 if name in (IPYKERNEL, XEUS) else 3000))
        each(table, "cells a second", {n: median(v) for n, v in rates.items()}, lambda v: f"{v:,.0f}",
             {OURS: (4000, "> 4,000"), PLAIN: (12000, "> 12,000")}, more=True)
    finally:
        for client in clients:
            client.leave()


def printing(table, kernels, rounds: int) -> None:
    rates: dict[str, list[float]] = {kernel.name: [] for kernel in kernels if kernel.name not in (XEUS, RAW)}
    for _ in range(rounds):
        for kernel in kernels:
            if kernel.name in rates:
                rate, lines = sessions.print_lines(kernel, 100_000)
                rates[kernel.name].append(rate if lines == 100_000 else 0)
    each(table, "100,000 lines printed, lines a second", {n: median(v) for n, v in rates.items()},
         lambda v: f"{v:,.0f}", {OURS: (500_000, "> 500,000"), PLAIN: (500_000, "> 500,000")}, more=True)


def while_busy(table, kernels, seconds: float) -> None:
    took = {k.name: sessions.while_busy(k, seconds, 200) for k in kernels if k.name not in (XEUS, RAW)}
    for kind, limit, text in (("kernel_info", 2e-3, "2 ms"), ("complete", 50e-3, "50 ms")):
        each(table, f"{kind} while a cell runs", {n: median(v[kind]) for n, v in took.items()}, ms,
             below(limit, text, OURS, PLAIN))
    each(table, "   complete when idle", {n: median(v["complete when idle"]) for n, v in took.items()}, ms, {})


def interrupts(table, kernels, rounds: int) -> None:
    able = [k for k in kernels if k.name in (OURS, PLAIN, IPYKERNEL)]
    for what, code in (("a loop", sessions.LOOP), ("a sleep", sessions.SLEEP)):
        took: dict[str, list[float]] = {k.name: [] for k in able}
        for _ in range(3 * rounds):
            for kernel in able:
                took[kernel.name].append(sessions.raised(kernel, code, kernel.name != IPYKERNEL))
        each(table, f"interrupt of {what} to KeyboardInterrupt", {n: median(v) for n, v in took.items()}, ms,
             below(1e-3, "1 ms", OURS, PLAIN))
    took = {k.name: [] for k in able}
    for _ in range(3 * rounds):
        for kernel in able:
            took[kernel.name].append(sessions.replied(kernel, kernel.name != IPYKERNEL))
    limit = median([sessions.rendering(k) for k in able if k.name == OURS for _ in range(3)])
    table.add("   IPython's own rendering of such a traceback", ms(limit), limit)
    each(table, "interrupt of a loop to its reply", {n: median(v) for n, v in took.items()}, ms,
         {OURS: (limit + 1e-3, "< rendering + 1 ms"), **below(2e-3, "2 ms", PLAIN)})


def herds(table, makers, count: int) -> None:
    took = {name: sessions.herd(make, count) for name, make in makers.items() if name != RAW}
    scale = count / 20
    column = lambda key: {name: figures[key] for name, figures in took.items()}  # noqa: E731
    each(table, f"{count} kernels, memory at first idle", column("idle"), mb,
         below(300e6 * scale, f"{300 * scale:.0f} MB", OURS))
    each(table, f"{count} kernels, memory after a cell each", column("after"), mb, {})
    each(table, f"{count} kernels, threads at first idle", column("threads"), str,
         below(160 * scale, f"{160 * scale:.0f}", OURS))


def rows(table, build: Path, python: str, quick: bool) -> None:
    rounds = 2 if quick else 5
    with tempfile.TemporaryDirectory(prefix="celldap-bench-") as folder:
        makers = sessions.makers(build, python, Path(folder))
        if importlib.util.find_spec("xeus_python_shell") is None:
            print("xeus-python: skipped: not installed here")
            del makers[XEUS], makers[RAW]
        starts(table, makers, python, rounds)
        kernels = [sessions.first_info(make)[0] for make in makers.values()]
        try:
            for kernel in kernels:
                sessions.done(kernel, "pass")
                kernel.iopub_ready()
                kernel.drain()
            cells(table, build, python, kernels, rounds)
            printing(table, kernels, rounds)
            while_busy(table, kernels, 1 if quick else 3)
            interrupts(table, kernels, rounds)
        finally:
            for kernel in kernels:
                kernel.close()
        herds(table, makers, 5 if quick else 20)
