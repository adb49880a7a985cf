# SPDX-License-Identifier: BSD-3-Clause
"""docs/editors.md: each configuration is read as its editor reads it, and run: by the editor itself
where Debian has it, else by the messages that it sends (measured, or read in its source)."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from bridge_files import program
from dap_client import BUILD, DapClient
from socket_client import SocketClient

PAGE = (Path(__file__).resolve().parents[2] / "docs/editors.md").read_text()
BLOCKS = {name: text for name, text in re.findall(r"^```\w+ ([\w-]+)\n(.*?)^```", PAGE, re.M | re.S)}
TEXT = "def f(n):\n    m = n + 1\n    return m\n\n\nprint('result', f(41))\n"
LINE = 3
GUARD = 120  # seconds; only against a hang


def lua_tables(text):
    """The flat tables of a Lua configuration, as dictionaries of their strings."""
    tables = re.findall(r"\{ [^{}]*\}", text.replace("${file}", "$file"))
    return [{k: v.replace("$file", "${file}") for k, v in re.findall(r"(\w+) = '([^']*)'", table)}
            for table in tables]


def configurations():
    """(editor, its configuration as the adapter gets it) of every launch on the page."""
    yield "vscode", json.loads(BLOCKS["vscode"])["configurations"][0]
    yield "nvim-dap", next(t for t in lua_tables(BLOCKS["nvim-dap"]) if t.get("request") == "launch")
    yield "dape", dict(re.findall(r':(\w+) "([^"]*)"', BLOCKS["dape"]))
    yield "zed", json.loads(BLOCKS["zed"])[0]
    debugger = tomllib.loads(BLOCKS["helix"])["language"][0]["debugger"]
    yield "helix", debugger["templates"][0]["args"]
    yield "lsp4ij", json.loads(BLOCKS["lsp4ij-launch"])
    vimspector = json.loads(BLOCKS["vimspector"])["configurations"]
    yield "vimspector", vimspector["celldap: file"]["configuration"]


def command_of(editor):
    """The command line that the page gives the editor."""
    if editor == "vscode":
        debugger = json.loads(BLOCKS["vscode-package"])["contributes"]["debuggers"][0]
        return [debugger["program"], *debugger["args"]]
    if editor == "nvim-dap":
        return re.findall(r"'([^']*)'", BLOCKS["nvim-dap"].split("command = ")[1].split("}")[0])
    if editor == "dape":
        return re.findall(r'"([^"]*)"', BLOCKS["dape"].split("command ")[1].split(")")[0])
    if editor == "helix":
        debugger = tomllib.loads(BLOCKS["helix"])["language"][0]["debugger"]
        return [debugger["command"], *debugger["args"]]
    if editor == "lsp4ij":
        return json.loads(BLOCKS["lsp4ij"])["launch"]["default"].split()
    if editor == "vimspector":
        gadget = json.loads(BLOCKS["vimspector-gadget"])["adapters"]["celldap"]
        return [word.replace("${port}", "0") for word in gadget["command"]]
    return re.search(r"`(celldap --port \d+)`", PAGE)[1].replace("4711", "0").split()


# What each says of itself, and in which order it configures.
CLIENTS = {
    "vscode": ({"clientID": "vscode", "adapterID": "celldap", "pathFormat": "path",
                "linesStartAt1": True, "columnsStartAt1": True, "supportsVariableType": True,
                "supportsVariablePaging": True, "supportsInvalidatedEvent": True,
                "supportsMemoryReferences": True, "supportsMemoryEvent": True,
                "supportsStartDebuggingRequest": True, "supportsANSIStyling": True,
                "supportsArgsCanBeInterpretedByShell": True, "locale": "en"},
               ["setBreakpoints", "setFunctionBreakpoints", "setExceptionBreakpoints"]),
    "nvim-dap": ({"clientID": "neovim", "adapterID": "nvim-dap", "pathFormat": "path",
                  "linesStartAt1": True, "columnsStartAt1": True},
                 ["setBreakpoints", "setExceptionBreakpoints"]),
    "dape": ({"clientID": "dape", "adapterID": "celldap", "pathFormat": "path",
              "linesStartAt1": True, "columnsStartAt1": True},
             ["setExceptionBreakpoints", "setBreakpoints", "setFunctionBreakpoints"]),
    "zed": ({"clientID": "zed", "adapterID": "Debugpy", "pathFormat": "path", "linesStartAt1": True,
             "columnsStartAt1": True}, ["setBreakpoints", "setExceptionBreakpoints"]),
    "helix": ({"clientID": "hx", "adapterID": "celldap", "pathFormat": "path",
               "linesStartAt1": True, "columnsStartAt1": True, "supportsVariablePaging": False,
               "supportsInvalidatedEvent": False}, ["setBreakpoints"]),
    "lsp4ij": ({"clientID": "lsp4ij", "adapterID": "celldap", "pathFormat": "path",
                "linesStartAt1": True, "columnsStartAt1": True},
               ["setBreakpoints", "setExceptionBreakpoints"]),
    "vimspector": ({"clientID": "vimspector", "adapterID": "celldap", "pathFormat": "path",
                    "linesStartAt1": True, "columnsStartAt1": True},
                   ["setBreakpoints", "setFunctionBreakpoints", "setExceptionBreakpoints"]),
}
SENT = {"setFunctionBreakpoints": {"breakpoints": []}, "setExceptionBreakpoints": {"filters": []}}


def start(command):
    """The adapter as the page starts it; its program is the one under test."""
    assert command[0] == "celldap"
    return SocketClient(command[1:]) if "--port" in command else DapClient(command[1:])


@pytest.mark.parametrize("editor", CLIENTS)
def test_a_session_as_the_editor_has_it(editor, tmp_path):
    path = program(tmp_path, TEXT)
    facts, order = CLIENTS[editor]
    configuration = dict(configurations())[editor]
    configuration = {k: str(path) if v in ("${file}", "{0}", "$ZED_FILE") else v
                     for k, v in configuration.items()} | {"program": str(path)}
    with start(command_of(editor)) as client:
        first = client.send("initialize", facts)
        client.response(first)
        launch = client.send("launch", {**configuration, "__sessionId": "x"})
        client.event("initialized")
        for name in order:
            client.request(name, SENT.get(name, {
                "source": {"name": path.name, "path": str(path)}, "lines": [LINE],
                "breakpoints": [{"line": LINE}], "sourceModified": False}))
        client.request("configurationDone")
        assert client.response(launch)["success"]
        stop = client.event("stopped")
        client.request("threads")
        frame = client.request("stackTrace", {"threadId": stop["threadId"], "startFrame": 0,
                                              "levels": 20})["stackFrames"][0]
        assert (frame["name"], frame["line"], frame["source"]["path"]) == ("f", LINE, str(path))
        scope = client.request("scopes", {"frameId": frame["id"]})["scopes"][0]
        shown = client.request("variables", {"variablesReference": scope["variablesReference"]})
        assert {v["name"]: v["value"] for v in shown["variables"]}["m"] == "42"
        client.request("continue", {"threadId": stop["threadId"]})
        client.output("result 42", "stdout")
        client.event("terminated")
        client.request("disconnect", {"restart": False})
        client.until_end()


def test_every_key_of_the_page_is_an_option():
    known = {o["name"] for o in json.loads(subprocess.run(
        [BUILD / "bin/celldap", "options", "--json"], capture_output=True, text=True, check=True,
        timeout=GUARD).stdout)}
    others = {"request", "name", "label", "adapter", "tcp_connection"}  # the editors' own
    for editor, configuration in configurations():
        assert set(configuration) <= known | others, editor
    for configuration in json.loads(BLOCKS["vscode"])["configurations"]:
        assert set(configuration) <= known | others


def test_the_ready_line_is_what_lsp4ij_waits_for():
    pattern = json.loads(BLOCKS["lsp4ij"])["debugServerReadyPattern"]
    pattern = re.escape(pattern).replace(r"\$\{address\}", r"[\d.]+").replace(r"\$\{port\}", r"\d+")
    process = subprocess.Popen([BUILD / "bin/celldap", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert re.match(pattern, process.stdout.readline())
    finally:
        process.kill()
        process.wait(GUARD)
        process.stdout.close()


def test_emacs_with_dap_mode(tmp_path):
    """Debian's Emacs and dap-mode, in batch, with the page's configuration."""
    if not shutil.which("emacs"):
        pytest.skip("Emacs is not here: apt-get install emacs-nox elpa-dap-mode")
    if not list(Path("/usr/share/emacs/site-lisp/elpa-src").glob("dap-mode-*")):
        pytest.skip("dap-mode is not here: apt-get install elpa-dap-mode")
    path = program(tmp_path, TEXT)
    (tmp_path / "config.el").write_text(BLOCKS["dap-mode"])
    driver = Path(__file__).resolve().parent / "editors/dap_mode.el"
    env = {**os.environ, "PATH": f"{BUILD / 'bin'}:{os.environ['PATH']}", "HOME": str(tmp_path),
           "DAP_CONFIG": str(tmp_path / "config.el"), "DAP_PROGRAM": str(path),
           "DAP_LINE": str(LINE)}
    run = subprocess.run(["emacs", "--batch", "-l", driver], capture_output=True, text=True, env=env,
                         cwd=tmp_path, timeout=GUARD)
    shown = [line[6:] for line in run.stdout.splitlines() if line.startswith("SHOWN ")]
    assert shown == [f"frame f line {LINE}", "m is 42", "output result 42"], run.stderr
