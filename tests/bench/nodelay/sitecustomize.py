# SPDX-License-Identifier: BSD-3-Clause
"""On PYTHONPATH of the peer that is measured with TCP_NODELAY: every socket of its Python code,
debugpy's adapter and server among them, gets it. (libzmq's sockets have it anyway.)"""

import socket

_accept = socket.socket.accept
_connect = socket.socket.connect


def _no_delay(sock: socket.socket) -> None:
    if sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def accept(self):
    sock, address = _accept(self)
    _no_delay(sock)
    return sock, address


def connect(self, address):
    _connect(self, address)
    _no_delay(self)


socket.socket.accept = accept
socket.socket.connect = connect
