# SPDX-License-Identifier: BSD-3-Clause
"""Ports for the kernels that a test process starts.

jupyter_client asks the system for free ports and closes them again; until the kernel binds them,
the suite that runs beside this one may be given the same. So they come from below the range that
the system hands out, and each test process has a block of its own, held by a socket on its first
port. Imported by conftest.py, and by the processes of tests/peers.
"""

import itertools
import socket
from pathlib import Path

FIRST, BLOCK = 10000, 400
HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")
HOST = "127.0.0.1"


def _bound(port, reuse):
    """A socket on the port, or None where somebody has it."""
    s = socket.socket()
    # as ZeroMQ binds: a port whose last connections linger is free
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
    try:
        s.bind((HOST, port))
    except OSError:
        s.close()
        return None
    return s


def _free(port):
    s = _bound(port, reuse=1)
    if s:
        s.close()
    return s is not None


class Ports:
    """The block of this process; next() goes round it, so that a port rests after its use."""

    def __init__(self):
        end = int(HANDED_OUT.read_text().split()[0]) if HANDED_OUT.exists() else 32768
        for first in range(FIRST, min(end, 65536) - BLOCK, BLOCK):
            self.held = _bound(first, reuse=0)
            if self.held:
                self.round = itertools.cycle(range(first + 1, first + BLOCK))
                return
        raise OSError(f"no block of {BLOCK} ports between {FIRST} and {end} is left")

    def next(self):
        for port in itertools.islice(self.round, BLOCK):
            if _free(port):
                return port
        raise OSError(f"all {BLOCK} ports of this process are taken")


def use():
    """Every kernel manager of this process takes its ports from here."""
    from jupyter_client.connect import LocalPortCache

    ports = Ports()
    LocalPortCache.find_available_port = lambda _cache, _ip: ports.next()
