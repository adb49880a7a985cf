# SPDX-License-Identifier: BSD-3-Clause
"""Every request of the schema, and some that are not in it, in every state and with every kind of
bad arguments: exactly one reply (dap_client counts), soon, and the session still answers."""

import json
import time

import pytest
from bridge_files import notebook
from dap_client import DapClient, frame
from dap_requests import ENDING, MOVING, UNKNOWN, commands, huge_numbers, properties, wrong_types

LIMIT = 1.0  # seconds to a reply (contracts.md §8); a loaded machine gets more than one try
def before_initialize(client, tmp_path):
    pass


def initialized(client, tmp_path):
    client.initialize()


def running(client, tmp_path):
    client.launch(notebook(tmp_path, ["print('go')\nwhile True:\n    pass"]))
    client.output("go")


def stopped(client, tmp_path):
    nb = notebook(tmp_path, ["a = 1\nb = 2\nc = 3"])
    client.launch(nb, [({"path": f"{nb}#cell=0"}, [{"line": 2}])])
    client.event("stopped")


def idle(client, tmp_path):
    client.launch(notebook(tmp_path, ["a = 1"]))
    client.output("the notebook has run", "console")


def ended(client, tmp_path):
    client.launch(notebook(tmp_path, ["a = 1"]), exitWhenDone=True)
    client.event("terminated")


SITUATIONS = [before_initialize, initialized, running, stopped, idle, ended]


def alive_and_well(client, situation):
    reply = client.call("threads")
    assert reply["success"] == (situation is not before_initialize)


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_arguments(client, tmp_path, situation):
    situation(client, tmp_path)
    for command in commands():
        if command not in ENDING | MOVING:
            client.call(command)
            client.call(command, {})
    alive_and_well(client, situation)
    assert not client.open


@pytest.mark.parametrize("situation", SITUATIONS)
def test_wrong_types(client, tmp_path, situation):
    situation(client, tmp_path)
    for command in commands():
        if command in ENDING:
            continue
        for arguments in wrong_types(command) if properties(command) else [{"value": 1, "uri": 2}]:
            if command in MOVING and arguments.keys() != properties(command).keys():
                continue
            reply = client.call(command, arguments)
            if not reply["success"]:
                assert reply["body"]["error"]["id"] >= 1000 and reply["message"]
    for junk in ("x", 17, None, [1]):
        for command in ("threads", "evaluate", "setBreakpoints", "source"):
            client.call(command, junk)
    alive_and_well(client, situation)
    assert not client.open


@pytest.mark.parametrize("situation", SITUATIONS)
def test_unknown_things(client, tmp_path, situation):
    situation(client, tmp_path)
    for command in commands():
        if command in ENDING | MOVING:
            continue
        known = properties(command) or UNKNOWN
        client.call(command, {k: v for k, v in UNKNOWN.items() if k in known})
    alive_and_well(client, situation)
    assert not client.open


@pytest.mark.parametrize("situation", SITUATIONS)
def test_huge_numbers(client, tmp_path, situation):
    situation(client, tmp_path)
    for command in commands():
        if command not in ENDING | MOVING:
            for arguments in huge_numbers(command):
                client.call(command, arguments)
    alive_and_well(client, situation)
    assert not client.open


@pytest.mark.parametrize("situation", SITUATIONS)
def test_moving_requests(client, tmp_path, situation):
    situation(client, tmp_path)
    for command in sorted(MOVING):
        client.call(command, {"threadId": 1, "index": 0, "adapterID": "x"}
                    if command not in ("launch", "initialize") else {"program": 1, "adapterID": 1})
    assert not client.open


def test_a_refused_request_says_so(client):
    client.initialize()
    for command in ("stepBack", "reverseContinue", "terminateThreads", "disassemble"):
        assert "not supported" in client.error(command)["message"]
    assert "unknown command 'nonsense'" in client.error("nonsense")["message"]
    assert "unknown command" in client.error("dumpCell", {"code": "1"})["message"]


def test_wrong_state_is_told_by_its_word(client, tmp_path):
    running(client, tmp_path)
    for command, more in (("stackTrace", {"threadId": 1}), ("scopes", {"frameId": 1}),
                          ("variables", {"variablesReference": 1}), ("next", {"threadId": 1}),
                          ("evaluate", {"expression": "1", "context": "watch"})):
        assert client.error(command, more)["message"] == "notStopped"
    assert client.request("continue", {"threadId": 1}) == {"allThreadsContinued": True}
    assert not client.take("continued")


def test_second_initialize_is_an_error(client):
    client.initialize()
    assert client.error("initialize", {"adapterID": "x"})["body"]["error"]["id"] == 1020
    assert client.request("threads")


@pytest.mark.parametrize("arguments, field", [
    ({"pathFormat": "uri"}, "arguments.pathFormat"), ({"pathFormat": 1}, "arguments.pathFormat"),
    ({"linesStartAt1": 0}, "arguments.linesStartAt1"),
    ({"celldap": {"version": 2}}, "this celldap speaks version 1"),
    ({"celldap": {"version": 1, "events": [1]}}, "arguments.celldap.events[0]"),
])
def test_initialize_that_is_refused(client, arguments, field):
    assert field in client.error("initialize", {"adapterID": "x", **arguments})["message"]
    client.initialize()


@pytest.mark.parametrize("message", [
    [], 17, "x", {}, {"type": "request"}, {"seq": "1", "type": "request", "command": "threads"},
    {"seq": -1, "type": "request", "command": "threads"},
])
def test_messages_without_a_number_are_told_and_skipped(client, message):
    client.initialize()
    client.send_bytes(frame(json.dumps(message).encode()))
    client.output("no request", "important")
    assert client.request("threads")


@pytest.mark.parametrize("message", [
    {"type": "request"}, {"type": "nonsense", "command": "threads"}, {"type": "request",
                                                                     "command": 1},
    {"type": "request", "command": "threads", "arguments": 1},
])
def test_bad_requests_with_a_number_get_an_error(client, message):
    client.initialize()
    client.seq = 17
    command = message.get("command", "")
    client.open[17] = command if isinstance(command, str) else ""
    client.send_bytes(frame(json.dumps({**message, "seq": 17}).encode()))
    assert not client.response(17)["success"]
    assert client.request("threads")


def test_seq_0_is_echoed(client):
    client.initialize()
    client.seq = -1
    seq = client.send("threads")
    assert seq == 0 and client.response(0)["success"]


@pytest.mark.parametrize("situation", [initialized, running, stopped, idle])
def test_replies_come_soon(client, tmp_path, situation):
    situation(client, tmp_path)
    for command in ("threads", "stackTrace", "scopes", "variables", "loadedSources", "modules",
                    "setBreakpoints", "setExceptionBreakpoints", "completions", "celldap/cells"):
        best = LIMIT + 1
        for _ in range(3):
            begin = time.monotonic()
            client.call(command, {k: v for k, v in UNKNOWN.items() if k in properties(command)})
            best = min(best, time.monotonic() - begin)
        assert best < LIMIT, command
