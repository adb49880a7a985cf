# SPDX-License-Identifier: BSD-3-Clause
"""`celldap run` as a command: exit status, what goes to stdout and stderr, options, bad files."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CELLDAP_BUILD", ROOT / "build"))
GUARD_S = 60  # only against a hang


def write_notebook(path, *cells, **top):
    """Each cell: a source, or a whole cell."""
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "source": cell}
        | {"execution_count": None}
        if isinstance(cell, str)
        else cell
        for n, cell in enumerate(cells)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | top
    path.write_text(json.dumps(notebook, indent=1) + "\n")
    return path


def tagged(source, tag):
    return {"cell_type": "code", "metadata": {"tags": [tag]}, "outputs": [], "source": source}


def command(*arguments):
    return [BUILD / "bin" / "celldap", "run", "--python", sys.executable, *map(str, arguments)]


def run(*arguments, **options):
    return subprocess.run(
        command(*arguments),
        stdin=options.pop("stdin", subprocess.DEVNULL),
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        **options,
    )


@pytest.fixture
def nb(tmp_path):
    return tmp_path / "nb.ipynb"


def test_streams_and_results_are_printed_where_they_belong(nb):
    write_notebook(nb, "import sys\nprint('out')\nprint('err', file=sys.stderr)", "40 + 2")
    result = run(nb)
    assert (result.stdout, result.stderr, result.returncode) == ("out\n42\n", "err\n", 0)


def test_the_first_cell_that_fails_ends_the_run(nb):
    write_notebook(nb, "print(1)", "1 / 0", "print(2)", "print(3)")
    result = run(nb)
    assert result.stdout == "1\n"
    assert "ZeroDivisionError: division by zero" in result.stderr
    assert "\x1b" not in result.stderr
    last = result.stderr.splitlines()[-1]
    failure = "cell 1 failed (ZeroDivisionError: division by zero)"
    assert last == f"celldap: {failure}; 2 after it were not run"
    assert result.returncode == 1


def test_errors_may_be_allowed(nb):
    write_notebook(nb, "1 / 0", "print('after')")
    result = run("--allow-errors", nb)
    assert (result.stdout, result.returncode) == ("after\n", 0)
    assert "ZeroDivisionError" in result.stderr


def test_tags_are_honoured(nb):
    write_notebook(
        nb,
        tagged("print('skipped')", "skip-execution"),
        tagged("1 / 0", "raises-exception"),
        "print('after')",
    )
    result = run(nb)
    assert (result.stdout, result.returncode) == ("after\n", 0)


@pytest.mark.parametrize(
    "cells, stdout",
    [("0", "a\n"), ("0,3", "a\nd\n"), ("2-3", "c\nd\n"), ("c2", "c\n"), ("c3,0", "a\nd\n")],
)
def test_cells_are_chosen_by_index_range_and_id(nb, cells, stdout):
    markdown = {"cell_type": "markdown", "metadata": {}, "source": "text"}
    write_notebook(nb, "print('a')", markdown, "print('c')", "print('d')")
    result = run("--cells", cells, nb)
    assert (result.stdout, result.returncode) == (stdout, 0)


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([], "name a notebook"),
        (["a.ipynb", "b.ipynb"], "one notebook at a time"),
        (["--cells"], "needs a value"),
        (["--nonsense", "NB"], "'--nonsense' is no option"),
        (["--timeout", "soon", "NB"], "number of seconds"),
        (["--cells", "9", "NB"], "the notebook has 1 cells"),
        (["--cells", "none", "NB"], "no cell has the id 'none'"),
        (["--cells", "", "NB"], "no cell has the id ''"),
    ],
)
def test_wrong_usage_exits_2(nb, arguments, says):
    write_notebook(nb, "1")
    result = run(*[nb if a == "NB" else a for a in arguments])
    assert says in result.stderr
    assert (result.stdout, result.returncode) == ("", 2)


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "line 1: the file ends where a value is expected"),
        ("[]", "expected a JSON object"),
        ('{"nbformat": 3, "worksheets": []}', "nbformat is 3"),
        (
            '{"nbformat": 4, "cells": [\n{"cell_type": "code"}]}',
            "line 2: missing string or array at cells[0].source",
        ),
        (
            '{"nbformat": 4, "cells": [],\n"metadata": {"language_info": {"name": "R"}}}',
            "language is 'R'",
        ),
    ],
)
def test_a_bad_notebook_is_named_with_what_is_wrong(nb, text, says):
    nb.write_text(text)
    result = run(nb)
    assert str(nb) in result.stderr
    assert says in result.stderr
    assert result.returncode == 1


def test_a_missing_notebook_is_named(tmp_path):
    result = run(tmp_path / "none.ipynb")
    assert "none.ipynb': no such file" in result.stderr
    assert result.returncode == 1


def test_a_python_that_is_not_there_is_named(nb):
    write_notebook(nb, "1")
    result = subprocess.run(
        [BUILD / "bin" / "celldap", "run", "--python", "/nowhere/python", nb],
        capture_output=True,
        text=True,
        timeout=GUARD_S,
    )
    assert "/nowhere/python" in result.stderr
    assert result.returncode == 1


def test_a_kernel_that_dies_says_so_with_its_last_words(nb):
    dies = "import os\nos.write(2, b'last words\\n')\nos._exit(7)"
    write_notebook(nb, "print('before')", dies, "1")
    result = run(nb)
    assert result.stdout == "before\n"
    assert "the kernel died (exit status 7) while cell 1 ran" in result.stderr
    assert "last words" in result.stderr
    assert result.returncode == 1


def test_outputs_are_saved_also_when_a_cell_fails(nb, tmp_path):
    write_notebook(nb, "print('a\\nb')", "1 / 0", "print('not run')")
    before = nb.read_text()
    out = tmp_path / "out.ipynb"
    result = run("--output", out, nb)
    assert result.returncode == 1
    assert nb.read_text() == before
    cells = json.loads(out.read_text())["cells"]
    assert cells[0]["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b\n"]}
    ]
    assert cells[1]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert [c["execution_count"] for c in cells] == [1, 2, None]
    assert out.read_text().endswith("}\n")


def test_the_notebooks_folder_is_the_working_directory(nb, tmp_path):
    write_notebook(nb, "import os\nprint(os.getcwd())")
    assert run(nb, cwd="/").stdout == f"{tmp_path}\n"
    assert run("--cwd", "/usr", nb).stdout == "/usr\n"


def test_input_without_a_terminal_is_an_error(nb):
    write_notebook(nb, "input('name: ')")
    result = run(nb)
    assert "StdinNotImplementedError" in result.stderr
    assert result.returncode == 1


def test_input_is_answered_from_a_terminal(nb):
    write_notebook(nb, "print('hello', input('name: '))")
    master, slave = pty.openpty()
    process = subprocess.Popen(
        command(nb), stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    os.close(slave)
    os.write(master, b"celldap\n")
    stdout, stderr = process.communicate(timeout=GUARD_S)
    os.close(master)
    assert (stdout, stderr, process.returncode) == ("name: hello celldap\n", "", 0)


def test_a_cell_that_takes_too_long_is_interrupted(nb):
    write_notebook(nb, "while True:\n    pass", "print('not run')")
    result = run("--timeout", "1", nb)
    assert "cell 0 runs for more than 1 s: interrupted" in result.stderr
    assert "cell 0 failed (KeyboardInterrupt)" in result.stderr
    assert (result.stdout, result.returncode) == ("", 1)


def children(pid):
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def gone(pid):
    deadline = time.monotonic() + GUARD_S
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        os.sched_yield()
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    "number, stderr", [(signal.SIGINT, "KeyboardInterrupt"), (signal.SIGTERM, "ended by a signal")]
)
def test_signals_end_the_run_and_leave_no_process(nb, number, stderr):
    write_notebook(nb, "print('runs', flush=True)\nwhile True:\n    pass")
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command(nb), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    )
    assert process.stdout.readline() == "runs\n"
    kernels = children(process.pid)
    assert kernels
    process.send_signal(number)
    assert stderr in process.communicate(timeout=GUARD_S)[1]
    assert process.returncode == 1
    assert all(gone(pid) for pid in kernels)


FAILS = "def half(n):\n    name = 'deep'\n    return n / 0\n", "x = [1, 2]\nhalf(x[0])\n", "print('never')"


def test_debug_on_error_prints_the_frames_with_their_variables(nb):
    write_notebook(nb, *FAILS)
    result = run("--debug-on-error", nb)
    assert result.returncode == 1
    assert "cell 1 failed (ZeroDivisionError: division by zero); 1 after it was not run" in result.stderr
    inner, _, outer = result.stdout.partition("#1 ")
    assert inner.startswith("  #0 half, line 3 of ")
    assert "      n = 1\n" in inner and "      name = 'deep'\n" in inner
    assert outer.startswith("<module>, line 2 of ") and "      x = [1, 2]\n" in outer
    assert "never" not in result.stdout


def test_debug_on_error_has_a_prompt_on_a_terminal(nb):
    write_notebook(nb, *FAILS)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command("--debug-on-error", nb), stdin=theirs, stdout=theirs,
                               stderr=theirs, start_new_session=True)
    os.close(theirs)
    text = ""

    def until(wanted):
        nonlocal text
        while wanted not in text:
            text += os.read(ours, 65536).decode()
        seen, _, text = text.partition(wanted)
        return seen + wanted

    until("(celldap) ")
    for line, shows in (("name.upper()", "'DEEP'"), ("up", "> #1 <module>"), ("x + [3]", "[1, 2, 3]"),
                        ("locals", "x = [1, 2]"), ("nonsense", "NameError"), ("up", "outermost"),
                        ("down", "> #0 half"), ("down", "innermost"), ("where", "#1 <module>"),
                        ("help", "anything else"), ("", "")):
        os.write(ours, f"{line}\n".encode())
        assert shows in until("(celldap) "), line
    os.write(ours, b"quit\n")
    assert process.wait(GUARD_S) == 1
    os.close(ours)


def test_save_writes_the_notebook_itself(nb):
    write_notebook(nb, "print('kept')", "1 / 0")
    assert run("--save", nb).returncode == 1
    cells = json.loads(nb.read_text())["cells"]
    assert cells[0]["outputs"][0]["text"] == ["kept\n"]
    assert cells[1]["outputs"][0]["ename"] == "ZeroDivisionError"


def test_save_to_another_file(nb, tmp_path):
    write_notebook(nb, "print('kept')")
    before = nb.read_text()
    target = tmp_path / "out.ipynb"
    assert run(f"--save={target}", nb).returncode == 0
    assert nb.read_text() == before
    assert json.loads(target.read_text())["cells"][0]["outputs"][0]["text"] == ["kept\n"]


def test_single_cells_are_chosen(nb):
    write_notebook(nb, "print('a')", "print('b')", "print('c')", "print('d')")
    assert run("--cell", "3", "--cell", "c1", "--cells", "0", nb).stdout == "a\nb\nd\n"
    result = run("--cell", "9", nb)
    assert result.returncode == 2 and "the notebook has 4 cells" in result.stderr


def test_a_time_out_ends_the_run_unless_errors_are_allowed(nb):
    stubborn = "try:\n    while True:\n        pass\nexcept KeyboardInterrupt:\n    print('caught')"
    write_notebook(nb, stubborn, "print('after')")
    result = run("--timeout", "1", nb)
    assert (result.returncode, result.stdout) == (1, "caught\n")
    assert "cell 0 failed (it took too long); 1 after it was not run" in result.stderr
    result = run("--timeout", "1", "--allow-errors", nb)
    assert (result.returncode, result.stdout) == (0, "caught\nafter\n")


def test_a_percent_script_runs_and_is_saved_as_a_notebook(tmp_path):
    script = tmp_path / "x.py"
    script.write_text("a = 1\n# %% [markdown]\n# # Head\n# %%\nprint(a + 1)\n")
    result = run(f"--save={tmp_path}/x.ipynb", script)
    assert (result.returncode, result.stdout) == (0, "2\n")
    cells = json.loads((tmp_path / "x.ipynb").read_text())["cells"]
    assert [c["cell_type"] for c in cells] == ["code", "markdown", "code"]
    assert cells[1]["source"] == ["# Head"]
    assert cells[2]["outputs"][0]["text"] == ["2\n"]
    result = run("--save", script)
    assert result.returncode == 1 and "name a .ipynb file to save to" in result.stderr


@pytest.mark.parametrize("kernel", ["python3", "xpython"])
def test_another_kernel_runs_the_cells(nb, kernel, fresh_peers):
    write_notebook(nb, "import sys\nprint('in', 'ipykernel' in sys.modules)", "1 / 0", "print(2)")
    env = {**os.environ, "JUPYTER_PATH": f"{sys.prefix}/share/jupyter"}
    arguments = [BUILD / "bin/celldap", "run", "--kernel", kernel, "--debug-on-error", nb]

    def attempt():
        result = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=GUARD_S, env=env)
        assert result.returncode == 1, result.stderr
        assert f"in {kernel == 'python3'}" in result.stdout
        assert "ZeroDivisionError" in result.stderr and "1 after it was not run" in result.stderr
        return result

    result = fresh_peers(attempt, (AssertionError,))
    assert "this kernel cannot show a failed cell's frames" in result.stderr


def test_an_unknown_kernel(nb):
    write_notebook(nb, "1")
    result = subprocess.run([BUILD / "bin/celldap", "run", "--kernel", "none-such", nb],
                            capture_output=True, text=True, timeout=GUARD_S)
    assert result.returncode == 1 and "no kernel 'none-such' is installed" in result.stderr


def test_a_cell_that_cannot_be_interrupted_takes_its_kernel_along(nb, tmp_path):
    stubborn = ("import os\nprint(os.getpid(), flush=True)\nwhile True:\n    try:\n"
                "        while True:\n            pass\n    except BaseException:\n        pass")
    write_notebook(nb, stubborn)
    target = tmp_path / "out.ipynb"
    result = run("--timeout", "1", f"--save={target}", nb)
    assert result.returncode == 1
    assert "cell 0 does not end: the kernel is killed" in result.stderr
    assert not Path(f"/proc/{result.stdout.strip()}").exists()
    assert json.loads(target.read_text())["cells"][0]["outputs"][0]["text"] == [result.stdout]
