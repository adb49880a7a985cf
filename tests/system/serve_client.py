# SPDX-License-Identifier: BSD-3-Clause
"""`celldap serve` for tests: the server, and DAP clients of it by websocket and by TCP that check
what tests/system/dap_client.py checks."""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request

from dap_client import GUARD, PROGRAM, DapClient
from websockets.sync.client import connect


ALONE = "10"  # seconds: kernels that a test leaves behind end soon


class Server:
    def __init__(self, *arguments, env=None, cwd=None):
        self.process = subprocess.Popen(
            [str(PROGRAM), "serve", "--alone", ALONE, *map(str, arguments)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})}, cwd=cwd,
        )
        first = self.process.stdout.readline()
        found = re.search(r"(https?)://([^/#]*)/#token=([\w-]+)(?:&open=(\S+))?", first)
        if not found:
            raise AssertionError(f"no URL: {first!r} {self.process.communicate()[1]}")
        self.scheme, self.address, self.token, self.open = found.groups()
        self.port = int(self.address.rpartition(":")[2])
        self.tcp = None
        if "--tcp" in map(str, arguments):
            line = self.process.stdout.readline()
            self.tcp = int(re.match(r"DAP server listening at: 127\.0\.0\.1:(\d+)\n", line)[1])

    @property
    def url(self):
        return f"{self.scheme}://{self.address}"

    def ask(self, path, method="GET", token=True, data=None, **headers):
        """(status, headers, body) of one HTTP request."""
        request = urllib.request.Request(self.url + path, method=method, data=data)
        if token:
            request.add_header("Authorization", f"Bearer {self.token if token is True else token}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=GUARD) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def end(self):
        """SIGTERM, and the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(GUARD)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


class _NoProcess:
    """What DapClient knows of the process on the other side: here it outlives the client."""

    stdin = stdout = stderr = None

    def poll(self):
        return 0

    def wait(self, timeout=None):
        return 0


class _Client(DapClient):
    def __init__(self):
        self.process = _NoProcess()
        self.seq = self.last_seq_in = 0
        self.timeline, self.open, self.responses, self.events, self.asked = [], {}, {}, [], []
        self.inbox = queue.Queue()
        self.kernel_pid = None


class WsClient(_Client):
    def __init__(self, server, subprotocols=None, context=None, read=True, **options):
        """read: messages are taken in by a thread of ours, as DapClient wants them."""
        super().__init__()
        self.closed_with = None
        self.socket = connect(
            server.url.replace("http", "ws", 1) + "/dap", ssl=context, max_size=None,
            subprotocols=subprotocols or ["dap", f"token.{server.token}"], **options,
        )
        if read:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for message in self.socket:
                self.inbox.put(json.loads(message))
        except Exception as error:  # the connection broke: close code and reason below
            self.failure = error
        self.closed_with = (self.socket.close_code, self.socket.close_reason)
        self.inbox.put(None)

    def send_bytes(self, data):
        self.socket.send(data.partition(b"\r\n\r\n")[2].decode())

    def close(self):
        self.socket.close()

    def kill(self):
        """The browser is gone, without a goodbye."""
        self.socket.socket.shutdown(socket.SHUT_RDWR)


class TcpClient(_Client):
    def __init__(self, server):
        super().__init__()
        self.token = server.token
        self.socket = socket.create_connection(("127.0.0.1", server.tcp))
        self.output_stream = self.socket.makefile("rb")
        self.input = self.socket.makefile("wb")
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def send(self, command, arguments=None, **fields):
        if command in ("launch", "attach"):
            arguments = {"celldapToken": self.token, **(arguments or {})}
        return super().send(command, arguments, **fields)

    def close(self):
        self.kill()
        self.reader.join(GUARD)  # it has the stream that is closed here
        for part in (self.output_stream, self.input, self.socket):
            try:
                part.close()
            except OSError:
                pass

    def kill(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the server was first


