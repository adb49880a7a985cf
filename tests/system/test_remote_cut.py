# SPDX-License-Identifier: BSD-3-Clause
"""A session whose connection to the server is cut and comes back, whose server drops messages, or whose
kernel or server goes away (suite 'remote')."""

import os
import signal

import pytest
from dap_client import DapClient
from jupyter_servers import GUARD, TOKEN, JupyterServer, Proxy
from remote_session import CELL, URI, attach, breakpoint_in, stop, top_frame, values


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = JupyterServer(tmp_path_factory.mktemp("server"))
    yield one
    one.close()


@pytest.fixture(params=["v1", "legacy"])
def proxy(request, server):
    hide = b"sec-websocket-protocol" if request.param == "legacy" else None
    one = Proxy(server.port, hide=hide)
    yield one
    one.close()


@pytest.fixture
def session(server, proxy):
    """An attached client."""
    with DapClient() as client:
        attach(client, server=f"http://127.0.0.1:{proxy.port}/user/ada/", token=TOKEN,
               kernelId=server.start_kernel())
        yield client
    server.end_kernels()


def cut_and_back(client, proxy):
    proxy.cut()
    client.output("is cut")
    proxy.resume()
    client.output("is back")


def test_a_stop_its_breakpoints_and_output_survive_a_cut(session, proxy):
    before = values(session, stop(session))
    cut_and_back(session, proxy)
    frame = top_frame(session)
    assert values(session, frame) == before
    assert session.take("stopped") == [] and session.take("continued") == []
    session.request("continue", {"threadId": 1})  # the breakpoint is in a loop
    assert session.event("stopped")["reason"] == "breakpoint"
    assert values(session, top_frame(session))["i"] == "1"
    breakpoint_in(session, CELL, [])
    session.request("continue", {"threadId": 1})
    session.output("6\n")
    assert session.disconnect() == 0


def noticed(server):
    """Until the server has seen the cut: what it writes before that is lost."""
    while any(k["connections"] for k in server.rest("GET", "kernels")):
        pass


def test_what_happens_while_it_is_cut_is_told_after_it(session, server, proxy, tmp_path):
    """The cell goes on when the test closes the pipe, which it does while there is no connection."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code = f"print(open({str(pipe)!r}).read())\n" + CELL
    source = breakpoint_in(session, code, [5])
    session.request("celldap/runCell", {"uri": source["path"]})
    session.request("threads")  # the cell was sent before
    with open(pipe, "w") as end:  # the cell has opened it too
        proxy.cut()
        session.output("is cut")
        noticed(server)
        end.write("while it was cut")
    proxy.resume()
    session.output("while it was cut")
    session.event("stopped")
    session.request("setBreakpoints", {"source": source, "breakpoints": []})
    session.request("continue", {"threadId": 1})
    session.output("6\n")
    assert session.disconnect() == 0


def test_a_request_that_is_made_while_it_is_cut_is_answered_after_it(session, proxy):
    stop(session)
    proxy.cut()
    session.output("is cut")
    asked = session.send("stackTrace", {"threadId": 1})
    proxy.resume()
    assert session.response(asked)["success"]
    assert session.disconnect() == 0


def test_a_cell_that_was_lost_on_its_way_is_given_up(session, proxy):
    """It is not sent again, since nobody knows that it did not run; the console works on."""
    proxy.swallowing = True
    asked = session.send("evaluate", {"expression": "6 * 7", "context": "repl"})
    assert proxy.swallowed.wait(GUARD)
    cut_and_back(session, proxy)
    reply = session.response(asked)
    assert not reply["success"] and "whether this ran is not known" in reply["message"]
    assert session.request("evaluate", {"expression": "6 * 7", "context": "repl"})["result"] == "42"
    assert session.disconnect() == 0


def test_a_program_that_went_on_meanwhile_is_told_so(session, server, proxy):
    """Another session takes the breakpoint away and lets it run."""
    stop(session)
    proxy.cut()
    session.output("is cut")
    with DapClient() as other:
        attach(other, server=server.url, token=TOKEN, kernelId=server.kernel_ids()[0])
        other.event("stopped")
        breakpoint_in(other, CELL, [4])  # the sessions by a server share their breakpoints
        breakpoint_in(other, CELL, [])
        other.request("continue", {"threadId": 1})
        other.output("6\n")
        assert other.disconnect() == 0
    proxy.resume()
    session.event("continued")
    assert session.disconnect() == 0


def test_a_session_ends_cleanly_while_it_is_cut(session, proxy):
    stop(session)
    proxy.cut()
    session.output("is cut")
    assert session.disconnect() == 0


def test_a_laptop_sleeps(session, proxy):
    """The adapter is stopped, its connection ends, and it goes on."""
    before = values(session, stop(session))
    os.kill(session.process.pid, signal.SIGSTOP)
    proxy.cut()
    proxy.resume()
    os.kill(session.process.pid, signal.SIGCONT)
    session.output("is back")
    assert values(session, top_frame(session)) == before
    assert session.disconnect() == 0


def test_a_stop_that_the_rate_limiter_dropped_is_found(tmp_path):
    """Ten messages are too much for this server: the stop behind them is dropped. On a machine that
    stands still for a second between them the bridge has asked already, and that lets the stop pass:
    then once more."""
    server = JupyterServer(tmp_path, limit=5)
    flood = "from IPython.display import display\nfor k in range(10): display(k)\n"
    try:
        with DapClient() as client:
            attach(client, server=server.url, token=TOKEN, kernelId=server.start_kernel())
            for _ in range(10):
                source = breakpoint_in(client, flood + CELL, [6])
                client.request("celldap/runCell", {"uri": source["path"]})
                client.output("rate exceeded")
                how = client.event("stopped").get("description")
                frame = client.request("stackTrace", {"threadId": 1})["stackFrames"][0]
                assert (frame["source"]["path"], frame["line"]) == (URI, 6)
                client.request("setBreakpoints", {"source": source, "breakpoints": []})
                client.request("continue", {"threadId": 1})
                assert client.request("evaluate", {"expression": "f(5)", "context": "repl"})["result"] == "10"
                if how:
                    break
            assert how == "Stopped while the server told nothing"
            assert client.disconnect() == 0
    finally:
        server.close()


def gone(session, words):
    session.output(words)
    session.event("terminated")
    assert session.disconnect() == 0


def test_a_kernel_that_is_ended_by_others(session, server):
    stop(session)
    server.end_kernels()
    gone(session, "the kernel is gone: ")


def test_a_kernel_that_dies_is_started_again_by_its_server(session):
    attach_pid = session.request("evaluate", {"expression": "__import__('os').getpid()", "context": "repl"})
    os.kill(int(attach_pid["result"]), signal.SIGKILL)
    session.output("the kernel was restarted")
    session.event("process")
    session.event("process")
    stop(session)
    assert session.disconnect() == 0


def test_a_server_that_goes_away(tmp_path):
    server = JupyterServer(tmp_path)
    try:
        with DapClient() as client:
            kernel = server.start_kernel()
            attach(client, server=server.url, token=TOKEN, kernelId=kernel)
            stop(client)
            server.process.terminate()
            server.process.wait(GUARD)
            client.output("is cut")
            assert client.disconnect() == 0
    finally:
        server.close()
