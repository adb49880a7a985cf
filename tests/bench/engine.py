# SPDX-License-Identifier: BSD-3-Clause
"""The debugger's engine: what stops, requests and pauses take, and what a debugger costs code that
does not stop. Peers take turns, as in measures.py. Times in seconds."""

from __future__ import annotations

import contextlib
import time

from client import Client
from kernels import DapError, Kernel
from measures import STEPS

DATA = """\
big = list(range(1_000_000))
table = {f"key {i}": i for i in range(100_000)}
try:
    import numpy, pandas
    frame = pandas.DataFrame({f"column {i}": numpy.arange(100_000) * 1.5 for i in range(20)})
except ImportError:
    frame = None
"""

HITS = """\
def hits(n):
    total = 0
    for i in range(n):
        total += i
    return total
hits(10**9)
"""

PAUSES = {
    "a loop": "while True:\n    pass\n",
    "a sleep": "import time\nwhile True:\n    time.sleep(1000)\n",
    "select": "import os, select\nr, w = os.pipe()\nwhile True:\n    select.select([r], [], [])\n",
    "a lock": "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n",
}


def stop_at(peer, code: str, line: int, keep: bool) -> None:
    """Runs the code to a stop at the line; its breakpoint stays when keep is true."""
    if isinstance(peer, Client):
        before = peer.stops()
        peer.set_breakpoints(code, {"line": line})
        peer.kernel.execute(code)
        peer.wait_stop(before + 1)
        if not keep:
            peer.set_breakpoints(code)
    else:
        peer.next_stop()
        if not keep:
            peer.dap("setBreakpoints", {"source": {"path": str(peer.script)}, "breakpoints": []})


def times(peer, do: str, command: str, arguments: dict, count: int) -> list[float]:
    if isinstance(peer, Client):
        return peer.times(do, command, arguments, count)
    if do == "stop":
        return [peer.next_stop(command)[0] for _ in range(count)]
    return [peer.timed_dap(command, arguments)[0] for _ in range(count)]


def in_turn(peers: list, rounds: int, do: str, command: str, arguments: dict[str, dict],
            burst: int) -> dict[str, list[float]]:
    """A round: a burst of requests of each peer, of a slow one fewer. The first round is not counted."""
    took: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for number in range(rounds + 1):
        for peer in peers:
            slow = number and took[peer.name] and took[peer.name][-1] > 0.02
            got = times(peer, do, command, arguments[peer.name], 1 if slow or not number else burst)
            if number:
                took[peer.name] += got
    return took


def stop_in_loop(peers: list) -> dict[str, dict]:
    """Leaves the peers stopped in STEPS with no breakpoint set; the ids of frame and locals."""
    ids = {}
    for peer in peers:
        stop_at(peer, STEPS, 4, keep=False)
        frame = peer.dap("stackTrace", {"threadId": peer.thread})["stackFrames"][0]["id"]
        scope = peer.dap("scopes", {"frameId": frame})["scopes"][0]["variablesReference"]
        ids[peer.name] = {"frame": frame, "scope": scope}
    return ids


def requests(peers: list, ids: dict[str, dict], rounds: int) -> dict[str, dict[str, list[float]]]:
    each = {
        "stackTrace": lambda p: {"threadId": p.thread},
        "scopes": lambda p: {"frameId": ids[p.name]["frame"]},
        "variables": lambda p: {"variablesReference": ids[p.name]["scope"]},
        "evaluate": lambda p: {"expression": "total + 1", "frameId": ids[p.name]["frame"], "context": "watch"},
    }
    return {command: in_turn(peers, rounds, "request", command, {p.name: make(p) for p in peers}, 10)
            for command, make in each.items()}


def first_pages(peers: list, ids: dict[str, dict], rounds: int) -> dict[str, dict[str, list[float]]]:
    """The first hundred children of each of DATA's values, which the peers have as globals."""
    took: dict[str, dict[str, list[float]]] = {}
    for name in ("big", "table", "frame"):
        arguments = {}
        for peer in peers:
            made = peer.dap("evaluate", {"expression": name, "frameId": ids[peer.name]["frame"], "context": "watch"})
            arguments[peer.name] = {"variablesReference": made["variablesReference"], "start": 0, "count": 100}
        if not all(a["variablesReference"] for a in arguments.values()):
            continue  # no pandas here
        took[name] = in_turn(peers, rounds, "request", "variables", arguments, 3)
    return took


def columns(peer: Client, ids: dict[str, dict]) -> int:
    """How many of the frame's columns its children show."""
    made = peer.dap("evaluate", {"expression": "frame", "frameId": ids[peer.name]["frame"], "context": "watch"})
    children = peer.dap("variables", {"variablesReference": made["variablesReference"]})["variables"]
    return sum("column" in child["name"] for child in children)


# ---- pauses ----


def pauses(peer: Client, code: str, count: int) -> list[float]:
    """pause to `stopped`, of a cell that runs or waits; it is interrupted in the end."""
    begun = peer.kernel.execute("print('begun', flush=True)\n" + code)
    for _, message in peer.kernel.messages(peer.kernel.iopub):
        if message["parent"] == begun and message["type"] == "stream":
            break
    took = peer.times("pauses", "pause", {"threadId": peer.thread or 1}, count)
    peer.kernel.request(peer.kernel.control, "interrupt_request", {})
    for _, message in peer.kernel.messages(peer.kernel.shell):
        if message["parent"] == begun:
            break
    peer.kernel.drain()
    return took


def peer_pause(make, code: str, seconds: float) -> float | None:
    """One pause of a peer in a kernel of its own; None: no stop within the time."""
    kernel: Kernel = make()
    try:
        kernel.start_debugging()
        kernel.dap("configurationDone")
        kernel.run("pass")
        begun = kernel.execute("print('begun', flush=True)\n" + code)
        for _, message in kernel.messages(kernel.iopub):
            if message["parent"] == begun and message["type"] == "stream":
                break
        begin = time.perf_counter()
        kernel.send(kernel.control, "debug_request", kernel.dap_message("pause", {"threadId": 1}))
        while (left := begin + seconds - time.perf_counter()) > 0:
            if kernel.iopub.poll(left * 1000):
                message = kernel.receive(kernel.iopub)
                if message["type"] == "debug_event" and message["content"].get("event") == "stopped":
                    return time.perf_counter() - begin
        return None
    finally:
        kernel.close()


# ---- the price of code that does not stop ----

# What is timed: name → definitions, call, the same call for slow peers and how much smaller it is.
JSON = ("import json\ndoc = [{'n': i, 'text': 'abc' * 5, 'list': list(range(8))} for i in range(50)]\n"
        "class Plain(json.JSONEncoder):\n    pass\n"
        "def encode(n):\n    for i in range(n):\n        s = ''.join(Plain(indent=1).iterencode(doc))\n    return len(s)\n"
        "def other(n):\n    return n\n")
FIB = "def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\ndef other(n):\n    return n\n"
RAISES = ("def raising(n):\n    caught = 0\n    for i in range(n):\n        try:\n            raise ValueError(i)\n"
          "        except ValueError:\n            caught += 1\n    return caught\n")
OTHER_FILE = "def elsewhere(n):\n    return n + 1\n"
STEP_OVER = FIB + "def caller():\n    a = 1\n    b = fib(25)\n    return a + b\n"


def timed(peer, call: str, clock: str = "perf_counter") -> float:
    """clock: "thread_time", the thread's processor time, where what counts is the code's own price."""
    kernel = peer.kernel if isinstance(peer, Client) else peer
    code = f"import time as _t; _b = _t.{clock}(); {call}; _e = _t.{clock}() - _b"
    return float(kernel.run(code, "_e"))


def alternate(peer, prepare_with, prepare_without, call: str, pairs: int,
              clock: str = "perf_counter") -> tuple[list[float], list[float]]:
    with_it, without = [], []
    timed(peer, call)
    for _ in range(pairs):
        prepare_without()
        without.append(timed(peer, call, clock))
        prepare_with()
        with_it.append(timed(peer, call, clock))
    prepare_without()
    return with_it, without


def step_over(peer: Client, rounds: int) -> tuple[list[float], list[float]]:
    """`next` over the line that calls fib(25), to its `stopped`; and fib(25) timed without a stop."""
    stepped, plain = [], []
    peer.set_breakpoints(STEP_OVER, {"line": 9})
    peer.kernel.run(STEP_OVER)
    for _ in range(rounds):
        peer.set_breakpoints(STEP_OVER)
        plain.append(timed(peer, "fib(25)"))
        peer.set_breakpoints(STEP_OVER, {"line": 9})
        before = peer.stops()
        begun = peer.kernel.execute("caller()")
        peer.wait_stop(before + 1)
        stepped += peer.times("stop", "next", {"threadId": peer.thread}, 1)
        peer.dap("continue", {"threadId": peer.thread})
        for _, message in peer.kernel.messages(peer.kernel.shell):
            if message["parent"] == begun:
                break
        peer.kernel.drain()
    peer.set_breakpoints(STEP_OVER)
    return stepped, plain


def logged(peer: Client, count: int) -> dict[str, float]:
    """A logpoint at the one line of a loop's body: the loop's own time, and all texts received."""
    code = HITS.replace("hits(10**9)\n", "").replace("hits", "logging")
    peer.set_breakpoints(code, {"line": 4, "logMessage": "i is {i}"})
    peer.kernel.run(code)
    before = peer.order("wait", event="output", count=0)["seen"].get("output", 0)
    begin = time.perf_counter()
    seconds = timed(peer, f"logging({count})", "thread_time")
    seen = peer.order("wait", event="output", count=before + count)["seen"]["output"] - before
    took = time.perf_counter() - begin
    peer.set_breakpoints(code)
    return {"engine": count / seconds, "delivered": count / took, "lost": count - seen}


def peer_logged(kernel: Kernel, count: int) -> float:
    """Texts a second of a peer, which prints them or sends them as output events."""
    code = HITS.replace("hits(10**9)\n", "").replace("hits", "logging")
    kernel.set_breakpoints(code, {"line": 4, "logMessage": "i is {i}"})
    kernel.run(code)
    seconds = float(timed(kernel, f"logging({count})"))
    kernel.set_breakpoints(code)
    return count / seconds


def close(peers: list) -> None:
    for peer in peers:
        with contextlib.suppress(OSError, DapError):
            peer.close()
