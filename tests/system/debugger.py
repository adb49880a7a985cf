# SPDX-License-Identifier: BSD-3-Clause
"""A debugger client on a kernel's control channel, for tests."""


class Debugger:
    def __init__(self, kernel):
        self.kernel, self.seq = kernel, 0
        self.body("initialize", clientID="test", adapterID="x", pathFormat="path")
        self.body("attach")

    def send(self, command, **arguments):
        """A request whose reply comes later: ask for it with reply()."""
        self.seq += 1
        content = {"type": "request", "seq": self.seq, "command": command, "arguments": arguments}
        return self.kernel.send("control", "debug_request", content), self.seq

    def reply(self, sent):
        msg_id, seq = sent
        reply = self.kernel.reply_to("control", msg_id)["content"]
        assert reply["request_seq"] == seq
        return reply

    def request(self, command, **arguments):
        reply = self.reply(self.send(command, **arguments))
        assert reply["command"] == command
        return reply

    def body(self, command, **arguments):
        reply = self.request(command, **arguments)
        assert reply["success"], reply
        return reply.get("body", {})

    def error(self, command, **arguments):
        reply = self.request(command, **arguments)
        assert not reply["success"], reply
        return reply["body"]["error"]["format"]

    def variables(self, reference, **arguments):
        found = self.body("variables", variablesReference=reference, **arguments)["variables"]
        return {v["name"]: v for v in found}

    def run_to(self, code, line):
        path = self.body("dumpCell", code=code)["sourcePath"]
        found = self.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": line}])
        first = found["breakpoints"][0]  # pending: Python starts late on a loaded machine
        assert first["verified"] or first["reason"] == "pending", found
        cell = self.kernel.start(code)
        self.await_stop(cell)
        return cell

    def await_stop(self, cell):
        while True:
            m = self.kernel.iopub()
            if m["msg_type"] == "debug_event" and m["content"]["event"] == "stopped":
                return m["content"]["body"]
            if m["parent_header"].get("msg_id") == cell.msg_id:
                cell.messages.append(m)
                assert m["msg_type"] != "error", m["content"]

    def frames(self):
        return self.body("stackTrace", threadId=1)["stackFrames"]

    def go_on(self, cell):
        self.body("continue", threadId=1)
        return cell.wait()

    def outputs(self, code, count):
        """Runs the cell, which must not stop: its debugger outputs, at least `count` of them."""
        cell, told, idle = self.kernel.start(code), [], False
        while not idle or len(told) < count:
            m = self.kernel.iopub()
            if m["msg_type"] == "debug_event":
                assert m["content"]["event"] != "stopped", m["content"]
                if m["content"]["event"] == "output":
                    told.append(m["content"]["body"])
            elif m["parent_header"].get("msg_id") == cell.msg_id:
                idle = idle or m["content"].get("execution_state") == "idle"
        self.kernel.reply_to("shell", cell.msg_id)
        return told
