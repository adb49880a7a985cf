# SPDX-License-Identifier: BSD-3-Clause
"""A DAP client of an adapter that listens: celldap --port and --pipe."""

import socket

from dap_client import DapClient


class SocketClient(DapClient):
    """The same client behind a socket."""

    def _connect(self):
        line = self.process.stdout.readline().decode()
        prefix = "DAP server listening at: "
        assert line.startswith(prefix), line
        self.address = line[len(prefix):].strip()
        self.socket = self._socket()
        return self.socket.makefile("wb"), self.socket.makefile("rb")

    def _socket(self):
        if self.address.startswith("/"):
            s = socket.socket(socket.AF_UNIX)
            s.connect(self.address)
            return s
        host, port = self.address.split(":")
        return socket.create_connection((host, int(port)))

    def close(self):
        self.socket.close()
        super().close()
