# SPDX-License-Identifier: BSD-3-Clause
"""Long lives: interrupts at random moments, restarts, many kernels at once. Nothing hangs, nothing
is left behind, and memory afterwards is what it was before.

Short unless CELLDAP_SOAK=long. CELLDAP_SOAK_SEED repeats a run.
"""

import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import GUARD, wait_gone

LONG = os.environ.get("CELLDAP_SOAK") == "long"
SEED = int(os.environ.get("CELLDAP_SOAK_SEED", "0")) or random.randrange(1, 10**6)
pytestmark = pytest.mark.timeout(3600 if LONG else 300)

ENDLESS = {
    "loop": "while True:\n    pass",
    "sleep": "import time\nwhile True:\n    time.sleep(1000)",
    "calls": "def f(n):\n    return n and f(n - 1)\nwhile True:\n    f(50)",
    "print": "i = 0\nwhile True:\n    i += 1\n    print(i % 10, end='')\n    sum(range(10**4))",
    "lock": "import threading\nL = threading.Lock()\nL.acquire()\nL.acquire()",
    "await": "import asyncio\nawait asyncio.sleep(1000)",
    "select": "import select\nselect.select([], [], [], 1000)",
    "input": "input('?')",
}
BOUNDED = ["pass", "sum(range(3 * 10**5))", "1/0", "print('x' * 1000)", "[str(n) for n in range(10**4)]"]


swallowed = []  # the cells that needed a second interrupt


def moment(rng, most):
    threading.Event().wait(rng.random() * most)


def interrupt(kernel, by_message):
    """By message: main has its signal when this returns."""
    if by_message:
        assert kernel.ask("control", "interrupt_request")["status"] == "ok"
    else:
        os.kill(kernel.pid, signal.SIGINT)


def private_bytes(pid):
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def counts(pid):
    return {what: len(os.listdir(f"/proc/{pid}/{what}")) for what in ("task", "fd")}


def measured(kernel):
    """After the garbage is gone: an interrupted traceback may hold an open file till then."""
    kernel.run("import gc; gc.collect()", store_history=False)
    return private_bytes(kernel.pid), counts(kernel.pid)


def interrupt_endless(kernel, rng, name):
    """One interrupt, any time after the cell is known to run, is enough. A second one only keeps a
    failure short, and is one."""
    cell = kernel.start(ENDLESS[name], store_history=False, allow_stdin=True)
    cell.until(lambda m: m["msg_type"] == "execute_input")
    moment(rng, 0.02)
    interrupt(kernel, rng.random() < 0.5)
    second = threading.Timer(5, lambda: (swallowed.append(name), os.kill(kernel.pid, signal.SIGINT)))
    second.start()
    cell.wait()
    second.cancel()
    assert cell.reply["content"].get("ename") == "KeyboardInterrupt", (name, cell.reply["content"])


def interrupt_bounded(kernel, rng):
    """Before, while or after it runs: it is interrupted, or it is not; the next one is not."""
    cell = kernel.start(rng.choice(BOUNDED), store_history=False)
    moment(rng, 0.01)
    interrupt(kernel, True)
    cell.wait()
    assert cell.reply["content"].get("ename") in (None, "ZeroDivisionError", "KeyboardInterrupt")
    after = kernel.run("6 * 7", store_history=False)
    assert after.status == "ok" and after.result == "42", after.reply["content"]


def rounds(kernel, rng, count):
    for _ in range(count):
        name = rng.choice(list(ENDLESS))
        interrupt_endless(kernel, rng, name)
        interrupt_bounded(kernel, rng)


def over(kernel, rng, count):
    """Measured five times on the way. Python takes memory a megabyte at a time, and gives it back
    when the last object in it is gone: one measure alone may be several per cent off."""
    found = []
    for _ in range(5):
        rounds(kernel, rng, count // 5)
        found.append(measured(kernel))
    return found


@pytest.mark.parametrize("mode", ["ipython", "plain"])
def test_interrupts_at_random_moments(make_kernel, mode):
    rng = random.Random(SEED)
    swallowed.clear()
    print(f"CELLDAP_SOAK_SEED={SEED}")
    kernel = make_kernel(*(["--plain"] if mode == "plain" else []))
    if mode == "ipython":  # the sources that tracebacks show are parsed and kept, once each
        kernel.run("%xmode Minimal")
    for name in ENDLESS:  # everything that is loaded late is loaded now
        interrupt_endless(kernel, rng, name)
    warm = over(kernel, rng, 250 if LONG else 10)
    before, had = max(m[0] for m in warm), warm[-1][1]
    then = over(kernel, rng, 500 if LONG else 20)
    assert swallowed == []
    after, has = min(m[0] for m in then[-2:]), then[-1][1]
    assert all(has[what] <= had[what] for what in had), (had, has)
    grown = after / before
    print(f"{mode}: memory after / before: {grown:.4f}")
    if "ASAN_OPTIONS" not in os.environ:  # ASan keeps what was freed, to catch its use
        assert grown < (1.02 if LONG else 1.3)  # a short run is still warming up


def test_restarts(make_kernel):
    kernel = make_kernel()
    kernel.manager._launch_args.pop("stderr", None)  # a file that is closed by now
    folders = set()
    for _ in range(200 if LONG else 5):
        cell = kernel.run("import _celldap\nx = 1\n_celldap.cell_path('x')")
        assert cell.status == "ok"
        folders.add(os.path.dirname(cell.result.strip("'")))
        old = kernel.manager.provisioner.process.pid
        kernel.client.stop_channels()
        kernel.manager.restart_kernel(now=False)
        wait_gone(old)
        kernel.process = kernel.manager.provisioner.process
        kernel.client = kernel.connect()
        assert kernel.run("'x' in globals()").result == "False"
    assert not [f for f in folders if os.path.exists(f)]


def test_many_at_once(make_kernel):
    count = 50 if LONG else 6
    kernels = [make_kernel() for _ in range(count)]
    pids = [k.pid for k in kernels]

    def use(kernel):
        cell = kernel.run("import threading\nprint('here')\n6 * 7")
        assert cell.result == "42" and cell.stream("stdout") == "here\n"
        kernel.ask("control", "shutdown_request", {"restart": False})
        return kernel.process.wait(timeout=GUARD)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, kernels)) == [0] * count
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
