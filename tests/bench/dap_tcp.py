# SPDX-License-Identifier: BSD-3-Clause
"""debugpy without a kernel: a script under `python -m debugpy`, DAP over TCP with TCP_NODELAY on
every socket. The floor of what its engine can do."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from kernels import GUARD_S, DapError, free_ports


class Debugpy:
    def __init__(self, python: str, code: str, breakpoints: list[dict]):
        self.name = "debugpy over TCP"
        self.folder = tempfile.TemporaryDirectory(prefix="celldap-bench-")
        self.script = Path(self.folder.name, "script.py")
        self.script.write_text(code)
        port = free_ports(1)[0]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).with_name("nodelay")), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        self.process = subprocess.Popen(
            [python, "-m", "debugpy", "--listen", f"127.0.0.1:{port}", "--wait-for-client", str(self.script)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        self.sock = self.connect(port)
        self.stream = self.sock.makefile("rb")
        self.seq, self.thread = 0, 0
        self.early: list[dict] = []
        self.dap("initialize", {"clientID": "bench", "adapterID": "bench", "linesStartAt1": True,
                                "columnsStartAt1": True, "pathFormat": "path"})
        attached = self.send("attach", {"justMyCode": True})
        self.event("initialized")
        self.dap("setBreakpoints", {"source": {"path": str(self.script)}, "breakpoints": breakpoints})
        self.dap("configurationDone", {})
        self.reply(attached)

    def connect(self, port: int) -> socket.socket:
        end = time.monotonic() + GUARD_S
        while True:
            try:
                sock = socket.create_connection(("127.0.0.1", port), GUARD_S)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
            except ConnectionRefusedError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise

    def send(self, command: str, arguments: dict) -> int:
        self.seq += 1
        body = json.dumps({"type": "request", "seq": self.seq, "command": command, "arguments": arguments}).encode()
        self.sock.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return self.seq

    def message(self) -> dict:
        length = 0
        while (line := self.stream.readline().strip()):
            key, _, value = line.partition(b":")
            if key.lower() == b"content-length":
                length = int(value)
        return json.loads(self.stream.read(length))

    def take(self, fits) -> dict:
        for message in self.early:
            if fits(message):
                self.early.remove(message)
                return message
        while not fits(message := self.message()):
            self.early.append(message)
        return message

    def reply(self, seq: int) -> dict:
        message = self.take(lambda m: m["type"] == "response" and m["request_seq"] == seq)
        if not message["success"]:
            raise DapError(f"{self.name}: {message}")
        return message.get("body") or {}

    def event(self, name: str) -> dict:
        return self.take(lambda m: m["type"] == "event" and m["event"] == name).get("body") or {}

    def dap(self, command: str, arguments: dict | None = None) -> dict:
        return self.reply(self.send(command, arguments or {}))

    def timed_dap(self, command: str, arguments: dict) -> tuple[float, dict]:
        begin = time.perf_counter()
        body = self.dap(command, arguments)
        return time.perf_counter() - begin, body

    def next_stop(self, command: str | None = None) -> tuple[float, int]:
        begin = time.perf_counter()
        seq = command and self.send(command, {"threadId": self.thread})
        self.thread = self.event("stopped")["threadId"]
        took = time.perf_counter() - begin
        if seq:
            self.reply(seq)
        return took, self.thread

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.stream.close()
        self.sock.close()
        self.folder.cleanup()
