# SPDX-License-Identifier: BSD-3-Clause
"""The rows of the debugger's engine: celldap beside ipykernel with debugpy, and debugpy alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import engine
from client import Client
from dap_tcp import Debugpy
from kernels import celldap, ipykernel
from measures import BRANCH, BRANCH_LINE, CONDITION, CONDITION_LINE, STEPS, in_threads, median

DEBUG, CONTROL = "celldap (debug)", "celldap (control)"


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3f} ms"


def p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def latency(table, what: str, took: dict[str, list[float]], limits: dict[str, float], tail: float | None = None) -> None:
    """p50 a peer against its limit, p99 beside it; tail: the limit of ours for that."""
    for name, values in took.items():
        middle, limit = median(values), limits.get(name)
        table.add(f"{what}: {name}", f"{ms(middle)}", middle, f"< {ms(limit)}" if limit else "",
                  middle < limit if limit else None)
        if limit:
            table.add(f"   p99: {name}", ms(p99(values)), p99(values), f"< {ms(tail)}" if tail else "",
                      p99(values) < tail if tail else None)
    for own in limits:
        for name, values in took.items():
            if name not in limits and own in took:
                ratio = median(values) / median(took[own])
                table.add(f"   {name} / {own}", f"{ratio:.1f} x", ratio, "> 1 x", ratio > 1)


def clients(build: Path, python: str, *channels: str) -> list[Client]:
    def make(channel: str) -> Client:
        client = Client(build, celldap(build, python), channel)
        client.start_debugging()
        return client
    return in_threads([lambda channel=channel: make(channel) for channel in channels])


def peers(build: Path, python: str) -> list:
    def shipped(no_delay: bool) -> Client:
        client = Client(build, ipykernel(python, no_delay=no_delay), "control")
        client.start_debugging()
        return client
    return clients(build, python, "debug", "control") + in_threads([lambda: shipped(False), lambda: shipped(True)])


def stopped(table, build: Path, python: str, quick: bool) -> None:
    """Everything that is asked of a stopped program."""
    rounds = 5 if quick else 20
    everybody = peers(build, python)
    everybody.append(Debugpy(python, engine.DATA + STEPS, [{"line": engine.DATA.count("\n") + 4}]))
    try:
        for peer in everybody[:-1]:
            peer.kernel.run(engine.DATA)
        ids = engine.stop_in_loop(everybody)
        threads = {p.name: {"threadId": p.thread} for p in everybody}
        latency(table, "next to stopped", engine.in_turn(everybody, rounds, "stop", "next", threads, 10),
                {DEBUG: 1e-3, CONTROL: 1e-3})
        for peer in everybody:  # a step ends the frame's ids
            frame = peer.dap("stackTrace", {"threadId": peer.thread})["stackFrames"][0]["id"]
            scope = peer.dap("scopes", {"frameId": frame})["scopes"][0]["variablesReference"]
            ids[peer.name] = {"frame": frame, "scope": scope}
        for command, took in engine.requests(everybody, ids, rounds).items():
            latency(table, command, took, {DEBUG: 0.3e-3, CONTROL: 0.5e-3})
        limits = {"big": 2e-3, "table": 2e-3, "frame": 5e-3}
        names = {"big": "list of a million, first page", "table": "dict of a hundred thousand, first page",
                 "frame": "DataFrame of 100,000 x 20, its columns"}
        for name, took in engine.first_pages(everybody, ids, max(3, rounds // 4)).items():
            latency(table, names[name], took, {DEBUG: limits[name], CONTROL: limits[name]})
            if name == "frame":
                shown = engine.columns(everybody[0], ids)
                table.add("   columns shown", str(shown), shown, "20", shown == 20)
    finally:
        engine.close(everybody)
    stepping(table, build, python, quick)


def stepping(table, build: Path, python: str, quick: bool) -> None:
    """Steps with their stackTrace, and hits with continue."""
    rounds = 3 if quick else 10
    everybody = peers(build, python)
    everybody.append(Debugpy(python, engine.HITS, [{"line": 4}]))
    try:
        for peer in everybody:
            engine.stop_at(peer, engine.HITS, 4, keep=True)
        threads = {p.name: {"threadId": p.thread} for p in everybody}
        took = engine.in_turn(everybody, rounds, "stop", "continue", threads, 10)
        latency(table, "continue to the next hit", took, {DEBUG: 1e-3, CONTROL: 1e-3})
        rates: dict[str, list[float]] = {p.name: [] for p in everybody[:-1]}
        for _ in range(rounds):
            for peer in everybody[:-1]:
                count = 300 if peer.name in (DEBUG, CONTROL) else 5
                rates[peer.name].append(count / sum(peer.times("steps", "", threads[peer.name], count)))
        for name, values in rates.items():
            rate = median(values)
            table.add(f"steps a second, each with its stackTrace: {name}", f"{rate:,.0f}", rate,
                      "> 3,000" if name == DEBUG else "", rate > 3000 if name == DEBUG else None)
    finally:
        engine.close(everybody)


def pausing(table, build: Path, python: str, quick: bool) -> None:
    (ours,) = clients(build, python, "debug")
    try:
        ours.dap("configurationDone")
        ours.kernel.run("pass")
        for what, code in engine.PAUSES.items():
            took = engine.pauses(ours, code, 200 if quick else 300)
            middle, tail = median(took), p99(took)
            table.add(f"pause in {what} to stopped: {DEBUG}", ms(middle), middle, "< 0.500 ms", middle < 0.5e-3)
            table.add("   p99", ms(tail), tail, "< 3.000 ms", tail < 3e-3)
            theirs = engine.peer_pause(lambda: ipykernel(python), code, 2.0)
            table.add("   ipykernel + debugpy", "never (2 s)" if theirs is None else ms(theirs), theirs or 2.0)
    finally:
        engine.close([ours])


def plain(python: str, code: str, call: str, rounds: int, clock: str = "perf_counter") -> list[float]:
    """The call in a Python without any debugger."""
    program = (f"{code}\nimport time\nfor _ in range({rounds + 1}):\n"
               f"    b = time.{clock}(); {call}; print(time.{clock}() - b)\n")
    done = subprocess.run([python, "-I", "-c", program], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return [float(line) for line in done.stdout.split()[1:]]


# what: code, call, the slow peers' call, how much less that does, the breakpoint's line
PRICES = {
    "attached, no breakpoint": (BRANCH, "work(400_000)", "work(400_000)", None),
    "a breakpoint on a branch not taken": (BRANCH, "work(400_000)", "work(40_000)", BRANCH_LINE),
    "a breakpoint in another file": (BRANCH, "work(400_000)", "work(400_000)", 0),
    "json encoding by generators": (engine.JSON, "encode(8)", "encode(8)", 10),
    "recursive fib": (engine.FIB, "fib(22)", "fib(22)", 6),
}
SHARE = {"a breakpoint on a branch not taken": 10}


def prices(table, build: Path, python: str, quick: bool) -> None:
    """Code that does not stop, with and without the debugger in turn, and beside plain Python."""
    pairs = 12 if quick else 30
    (ours,) = clients(build, python, "debug")
    bare = in_threads([lambda: celldap(build, python)] * 2)  # nobody attaches there
    theirs = ipykernel(python)
    theirs.start_debugging()
    try:
        for what, (code, call, slow_call, line) in PRICES.items():
            price(table, what, (ours, bare, theirs), code, call, slow_call, line, pairs, python)
        errors(table, ours, theirs, pairs, python)
        over(table, ours, pairs)
    finally:
        engine.close([ours, *bare, theirs])


def taken(ours: Client, bare: list, call: str, pairs: int, target: str, armed: list[dict]) -> tuple[list, list, list]:
    """Times with it and without it, and the ratios of pairs that are alike. Breakpoints come and go in
    one kernel; to be attached at all is compared with a kernel where nobody is."""
    with_it, without, alike = [], [], []
    for kernel in (ours, *bare):
        engine.timed(kernel, call)
    for _ in range(pairs):
        if armed:
            ours.set_breakpoints(target)
        without.append(engine.timed(ours if armed else bare[0], call))
        if armed:
            ours.set_breakpoints(target)
        alike.append(engine.timed(ours if armed else bare[1], call) / without[-1])
        ours.set_breakpoints(target, *armed)
        with_it.append(engine.timed(ours, call))
    ours.set_breakpoints(target)
    return with_it, without, alike


def price(table, what: str, kernels: tuple, code: str, call: str, slow_call: str, line: int | None, pairs: int,
          python: str) -> None:
    ours, bare, theirs = kernels
    for kernel in (ours.kernel, *bare, theirs):
        kernel.run(code)
    armed = [] if line is None else [{"line": line or 2}]
    target = engine.OTHER_FILE if line == 0 else code
    with_it, without, alike = taken(ours, bare, call, pairs, target, armed)
    theirs.set_breakpoints(target, *armed)
    slow = [engine.timed(theirs, slow_call) for _ in range(3)]
    theirs.set_breakpoints(target)
    ratio, high = median(with_it) / median(without), max(alike)
    table.add(f"{what}: wall time of that without", f"{ratio:.3f} x", ratio, f"<= {high:.3f} x (no-op)", ratio <= high)
    alone = median(plain(python, code, call, 5))
    table.add("   of a plain Python process", f"{median(with_it) / alone:.3f} x", median(with_it) / alone)
    times = median(slow) * SHARE.get(what, 1) / alone
    table.add("   ipykernel + debugpy, of a plain Python process", f"{times:.1f} x", times)


def errors(table, ours: Client, theirs, pairs: int, python: str) -> None:
    """raise and except in a loop: filters off beside plain, and the filters that do not stop here on."""
    call = "raising(100_000)"
    for kernel in (ours.kernel, theirs):
        kernel.run(engine.RAISES)
    alone = median(plain(python, engine.RAISES, call, 9, "thread_time"))
    off = lambda: ours.dap("setExceptionBreakpoints", {"filters": []})  # noqa: E731
    on = lambda: ours.dap("setExceptionBreakpoints", {"filters": ["uncaught", "userUnhandled"]})  # noqa: E731
    alike = engine.alternate(ours, off, off, call, pairs, "thread_time")
    spread = [second / first for second, first in zip(*alike, strict=True)]
    with_it, without = engine.alternate(ours, on, off, call, pairs, "thread_time")
    ratio = median(without) / alone
    table.add("exceptions in a loop, filters off: of plain Python", f"{ratio:.3f} x", ratio,
              f"<= {max(1.02, max(spread)):.3f} x (no-op)", ratio <= max(1.02, *spread))
    ratio = median(with_it) / median(without)
    table.add("   filters uncaught and userUnhandled on", f"{ratio:.3f} x", ratio, "< 1.3 x", ratio < 1.3)
    theirs.dap("setExceptionBreakpoints", {"filters": ["uncaught", "userUnhandled"]})
    slow = median([engine.timed(theirs, "raising(10_000)", "thread_time") for _ in range(3)]) * 10 / alone
    theirs.dap("setExceptionBreakpoints", {"filters": []})
    table.add("   ipykernel + debugpy with them, of plain Python", f"{slow:.1f} x", slow)


def over(table, ours: Client, pairs: int) -> None:
    stepped, alone = engine.step_over(ours, pairs)
    ratio = median(stepped) / median(alone)
    spread = [b / a for a, b in zip(alone[:-1], alone[1:], strict=True)]
    table.add("step over fib(25) from its caller: of fib(25)", f"{ratio:.3f} x", ratio,
              f"<= {max(spread):.3f} x (no-op)", ratio <= max(spread))


def hits(table, build: Path, python: str, quick: bool) -> None:
    """Conditions and log messages."""
    (ours,) = clients(build, python, "debug")
    theirs = ipykernel(python)
    theirs.start_debugging()
    pairs, count, few = (5 if quick else 15), 400_000, 20_000
    try:
        never = {"line": CONDITION_LINE, "condition": "i == -1"}
        for peer in (ours, theirs):
            peer.set_breakpoints(CONDITION)
        for kernel in (ours.kernel, theirs):
            kernel.run(CONDITION)
        with_it, without = engine.alternate(ours, lambda: ours.set_breakpoints(CONDITION, never),
                                            lambda: ours.set_breakpoints(CONDITION), f"counted({count})", pairs,
                                            "thread_time")
        rate, ratio = count / median(with_it), median(with_it) / median(without)
        table.add("a breakpoint with a false condition: hits a second", f"{rate:,.0f}", rate, "> 3,000,000", rate > 3e6)
        table.add("   against the bare loop", f"{ratio:.2f} x", ratio, "<= 6 x", ratio <= 6)
        theirs.set_breakpoints(CONDITION, never)
        slow = few / median([engine.timed(theirs, f"counted({few})", "thread_time") for _ in range(3)])
        theirs.set_breakpoints(CONDITION)
        table.add("   ipykernel + debugpy: hits a second", f"{slow:,.0f}", slow)
        table.add("   celldap / ipykernel + debugpy", f"{rate / slow:.1f} x", rate / slow)
        got = [engine.logged(ours, 100_000) for _ in range(2 if quick else 5)]
        rate = median([g["engine"] for g in got])
        table.add("logpoint: hits a second in the engine", f"{rate:,.0f}", rate, "> 300,000", rate > 300_000)
        rate = median([g["delivered"] for g in got])
        table.add("   100,000 texts delivered, a second", f"{rate:,.0f}", rate)
        lost = max(g["lost"] for g in got)
        table.add("   texts lost", str(lost), lost, "0", lost == 0)
        slow = engine.peer_logged(theirs, 2000)
        table.add("   ipykernel + debugpy: hits a second", f"{slow:,.0f}", slow)
    finally:
        engine.close([ours, theirs])


PARTS = {"stopped": stopped, "pausing": pausing, "prices": prices, "hits": hits}
