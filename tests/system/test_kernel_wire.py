# SPDX-License-Identifier: BSD-3-Clause
"""Connection files, transports, signatures, the iopub welcome, and the program's own options."""

import json
import os
import re
import stat
import subprocess
import sys

import pytest
import zmq
from conftest import PROGRAM, PYTHON, read_connection
from jupyter_client import BlockingKernelClient
from jupyter_client.session import Session

PORTS = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"]


class Started:
    """celldap-kernel on a connection file of ours."""

    def __init__(self, file, python=PYTHON, **options):
        self.file = file
        self.process = subprocess.Popen(
            [PROGRAM, "-f", file, "--python", python, "--plain"],
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def client(self):
        read_connection(self.file)
        client = BlockingKernelClient(connection_file=str(self.file))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        return client

    def close(self):
        self.process.kill()
        return self.process.communicate(timeout=60)[1]


@pytest.fixture
def started(tmp_path):
    kernels = []

    def start(connection=None, **options):
        file = tmp_path / "kernel.json"
        if connection is not None:
            file.write_text(json.dumps(connection))
        kernels.append(Started(file, **options))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()


def zero_ports(**more):
    return {**dict.fromkeys(PORTS, 0), "transport": "tcp", "ip": "127.0.0.1", "key": "k", **more}


def test_ports_that_are_0_are_chosen_and_written_back(started):
    kernel = started(zero_ports(jupyter_session="nb.ipynb"))
    client = kernel.client()
    connection = json.loads(kernel.file.read_text())
    ports = [connection[p] for p in [*PORTS, "debug_port"]]
    assert len(set(ports)) == 6 and all(0 < p < 65536 for p in ports)
    assert connection["jupyter_session"] == "nb.ipynb"
    assert connection["key"] == "k"
    assert stat.S_IMODE(os.stat(kernel.file).st_mode) == 0o600
    client.kernel_info()
    info = client.get_shell_msg(timeout=60)["content"]
    assert info["celldap"]["debug_port"] == connection["debug_port"]
    client.stop_channels()


def test_ports_that_are_given_are_kept(make_kernel):
    kernel = make_kernel()
    connection = json.loads(open(kernel.file).read())
    for name in PORTS:
        assert connection[name] == getattr(kernel.manager, name)
    assert connection["debug_port"] > 0


def test_a_connection_file_that_is_not_there_is_made(started):
    kernel = started()
    client = kernel.client()
    connection = json.loads(kernel.file.read_text())
    assert len(connection["key"]) >= 32
    client.stop_channels()


@pytest.mark.parametrize("chosen", [False, True])
def test_ipc(started, tmp_path, chosen):
    ip = str(tmp_path / "s")
    given = {p: i + 1 for i, p in enumerate(PORTS)}
    kernel = started(
        zero_ports(transport="ipc", ip=ip) if chosen else
        {**zero_ports(transport="ipc", ip=ip), **given}
    )
    client = kernel.client()
    sockets = sorted(p.name for p in tmp_path.glob("s-*"))
    assert sockets == [f"s-{i}" for i in range(1, 7)]
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in tmp_path.glob("s-*"))
    reply = client.execute_interactive("print('over ipc')", timeout=60)
    assert reply["content"]["status"] == "ok"
    client.shutdown()
    assert kernel.process.wait(timeout=60) == 0
    assert list(tmp_path.glob("s-*")) == []
    client.stop_channels()


def test_an_empty_key_means_unsigned(started):
    client = started(zero_ports(key="")).client()
    assert client.execute_interactive("1", timeout=60)["content"]["status"] == "ok"
    client.stop_channels()


def test_bad_messages_are_dropped_and_told_once(started):
    kernel = started(zero_ports())
    client = kernel.client()
    connection = json.loads(kernel.file.read_text())
    forger = Session(key=b"another key")
    good = Session(key=b"k")
    with zmq.Context() as context, context.socket(zmq.DEALER) as s:
        s.linger = 0
        s.connect(f"tcp://127.0.0.1:{connection['shell_port']}")
        for _ in range(3):
            forger.send(s, "kernel_info_request", {})
        s.send_multipart([b"no delimiter"])
        s.send_multipart([b"<IDS|MSG>", b"", b"{}"])
        s.send_multipart([b"<IDS|MSG>"] + [b"x"] * 100)
        frames = good.serialize(good.msg("kernel_info_request"))
        s.send_multipart([b"<IDS|MSG>", good.sign([b"[]"] * 4), *[b"[]"] * 4])
        s.send_multipart([frames[0], frames[1][:-1], *frames[2:]])
        s.send_multipart([frames[0], frames[1] + b"0", *frames[2:]])
        request = good.send(s, "kernel_info_request", {})
        assert s.poll(60_000)
        _, reply = good.recv(s)
        assert reply["parent_header"]["msg_id"] == request["header"]["msg_id"]
        assert s.poll(0) == 0
    client.stop_channels()
    stderr = kernel.close()
    assert stderr.count("dropped") == 1
    assert "signature" in stderr


def test_a_subscriber_is_welcomed_and_told_the_count(started):
    kernel = started(zero_ports())
    client = kernel.client()
    session = Session(key=b"k")
    connection = json.loads(kernel.file.read_text())
    with zmq.Context() as context, context.socket(zmq.SUB) as sub:
        sub.linger = 0
        sub.connect(f"tcp://127.0.0.1:{connection['iopub_port']}")
        sub.subscribe("")
        assert sub.poll(60_000)
        _, first = session.recv(sub)
        assert first["msg_type"] == "iopub_welcome"
        assert first["content"] == {"subscription": ""}
        count = first["metadata"]["celldap"]["iopub_count"]
        assert count > 0
        client.execute("print('one more')")
        later = 0
        with context.socket(zmq.SUB) as second:
            second.linger = 0
            while True:
                assert sub.poll(60_000)
                _, m = session.recv(sub)
                later += 1
                if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                    break
            second.connect(f"tcp://127.0.0.1:{connection['iopub_port']}")
            second.subscribe("")
            assert second.poll(60_000)
            _, again = session.recv(second)
            assert again["metadata"]["celldap"]["iopub_count"] == count + 1 + later
    client.stop_channels()


# A message for nearly each line, for as long as it runs.
CHATTER = """
import sys, threading
print('begun')
never = threading.Event()
while not never.wait(0.0002):
    print('out')
    print('err', file=sys.stderr)
"""


@pytest.mark.parametrize(
    "connection",
    [{}, {"transport": "ipc"}, {"transport_encryption": "required"}],
    ids=["tcp", "ipc", "curve"],
)
def test_the_welcome_comes_first_whatever_the_kernel_does(make_kernel, connection):
    kernel = make_kernel("--plain", connection=connection)
    cell = kernel.start(CHATTER).until_printed("begun")
    for _ in range(8):
        sessions = [kernel.client.session.clone() for _ in range(2)]
        with kernel.manager.connect_iopub() as sub, kernel.manager.connect_iopub() as other:
            for session, subscriber in zip(sessions, (sub, other), strict=True):
                assert subscriber.poll(60_000)
                first = session.recv(subscriber)[1]
                assert first["msg_type"] == "iopub_welcome"
                assert first["content"] == {"subscription": ""}
            other.unsubscribe(b"")
            other.subscribe(b"kernel.")  # a topic more, of one that is there
            while sessions[1].recv(other, mode=0)[1]["content"].get("subscription") != "kernel.":
                pass
    kernel.ask("control", "interrupt_request")
    assert cell.wait().status == "error"


def test_version_and_help(run_program):
    version = run_program("--version").stdout
    assert re.fullmatch(r"celldap-kernel 20\d\d\.\d{1,2}\.\d+\n", version)
    assert "usage: celldap-kernel -f FILE" in run_program("--help").stdout


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([], "-f FILE is missing"),
        (["-f"], "'-f' needs a value"),
        (["-f", "x", "--plain=1"], "'--plain' takes no value"),
        (["-f", "x", "--colour"], "unknown option '--colour'"),
        (["-f", "x", "--python", "/nowhere/python"], "'/nowhere/python' is no program"),
        (["-f", "x", "--python", "no-such-python"], "no 'no-such-python' on PATH"),
        (["-f", "x", "--python", "/bin/true"], "does not answer as a Python does"),
    ],
)
def test_wrong_options_are_named(run_program, arguments, says):
    result = run_program(*arguments)
    assert result.returncode == 2
    assert says in result.stderr


@pytest.mark.parametrize(
    "answer, says",
    [
        ("3.11\n3.11.9\n/usr\n/x\nlibpython3.11.so\n0\n\n", "Python 3.11.9; 3.12 or newer is needed"),
        ("2.7\n2.7.18\n/usr\n/x\n\n0\n\n", "Python 2.7.18; 3.12 or newer is needed"),
        ("3.13\n3.13.0\n/usr\n/x\n\n1\n\n", "free-threaded build of Python 3.13.0"),
        ("3.99\n3.99.0\n/usr\n/x\n\n0\n\n", "no kernel for Python 3.99"),
        ("3.13\n", "does not answer as a Python does"),
        ("3.13\n3.13.0\n" + "x" * 5000 + "\n", "does not answer as a Python does"),
    ],
)
def test_interpreters_that_do_not_fit_are_refused_by_name(run_program, tmp_path, answer, says):
    python = tmp_path / "python"
    (tmp_path / "answer").write_text(answer)
    python.write_text(f"#!/bin/sh\ncat {tmp_path}/answer\n")
    python.chmod(0o755)
    result = run_program("-f", "x", "--python", str(python))
    assert result.returncode == 2
    assert says in result.stderr
    assert str(python) in result.stderr


@pytest.mark.parametrize(
    "text, says",
    [
        ('{"shell_port": "x"}', "shell_port"),
        ("{", "kernel.json"),
        ('{"transport": "udp"}', "transport"),
        ('{"curve_publickey": "x"}', "curve_publickey"),
    ],
)
def test_a_wrong_connection_file_is_named(run_program, tmp_path, text, says):
    file = tmp_path / "kernel.json"
    file.write_text(text)
    result = run_program("-f", str(file), "--python", PYTHON)
    assert result.returncode == 1
    assert says in result.stderr and str(file) in result.stderr


def test_a_shim_stands_for_the_interpreter_behind_it(started, tmp_path):
    shim = tmp_path / "python"
    shim.write_text(f'#!/bin/sh\nexec {PYTHON} "$@"\n')
    shim.chmod(0o755)
    kernel = started(zero_ports(), python=shim)
    client = kernel.client()
    code = f"import sys; assert sys.executable == {PYTHON!r}, sys.executable"
    assert client.execute_interactive(code, timeout=60)["content"]["status"] == "ok"
    client.stop_channels()


def test_an_interpreter_without_a_shared_library_runs_as_itself(started, tmp_path):
    minor = "%d.%d" % sys.version_info[:2]
    answer = f"{minor}\n{minor}.0\n{sys.base_prefix}\n/x\n\n0\n\n"
    (tmp_path / "answer").write_text(answer)
    static = tmp_path / "python"
    static.write_text(
        f'#!/bin/sh\n[ "$1" = -I ] && exec cat {tmp_path}/answer\nexec {PYTHON} "$@"\n'
    )
    static.chmod(0o755)
    if "libasan" in subprocess.run(["ldd", PROGRAM], capture_output=True, text=True).stdout:
        pytest.skip("a sanitizer's runtime must be in the program, and this one is the user's")
    kernel = started(zero_ports(), python=static)
    client = kernel.client()
    code = f"import sys; assert sys.executable == {PYTHON!r}; assert 'run' not in globals()"
    assert client.execute_interactive(code, timeout=60)["content"]["status"] == "ok"
    client.shutdown()
    assert kernel.process.wait(timeout=60) == 0
    client.stop_channels()


def test_a_port_that_is_taken_is_an_error_but_for_the_debug_port(run_program, tmp_path, started):
    with zmq.Context() as context, context.socket(zmq.REP) as s:
        port = s.bind_to_random_port("tcp://127.0.0.1")
        file = tmp_path / "taken.json"
        file.write_text(json.dumps(zero_ports(shell_port=port)))
        result = run_program("-f", str(file), "--python", PYTHON)
        assert result.returncode == 1
        assert f"tcp://127.0.0.1:{port}" in result.stderr
        kernel = started(zero_ports(debug_port=port))
        kernel.client().stop_channels()
        assert json.loads(kernel.file.read_text())["debug_port"] != port


def test_a_log_file_is_written_and_names_no_key(started, tmp_path):
    log = tmp_path / "log"
    file = tmp_path / "kernel.json"
    file.write_text(json.dumps(zero_ports(key="sesame")))
    process = subprocess.Popen(
        [PROGRAM, "-f", file, "--python", PYTHON, "--log", log, "--log-level=trace"]
    )
    read_connection(file)
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    client.shutdown()
    assert process.wait(timeout=60) == 0
    client.stop_channels()
    assert "sesame" not in log.read_text()
    assert "celldap-control" in log.read_text()
