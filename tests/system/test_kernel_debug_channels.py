# SPDX-License-Identifier: BSD-3-Clause
"""The two ways to the debugger (control channel, debug socket), and a kernel that stays alive while
a cell is stopped."""

import json

import pytest
import zmq
from jupyter_client.session import Session

from debug_socket import Debugger

CODE = """\
def f(a):
    b = a + 1
    return b
try:
    print('before')
    x = f(41)
except KeyboardInterrupt:
    print('interrupted')
    raise
print(x)"""


@pytest.fixture
def debugger(kernel):
    d = Debugger(kernel).attach()
    yield d
    d.close()


def beats(kernel):
    with zmq.Context() as context, context.socket(zmq.REQ) as req:
        req.linger = 0
        req.connect(f"tcp://127.0.0.1:{kernel.client.get_connection_info()['hb_port']}")
        req.send(b"ping")
        return req.poll(60_000) and req.recv() == b"ping"


def test_a_stopped_cell_leaves_every_channel_alive(kernel, debugger):
    debugger.breakpoint(CODE, 2)
    cell = kernel.start(CODE)
    thread = debugger.event("stopped")["content"]["body"]["threadId"]
    for _ in range(3):
        assert beats(kernel)
        for channel in ("shell", "control"):
            assert kernel.ask(channel, "kernel_info_request")["status"] == "ok"
        complete = kernel.ask("shell", "complete_request", {"code": "prin", "cursor_pos": 4})
        assert "print" in complete["matches"]
        inspect = {"code": "print", "cursor_pos": 3, "detail_level": 0}
        assert kernel.ask("shell", "inspect_request", inspect)["found"]
        assert debugger.ask("threads")["success"]
    assert debugger.ask("continue", threadId=thread)["success"]
    assert cell.wait().stream("stdout") == "before\n42\n"


def test_an_interrupt_while_stopped_is_one_keyboard_interrupt(kernel, debugger):
    debugger.breakpoint(CODE, 2)
    for _ in range(3):
        cell = kernel.start(CODE)
        debugger.event("stopped")
        assert kernel.ask("control", "interrupt_request")["status"] == "ok"
        cell.wait()
        assert cell.reply["content"]["ename"] == "KeyboardInterrupt"
        assert cell.stream("stdout") == "before\ninterrupted\n"


def test_output_before_a_stop_is_counted(kernel, debugger):
    """After iopub_count messages a subscriber has all that was printed before the stop."""
    debugger.breakpoint(CODE, 2)
    connection = json.loads(open(kernel.file).read())
    with debugger.context.socket(zmq.SUB) as sub:
        sub.linger = 0
        sub.connect(f"tcp://127.0.0.1:{connection['iopub_port']}")
        sub.subscribe("")
        assert sub.poll(60_000)
        welcome = debugger.session.recv(sub)[1]
        assert welcome["msg_type"] == "iopub_welcome"
        count = welcome["metadata"]["celldap"]["iopub_count"] + 1
        for _ in range(5):
            cell = kernel.start(CODE)
            until = debugger.event("stopped")["metadata"]["celldap"]["iopub_count"]
            text = ""
            for _ in range(until - count):
                assert sub.poll(60_000)
                m = debugger.session.recv(sub)[1]
                text += m["content"]["text"] if m["msg_type"] == "stream" else ""
            assert text.endswith("before\n")
            count = until
            debugger.ask("continue", threadId=1)
            cell.wait()


def test_shutdown_while_stopped(kernel, debugger):
    debugger.breakpoint(CODE, 2)
    kernel.start(CODE)
    debugger.event("stopped")
    kernel.ask("control", "shutdown_request", {"restart": False})
    assert kernel.ended() == 0


def control(kernel, seq, command, **arguments):
    content = {"type": "request", "seq": seq, "command": command, "arguments": arguments}
    return kernel.ask("control", "debug_request", content)


def test_the_control_channel_debugs_with_events_on_iopub(kernel):
    assert control(kernel, 1, "initialize", adapterID="x")["success"]
    assert control(kernel, 2, "attach")["success"]
    path = control(kernel, 3, "dumpCell", code=CODE)["body"]["sourcePath"]
    control(kernel, 4, "setBreakpoints", source={"path": path}, breakpoints=[{"line": 2}])
    cell = kernel.start(CODE)
    event = None
    while event is None or event["content"]["event"] != "stopped":
        event = kernel.iopub()
        while event["msg_type"] != "debug_event":
            cell.messages.append(event)
            event = kernel.iopub()
    assert event["content"]["body"]["reason"] == "breakpoint"
    assert event["parent_header"]["msg_id"] == cell.msg_id
    info = control(kernel, 5, "debugInfo")["body"]
    assert info["stoppedThreads"] == [event["content"]["body"]["threadId"]]
    assert control(kernel, 6, "continue", threadId=1)["success"]
    assert cell.wait().status == "ok"


def test_a_control_debug_request_is_between_busy_and_idle(kernel):
    content = {"type": "request", "seq": 0, "command": "debugInfo"}
    msg_id = kernel.send("control", "debug_request", content)
    states = []
    while states[-1:] != ["idle"]:
        m = kernel.iopub()
        if m["msg_type"] == "status" and m["parent_header"].get("msg_id") == msg_id:
            states.append(m["content"]["execution_state"])
    assert states == ["busy", "idle"]
    assert kernel.reply_to("control", msg_id)["content"]["request_seq"] == 0


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"type": "request"},
        {"type": "request", "seq": "x", "command": "threads"},
        {"type": "request", "seq": 1, "command": 7},
        {"type": "request", "seq": 1, "command": "makeCoffee"},
        {"type": "event", "seq": 1, "event": "stopped"},
        {"type": "request", "seq": 1, "command": "setBreakpoints", "arguments": []},
    ],
)
def test_a_wrong_debug_request_gets_one_error_reply(plain, content):
    d = Debugger(plain)
    reply = d.reply(d.send(content))
    assert reply["success"] is False
    assert plain.ask("control", "debug_request", content)["success"] is False
    assert control(plain, 9, "debugInfo")["success"]
    d.close()


def test_other_messages_on_the_debug_socket_are_ignored(plain):
    d = Debugger(plain)
    d.session.send(d.socket, "kernel_info_request", {})
    Session(key=b"forged").send(d.socket, "debug_request", {"type": "request"})
    assert d.attach().ask("threads")["success"]
    d.close()


def test_two_clients_see_a_stop(kernel):
    a, b = Debugger(kernel).attach(), Debugger(kernel).attach()
    a.breakpoint(CODE, 2)
    cell = kernel.start(CODE)
    assert a.event("stopped")["content"]["body"].get("hitBreakpointIds")
    assert not b.event("stopped")["content"]["body"].get("hitBreakpointIds")
    assert b.ask("continue", threadId=1)["success"]
    a.event("continued")
    assert cell.wait().status == "ok"
    a.close()
    b.close()
