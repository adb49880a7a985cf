# SPDX-License-Identifier: BSD-3-Clause
"""A notebook debugged through the bridge: names of cells, stops, console, errors of a run."""

import json

import pytest
from bridge_files import notebook
from dap_client import DapClient, wait_gone

THREE = ["x = 20\nprint('one', x)", "def f(a):\n    b = a + 1\n    return b\n", "y = f(x)\nprint(y)"]


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def top_frame(client):
    return client.request("stackTrace", {"threadId": 1})["stackFrames"][0]


def local_variables(client, frame):
    scopes = client.request("scopes", {"frameId": frame["id"]})["scopes"]
    found = client.request("variables", {"variablesReference": scopes[0]["variablesReference"]})
    return {v["name"]: v["value"] for v in found["variables"]}


def text_at(nb, frame):
    """The line of the cell that stands at this line of the file."""
    line = nb.read_text().split("\n")[frame["line"] - 1]
    return line.strip().rstrip(",").strip('"').removesuffix("\\n").strip()


def cell(nb, index):
    return {"path": f"{nb}#cell={index}"}


def test_stop_step_inspect_and_output(client, tmp_path):
    nb = notebook(tmp_path, THREE)
    client.launch(nb, [(cell(nb, 1), [{"line": 2}])])
    client.output("one 20", "stdout")
    stop = client.event("stopped")
    assert stop["reason"] == "breakpoint" and stop["hitBreakpointIds"] == [1]
    frame = top_frame(client)
    assert (frame["name"], frame["line"]) == ("f", 2)
    assert frame["source"]["name"] == "nb.ipynb [cell 1]"
    assert local_variables(client, frame)["a"] == "20"
    client.request("next", {"threadId": 1})
    assert client.event("stopped")["reason"] == "step"
    frame = top_frame(client)
    assert local_variables(client, frame)["b"] == "21"
    body = {"expression": "a + b", "frameId": frame["id"], "context": "watch"}
    assert client.request("evaluate", body)["result"] == "41"
    client.request("stepOut", {"threadId": 1})
    client.event("stopped")
    # the client never named cell 2: it is answered by the file and its line there
    frame = top_frame(client)
    assert frame["source"]["path"] == str(nb) and text_at(nb, frame) == "y = f(x)"
    client.request("continue", {"threadId": 1})
    client.output("21", "stdout")
    assert client.disconnect() == 0


def test_output_printed_before_a_stop_comes_before_it(client, tmp_path):
    nb = notebook(tmp_path, ["for i in range(500):\n    print('line', i)\nend = 1"])
    client.launch(nb, [(cell(nb, 0), [{"line": 3}])])
    client.event("stopped")
    text = "".join(m["body"]["output"] for k, n, m in client.timeline if n == "output")
    assert "line 499\n" in text
    client.disconnect()


def is_verified(body):
    """A kernel that starts slowly says "pending" first."""
    return body["breakpoint"]["verified"]


def test_breakpoint_by_line_of_the_file(client, tmp_path):
    nb = notebook(tmp_path, THREE)
    lines = nb.read_text().split("\n")
    at = next(i for i, line in enumerate(lines, 1) if "b = a + 1" in line)
    bodies = client.launch(nb, [({"path": str(nb)}, [{"line": at}, {"line": 1}])])
    assert [b["verified"] for b in bodies[0]["breakpoints"]] == [False, False]
    changed = client.event("breakpoint", is_verified)["breakpoint"]
    assert changed["line"] == at
    client.event("stopped")
    frame = top_frame(client)
    assert frame["source"]["path"] == str(nb) and frame["line"] == at
    client.disconnect()


def test_cell_uris_are_answered_byte_for_byte(client, tmp_path):
    nb = notebook(tmp_path, THREE)
    uri = "vscode-notebook-cell://host:1%2F/nb.ipynb#W1sZmlsZQ=="
    client.initialize()
    launch = client.send("launch", {"program": str(nb)})
    source = {"path": uri, "name": "nb.ipynb"}
    body = client.request("setBreakpoints", {"source": source, "breakpoints": [{"line": 2}]})
    assert body["breakpoints"][0]["reason"] == "pending"
    client.request(
        "celldap/cell", {"uri": uri, "notebook": str(nb), "index": 1, "code": THREE[1]}
    )
    client.request("configurationDone")
    assert client.response(launch)["success"]
    changed = client.event("breakpoint", lambda b: b["breakpoint"]["verified"])["breakpoint"]
    assert changed["source"]["path"] == uri
    client.event("stopped")
    assert top_frame(client)["source"]["path"] == uri
    client.disconnect()


def test_every_breakpoint_is_verified_before_anything_runs(client, tmp_path):
    nb = notebook(tmp_path, THREE)
    client.launch(nb, [(cell(nb, i), [{"line": 1}]) for i in range(3)])
    verified = [client.event("breakpoint", is_verified)["breakpoint"] for _ in range(3)]
    assert {b["id"] for b in verified} == {1, 2, 3}
    order = [name for _, name, _ in client.timeline]
    assert order.index("breakpoint") < order.index("process")
    client.disconnect()


def test_condition_hit_count_and_log(client, tmp_path):
    nb = notebook(tmp_path, ["for i in range(10):\n    a = i\n    b = i\n    c = i\nend = 1"])
    points = [
        {"line": 2, "condition": "i == 7"},
        {"line": 3, "logMessage": "i is {i}"},
        {"line": 4, "hitCondition": "3"},
    ]
    client.launch(nb, [(cell(nb, 0), points)])
    assert client.event("stopped")["hitBreakpointIds"] == [3]
    client.output("i is 2")
    client.request("continue", {"threadId": 1})
    assert client.event("stopped")["hitBreakpointIds"] == [1]
    client.disconnect()


def test_ids_stay_and_the_list_is_replaced(client, tmp_path):
    nb = notebook(tmp_path, ["import time\nrun = True\nwhile run:\n    a = 1\n    b = 2\n    c = 3"])
    client.launch(nb, [(cell(nb, 0), [{"line": 4}])])
    client.event("stopped")
    args = {"source": cell(nb, 0), "breakpoints": [{"line": 6}, {"line": 4}]}
    body = client.request("setBreakpoints", args)
    assert [b["id"] for b in body["breakpoints"]] == [2, 1]
    assert all(b["verified"] for b in body["breakpoints"])
    client.request("continue", {"threadId": 1})
    assert client.event("stopped")["hitBreakpointIds"] == [2]
    client.request("setBreakpoints", {"source": cell(nb, 0), "breakpoints": []})
    frame = top_frame(client)
    client.request("evaluate", {"expression": "run = False", "context": "repl",
                                "frameId": frame["id"]})
    client.request("continue", {"threadId": 1})
    client.output("the notebook has run", "console")
    client.disconnect()


def test_pause_of_an_endless_loop(client, tmp_path):
    nb = notebook(tmp_path, ["print('go')\nwhile True:\n    pass"])
    client.launch(nb)
    client.output("go")
    client.request("pause", {"threadId": 1})
    assert client.event("stopped")["reason"] == "pause"
    pid = client.kernel_pid
    client.disconnect()
    assert wait_gone(pid)


def test_stop_on_entry(client, tmp_path):
    nb = notebook(tmp_path, ["a = 1\nb = 2"])
    client.launch(nb, stopOnEntry=True)
    assert client.event("stopped")["reason"] == "entry"
    assert text_at(nb, top_frame(client)) == "a = 1"
    client.request("continue", {"threadId": 1})
    client.output("the notebook has run", "console")
    client.disconnect()


def test_first_error_ends_the_run(client, tmp_path):
    nb = notebook(tmp_path, ["print('a')", "def g():\n    return 1 / 0\ng()", "print('b')"])
    client.initialize()
    launch = client.send("launch", {"program": str(nb), "exitWhenDone": True})
    client.request("configurationDone")
    assert client.response(launch)["success"]
    assert "cell 1 failed with ZeroDivisionError; 1 cell was not run" in client.output(
        "not run", "important"
    )
    assert client.event("exited") == {"exitCode": 1}
    client.event("terminated")
    errors = [m["body"] for _, n, m in client.timeline
              if n == "output" and m["body"]["category"] == "stderr"]
    assert "ZeroDivisionError" in errors[-1]["output"]
    assert errors[-1]["source"]["path"] == str(nb)
    assert "\x1b" not in errors[-1]["output"]
    assert client.disconnect() == 0


def test_tags_and_continue_on_error(client, tmp_path):
    cells = [("1 / 0", ["raises-exception"]), ("print('no')", ["skip-execution"]), "print('yes')"]
    nb = notebook(tmp_path, cells)
    client.initialize()
    launch = client.send("launch", {"program": str(nb), "exitWhenDone": True})
    client.request("configurationDone")
    assert client.response(launch)["success"]
    client.output("yes")
    assert client.event("exited") == {"exitCode": 0}
    client.disconnect()


def test_cells_picks_some(client, tmp_path):
    nb = notebook(tmp_path, ["print('c0')", "print('c1')", "print('c2')"])
    client.launch(nb, cells=[0, 2], exitWhenDone=True)
    client.event("terminated")
    text = "".join(m["body"]["output"] for _, n, m in client.timeline if n == "output")
    assert "c0" in text and "c2" in text and "c1" not in text
    client.disconnect()


def test_exception_stop(client, tmp_path):
    nb = notebook(tmp_path, ["def f(n):\n    return {}[n]\nf('k')"])
    client.launch(nb)
    stop = client.event("stopped")
    assert stop["reason"] == "exception"
    info = client.request("exceptionInfo", {"threadId": 1})
    assert info["exceptionId"] == "KeyError"
    assert text_at(nb, top_frame(client)) == "return {}[n]"
    client.disconnect()


def test_text_that_is_no_json_is_told_and_skipped(client):
    client.initialize()
    client.send_bytes(b"Content-Length: 5\r\n\r\n{nope")
    client.output("not JSON", "important")
    assert client.request("threads")["threads"]
    assert client.disconnect() == 0


def test_saved_outputs(client, tmp_path):
    nb = notebook(tmp_path, ["print('kept')", "6 * 7"])
    client.launch(nb)
    client.output("the notebook has run", "console")
    assert client.request("celldap/saveOutputs")["cells"] == 2
    saved = json.loads(nb.read_text())
    assert "".join(saved["cells"][0]["outputs"][0]["text"]) == "kept\n"
    assert saved["cells"][1]["outputs"][0]["data"]["text/plain"] in ("42", ["42"])
    client.disconnect()
