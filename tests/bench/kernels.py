# SPDX-License-Identifier: BSD-3-Clause
"""A Jupyter kernel with a lean client: raw DEALER sockets and a signature of our own, the same code
for every kernel that is compared."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import zmq

GUARD_S = 60  # against hangs only
DELIMITER = b"<IDS|MSG>"


def free_ports(count: int) -> list[int]:
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


class DapError(Exception):
    pass


class Kernel:
    """channel: where debug_requests go, "control" or (celldap only) "debug"."""

    def __init__(self, name: str, argv: list[str], channel: str = "control", env: dict[str, str] | None = None,
                 wait: bool = True):
        self.name, self.channel = name, channel
        self.folder = tempfile.TemporaryDirectory(prefix="celldap-bench-")
        self.key = uuid.uuid4().hex.encode()
        self.session = uuid.uuid4().hex
        names = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"]
        self.ports = dict(zip(names, free_ports(5)))
        path = Path(self.folder.name, "connection.json")
        self.connection_file = str(path)
        path.write_text(json.dumps({
            "transport": "tcp", "ip": "127.0.0.1", "signature_scheme": "hmac-sha256",
            "key": self.key.decode(), **self.ports,
        }))
        self.log = open(Path(self.folder.name, "log"), "w+b")
        self.process = subprocess.Popen(
            [a.replace("{connection_file}", str(path)) for a in argv], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, env={**os.environ, **(env or {})})
        self.zmq = zmq.Context()
        self.shell = self.connect(zmq.DEALER, self.ports["shell_port"])
        self.control = self.connect(zmq.DEALER, self.ports["control_port"])
        self.iopub = self.connect(zmq.SUB, self.ports["iopub_port"])
        self.sockets = [self.shell, self.control, self.iopub]
        self.dap_socket = self.control
        self.seq = 0
        self.events: list[dict] = []
        if wait:
            self.iopub_ready()
        if channel == "debug":
            self.open_debug_socket()

    def connect(self, kind: int, port: int, identity: bytes | None = None) -> zmq.Socket:
        sock = self.zmq.socket(kind)
        sock.linger = 0
        sock.reconnect_ivl = 2  # ms: a start is not measured in steps of the default, 100
        if kind == zmq.SUB:
            sock.subscribe(b"")
        elif identity:
            sock.identity = identity
        sock.connect(f"tcp://127.0.0.1:{port}")
        return sock

    def open_debug_socket(self) -> None:
        client = str(uuid.uuid4())
        self.dap_socket = self.connect(zmq.DEALER, self.info["celldap"]["debug_port"], client.encode())
        self.sockets.append(self.dap_socket)
        self.dap("celldap/hello", {"client": client})

    # ---- messages ----

    def frames(self, msg_type: str, content: dict, metadata: dict | None = None) -> tuple[str, list[bytes]]:
        """The message's id and its signed frames."""
        msg_id = uuid.uuid4().hex
        header = {"msg_id": msg_id, "session": self.session, "username": "bench", "version": "5.4",
                  "date": "2026-01-01T00:00:00Z", "msg_type": msg_type}
        frames = [json.dumps(part).encode() for part in (header, {}, metadata or {}, content)]
        digest = hmac.digest(self.key, b"".join(frames), hashlib.sha256).hex().encode()
        return msg_id, [DELIMITER, digest, *frames]

    def send(self, sock: zmq.Socket, msg_type: str, content: dict, metadata: dict | None = None) -> str:
        msg_id, frames = self.frames(msg_type, content, metadata)
        sock.send_multipart(frames)
        return msg_id

    @staticmethod
    def receive(sock: zmq.Socket) -> dict:
        frames = sock.recv_multipart()
        at = frames.index(DELIMITER)
        header, parent, metadata, content = (json.loads(f) for f in frames[at + 2:at + 6])
        return {"type": header["msg_type"], "parent": parent.get("msg_id"), "content": content, "metadata": metadata}

    def messages(self, *socks: zmq.Socket):
        """Every message of these sockets, in the order of arrival."""
        poller = zmq.Poller()
        for sock in socks:
            poller.register(sock, zmq.POLLIN)
        while True:
            ready = poller.poll(GUARD_S * 1000)
            if not ready:
                raise TimeoutError(f"{self.name}: no message for {GUARD_S} s\n{self.tail()}")
            for sock, _ in ready:
                yield sock, self.receive(sock)

    def tail(self) -> str:
        self.log.flush()
        return Path(self.log.name).read_text(errors="replace")[-2000:]

    def iopub_ready(self) -> None:
        """Asks kernel_info until iopub has shown a message: from then on none is lost."""
        end = time.monotonic() + GUARD_S
        while time.monotonic() < end:
            msg_id = self.send(self.shell, "kernel_info_request", {})
            while self.shell.poll(500):
                message = self.receive(self.shell)
                if message["parent"] == msg_id:
                    self.info = message["content"]
                    if self.iopub.poll(200):
                        return
                    break
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}\n{self.tail()}")
        raise TimeoutError(f"{self.name} does not start\n{self.tail()}")

    # ---- requests ----

    def request(self, sock: zmq.Socket, msg_type: str, content: dict) -> tuple[float, dict]:
        begin = time.perf_counter()
        msg_id = self.send(sock, msg_type, content)
        for _, message in self.messages(sock):
            if message["parent"] == msg_id and message["type"].endswith("_reply"):
                return time.perf_counter() - begin, message["content"]
        raise AssertionError

    def dap_message(self, command: str, arguments: dict) -> dict:
        self.seq += 1
        return {"type": "request", "seq": self.seq, "command": command, "arguments": arguments}

    def dap(self, command: str, arguments: dict | None = None) -> dict:
        return self.timed_dap(command, arguments or {})[1]

    def timed_dap(self, command: str, arguments: dict) -> tuple[float, dict]:
        begin = time.perf_counter()
        msg_id = self.send(self.dap_socket, "debug_request", self.dap_message(command, arguments))
        for _, message in self.messages(self.dap_socket):
            if message["type"] == "debug_event":
                self.events.append(message["content"])
            elif message["parent"] == msg_id:
                took = time.perf_counter() - begin
                if not message["content"].get("success"):
                    raise DapError(f"{self.name}: {command}: {message['content']}")
                return took, message["content"].get("body") or {}
        raise AssertionError

    def start_debugging(self) -> None:
        self.dap("initialize", {"clientID": "bench", "adapterID": "bench", "linesStartAt1": True,
                                "columnsStartAt1": True, "pathFormat": "path"})
        self.dap("attach", {"justMyCode": True})

    def set_breakpoints(self, code: str, *breakpoints: dict) -> None:
        path = self.dap("dumpCell", {"code": code})["sourcePath"]
        self.dap("setBreakpoints", {"source": {"path": path}, "breakpoints": list(breakpoints)})
        self.dap("configurationDone")

    def execute(self, code: str) -> str:
        return self.send(self.shell, "execute_request", {
            "code": code, "silent": False, "store_history": False, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": True})

    def run(self, code: str, expression: str = "None") -> str:
        """Runs the cell to its end; returns the text of an expression of its."""
        msg_id = self.send(self.shell, "execute_request", {
            "code": code, "silent": True, "store_history": False, "allow_stdin": False,
            "user_expressions": {"value": expression}, "stop_on_error": True})
        for _, message in self.messages(self.shell):
            if message["parent"] == msg_id:
                content = message["content"]
                if content["status"] != "ok":
                    raise RuntimeError(f"{self.name}: {content}")
                value = content["user_expressions"]["value"]
                return value["data"]["text/plain"]
        raise AssertionError

    def next_stop(self, command: str | None = None) -> tuple[float, int]:
        """Sends a request that makes the program stop again (or waits for a stop that is due);
        the time to the `stopped` event, and its thread. The reply has come when it returns."""
        begin = time.perf_counter()
        msg_id = command and self.send(self.dap_socket, "debug_request", self.dap_message(command, {"threadId": self.thread}))
        event_socket = self.dap_socket if self.channel == "debug" else self.iopub
        replied, took, thread = msg_id is None, None, None
        for sock, message in self.messages(*{self.dap_socket, event_socket}):
            if sock is event_socket and message["type"] == "debug_event":
                if message["content"].get("event") == "stopped":
                    took = time.perf_counter() - begin
                    thread = message["content"]["body"]["threadId"]
            elif message["parent"] == msg_id and message["type"] == "debug_reply":
                replied = True
            if replied and took is not None:
                self.thread = thread
                return took, thread
        raise AssertionError

    def drain(self) -> None:
        for sock in self.sockets:
            while sock.poll(0):
                sock.recv_multipart()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.zmq.destroy(linger=0)
        self.log.close()
        self.folder.cleanup()


def celldap(build: Path, python: str, channel: str = "control", wrap: list[str] | None = None) -> Kernel:
    argv = [str(build / "bin/celldap-kernel"), "-f", "{connection_file}", "--python", python]
    return Kernel(f"celldap ({channel})", [*(wrap or []), *argv], channel)


def ipykernel(python: str, no_delay: bool = False) -> Kernel:
    env = {"PYTHONPATH": str(Path(__file__).with_name("nodelay"))} if no_delay else {}
    env["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    name = "ipykernel with TCP_NODELAY" if no_delay else "ipykernel"
    return Kernel(name, [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"], env=env)
