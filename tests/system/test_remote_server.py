# SPDX-License-Identifier: BSD-3-Clause
"""attach through a real Jupyter Server (suite 'remote'): which kernel, who we are, and the whole of a
session. One server for all, kernels of their own."""

import json
import os
import socket
import subprocess
import threading

import pytest
from dap_client import PROGRAM, DapClient, Failed
from jupyter_servers import GUARD, PASSWORD, TOKEN, Authority, JupyterServer, Proxy
from remote_session import CELL, attach, breakpoint_in, stop, top_frame, try_attach, values

MAX_REST = 16 << 20  # bytes of one answer that are taken
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = JupyterServer(tmp_path_factory.mktemp("server"))
    yield one
    one.close()


@pytest.fixture
def kernel(server):
    yield server.start_kernel()
    server.end_kernels()


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


@pytest.fixture
def proxy(server):
    """proxy(**options) makes one in front of the server."""
    made = []

    def make(**options):
        made.append(Proxy(server.port, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def at(port, scheme="http"):
    return f"{scheme}://127.0.0.1:{port}/user/ada/"


def error_of(client, **configuration):
    reply = try_attach(client, **configuration)
    assert not reply["success"]
    client.event("terminated")
    text = reply["body"]["error"]["format"]
    assert TOKEN not in text and PASSWORD not in text
    assert client.disconnect() == 0
    return text


def test_a_session_by_kernel_id(client, server, kernel):
    attach(client, server=server.url, token=TOKEN, kernelId=kernel)
    process = client.event("process")
    assert process["isLocalProcess"] is False and "systemProcessId" not in process
    frame = stop(client)
    assert values(client, frame) == {"n": "4", "total": "0", "i": "0"}
    assert client.request("evaluate", {"expression": "n * 2", "frameId": frame["id"]})["result"] == "8"
    client.request("next", {"threadId": 1})
    assert client.event("stopped")["reason"] == "step"
    frames = client.request("stackTrace", {"threadId": 1})["stackFrames"]
    assert frames[0]["line"] == 3
    breakpoint_in(client, CELL, [])
    client.request("continue", {"threadId": 1})
    client.output("6\n")
    assert client.disconnect() == 0
    assert server.kernel_ids() == [kernel]
    with DapClient() as second:  # and the next finds what the first left
        attach(second, server=server.url, token=TOKEN, kernelId=kernel)
        assert second.request("evaluate", {"expression": "f(5)", "context": "repl"})["result"] == "10"
        assert second.disconnect() == 0


def test_interrupt_goes_by_the_server(client, server, kernel):
    attach(client, server=server.url, token=TOKEN, kernelId=kernel)
    source = breakpoint_in(client, "print('in the loop')\nwhile True: pass", [])
    client.request("celldap/runCell", {"uri": source["path"]})
    client.output("in the loop")
    client.request("celldap/interrupt")
    client.output("KeyboardInterrupt")
    assert client.request("evaluate", {"expression": "6 * 7", "context": "repl"})["result"] == "42"
    assert client.disconnect() == 0


def test_input_travels_on_stdin(client, server, kernel):
    attach(client, server=server.url, token=TOKEN, kernelId=kernel)
    source = breakpoint_in(client, "print('got', input('name? '))", [])
    client.request("celldap/runCell", {"uri": source["path"]})
    client.output("name? ")
    client.request("evaluate", {"expression": "ada", "context": "repl"})
    client.output("got ada")
    assert client.disconnect() == 0


def test_restart_goes_by_the_server_and_breakpoints_are_set_again(client, server, kernel):
    attach(client, server=server.url, token=TOKEN, kernelId=kernel)
    source = breakpoint_in(client, CELL, [4])
    client.request("evaluate", {"expression": "x = 1", "context": "repl"})
    client.request("celldap/restartKernel")
    client.output("the kernel was restarted")
    client.event("process", lambda body: True)  # the first one
    client.event("process")
    assert "NameError" in client.error("evaluate", {"expression": "x", "context": "repl"})["message"]
    client.request("celldap/runCell", {"uri": source["path"]})
    assert client.event("stopped")["reason"] == "breakpoint"
    assert client.disconnect() == 0


def test_a_session_by_notebook(client, server):
    (server.notebooks / "a b.ipynb").write_text(json.dumps(NOTEBOOK))
    session = server.rest("POST", "sessions", {"path": "a b.ipynb", "name": "", "type": "notebook",
                                               "kernel": {"name": "celldap"}})
    attach(client, server=server.url, token=TOKEN, notebook="/a b.ipynb",
           celldap={"version": 1, "events": []})
    where = client.event("process")["celldap"]
    assert where == {"server": server.url, "kernelId": session["kernel"]["id"]}
    stop(client)
    assert client.disconnect() == 0
    with DapClient() as second:
        text = error_of(second, server=server.url, token=TOKEN, notebook="b.ipynb")
    assert "arguments.notebook 'b.ipynb'" in text and "'a b.ipynb'" in text
    server.end_kernels()


@pytest.mark.parametrize("terminate", [False, True])
def test_a_kernel_that_is_started_ends_only_when_that_is_asked_for(client, server, terminate):
    attach(client, server=f"{server.url}lab?token={TOKEN}", kernelName="celldap")
    stop(client)
    assert client.disconnect(terminateDebuggee=terminate) == 0
    assert len(server.kernel_ids()) == (0 if terminate else 1)
    server.end_kernels()


def test_ipykernel_by_the_server(server, fresh_peers):
    """Its own debugger, one request at a time."""
    clients = []

    def attempt():
        clients.append(DapClient())
        attach(clients[-1], server=server.url, token=TOKEN, kernelName="python3")
        return clients[-1], stop(clients[-1])

    client, frame = fresh_peers(attempt, (Failed, AssertionError))
    assert values(client, frame)["n"] == "4"
    sent = [client.send("evaluate", {"expression": f"n + {i}", "frameId": frame["id"]}) for i in range(4)]
    assert [client.response(s)["body"]["result"] for s in sent] == ["4", "5", "6", "7"]
    breakpoint_in(client, CELL, [])
    client.request("continue", {"threadId": 1})
    client.output("6\n")
    assert client.disconnect(terminateDebuggee=True) == 0
    for one in clients:
        one.close()
    server.end_kernels()


def stop_and_die(server, name):
    """The id of a kernel that is stopped; its adapter was killed."""
    kernel = server.start_kernel(name)
    with DapClient() as client:
        attach(client, server=server.url, token=TOKEN, kernelId=kernel)
        stop(client)
    return kernel


@pytest.mark.parametrize("name", ["celldap", "python3"])
def test_an_adapter_that_is_killed_leaves_the_stop_to_the_next(client, server, fresh_peers, name):
    if name == "python3":
        kernel = fresh_peers(lambda: stop_and_die(server, name), (Failed, AssertionError))
    else:
        kernel = stop_and_die(server, name)
    attach(client, server=server.url, token=TOKEN, kernelId=kernel)
    client.event("stopped")
    breakpoint_in(client, CELL, [4])
    assert values(client, top_frame(client))["n"] == "4"
    breakpoint_in(client, CELL, [])
    client.request("continue", {"threadId": 1})
    client.output("6\n")
    assert client.disconnect() == 0
    server.end_kernels()


def test_the_older_framing(server, kernel, proxy, tmp_path):
    log = tmp_path / "log"
    for port, framing in ((server.port, "v1"), (proxy(hide=b"sec-websocket-protocol").port, "legacy")):
        with DapClient(["--log", str(log), "--log-level", "info"]) as client:
            attach(client, server=at(port), token=TOKEN, kernelId=kernel)
            frame = stop(client)
            assert values(client, frame)["n"] == "4"
            assert client.disconnect() == 0
        text = log.read_text()
        assert f"the websocket is open, {framing} framing" in text
        assert TOKEN not in text


def test_password(client, server, kernel):
    attach(client, server=server.url, password=PASSWORD, kernelId=kernel)
    stop(client)
    client.request("celldap/interrupt")  # a POST, which wants X-XSRFToken
    client.output("KeyboardInterrupt")
    assert client.disconnect() == 0


@pytest.mark.parametrize("configuration, words", [
    ({"token": "wrong"}, "refuses arguments.token (status 403)"),
    ({"password": "wrong"}, "refuses arguments.password"),
    ({}, "wants arguments.token or arguments.password"),
    ({"token": TOKEN, "kernelId": "00000000-0000-0000-0000-000000000000"}, "no kernel '00000000-"),
    ({"token": TOKEN, "kernelId": None, "kernelName": "julia"}, "no arguments.kernelName 'julia'"),
])
def test_who_we_are_and_which_kernel_is_checked(client, server, kernel, configuration, words):
    assert words in error_of(client, **{"server": server.url, "kernelId": kernel, **configuration})


@pytest.mark.parametrize("configuration, field", [
    ({"server": "http://h/", "token": "t"}, "missing arguments.kernelId"),
    ({"server": "h:8888", "kernelId": "a"}, "arguments.server"),
    ({"server": "http://h/", "kernelId": "../api"}, "arguments.kernelId"),
    ({"server": "http://h/", "kernelId": "a", "kernelName": "b"}, "more than one of arguments.kernelId"),
    ({"server": "http://h/", "kernelId": "a", "token": "t", "password": "p"}, "arguments.token and arguments.password"),
    ({"server": "http://h/", "kernelId": "a", "token": "a\nb"}, "arguments.token"),
    ({"server": "https://h/", "kernelId": "a", "cacert": "/nowhere.pem"}, "arguments.cacert"),
    ({"token": "t", "kernelId": "a"}, "missing arguments.server"),
    ({"server": "http://h/", "kernelId": "a", "connectionFile": "latest"}, "arguments.connectionFile"),
])
def test_a_wrong_field_is_named(client, configuration, field):
    assert field in error_of(client, **configuration)


def test_servers_of_this_machine_are_found(server, kernel):
    env = {"JUPYTER_RUNTIME_DIR": str(server.runtime)}
    for configuration in ({"kernelId": kernel}, {"server": "auto", "kernelId": kernel}):
        with DapClient(env=env) as client:
            attach(client, **configuration)
            assert client.disconnect() == 0
    with DapClient(env={"JUPYTER_RUNTIME_DIR": str(server.folder)}) as client:
        assert "no Jupyter Server of yours runs" in error_of(client, kernelId=kernel)


def kernels(*arguments, **env):
    done = subprocess.run([PROGRAM, "kernels", *arguments], env={**os.environ, **env}, timeout=GUARD,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert TOKEN not in done.stdout + done.stderr
    return done


def test_kernels_of_servers_are_listed(server):
    (server.notebooks / "listed.ipynb").write_text(json.dumps(NOTEBOOK))
    session = server.rest("POST", "sessions", {"path": "listed.ipynb", "name": "", "type": "notebook",
                                               "kernel": {"name": "celldap"}})
    for arguments, env in (([], {"JUPYTER_RUNTIME_DIR": str(server.runtime)}),
                           (["--server", server.url, "--token", TOKEN], {}),
                           (["--server", server.url, "--password", PASSWORD], {})):
        listed = json.loads(kernels("--json", *arguments, **env).stdout)["servers"]
        assert [s["server"] for s in listed] == [server.url]
        (one,) = listed[0]["kernels"]
        assert (one["id"], one["name"], one["notebook"]) == (session["kernel"]["id"], "celldap", "listed.ipynb")
    shown = kernels(JUPYTER_RUNTIME_DIR=str(server.runtime)).stdout
    assert f"Kernels of {server.url}" in shown and session["kernel"]["id"] in shown
    server.end_kernels()


def test_kernels_of_a_server_that_refuses(server):
    done = kernels("--server", server.url, "--token", "wrong")
    assert done.returncode == 1 and "refuses arguments.token" in done.stdout
    done = kernels("--token", "t")
    assert done.returncode == 2 and "--server" in done.stderr


def answers(text):
    """A port where every connection is answered with this text."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                one, _ = listener.accept()
            except OSError:
                return
            with one:
                one.recv(65536)
                one.sendall(text)

    threading.Thread(target=serve, daemon=True).start()
    return listener, listener.getsockname()[1]


@pytest.mark.parametrize("text, words", [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "no Jupyter Server answers"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "no Jupyter Server answers"),
    (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "status 404"),
    (b"HTTP/1.1 302 Found\r\nLocation: /hub/login\r\nContent-Length: 0\r\n\r\n", "status 302"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_REST + 1) + b" " * (MAX_REST + 1), "16777216"),
    (b"220 mail.example ESMTP\r\n", "127.0.0.1"),
    (b"", "127.0.0.1"),
])
def test_a_server_that_is_none_gives_a_clear_error(client, text, words):
    listener, port = answers(text)
    with listener:
        assert words in error_of(client, server=f"http://127.0.0.1:{port}/", token=TOKEN, kernelId="a")


def test_a_server_is_found_by_its_name(client, server, kernel):
    """localhost is ::1 first on many machines, and the server listens on 127.0.0.1 alone."""
    attach(client, server=server.url.replace("127.0.0.1", "localhost"), token=TOKEN, kernelId=kernel)
    stop(client)
    assert client.disconnect() == 0
    with DapClient(env={"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}) as second:
        attach(second, server=server.url, token=TOKEN, kernelId=kernel)  # directly
        assert second.disconnect() == 0
    with DapClient() as second:
        text = error_of(second, server="http://nobody.invalid/", token=TOKEN, kernelId=kernel)
    assert "the host 'nobody.invalid' is not found" in text


def test_nobody_listens(client):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    text = error_of(client, server=f"http://127.0.0.1:{port}/", token=TOKEN, kernelId="a")
    assert f"127.0.0.1:{port}" in text and "cannot be reached" in text


def test_tls(server, kernel, proxy, tmp_path):
    authority = Authority(tmp_path)
    good = proxy(tls=authority.sign("good"))
    configuration = {"token": TOKEN, "kernelId": kernel}
    with DapClient() as client:
        attach(client, server=at(good.port, "https"), cacert=str(authority.file), **configuration)
        stop(client)
        assert client.disconnect() == 0
    for tls, more, words in (
        (authority.sign("late", expired=True), {"cacert": str(authority.file)}, "has expired"),
        (authority.sign("other", address="DNS:other.example"), {"cacert": str(authority.file)}, "IP address mismatch"),
        (authority.sign("unknown"), {}, "local issuer"),
    ):
        with DapClient() as client:
            text = error_of(client, server=at(proxy(tls=tls).port, "https"), **more, **configuration)
            assert "its certificate is not trusted" in text and words in text
