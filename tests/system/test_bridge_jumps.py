# SPDX-License-Identifier: BSD-3-Clause
"""goto, restartFrame and step-in targets through the bridge, in a client's own spelling of lines."""

import pytest
from bridge_files import notebook
from dap_client import DapClient

CELLS = ["def f(a):\n    b = a + 1\n    return b\ndef g(x):\n    return x * 2", "z = g(f(1))\nprint(z)"]


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def json_line(nb, text):
    """The line of the file that holds this line of a cell."""
    return 1 + next(n for n, t in enumerate(nb.read_text().split("\n")) if text in t)


def top(client):
    return client.request("stackTrace", {"threadId": 1})["stackFrames"][0]


def test_jumps_speak_the_lines_of_the_file(client, tmp_path):
    nb = notebook(tmp_path, CELLS)
    source = {"path": str(nb)}
    line = json_line(nb, "return b")
    client.launch(nb, [(source, [{"line": line}])])
    client.event("stopped")
    assert top(client)["line"] == line
    first = json_line(nb, "b = a + 1")
    (target,) = client.request("gotoTargets", {"source": source, "line": first})["targets"]
    assert target["line"] == first
    client.request("goto", {"threadId": 1, "targetId": target["id"]})
    assert client.event("stopped")["reason"] == "goto"
    assert top(client)["line"] == first
    client.request("next", {"threadId": 1})
    client.event("stopped")
    client.request("restartFrame", {"frameId": top(client)["id"]})
    assert client.event("stopped")["reason"] == "restart"
    assert top(client)["line"] == first
    client.request("setBreakpoints", {"source": source, "breakpoints": []})
    client.request("continue", {"threadId": 1})
    client.output("4", "stdout")


def test_a_step_goes_into_the_call_that_was_chosen(client, tmp_path):
    nb = notebook(tmp_path, CELLS)
    source = {"path": str(nb)}
    client.launch(nb, [(source, [{"line": json_line(nb, "z = g(f(1))")}])])
    client.event("stopped")
    targets = client.request("stepInTargets", {"frameId": top(client)["id"]})["targets"]
    assert [t["label"] for t in targets] == ["f(1)", "g(f(1))"]
    client.request("stepIn", {"threadId": 1, "targetId": targets[1]["id"]})
    client.event("stopped")
    assert top(client)["name"] == "g"
    client.request("continue", {"threadId": 1})
    client.output("4", "stdout")
