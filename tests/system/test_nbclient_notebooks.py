# SPDX-License-Identifier: BSD-3-Clause
"""Every notebook of nbclient 0.11.0's source distribution under `celldap run` and under ipykernel.

Outputs are compared cell by cell, with addresses, times, paths and pids normalised. The notebooks
are fetched from the Python package index once and kept under build/. A line per notebook
says what came of it.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbclient
import nbformat
import pytest
import sdist
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CELLDAP_BUILD", ROOT / "build"))
GUARD_S = 120  # only against a hang
OF_THE_KERNEL = re.compile(r"File \S*/(ipykernel|celldap)/")  # frames that input() went through

# As nbclient's own tests run them: options of its client, and ours for the same.
OPTIONS = {
    "Disable Stdin.ipynb": ({"allow_errors": True}, ["--allow-errors"]),
    "Skip Exceptions.ipynb": ({"allow_errors": True}, ["--allow-errors"]),
    "Interrupt.ipynb": (
        {"allow_errors": True, "timeout": 3, "interrupt_on_timeout": True},
        ["--allow-errors", "--timeout", "3"],
    ),
}
DIES = "Autokill.ipynb"
PEER_FAILED = (CellTimeoutError, DeadKernelError, RuntimeError)  # hung, died, or never started
PARALLEL = ["Parallel Execute A.ipynb", "Parallel Execute B.ipynb"]
NAMES = [
    "Autokill.ipynb",
    "Check History in Memory.ipynb",
    "Clear Output.ipynb",
    "Disable Stdin.ipynb",
    "Empty Cell.ipynb",
    "Error.ipynb",
    "Factorials.ipynb",
    "HelloWorld.ipynb",
    "Inline Image.ipynb",
    "Interrupt.ipynb",
    "JupyterWidgets.ipynb",
    "Other Comms.ipynb",
    "Output.ipynb",
    "SVG.ipynb",
    "Skip Exceptions with Cell Tags.ipynb",
    "Skip Exceptions.ipynb",
    "Skip Execution with Cell Tag.ipynb",
    "Sleep1s.ipynb",
    "Unicode.ipynb",
    "UnicodePy3.ipynb",
    "update-display-id.ipynb",
]


@pytest.fixture(scope="module")
def files():
    """The sdist's tests/files, fetched when they are not there yet."""
    return sdist.unpacked("nbclient") / "tests" / "files"


@pytest.fixture
def verdict(capsys):
    """Prints a line about a notebook past pytest's capture."""

    def say(name, text):
        with capsys.disabled():
            print(f"\n  {name}: {text}", end="", flush=True)

    return say


def environment(**more):
    """A terminal of one size for both, so that tracebacks are cut alike."""
    return {**os.environ, "COLUMNS": "80", "LINES": "24", **more}


def run_celldap(path, output, *options, **env):
    return subprocess.run(
        [BUILD / "bin" / "celldap", "run", "--python", sys.executable]
        + ["--output", str(output), *options, str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        env=environment(**env),
    )


def run_ipykernel(path, **options):
    """The notebook as nbclient leaves it, and the error that ended it (None: none did)."""
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    client = nbclient.NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        **{"timeout": 60, **options},
    )
    before = dict(os.environ)
    os.environ.update(environment())
    try:
        client.execute()
    except DeadKernelError as error:
        if path.name != DIES:
            raise
        return notebook, error
    except CellExecutionError as error:
        return notebook, error
    finally:
        os.environ.clear()
        os.environ.update(before)
    return notebook, None


def normal(text):
    """Without what differs from run to run: colours, addresses, times, pids, folders of hash files."""
    text = re.sub(r"\x1b\[[0-9;:?]*[A-Za-z]", "", text)
    text = re.sub(r"0x[0-9a-f]{6,16}", "0xADDRESS", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME", text)
    text = re.sub(r"/\S*/(ipykernel|celldap)[^/\s]*/\d+\.py", "HASHFILE", text)
    return re.sub(r"\bpid[ =]\d+", "pid PID", text)


def normal_value(mime, value):
    if mime == "application/vnd.jupyter.widget-view+json":
        return {**value, "model_id": "MODEL"}
    if isinstance(value, str):
        return normal(value).strip() if mime.startswith("image/") else normal(value)
    return value


def normal_outputs(cell):
    """What the cell printed and showed; streams in a row are one, however they were sent."""
    outputs = []
    for output in cell.get("outputs", []):
        kind = output.output_type
        if kind == "stream":
            if outputs and outputs[-1][:2] == ["stream", output.name]:
                outputs[-1][2] += normal(output.text)
            else:
                outputs.append(["stream", output.name, normal(output.text)])
        elif kind == "error":
            frames = [normal(text) for text in output.traceback]
            traceback = "\n".join(text for text in frames if not OF_THE_KERNEL.match(text))
            outputs.append(["error", output.ename, normal(output.evalue), traceback])
        else:
            data = {mime: normal_value(mime, value) for mime, value in output.data.items()}
            outputs.append([kind, data])
    return outputs


def compare(ours, reference):
    assert len(ours.cells) == len(reference.cells)
    for index, (a, b) in enumerate(zip(ours.cells, reference.cells, strict=True)):
        assert a.source == b.source
        if a.cell_type == "code":
            assert normal_outputs(a) == normal_outputs(b), f"outputs of cell {index}"
            assert a.execution_count == b.execution_count, f"count of cell {index}"


def without_outputs(path, folder):
    """A copy of the notebook beside nothing: outputs it was saved with cannot pass for ours."""
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    copy = folder / path.name
    nbformat.write(notebook, copy)
    return copy


def test_every_notebook_is_listed(files):
    assert sorted(NAMES + PARALLEL) == sorted(p.name for p in files.glob("*.ipynb"))


@pytest.mark.parametrize("name", NAMES)
def test_same_outputs_as_under_ipykernel(name, files, tmp_path, verdict, fresh_peers):
    theirs, ours = OPTIONS.get(name, ({}, []))
    reference, error = fresh_peers(lambda: run_ipykernel(files / name, **theirs), PEER_FAILED)
    source = without_outputs(files / name, tmp_path)
    output = tmp_path / "out.ipynb"
    result = run_celldap(source, output, "--cwd", str(files), *ours)
    if isinstance(error, DeadKernelError):
        assert result.returncode == 1
        assert "the kernel died (signal 15" in result.stderr
        assert "while cell 0 ran" in result.stderr
        verdict(name, "the kernel died under both, and both say so; exit status 1")
        return
    assert result.returncode == (1 if error else 0), result.stderr
    compare(nbformat.read(output, 4), reference)
    if error:
        assert error.ename in result.stderr
        assert "cell 0 failed" in result.stderr
        verdict(name, f"fails with {error.ename} under both, same outputs; exit status 1")
        return
    verdict(name, "same outputs")


def test_parallel_notebooks_see_each_other(files, tmp_path, verdict):
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(
                run_celldap,
                files / name,
                tmp_path / name,
                "--cwd",
                str(files),
                NBEXECUTE_TEST_PARALLEL_TMPDIR=str(tmp_path),
            )
            for name in PARALLEL
        ]
    for name, run in zip(PARALLEL, runs, strict=True):
        assert run.result().returncode == 0, run.result().stderr
        cells = nbformat.read(tmp_path / name, 4).cells
        assert [normal_outputs(c) for c in cells if c.cell_type == "code"] == [[], [], []]
        verdict(name, "found the other one's file, no output, as under nbclient's own test")
