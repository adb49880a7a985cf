# SPDX-License-Identifier: BSD-3-Clause
"""What arrives on the TCP port of `celldap serve`, in any pieces and broken in any way: a clear answer
and a clean end, and the server serves on."""

import json

import pytest
from dap_client import frame
from serve_client import Server, TcpClient

INITIALIZE = {"seq": 1, "type": "request", "command": "initialize",
              "arguments": {"adapterID": "celldap"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("served"), "--tcp", "127.0.0.1:0") as made:
        yield made
        assert made.ask("/healthz")[0] == 200
        assert made.end() == 0


@pytest.fixture
def client(server):
    made = TcpClient(server)
    yield made
    made.close()


def expect(client, data, seq=1, command="initialize"):
    """Sends raw bytes; the reply to the request in them."""
    client.open[seq] = command
    client.seq = max(client.seq, seq)
    client.send_bytes(data)
    return client.response(seq)


def test_split_byte_by_byte(client):
    data = frame(INITIALIZE)
    for i in range(len(data) - 1):
        client.send_bytes(data[i:i + 1])
    assert expect(client, data[-1:])["success"]


def test_two_in_a_packet(client):
    client.open[2] = "threads"
    assert expect(client, frame(INITIALIZE) + frame({"seq": 2, "type": "request",
                                                     "command": "threads"}))["success"]
    client.seq = 2
    client.response(2)


@pytest.mark.parametrize("header", ["content-length: %d\r\n\r\n", "CONTENT-LENGTH:%d\r\n\r\n",
                                    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n",
                                    "Content-Length:    %d\r\nContent-Type: x\r\n\r\n"])
def test_headers_in_any_case_and_order(client, header):
    body = json.dumps(INITIALIZE).encode()
    assert expect(client, header.encode() % len(body) + body)["success"]


def test_an_empty_body_is_skipped(client):
    assert expect(client, b"Content-Length: 0\r\n\r\n" + frame(INITIALIZE))["success"]


@pytest.mark.parametrize(("body", "text"), [
    (b"{nothing", "not JSON"), (b"\xff\xfe", "not JSON"), (b'["a"]', "no request"),
    (b"17", "no request"), (b'{"seq": 0}', "no request"), (b'"\\ud800"', "no"),
    (b'{"seq": "1", "type": "request", "command": "threads"}', "seq"),
])
def test_what_is_no_request_is_reported_and_skipped(client, body, text):
    client.initialize()
    client.send_bytes(frame(body))
    while True:
        message = client.receive()
        told = message.get("message") or message.get("body", {}).get("output", "")
        if text in told:
            break
    assert client.call("threads")


@pytest.mark.parametrize(("data", "text"), [
    (b"Content-Length: many\r\n\r\n", "not a number"), (b"Content-Length: -5\r\n\r\n", "not a number"),
    (b"Content-Length: 99999999999999999999\r\n\r\n", "over the limit"),
    (b"Content-Length: 68157440\r\n\r\n", "over the limit"), (b"X: " + b"y" * 5000 + b"\r\n\r\n", ""),
    (b"Content-Type: x\r\n\r\n", ""), (b"nonsense\r\n\r\n", ""), (b"\x00\x01\x02\x03\r\n\r\n", ""),
])
def test_broken_framing_is_told_once_and_ends_the_session(client, data, text):
    client.initialize()
    client.send_bytes(data)
    told = []
    while (message := client.receive()) is not None:
        if message.get("event") == "output":
            told.append(message["body"]["output"])
    assert len(told) == 1 and "broken" in told[0] and text in told[0]


def test_the_end_in_the_middle_of_a_message(client):
    client.initialize()
    client.send_bytes(b"Content-Length: 100\r\n\r\n{")
    client.socket.shutdown(1)
    client.until_end()


@pytest.mark.parametrize("arguments", [
    {"program": "/tmp/a\0b.ipynb"}, {"program": "x", "cwd": "/tmp\0"}, {"program": 5},
    {"program": ["x"]}, {"program": "/nowhere/x.ipynb"}, {"program": "x" * 100000},
])
def test_an_odd_launch_names_its_field(client, arguments):
    client.initialize()
    reply = client.error("launch", arguments)
    assert "arguments." in reply["message"]
    assert client.call("initialize")["success"] is False  # it answers on
