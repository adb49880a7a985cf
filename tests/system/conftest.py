# SPDX-License-Identifier: BSD-3-Clause
"""Kernels to test against: the build tree's, started and watched as Jupyter does.

CELLDAP_BUILD names the build tree (default: build/), CELLDAP_TEST_PYTHON the interpreter that the
kernels embed (default: the one that runs pytest). Every wait has a guard against hangs and nothing
sleeps.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty

import ports
import pytest
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from process_state import describe

GUARD = 60  # seconds; only against hangs
ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CELLDAP_BUILD", ROOT / "build")).resolve()
PROGRAM = BUILD / "bin" / "celldap-kernel"
PYTHON = os.environ.get("CELLDAP_TEST_PYTHON", sys.executable)
os.environ["JUPYTER_PATH"] = str(BUILD / "share" / "jupyter")
ports.use()


def text_of(value):
    return re.sub(r"\x1b\[[0-9;]*m", "", value)


class Cell:
    """One request that was sent: its reply and the iopub messages that belong to it."""

    def __init__(self, kernel, msg_id):
        self.kernel, self.msg_id, self.messages, self.reply = kernel, msg_id, [], None

    def wait(self):
        """Until reply and idle."""
        self.until(
            lambda m: m["msg_type"] == "status" and m["content"]["execution_state"] == "idle"
        )
        self.reply = self.kernel.reply_to("shell", self.msg_id)
        return self

    def until(self, wanted):
        """Until an iopub message of this cell is the wanted one, which is returned."""
        while True:
            m = self.kernel.iopub()
            if m["parent_header"].get("msg_id") == self.msg_id:
                self.messages.append(m)
                if wanted(m):
                    return m

    def until_printed(self, text):
        self.until(lambda m: text in self.stream("stdout"))
        return self

    def of_type(self, msg_type):
        return [m["content"] for m in self.messages if m["msg_type"] == msg_type]

    def stream(self, name):
        return "".join(c["text"] for c in self.of_type("stream") if c["name"] == name)

    @property
    def types(self):
        return [m["msg_type"] for m in self.messages]

    @property
    def status(self):
        return self.reply["content"]["status"]

    @property
    def result(self):
        return self.of_type("execute_result")[0]["data"]["text/plain"]


class Kernel:
    """A running kernel and one client of it."""

    def __init__(self, folder, arguments=(), python=PYTHON, env=None, connection=None):
        specs = KernelSpecManager(kernel_dirs=[str(BUILD / "share" / "jupyter" / "kernels")])
        spec = specs.get_kernel_spec("celldap")
        spec.argv[spec.argv.index("--python") + 1] = python
        spec.argv += list(arguments)
        self.begin(folder, spec, env, connection)

    def begin(self, folder, spec, env=None, connection=None):
        """Starts what the spec says, and waits until it answers."""
        self.log = folder / "kernel.stderr"
        self.file = str(folder / "kernel.json")
        self.manager = KernelManager(connection_file=self.file)
        self.manager._kernel_spec = spec
        for name, value in (connection or {}).items():
            setattr(self.manager, name, value)
        with open(self.log, "wb") as log:
            self.manager.start_kernel(stderr=log, env={**os.environ, **(env or {})})
        self.process = self.manager.provisioner.process
        self.replies = {}  # that came before they were asked for
        try:
            self.client = self.connect()
        except BaseException:
            self.kill()
            raise

    def connect(self):
        client = self.manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=GUARD)
        except Exception as e:
            client.stop_channels()
            raise AssertionError(self.trouble(f"no kernel: {e}")) from None
        return client

    def trouble(self, what):
        """The message of a failure: what did not come, what the kernel does and what it said."""
        return f"{what}\n{describe(self.process)}\nstderr: {self.log.read_text()}"

    @property
    def pid(self):
        return self.process.pid

    def iopub(self):
        try:
            return self.client.get_iopub_msg(timeout=GUARD)
        except Empty:
            raise AssertionError(self.trouble("no iopub message")) from None

    def start(self, code, **options):
        return Cell(self, self.client.execute(code, **options))

    def run(self, code, **options):
        return self.start(code, **options).wait()

    def send(self, channel, msg_type, content=None, metadata=None):
        msg = self.client.session.msg(msg_type, content or {}, metadata=metadata)
        getattr(self.client, channel + "_channel").send(msg)
        return msg["header"]["msg_id"]

    def reply_to(self, channel, msg_id):
        while msg_id not in self.replies:
            try:
                m = getattr(self.client, channel + "_channel").get_msg(timeout=GUARD)
            except Empty:
                raise AssertionError(self.trouble(f"no reply on {channel}")) from None
            self.replies[m["parent_header"].get("msg_id")] = m
        return self.replies.pop(msg_id)

    def ask(self, channel, msg_type, content=None):
        return self.reply_to(channel, self.send(channel, msg_type, content))["content"]

    def start_request(self, content, metadata=None):
        return Cell(self, self.send("shell", "execute_request", content, metadata))

    def run_request(self, content, metadata=None):
        return self.start_request(content, metadata).wait()

    def ended(self):
        """The exit status, once it has ended."""
        return self.process.wait(timeout=GUARD)

    def close(self):
        self.client.stop_channels()
        self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=GUARD)
        self.manager.cleanup_resources()


@pytest.fixture
def make_kernel(tmp_path):
    """make_kernel(arguments, …) starts one; all are ended after the test."""
    kernels = []

    def make(*arguments, **options):
        folder = tmp_path / str(len(kernels))
        folder.mkdir()
        kernels.append(Kernel(folder, arguments, **options))
        return kernels[-1]

    yield make
    for kernel in kernels:
        kernel.close()


@pytest.fixture(params=["ipython", "plain"])
def kernel(request, make_kernel):
    """A kernel with IPython's shell, and one without."""
    return make_kernel(*(["--plain"] if request.param == "plain" else []))


@pytest.fixture
def plain(make_kernel):
    return make_kernel("--plain")


@pytest.fixture
def fresh_peers(capsys):
    """fresh_peers(attempt, failures) is what attempt() returns, which starts a peer of its own. A
    peer that failed, for reasons of its own on a loaded machine, is started afresh, twice at most,
    and that is printed. Never for celldap."""

    def tries(attempt, failures):
        for _ in range(2):
            try:
                return attempt()
            except failures as error:
                with capsys.disabled():
                    print(f"\n  the peer is started afresh after {error!r:.300}", flush=True)
        return attempt()

    return tries


@pytest.fixture
def run_program():
    """Runs celldap-kernel itself with arguments, to its end."""

    def run(*arguments, **options):
        return subprocess.run(
            [str(PROGRAM), *arguments], capture_output=True, text=True, timeout=GUARD, **options
        )

    return run


def wait_gone(pid):
    """Until no process has this pid (a child of somebody else: no exit status to wait for)."""
    fd = os.pidfd_open(pid) if Path(f"/proc/{pid}").exists() else -1
    if fd >= 0:
        import select

        ready, _, _ = select.select([fd], [], [], GUARD)
        os.close(fd)
        assert ready, f"process {pid} is still there"


def read_connection(path):
    """The connection file, once the kernel has written its ports."""
    deadline = time.monotonic() + GUARD
    while time.monotonic() < deadline:
        try:
            c = json.loads(Path(path).read_text())
        except FileNotFoundError:
            continue
        if all(c.get(p) for p in ("shell_port", "control_port", "hb_port", "debug_port")):
            return c
    raise AssertionError(f"no ports in {path}")
