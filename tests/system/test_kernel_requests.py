# SPDX-License-Identifier: BSD-3-Clause
"""Requests that few front ends send: usage, connection, history over sessions, exit, magics."""

import json
import os
from pathlib import Path

import pytest
from conftest import Kernel

psutil = pytest.importorskip("psutil")


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    kernel = Kernel(tmp_path_factory.mktemp("requests"))
    yield kernel
    kernel.close()


def test_usage_is_what_the_system_says(one):
    one.run("ballast = bytearray(64 << 20)")
    busy = one.start("print('busy')\nwhile True: pass").until_printed("busy")
    first = one.ask("control", "usage_request")
    assert first["pid"] == one.pid and first["hostname"] == os.uname().nodename
    assert first["cpu_count"] == psutil.cpu_count()
    process = psutil.Process(one.pid)
    while sum(process.cpu_times()[:2]) < 1:  # until there is something to tell
        pass
    second = one.ask("control", "usage_request")
    assert second["kernel_cpu"] > 5
    assert 64 << 20 < second["kernel_memory"] <= process.memory_info().rss * 1.1
    assert 0 <= second["host_cpu_percent"] <= 100
    memory = second["host_virtual_memory"]
    assert memory.keys() == psutil.virtual_memory()._asdict().keys()
    assert memory["total"] == psutil.virtual_memory().total
    one.ask("control", "interrupt_request")
    assert busy.wait().status == "error"
    one.run("del ballast")


def test_connect_tells_the_ports(one):
    ports = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
    connection = json.loads(Path(one.file).read_text())
    for channel in ("shell", "control"):
        reply = one.ask(channel, "connect_request")
        assert reply == {"status": "ok", **{port: connection[port] for port in ports}}


def history(kernel, **content):
    defaults = {"raw": True, "output": False, "session": 0, "start": 0, "stop": 0, "n": 100}
    reply = kernel.ask("shell", "history_request", defaults | content)
    assert reply["status"] == "ok"
    return reply["history"]


def test_history_lasts_over_sessions(make_kernel, tmp_path):
    env = {"IPYTHONDIR": str(tmp_path / "ipython")}
    first = make_kernel(env=env)
    for code in ("alpha = 1", "beta = 2", "alpha = 1", "6 * 7"):
        first.run(code)
    first.run("hidden = 1", store_history=False)
    rows = history(first, hist_access_type="range", start=1, stop=4)
    assert rows == [[0, 1, "alpha = 1"], [0, 2, "beta = 2"], [0, 3, "alpha = 1"]]
    rows = history(first, hist_access_type="range", start=4, stop=5, output=True)
    assert rows == [[0, 4, ["6 * 7", "42"]]]
    session = history(first, hist_access_type="tail", n=1)[0][0]
    assert session > 0
    first.ask("control", "shutdown_request", {"restart": False})
    assert first.ended() == 0

    second = make_kernel(env=env)
    second.run("gamma = 3")
    by_number = {"hist_access_type": "range", "session": session, "start": 1, "stop": 3}
    assert [row[2] for row in history(second, **by_number)] == ["alpha = 1", "beta = 2"]
    assert history(second, **by_number | {"session": -1}) == [
        [session, 1, "alpha = 1"],
        [session, 2, "beta = 2"],
    ]
    texts = [row[2] for row in history(second, hist_access_type="tail", n=3)]
    assert texts[-3:] == ["alpha = 1", "6 * 7", "gamma = 3"]
    found = history(second, hist_access_type="search", pattern="alpha*")
    assert [row[2] for row in found] == ["alpha = 1", "alpha = 1"]
    found = history(second, hist_access_type="search", pattern="a?pha*", unique=True)
    assert [row[2] for row in found] == ["alpha = 1"]
    assert len(history(second, hist_access_type="search", pattern="*", n=2)) == 2
    assert history(second, hist_access_type="search", pattern="hidden*") == []


def test_a_wrong_history_request_is_answered(one):
    for content in ({"hist_access_type": "no such"}, {}, {"hist_access_type": "range", "session": "x"}):
        assert one.ask("shell", "history_request", content)["status"] in ("ok", "error")


@pytest.mark.parametrize(
    "code, keep", [("exit", False), ("quit()", False), ("exit(keep_kernel=True)", True)]
)
def test_ask_exit(make_kernel, code, keep):
    kernel = make_kernel()
    reply = kernel.run(code).reply["content"]
    assert reply["payload"] == [{"source": "ask_exit", "keepkernel": keep}]
    if keep:
        assert kernel.run("6 * 7").result == "42"
    else:
        assert kernel.ended() == 0


def test_magics_that_only_kernels_have(one, tmp_path):
    (tmp_path / "a.py").write_text("def f(): pass\n")
    info = one.run("%connect_info").stream("stdout")
    assert json.loads(info[: info.index("}") + 1]) == json.loads(Path(one.file).read_text())
    assert one.file in info
    for magic in ("less", "more"):
        (payload,) = one.run(f"%{magic} {tmp_path / 'a.py'}").reply["content"]["payload"]
        assert payload["source"] == "page" and "f" in payload["data"]["text/plain"]
    (payload,) = one.run(f"%edit {tmp_path / 'a.py'}").reply["content"]["payload"]
    assert payload == {
        "source": "edit_magic",
        "filename": str(tmp_path / "a.py"),
        "line_number": None,
    }
    assert one.run("%autosave 30").stream("stdout") == "Autosaving every 30 seconds\n"
    assert one.run("%less").status == "error"
    assert one.run("%autosave often").status == "error"
    listed = one.run("%lsmagic").result
    for name in ("subshell", "connect_info", "qtconsole", "man", "clear"):
        assert f"%{name}" in listed
