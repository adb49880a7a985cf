# SPDX-License-Identifier: BSD-3-Clause
"""Percent scripts through the bridge: cells of a .py, named by the lines of the file."""

import pytest
from bridge_files import program
from dap_client import DapClient
from nbformat import read, validate

SCRIPT = """\
first = 1
print("cell", 0)

# %% [markdown]
# # A head
# # %whatever

# %% the second
# %alias_magic t time
text = '''
# %%
'''
def f(n):
    m = n + first
    return m

print("cell", f(1))
# %% tags=["skip-execution"]
print("never")
# %%
print("last", len(text))
# !echo from the shell
"""


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def test_cells_run_in_order_with_their_magics(client, tmp_path):
    path = program(tmp_path, SCRIPT)
    client.launch(path, notebook=True, exitWhenDone=True)
    assert client.event("exited") == {"exitCode": 0}
    client.event("terminated")
    shown = client.stdout()
    assert shown.index("cell 0") < shown.index("cell 2") < shown.index("last 6")
    assert "from the shell" in shown
    assert "never" not in shown
    client.disconnect()


def test_breakpoints_and_frames_have_the_files_lines(client, tmp_path):
    path = program(tmp_path, SCRIPT)
    lines = [{"line": 14}, {"line": 5}, {"line": 8}, {"line": 99}, {"line": 21}]
    client.launch(path, [({"path": str(path)}, lines)], notebook=True)
    stop = client.event("stopped")
    assert stop["hitBreakpointIds"] == [1]
    frames = client.request("stackTrace", {"threadId": 1})["stackFrames"]
    places = [(f["name"], f["line"], f["source"].get("path")) for f in frames[:2]]
    assert places == [("f", 14, str(path)), ("<module>", 17, str(path))]
    known = {}
    for _, name, message in client.timeline:
        body = message.get("body", {})
        if name == "setBreakpoints":
            known.update({b["id"]: b for b in body.get("breakpoints", [])})
        elif name == "breakpoint":
            known[body["breakpoint"]["id"]] = body["breakpoint"]
    assert known[1]["verified"] and known[1]["line"] == 14
    assert "without code" in known[2]["message"]
    assert "begins a cell" in known[3]["message"]
    assert "no line 99" in known[4]["message"]
    assert known[5]["verified"] and known[5]["line"] == 21
    client.request("next", {"threadId": 1})
    client.event("stopped")
    frames = client.request("stackTrace", {"threadId": 1})["stackFrames"]
    assert frames[0]["line"] == 15
    client.request("continue", {"threadId": 1})
    assert client.event("stopped")["hitBreakpointIds"] == [5]
    client.disconnect()


@pytest.mark.parametrize("no_debug", [False, True])
def test_an_error_is_placed_in_the_file(client, tmp_path, no_debug):
    path = program(tmp_path, "# %%\nx = 1\n\n# %%\n\nx / 0\n\n# %%\nprint('not run')\n")
    client.launch(path, notebook=True, exitWhenDone=True, noDebug=no_debug)
    if not no_debug:
        client.event("stopped")
        client.request("continue", {"threadId": 1})
    body = client.event("output", lambda b: "ZeroDivisionError" in b["output"])
    assert (body["source"]["path"], body["line"]) == (str(path), 6)
    client.output("cell 2 failed with ZeroDivisionError; 1 cell was not run", "important")
    assert client.event("exited") == {"exitCode": 1}
    client.disconnect()


def test_chosen_cells_and_console_words(client, tmp_path):
    path = program(tmp_path, "print('zero')\n# %%\nprint('one')\n# %%\nprint('two')\n")
    client.launch(path, notebook=True, cells=[1, "idx-0"])
    client.output("the notebook has run", "console")
    assert client.stdout() == "zero\none\n"
    words = client.request("evaluate", {"expression": ".cells", "context": "repl"})["result"]
    assert words == "0: print('zero')\n1: print('one')\n2: print('two')"
    client.request("evaluate", {"expression": ".run 2", "context": "repl"})
    client.output("two\n", "stdout")
    refused = client.error("evaluate", {"expression": ".save", "context": "repl"})
    assert "name a .ipynb file" in refused["message"]
    target = tmp_path / "saved.ipynb"
    client.request("evaluate", {"expression": f".save {target}", "context": "repl"})
    saved = read(target, as_version=4)
    validate(saved)
    assert [c.source for c in saved.cells] == ["print('zero')", "print('one')", "print('two')"]
    assert [c.outputs[0].text for c in saved.cells] == ["zero\n", "one\n", "two\n"]
    client.disconnect()


def test_without_notebook_it_is_a_plain_script(client, tmp_path):
    path = program(tmp_path, "import sys\n# %%\nprint(__name__, __file__)\n# !echo no\n")
    client.launch(path)
    assert client.event("exited") == {"exitCode": 0}
    assert client.stdout() == f"__main__ {path}\n"
    client.disconnect()


def test_a_file_without_an_ending_is_a_plain_script(client, tmp_path):
    path = program(tmp_path, "#!/usr/bin/env python3\nx = 1\nprint('ran', x)\n", "tool")
    client.launch(path, [({"path": str(path)}, [{"line": 3}])])
    client.event("stopped")
    frame = client.request("stackTrace", {"threadId": 1})["stackFrames"][0]
    assert (frame["line"], frame["source"]["path"]) == (3, str(path))
    client.request("continue", {"threadId": 1})
    assert client.event("exited") == {"exitCode": 0}
    client.disconnect()


def test_what_is_no_text_fails_the_launch(client, tmp_path):
    path = tmp_path / "x.py"
    path.write_bytes(b"# %%\n\xff\n")
    client.initialize()
    reply = client.error("launch", {"program": str(path), "notebook": True})
    assert reply["message"] == f"'{path}': line 2: is not UTF-8"
    client.event("terminated")
