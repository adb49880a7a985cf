# SPDX-License-Identifier: BSD-3-Clause
"""Slow starts: shown as progress that can be cancelled. Reverse requests that are refused."""

import os
import socket
import time
from pathlib import Path

import pytest
from bridge_files import notebook, program
from dap_client import DapClient, frame

SHOWS = {"supportsProgressReporting": True}


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


@pytest.fixture
def slow_python(tmp_path):
    """An interpreter that does not come to its beginning."""
    fifo = tmp_path / "gate"
    os.mkfifo(fifo)
    path = tmp_path / "python3.13"
    path.write_text(f"#!/bin/sh\nread line < {fifo}\n")
    path.chmod(0o755)
    return path


def children_of(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.parametrize("by", ["progressId", "requestId"])
def test_a_slow_start_is_cancelled(client, slow_python, tmp_path, by):
    client.initialize(**SHOWS)
    launch = client.send("launch", {"program": str(notebook(tmp_path, ["1"])),
                                    "python": str(slow_python)})
    client.request("configurationDone")
    shown = client.event("progressStart")
    assert shown["cancellable"] and shown["requestId"] == launch
    assert children_of(client.process.pid)
    begun = time.monotonic()
    wanted = {"progressId": shown["progressId"]} if by == "progressId" else {"requestId": launch}
    client.request("cancel", wanted)
    reply = client.response(launch)
    taken = time.monotonic() - begun
    assert (reply["success"], reply["message"]) == (False, "cancelled")
    assert client.event("progressEnd")["progressId"] == shown["progressId"]
    client.event("terminated")
    assert not client.take("exited")
    assert children_of(client.process.pid) == []
    print(f"cancelled after {taken:.3f} s")
    assert client.disconnect() == 0


def test_no_progress_for_a_client_that_shows_none(client, slow_python, tmp_path):
    client.initialize()
    launch = client.send("launch", {"program": str(notebook(tmp_path, ["1"])),
                                    "python": str(slow_python)})
    client.request("configurationDone")
    client.request("cancel", {"requestId": launch})
    assert client.response(launch)["message"] == "cancelled"
    client.event("terminated")
    assert not client.take("progressStart") and not client.take("progressEnd")
    client.disconnect()


def test_an_editor_that_opens_no_session_is_told_how(client, tmp_path):
    client.answers["startDebugging"] = lambda arguments: "no more sessions"
    child = program(tmp_path, "print('child ran')\n", "child.py")
    path = program(tmp_path, f"import subprocess, sys\nsubprocess.run([sys.executable, {str(child)!r}])\n")
    client.launch(path, initialize={"supportsStartDebuggingRequest": True})
    file = client.reverse("startDebugging")["configuration"]["connectionFile"]
    said = client.output(f'attach with "connectionFile": "{file}"', "console")
    assert "the editor refused 'startDebugging': no more sessions" in said
    client.event("terminated")
    client.disconnect()


def test_a_response_that_nothing_waits_for_is_skipped(client):
    client.initialize()
    for seq in (0, 1, 99, "x"):
        client.send_bytes(frame({"seq": 50, "type": "response", "request_seq": seq,
                                 "success": True, "command": "runInTerminal"}))
    client.request("loadedSources")
    client.disconnect()


@pytest.mark.parametrize("by", ["progressId", "requestId"])
def test_a_slow_attach_is_cancelled(client, by):
    """A server that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client.initialize(**SHOWS)
        attach = client.send("attach", {"server": f"http://127.0.0.1:{silent.getsockname()[1]}/",
                                        "token": "t", "kernelId": "k"})
        client.request("configurationDone")
        shown = client.event("progressStart")
        assert shown["cancellable"] and shown["title"] == "Connecting to the kernel"
        client.request("cancel", {"progressId": shown["progressId"]} if by == "progressId"
                       else {"requestId": attach})
        assert client.response(attach)["message"] == "cancelled"
        assert client.event("progressEnd")["progressId"] == shown["progressId"]
        client.event("terminated")
        assert client.disconnect() == 0
