# SPDX-License-Identifier: BSD-3-Clause
"""Every request in every state at the kernel's own debug socket, with every kind of bad arguments:
exactly one reply that fits the schema, and `threads` answers after. One kernel for all of a state's
rows; all are sent at once, so a reply that is missing or doubled shows."""

import pytest

from dap_requests import ENDING, MOVING, UNKNOWN, commands, huge_numbers, properties, wrong_types
from debug_socket import Debugger

# These move the program on; with bad arguments they may not.
LIVE = {"continue", "next", "stepIn", "stepOut", "pause", "goto", "restartFrame", "stepBack"}


def no_arguments(command):
    yield from (None, {}) if command not in LIVE else ()


def junk(command):
    yield from ("x", 17, [1])
    yield from wrong_types(command) if properties(command) else [{"value": 1}]


def unknown(command):
    if command not in LIVE:
        known = properties(command) or UNKNOWN
        yield {k: v for k, v in UNKNOWN.items() if k in known}


def huge(command):
    if command not in LIVE:
        yield from huge_numbers(command)


ARGUMENTS = [no_arguments, junk, unknown, huge]


def before_initialize(debugger):
    debugger.body("celldap/hello", client=debugger.identity)


def running(debugger):
    debugger.attach()
    cell = debugger.kernel.start("print('go')\nwhile True:\n    pass")
    cell.until_printed("go")
    return cell


def stopped(debugger):
    debugger.attach()
    return debugger.stop_at("def f(x):\n    return x\nf(1)", 2)[0]


def after_terminate(debugger):
    cell = stopped(debugger)
    debugger.body("terminate")
    assert cell.wait().status == "error"
    debugger.event("terminated")


def after_disconnect(debugger):
    cell = stopped(debugger)
    debugger.body("disconnect")
    assert cell.wait().status == "ok"


def ask_all(debugger, kind):
    """Sends everything, then counts the replies."""
    waiting = {}
    for command in commands():
        # one of these ends or changes the state; a wrong type in each of its fields does not
        if command in ENDING | {"initialize", "attach"} and kind is not junk:
            continue
        for arguments in kind(command):
            some = isinstance(arguments, dict) and arguments.keys() != properties(command).keys()
            if command in ENDING | MOVING | LIVE and (some or kind is not junk):
                continue
            debugger.seq += 1
            content = {"type": "request", "seq": debugger.seq, "command": command}
            if arguments is not None:
                content["arguments"] = arguments
            waiting[debugger.send(content)] = content
    asked = dict(waiting)
    while waiting:
        message = debugger.receive_checked()
        if message["msg_type"] == "debug_reply":
            request = waiting.pop(message["parent_header"]["msg_id"])
            reply = message["content"]
            assert reply["request_seq"] == request["seq"], request
            assert reply["command"] == request["command"], request
            if not reply["success"]:
                error = reply["body"]["error"]
                assert error["id"] >= 1000 and error["format"] and reply["message"], request
                assert error["id"] not in (1000, 1001), (request, reply)
    return len(asked)


@pytest.mark.parametrize(
    "state", [before_initialize, running, stopped, after_terminate, after_disconnect]
)
def test_every_request_has_one_reply(make_kernel, state):
    kernel = make_kernel("--plain")
    debugger = Debugger(kernel)
    cell = state(debugger)
    for kind in ARGUMENTS:
        assert ask_all(debugger, kind) > 30
        reply = debugger.ask("threads")
        if state in (running, stopped, after_terminate):
            assert reply["success"] and reply["body"]["threads"][0]["id"] == 1, kind
    assert not debugger.socket.poll(50)  # no reply came twice
    if state is running:
        debugger.body("terminate")
        assert cell.wait().status == "error"
    elif state is stopped:
        assert debugger.go_on(cell).status == "ok", cell.reply["content"]
    assert kernel.run("1 + 1").result == "2"
    debugger.close()
