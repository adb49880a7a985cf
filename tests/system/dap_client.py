# SPDX-License-Identifier: BSD-3-Clause
"""A DAP client on stdio for tests: every message is checked against the schema, every one is kept
in a timeline, every request is counted until its one reply. Nothing sleeps: it waits for messages,
with a guard against hangs."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path

import jsonschema

GUARD = 60  # seconds; only against hangs
ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CELLDAP_BUILD", ROOT / "build")).resolve()
PROGRAM = BUILD / "bin" / "celldap"
SCHEMA = json.loads((ROOT / "dap/schema/debugAdapterProtocol.json").read_text())
_validators = {}


class Failed(AssertionError):
    """The adapter did something else than DAP."""


def _title(name):
    return name[0].upper() + name[1:]


def _definition(message):
    definitions = SCHEMA["definitions"]
    if message["type"] == "request":
        return _title(message["command"]) + "Request"
    if message["type"] == "event":
        name = _title(message["event"]) + "Event"
        return name if name in definitions else "Event"
    if not message["success"]:
        return "ErrorResponse"
    name = _title(message["command"]) + "Response"
    return name if name in definitions else "Response"


def validate(message):
    name = _definition(message)
    if name not in _validators:
        schema = {"$ref": f"#/definitions/{name}", "definitions": SCHEMA["definitions"]}
        _validators[name] = jsonschema.Draft7Validator(schema)
    for error in _validators[name].iter_errors(message):
        raise Failed(f"{name}: {error.message} at {list(error.path)} in {json.dumps(message)[:600]}")


def frame(message):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class DapClient:
    def __init__(self, args=(), env=None, cwd=None, command=None):
        """command: another adapter than celldap's."""
        log = os.environ.get("CELLDAP_TEST_LOG")
        more = ["--log", log, "--log-level", "trace"] if log else []
        self.process = subprocess.Popen(
            command or [str(PROGRAM), *more, *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if not log else None,
            env={**os.environ, **(env or {})},
            cwd=cwd,
        )
        self.seq = 0
        self.last_seq_in = 0
        self.timeline = []  # ("req"|"res"|"evt", name, message)
        self.open = {}  # seq -> command
        self.responses = {}
        self.events = []
        self.asked = []  # reverse requests, in order
        self.answers = {}  # command -> f(arguments): body of a success, or a text: a refusal
        self.inbox = queue.Queue()
        self.kernel_pid = None
        self.input, self.output_stream = self._connect()
        threading.Thread(target=self._read, daemon=True).start()

    def _connect(self):
        """(where we write, where we read)"""
        return self.process.stdin, self.process.stdout

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(GUARD)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass

    def _read(self):
        out = self.output_stream
        try:
            while True:
                header = out.readline()
                if not header:
                    break
                name, _, value = header.partition(b": ")
                if name != b"Content-Length" or out.readline() != b"\r\n":
                    raise Failed(f"not DAP on stdout: {header!r}")
                body = out.read(int(value))
                self.inbox.put(json.loads(body))
        except Exception as error:  # handed to the test
            self.inbox.put(error)
        self.inbox.put(None)

    # -- out
    def send_bytes(self, data):
        self.input.write(data)
        self.input.flush()

    def send(self, command, arguments=None, **fields):
        self.seq += 1
        message = {"seq": self.seq, "type": "request", "command": command, **fields}
        if arguments is not None:
            message["arguments"] = arguments
        self.open[self.seq] = command
        self.timeline.append(("req", command, message))
        self.send_bytes(frame(message))
        return self.seq

    # -- in
    def receive(self, guard=GUARD):
        """The next message, checked and filed; None at the end of the stream."""
        try:
            message = self.inbox.get(timeout=guard)
        except queue.Empty:
            raise Failed(f"nothing came; open {self.open}; {self.short_timeline()}") from None
        if message is None:
            self.inbox.put(None)
            return None
        if isinstance(message, Exception):
            raise message
        self.check(message)
        if message["type"] == "response":
            self._file_response(message)
        elif message["type"] == "request":
            self._take_request(message)
        else:
            self.timeline.append(("evt", message["event"], message))
            self.events.append(message)
            if message["event"] == "process":
                self.kernel_pid = message["body"].get("systemProcessId")
        return message

    def check(self, message):
        """What holds for every message."""
        # the schema knows no seq 0, JupyterLab does: it is echoed (contracts.md §8)
        validate({**message, "request_seq": 1} if message.get("request_seq") == 0 else message)
        if message["seq"] != self.last_seq_in + 1:
            raise Failed(f"seq {message['seq']} after {self.last_seq_in}")
        self.last_seq_in = message["seq"]

    def _take_request(self, message):
        """A reverse request: answered with success, or as the test wants it."""
        self.timeline.append(("ask", message["command"], message))
        self.asked.append(message)
        answer = self.answers.get(message["command"], lambda arguments: {})(message["arguments"])
        reply = {"type": "response", "request_seq": message["seq"], "command": message["command"]}
        if isinstance(answer, str):
            reply.update(success=False, message=answer, body={"error": {"id": 1, "format": answer}})
        else:
            reply.update(success=True, body=answer)
        self.seq += 1
        self.send_bytes(frame({"seq": self.seq, **reply}))

    def reverse(self, command, guard=GUARD):
        """Takes the first such reverse request, or waits for it. Its arguments."""
        while True:
            for i, message in enumerate(self.asked):
                if message["command"] == command:
                    del self.asked[i]
                    return message["arguments"]
            if self.receive(guard) is None:
                raise Failed(f"the stream ended before '{command}'; {self.short_timeline()}")

    def _file_response(self, message):
        seq = message["request_seq"]
        if self.open.pop(seq, None) != message["command"]:
            raise Failed(f"a reply that nobody waits for: {message}")
        self.timeline.append(("res", message["command"], message))
        self.responses[seq] = message

    def short_timeline(self):
        return " | ".join(f"{kind} {name}" for kind, name, _ in self.timeline[-40:])

    def response(self, seq, guard=GUARD):
        end = time.monotonic() + guard
        while seq not in self.responses:
            if self.receive(max(0.01, end - time.monotonic())) is None:
                raise Failed(f"the stream ended before reply {seq}; {self.short_timeline()}")
        return self.responses[seq]

    def call(self, command, arguments=None, guard=GUARD):
        """The reply, whatever it is."""
        return self.response(self.send(command, arguments), guard)

    def request(self, command, arguments=None, guard=GUARD):
        """The body of a reply that has to be a success."""
        reply = self.call(command, arguments, guard)
        if not reply["success"]:
            raise Failed(f"{command}: {reply['message']}: {reply['body']}")
        return reply.get("body", {})

    def error(self, command, arguments=None):
        """The reply that has to be a failure."""
        reply = self.call(command, arguments)
        if reply["success"]:
            raise Failed(f"{command} succeeded: {reply}")
        return reply

    def event(self, name, wanted=lambda body: True, guard=GUARD):
        """Takes the first such event out of what came, or waits for it. Its body."""
        while True:
            for i, message in enumerate(self.events):
                if message["event"] == name and wanted(message.get("body", {})):
                    del self.events[i]
                    return message.get("body", {})
            if self.receive(guard) is None:
                raise Failed(f"the stream ended before event {name}; {self.short_timeline()}")

    def take(self, name):
        """All events of this name that came already."""
        taken = [m.get("body", {}) for m in self.events if m["event"] == name]
        self.events = [m for m in self.events if m["event"] != name]
        return taken

    def until_end(self):
        while self.receive() is not None:
            pass

    def output(self, text, category=None):
        """Waits until the outputs (of a category) together contain text."""
        seen = ""

        def wanted(body):
            nonlocal seen
            if category is None or body.get("category") == category:
                seen += body["output"]
            return text in seen

        while True:
            self.event("output", lambda body: True if wanted(body) else True)
            if text in seen:
                return seen

    # -- usual beginnings
    def stdout(self):
        """All that came on stdout so far."""
        return "".join(m["body"]["output"] for _, n, m in self.timeline
                       if n == "output" and m["body"]["category"] == "stdout")

    def initialize(self, **more):
        body = self.request("initialize", {"adapterID": "celldap", "clientID": "test", **more})
        self.event("initialized")
        return body

    def launch(self, program, breakpoints=None, initialize=None, **options):
        """To configurationDone; returns the setBreakpoints bodies and the seq of launch."""
        self.initialize(**(initialize or {}))
        launch = self.send("launch", {"program": str(program), **options})
        bodies = [
            self.request("setBreakpoints", {"source": source, "breakpoints": items})
            for source, items in breakpoints or []
        ]
        self.request("setExceptionBreakpoints", {"filters": ["uncaught"]})
        self.request("configurationDone")
        reply = self.response(launch)
        if not reply["success"]:
            raise Failed(f"launch: {reply['message']}")
        return bodies

    def disconnect(self, **arguments):
        self.request("disconnect", arguments or None)
        self.until_end()
        return self.process.wait(GUARD)

    def kill(self):
        """The editor dies: its end of the pipes is gone, nothing is said."""
        self.process.stdin.close()
        self.process.stdout.close()


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_gone(pid, guard=GUARD):
    """Until the process is gone, by its pidfd; True when it is."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        import select

        return bool(select.select([fd], [], [], guard)[0]) or not alive(pid)
    finally:
        os.close(fd)


def kill_hard(pid):
    os.kill(pid, signal.SIGKILL)
