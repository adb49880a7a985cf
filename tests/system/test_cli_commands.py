# SPDX-License-Identifier: BSD-3-Clause
"""`celldap install`, `kernels` and `doctor`, judged by what Jupyter's own packages find and start."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time

import pytest
from jupyter_client import KernelManager
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core import paths

from conftest import BUILD, GUARD, PROGRAM, PYTHON

CELLDAP = BUILD / "bin" / "celldap"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home: what these commands see is what the test put there."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in list(os.environ):
        if name.startswith(("JUPYTER", "XDG_", "CONDA", "VIRTUAL_ENV", "IPYTHON", "PYTHONUSERBASE")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    return folder


def celldap(*args, status=0):
    run = subprocess.run([CELLDAP, *map(str, args)], capture_output=True, text=True, timeout=GUARD)
    assert run.returncode == status, run.stdout + run.stderr
    return run


def listed(kind):
    return json.loads(celldap("kernels", "--json").stdout)[kind]


def findings(status=0, *args):
    answer = json.loads(celldap("doctor", "--json", "--python", PYTHON, *args, status=status).stdout)
    assert answer["healthy"] == (status == 0)
    return answer["findings"]


@pytest.mark.parametrize("command", ["install", "kernels", "doctor"])
def test_help_has_examples_and_wrong_usage_is_status_2(command):
    text = celldap(command, "--help").stdout
    assert text.startswith(f"usage: celldap {command}") and "Examples:" in text
    run = celldap(command, "--frobnicate", status=2)
    assert "--frobnicate" in run.stderr and f"celldap {command} --help" in run.stderr


def test_installed_for_the_user_and_started_by_jupyter(home):
    out = celldap("install", "--python", PYTHON).stdout
    folder = home / ".local/share/jupyter/kernels/celldap"
    assert str(folder) in out and "note" not in out
    assert [p.name for p in folder.iterdir()] == ["kernel.json"]
    spec = KernelSpecManager(kernel_dirs=[str(folder.parent)]).get_kernel_spec("celldap")
    assert spec.argv == [str(PROGRAM), "-f", "{connection_file}", "--python", PYTHON]
    template = json.loads((BUILD / "share/jupyter/kernels/celldap/kernel.json").read_text())
    assert spec.metadata == template["metadata"] and spec.interrupt_mode == "message"
    assert spec.metadata["debugger"] is True
    manager = KernelManager(kernel_name="celldap")
    manager.kernel_spec_manager.kernel_dirs = [str(folder.parent)]
    manager.start_kernel()
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=GUARD)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_install_replaces_and_names(home, tmp_path):
    for title in ("one", "two"):
        celldap("install", "--python", PYTHON, "--prefix", tmp_path / "p", "--name", "x.y-z_1",
                "--display-name", title)
    file = tmp_path / "p/share/jupyter/kernels/x.y-z_1/kernel.json"
    assert json.loads(file.read_text())["display_name"] == "two"
    assert "does not look there" in celldap(
        "install", "--python", PYTHON, "--prefix", tmp_path / "p"
    ).stdout


def test_install_says_when_another_one_is_found_first(home, tmp_path, monkeypatch):
    celldap("install", "--python", PYTHON, "--prefix", tmp_path)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share/jupyter"))
    out = celldap("install", "--python", PYTHON).stdout
    assert "finds another kernel of this name first" in out


def test_sys_prefix_is_the_environment_of_the_interpreter(home, tmp_path):
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    celldap("install", "--sys-prefix", "--python", tmp_path / "v/bin/python", "--name", "v")
    spec = json.loads((tmp_path / "v/share/jupyter/kernels/v/kernel.json").read_text())
    assert spec["argv"][-1] == str(tmp_path / "v/bin/python")  # no link is resolved


@pytest.mark.parametrize("args, status, words", [
    (["--name", "Upper"], 2, "is no kernel's name"),
    (["--name", "../x"], 2, "is no kernel's name"),
    (["--name", ""], 2, "is no kernel's name"),
    (["--user", "--sys-prefix"], 2, "one of"),
    (["--name"], 2, "needs a value"),
    (["stray"], 2, "no option"),
    (["--python", "/no/such/python"], 1, "there is no program"),
    (["--python", "/bin/true"], 1, "does not answer"),
    (["--python", "/bin/false"], 1, "does not answer"),
    (["--prefix", "/proc/nowhere"], 1, "cannot make the folder"),
])
def test_install_refuses_and_writes_nothing(home, args, status, words):
    extra = [] if "--python" in args else ["--python", PYTHON]
    assert words in celldap("install", *extra, *args, status=status).stderr
    assert list(home.rglob("*")) == []


def test_a_python_that_is_too_old_is_named(home, tmp_path):
    fake = tmp_path / "python3.11"
    facts = {"major": 3, "minor": 11, "release": "3.11.9", "prefix": "/", "library": "",
             "free_threaded": False, "packages": {}}
    fake.write_text(f"#!/bin/sh\necho '{json.dumps(facts)}'\n")
    fake.chmod(0o755)
    assert "is Python 3.11.9; 3.12 or newer" in celldap(
        "install", "--python", fake, status=1
    ).stderr
    facts.update(minor=13, free_threaded=True)
    fake.write_text(f"#!/bin/sh\necho '{json.dumps(facts)}'\n")
    assert "free-threaded" in celldap("install", "--python", fake, status=1).stderr


def test_kernels_lists_what_jupyter_lists(home, tmp_path, monkeypatch):
    """The same names, each from the same folder, as jupyter_client finds for the same variables."""
    env, path = tmp_path / "env", tmp_path / "path"
    spec = {"argv": ["x", "-f", "{connection_file}"], "display_name": "D", "language": "python"}
    for place, names in {
        home / ".local/share/jupyter": ["both", "user"],
        path: ["both", "MiXed", ".dot"],
        env / "share/jupyter": ["both", "user", "env"],
    }.items():
        for name in names:
            (place / "kernels" / name).mkdir(parents=True)
            debugger = {"debugger": name == "env"}
            (place / "kernels" / name / "kernel.json").write_text(
                json.dumps({**spec, "metadata": debugger})
            )
    (path / "kernels/broken").mkdir()
    (path / "kernels/broken/kernel.json").write_text("{")
    monkeypatch.setenv("JUPYTER_PATH", f"{path}/")
    monkeypatch.setenv("VIRTUAL_ENV", str(env))
    monkeypatch.setattr(sys, "prefix", str(env))
    monkeypatch.setattr(paths, "ENV_JUPYTER_PATH", [str(env / "share/jupyter")])
    want = KernelSpecManager(ensure_native_kernel=False).find_kernel_specs()
    got = {k["name"]: k["path"] for k in listed("installed")}
    got = {n: p for n, p in got.items() if p.startswith(str(tmp_path))}
    want = {n: p for n, p in want.items() if p.startswith(str(tmp_path)) and not n.startswith(".")}
    assert got == want and {"both", "mixed", "user", "env", "broken"} == set(got)
    by_name = {k["name"]: k for k in listed("installed")}
    assert by_name["env"]["debugger"] is True and by_name["user"]["debugger"] is False
    assert "kernel.json" in by_name["broken"]["error"]


def test_running_kernels(home, tmp_path):
    runtime = home / ".local/share/jupyter/runtime"
    runtime.mkdir(parents=True)
    write_connection_file(str(runtime / "kernel-dead.json"))
    (runtime / "kernel-odd.json").write_text('{"shell_port": "x"}')
    (runtime / "other.json").write_text("{}")
    celldap("install", "--python", PYTHON)
    manager = KernelManager(
        kernel_name="celldap", connection_file=str(runtime / "kernel-live.json")
    )
    manager.kernel_spec_manager.kernel_dirs = [str(runtime.parent / "kernels")]
    manager.start_kernel()
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=GUARD)
        client.execute("import threading; threading.Event().wait(600)")  # busy, and alive
        while client.get_iopub_msg(timeout=GUARD)["msg_type"] != "execute_input":
            pass
        found = {k["id"]: k for k in listed("running")}
        live = found["live"]
        assert live["state"] == "alive" and live["celldap"] is True
        assert live["execution_state"] == "busy"
        assert live["since"] <= live["last_activity"] <= time.time()
        assert live["implementation"] == "celldap" and live["pid"] == manager.provisioner.pid
        assert found["dead"]["state"] == "stale" and found["dead"]["pid"] is None
        assert found["odd"]["state"] == "unknown" and "shell_port" in found["odd"]["error"]
        assert set(found) == {"live", "dead", "odd"}
        text = celldap("kernels").stdout
        assert re.search(r"live +busy +pid \d+ +since .* used \d{4}-.* celldap 20", text)
        assert "debugger" in text
        key = json.loads((runtime / "kernel-live.json").read_text())["key"]
        assert key not in text + celldap("kernels", "--json").stdout
        stale = [f for f in findings() if f["what"] == "running kernels"]
        assert stale[0]["status"] == "warn" and "1 alive, 1 connection files" in stale[0]["text"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_stopped_process_does_not_hang_the_list(home):
    """A kernel that listens and says nothing costs its second, and is no kernel that is alive."""
    runtime = home / ".local/share/jupyter/runtime"
    runtime.mkdir(parents=True)
    file = runtime / "kernel-frozen.json"
    process = subprocess.Popen([PROGRAM, "-f", file, "--python", PYTHON])
    try:
        while not (file.exists() and json.loads(file.read_text() or "{}").get("control_port")):
            assert process.poll() is None
        process.send_signal(signal.SIGSTOP)
        assert [(k["id"], k["state"], k["pid"]) for k in listed("running")] == [
            ("frozen", "stale", process.pid)
        ]
    finally:
        process.kill()
        process.wait()


def test_doctor_is_content(home):
    celldap("install", "--python", PYTHON)
    found = findings()
    assert {f["status"] for f in found} <= {"ok", "warn"}
    start = [f for f in found if f["what"] == "start"]
    assert start and start[0]["status"] == "ok" and "answers" in start[0]["text"]
    assert [f["status"] for f in found if f["what"] == "kernelspec"] == ["ok"]
    lines = celldap("doctor", "--python", PYTHON).stdout.splitlines()
    assert len(lines) == len(found) and all(x.split()[0] in ("ok", "warn") for x in lines)


def test_doctor_names_what_is_broken(home):
    folder = home / ".local/share/jupyter"
    celldap("install", "--python", PYTHON, "--name", "gone")
    file = folder / "kernels/gone/kernel.json"
    spec = json.loads(file.read_text())
    spec["argv"][-1] = "/gone/python"
    file.write_text(json.dumps(spec))
    (folder / "runtime").mkdir()
    os.chmod(folder / "runtime", 0o777)
    assert stat.S_IMODE((folder / "runtime").stat().st_mode) == 0o777
    failed = {f["what"]: f for f in findings(1) if f["status"] == "FAIL"}
    assert set(failed) == {"kernelspec", "runtime folder"}
    assert "/gone/python" in failed["kernelspec"]["text"] and "install" in failed["kernelspec"]["todo"]
    assert "chmod go-w" in failed["runtime folder"]["todo"]


def test_doctor_without_a_python_that_fits(home):
    out = celldap("doctor", "--python", "/bin/false", status=1).stdout
    assert "FAIL python: '/bin/false'" in out
    assert "\nok   ports" in out and "start:" not in out
