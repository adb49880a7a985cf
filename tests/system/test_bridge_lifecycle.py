# SPDX-License-Identifier: BSD-3-Clause
"""How sessions end: in any order, by anyone's death, no process stays behind (contracts.md §7)."""

import signal

import pytest
from bridge_files import notebook, program
from dap_client import DapClient, alive, frame, kill_hard, wait_gone

LOOP = ["print('go')\nwhile True:\n    pass"]
STOP = ["a = 1\nb = 2\nc = 3"]


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def running(client, tmp_path):
    client.launch(notebook(tmp_path, LOOP))
    client.output("go")


def stopped(client, tmp_path):
    nb = notebook(tmp_path, STOP)
    client.launch(nb, [({"path": f"{nb}#cell=0"}, [{"line": 2}])])
    client.event("stopped")


def idle(client, tmp_path):
    client.launch(notebook(tmp_path, STOP))
    client.output("the notebook has run", "console")


def file_running(client, tmp_path):
    client.launch(program(tmp_path, "print('go', flush=True)\nwhile True:\n    pass\n"))
    client.output("go")


def input_waits(client, tmp_path):
    client.launch(notebook(tmp_path, ["input('name? ')"]))
    client.output("waits for input", "console")


SITUATIONS = [running, stopped, idle, file_running, input_waits]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_disconnect(client, tmp_path, situation):
    situation(client, tmp_path)
    assert client.disconnect() == 0
    assert not alive(client.kernel_pid)
    order = [n for k, n, _ in client.timeline if k != "req"]
    assert order.index("exited") < order.index("terminated") < order.index("disconnect")
    assert order.count("terminated") == 1 and order[-1] == "disconnect"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_terminate_then_disconnect(client, tmp_path, situation):
    situation(client, tmp_path)
    client.request("terminate")
    client.event("exited")
    client.event("terminated")
    assert wait_gone(client.kernel_pid)
    assert client.error("evaluate", {"expression": "1"})["body"]["error"]["id"] == 1020
    assert client.request("terminate") == {}
    assert client.disconnect() == 0
    assert not client.take("terminated")


@pytest.mark.parametrize("situation", SITUATIONS)
def test_terminate_twice_and_disconnect_at_once(client, tmp_path, situation):
    situation(client, tmp_path)
    seqs = [client.send(c) for c in ("terminate", "terminate", "disconnect", "disconnect")]
    assert all(client.response(seq)["success"] for seq in seqs[:3])
    client.until_end()  # the first disconnect ends the stream: the second may find nobody
    last = client.responses.get(seqs[3])
    assert last is None or last["success"]
    assert client.process.wait() == 0 and not alive(client.kernel_pid)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_end_of_input(client, tmp_path, situation):
    situation(client, tmp_path)
    client.process.stdin.close()
    client.until_end()
    assert client.process.wait() == 0 and wait_gone(client.kernel_pid)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_editor_dies(client, tmp_path, situation):
    situation(client, tmp_path)
    client.kill()
    client.process.wait()
    assert wait_gone(client.kernel_pid)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_bridge_is_killed(client, tmp_path, situation):
    situation(client, tmp_path)
    kill_hard(client.process.pid)
    client.process.wait()
    assert wait_gone(client.kernel_pid)


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_ends_the_session(client, tmp_path, situation, number):
    situation(client, tmp_path)
    client.process.send_signal(number)
    client.until_end()
    assert client.process.wait() == 0 and wait_gone(client.kernel_pid)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_kernel_dies(client, tmp_path, situation):
    situation(client, tmp_path)
    kill_hard(client.kernel_pid)
    client.output("killed by signal 9", "important")
    assert client.event("exited") == {"exitCode": 137}
    client.event("terminated")
    assert client.request("threads")["threads"]
    assert client.disconnect() == 0


def test_disconnect_before_initialize(client):
    assert client.disconnect() == 0


def test_disconnect_while_the_kernel_starts(client, tmp_path):
    client.initialize()
    launch = client.send("launch", {"program": str(notebook(tmp_path, LOOP))})
    assert client.disconnect() == 0
    reply = client.responses[launch]
    assert not reply["success"] and reply["message"] == "cancelled"


def test_terminate_while_the_kernel_starts(client, tmp_path):
    client.initialize()
    launch = client.send("launch", {"program": str(notebook(tmp_path, LOOP))})
    client.request("terminate")
    client.event("terminated")
    assert client.response(launch)["message"] == "cancelled"
    assert client.disconnect() == 0


def test_terminate_before_launch(client):
    client.initialize()
    client.request("terminate")
    client.event("terminated")
    assert client.disconnect() == 0


def test_cancel_of_a_launch(client, tmp_path):
    client.initialize()
    launch = client.send("launch", {"program": str(notebook(tmp_path, LOOP))})
    client.request("cancel", {"requestId": launch})
    assert client.response(launch)["message"] == "cancelled"
    client.event("terminated")
    client.disconnect()


def test_requests_while_it_disconnects_are_answered(client, tmp_path):
    running(client, tmp_path)
    gone = client.send("disconnect")
    late = client.send("threads")
    assert not client.response(late)["success"]
    assert client.response(gone)["success"]


def test_restart_keeps_breakpoints(client, tmp_path):
    stopped(client, tmp_path)
    first = client.kernel_pid
    client.request("restart")
    assert client.kernel_pid != first and wait_gone(first)
    assert client.event("stopped")["hitBreakpointIds"] == [1]
    client.disconnect()


def test_restart_kernel_does_not_run(client, tmp_path):
    idle(client, tmp_path)
    client.request("celldap/restartKernel")
    body = {"expression": "'a' in globals()", "context": "repl"}
    assert client.request("evaluate", body)["result"] == "False"
    client.disconnect()


def test_restart_with_another_configuration(client, tmp_path):
    idle(client, tmp_path)
    other = notebook(tmp_path, ["print('the other')"], "other.ipynb")
    client.request("restart", {"arguments": {"program": str(other)}})
    client.output("the other")
    client.disconnect()


@pytest.mark.parametrize("data", [
    b"hello\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Content-Length: 99999999999\r\n\r\n",
    b"Content-Type: x\r\n\r\n", b"x" * 10000,
])
@pytest.mark.parametrize("situation", [None, stopped])
def test_broken_framing_is_told_and_ends_with_1(client, tmp_path, situation, data):
    client.initialize() if situation is None else situation(client, tmp_path)
    client.send_bytes(data)
    client.output("the connection is broken", "important")
    client.until_end()
    assert client.process.wait() == 1
    if client.kernel_pid:
        assert wait_gone(client.kernel_pid)


def test_message_cut_at_the_end(client):
    client.initialize()
    client.send_bytes(b"Content-Length: 100\r\n\r\n{")
    client.process.stdin.close()
    client.until_end()
    assert client.process.wait() == 1


def test_framing_in_any_chunks(client):
    data = frame({"seq": 1, "type": "request", "command": "initialize",
                  "arguments": {"adapterID": "x"}})
    data = b"\r\nX-Other: 1\r\n" + data.replace(b"Content-Length", b"content-LENGTH")
    client.seq, client.open[1] = 1, "initialize"
    for byte in data:
        client.send_bytes(bytes([byte]))
    assert client.response(1)["success"]
    client.event("initialized")
    client.disconnect()


@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_files_stay_behind(tmp_path, situation):
    folder = tmp_path / "run"
    folder.mkdir(0o700)
    with DapClient(env={"XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(folder)}) as client:
        situation(client, tmp_path)
        client.disconnect()
        assert wait_gone(client.kernel_pid)
    assert list(folder.iterdir()) == []
