# SPDX-License-Identifier: BSD-3-Clause
"""One drive through a program, over either adapter: lines are named by a mark in a comment, stops
are told in the words of the program, so that what was seen compares."""

import os
import signal
import sys
from pathlib import Path

from dap_client import GUARD, DapClient, Failed

PYTHON = os.environ.get("CELLDAP_TEST_PYTHON", sys.executable)
NO_DELAY = Path(__file__).resolve().parents[2] / "bench" / "nodelay"


class DebugpyClient(DapClient):
    """debugpy's own adapter. What it says is compared, not checked against the schema."""

    def __init__(self):
        env = {"PYTHONPATH": str(NO_DELAY), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        super().__init__(env=env, command=[PYTHON, "-m", "debugpy.adapter"])

    def check(self, message):
        pass

    def close(self):
        super().close()
        if self.kernel_pid:
            try:
                os.kill(self.kernel_pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


class Stop:
    def __init__(self, session, event, frames):
        self.session, self.event, self.frames = session, event, frames
        self.thread, self.reason = event["threadId"], event["reason"]

    @property
    def frame(self):
        return self.frames[0]["id"]

    @property
    def line(self):
        return self.frames[0]["line"]

    @property
    def names(self):
        return [frame["name"].rpartition(".")[2] for frame in self.frames]

    def code(self, index=0):
        """The text of a frame's line, without its comment."""
        path = Path(self.frames[index].get("source", {}).get("path", ""))
        if not path.is_file():
            return f"? {path} {self.frames[index]['line']}"
        text = path.read_text().split("\n")[self.frames[index]["line"] - 1]
        text = text.partition("  # ")[0].strip()
        return text if path == self.session.path else f"{path.name} {text}"

    def __str__(self):
        return f"{self.reason} {self.names[0]}: {self.code()}"


class Session:
    def __init__(self, client, case, folder):
        self.client, self.case, self.folder = client, case, folder
        for name, text in {**case.files, "program.py": case.program}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.lstrip("\n"))
        self.path = folder / "program.py"
        self.launched = None

    # -- beginning
    def line(self, mark, file="program.py"):
        """The line with this comment."""
        lines = (self.folder / file).read_text().split("\n")
        return next(n for n, text in enumerate(lines, 1) if text.endswith("# " + mark))

    def begin(self, **options):
        """To where breakpoints can be set."""
        self.request("initialize", adapterID="debugpy", clientID="test", pathFormat="path",
                     linesStartAt1=True, columnsStartAt1=True, supportsVariableType=True)
        arguments = {"program": str(self.path), "console": "internalConsole", "cwd": str(self.folder),
                     "python": [PYTHON], **self.case.options, **options}
        self.launched = self.client.send("launch", arguments)
        self.client.event("initialized")

    def breakpoints(self, *marks, file="program.py"):
        """marks: a mark, or (mark, {condition…}). The breakpoints of the answer."""
        items = [(mark, {}) if isinstance(mark, str) else mark for mark in marks]
        return self.request("setBreakpoints", source={"path": str(self.folder / file)}, breakpoints=[
            {"line": self.line(mark, file), **more} for mark, more in items])["breakpoints"]

    def exceptions(self, *filters, **more):
        return self.request("setExceptionBreakpoints", filters=list(filters), **more)

    def run(self):
        self.request("configurationDone")
        reply = self.client.response(self.launched)
        if not reply["success"]:
            raise Failed(f"launch: {reply}")

    def start(self, *marks, exceptions=(), functions=(), **options):
        self.begin(**options)
        if marks:
            self.breakpoints(*marks)
        if functions:
            self.request("setFunctionBreakpoints", breakpoints=[{"name": name} for name in functions])
        self.exceptions(*exceptions)
        self.run()

    # -- requests
    def request(self, command, **arguments):
        return self.client.request(command, arguments or None)

    def fails(self, command, **arguments):
        """Whether this request is an error."""
        return not self.client.call(command, arguments)["success"]

    def stopped(self):
        """The next stop, with its frames."""
        event = self.client.event("stopped")
        frames = self.request("stackTrace", threadId=event["threadId"])["stackFrames"]
        return Stop(self, event, frames)

    def resume(self, command, stop, **more):
        self.request(command, threadId=stop.thread, **more)

    def step(self, command, stop, **more):
        self.resume(command, stop, **more)
        return self.stopped()

    def next(self, stop):
        return self.step("next", stop)

    def step_in(self, stop, **more):
        return self.step("stepIn", stop, **more)

    def step_out(self, stop):
        return self.step("stepOut", stop)

    def go(self, stop):
        self.resume("continue", stop)

    def go_to_stop(self, stop):
        return self.step("continue", stop)

    def stops(self):
        """Every stop to the program's end, in words; each is continued."""
        seen = []
        while True:
            message = self.next_event("stopped", "terminated")
            if message["event"] == "terminated":
                self.client.events.append(message)
                return seen
            thread = message["body"]["threadId"]
            frames = self.request("stackTrace", threadId=thread)["stackFrames"]
            stop = Stop(self, message["body"], frames)
            seen.append(str(stop))
            self.go(stop)

    def next_event(self, *names):
        while True:
            for i, message in enumerate(self.client.events):
                if message["event"] in names:
                    return self.client.events.pop(i)
            if self.client.receive() is None:
                raise Failed(f"the stream ended before {names}; {self.client.short_timeline()}")

    # -- looking
    def scope(self, stop, name, index=0):
        scopes = self.request("scopes", frameId=stop.frames[index]["id"])["scopes"]
        return next(s for s in scopes if s["name"] == name)["variablesReference"]

    def children(self, reference, **more):
        return self.request("variables", variablesReference=reference, **more)["variables"]

    def locals(self, stop, index=0):
        return {v["name"]: v for v in self.children(self.scope(stop, "Locals", index))}

    def globals(self, stop):
        return {v["name"]: v for v in self.children(self.scope(stop, "Globals"))}

    def evaluate(self, expression, stop, context="watch", **more):
        """The body of the answer, or the error's text and the traceback that comes with it."""
        reply = self.client.call("evaluate", {"expression": expression, "frameId": stop.frame,
                                              "context": context, **more})
        if reply["success"]:
            return reply["body"]
        message = reply["message"]
        return {"error": message, "traceback": (reply.get("body") or {}).get("traceback", message)}

    def value(self, expression, stop, context="watch"):
        body = self.evaluate(expression, stop, context)
        return body.get("result", "error: " + body.get("error", "").strip().split("\n")[-1])

    # -- output and end
    def output(self, *categories):
        return "".join(m["body"]["output"] for kind, name, m in self.client.timeline
                       if (kind, name) == ("evt", "output")
                       and m["body"].get("category", "console") in categories)

    @property
    def stdout(self):
        return self.output("stdout")

    def end(self):
        """Waits for the program's end: its exit code."""
        code = self.client.event("exited")["exitCode"]
        self.client.event("terminated")
        return code

    def close(self):
        self.request("disconnect", terminateDebuggee=True)
        self.client.process.stdin.close()
        self.client.until_end()
        self.client.process.wait(GUARD)
