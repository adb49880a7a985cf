# SPDX-License-Identifier: BSD-3-Clause
"""dap_client beside a kernel: the debugger's client in C, so that what is timed is the kernel. One
client a kernel; the kernel itself is started and given cells by kernels.Kernel."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from kernels import DapError, Kernel

INITIALIZE = {"clientID": "bench", "adapterID": "bench", "linesStartAt1": True, "columnsStartAt1": True,
              "pathFormat": "path"}


class Client:
    """channel: "control", "shell" or (celldap only) "debug"."""

    def __init__(self, build: Path, kernel: Kernel, channel: str):
        self.kernel, self.channel = kernel, channel
        self.name = f"celldap ({channel})" if kernel.name.startswith("celldap (") else kernel.name
        where = str(kernel.info["celldap"]["debug_port"]) if channel == "debug" else channel
        self.process = subprocess.Popen([str(build / "tests/dap_client"), kernel.connection_file, where],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.thread = 0
        if channel == "debug":
            self.dap("celldap/hello", {"client": f"bench-{self.process.pid}"})

    def order(self, do: str, command: str = "", arguments: dict | None = None, count: int = 1, **more) -> dict:
        line = {"do": do, "command": command, "arguments": arguments or {}, "count": count, **more}
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "dap_client ended"}')
        if "error" in answer:
            raise DapError(f"{self.name}: {do} {command}: {answer['error']}\n{self.kernel.tail()}")
        self.thread = answer["thread"] or self.thread
        return answer

    def dap(self, command: str, arguments: dict | None = None) -> dict:
        return self.order("request", command, arguments).get("body") or {}

    def times(self, do: str, command: str, arguments: dict, count: int) -> list[float]:
        return [ns / 1e9 for ns in self.order(do, command, arguments, count)["ns"]]

    def start_debugging(self) -> None:
        self.dap("initialize", INITIALIZE)
        self.dap("attach", {"justMyCode": True})

    def set_breakpoints(self, code: str, *breakpoints: dict) -> None:
        path = self.dap("dumpCell", {"code": code})["sourcePath"]
        self.dap("setBreakpoints", {"source": {"path": path}, "breakpoints": list(breakpoints)})
        self.dap("configurationDone")

    def stops(self) -> int:
        return self.order("wait", event="stopped", count=0)["seen"].get("stopped", 0)

    def wait_stop(self, number: int) -> None:
        """Until so many `stopped` events came since the client was started."""
        self.order("wait", event="stopped", count=number)

    def leave(self) -> None:
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.leave()
        self.kernel.close()
