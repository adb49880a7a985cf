# SPDX-License-Identifier: BSD-3-Clause
"""Many clients of one server, and some that do not behave: nobody holds up anybody else."""

import json

import pytest
from bridge_files import notebook
from dap_client import BUILD
from serve_client import Server, WsClient

SANITIZED = "asan" in BUILD.parts  # its allocator keeps what is freed
FLOOD = "for i in range(200000): print('x' * 200)"  # 40 MB


@pytest.fixture
def book(tmp_path):
    return notebook(tmp_path, ["x = 1"])


@pytest.fixture
def serve(tmp_path):
    made = []

    def start(*arguments):
        made.append(Server(tmp_path, *arguments,
                           env={"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}))
        return made[-1]

    yield start
    for server in made:
        server.close()


def launch(server, book, **options):
    client = WsClient(server, **options)
    client.launch(book, cells=[])
    return client


class Stalled:
    """A client by hand, that reads when it is told to."""

    def __init__(self, server, book):
        self.client = WsClient(server, read=False, compression=None, max_queue=1)
        self.seq = 0
        self.ask("initialize", {"adapterID": "celldap"})
        self.ask("launch", {"program": str(book), "cells": []})
        self.ask("configurationDone")
        while not self.is_reply(self.read(), 2):
            pass

    def ask(self, command, arguments=None):
        self.seq += 1
        self.client.socket.send(json.dumps({"seq": self.seq, "type": "request", "command": command,
                                            "arguments": arguments or {}}))
        return self.seq

    def read(self):
        return json.loads(self.client.socket.recv())

    @staticmethod
    def is_reply(message, seq):
        return message["type"] == "response" and message["request_seq"] == seq


def memory(server):
    """Private and shared memory of the server, in MB."""
    with open(f"/proc/{server.process.pid}/smaps_rollup", encoding="utf-8") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("Pss:"))


def test_a_client_that_does_not_read_holds_up_nobody(serve, book):
    """Its output is left out, oldest first, and it is told; its replies are all there, in order; the
    kernel and the others never wait."""
    server = serve()
    stalled = Stalled(server, book)
    other = launch(server, book)
    flood = stalled.ask("evaluate", {"expression": FLOOD, "context": "repl"})
    last = stalled.ask("evaluate", {"expression": "'the end'", "context": "repl"})
    for _ in range(200):
        other.request("threads")
    assert other.request("evaluate", {"expression": "6 * 7", "context": "repl"})["result"] == "42"
    replies, printed, told, seq = [], 0, 0, None
    while last not in replies:
        message = stalled.read()
        assert seq is None or message["seq"] == seq + 1
        seq = message["seq"]
        if message["type"] == "response":
            replies.append(message["request_seq"])
        elif message["event"] == "output":
            told += "were left out" in message["body"]["output"]
            printed += message["body"]["output"].count("x")
    assert replies == [flood, last]
    assert (told > 0) == (printed < 200000 * 200)
    other.disconnect()


def test_a_client_that_reads_misses_nothing(serve, book):
    server = serve()
    client = launch(server, book, compression=None)
    seq = client.send("evaluate", {"expression": FLOOD.replace("200000", "50000"), "context": "repl"})
    client.response(seq)
    text = "".join(b["output"] for b in client.take("output") if b.get("category") == "stdout")
    assert text.count("x") == 50000 * 200


def test_compressed_websockets_carry_the_same(serve, book):
    """permessage-deflate: long messages in pieces, many short ones, both ways."""
    server = serve("--compress")
    client = launch(server, book)
    assert client.socket.protocol.extensions[0].name == "permessage-deflate"
    text = "import random; random.seed(1); s = ''.join(random.choices('abcdefgh \\n', k=3_000_000))"
    client.request("evaluate", {"expression": text + "; print(s)", "context": "repl"})
    for i in range(100):
        reply = client.request("evaluate", {"expression": f"{i} * 'é'", "context": "repl"})
        assert reply["result"] == repr("é" * i)
    got = "".join(b["output"] for b in client.take("output") if b.get("category") == "stdout")
    client.request("evaluate", {"expression": "import hashlib", "context": "repl"})
    digest = client.request("evaluate", {"expression":
                                         "hashlib.sha256((s + '\\n').encode()).hexdigest()",
                                         "context": "repl"})["result"]
    import hashlib

    assert repr(hashlib.sha256(got.encode()).hexdigest()) == digest
    client.disconnect()


def test_two_hundred_sessions_in_one_process(serve, book):
    """A thousand are the business of the benchmark; here each one answers and is given back."""
    server = serve()
    before = memory(server)
    clients = [WsClient(server, compression=None) for _ in range(200)]
    for client in clients:
        client.initialize()
    assert memory(server) - before < (100 if SANITIZED else 10)
    for client in clients:
        assert client.request("celldap/cells")["cells"] == []
        client.disconnect()
    assert server.end() == 0


def test_too_many_requests_at_once_are_told_so_and_can_be_cancelled(serve, book):
    server = serve()
    client = launch(server, book)
    running = client.send("evaluate", {"expression": "while True: pass", "context": "repl"})
    waiting = [client.send("evaluate", {"expression": str(i), "context": "repl"}) for i in range(1010)]
    refused = [client.response(seq) for seq in waiting[-11:]]
    assert all("wait for their answers" in reply["message"] for reply in refused)
    client.request("cancel", {"requestId": waiting[0]})
    assert client.response(waiting[0])["message"] == "cancelled"
    client.request("celldap/interrupt")
    assert "KeyboardInterrupt" in client.response(running)["message"]
    for i, seq in list(enumerate(waiting))[1:-11]:
        assert client.response(seq)["body"]["result"] == str(i)
    client.disconnect()
