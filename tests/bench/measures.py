# SPDX-License-Identifier: BSD-3-Clause
"""What is measured. Peers take turns: one round asks each once, so that what the machine does
meanwhile hits all alike. Times in seconds."""

from __future__ import annotations

import statistics
import threading
import time

from kernels import Kernel

STEPS = """\
def work(n):
    total = 0
    for i in range(n):
        total += i
        total -= 1
        total += 2
    return total
work(10**9)
"""

BRANCH = """\
def work(n):
    total = 0
    for i in range(n):
        if i < 0:
            total = -1
        total += i
    return total
"""
BRANCH_LINE = 5

CONDITION = """\
def counted(n):
    total = 0
    for i in range(n):
        total += i
    return total
"""
CONDITION_LINE = 4

TIMED = "import time as _t; _b = _t.perf_counter(); {call}; _e = _t.perf_counter() - _b"


def median(values: list[float]) -> float:
    return statistics.median(values)


def stop_in_loop(peer) -> None:
    """Leaves the peer stopped in STEPS with no breakpoint set."""
    if isinstance(peer, Kernel):
        peer.start_debugging()
        peer.set_breakpoints(STEPS, {"line": 4})
        peer.execute(STEPS)
        peer.next_stop()
        peer.set_breakpoints(STEPS)
    else:
        peer.next_stop()
        peer.dap("setBreakpoints", {"source": {"path": str(peer.script)}, "breakpoints": []})


def steps(peers: list, rounds: int) -> dict[str, list[float]]:
    """next → stopped."""
    took: dict[str, list[float]] = {p.name: [] for p in peers}
    for number in range(rounds + 2):
        for peer in peers:
            for _ in range(3):
                seconds = peer.next_stop("next")[0]
                if number >= 2:
                    took[peer.name].append(seconds)
    return took


def variables(peers: list, rounds: int) -> dict[str, list[float]]:
    """`variables` of the locals while stopped."""
    took: dict[str, list[float]] = {p.name: [] for p in peers}
    references = {}
    for peer in peers:
        frame = peer.dap("stackTrace", {"threadId": peer.thread})["stackFrames"][0]
        references[peer.name] = peer.dap("scopes", {"frameId": frame["id"]})["scopes"][0]["variablesReference"]
    for number in range(rounds + 2):
        for peer in peers:
            for _ in range(3):
                seconds, body = peer.timed_dap("variables", {"variablesReference": references[peer.name]})
                assert any(v["name"] == "total" for v in body["variables"]), body
                if number >= 2:
                    took[peer.name].append(seconds)
    return took


def timed_call(kernel: Kernel, call: str) -> float:
    return float(kernel.run(TIMED.format(call=call), "_e"))


def with_and_without(kernel: Kernel, code: str, call: str, breakpoint: dict, pairs: int) -> tuple[list[float], list[float]]:
    """The call with the breakpoint and without it, taken in turn."""
    with_it, without = [], []
    timed_call(kernel, call)
    for _ in range(pairs):
        kernel.set_breakpoints(code)
        without.append(timed_call(kernel, call))
        kernel.set_breakpoints(code, breakpoint)
        with_it.append(timed_call(kernel, call))
    kernel.set_breakpoints(code)
    return with_it, without


def no_op_spread(kernel: Kernel, code: str, call: str, pairs: int) -> tuple[float, float]:
    """The least and the greatest ratio of pairs that are alike."""
    ratios = []
    for _ in range(pairs):
        kernel.set_breakpoints(code)
        first = timed_call(kernel, call)
        kernel.set_breakpoints(code)
        ratios.append(timed_call(kernel, call) / first)
    return min(ratios), max(ratios)


def info_while_busy(kernel: Kernel, seconds: float, limit: int) -> list[float]:
    """kernel_info on shell while a cell runs that never sleeps; each request's time to its reply."""
    begun = kernel.execute(f"import time as _t; _end = _t.monotonic() + {seconds}\nprint('begun', flush=True)\n"
                           "while _t.monotonic() < _end: pass")
    for _, message in kernel.messages(kernel.iopub):
        if message["parent"] == begun and message["type"] == "stream":
            break
    took: list[float] = []
    end = time.monotonic() + seconds * 0.9
    while time.monotonic() < end and len(took) < limit:
        took.append(kernel.request(kernel.shell, "kernel_info_request", {})[0])
    for _, message in kernel.messages(kernel.iopub):
        if message["parent"] == begun and message["content"].get("execution_state") == "idle":
            break
    kernel.drain()
    return took


def in_threads(jobs: list) -> list:
    """Starts peers at once: each start takes a second."""
    results: list = [None] * len(jobs)

    def run(index: int, job) -> None:
        try:
            results[index] = job()
        except Exception as error:  # shown by the caller, in order
            results[index] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = [r for r in results if isinstance(r, Exception)]
    if failed:
        for peer in results:
            if hasattr(peer, "close"):
                peer.close()
        raise failed[0]
    return results
