# SPDX-License-Identifier: BSD-3-Clause
"""What is measured through the bridge: a client on the adapter's pipes, and a server with very many
clients. Times in seconds, as an editor has them: from writing a request to having read its answer."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from dap_peer import INITIALIZE, DapPeer
from kernels import DapError

SCRIPT = """\
def work(n):
    total = 0
    for i in range(n):
        total += i
        total -= 1
    return total
work(10**9)
"""
STOP_LINE = 4


class Adapter(DapPeer):
    """A debug adapter that this process started, and talks to by its pipes."""

    def __init__(self, name: str, command: list[str], env: dict | None = None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        super().__init__(name, self.process.stdin, self.process.stdout)

    def launch(self, script: Path, line: int, **options) -> None:
        """Until the first stop."""
        self.reply(self.send("initialize", INITIALIZE))
        launched = self.send("launch", {"program": str(script), "console": "internalConsole", **options})
        self.event("initialized")
        self.reply(self.send("setBreakpoints", {"source": {"path": str(script)}, "breakpoints": [{"line": line}]}))
        self.reply(self.send("configurationDone"))
        self.reply(launched)
        self.thread = self.event("stopped")["threadId"]

    def clear(self, script: Path) -> None:
        self.reply(self.send("setBreakpoints", {"source": {"path": str(script)}, "breakpoints": []}))

    def close(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def celldap(build: Path) -> Adapter:
    return Adapter("celldap", [str(build / "bin/celldap")])


def debugpy(python: str) -> Adapter:
    return Adapter("debugpy", [python, "-m", "debugpy.adapter"], {"PYDEVD_DISABLE_FILE_VALIDATION": "1"})


def first_stops(build: Path, python: str, rounds: int) -> dict[str, list[float]]:
    """From starting the adapter to the first stop of a script."""
    took: dict[str, list[float]] = {"celldap": [], "debugpy": []}
    with tempfile.TemporaryDirectory(prefix="celldap-bench-") as folder:
        script = Path(folder, "script.py")
        script.write_text(SCRIPT)
        for _ in range(rounds):
            for make in (lambda: celldap(build), lambda: debugpy(python)):
                begin = time.perf_counter()
                adapter = make()
                adapter.launch(script, STOP_LINE, python=[python])
                took[adapter.name].append(time.perf_counter() - begin)
                adapter.close()
    return took


class JupyterServer:
    """A Jupyter Server of the remote tests' environment, with the build's kernel."""

    def __init__(self, build: Path):
        self.folder = tempfile.TemporaryDirectory(prefix="celldap-bench-")
        runtime = Path(self.folder.name, "runtime")
        self.process = subprocess.Popen(
            [str(build / "venv-remote/bin/python"), "-m", "jupyter_server", "--no-browser", "--allow-root",
             "--ServerApp.port=0", "--IdentityProvider.token=bench", f"--ServerApp.root_dir={self.folder.name}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_PATH": str(build / "share/jupyter")})
        self.url = next(found[0] for line in self.process.stderr if (found := re.findall(r"http://127\.0\.0\.1:\d+/", line)))
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def stopped_behind(adapter: Adapter, server: JupyterServer) -> None:
    """A cell of a kernel behind the server, stopped in a loop with no breakpoint left."""
    adapter.dap("initialize", INITIALIZE)
    attached = adapter.send("attach", {"server": server.url, "token": "bench", "kernelName": "celldap"})
    adapter.dap("configurationDone")
    adapter.reply(attached)
    source = {"path": "vscode-notebook-cell:/bench.ipynb#W0"}
    adapter.dap("celldap/cell", {"uri": source["path"], "notebook": "/bench.ipynb", "index": 0, "code": SCRIPT})
    adapter.dap("setBreakpoints", {"source": source, "breakpoints": [{"line": STOP_LINE}]})
    adapter.dap("celldap/runCell", {"uri": source["path"]})
    adapter.thread = adapter.event("stopped")["threadId"]
    adapter.dap("setBreakpoints", {"source": source, "breakpoints": []})


def proportional_set(pid: int) -> float:
    """Bytes of memory, shared pages counted by their share."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


class Browser:
    """One websocket of many."""

    def __init__(self, url: str, token: str):
        self.url, self.token, self.seq = url, token, 0
        self.waiting: dict[int, asyncio.Future] = {}

    async def open(self) -> Browser:
        from websockets.asyncio.client import connect

        self.socket = await connect(self.url + "/dap", subprotocols=["dap", f"token.{self.token}"], compression=None,
                                    max_size=None)
        self.reader = asyncio.create_task(self.read())
        return self

    async def read(self) -> None:
        async for text in self.socket:
            message = json.loads(text)
            if message["type"] == "response":
                self.waiting.pop(message["request_seq"]).set_result(message)

    def ask(self, command: str, arguments: dict | None = None) -> asyncio.Future:
        self.seq += 1
        self.waiting[self.seq] = asyncio.get_running_loop().create_future()
        text = json.dumps({"type": "request", "seq": self.seq, "command": command, "arguments": arguments or {}})
        asyncio.ensure_future(self.socket.send(text))
        return self.waiting[self.seq]

    async def begin(self, command: str, arguments: dict) -> None:
        begun = self.ask(command, arguments)
        await self.ask("configurationDone")
        reply = await begun
        if not reply["success"]:
            raise DapError(reply["message"])


async def latencies(clients: list[Browser], count: int) -> list[float]:
    took = []
    for i in range(count):
        begin = time.perf_counter()
        await clients[i % len(clients)].ask("threads")
        took.append(time.perf_counter() - begin)
    return took


async def crowd(server: subprocess.Popen, url: str, token: str, notebook: Path, runtime: Path, many: int,
                rounds: int) -> dict:
    found: dict = {"empty": proportional_set(server.pid)}
    clients: list[Browser] = []
    for _ in range(0, many, 50):
        clients += await asyncio.gather(*(Browser(url, token).open() for _ in range(50)))
    await asyncio.gather(*(c.ask("initialize", INITIALIZE) for c in clients))
    found["initialized"] = proportional_set(server.pid)
    for client in clients[:10]:
        await client.begin("launch", {"program": str(notebook), "cells": []})
    files = sorted(str(file) for file in runtime.glob("kernel-*.json"))
    for i, client in enumerate(clients[10:100]):
        await client.begin("attach", {"connectionFile": files[1 + i % 9]})
    found["attached"] = proportional_set(server.pid)
    stalled, reading, others = clients[0], clients[1], clients[20:100]
    stalled.reader.cancel()
    stalled.socket.transport.pause_reading()
    await latencies(others, 200)
    found["reading"], found["stalled"] = [], []
    flood = {"context": "repl", "expression": "for i in range(20000): print('x' * 200)"}  # 4 MB
    for _ in range(rounds):
        for who, client in (("reading", reading), ("stalled", stalled)):
            client.ask("evaluate", flood)
            found[who] += await latencies(others, 400)
    return found


def thousand(build: Path, many: int, rounds: int) -> dict:
    """Memory of one server with so many websockets, 100 of them on 10 kernels, and how long the others
    wait while one of them reads what its kernel prints, and while another one does not."""
    with tempfile.TemporaryDirectory(prefix="celldap-bench-") as folder:
        runtime, notebook = Path(folder, "runtime"), Path(folder, "nb.ipynb")
        notebook.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        server = subprocess.Popen([str(build / "bin/celldap"), "serve", "--alone", "1", folder], stdout=subprocess.PIPE,
                                  text=True, env={**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime)})
        try:
            url, _, token = server.stdout.readline().split()[-1].partition("/#token=")
            return asyncio.run(crowd(server, url.replace("http", "ws"), token, notebook, runtime, many, rounds))
        finally:
            server.terminate()
            server.wait()
