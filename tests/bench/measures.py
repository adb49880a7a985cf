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

def median(values: list[float]) -> float:
    return statistics.median(values)


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
