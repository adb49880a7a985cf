# SPDX-License-Identifier: BSD-3-Clause
"""The peers' own test suites, from the Python package index, run against a kernel named python3.

Their sources are fetched once (tests/tools/sdist.py); nothing of them is ours to keep.
A run is a pytest process of its own: its verdicts are read from the report that it writes.
"""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from shutil import copyfile, copytree

import sdist

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "build" / "peers"
BUILD = Path(os.environ.get("CELLDAP_BUILD", ROOT / "build")).resolve()
PYTHON = os.environ.get("CELLDAP_TEST_PYTHON", sys.executable)
LIMIT = 900  # seconds for one file of tests; only against hangs

_INI = """[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
timeout = 60
"""
# What their configuration expects of a plugin that measures coverage; and ports of our own.
_PLUGIN = """import celldap_ports

celldap_ports.use()


def pytest_addoption(parser):
    parser.addoption('--cov', default=None)
"""


def our_spec():
    """A JUPYTER_PATH where python3 is celldap."""
    kernels = BUILD / "share" / "jupyter" / "kernels"
    spec = json.loads((kernels / "celldap" / "kernel.json").read_text())
    spec["argv"][spec["argv"].index("--python") + 1] = PYTHON
    return _spec("celldap", spec)


def ipykernel_spec():
    argv = [PYTHON, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "peer", "language": "python"}
    return _spec("ipykernel", {**spec, "metadata": {"debugger": True}})


def _spec(name, spec):
    folder = PEERS / "specs" / name
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True, exist_ok=True)
    (kernel / "kernel.json").write_text(json.dumps(spec))
    return folder


def run(jupyter_path, tests, folder, result, options=()):
    """{test: passed | failed | skipped} of pytest on tests (a path), beside folder's files."""
    work = PEERS / "run"
    work.mkdir(parents=True, exist_ok=True)
    (work / "pytest.ini").write_text(_INI)
    (work / "celldap_cov.py").write_text(_PLUGIN)
    copyfile(ROOT / "tests" / "system" / "ports.py", work / "celldap_ports.py")
    report = work / f"{result}.xml"
    report.unlink(missing_ok=True)
    env = {**os.environ, "JUPYTER_PATH": str(jupyter_path), "PYTHONPATH": str(work)}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    env["IPYTHONDIR"] = str(work / f"ipython-{result}")
    with open(work / f"{result}.log", "wb") as log:
        subprocess.run(
            [
                *(sys.executable, "-P", "-m", "pytest", "-c", str(work / "pytest.ini")),
                *("-p", "celldap_cov", "-p", "no:cacheprovider", "--tb=short"),
                *("--rootdir", str(folder), f"--junitxml={report}", *options, str(tests)),
            ],
            cwd=folder,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=LIMIT,
            check=False,
        )
    return _verdicts(report)


def _verdicts(report):
    verdicts = {}
    for case in ET.parse(report).iter("testcase"):
        outcomes = {child.tag for child in case}
        verdict = "passed"
        if outcomes & {"failure", "error"}:
            verdict = "failed"
        elif "skipped" in outcomes:
            verdict = "skipped"
        name = f"{case.get('classname').rsplit('.', 1)[-1]}::{case.get('name')}"
        if verdicts.get(name) != "failed":
            verdicts[name] = verdict
    return verdicts


def tests_of_ipykernel(jupyter_path, name, result, apart=()):
    """A file of ipykernel's tests, without its package beside it. Those named apart run in a
    process of their own: what one leaves unread would be the next one's."""
    folder = PEERS / "run" / "ipykernel-tests"
    if not folder.is_dir():
        copytree(sdist.unpacked("ipykernel") / "tests", folder / "tests")
    path = folder / "tests" / f"{name}.py"
    chosen = [f"--deselect={path.relative_to(folder)}::{test}" for test in apart]
    verdicts = run(jupyter_path, path, folder, f"{result}-{name}", chosen)
    for test in apart:
        verdicts |= run(jupyter_path, f"{path}::{test}", folder, f"{result}-{name}-{test}")
    return verdicts
