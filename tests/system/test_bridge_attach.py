# SPDX-License-Identifier: BSD-3-Clause
"""attach by connection file: a kernel that somebody else started and that lives on (contracts.md §7)."""

import os
import shutil
import subprocess

import pytest
from bridge_files import notebook
from dap_client import DapClient, alive, kill_hard, wait_gone

CELL = "def f(n):\n    total = 0\n    for i in range(n):\n        total += i\n    return total\nprint(f(4))"


@pytest.fixture
def running(make_kernel):
    return make_kernel("--plain")


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def attach(client, kernel, breakpoints=(), **options):
    client.initialize()
    seq = client.send("attach", {"connectionFile": kernel.file, **options})
    client.request("setExceptionBreakpoints", {"filters": []})
    bodies = [client.request("setBreakpoints", {"source": source, "breakpoints": items})
              for source, items in breakpoints]
    client.request("configurationDone")
    reply = client.response(seq)
    assert reply["success"], reply
    return bodies


def announce(client, text=CELL, uri="vscode-notebook-cell:/nb.ipynb#W0"):
    client.request("celldap/cell", {"uri": uri, "notebook": "/nb.ipynb", "index": 0, "code": text})
    return {"path": uri}


def stop_in_a_cell(client, kernel):
    """A cell that another client runs stops for us."""
    attach(client, kernel)
    source = announce(client)
    body = client.request("setBreakpoints", {"source": source, "breakpoints": [{"line": 4}]})
    assert body["breakpoints"][0]["verified"]
    cell = kernel.start(CELL)
    stop = client.event("stopped")
    assert stop["reason"] == "breakpoint"
    frames = client.request("stackTrace", {"threadId": stop["threadId"]})["stackFrames"]
    assert (frames[0]["source"]["path"], frames[0]["line"]) == (source["path"], 4)
    return cell, frames[0]


def test_a_cell_of_another_front_end_stops_here(client, running):
    cell, frame = stop_in_a_cell(client, running)
    body = client.request("evaluate", {"expression": "total, i", "frameId": frame["id"]})
    assert body["result"] == "(0, 0)"
    client.request("setBreakpoints", {"source": {"path": frame["source"]["path"]}, "breakpoints": []})
    client.request("continue", {"threadId": 1})
    assert cell.wait().stream("stdout") == "6\n"
    assert client.disconnect() == 0
    assert running.run("f(5)").result == "10"


def test_process_tells_the_kernels_pid_and_restart_is_withdrawn(client, running):
    attach(client, running)
    body = client.event("process")
    assert body["startMethod"] == "attach" and body["systemProcessId"] == running.pid
    assert client.event("capabilities")["capabilities"]["supportsRestartRequest"] is False


def test_a_second_session_attaches_to_a_kernel_that_the_first_launched(client, tmp_path):
    """The first only runs cells; its kernel is told to clients that declared celldap, and stops for
    the second; the second's disconnect lets it run on."""
    client.launch(notebook(tmp_path, [CELL]), cells=[], noDebug=True,
                  celldap={"version": 1, "events": ["cellOutput"]})
    file = client.event("process")["celldap"]["connectionFile"]
    with DapClient() as second:
        second.initialize(supportsInvalidatedEvent=True)
        seq = second.send("attach", {"connectionFile": file})
        second.request("configurationDone")
        assert second.response(seq)["success"]
        assert "celldap" not in second.event("process")
        cell = client.request("celldap/cells")["cells"][0]
        second.request("celldap/cell", {"uri": "nb:/0", "notebook": "/n/theirs.ipynb", **cell})
        second.request("setBreakpoints", {"source": {"path": "nb:/0"}, "breakpoints": [{"line": 4}]})
        second.request("threads")  # the breakpoint is in the kernel when this is answered
        client.request("celldap/runCell", {"index": 0})
        second.event("stopped")
        frames = second.request("stackTrace", {"threadId": 1})["stackFrames"]
        assert frames[0]["source"]["name"] == "theirs.ipynb [cell 0]"
        second.request("celldap/runCell", {"uri": "nb:/0", "code": "seen = 1"})
        assert second.event("invalidated")["areas"] == ["variables"]
        second.disconnect()
    assert client.event("celldap/cellOutput")["content"]["text"] == "6\n"
    assert client.disconnect() == 0


def test_disconnect_lets_the_stopped_cell_run_on(client, running):
    cell, _ = stop_in_a_cell(client, running)
    assert client.disconnect() == 0
    assert cell.wait().stream("stdout") == "6\n"
    assert not client.take("exited")


def test_disconnect_that_suspends_leaves_the_stop_to_the_next(client, running):
    cell, _ = stop_in_a_cell(client, running)
    client.disconnect(suspendDebuggee=True)
    with DapClient() as second:
        attach(second, running)
        assert second.event("stopped")["threadId"] == 1
        second.request("continue", {"threadId": 1})
        second.disconnect()
    assert cell.wait().status == "ok"


@pytest.mark.parametrize("how", ["terminate", "disconnect"])
def test_terminate_ends_the_cell_and_not_the_kernel(client, running, how):
    cell, _ = stop_in_a_cell(client, running)
    if how == "terminate":
        client.request("terminate")
        client.event("terminated")
        client.disconnect()
    else:
        client.disconnect(terminateDebuggee=True)
    assert cell.wait().reply["content"]["ename"] == "KeyboardInterrupt"
    assert running.run("1 + 1").result == "2"


def test_cells_and_console_run_on_the_kernel(client, running, tmp_path):
    nb = notebook(tmp_path, ["a = 20", "print(a + 3)"])
    attach(client, running, program=str(nb))
    for index in range(2):
        client.request("celldap/runCell", {"index": index})
    client.output("23")
    assert client.request("evaluate", {"expression": "a * 2", "context": "repl"})["result"] == "40"
    client.disconnect()
    assert running.run("a").result == "20"


def test_killed_kernel_ends_the_session(client, make_kernel, tmp_path):
    """Its file is a copy that is still there, as after a kill -9 by hand."""
    kernel = make_kernel("--plain")
    copy = tmp_path / "copy.json"
    shutil.copy(kernel.file, copy)
    kernel.file = str(copy)
    attach(client, kernel)
    kill_hard(kernel.pid)
    kernel.ended()
    client.event("terminated")
    client.disconnect()
    with DapClient() as second:
        second.initialize()
        reply = second.error("attach", {"connectionFile": str(copy)})
        assert "does not run any more" in reply["message"]
        second.event("terminated")


def test_restarted_kernel_gets_its_breakpoints_again(client, running):
    cell, _ = stop_in_a_cell(client, running)
    running.manager.restart_kernel(now=True, stderr=subprocess.DEVNULL)
    running.process = running.manager.provisioner.process
    client.output("breakpoints are set again", "important")
    client.event("continued")
    client.event("process")
    client.event("process")
    running.client.stop_channels()
    running.client = running.connect()
    again = running.start(CELL)
    client.event("stopped")
    client.request("disconnect")
    assert again.wait().stream("stdout") == "6\n"


def test_bridge_killed_hard_and_started_again_finds_the_stop(client, running):
    cell, _ = stop_in_a_cell(client, running)
    kill_hard(client.process.pid)
    assert wait_gone(client.process.pid)
    with DapClient() as second:
        attach(second, running)
        stop = second.event("stopped")
        frames = second.request("stackTrace", {"threadId": stop["threadId"]})["stackFrames"]
        assert frames[0]["line"] == 4
        second.disconnect(terminateDebuggee=True)
    assert cell.wait().status == "error"
    assert alive(running.pid)


@pytest.mark.parametrize("arguments, text", [
    ({}, "missing arguments.connectionFile"),
    ({"connectionFile": 3}, "arguments.connectionFile"),
    ({"connectionFile": "/there/is/none.json"}, "there is no connection file"),
    ({"connectionFile": "no-such-kernel"}, "celldap kernels"),
    ({"connect": {"host": "127.0.0.1", "port": 5678}}, "arguments.connect is debugpy's"),
    ({"processId": 1}, "arguments.processId is debugpy's"),
    ({"connectionFile": "latest", "program": "x.py"}, "the notebook whose cells"),
])
def test_mistakes_are_named(client, arguments, text):
    client.initialize()
    assert text in client.error("attach", arguments)["message"]


def test_by_id_and_latest_from_jupyters_folder(running, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    name = "kernel-0a1b2c3d-1111-2222-3333-444455556666.json"
    shutil.copy(running.file, runtime / name)
    (runtime / "kernel-0a1bffff.json").write_text(
        '{"transport": "tcp", "ip": "127.0.0.1", "control_port": 1, "key": ""}')
    os.utime(runtime / name, (1, 1))
    env = {"JUPYTER_RUNTIME_DIR": str(runtime)}
    for wish in (name[7:-5], "0a1b2c", "latest"):
        with DapClient(env=env) as client:
            client.initialize()
            seq = client.send("attach", {"connectionFile": wish})
            client.request("configurationDone")
            assert client.response(seq)["success"], wish
            client.disconnect()
    with DapClient(env=env) as client:
        client.initialize()
        assert "beginning of 2" in client.error("attach", {"connectionFile": "0a1b"})["message"]
