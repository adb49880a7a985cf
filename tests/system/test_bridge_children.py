# SPDX-License-Identifier: BSD-3-Clause
"""Child processes: each gets a session by startDebugging, with the parent's breakpoints in place
before it begins; none waits for a debugger that does not come."""

import sys

import pytest
from bridge_files import notebook, program
from dap_client import DapClient, alive, kill_hard, wait_gone

WORK = """\
def work(n):
    total = n * 2
    return total
"""
CHILD = "import sys, work\nprint('child says', work.work(int(sys.argv[1])), flush=True)\n"
PARENT = """\
import subprocess, sys
done = subprocess.run([sys.executable, {child!r}, "21"], capture_output=True, text=True)
print(done.stdout.strip(), done.stderr.strip(), done.returncode, flush=True)
"""
POOL = """\
import multiprocessing, work
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    process = context.Process(target=work.work, args=(7,))
    process.start()
    process.join()
    print("exit", process.exitcode, flush=True)
"""


PATIENT = {"CELLDAP_CHILD_WAIT_MS": "60000"}  # on a loaded machine nobody makes it in two seconds


@pytest.fixture
def client():
    with DapClient(env=PATIENT) as c:
        yield c


def files(folder):
    program(folder, WORK, "work.py")
    return program(folder, PARENT.format(child=str(program(folder, CHILD, "child.py"))))


def launch(client, path, lines, **options):
    """Not waited for: the program runs until its child is through."""
    folder = path.parent
    client.initialize(supportsStartDebuggingRequest=True)
    seq = client.send("launch", {"program": str(path), "type": "my-celldap", **options})
    client.request("setBreakpoints", {"source": {"path": str(folder / "work.py")},
                                      "breakpoints": [{"line": n} for n in lines]})
    client.request("configurationDone")
    assert client.response(seq)["success"]


class Child(DapClient):
    """A session for a child, as an editor opens it."""

    def __init__(self, configuration, folder, lines):
        super().__init__()
        self.initialize()
        seq = self.send("attach", configuration)
        self.request("setBreakpoints", {"source": {"path": str(folder / "work.py")},
                                        "breakpoints": [{"line": n} for n in lines]})
        self.request("configurationDone")
        reply = self.response(seq)
        assert reply["success"], reply


def test_a_breakpoint_in_a_subprocess(client, tmp_path):
    launch(client, files(tmp_path), [2])
    asked = client.reverse("startDebugging")
    configuration = asked["configuration"]
    assert asked["request"] == configuration["request"] == "attach"
    assert configuration["type"] == "my-celldap"
    with Child(configuration, tmp_path, [2]) as child:
        stop = child.event("stopped")
        assert stop["reason"] == "breakpoint"
        frames = child.request("stackTrace", {"threadId": stop["threadId"]})["stackFrames"]
        assert [f["name"] for f in frames] == ["work", "<module>"]
        frame = frames[0]["id"]
        assert child.request("evaluate", {"expression": "n", "frameId": frame})["result"] == "21"
        child.request("next", {"threadId": stop["threadId"]})
        child.event("stopped")
        assert child.request("evaluate", {"expression": "total", "context": "watch", "frameId":
                             child.request("stackTrace", {"threadId": 1})["stackFrames"][0]["id"]}
                             )["result"] == "42"
        child.request("continue", {"threadId": 1})
        child.event("terminated")
        child.disconnect()
    client.output("child says 42  0")
    client.disconnect()


def test_a_child_that_nobody_comes_for_runs_on(client, tmp_path):
    launch(client, files(tmp_path), [2], env={"CELLDAP_CHILD_WAIT_MS": "2000"})
    client.reverse("startDebugging")
    client.output("child says 42  0")
    client.disconnect()


def test_no_session_where_it_is_not_wanted(client, tmp_path):
    launch(client, files(tmp_path), [2], subProcess=False)
    client.output("child says 42  0")
    assert not client.asked
    client.disconnect()


def test_a_client_without_startDebugging_is_told_how(client, tmp_path):
    client.launch(files(tmp_path))
    assert "connectionFile" in client.output("child says 42  0")
    client.disconnect()


def test_the_child_sees_nothing_of_us(client, tmp_path):
    child = program(tmp_path, "import os, sys\nprint('CELLDAP_PARENT' in os.environ, "
                              "os.environ.get('PYTHONPATH'), [p for p in sys.path if p.endswith('/child')], "
                              "sys.argv[1:], 'sitecustomize' in sys.modules and "
                              "sys.modules['sitecustomize'].MINE, flush=True)\n", "child.py")
    (tmp_path / "own").mkdir()
    program(tmp_path / "own", "MINE = 'mine'\n", "sitecustomize.py")
    launch(client, program(tmp_path, PARENT.format(child=str(child))), [],
           env={"PYTHONPATH": str(tmp_path / "own")})
    client.reverse("startDebugging")
    client.output(f"False {tmp_path / 'own'} [] ['21'] mine  0")
    client.disconnect()


def test_a_killed_child_ends_its_session(client, tmp_path):
    launch(client, files(tmp_path), [2])
    configuration = client.reverse("startDebugging")["configuration"]
    pid = int(configuration["name"].split()[1].rstrip(":"))
    with Child(configuration, tmp_path, [2]) as child:
        child.event("stopped")
        kill_hard(pid)
        child.event("terminated")
        child.disconnect()
    client.output("-9")
    client.disconnect()


def test_disconnect_of_the_parent_leaves_no_child_behind(client, tmp_path):
    launch(client, files(tmp_path), [2])
    configuration = client.reverse("startDebugging")["configuration"]
    pid = int(configuration["name"].split()[1].rstrip(":"))
    with Child(configuration, tmp_path, [2]) as child:
        child.event("stopped")
        client.disconnect()
        assert wait_gone(pid) and not alive(pid)
        child.event("terminated")
        child.disconnect()


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_multiprocessing(client, tmp_path, method):
    program(tmp_path, WORK, "work.py")
    launch(client, program(tmp_path, POOL.format(method=method)), [2])
    while True:
        configuration = client.reverse("startDebugging")["configuration"]
        if "resource_tracker" in configuration["name"] or "forkserver" in configuration["name"]:
            continue
        with Child(configuration, tmp_path, [2]) as child:
            stop = child.event("stopped")
            frames = child.request("stackTrace", {"threadId": stop["threadId"]})["stackFrames"]
            assert frames[0]["name"] == "work"
            child.disconnect()
        break
    client.output("exit 0")
    client.disconnect()


def test_a_fork_that_hits_nothing_asks_for_no_session(client, tmp_path):
    """A fork is mostly followed by exec: nobody wants a session for each."""
    launch(client, program(tmp_path, "import os\npid = os.fork()\nif pid == 0:\n    os._exit(3)\n"
                                     "print('status', os.waitpid(pid, 0)[1] >> 8, flush=True)\n"), [2])
    client.output("status 3")
    client.disconnect()
    assert not client.asked


def test_a_child_of_a_cell(client, tmp_path):
    path = files(tmp_path)
    nb = notebook(tmp_path, [path.read_text()])
    launch(client, nb, [2])
    with Child(client.reverse("startDebugging")["configuration"], tmp_path, [2]) as child:
        child.event("stopped")
        child.disconnect()
    client.output("child says 42  0")
    client.disconnect()


def test_without_a_debugger_nothing_is_different(make_kernel):
    kernel = make_kernel("--plain")
    code = ("import subprocess, sys\n"
            "print(subprocess.run([sys.executable, '-c', 'import os, sys; print(\"_celldap\" in "
            "sys.modules, os.environ.get(\"CELLDAP_PARENT\"))'], capture_output=True, text=True)"
            ".stdout)")
    assert kernel.run(code).stream("stdout").strip() == "False None"
    assert sys.version_info >= (3, 12)
