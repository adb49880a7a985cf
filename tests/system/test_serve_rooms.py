# SPDX-License-Identifier: BSD-3-Clause
"""Kernels that `celldap serve` started: they outlive tabs, and nothing is lost while nobody looks
(contracts.md §7)."""

import json
import signal

import pytest
from bridge_files import notebook
from dap_client import DapClient, wait_gone
from serve_client import Server, WsClient

CELLS = ["def f(n):\n    return n + 1", "print('before')\ny = f(1)\nprint('after', y)",
         "import os\nprint(os.getpid())", "while True: pass"]
EVENTS = {"celldap": {"version": 1, "events": ["cellOutput", "cellState", "input"]}}


@pytest.fixture
def book(tmp_path):
    return notebook(tmp_path, CELLS)


@pytest.fixture
def serve(tmp_path):
    """serve(…) starts one; its kernels' connection files lie in a folder of the test's own."""
    made = []

    def start(*arguments):
        env = {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
        made.append(Server(tmp_path, *arguments, env=env))
        return made[-1]

    yield start
    for server in made:
        server.close()


def launch(server, book, breakpoints=None, cells=()):
    client = WsClient(server)
    client.launch(book, breakpoints, initialize=EVENTS, cells=list(cells))
    return client


def kernel_of(server):
    """The one kernel that runs, as the page sees it."""
    _, _, body = server.ask("/api/kernels")
    (found,) = [k for k in json.loads(body)["running"] if k["state"] == "alive"]
    return found


def attach(server, book, kernel, breakpoints=None):
    client = WsClient(server)
    client.initialize(**EVENTS)
    seq = client.send("attach", {"connectionFile": kernel["id"], "program": str(book)})
    for source, items in breakpoints or []:
        client.request("setBreakpoints", {"source": source, "breakpoints": items})
    client.request("configurationDone")
    assert client.response(seq)["success"]
    return client


def source(book, index):
    return {"path": f"{book}#cell={index}"}


def state_of(client, index, state):
    return client.event("celldap/cellState",
                        lambda b: b["cell"]["index"] == index and b["state"] == state)


def run(client, index):
    client.request("celldap/runCell", {"index": index})


def outputs(client, index):
    cell = client.request("celldap/cells")["cells"][index]
    return cell.get("state"), ["".join(o.get("text", [])) for o in cell.get("outputs", [])]


def until_over(client, index):
    """The cell that another session ran has ended."""
    while outputs(client, index)[0] == "running":
        client.request("threads")


def test_a_reload_while_stopped_comes_back_to_the_stop(serve, book):
    server = serve()
    first = launch(server, book, [(source(book, 0), [{"line": 2}])], cells=[0, 1])
    first.event("stopped")
    kernel = kernel_of(server)
    assert kernel["notebook"] == str(book) and kernel["celldap"]
    first.kill()
    second = attach(server, book, kernel, [(source(book, 0), [{"line": 2}])])
    stop = second.event("stopped")
    frames = second.request("stackTrace", {"threadId": stop["threadId"]})["stackFrames"]
    assert [f["name"] for f in frames][:2] == ["f", "<module>"]
    assert outputs(second, 1) == ("running", ["before\n"])
    state_of(second, 1, "running")
    second.request("continue", {"threadId": 1})
    second.event("celldap/cellOutput", lambda b: b["cell"]["index"] == 1)
    state_of(second, 1, "ok")
    assert outputs(second, 1) == ("ok", ["before\nafter 2\n"])
    assert second.disconnect() == 0


def test_what_is_printed_while_nobody_looks_is_kept(serve, book):
    server = serve()
    first = launch(server, book, [(source(book, 0), [{"line": 2}])], cells=[0, 1])
    first.event("stopped")
    kernel = kernel_of(server)
    first.disconnect()  # lets it run on
    second = attach(server, book, kernel)
    until_over(second, 1)
    assert outputs(second, 1) == ("ok", ["before\nafter 2\n"])
    assert outputs(second, 0) == ("ok", []) and outputs(second, 2) == (None, [])
    second.disconnect()


def test_a_second_tab_sees_the_same_stop(serve, book):
    server = serve()
    first = launch(server, book, cells=[0])
    state_of(first, 0, "ok")
    second = attach(server, book, kernel_of(server))
    second.request("setBreakpoints", {"source": source(book, 1), "breakpoints": [{"line": 3}]})
    run(first, 1)
    assert [c.event("stopped")["reason"] for c in (first, second)] == ["breakpoint"] * 2
    second.request("evaluate", {"expression": "y = 41", "context": "repl"})
    first.request("continue", {"threadId": 1})
    second.event("continued")
    state_of(first, 1, "ok")
    assert outputs(second, 1)[1] == outputs(first, 1)[1] == ["before\nafter 41\n"]


def test_a_restart_keeps_breakpoints_and_tells_every_tab(serve, book):
    server = serve()
    first = launch(server, book, [(source(book, 1), [{"line": 2}])], cells=[2])
    state_of(first, 2, "ok")
    pid = int(outputs(first, 2)[1][0])
    second = attach(server, book, kernel_of(server))
    first.request("celldap/restartKernel")
    second.event("output", lambda b: "restarted" in b["output"])
    run(first, 2)
    state_of(first, 2, "ok")
    assert int(outputs(first, 2)[1][0]) != pid and wait_gone(pid)
    run(first, 0)
    state_of(first, 0, "ok")
    run(first, 1)
    first.event("stopped")
    second.event("stopped")
    first.request("continue", {"threadId": 1})
    state_of(first, 1, "ok")
    first.request("restart")
    run(first, 2)
    state_of(first, 2, "ok")


def test_a_kernel_that_dies_is_told_to_every_tab(serve, book):
    server = serve()
    first = launch(server, book, cells=[2])
    state_of(first, 2, "ok")
    second = attach(server, book, kernel_of(server))
    first.request("celldap/cell", {"uri": "x:1", "notebook": str(book), "index": 9, "id": "die",
                                   "code": "import os; os.abort()"})
    run(first, 9)
    for client in (first, second):
        client.event("output", lambda b: "killed by signal 6" in b["output"])
        client.event("terminated")
        client.disconnect()
    _, _, body = server.ask("/api/kernels")
    assert json.loads(body)["running"] == []


def test_terminate_ends_the_cell_and_not_the_kernel(serve, book):
    server = serve()
    first = launch(server, book, cells=[3])
    state_of(first, 3, "running")
    kernel = kernel_of(server)
    first.request("terminate")
    first.event("terminated")
    first.disconnect()
    second = attach(server, book, kernel)
    until_over(second, 3)
    assert outputs(second, 3)[0] == "error"
    run(second, 2)
    state_of(second, 2, "ok")


def test_a_kernel_is_ended_from_the_page(serve, book):
    server = serve()
    client = launch(server, book, cells=[2])
    state_of(client, 2, "ok")
    pid = int(outputs(client, 2)[1][0])
    kernel = kernel_of(server)
    assert server.ask(f"/api/kernels/{kernel['id']}/shutdown", "POST", data=b"")[0] == 200
    client.event("terminated")
    assert wait_gone(pid)
    assert server.ask(f"/api/kernels/{kernel['id']}/shutdown", "POST", data=b"")[0] == 404


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_kernels_live_on_when_the_server_ends(serve, book, tmp_path, how):
    server = serve()
    first = launch(server, book, [(source(book, 0), [{"line": 2}])], cells=[0, 1])
    first.event("stopped")
    kernel = kernel_of(server)
    server.process.send_signal(how)
    server.process.wait()
    with DapClient(env={"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}) as editor:
        editor.initialize()
        seq = editor.send("attach", {"connectionFile": kernel["id"]})
        editor.request("configurationDone")
        assert editor.response(seq)["success"]
        editor.event("stopped")
        editor.disconnect()


@pytest.mark.parametrize("leaves", [WsClient.kill, WsClient.disconnect])
def test_a_kernel_that_is_alone_ends_by_itself(serve, book, leaves):
    server = serve("--alone", "1")
    client = launch(server, book, cells=[2])
    state_of(client, 2, "ok")
    pid = int(outputs(client, 2)[1][0])
    other = attach(server, book, kernel_of(server))
    client.kill()
    late = "import threading; threading.Timer(1.5, print, ['late']).start()"
    other.request("celldap/runCell", {"index": 2, "code": late})
    state_of(other, 2, "ok")  # nothing runs, nothing is said; somebody is there, so it stays
    other.output("late")
    leaves(other)
    assert wait_gone(pid)


def test_a_start_that_nobody_waits_for_leaves_no_kernel(serve, book, tmp_path):
    server = serve()
    client = WsClient(server)
    client.initialize()
    client.send("launch", {"program": str(book)})
    client.kill()
    assert server.end() == 0
    for file in (tmp_path / "runtime").glob("kernel-*.json"):
        raise AssertionError(f"{file} is left")
