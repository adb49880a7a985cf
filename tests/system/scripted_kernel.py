# SPDX-License-Identifier: BSD-3-Clause
"""A kernel that answers what a test tells it to: for the moments of ipykernel and xeus-python that a
real one shows once in a hundred runs, or never again once it has wedged. Like theirs its debugger is
on the control channel, and reads nothing while it owes an answer."""

import json
import queue
import threading

import zmq
from jupyter_client.session import Session

CAPABILITIES = {"supportsConfigurationDoneRequest": True, "supportsConditionalBreakpoints": True,
                "supportsSetVariable": True, "supportsModulesRequest": True,
                "exceptionBreakpointFilters": [{"filter": "raised", "label": "Raised"}]}
CHANNELS = ("shell", "control", "stdin", "iopub", "hb")


class ScriptedKernel:
    """answers: command -> function of the request, which returns the reply's content; SILENCE for
    none, WEDGE for none and nothing ever again. What it does not name succeeds with an empty body."""

    SILENCE, WEDGE = object(), object()

    def __init__(self, folder, implementation="scripted", **answers):
        self.session = Session(key=b"scripted")
        self.context = zmq.Context()
        self.prefix = str(folder / "cells") + "/"
        self.info = {"status": "ok", "protocol_version": "5.3", "implementation": implementation,
                     "supported_features": ["debugger"]}
        self.answers = {"initialize": lambda r: {"body": CAPABILITIES}, "debugInfo": self.debug_info,
                        "setBreakpoints": self.set_breakpoints, **answers}
        self.started, self.stopped_threads = False, []
        self.seen = queue.Queue()  # debug requests, in order
        self.calls = queue.Queue()
        self.wedged = False
        types = {"iopub": zmq.XPUB, "hb": zmq.REP}
        self.sockets = {c: self.context.socket(types.get(c, zmq.ROUTER)) for c in CHANNELS}
        ports = {f"{c}_port": s.bind_to_random_port("tcp://127.0.0.1")
                 for c, s in self.sockets.items()}
        self.wake_out, self.wake_in = self.context.socket(zmq.PAIR), self.context.socket(zmq.PAIR)
        self.wake_in.bind("inproc://wake")
        self.wake_out.connect("inproc://wake")
        self.file = str(folder / "kernel-scripted.json")
        with open(self.file, "w", encoding="utf-8") as f:
            json.dump({**ports, "ip": "127.0.0.1", "transport": "tcp", "key": "scripted",
                       "signature_scheme": "hmac-sha256"}, f)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    # what a test does

    def call(self, function, *arguments):
        """Runs in the kernel's thread, which owns the sockets."""
        self.calls.put((function, arguments))
        self.wake_out.send(b"")

    def event(self, name, body):
        self.call(self._event, name, body)

    def publish(self, msg_type, content, parent=None, metadata=None):
        self.call(lambda: self.session.send(self.sockets["iopub"], msg_type, content, parent=parent,
                                            metadata=metadata))

    def stop(self, thread=1, reason="breakpoint"):
        self.stopped_threads = [thread]
        self.event("stopped", {"reason": reason, "threadId": thread, "allThreadsStopped": True})

    def reply_now(self, request, content):
        """The answer to a request whose function returned SILENCE."""
        self.call(self._reply, request, content)

    def take(self, command, guard=60):
        """The next such request; what came before it is passed over. {"arguments", …}"""
        while True:
            request = self.seen.get(timeout=guard)
            if request["command"] == command:
                return request

    def close(self):
        self.call(None)
        self.thread.join(60)
        for s in (*self.sockets.values(), self.wake_in, self.wake_out):
            s.close(0)
        self.context.term()

    # what it answers

    def debug_info(self, _request):
        return {"body": {"isStarted": self.started, "hashMethod": "Murmur2", "hashSeed": 0xc70f6907,
                         "tmpFilePrefix": self.prefix, "tmpFileSuffix": ".py", "breakpoints": [],
                         "stoppedThreads": self.stopped_threads}}

    def set_breakpoints(self, request):
        wanted = request["arguments"]["breakpoints"]
        return {"body": {"breakpoints": [{"id": n + 1, "verified": True, "line": b["line"]}
                                         for n, b in enumerate(wanted)]}}

    # its thread

    def _event(self, name, body):
        self.session.send(self.sockets["iopub"], "debug_event",
                          {"seq": 1, "type": "event", "event": name, "body": body})

    def _reply(self, request, content):
        idents, parent = request["from"]
        base = {"seq": 1, "type": "response", "request_seq": request["seq"], "success": True,
                "command": request["command"]}
        if content.get("raw") is None:
            content = {**base, **content}
        else:
            content = content["raw"]
        self.session.send(self.sockets["control"], "debug_reply", content, parent=parent,
                          ident=idents)

    def _debug(self, idents, parent, content):
        request = {**content, "from": (idents, parent)}
        self.seen.put(request)
        if self.wedged:
            return
        answer = self.answers.get(content["command"], lambda r: {})(request)
        self.wedged = answer is self.WEDGE
        if answer is not self.SILENCE and not self.wedged:
            self._reply(request, answer)

    def _welcome(self):
        if self.sockets["iopub"].recv()[:1] == b"\x01":
            self.session.send(self.sockets["iopub"], "iopub_welcome", {"subscription": ""})

    def _receive(self, channel):
        idents, parts = self.session.recv(self.sockets[channel], mode=0)
        kind = parts["header"]["msg_type"]
        if kind == "debug_request":
            self._debug(idents, parts["header"], parts["content"])
            return
        parent = parts["header"]
        self.session.send(self.sockets["iopub"], "status", {"execution_state": "busy"}, parent=parent)
        if kind == "kernel_info_request" and not (self.wedged and channel == "control"):
            self.session.send(self.sockets[channel], "kernel_info_reply", self.info, parent=parent,
                              ident=idents)
        elif kind == "execute_request":
            self.session.send(self.sockets[channel], "execute_reply",
                              {"status": "ok", "execution_count": 1, "user_expressions": {}},
                              parent=parent, ident=idents)
        self.session.send(self.sockets["iopub"], "status", {"execution_state": "idle"}, parent=parent)

    def _run(self):
        poller = zmq.Poller()
        for c in ("shell", "control", "iopub"):
            poller.register(self.sockets[c], zmq.POLLIN)
        poller.register(self.wake_in, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is self.wake_in:
                    self.wake_in.recv()
                    function, arguments = self.calls.get()
                    if function is None:
                        return
                    function(*arguments)
                elif socket is self.sockets["iopub"]:
                    self._welcome()
                else:
                    self._receive(next(c for c, s in self.sockets.items() if s is socket))
