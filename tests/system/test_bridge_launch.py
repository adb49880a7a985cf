# SPDX-License-Identifier: BSD-3-Clause
"""Options of launch: what runs, with which arguments and environment, and where its files are."""

import shutil

import pytest
from bridge_files import program
from dap_client import DapClient


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def launch(client, breakpoints=(), **options):
    """A launch without a program, to its reply."""
    client.initialize()
    seq = client.send("launch", options)
    for source, items in breakpoints:
        client.request("setBreakpoints", {"source": source, "breakpoints": items})
    client.request("configurationDone")
    reply = client.response(seq)
    assert reply["success"], reply
    return reply


def refused(client, **options):
    client.initialize()
    return client.error("launch", options)["message"]


@pytest.mark.parametrize("code", ["import sys\nprint(sys.argv, __name__)\nx = 1 / 0",
                                  ["import sys", "print(sys.argv, __name__)", "x = 1 / 0"]])
def test_code_runs_as_python_c(client, tmp_path, code):
    launch(client, code=code, args=["a"], cwd=str(tmp_path))
    assert client.event("exited") == {"exitCode": 1}
    assert client.stdout() == "['-c', 'a'] __main__\n"
    shown = client.output("ZeroDivisionError", "stderr")
    assert 'File "<string>", line 3' in shown
    client.disconnect()


def test_code_is_debugged(client, tmp_path):
    launch(client, code=["x = 1", "breakpoint()", "y = 2"], cwd=str(tmp_path))
    client.event("stopped")
    frame = client.request("stackTrace", {"threadId": 1})["stackFrames"][0]
    assert frame["line"] in (2, 3)
    reference = frame["source"]["sourceReference"]
    text = client.request("source", {"sourceReference": reference})["content"]
    assert text == "x = 1\nbreakpoint()\ny = 2"
    client.request("continue", {"threadId": 1})
    assert client.event("exited") == {"exitCode": 0}
    client.disconnect()


def test_only_one_of_program_module_code(client):
    assert "leave the others out" in refused(client, code="1", module="m")


def test_args_as_one_string(client, tmp_path):
    path = program(tmp_path, "import sys\nprint(sys.argv[1:])\n")
    (tmp_path / "a1.txt").touch()
    client.launch(path, args="one 'two three' \"four\" a*.txt")
    client.event("terminated")
    assert client.stdout() == "['one', 'two three', 'four', 'a1.txt']\n"
    client.disconnect()


def test_env_file_and_env_over_it(client, tmp_path):
    path = program(tmp_path, "import os\nprint([os.environ.get(n) for n in ('A', 'B', 'C')])\n")
    (tmp_path / ".env").write_text("A=file\nexport B='of file'\nC=\"${A} too\"\n")
    client.launch(path, envFile=str(tmp_path / ".env"), env={"A": "own", "C": None})
    client.event("terminated")
    assert client.stdout() == "['own', 'of file', None]\n"
    client.disconnect()


def test_env_file_that_is_wrong(client, tmp_path):
    path = program(tmp_path, "")
    (tmp_path / ".env").write_text("A=1\nwhat\n")
    message = refused(client, program=str(path), envFile=".env", cwd=str(tmp_path))
    assert message == f"arguments.envFile: '{tmp_path}/.env': line 2: expected NAME=value"


def test_path_mappings_both_ways(client, tmp_path):
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    program(there, "import helper\nhelper.f(3)\n", "main.py")
    program(there, "def f(n):\n    return n + 1\n", "helper.py")
    shutil.copytree(there, here)
    (here / "main.py").unlink()  # what is launched is where the kernel is
    launch(client, [({"path": str(here / "helper.py")}, [{"line": 2}])],
           program=str(there / "main.py"),
           pathMappings=[{"localRoot": str(here), "remoteRoot": "."}])
    assert client.event("stopped")["hitBreakpointIds"] == [1]
    changed = [m["body"]["breakpoint"] for _, n, m in client.timeline if n == "breakpoint"]
    assert changed[-1]["verified"]
    assert changed[-1]["source"]["path"] == str(here / "helper.py")
    frames = client.request("stackTrace", {"threadId": 1})["stackFrames"]
    assert [f["source"]["path"] for f in frames[:2]] == [str(here / "helper.py"),
                                                         str(here / "main.py")]
    scopes = client.request("scopes", {"frameId": frames[0]["id"]})["scopes"]
    assert {s["source"]["path"] for s in scopes if "source" in s} <= {str(here / "helper.py")}
    sources = client.request("loadedSources")["sources"]
    assert str(here / "helper.py") in [s.get("path") for s in sources]
    modules = client.request("modules")["modules"]
    paths = [m.get("path") for m in modules]
    assert str(here / "helper.py") in paths
    assert not [p for p in paths if p and p.startswith(str(there))]
    places = client.request("breakpointLocations",
                            {"source": {"path": str(here / "helper.py")}, "line": 2})
    assert [p["line"] for p in places["breakpoints"]][:1] == [2]
    for kind, name, message in client.timeline:
        if kind == "evt" and name in ("loadedSource", "module", "breakpoint"):
            assert str(there) not in str(message), message
    client.request("continue", {"threadId": 1})
    client.event("terminated")
    client.disconnect()


def test_what_is_not_supported_is_named_once(client, tmp_path):
    path = program(tmp_path, "")
    client.launch(path, django=True, jinja=True, gevent=True, autoReload={"enable": True},
                  guiEventLoop="matplotlib", qt="auto", pyramid=True, sudo=True, unknown=3,
                  variablePresentation={"special": "hide"})
    client.event("terminated")
    said = [m["body"]["output"] for _, n, m in client.timeline
            if n == "output" and m["body"]["category"] == "important"]
    names = ("autoReload", "django", "gevent", "guiEventLoop", "jinja", "pyramid", "qt", "sudo")
    assert said == ["celldap: not supported here, and left out: "
                    + ", ".join(f"option '{n}'" for n in names) + "\n"]
    client.disconnect()


@pytest.mark.parametrize("code, options, stops", [
    ("3", {}, False),
    ("3", {"breakOnSystemExit": [3]}, True),
    ("3", {"breakOnSystemExit": [{"from": 1, "to": 255}]}, True),
    ("3", {"breakOnSystemExit": [4, None, {"from": 5, "to": 1}]}, False),
    ("", {"breakOnSystemExit": [None]}, True),
    ("0", {"breakOnSystemExitZero": True}, True),
    ("", {"breakOnSystemExitZero": True}, True),
    ("3", {"breakOnSystemExitZero": True}, False),
    ("'text'", {"breakOnSystemExit": [0, 1]}, False),
    ("10 ** 30", {"breakOnSystemExit": [0, 1]}, False),
])
def test_stops_at_the_exits_that_were_asked_for(client, tmp_path, code, options, stops):
    path = program(tmp_path, f"import sys\nsys.exit({code})\n")
    client.launch(path, **options)
    if stops:
        stop = client.event("stopped")
        assert (stop["reason"], stop["text"].split(":")[0].split("(")[0]) == ("exception",
                                                                             "SystemExit")
        assert client.request("stackTrace", {"threadId": 1})["stackFrames"][0]["line"] == 2
        client.request("continue", {"threadId": 1})
    client.event("exited")
    assert not client.take("stopped")
    client.disconnect()


@pytest.mark.parametrize("shown", [True, False])
def test_show_return_value(client, tmp_path, shown):
    path = program(tmp_path, "def f():\n    return 42\n\nx = f()\ny = 1\n")
    client.launch(path, [({"path": str(path)}, [{"line": 2}])], showReturnValue=shown)
    client.event("stopped")
    client.request("stepOut", {"threadId": 1})
    client.event("stopped")
    frame = client.request("stackTrace", {"threadId": 1})["stackFrames"][0]
    scopes = client.request("scopes", {"frameId": frame["id"]})["scopes"]
    assert ("returnValue" in [s.get("presentationHint") for s in scopes]) == shown
    client.request("continue", {"threadId": 1})
    client.event("terminated")
    client.disconnect()


THREADS = """\
import threading
go = threading.Event()
count = 0
def work():
    global count
    while not go.is_set():
        count += 1
t = threading.Thread(target=work)
t.start()
x = 1
x = 2
x = 3
go.set()
t.join()
"""


def test_a_step_may_leave_the_other_threads_where_they_are(client, tmp_path):
    path = program(tmp_path, THREADS)
    client.launch(path, [({"path": str(path)}, [{"line": 10}])], steppingResumesAllThreads=False)
    client.event("stopped")

    def count():
        return client.request("evaluate", {"expression": "count", "frameId": client.request(
            "stackTrace", {"threadId": 1})["stackFrames"][0]["id"]})["result"]

    before = count()
    for line in (11, 12):
        client.request("next", {"threadId": 1})
        client.event("stopped")
        assert client.request("stackTrace", {"threadId": 1})["stackFrames"][0]["line"] == line
        assert count() == before
    client.request("continue", {"threadId": 1})
    assert client.event("exited") == {"exitCode": 0}
    client.disconnect()


def test_log_to_file_says_where(tmp_path):
    path = program(tmp_path, "print('secret text')\n")
    with DapClient(env={"XDG_STATE_HOME": str(tmp_path / "state")}) as client:
        client.launch(path, logToFile=True, env={"TOKEN": "secret value"})
        said = client.output("the log is ", "console")
        client.event("terminated")
        client.disconnect()
    logs = list((tmp_path / "state/celldap").iterdir())
    assert [f"the log is {logs[0]}\n" in said, len(logs)] == [True, 1]
    assert logs[0].stat().st_mode & 0o777 == 0o600
    text = logs[0].read_text()
    assert "the kernel ended: status 0" in text
    assert "secret" not in text


def test_a_log_that_cannot_be_written_is_told(tmp_path):
    path = program(tmp_path, "print('ran')\n")
    (tmp_path / "state").write_text("no folder")
    with DapClient(env={"XDG_STATE_HOME": str(tmp_path / "state")}) as client:
        client.launch(path, logToFile=True)
        client.output("logToFile: cannot write", "important")
        client.output("ran", "stdout")
        client.event("terminated")
        client.disconnect()
