# SPDX-License-Identifier: BSD-3-Clause
"""A client of a kernel's debug socket, for tests. Every message is checked against the schema."""

import json
import uuid

import zmq
from jupyter_client.session import Session

from dap_client import validate


def check(message):
    if message.get("request_seq") == 0:  # JupyterLab's requests have 0, and so do their replies
        message = {**message, "request_seq": 1}
    validate(message)


class Debugger:
    """A client of the debug socket."""

    def __init__(self, kernel):
        self.kernel = kernel
        connection = json.loads(open(kernel.file).read())
        self.session = Session(key=connection["key"].encode())
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.identity = str(uuid.uuid4())
        self.socket.identity = self.identity.encode()
        self.socket.linger = 0
        self.socket.connect(f"tcp://127.0.0.1:{connection['debug_port']}")
        self.seq, self.events = 0, []

    def receive(self):
        assert self.socket.poll(60_000), "the debug socket is silent"
        return self.session.recv(self.socket)[1]

    def send(self, content):
        return self.session.send(self.socket, "debug_request", content)["header"]["msg_id"]

    def receive_checked(self):
        m = self.receive()
        check(m["content"])
        return m

    def reply(self, msg_id):
        while True:
            m = self.receive_checked()
            if m["msg_type"] == "debug_event":
                self.events.append(m)
            elif m["parent_header"]["msg_id"] == msg_id:
                assert m["msg_type"] == "debug_reply"
                return m["content"]

    def start(self, command, **arguments):
        """Sends a request: (its seq, what waits for its reply)."""
        self.seq += 1
        content = {"type": "request", "seq": self.seq, "command": command, "arguments": arguments}
        sent = self.send(content)
        return self.seq, lambda: self.reply(sent)

    def ask(self, command, **arguments):
        seq, reply = self.start(command, **arguments)
        reply = reply()
        assert reply["request_seq"] == seq and reply["command"] == command
        return reply

    def body(self, command, **arguments):
        reply = self.ask(command, **arguments)
        assert reply["success"], reply
        return reply.get("body", {})

    def error(self, command, **arguments):
        reply = self.ask(command, **arguments)
        assert not reply["success"], reply
        return reply["body"]["error"]["format"]

    def variables(self, reference, **arguments):
        found = self.body("variables", variablesReference=reference, **arguments)["variables"]
        return {v["name"]: v for v in found}

    def stop_at(self, code, line):
        """Runs a cell up to a line: (the cell, its innermost frame's id, its locals)."""
        self.breakpoint(code, line)
        cell = self.kernel.start(code)
        return cell, *self.look(self.event("stopped")["content"]["body"]["threadId"])

    def look(self, thread=1):
        frame = self.body("stackTrace", threadId=thread)["stackFrames"][0]["id"]
        scope = self.body("scopes", frameId=frame)["scopes"][0]["variablesReference"]
        return frame, self.variables(scope)

    def go_on(self, cell):
        self.body("continue", threadId=1)
        return cell.wait()

    def event(self, name):
        while True:
            for i, m in enumerate(self.events):
                if m["content"]["event"] == name:
                    return self.events.pop(i)
            m = self.receive()
            if m["msg_type"] == "debug_event":
                self.events.append(m)

    def attach(self, **options):
        assert self.ask("celldap/hello", client=self.identity)["success"]
        assert self.ask("initialize", adapterID="test")["success"]
        assert self.ask("attach", **options)["success"]
        return self

    def breakpoint(self, code, line):
        path = self.ask("dumpCell", code=code)["body"]["sourcePath"]
        reply = self.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": line}])
        breakpoint = reply["body"]["breakpoints"][0]
        while not breakpoint["verified"]:  # while Python warms up the answer may come later
            breakpoint = self.event("breakpoint")["content"]["body"]["breakpoint"]

    def close(self):
        self.context.destroy(linger=0)
