# SPDX-License-Identifier: BSD-3-Clause
"""debugpy without a kernel: a script under `python -m debugpy`, DAP over TCP with TCP_NODELAY on
every socket. The floor of what its engine can do."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from dap_peer import INITIALIZE, DapPeer
from kernels import GUARD_S, free_ports

NAME = "debugpy over TCP"


class Debugpy(DapPeer):
    def __init__(self, python: str, code: str, breakpoints: list[dict]):
        self.folder = tempfile.TemporaryDirectory(prefix="celldap-bench-")
        self.script = Path(self.folder.name, "script.py")
        self.script.write_text(code)
        port = free_ports(1)[0]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).with_name("nodelay")), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        self.process = subprocess.Popen(
            [python, "-m", "debugpy", "--listen", f"127.0.0.1:{port}", "--wait-for-client", str(self.script)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        self.sock = self.connect(port)
        super().__init__(NAME, self.sock.makefile("wb"), self.sock.makefile("rb"))
        self.dap("initialize", INITIALIZE)
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

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.reads.close()
        self.writes.close()
        self.sock.close()
        self.folder.cleanup()
