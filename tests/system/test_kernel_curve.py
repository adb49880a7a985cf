# SPDX-License-Identifier: BSD-3-Clause
"""A kernel whose sockets are encrypted: as jupyter_client starts one, and who else is heard."""

import json
import subprocess

import pytest
import zmq
from conftest import BUILD, GUARD
from jupyter_client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager

KEYS = ("curve_publickey", "curve_secretkey")
PORTS = ("shell_port", "control_port", "stdin_port", "hb_port", "debug_port")


@pytest.fixture
def kernel(make_kernel):
    return make_kernel("--plain", connection={"transport_encryption": "required"})


def information(kernel):
    with open(kernel.file) as file:
        return json.load(file)


def test_the_kernelspec_says_that_it_can():
    spec = KernelSpecManager(kernel_dirs=[str(BUILD / "share/jupyter/kernels")])
    assert spec.get_kernel_spec("celldap").metadata["supported_encryption"] == ["curve"]


def test_every_channel_of_an_encrypted_kernel_works(kernel):
    assert [len(information(kernel)[key]) for key in KEYS] == [40, 40]
    assert kernel.run("print('out'); 6 * 7").result == "42"
    assert kernel.ask("control", "kernel_info_request")["status"] == "ok"
    kernel.client.hb_channel.unpause()
    assert kernel.client.hb_channel.is_beating()
    cell = kernel.start("print('got', input('?'))", allow_stdin=True)
    question = kernel.client.get_stdin_msg(timeout=GUARD)
    assert question["content"]["prompt"] == "?"
    kernel.client.input("an answer")
    assert cell.wait().stream("stdout") == "got an answer\n"


def test_a_client_without_the_keys_hears_nothing(kernel):
    """Its connection is never made: zeromq tells so, no time-out does."""
    info = information(kernel)
    with zmq.Context() as context:
        for port in PORTS:
            with context.socket(zmq.DEALER) as socket:
                socket.linger = 0
                with socket.get_monitor_socket(
                    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
                    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
                    | zmq.EVENT_HANDSHAKE_SUCCEEDED
                    | zmq.EVENT_DISCONNECTED
                ) as monitor:
                    socket.connect(f"tcp://{info['ip']}:{info[port]}")
                    assert monitor.poll(GUARD * 1000), port
                    event = int.from_bytes(monitor.recv_multipart()[0][:2], "little")
                    assert event != zmq.EVENT_HANDSHAKE_SUCCEEDED, port
                    socket.disable_monitor()


def test_a_client_with_the_connection_file_is_served(kernel):
    client = BlockingKernelClient(connection_file=kernel.file)
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=GUARD)
    assert client.execute_interactive("1", timeout=GUARD)["content"]["status"] == "ok"
    client.stop_channels()


def test_celldap_asks_an_encrypted_kernel(kernel, tmp_path):
    folder = tmp_path / "runtime"
    folder.mkdir()
    (folder / "kernel-x.json").write_text(json.dumps(information(kernel)))
    result = subprocess.run(
        [BUILD / "bin/celldap", "kernels", "--json"],
        env={"JUPYTER_RUNTIME_DIR": str(folder), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=True,
    )
    (running,) = json.loads(result.stdout)["running"]
    assert running["state"] == "alive", running
