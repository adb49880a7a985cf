# SPDX-License-Identifier: BSD-3-Clause
"""The process as the user's code sees it: no library of ours, no thread of ours (ADR 0001)."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BUILD, PROGRAM, PYTHON, ROOT, read_connection
from jupyter_client import BlockingKernelClient


def test_the_program_links_libc_only():
    ldd = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout
    names = {line.split()[0].split("/")[-1].split(".")[0] for line in ldd.splitlines()}
    allowed = {"linux-vdso", "libc", "libdl", "ld-linux-x86-64", "ld-linux-aarch64"}
    sanitizers = {n for n in names if re.match(r"lib(asan|ubsan|tsan|gcc_s|m|stdc|pthread|rt|resolv)", n)}
    assert names - allowed - (sanitizers if "libasan" in names or "libtsan" in names else set()) == set()


def test_the_module_exports_two_names():
    (module,) = (BUILD / "lib" / "celldap").glob("kernel-*.so")
    nm = subprocess.run(
        ["nm", "-D", "--defined-only", module], capture_output=True, text=True, check=True
    ).stdout
    names = {line.split()[-1] for line in nm.splitlines() if " T " in line}
    assert names == {"celldap_kernel_main", "PyInit__celldap"}


def test_the_users_pyzmq_is_its_own(kernel):
    import zmq

    cell = kernel.run("import zmq; zmq.zmq_version(), zmq.__version__")
    assert cell.result == repr((zmq.zmq_version(), zmq.__version__))
    maps = kernel.run("sorted({l.split()[-1] for l in open('/proc/self/maps') if 'zmq' in l})")
    assert len(eval(maps.result)) >= 2  # ours and theirs, side by side


def test_ssl_and_numpy_import(kernel):
    assert kernel.run("import ssl, sqlite3, hashlib; ssl.OPENSSL_VERSION[:7]").result == "'OpenSSL'"
    if subprocess.run([PYTHON, "-c", "import numpy"], capture_output=True).returncode == 0:
        assert kernel.run("import numpy; int(numpy.arange(5).sum())").result == "10"


def test_the_environment_is_the_chosen_interpreters(kernel):
    code = "import sys\n[sys.executable, sys.prefix, sys.base_prefix, list(sys.version_info)]"
    out = subprocess.run(
        [PYTHON, "-c", code.replace("\n", "\nprint(") + ")"], capture_output=True, text=True
    ).stdout
    assert kernel.run(code).result.replace("\n", "") == out.strip()


def test_our_threads_are_named_and_hidden(kernel):
    names = set(re.findall(r'"(celldap-[a-z]+)"', (ROOT / "kernel" / "roles.h").read_text()))
    names.remove("celldap-sub")  # one for each subshell, and there is none
    assert len(names) == 8
    cell = kernel.run(
        "import threading\n[t.name for t in threading.enumerate() if 'IPython' not in t.name]"
    )
    assert cell.result == "['MainThread']"
    kernel.ask("shell", "complete_request", {"code": "pri", "cursor_pos": 3})
    assert kernel.run("len(threading.enumerate()) <= 2").result == "True"
    # arm starts with the debugger's first job
    threads = {"celldap-arm"} | {p.read_text().strip() for p in Path(f"/proc/{kernel.pid}/task").glob("*/comm")}
    assert names <= threads


def test_an_interpreter_imports_the_module_itself(tmp_path):
    """What an interpreter without a shared libpython does (ADR 0001)."""
    (module,) = (BUILD / "lib" / "celldap").glob("kernel-*.so")
    minor = "%d.%d" % sys.version_info[:2]
    if minor not in module.name:
        pytest.skip(f"the module is not for {minor}")
    if "libasan" in subprocess.run(["ldd", module], capture_output=True, text=True).stdout:
        pytest.skip("a sanitizer's runtime must be in the program, and this one is the user's")
    code = (
        "import sys\n"
        "from importlib.machinery import ExtensionFileLoader as L\n"
        "from importlib.util import module_from_spec, spec_from_file_location as s\n"
        f"spec = s('_celldap', {str(module)!r}, loader=L('_celldap', {str(module)!r}))\n"
        "m = module_from_spec(spec); spec.loader.exec_module(m)\n"
        "sys.modules['_celldap'] = m\n"
        "m.main(sys.argv)"
    )
    file = tmp_path / "kernel.json"
    process = subprocess.Popen([PYTHON, "-c", code, "-f", file, "--python", PYTHON])
    try:
        read_connection(file)
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        reply = client.execute_interactive("assert 6 * 7 == 42", timeout=60)
        assert reply["content"]["status"] == "ok"
        client.shutdown()
        assert process.wait(timeout=60) == 0
        client.stop_channels()
    finally:
        process.kill()
        process.wait()
