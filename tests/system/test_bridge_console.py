# SPDX-License-Identifier: BSD-3-Clause
"""The debug console, input(), celldap's own requests and events, and the client's dialect."""

import pytest
from bridge_files import notebook, program
from dap_client import DapClient, Failed

IDLE = ["data = {'k': 1}\ndef f(a):\n    return a + 1"]


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def idle(client, tmp_path, cells=None, **options):
    client.launch(notebook(tmp_path, cells or IDLE), **options)
    client.output("the notebook has run", "console")


def repl(client, expression):
    return client.request("evaluate", {"expression": expression, "context": "repl"})["result"]


def test_results_statements_and_output(client, tmp_path):
    idle(client, tmp_path)
    assert repl(client, "f(41)") == "42"
    assert repl(client, "x = 5") == ""
    assert repl(client, "print('shown'); x") == "5"
    client.output("shown\n", "stdout")
    client.request("setExceptionBreakpoints", {"filters": []})
    reply = client.error("evaluate", {"expression": "1/0", "context": "repl"})
    assert reply["message"] == "ZeroDivisionError: division by zero"
    client.output("Traceback", "stderr")
    client.disconnect()


def test_a_slip_in_the_console_does_not_stop_but_a_failing_function_does(client, tmp_path):
    idle(client, tmp_path, ["def bad():\n    return 1 / 0\n"])
    client.request("setExceptionBreakpoints", {"filters": ["uncaught"]})
    reply = client.error("evaluate", {"expression": "1/0", "context": "repl"})
    assert reply["message"] == "ZeroDivisionError: division by zero"
    client.send("evaluate", {"expression": "bad()", "context": "repl"})
    assert client.event("stopped")["reason"] == "exception"
    client.disconnect()


def test_watch_while_idle(client, tmp_path):
    idle(client, tmp_path)
    body = client.request("evaluate", {"expression": "data", "context": "watch"})
    assert body["variablesReference"] > 0
    children = client.request("variables", {"variablesReference": body["variablesReference"]})
    assert "1" in [v["value"] for v in children["variables"]]
    client.disconnect()


def test_breakpoint_in_a_function_called_from_the_console(client, tmp_path):
    nb = notebook(tmp_path, IDLE)
    client.launch(nb, [({"path": f"{nb}#cell=0"}, [{"line": 3}])])
    client.output("the notebook has run", "console")
    seq = client.send("evaluate", {"expression": "f(1)", "context": "repl"})
    client.event("stopped")
    frames = client.request("stackTrace", {"threadId": 1})["stackFrames"]
    assert frames[0]["name"] == "f" and frames[0]["line"] == 3
    text = client.request("source", {"sourceReference": frames[1]["source"]["sourceReference"],
                                     "source": frames[1]["source"]})
    assert text["content"] == "f(1)"
    body = {"expression": "a", "context": "repl", "frameId": frames[0]["id"]}
    assert client.request("evaluate", body)["result"] == "1"
    client.request("continue", {"threadId": 1})
    assert client.response(seq)["body"]["result"] == "2"
    client.disconnect()


def test_a_line_typed_while_a_cell_runs_waits_and_can_be_cancelled(client, tmp_path):
    text = "print('go')\nwhile True:\n    pass"
    client.launch(notebook(tmp_path, [text]))
    client.output("go")
    first = client.send("evaluate", {"expression": "1 + 1", "context": "repl"})
    second = client.send("evaluate", {"expression": "2 + 2", "context": "repl"})
    client.request("cancel", {"requestId": first})
    assert client.response(first)["message"] == "cancelled"
    client.request("celldap/interrupt")
    assert client.response(second)["body"]["result"] == "4"
    client.output("failed with KeyboardInterrupt", "important")
    client.disconnect()


def test_cancel_of_a_line_that_runs(client, tmp_path):
    idle(client, tmp_path)
    seq = client.send("evaluate", {"expression": "print('go')\nwhile True: pass",
                                   "context": "repl"})
    client.output("go")
    client.request("cancel", {"requestId": seq})
    assert client.response(seq)["message"] == "cancelled"
    assert repl(client, "1") == "1"
    client.disconnect()


def test_dot_words(client, tmp_path):
    idle(client, tmp_path, ["n = 0", "n += 1\nprint('n is', n)"])
    assert repl(client, ".cells") == "0: n = 0\n1: n += 1 …"
    assert ".interrupt" in repl(client, ".help")
    repl(client, ".run 1")
    client.output("n is 2")
    repl(client, ".run all")
    client.output("n is 1")
    client.output("the notebook has run", "console")
    assert "2 cells" in repl(client, ".save")
    assert ".help" in client.error("evaluate", {"expression": ".nosuch", "context": "repl"})["message"]
    assert "'9'" in client.error("evaluate", {"expression": ".run 9", "context": "repl"})["message"]
    assert repl(client, ".5 + .5") == "1.0"
    repl(client, ".restart")
    client.event("process")
    client.event("process", guard=60)
    assert repl(client, "'n' in globals()") == "False"
    client.disconnect()


def test_interrupt_word(client, tmp_path):
    client.launch(notebook(tmp_path, ["print('go')\nwhile True:\n    pass"]))
    client.output("go")
    repl(client, ".interrupt")
    client.output("failed with KeyboardInterrupt", "important")
    assert not client.take("stopped")
    client.disconnect()


def test_completions(client, tmp_path):
    idle(client, tmp_path)

    def complete(text, column=None, **more):
        args = {"text": text, "column": len(text) + 1 if column is None else column, **more}
        for _ in range(20):  # IPython's completer takes long the first time: then TIMEOUT
            reply = client.call("completions", args)
            if reply["success"] or reply["body"]["error"]["id"] != 1025:
                break
        assert reply["success"], reply
        return reply["body"]["targets"]

    found = {t["label"]: t for t in complete("x = dat")}
    assert found["data"]["start"] == 5 and found["data"]["length"] == 3
    assert [t["label"] for t in complete(".r")] == [".restart", ".run"]
    assert "f" in [t["label"] for t in complete("'\U0001f600'; f", 8)]
    client.disconnect()


def test_input_is_answered_by_the_next_line(client, tmp_path):
    client.launch(notebook(tmp_path, ["name = input('who? ')\nprint('hello', name)"]))
    client.output("who? ", "stdout")
    client.output("waits for input", "console")
    repl(client, "you")
    client.output("hello you", "stdout")
    client.output("the notebook has run", "console")
    client.disconnect()


def test_password_is_not_echoed(client, tmp_path):
    client.launch(notebook(tmp_path, ["import getpass\np = getpass.getpass('pw: ')\nprint(len(p))"]))
    client.output("will not be shown", "console")
    repl(client, "secret")
    client.output("6\n", "stdout")
    assert not any("secret" in str(m) for k, _, m in client.timeline if k == "evt")
    client.disconnect()


def test_input_of_a_file(client, tmp_path):
    client.launch(program(tmp_path, "print('got', input('? '))\n"))
    client.output("waits for input", "console")
    repl(client, "it")
    client.output("got it")
    client.event("terminated")
    client.disconnect()


DECLARED = {"celldap": {"version": 1, "events": ["cellOutput", "cellState", "input"]}}


def test_declared_events_and_requests(client, tmp_path):
    nb = notebook(tmp_path, ["print('a')\n1 + 1", "v = input('? ')\nv"])
    client.launch(nb, initialize=DECLARED)
    assert client.event("celldap/cellState")["cell"]["index"] == 0
    out = client.event("celldap/cellOutput")
    assert out["msgType"] == "stream" and out["content"]["text"] == "a\n"
    assert client.event("celldap/cellOutput")["content"]["data"]["text/plain"] == "2"
    assert client.event("celldap/input") == {"prompt": "? ", "password": False}
    client.request("celldap/input", {"value": "typed"})
    assert "typed" in client.event("celldap/cellOutput")["content"]["data"]["text/plain"]
    done = client.event("celldap/cellState", lambda b: b["state"] == "ok" and b["cell"]["index"] == 1)
    assert done["executionCount"] == 2
    cells = client.request("celldap/cells")
    assert cells["notebook"] == str(nb) and [c["index"] for c in cells["cells"]] == [0, 1]
    client.request("celldap/runCell", {"index": 0, "code": "print('edited')"})
    assert client.event("celldap/cellOutput")["content"]["text"].startswith("edited")
    assert client.error("celldap/input", {"value": "x"})["body"]["error"]["id"] == 1020
    assert not [o for o in client.take("output") if o["category"] in ("stdout", "stderr")]
    client.disconnect()


def test_undeclared_events_are_not_sent(client, tmp_path):
    idle(client, tmp_path)
    assert not [m for m in client.events if m["event"].startswith("celldap/")]
    client.disconnect()


def test_lines_and_columns_from_0(client, tmp_path):
    nb = notebook(tmp_path, ["a = 1\nb = 2\nc = 3"])
    zero = {"linesStartAt1": False, "columnsStartAt1": False}
    source = {"path": f"{nb}#cell=0"}
    client.launch(nb, [(source, [{"line": 1}])], initialize=zero)
    assert client.event("breakpoint")["breakpoint"]["line"] == 1
    client.event("stopped")
    frame = client.request("stackTrace", {"threadId": 1})["stackFrames"][0]
    assert frame["line"] == 1
    targets = client.request("completions", {"text": "a", "column": 1, "frameId": frame["id"]})
    assert [t for t in targets["targets"] if t["label"] == "a"][0].get("start", 0) == 0
    client.disconnect()


@pytest.mark.parametrize("ansi", [True, False])
def test_ansi_only_where_the_client_says_so(client, tmp_path, ansi):
    nb = notebook(tmp_path, ["print('\\x1b[31mred\\x1b[0m')"])
    client.launch(nb, initialize={"supportsANSIStyling": ansi})
    assert ("\x1b[31m" in client.output("red", "stdout")) == ansi
    client.disconnect()


def test_figures_are_written_and_named(client, tmp_path):
    code = ("class Figure:\n    def _repr_png_(self):\n        return b'\\x89PNG not really'\n"
            "    def __repr__(self):\n        return '<figure>'\n"
            "class Bundle:\n    def _repr_mimebundle_(self, **kw):\n"
            "        return {'text/plain': '<figure>', 'image/png': 'iVBORw0KGgo='}\n"
            "Bundle()")
    client.launch(notebook(tmp_path, [code]))
    seen = client.output("the notebook has run")
    if "figure: " not in seen:
        pytest.skip("this Python has no IPython: no figures without it")
    path = seen.partition("figure: ")[2].split("\n")[0]
    with open(path, "rb") as f:
        assert f.read() == b"\x89PNG\r\n\x1a\n"
    client.disconnect()


def test_loaded_sources_and_source_of_a_cell(client, tmp_path):
    nb = notebook(tmp_path, IDLE)
    client.launch(nb, [({"path": f"{nb}#cell=0"}, [])])
    sources = client.request("loadedSources")["sources"]
    text = client.request("source", {"source": sources[0],
                                     "sourceReference": sources[0]["sourceReference"]})
    assert text["content"] == IDLE[0]
    client.disconnect()


def test_a_slow_start_shows_progress_where_supported(client, tmp_path):
    client.launch(notebook(tmp_path, IDLE), initialize={"supportsProgressReporting": True})
    started, ended = client.take("progressStart"), client.take("progressEnd")
    assert [p["progressId"] for p in started] == [p["progressId"] for p in ended]
    client.disconnect()


def test_a_pause_while_idle_stops_the_next_line(client, tmp_path):
    idle(client, tmp_path)
    client.request("pause", {"threadId": 1})
    seq = client.send("evaluate", {"expression": "f(1)", "context": "repl"})
    assert client.event("stopped")["reason"] == "pause"
    client.request("continue", {"threadId": 1})
    assert client.response(seq)["body"]["result"] == "2"
    client.request("pause", {"threadId": 1})
    client.request("continue", {"threadId": 1})
    assert repl(client, "f(2)") == "3"
    assert not client.take("stopped")
    client.disconnect()


def test_notebook_of_another_language(client, tmp_path):
    nb = notebook(tmp_path, ["1"], language_info={"name": "R"})
    client.initialize()
    reply = client.error("launch", {"program": str(nb)})
    assert "'R'" in reply["message"]
    client.event("terminated")
    client.disconnect()


def test_bad_notebook_is_named(client, tmp_path):
    path = tmp_path / "bad.ipynb"
    path.write_text('{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    client.initialize()
    assert "cells" in client.error("launch", {"program": str(path)})["message"]
    client.event("terminated")
    with pytest.raises(Failed):
        client.request("launch", {"program": str(path)})
    client.disconnect()
