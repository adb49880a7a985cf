# SPDX-License-Identifier: BSD-3-Clause
"""celldap's kernel, ipykernel and xeus-python behind the same bridge: one process a module, a session
of the bridge a test."""

import functools
import importlib.util

import pytest
from dap_client import DapClient, Failed
from jupyter_client.kernelspec import KernelSpec

import conftest
from conftest import PYTHON

KINDS = ("celldap", "ipykernel", "xeus")
MODULES = {"ipykernel": "ipykernel_launcher", "xeus": "xpython_launcher"}


class Peer(conftest.Kernel):
    def __init__(self, folder, module):
        argv = [PYTHON, "-Xfrozen_modules=off", "-m", module, "-f", "{connection_file}"]
        self.begin(folder, KernelSpec(argv=argv, language="python"), env={"IPYTHONDIR": str(folder)})


    def iopub(self):
        m = super().iopub()
        m["parent_header"] = m["parent_header"] or {}  # xeus-python: null
        return m


def start(kind, folder):
    if kind == "celldap":
        return conftest.Kernel(folder, env={"IPYTHONDIR": str(folder)})
    return Peer(folder, MODULES[kind])


class Session:
    """The bridge attached to a kernel that another front end (kernel.client) uses too."""

    def __init__(self, kind, kernel):
        self.kind, self.kernel, self.dap = kind, kernel, DapClient()
        self.foreign = kind != "celldap"

    def attach(self, filters=(), events=(), **arguments):
        celldap = {"version": 1, "events": list(events)}
        self.dap.initialize(celldap=celldap, supportsVariableType=True)
        seq = self.dap.send("attach", {"connectionFile": self.kernel.file, **arguments})
        self.dap.request("setExceptionBreakpoints", {"filters": list(filters)})
        self.dap.request("configurationDone")
        reply = self.dap.response(seq)
        if not reply["success"]:
            raise Failed(f"attach: {reply['message']}")
        return self

    def cell(self, number, code, breakpoints=(), **more):
        """Announces it, and sets its breakpoints: lines or SourceBreakpoints. Their bodies."""
        uri = f"vscode-notebook-cell:/nb.ipynb#W{number}"
        self.dap.request("celldap/cell", {"uri": uri, "notebook": "/nb.ipynb", "index": number,
                                          "code": code, **more})
        wanted = [b if isinstance(b, dict) else {"line": b} for b in breakpoints]
        return self.dap.request("setBreakpoints", {"source": {"path": uri}, "breakpoints": wanted}
                                )["breakpoints"]

    def stop(self, reason=None):
        return self.dap.event("stopped", lambda b: reason is None or b["reason"] == reason)

    def frames(self, thread=1, levels=20):
        body = self.dap.request("stackTrace", {"threadId": thread, "startFrame": 0, "levels": levels})
        return body["stackFrames"]

    def places(self, count):
        """(function, line, last part of the source) of the innermost frames."""
        return [(f["name"], f["line"], f["source"].get("path", "")[-2:])
                for f in self.frames()[:count]]

    def variables(self, reference, **more):
        return self.dap.request("variables", {"variablesReference": reference, **more})["variables"]

    def locals(self, frame):
        scopes = self.dap.request("scopes", {"frameId": frame["id"]})["scopes"]
        return scopes[0]["variablesReference"]

    def evaluate(self, expression, context, frame=None):
        more = {"frameId": frame["id"]} if frame else {}
        return self.dap.request("evaluate", {"expression": expression, "context": context, **more}
                                )["result"]

    def go(self, command="continue"):
        self.dap.request(command, {"threadId": 1})

    def close(self):
        self.dap.close()


class Kernels:
    """One kernel of each kind, started when it is wanted."""

    def __init__(self, folder_factory):
        self.folder_factory, self.running = folder_factory, {}

    def get(self, kind):
        if kind not in self.running:
            self.running[kind] = start(kind, self.folder_factory.mktemp(kind))
        return self.running[kind]

    def drop(self, kind):
        kernel = self.running.pop(kind, None)
        if kernel:
            kernel.close()

    def close(self):
        for kind in list(self.running):
            self.drop(kind)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    made = Kernels(tmp_path_factory)
    yield made
    made.close()


def on(*kinds):
    """A test of a Session, once for each kind of kernel. A peer that fails for reasons of its own is
    started afresh, twice at most; celldap's kernel never is."""

    def decorate(test):
        @pytest.mark.parametrize("kind", kinds)
        @functools.wraps(test)
        def run(kind, kernels, fresh_peers):
            if kind == "xeus" and importlib.util.find_spec("xeus_python_shell") is None:
                pytest.skip("xeus-python has no wheel for this Python")

            def attempt():
                session = Session(kind, kernels.get(kind))
                try:
                    test(session)
                except BaseException:
                    session.close()
                    kernels.drop(kind)
                    raise
                if session.dap.process.poll() is None:
                    assert session.dap.disconnect() == 0

            if kind == "celldap":
                attempt()
            else:
                fresh_peers(attempt, (Failed, AssertionError, KeyError, IndexError))

        del run.__wrapped__  # pytest reads the arguments of run itself
        return run

    return decorate


every_kernel = on(*KINDS)
