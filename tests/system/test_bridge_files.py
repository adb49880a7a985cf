# SPDX-License-Identifier: BSD-3-Clause
"""Plain files and modules through the bridge: as `python x.py`, with a debugger."""

import os

import pytest
from bridge_files import program
from dap_client import DapClient, wait_gone


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def test_runs_with_args_cwd_env_and_exit_code(client, tmp_path):
    text = ("import os, sys\nprint(sys.argv[1:], os.getcwd(), os.environ['CELLDAP_T'], __name__)\n"
            "print('HOME' in os.environ)\nsys.exit(7)\n")
    path = program(tmp_path, text)
    (tmp_path / "sub").mkdir()
    client.launch(path, args=["a", "b c"], cwd=str(tmp_path / "sub"),
                  env={"CELLDAP_T": "t", "HOME": None})
    assert client.event("exited") == {"exitCode": 7}
    client.event("terminated")
    assert client.stdout() == f"['a', 'b c'] {tmp_path}/sub t __main__\nFalse\n"
    pid = client.kernel_pid
    assert client.disconnect() == 0
    assert wait_gone(pid)


def test_breakpoint_in_a_file(client, tmp_path):
    path = program(tmp_path, "def f(n):\n    m = n * 2\n    return m\n\nprint(f(21))\n")
    bodies = client.launch(path, [({"path": str(path)}, [{"line": 3}])])
    assert bodies[0]["breakpoints"][0]["reason"] == "pending"
    assert client.event("stopped")["hitBreakpointIds"] == [1]
    frame = client.request("stackTrace", {"threadId": 1})["stackFrames"][0]
    assert (frame["name"], frame["line"], frame["source"]["path"]) == ("f", 3, str(path))
    client.request("continue", {"threadId": 1})
    assert client.event("exited") == {"exitCode": 0}
    client.event("terminated")
    assert "42\n" in client.stdout()
    client.disconnect()


def test_module(client, tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/__main__.py").write_text("import sys\nprint('in', __package__, sys.argv[1])\n")
    client.initialize()
    launch = client.send("launch", {"module": "pack", "args": ["x"], "cwd": str(tmp_path)})
    client.request("configurationDone")
    assert client.response(launch)["success"]
    client.event("terminated")
    assert "in pack x" in client.stdout()
    client.disconnect()


def test_stop_on_entry(client, tmp_path):
    path = program(tmp_path, "a = 1\nb = 2\n")
    client.launch(path, stopOnEntry=True)
    assert client.event("stopped")["reason"] == "entry"
    assert client.request("stackTrace", {"threadId": 1})["stackFrames"][0]["line"] == 1
    client.request("continue", {"threadId": 1})
    client.event("terminated")
    client.disconnect()


def test_error_is_pythons_own(client, tmp_path):
    path = program(tmp_path, "def f():\n    return 1 / 0\nf()\n")
    client.initialize()
    launch = client.send("launch", {"program": str(path), "noDebug": True})
    client.request("configurationDone")
    assert client.response(launch)["success"]
    assert client.event("exited") == {"exitCode": 1}
    client.event("terminated")
    text = client.output("ZeroDivisionError", "stderr")
    assert f'File "{path}", line 2, in f' in text and "celldap" not in text
    client.disconnect()


def test_no_debug_does_not_stop(client, tmp_path):
    path = program(tmp_path, "print('ran')\n")
    client.initialize()
    launch = client.send("launch", {"program": str(path), "noDebug": True})
    source = {"path": str(path)}
    body = client.request("setBreakpoints", {"source": source, "breakpoints": [{"line": 1}]})
    assert body["breakpoints"][0]["verified"] is False
    assert "noDebug" in body["breakpoints"][0]["message"]
    client.request("configurationDone")
    assert client.response(launch)["success"]
    client.event("terminated")
    assert not client.take("stopped")
    client.disconnect()


def test_terminate_is_a_keyboard_interrupt(client, tmp_path):
    text = ("print('go', flush=True)\ntry:\n    while True:\n        pass\n"
            "except KeyboardInterrupt:\n    print('polite')\n")
    path = program(tmp_path, text)
    client.launch(path)
    client.output("go")
    client.request("terminate")
    client.event("terminated")
    assert "polite" in client.stdout()
    client.disconnect()


def test_terminate_twice_kills(client, tmp_path):
    text = ("print('go', flush=True)\nwhile True:\n    try:\n        while True:\n            pass\n"
            "    except BaseException:\n        print('no', flush=True)\n")
    client.launch(program(tmp_path, text))
    client.output("go")
    client.request("terminate")
    client.output("no")
    client.request("terminate")
    client.event("exited", lambda body: body["exitCode"] != 0)
    client.event("terminated")
    client.disconnect()


def test_a_program_that_dies_is_told(client, tmp_path):
    path = program(tmp_path, "import os\nprint('x', flush=True)\nos.abort()\n")
    client.launch(path)
    client.output("killed by signal 6", "important")
    assert client.event("exited") == {"exitCode": 134}
    client.event("terminated")
    client.disconnect()


def test_os_exit_gives_its_code(client, tmp_path):
    client.launch(program(tmp_path, "import os\nos._exit(5)\n"))
    assert client.event("exited") == {"exitCode": 5}
    client.event("terminated")
    client.disconnect()


def test_output_of_children_is_shown(client, tmp_path):
    path = program(tmp_path, "import os\nos.system('echo from a child')\n")
    client.launch(path)
    client.output("from a child", "stdout")
    client.event("terminated")
    client.disconnect()


def test_children_end_with_the_session(client, tmp_path):
    text = ("import subprocess, sys, time\np = subprocess.Popen(['sleep', '1000'])\n"
            "print('child', p.pid, flush=True)\np.wait()\n")
    client.launch(program(tmp_path, text))
    seen = client.output("\n", "stdout")
    child = int(seen.split()[-1])
    client.disconnect()
    assert wait_gone(child)


@pytest.mark.parametrize("options, what", [
    ({"program": "/nowhere/x.py"}, "/nowhere/x.py"),
    ({}, "arguments.program"),
    ({"program": __file__, "python": "/nowhere/python"}, "/nowhere/python"),
    ({"program": __file__, "kernel": "no-such-kernel"}, "no-such-kernel"),
    ({"program": __file__, "cwd": "/nowhere"}, "/nowhere"),
])
def test_a_launch_that_cannot_start(client, options, what):
    client.initialize()
    reply = client.error("launch", options)
    assert what in reply["message"] and reply["body"]["error"]["showUser"]
    client.event("terminated")
    assert not client.take("exited")
    assert client.disconnect() == 0


def test_a_python_that_cannot_be_used(client, tmp_path):
    client.initialize()
    launch = client.send("launch", {"program": __file__, "python": "/bin/true"})
    reply = client.response(launch)
    assert not reply["success"] and "/bin/true" in reply["message"]
    client.event("terminated")
    client.disconnect()


@pytest.mark.parametrize("options, field", [
    ({"program": 1}, "arguments.program"),
    ({"args": 1}, "arguments.args"),
    ({"args": [1]}, "arguments.args[0]"),
    ({"env": {"A": 1}}, "arguments.env.A"),
    ({"stopOnEntry": "yes"}, "arguments.stopOnEntry"),
    ({"cells": [True]}, "arguments.cells[0]"),
])
def test_wrong_types_are_named_and_may_be_sent_again(client, tmp_path, options, field):
    path = program(tmp_path, "print('ran')\n")
    client.initialize()
    assert field in client.error("launch", {"program": str(path), **options})["message"]
    launch = client.send("launch", {"program": str(path)})
    client.request("configurationDone")
    assert client.response(launch)["success"]
    client.event("terminated")
    client.disconnect()


def test_unsupported_options_are_named(client, tmp_path):
    client.launch(program(tmp_path, "pass\n"), django=True, qt="auto", __sessionId="x")
    text = client.output("not supported", "important")
    assert "django" in text and "qt" in text and "__sessionId" not in text
    client.event("terminated")
    client.disconnect()


def test_environment_of_the_editor_is_inherited(tmp_path):
    path = program(tmp_path, "import os\nprint(os.environ['CELLDAP_E'])\n")
    with DapClient(env={**os.environ, "CELLDAP_E": "seen"}) as client:
        client.launch(path)
        client.event("terminated")
        assert "seen" in client.stdout()
        client.disconnect()


def test_python_of_a_kernelspec_in_a_prefix(tmp_path):
    """A bare `python` in PREFIX/share/jupyter/kernels is the prefix's own (as for Jupyter)."""
    spec = tmp_path / "env/share/jupyter/kernels/mine"
    spec.mkdir(parents=True)
    (tmp_path / "env/bin").mkdir()
    (spec / "kernel.json").write_text('{"argv": ["python", "-m", "x"], "language": "python"}')
    (tmp_path / "env/bin/python").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "env/bin/python").chmod(0o755)
    with DapClient(env={"JUPYTER_PATH": str(tmp_path / "env/share/jupyter")}) as client:
        client.initialize()
        launch = client.send("launch", {"program": __file__, "kernel": "mine"})
        reply = client.response(launch)
        assert not reply["success"] and "env/bin/python" in reply["message"].replace(
            "share/jupyter/../../", "")
        client.event("terminated")
        client.disconnect()
