# SPDX-License-Identifier: BSD-3-Clause
"""The rows of the bridge: what it costs between an editor and a kernel, beside debugpy's adapter."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import bridge
from client import Client
from dap_peer import INITIALIZE
from dap_tcp import Debugpy
from kernels import celldap
from measures import STEPS, median


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3f} ms"


def mb(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


def own_cost(table, build: Path, python: str, rounds: int) -> None:
    """threads at the kernel's own socket and through the bridge, in turn."""
    kernel = celldap(build, python)
    direct = Client(build, kernel, "debug")
    adapter = bridge.celldap(build)
    try:
        direct.start_debugging()
        adapter.dap("initialize", INITIALIZE)
        attached = adapter.send("attach", {"connectionFile": kernel.connection_file})
        adapter.dap("configurationDone")
        adapter.reply(attached)
        at_kernel, through = [], []
        for _ in range(rounds):
            at_kernel += direct.times("request", "threads", {}, 20)
            through += [adapter.timed_dap("threads", {})[0] for _ in range(20)]
        cost = median(through) - median(at_kernel)
        table.add("threads at the kernel's own socket", ms(median(at_kernel)), median(at_kernel))
        table.add("threads through the bridge", ms(median(through)), median(through))
        table.add("   the bridge's own cost, the client in Python included", ms(cost), cost, "< 0.150 ms", cost < 0.15e-3)
    finally:
        adapter.close()
        direct.close()
        kernel.close()


def steps(table, build: Path, python: str, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="celldap-bench-") as folder:
        script = Path(folder, "script.py")
        script.write_text(bridge.SCRIPT)
        ours = bridge.celldap(build)
        theirs = bridge.debugpy(python)
        nodelay = Debugpy(python, STEPS, [{"line": 4}])
        try:
            for adapter in (ours, theirs):
                adapter.launch(script, bridge.STOP_LINE, python=[python])
                adapter.clear(script)
            nodelay.next_stop()
            nodelay.dap("setBreakpoints", {"source": {"path": str(nodelay.script)}, "breakpoints": []})
            took: dict[str, list[float]] = {"celldap": [], "debugpy": [], nodelay.name: []}
            for _ in range(rounds):
                took["celldap"] += [ours.next_stop("next")[0] for _ in range(10)]
                took["debugpy"] += [theirs.next_stop("next")[0] for _ in range(3)]
                took[nodelay.name] += [nodelay.next_stop("next")[0] for _ in range(10)]
            for name, values in took.items():
                value = median(values)
                target = ("< 0.600 ms", value < 0.6e-3) if name == "celldap" else ("", None)
                table.add(f"next to stopped through the adapter: {name}", ms(value), value, *target)
        finally:
            ours.close()
            theirs.close()
            nodelay.close()


def remote(table, build: Path, rounds: int) -> None:
    if not (build / "venv-remote/bin/python").exists():
        print("through a Jupyter Server: skipped: ./dev test remote makes the environment that it needs")
        return
    server = bridge.JupyterServer(build)
    adapter = bridge.celldap(build)
    try:
        bridge.stopped_behind(adapter, server)
        value = median([adapter.next_stop("next")[0] for _ in range(10 * rounds)])
        table.add("next to stopped through a Jupyter Server", ms(value), value)
        value = median([adapter.timed_dap("threads", {})[0] for _ in range(10 * rounds)])
        table.add("threads through a Jupyter Server", ms(value), value)
        adapter.dap("disconnect", {"terminateDebuggee": True})
    finally:
        adapter.close()
        server.close()


def starts(table, build: Path, python: str, rounds: int) -> None:
    for name, values in bridge.first_stops(build, python, rounds).items():
        value = median(values)
        target = ("< 100.000 ms", value < 0.1) if name == "celldap" else ("", None)
        table.add(f"launch of a .py file to its first stop: {name}", ms(value), value, *target)


def crowd(table, build: Path, quick: bool) -> None:
    many = 200 if quick else 1000
    found = bridge.thousand(build, many, 2 if quick else 5)
    table.add(f"celldap serve, nobody there: memory", mb(found["empty"]), found["empty"])
    each = (found["initialized"] - found["empty"]) / many
    table.add("   a websocket session, initialized", f"{each / 1e3:.1f} kB", each)
    table.add(f"   {many} sessions, 100 of them on 10 kernels", mb(found["attached"]), found["attached"], "< 100 MB",
              found["attached"] < 100e6)
    p99 = {name: statistics.quantiles(found[name], n=100)[98] for name in ("reading", "stalled")}
    table.add("   threads of the others beside one that reads 4 MB, p99", ms(p99["reading"]), p99["reading"])
    ratio = p99["stalled"] / p99["reading"]
    table.add("   the same beside one that does not read them", f"{ratio:.2f} x", ratio, "< 1.2 x", ratio < 1.2)


def rows(table, build: Path, python: str, quick: bool) -> None:
    own_cost(table, build, python, 10 if quick else 40)
    steps(table, build, python, 5 if quick else 20)
    remote(table, build, 5 if quick else 20)
    starts(table, build, python, 3 if quick else 9)
    crowd(table, build, quick)
