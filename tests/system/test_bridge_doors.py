# SPDX-License-Identifier: BSD-3-Clause
"""The doors of an adapter that an editor connects to: --port and --pipe (contracts.md §10)."""

import os
import signal
import socket
import stat
import subprocess

import pytest
from bridge_files import notebook
from dap_client import GUARD, PROGRAM, alive, frame, wait_gone
from socket_client import SocketClient

CELLS = ["a = 1\nb = 2\nprint(a + b)"]


def arguments(door, tmp_path):
    return ["--port", "0"] if door == "port" else ["--pipe", str(tmp_path / "dap.sock")]


@pytest.fixture(params=["port", "pipe"])
def client(request, tmp_path):
    with SocketClient(arguments(request.param, tmp_path)) as c:
        yield c


def test_a_whole_session(client, tmp_path):
    nb = notebook(tmp_path, CELLS)
    client.launch(nb, [({"path": f"{nb}#cell=0"}, [{"line": 2}])])
    stop = client.event("stopped")
    client.request("next", {"threadId": stop["threadId"]})
    client.event("stopped")
    client.request("continue", {"threadId": stop["threadId"]})
    client.output("3\n")
    assert client.disconnect() == 0
    assert not alive(client.kernel_pid)


def test_a_connection_that_breaks_ends_the_session(client, tmp_path):
    nb = notebook(tmp_path, CELLS)
    client.launch(nb, [({"path": f"{nb}#cell=0"}, [{"line": 2}])])
    client.event("stopped")
    client.socket.shutdown(socket.SHUT_RDWR)
    assert wait_gone(client.kernel_pid)
    client.process.wait(GUARD)


@pytest.mark.parametrize("text", [
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
    b"Content-Length: 2\r\nOrigin: http://evil.example\r\n\r\n{}",
])
def test_what_a_web_page_could_send_closes_the_door(client, text):
    client.send_bytes(text)
    client.until_end()
    assert client.process.wait(GUARD) == 1


def test_one_client_only(client):
    client.initialize()
    with pytest.raises(OSError):
        client._socket()
    client.disconnect()


def test_a_pipe_is_ours_alone_and_goes(tmp_path):
    path = tmp_path / "dap.sock"
    process = subprocess.Popen([str(PROGRAM), "--pipe", str(path)], stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(path))
            s.sendall(frame({"seq": 1, "type": "request", "command": "disconnect"}))
            assert process.wait(GUARD) == 0
        assert not path.exists()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def test_a_socket_of_a_killed_adapter_is_replaced(tmp_path):
    path = tmp_path / "dap.sock"
    for _ in range(2):
        process = subprocess.Popen([str(PROGRAM), "--pipe", str(path)], stdout=subprocess.PIPE)
        assert process.stdout.readline().decode().strip().endswith(str(path))
        process.send_signal(signal.SIGKILL)
        process.wait(GUARD)
        process.stdout.close()


@pytest.mark.parametrize("arguments, text", [
    (["--port", "70000"], "0 to 65535"),
    (["--port", "x"], "0 to 65535"),
    (["--pipe", "/nowhere/at/all.sock"], "cannot listen on /nowhere/at/all.sock"),
    (["--pipe", "/tmp/" + "x" * 200], "longer than"),
    (["--pipe", os.path.abspath(__file__)], "cannot listen on"),
])
def test_mistakes_are_named(arguments, text):
    done = subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True,
                          timeout=GUARD, check=False)
    assert done.returncode != 0 and text in done.stderr and done.stdout == ""


def test_another_users_connection_is_closed():
    if os.getuid() != 0:
        pytest.skip("needs root, to be somebody else for once")
    process = subprocess.Popen([str(PROGRAM), "--port", "0"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        host, port = process.stdout.readline().decode().rsplit(" ", 1)[1].strip().split(":")
        stranger = os.fork()  # an exec would need an interpreter that a stranger may read
        if stranger == 0:
            os.setuid(65534)
            with socket.create_connection((host, int(port))) as s:
                os._exit(0 if s.recv(1) == b"" else 1)
        assert os.waitpid(stranger, 0)[1] == 0
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
