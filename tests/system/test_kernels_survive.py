# SPDX-License-Identifier: BSD-3-Clause
"""The editor's view survives: a kernel that is restarted or killed, a bridge that is killed, and one
that was asleep for longer than the kernel waits for a client."""

import os
import signal

import pytest
from dap_client import kill_hard, wait_gone
from kernels import Session, every_kernel, kernels  # noqa: F401 (a fixture)

CODE = "print('before')\nm = {'k': [1, 2]}\nm['k'] = 3\nprint('after')"


def restart(it, now):
    """As its manager does, by shutdown_request or by force."""
    kernel = it.kernel
    with open(kernel.log, "ab") as log:
        kernel.manager.restart_kernel(now=now, stderr=log)
    kernel.process = kernel.manager.provisioner.process
    it.dap.output("breakpoints are set again", "important")
    it.dap.event("process")
    kernel.client.stop_channels()
    kernel.client = kernel.connect()


def stops_again(it, uri="W0"):
    cell = it.kernel.start(CODE)
    it.stop("breakpoint")
    assert it.places(1) == [("<module>", 3, uri)]
    it.go()
    assert cell.wait().stream("stdout") == "before\nafter\n"


@every_kernel
def test_a_restarted_kernel_has_its_breakpoints_and_cells_again(it):
    it.attach(filters=["uncaught"])
    it.cell(0, CODE, [3])
    stops_again(it)
    it.dap.take("process")
    restart(it, now=False)
    stops_again(it)
    cell = it.kernel.start("1 / 0")
    it.stop("exception")
    it.go()
    cell.wait()


@every_kernel
def test_a_kernel_that_is_killed_at_a_stop_and_started_again(it):
    it.attach()
    it.cell(0, CODE, [3])
    it.kernel.start(CODE)
    it.stop("breakpoint")
    it.dap.take("process")
    kill_hard(it.kernel.pid)
    restart(it, now=True)
    it.dap.event("continued")
    stops_again(it)


@every_kernel
def test_a_bridge_that_is_killed_and_started_again_finds_the_stop(it):
    it.attach()
    it.cell(0, CODE, [3])
    cell = it.kernel.start(CODE)
    it.stop("breakpoint")
    kill_hard(it.dap.process.pid)
    assert wait_gone(it.dap.process.pid)
    again = Session(it.kind, it.kernel)
    try:
        again.attach(filters=["uncaught"])
        again.cell(7, CODE, [3])
        thread = again.stop()["threadId"]
        assert thread == 1
        assert again.places(1) == [("<module>", 3, "W7")]
        names = {v["name"]: v["value"] for v in again.variables(again.locals(again.frames()[0]))}
        assert names["m"] == "{'k': [1, 2]}"
        again.go()
        assert cell.wait().stream("stdout") == "before\nafter\n"
        stops_again(again, "W7")
        cell = again.kernel.start("1 / 0")
        again.stop("exception")
        again.go()
        cell.wait()
        assert again.dap.disconnect() == 0
    finally:
        again.close()


@pytest.fixture
def impatient(make_kernel):
    """A kernel that takes a client for away after three seconds (the bridge pings every two)."""
    return make_kernel(env={"CELLDAP_AWAY_MS": os.environ.get("CELLDAP_TEST_AWAY_MS", "3000")})


def view(it):
    frame = it.frames()[0]
    values = [(v["name"], v["value"], v["type"]) for v in it.variables(it.locals(frame))
              if v["name"] in ("m", "n")]
    places = [(f["name"], f["line"], f["source"]["path"]) for f in it.frames()]
    return places, sorted(values), it.evaluate("m['k']", "watch", frame)


def until_away(it):
    """The breakpoints of a client that is away are everyone's: the control channel lists them."""
    info = {"type": "request", "seq": 1, "command": "debugInfo", "arguments": {}}
    while not it.kernel.ask("control", "debug_request", info)["body"]["breakpoints"]:
        pass


def test_a_bridge_that_slept_sees_what_it_saw(impatient):
    """As a laptop that was closed: nothing is lost, nothing comes twice."""
    it = Session("celldap", impatient)
    try:
        it.attach(events=["cellOutput", "cellState"])
        points = it.cell(0, CODE, [3])
        cell = impatient.start(CODE)
        it.stop("breakpoint")
        before = view(it)
        os.kill(it.dap.process.pid, signal.SIGSTOP)
        until_away(it)
        os.kill(it.dap.process.pid, signal.SIGCONT)
        assert view(it) == before
        assert it.cell(0, CODE, [3]) == points
        it.go()
        assert cell.wait().stream("stdout") == "before\nafter\n"
        it.dap.event("celldap/cellState", lambda b: b["state"] == "ok")
        said = [o["content"]["text"] for o in it.dap.take("celldap/cellOutput")]
        assert "".join(said) == "before\nafter\n"
        assert it.dap.disconnect() == 0
    finally:
        it.close()


def test_a_bridge_that_slept_hears_of_a_stop_meanwhile(impatient):
    it = Session("celldap", impatient)
    try:
        it.attach(events=["cellOutput"])
        points = it.cell(0, CODE, [3])
        os.kill(it.dap.process.pid, signal.SIGSTOP)
        cell = impatient.start(CODE).until_printed("before")
        until_away(it)
        os.kill(it.dap.process.pid, signal.SIGCONT)
        assert it.stop("breakpoint")["hitBreakpointIds"] == [points[0]["id"]]
        assert it.places(1) == [("<module>", 3, "W0")]
        assert [o["content"]["text"] for o in it.dap.take("celldap/cellOutput")] == ["before\n"]
        it.go()
        assert cell.wait().stream("stdout") == "before\nafter\n"
    finally:
        it.close()
