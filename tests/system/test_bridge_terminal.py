# SPDX-License-Identifier: BSD-3-Clause
"""console: a program in the editor's terminal (runInTerminal), and editors that have none."""

import os
import signal

import pytest
from bridge_files import notebook, program
from dap_client import DapClient, wait_gone
from terminal import Terminal

CAN = {"supportsRunInTerminalRequest": True}


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


@pytest.fixture
def terminal(client):
    t = Terminal()
    client.answers["runInTerminal"] = t.run
    return t


def streams(client):
    return "".join(m["body"]["output"] for _, n, m in client.timeline
                   if n == "output" and m["body"]["category"] in ("stdout", "stderr"))


def test_program_has_the_terminal(client, terminal, tmp_path):
    path = program(tmp_path, (
        "import os, sys\n"
        "print('tty', [os.isatty(n) for n in (0, 1, 2)], sys.argv[1:], os.environ['CELLDAP_T'])\n"
        "name = input('name? ')\n"
        "print('hello', name, file=sys.stderr)\n"
        "sys.exit(5)\n"))
    client.launch(path, [({"path": str(path)}, [{"line": 4}])], CAN, console="integratedTerminal",
                  args=["a b"], env={"CELLDAP_T": "t"}, consoleTitle="my title")
    arguments = client.reverse("runInTerminal")
    assert (arguments["kind"], arguments["title"]) == ("integrated", "my title")
    assert arguments["cwd"] == str(tmp_path)
    terminal.read_until("tty [True, True, True] ['a b'] t")
    terminal.read_until("name? ")
    terminal.write("Ada\n")
    client.event("stopped")
    frame = client.request("stackTrace", {"threadId": 1})["stackFrames"][0]
    value = client.request("evaluate", {"expression": "name", "frameId": frame["id"],
                                        "context": "watch"})
    assert value["result"] == "'Ada'"
    client.request("continue", {"threadId": 1})
    terminal.read_until("hello Ada")
    assert client.event("exited") == {"exitCode": 5}
    client.event("terminated")
    assert terminal.wait() == 0
    assert streams(client) == ""
    client.disconnect()
    assert not os.path.exists(arguments["args"][2])  # its private folder


def test_redirect_output_shows_it_in_both(client, terminal, tmp_path):
    path = program(tmp_path, "import sys\nprint('out')\nprint('err', file=sys.stderr)\n")
    client.launch(path, initialize=CAN, console="externalTerminal", redirectOutput=True)
    assert client.reverse("runInTerminal")["kind"] == "external"
    terminal.read_until("out\r\nerr\r\n")
    client.output("out\n", "stdout")
    client.output("err\n", "stderr")
    client.event("terminated")
    client.disconnect()
    terminal.wait()


def test_ctrl_c_in_the_terminal_is_the_programs(client, terminal, tmp_path):
    path = program(tmp_path, (
        "import time\ntry:\n    print('ready', flush=True)\n    while True:\n"
        "        time.sleep(0.01)\nexcept KeyboardInterrupt:\n    print('caught')\n"))
    client.launch(path, initialize=CAN, console="integratedTerminal", noDebug=True)
    terminal.read_until("ready")
    terminal.write("\x03")
    terminal.read_until("caught")
    assert client.event("exited") == {"exitCode": 0}
    client.disconnect()
    terminal.wait()


def test_a_closed_terminal_ends_the_session(client, terminal, tmp_path):
    path = program(tmp_path, "import time\nprint('ready', flush=True)\nwhile True:\n"
                             "    time.sleep(0.01)\n")
    client.launch(path, initialize=CAN, console="integratedTerminal")
    terminal.read_until("ready")
    terminal.close()
    client.event("exited")
    client.event("terminated")
    client.disconnect()
    terminal.wait()


def test_disconnect_leaves_nothing_in_the_terminal(client, terminal, tmp_path):
    path = program(tmp_path, (
        "import subprocess, time\nchild = subprocess.Popen(['sleep', '1000'])\n"
        "print('child', child.pid, flush=True)\nwhile True:\n    time.sleep(0.01)\n"))
    client.launch(path, initialize=CAN, console="integratedTerminal")
    terminal.read_until("child ")
    child = int(terminal.read_until("\r\n").split("child ")[1])
    kernel = client.kernel_pid
    client.disconnect()
    assert wait_gone(child) and wait_gone(kernel)
    assert terminal.wait() == -signal.SIGKILL


def test_killed_runner_takes_the_program_along(client, terminal, tmp_path):
    path = program(tmp_path, "import os, time\nprint('pid', os.getpid(), flush=True)\nwhile True:\n"
                             "    time.sleep(0.01)\n")
    client.launch(path, initialize=CAN, console="integratedTerminal")
    terminal.read_until("pid ")
    pid = int(terminal.read_until("\r\n").split("pid ")[1])
    terminal.process.kill()
    assert wait_gone(pid)
    assert client.event("exited") == {"exitCode": 128 + signal.SIGKILL}
    client.disconnect()
    terminal.wait()


def test_a_terminal_that_is_refused_fails_the_launch(client, tmp_path):
    client.answers["runInTerminal"] = lambda arguments: "the user said no"
    client.initialize(**CAN)
    launch = client.send("launch", {"program": str(program(tmp_path, "")),
                                    "console": "integratedTerminal"})
    client.request("configurationDone")
    reply = client.response(launch)
    assert not reply["success"]
    assert reply["message"] == "the editor refused 'runInTerminal': the user said no"
    assert reply["body"]["error"]["showUser"]
    client.event("terminated")
    assert not client.take("exited")
    assert client.disconnect() == 0


def test_a_launch_is_cancelled_before_the_terminal_runs_it(client, tmp_path):
    asked = []
    client.answers["runInTerminal"] = lambda arguments: asked.append(arguments) or {}
    client.initialize(**CAN)
    launch = client.send("launch", {"program": str(program(tmp_path, "")),
                                    "console": "integratedTerminal"})
    client.reverse("runInTerminal")
    client.request("cancel", {"requestId": launch})
    assert client.response(launch)["message"] == "cancelled"
    client.event("terminated")
    late = Terminal()  # the terminal comes to it now
    late.run(asked[0])
    late.read_until("the debug session is over")
    assert late.wait() == 1
    assert client.disconnect() == 0


def test_restart_runs_it_in_the_terminal_again(client, terminal, tmp_path):
    path = program(tmp_path, "import time\nprint('ready', flush=True)\nwhile True:\n"
                             "    time.sleep(0.01)\n")
    client.launch(path, initialize=CAN, console="integratedTerminal")
    terminal.read_until("ready")
    first = terminal.process
    client.reverse("runInTerminal")
    client.request("restart")
    client.reverse("runInTerminal")
    assert terminal.process is not first
    first.wait(60)
    terminal.text = ""
    terminal.read_until("ready")
    client.disconnect()
    terminal.wait()


def test_an_editor_without_a_terminal_is_told(client, tmp_path):
    path = program(tmp_path, "print('here')\n")
    client.launch(path, console="integratedTerminal")
    client.output("runs nothing in a terminal (runInTerminal): the debug console is used",
                  "important")
    client.output("here\n", "stdout")
    client.event("terminated")
    client.disconnect()


def test_a_notebook_has_no_terminal(client, terminal, tmp_path):
    client.launch(notebook(tmp_path, ["print('here')"]), initialize=CAN, exitWhenDone=True,
                  console="integratedTerminal")
    client.output("a notebook has no terminal: the debug console is used", "important")
    client.output("here\n", "stdout")
    client.event("terminated")
    assert terminal.process is None
    client.disconnect()


def test_without_redirect_output_nothing_is_shown(client, tmp_path):
    path = program(tmp_path, "import os, sys\nprint('out')\nprint('err', file=sys.stderr)\n"
                             "os.write(1, b'raw')\n")
    client.launch(path, redirectOutput=False)
    assert client.event("exited") == {"exitCode": 0}
    assert streams(client) == ""
    client.disconnect()


def test_on_terminate_kill_asks_nobody(client, tmp_path):
    path = program(tmp_path, "import time\ntry:\n    print('ready', flush=True)\n    while True:\n"
                             "        time.sleep(0.01)\nfinally:\n    print('asked')\n")
    client.launch(path, onTerminate="kill")
    client.output("ready", "stdout")
    client.request("terminate")
    assert client.event("exited") == {"exitCode": 128 + signal.SIGKILL}
    assert "asked" not in streams(client)
    client.disconnect()


def test_pythons_own_options(client, tmp_path):
    path = program(tmp_path, "import sys\nprint(sys.flags.optimize, sys.flags.dev_mode,\n"
                             "      sys.warnoptions[-1:], __debug__)\n")
    client.launch(path, pythonArgs=["-OO", "-X", "dev", "-W", "error"])
    client.output("2 True ['error'] False\n", "stdout")
    client.event("terminated")
    client.disconnect()
