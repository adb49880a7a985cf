# SPDX-License-Identifier: BSD-3-Clause
"""The kernel as a session: starts, memory, round trips, output, interrupts, many kernels at once.
Times in seconds, memory in bytes (PSS of the process and its children)."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from client import Client
from kernels import Kernel
from measures import in_threads

LOOP = """\
import time as _t
try:
    print("begun", flush=True)
    while True:
        pass
except KeyboardInterrupt:
    _at = _t.perf_counter()
"""
SLEEP = LOOP.replace("        pass", "        _t.sleep(1000)")
BARE_LOOP = 'print("begun", flush=True)\nwhile True:\n    pass\n'
BUSY = "import time as _t\n_end = _t.monotonic() + {seconds}\nprint('begun', flush=True)\nwhile _t.monotonic() < _end: pass"
RENDERING = """\
import sys as _s, time as _t
try:
    raise KeyboardInterrupt
except KeyboardInterrupt:
    _sh, _i = get_ipython(), _s.exc_info()
    _sh.InteractiveTB.structured_traceback(*_i, tb_offset=1)
    _r = []
    for _ in range(9):
        _b = _t.perf_counter()
        _sh.InteractiveTB.structured_traceback(*_i, tb_offset=1)
        _r.append(_t.perf_counter() - _b)
"""

RUN_CELL = """\
import time
from IPython.core.interactiveshell import InteractiveShell
shell, took = InteractiveShell.instance(), []
for _ in range(501):
    begin = time.perf_counter()
    shell.run_cell("pass", store_history=False)
    took.append(time.perf_counter() - begin)
print(sorted(took)[250])
"""

Make = Callable[[], Kernel]


# ---- the process ----


def tree(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += tree(int(child))
    return found


def pss(pid: int) -> int:
    total = 0
    for member in tree(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def threads(pid: int) -> int:
    return sum(len(list(Path(f"/proc/{member}/task").iterdir())) for member in tree(pid))


def cpu(pid: int) -> int:
    ticks = 0
    for member in tree(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks


def settle(pids: list[int]) -> None:
    """Until the processes used no processor time for a quarter of a second."""
    clock = threading.Event()
    last, same = None, 0
    while same < 5:
        clock.wait(0.05)
        now = [cpu(pid) for pid in pids]
        same = same + 1 if now == last else 0
        last = now


# ---- starts and memory ----


def first_info(make: Make) -> tuple[Kernel, float]:
    """A start that fails (a port that another process took meanwhile) is not counted, but made again."""
    for _ in range(5):
        begin = time.perf_counter()
        kernel = make()
        asked = kernel.send(kernel.shell, "kernel_info_request", {})
        if kernel.shell.poll(10_000):
            for _, message in kernel.messages(kernel.shell):
                if message["parent"] == asked:
                    kernel.info = message["content"]
                    return kernel, time.perf_counter() - begin
        print(f"{kernel.name}: started again, it said nothing for 10 s: {kernel.tail()[-200:]!r}")
        kernel.close()
    raise TimeoutError(kernel.name)


def bare_ipython(python: str) -> float:
    """From nothing to the first result of IPython's shell without any kernel: the limit."""
    code = ("from IPython.core.interactiveshell import InteractiveShell as S\n"
            "S.instance().run_cell('1 + 1')\nimport os\nos.write(1, b'x')\nos._exit(0)")
    begin = time.perf_counter()
    subprocess.run([python, "-c", code], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - begin


def start_once(make: Make) -> dict[str, float]:
    kernel, info = first_info(make)
    try:
        begin = time.perf_counter()
        done(kernel, "1 + 1")
        result = info + time.perf_counter() - begin
        settle([kernel.process.pid])
        after = pss(kernel.process.pid)
    finally:
        kernel.close()
    kernel, _ = first_info(make)
    try:
        settle([kernel.process.pid])
        idle = pss(kernel.process.pid)
    finally:
        kernel.close()
    return {"info": info, "result": result, "idle": idle, "after": after}


def starts(makers: dict[str, Make], python: str, rounds: int) -> tuple[dict[str, list[dict[str, float]]], list[float]]:
    """Of each peer, and of IPython's shell alone in the same turns."""
    took: dict[str, list[dict[str, float]]] = {name: [] for name in makers}
    alone = []
    for number in range(rounds + 1):
        limit = bare_ipython(python)
        for name, make in makers.items():
            once = start_once(make)
            if number:  # the first one reads everything from the disk
                took[name].append(once)
        if number:
            alone.append(limit)
    return took, alone


def herd(make: Make, count: int) -> dict[str, float]:
    kernels = [kernel for kernel, _ in in_threads([lambda: first_info(make)] * count)]
    try:
        pids = [kernel.process.pid for kernel in kernels]
        settle(pids)
        figures = {"idle": sum(map(pss, pids)), "threads": sum(map(threads, pids))}
        for kernel in kernels:
            done(kernel, "1 + 1")
        settle(pids)
        return {**figures, "after": sum(map(pss, pids)), "threads after": sum(map(threads, pids))}
    finally:
        for kernel in kernels:
            kernel.close()


# ---- cells ----


def cell(code: str) -> dict:
    return {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False,
            "stop_on_error": True}


def done(kernel: Kernel, code: str) -> None:
    reply = kernel.request(kernel.shell, "execute_request", cell(code))[1]
    if reply["status"] != "ok":
        raise RuntimeError(f"{kernel.name}: {reply}")


def printed(kernel: Kernel, expression: str) -> str:
    msg_id = kernel.send(kernel.shell, "execute_request", cell(f"print({expression})"))
    for _, message in kernel.messages(kernel.iopub):
        if message["parent"] == msg_id and message["type"] == "stream":
            answered(kernel, msg_id)
            return message["content"]["text"]
    raise AssertionError


def round_trips(clients: list[Client], rounds: int, msg_type: str = "execute_request") -> dict[str, list[float]]:
    took: dict[str, list[float]] = {c.kernel.name: [] for c in clients}
    for number in range(rounds + 1):
        for client in clients:
            seconds = client.times("message", msg_type, cell("pass"), 20)
            if number:
                took[client.kernel.name] += seconds
            client.kernel.drain()
    return took


def cells_a_second(client: Client, count: int) -> float:
    """All are sent at once; until the last reply."""
    rate = count / client.order("flood", "execute_request", cell("pass"), count)["total"] * 1e9
    done(client.kernel, "pass")
    client.kernel.drain()
    return rate


def run_cell(python: str) -> float:
    """IPython's own time for a cell that does nothing, without any kernel."""
    return float(subprocess.run([python, "-c", RUN_CELL], check=True, capture_output=True, text=True,
                                stdin=subprocess.DEVNULL).stdout)


def print_lines(kernel: Kernel, count: int) -> tuple[float, int]:
    """Lines a second until all text and idle are here, and how many lines came."""
    begin = time.perf_counter()
    sent = kernel.send(kernel.shell, "execute_request", cell(f"for _i in range({count}): print(_i)"))
    text: list[str] = []
    for _, message in kernel.messages(kernel.iopub):
        if message["parent"] == sent and message["type"] == "stream":
            text.append(message["content"]["text"])
        elif message["parent"] == sent and message["content"].get("execution_state") == "idle":
            break
    took = time.perf_counter() - begin
    kernel.drain()
    return count / took, "".join(text).count("\n")


def begun(kernel: Kernel, code: str) -> str:
    """Starts a cell that says that it has begun."""
    msg_id = kernel.send(kernel.shell, "execute_request", cell(code))
    for _, message in kernel.messages(kernel.iopub):
        if message["parent"] == msg_id and message["type"] == "stream":
            return msg_id
    raise AssertionError


def answered(kernel: Kernel, msg_id: str) -> None:
    for _, message in kernel.messages(kernel.shell):
        if message["parent"] == msg_id:
            return


def while_busy(kernel: Kernel, seconds: float, limit: int) -> dict[str, list[float]]:
    """kernel_info and complete on shell while a cell runs. The first complete loads what it needs."""
    complete = {"code": "pri", "cursor_pos": 3}
    kernel.request(kernel.shell, "complete_request", complete)
    idle = [kernel.request(kernel.shell, "complete_request", complete)[0] for _ in range(9)]
    msg_id = begun(kernel, BUSY.format(seconds=seconds))
    took: dict[str, list[float]] = {"kernel_info": [], "complete": [], "complete when idle": idle}
    end = time.monotonic() + seconds * 0.9
    done = False
    while time.monotonic() < end and len(took["complete"]) < limit:
        for kind, content in (("kernel_info", {}), ("complete", complete)):
            begin = time.perf_counter()
            asked = kernel.send(kernel.shell, f"{kind}_request", content)
            for _, message in kernel.messages(kernel.shell):
                done = done or message["parent"] == msg_id
                if message["parent"] == asked:
                    break
            took[kind].append(time.perf_counter() - begin)
    if not done:
        answered(kernel, msg_id)
    kernel.drain()
    return took


def interrupt(kernel: Kernel, by_message: bool) -> float:
    begin = time.perf_counter()
    if by_message:
        kernel.send(kernel.control, "interrupt_request", {})
    else:
        kernel.process.send_signal(signal.SIGINT)
    return begin


def raised(kernel: Kernel, code: str, by_message: bool) -> float:
    """From asking to KeyboardInterrupt being caught in the cell: both read the same clock."""
    msg_id = begun(kernel, code)
    begin = interrupt(kernel, by_message)
    answered(kernel, msg_id)
    caught = float(printed(kernel, "_at"))
    kernel.drain()
    return caught - begin


def replied(kernel: Kernel, by_message: bool) -> float:
    """From asking to the execute_reply of a cell that does not catch it."""
    msg_id = begun(kernel, BARE_LOOP)
    begin = interrupt(kernel, by_message)
    answered(kernel, msg_id)
    took = time.perf_counter() - begin
    kernel.drain()
    return took


def rendering(kernel: Kernel) -> float:
    """IPython's own time for the text of such a traceback."""
    done(kernel, RENDERING)
    return float(printed(kernel, "sorted(_r)[4]"))


# ---- who takes part ----


def plain_python(folder: Path, python: str) -> str:
    """An environment without any package."""
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True, stdin=subprocess.DEVNULL)
    return str(folder / "bin/python")


def launched(name: str, argv: list[str], ipython_dir: Path) -> Kernel:
    env = {"IPYTHONDIR": str(ipython_dir), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return Kernel(name, [*argv, "-f", "{connection_file}"], env=env, wait=False)


def makers(build: Path, python: str, folder: Path) -> dict[str, Make]:
    profile = folder / "ipython"
    profile.mkdir()
    program = str(build / "bin/celldap-kernel")
    bare = plain_python(folder / "bare", python)
    argvs = {
        "celldap": [program, "--python", python],
        "celldap without IPython": [program, "--python", bare],
        "ipykernel": [python, "-m", "ipykernel_launcher"],
        "xeus-python": [python, "-m", "xpython_launcher"],
        "xeus-python raw": [python, "-m", "xpython_launcher", "--raw"],
    }
    return {name: (lambda name=name, argv=argv: launched(name, argv, profile)) for name, argv in argvs.items()}
