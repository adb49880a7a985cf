# SPDX-License-Identifier: BSD-3-Clause
"""What users and their tools do all day: papermill, nbconvert, widgets, figures, magics, pdb."""

import base64
import struct
import subprocess
import sys
import zlib

import nbformat
import pytest
from conftest import BUILD, GUARD, PYTHON
from nbclient import NotebookClient
from shell_kernel import Kernel

NAME = "celldap-under-test"


@pytest.fixture
def ipython(tmp_path):
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.close()


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The name of a kernelspec for the Python under test, written by `celldap install`."""
    where = [BUILD / "bin/celldap", "install", "--prefix", tmp_path / "prefix"]
    subprocess.run([*where, "--python", PYTHON, "--name", NAME], check=True, timeout=GUARD)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "prefix/share/jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return NAME


def notebook(*sources):
    nb = nbformat.v4.new_notebook()
    nb.metadata.kernelspec = {"name": NAME, "display_name": NAME, "language": "python"}
    nb.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nb


def test_papermill_runs_a_notebook_with_parameters(installed, tmp_path):
    nb = notebook("a = 1\nb = 2", "print(a + b)")
    nb.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(nb, tmp_path / "in.ipynb")
    subprocess.run(
        [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "-p", "a", "40"],
        cwd=tmp_path,
        check=True,
        timeout=2 * GUARD,
    )
    out = nbformat.read(tmp_path / "out.ipynb", 4)
    assert out.cells[1].metadata.tags == ["injected-parameters"]
    assert out.cells[2].outputs[0].text == "42\n"
    assert out.metadata.papermill.exception is None


def test_nbconvert_executes_a_notebook(installed, tmp_path):
    nbformat.write(notebook("x = 6", "x * 7", "import sys; sys.executable"), tmp_path / "in.ipynb")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "in.ipynb"]
        + ["--output", "out.ipynb"],
        cwd=tmp_path,
        check=True,
        timeout=2 * GUARD,
    )
    out = nbformat.read(tmp_path / "out.ipynb", 4)
    assert [cell.execution_count for cell in out.cells] == [1, 2, 3]
    assert out.cells[1].outputs[0].data["text/plain"] == "42"
    assert out.cells[2].outputs[0].data["text/plain"] == repr(PYTHON)
    assert out.metadata.language_info.name == "python"


def test_the_widgets_state_comes_back(installed):
    nb = notebook(
        "import ipywidgets\nslider = ipywidgets.IntSlider(value=3, max=50)\nslider",
        "slider.value = 41",
        "from tqdm.notebook import tqdm\nfor _ in tqdm(range(5), desc='walk'):\n    pass",
    )
    NotebookClient(nb, kernel_name=installed, timeout=GUARD, store_widget_state=True).execute()
    view = nb.cells[0].outputs[0].data["application/vnd.jupyter.widget-view+json"]
    models = nb.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    state = models[view["model_id"]]["state"]
    assert (state["value"], state["max"]) == (41, 50)
    (bar,) = [m["state"] for m in models.values() if m["model_name"] == "FloatProgressModel"]
    assert (bar["value"], bar["max"], bar["bar_style"]) == (5.0, 5.0, "success")


def png_pixels(data):
    """(width, height, bytes of the unpacked image) after a check of every chunk's sum."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, size = 8, b"", None
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        if kind == b"IHDR":
            size = struct.unpack_from(">II", body)
            assert body[8:10] == b"\x08\x06"  # 8 bits, RGBA
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    assert kind == b"IEND"
    return (*size, zlib.decompress(packed))


@pytest.mark.parametrize("magic", ["%matplotlib inline\n", ""])
def test_a_figures_png_decodes(ipython, magic):
    outcome = ipython.run(magic + "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert outcome.reply["status"] == "ok", outcome.reply
    (shown,) = outcome.of("display_data")
    width, height, pixels = png_pixels(base64.b64decode(shown["data"]["image/png"]))
    assert width > 100 and height > 100 and len(pixels) == height * (1 + 4 * width)
    assert len(set(pixels)) > 2
    assert "Figure" in shown["data"]["text/plain"]


def test_a_table_of_pandas_is_shown_as_html(ipython):
    outcome = ipython.run("import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': list('xy')})")
    (shown,) = outcome.of("execute_result")
    assert "<table" in shown["data"]["text/html"] and "<th>b</th>" in shown["data"]["text/html"]
    assert "a  b" in shown["data"]["text/plain"]


def test_display_updates_by_id(ipython):
    outcome = ipython.run("h = display('one', display_id=True)\nh.update('two')")
    (first,), (second,) = outcome.of("display_data"), outcome.of("update_display_data")
    assert first["transient"]["display_id"] == second["transient"]["display_id"]
    assert second["data"]["text/plain"] == "'two'"


def test_getpass_asks_without_showing(ipython):
    msg_id = ipython.client.execute("import getpass\ngetpass.getpass('secret? ')", allow_stdin=True)
    question = ipython.client.get_stdin_msg(timeout=GUARD)["content"]
    assert question == {"prompt": "secret? ", "password": True}
    ipython.client.input("s3")
    assert ipython.finish(msg_id).result == "'s3'"


def test_timeit_run_and_shells(ipython, tmp_path):
    assert "per loop" in ipython.run("%timeit -n 2 -r 2 pass").text()
    (tmp_path / "script.py").write_text("value = 6 * 7\nprint(__name__, value)\n")
    assert ipython.run("%run script.py").text() == "__main__ 42\n"
    assert ipython.value("value") == "42"
    assert ipython.run("%%bash\necho from $((40 + 2))").text() == "from 42\n"
    assert ipython.run("!echo of the shell").text().strip() == "of the shell"
    assert ipython.value("%sx echo caught") == "['caught']"


@pytest.mark.parametrize("how", ["%debug", "import pdb; pdb.pm()"])
def test_post_mortem_asks_over_stdin(ipython, how):
    ipython.run("def f(x):\n    inner = x + 1\n    raise ValueError(inner)\nf(41)")
    msg_id = ipython.client.execute(how, allow_stdin=True)
    for command in ("p 'inner', inner", "up", "q"):
        question = ipython.client.get_stdin_msg(timeout=GUARD)["content"]
        assert "db>" in question["prompt"] or "(Pdb)" in question["prompt"], question
        ipython.client.input(command)
    outcome = ipython.finish(msg_id)
    assert "('inner', 42)" in outcome.text()
    assert ipython.value("1 + 1") == "2"


def test_breakpoint_is_pdb_where_no_debugger_is_attached(ipython):
    msg_id = ipython.client.execute("value = 5\nbreakpoint()\nvalue", allow_stdin=True)
    for command in ("value = 6", "c"):
        ipython.client.get_stdin_msg(timeout=GUARD)
        ipython.client.input(command)
    assert ipython.finish(msg_id).result == "6"
