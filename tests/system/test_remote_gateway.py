# SPDX-License-Identifier: BSD-3-Clause
"""A kernel behind a real Enterprise Gateway with its local process proxy (suite 'remote'): it speaks the
older framing, and asks for its token as a Jupyter Server does."""

import pytest
from dap_client import DapClient
from jupyter_servers import TOKEN, Gateway, Proxy
from remote_session import CELL, attach, breakpoint_in, stop, top_frame, try_attach, values


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    one = Gateway(tmp_path_factory.mktemp("gateway"))
    yield one
    one.close()


@pytest.fixture
def proxy(gateway):
    one = Proxy(gateway.port)
    yield one
    one.close()


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def test_a_session(client, gateway, proxy):
    """Start, stop, variables, a cut, interrupt, end."""
    attach(client, server=f"http://127.0.0.1:{proxy.port}/", token=TOKEN, kernelName="celldap")
    before = values(client, stop(client))
    assert before == {"n": "4", "total": "0", "i": "0"}
    proxy.cut()
    client.output("is cut")
    proxy.resume()
    client.output("is back")
    assert values(client, top_frame(client)) == before
    client.request("next", {"threadId": 1})
    assert client.event("stopped")["reason"] == "step"
    breakpoint_in(client, CELL, [])
    client.request("continue", {"threadId": 1})
    client.output("6\n")
    source = breakpoint_in(client, "print('in the loop')\nwhile True: pass", [])
    client.request("celldap/runCell", {"uri": source["path"]})
    client.output("in the loop")
    client.request("celldap/interrupt")
    client.output("KeyboardInterrupt")
    assert client.disconnect(terminateDebuggee=True) == 0
    assert gateway.kernel_ids() == []


def test_a_kernel_that_runs_is_found(gateway):
    kernel = gateway.start_kernel()
    for _ in range(2):
        with DapClient() as client:
            attach(client, server=gateway.url, token=TOKEN, kernelId=kernel)
            assert client.request("evaluate", {"expression": "6 * 7", "context": "repl"})["result"] == "42"
            assert client.disconnect() == 0
    gateway.end_kernels()


def test_what_the_gateway_says_is_told(gateway):
    with DapClient(env={"USER": "root"}) as client:
        reply = try_attach(client, server=gateway.url, token=TOKEN, kernelName="celldap")
        assert "'root' is not authorized to start kernel" in reply["message"]
        assert client.disconnect() == 0


def test_wrong_token(client, gateway):
    reply = try_attach(client, server=gateway.url, token="wrong", kernelName="celldap")
    assert "refuses arguments.token" in reply["message"]
    client.event("terminated")
    assert client.disconnect() == 0
