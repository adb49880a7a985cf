# SPDX-License-Identifier: BSD-3-Clause
"""The demo: a real notebook debugged over the real bridge, as an editor would, with a transcript.

Speaks the Debug Adapter Protocol to build/bin/celldap on its stdin and stdout; standard library only.
`./dev demo` runs it; CELLDAP_BUILD names the build tree. Exit status 0 when all went as it should.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CELLDAP_BUILD", ROOT / "build"))
NOTEBOOK = ROOT / "docs" / "examples" / "penguins.ipynb"
GUARD_S = 55  # only against a hang


class Failed(Exception):
    """The session went another way than the demo shows."""


class Adapter:
    """One celldap process: requests out, responses matched by number, events in order."""

    def __init__(self):
        self.process = subprocess.Popen(
            [BUILD / "bin" / "celldap"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.messages = queue.Queue()
        self.events = []
        self.seq = 0
        self.deadline = time.monotonic() + GUARD_S
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        stream = self.process.stdout
        while True:
            length = None
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if length is None:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def _next(self, what):
        try:
            message = self.messages.get(timeout=max(0.0, self.deadline - time.monotonic()))
        except queue.Empty:
            raise Failed(f"no {what} within {GUARD_S} s") from None
        if message is None:
            raise Failed(f"celldap ended before its {what}")
        if message["type"] == "event":
            show_event(message)
        return message

    def send(self, command, **arguments):
        self.seq += 1
        text = json.dumps(
            {"seq": self.seq, "type": "request", "command": command, "arguments": arguments}
        ).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        self.process.stdin.flush()
        return self.seq

    def answer(self, seq, what):
        while True:
            message = self._next(f"answer to {what}")
            if message["type"] == "event":
                self.events.append(message)
            elif message.get("request_seq") == seq:
                if not message["success"]:
                    raise Failed(f"{what}: {message.get('message')}")
                return message.get("body") or {}

    def ask(self, command, **arguments):
        return self.answer(self.send(command, **arguments), command)

    def event(self, *names):
        while True:
            for i, message in enumerate(self.events):
                if message["event"] in names:
                    del self.events[: i + 1]
                    return message
            message = self._next(f"event {names[0]}")
            if message["type"] == "event":
                self.events.append(message)


def show(sign, text):
    for line in text.rstrip("\n").split("\n"):
        print(f"{sign} {line}", flush=True)


def show_event(message):
    body = message.get("body") or {}
    if message["event"] == "output" and body.get("category") in ("stdout", "stderr", "console"):
        show("   |", body["output"])


class Notebook:
    """Which line of the .ipynb holds which line of which cell: one JSON string a source line."""

    def __init__(self, path):
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self.cells = json.loads("\n".join(self.lines))["cells"]
        self.at = {}
        json_line = 0
        for index, cell in enumerate(self.cells):
            for number, source in enumerate(cell["source"], 1):
                text = json.dumps(source, ensure_ascii=False)
                while self.lines[json_line].strip().rstrip(",") != text:
                    json_line += 1
                json_line += 1
                self.at[json_line] = (index, number, source.rstrip("\n"))

    def line(self, text):
        return next(n for n, (_, _, source) in self.at.items() if text in source)

    def place(self, json_line):
        index, number, source = self.at.get(json_line, (None, None, "?"))
        return f"cell {index}, line {number}", source


def show_stop(adapter, notebook, thread):
    frames = adapter.ask("stackTrace", threadId=thread, startFrame=0, levels=20)["stackFrames"]
    place, source = notebook.place(frames[0]["line"])
    show("  ==", f"{place} (line {frames[0]['line']} of {NOTEBOOK.name}), in {frames[0]['name']}")
    show("  ->", source)
    return frames


def show_locals(adapter, frame, names):
    scopes = adapter.ask("scopes", frameId=frame["id"])["scopes"]
    variables = adapter.ask("variables", variablesReference=scopes[0]["variablesReference"])
    for variable in variables["variables"]:
        if variable["name"] in names:
            value = " ".join(variable["value"].split())
            show("    ", f"{variable['name']} = {value[:70]}  ({variable.get('type', '')})")


def evaluate(adapter, frame, expression):
    body = adapter.ask("evaluate", expression=expression, frameId=frame["id"], context="watch")
    show("  ??", f"{expression}  =  {body['result']}")
    return body["result"]


def check(condition, what):
    if not condition:
        raise Failed(what)


def stopped(adapter, notebook, reason):
    body = adapter.event("stopped", "terminated")["body"] or {}
    check(body.get("reason") == reason, f"expected a stop ({reason}), got {body}")
    show("STOP", reason)
    return body["threadId"], show_stop(adapter, notebook, body["threadId"])


def configure(adapter, notebook):
    adapter.ask(
        "initialize", adapterID="celldap", clientID="demo", linesStartAt1=True, columnsStartAt1=True
    )
    show(">>", f"launch {NOTEBOOK.name}")
    launched = adapter.send(
        "launch", program=str(NOTEBOOK), python=sys.executable, exitWhenDone=True
    )
    adapter.event("initialized")
    call = notebook.line("rows[species] = describe(group)")
    returned = notebook.line("return covariance / variance")
    show(">>", f"setBreakpoints: {notebook.place(call)[0]} if species == 'Gentoo'")
    answer = adapter.ask(
        "setBreakpoints",
        source={"path": str(NOTEBOOK)},
        breakpoints=[{"line": call, "condition": "species == 'Gentoo'"}],
    )
    breakpoint_ = answer["breakpoints"][0]
    check(breakpoint_["line"] == call, f"the breakpoint moved: {breakpoint_}")
    adapter.ask("setExceptionBreakpoints", filters=["uncaught"])
    adapter.ask("configurationDone")
    adapter.answer(launched, "launch")
    return call, returned


def session(adapter, notebook):
    call, returned = configure(adapter, notebook)
    thread, frames = stopped(adapter, notebook, "breakpoint")
    check(frames[0]["line"] == call, f"stopped at line {frames[0]['line']}, not {call}")
    show_locals(adapter, frames[0], ("species", "group", "rows", "penguins"))
    check(evaluate(adapter, frames[0], "len(group)") == "123", "there are 123 of them")

    show(">>", "stepIn: into a function of another cell")
    adapter.ask("stepIn", threadId=thread)
    thread, frames = stopped(adapter, notebook, "step")
    check(frames[0]["name"] == "describe", f"stepped into {frames[0]['name']}")
    evaluate(adapter, frames[0], "group.body_mass_g.mean()")

    show(">>", "next")
    adapter.ask("next", threadId=thread)
    thread, frames = stopped(adapter, notebook, "step")
    show_locals(adapter, frames[0], ("mean_kg",))

    show(">>", f"setBreakpoints: {notebook.place(returned)[0]}; continue")
    adapter.ask("setBreakpoints", source={"path": str(NOTEBOOK)}, breakpoints=[{"line": returned}])
    adapter.ask("continue", threadId=thread)
    thread, frames = stopped(adapter, notebook, "breakpoint")
    show_locals(adapter, frames[0], ("mean_x", "mean_y", "covariance", "variance"))
    evaluate(adapter, frames[0], "covariance / variance")
    show("    ", "called from " + ", ".join(notebook.place(f["line"])[0] for f in frames[1:3]))

    show(">>", "setBreakpoints: none; continue to the end")
    adapter.ask("setBreakpoints", source={"path": str(NOTEBOOK)}, breakpoints=[])
    adapter.ask("continue", threadId=thread)
    code = adapter.event("exited")["body"]["exitCode"]
    adapter.event("terminated")
    show("END ", f"exit code {code}")
    check(code == 0, "the notebook failed")
    adapter.ask("disconnect")


def main():
    started = time.monotonic()
    adapter = Adapter()
    try:
        session(adapter, Notebook(NOTEBOOK))
        adapter.process.stdin.close()
        status = adapter.process.wait(timeout=10)
        check(status == 0, f"celldap ended with {status}")
    except Failed as problem:
        print(f"demo failed: {problem}", file=sys.stderr)
        return 1
    finally:
        adapter.process.kill()
    print(f"the demo took {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
