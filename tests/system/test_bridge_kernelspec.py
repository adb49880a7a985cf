# SPDX-License-Identifier: BSD-3-Clause
"""launch's `kernel`: another kernel than celldap's runs the notebook's cells and is debugged."""

import json
import os
import sys
from pathlib import Path

import pytest
from bridge_files import notebook, program
from dap_client import DapClient, Failed, alive, wait_gone

SPECS = Path(sys.prefix) / "share/jupyter"
CELLS = ["x = 20", "def f(n):\n    m = n + 1\n    return m\nprint('made', f(x))\n", "1 / 0", "print('never')"]


@pytest.fixture
def start(tmp_path, fresh_peers):
    """start(**options): a client whose launch ran to its first stop."""
    clients = []

    def make(**options):
        def attempt():
            while clients:
                clients.pop().close()
            clients.append(DapClient(env={"JUPYTER_PATH": str(SPECS)}))
            client = clients[-1]
            path = notebook(tmp_path, CELLS)
            client.launch(path, [({"path": str(path)}, [{"line": line_of(path, "return m")}])],
                          **options)
            return client, path, client.event("stopped")

        return fresh_peers(attempt, (Failed, AssertionError))

    yield make
    for client in clients:
        client.close()


def line_of(path, text):
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


@pytest.mark.parametrize("kernel", ["python3", "xpython"])
def test_a_notebook_in_another_kernel(start, kernel):
    client, path, stop = start(kernel=kernel, exitWhenDone=True)
    frame = client.request("stackTrace", {"threadId": stop["threadId"]})["stackFrames"][0]
    assert (frame["name"], frame["line"]) == ("f", line_of(path, "return m"))
    assert frame["source"]["path"] == str(path)
    value = client.request("evaluate", {"expression": "m", "frameId": frame["id"],
                                        "context": "watch"})
    assert value["result"] == "21"
    client.request("continue", {"threadId": stop["threadId"]})
    while not client.take("exited"):
        for exception in client.take("stopped"):  # their own filter may stop there too
            client.request("continue", {"threadId": exception["threadId"]})
        client.receive()
    shown = "".join(m["body"]["output"] for _, n, m in client.timeline if n == "output")
    assert "made 21" in shown and "ZeroDivisionError" in shown and "never" not in shown
    assert "celldap: cell 2 failed with " in shown and "1 cell was not run" in shown
    pid = client.kernel_pid
    client.event("terminated")
    client.disconnect()
    assert wait_gone(pid) and not alive(pid)


def refused(options, paths):
    with DapClient(env={"JUPYTER_PATH": os.pathsep.join(map(str, paths))}) as client:
        client.initialize()
        message = client.error("launch", options)["message"]
        client.event("terminated")
        client.disconnect()
        return message


def spec(folder, name, **content):
    target = folder / "kernels" / name
    target.mkdir(parents=True)
    (target / "kernel.json").write_text(json.dumps(content))


def test_what_cannot_be_debugged_is_refused_by_name(tmp_path):
    spec(tmp_path, "r", argv=["R", "{connection_file}"], language="R")
    spec(tmp_path, "bare", argv=["python3", "{connection_file}"], language="python")
    spec(tmp_path, "gone", argv=["/nowhere/python", "{connection_file}"], language="python",
         metadata={"debugger": True})
    path = str(notebook(tmp_path, ["1"]))
    assert refused({"program": path, "kernel": "r"}, [tmp_path]) == (
        "arguments.kernel: kernel 'r' is for the language 'R', celldap debugs Python")
    assert refused({"program": path, "kernel": "bare"}, [tmp_path]) == (
        "arguments.kernel: kernel 'bare' has no debugger (its kernel.json has no metadata.debugger)")
    assert refused({"program": path, "kernel": "xpython-raw"}, [SPECS]).startswith(
        "arguments.kernel: kernel 'xpython-raw' has no debugger")
    assert "cannot run '/nowhere/python'" in refused({"program": path, "kernel": "gone"},
                                                       [tmp_path])


def test_a_kernel_that_ends_at_once_is_told_with_its_words(tmp_path):
    spec(tmp_path, "broken", language="python", metadata={"debugger": True},
         argv=["sh", "-c", "echo no module named kernel; exit 3", "{connection_file}"])
    message = refused({"program": str(notebook(tmp_path, ["1"])), "kernel": "broken"}, [tmp_path])
    assert message == ("the kernel ended with status 3 while it started: no module named kernel")


def test_env_of_a_kernelspec(tmp_path):
    script = tmp_path / "show.sh"
    script.write_text('echo "$A|$B|$C|$1"; exit 3\n')
    spec(tmp_path, "env", language="python", metadata={"debugger": True},
         argv=["sh", str(script), "{resource_dir}", "{connection_file}"],
         env={"A": "of spec", "B": "of spec", "C": "${HOME}/x"})
    message = refused({"program": str(notebook(tmp_path, ["1"])), "kernel": "env",
                       "env": {"B": "own"}}, [tmp_path])
    home = os.environ["HOME"]
    assert message.endswith(f": of spec|own|{home}/x|{tmp_path}/kernels/env")


def test_a_program_runs_in_celldaps_own_kernel(tmp_path):
    with DapClient(env={"JUPYTER_PATH": str(SPECS)}) as client:
        client.launch(program(tmp_path, "import sys\nprint(sys.prefix)\n"), kernel="python3")
        client.output(sys.prefix, "stdout")
        client.event("terminated")
        client.disconnect()


@pytest.mark.parametrize("kernel", ["python3", "xpython"])
def test_another_kernel_ends_with_a_bridge_that_is_killed(start, kernel):
    client, _, _ = start(kernel=kernel)
    assert alive(client.kernel_pid)
    client.process.kill()
    assert wait_gone(client.kernel_pid)
