# SPDX-License-Identifier: BSD-3-Clause
"""saveOutputs on a real file: whole or not at all, and nothing of anybody else's is touched."""

import json
import os
import resource

import pytest
from bridge_files import notebook
from dap_client import DapClient


@pytest.fixture
def ran(tmp_path):
    """(client, path): a notebook that has run and was not saved."""
    nb = notebook(tmp_path, ["print('kept')", "6 * 7"], unknown={"deep": [1, {"a": None}]})
    content = json.loads(nb.read_text())
    content["cells"][0]["metadata"]["mine"] = {"x": [1.5, True]}
    content["x-of-a-tool"] = "stays"
    nb.write_text(json.dumps(content, indent=1) + "\n")
    os.chmod(nb, 0o640)
    with DapClient() as client:
        client.launch(nb)
        client.output("the notebook has run", "console")
        yield client, nb
        client.disconnect()


def test_what_is_not_known_stays(ran):
    client, nb = ran
    was = json.loads(nb.read_text())
    client.request("celldap/saveOutputs")
    now = json.loads(nb.read_text())
    assert [c.pop("outputs") != [] for c in now["cells"]] == [True, True]
    assert [c.pop("execution_count") for c in now["cells"]] == [1, 2]
    for c in was["cells"]:
        del c["outputs"], c["execution_count"]
    assert now == was
    assert nb.stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_the_old_file_whole(ran):
    client, nb = ran
    was = nb.read_bytes()
    soft, hard = resource.prlimit(client.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(client.process.pid, resource.RLIMIT_FSIZE, (100, hard))
    reply = client.error("celldap/saveOutputs")
    assert str(nb) in reply["message"] and "cannot be written" in reply["message"]
    assert "File too large" in reply["message"]
    assert nb.read_bytes() == was
    assert sorted(p.name for p in nb.parent.iterdir()) == ["nb.ipynb"]  # no half file beside it
    resource.prlimit(client.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
    assert client.request("celldap/saveOutputs")["cells"] == 2  # nothing was lost


def test_a_file_that_was_edited_meanwhile_is_refused(ran):
    client, nb = ran
    content = json.loads(nb.read_text())
    content["cells"][1]["source"] = ["6 * 8"]
    nb.write_text(json.dumps(content))
    was = nb.read_bytes()
    reply = client.error("celldap/saveOutputs")
    assert "no longer those that were run" in reply["message"] and str(nb) in reply["message"]
    assert nb.read_bytes() == was


def test_a_link_is_written_through(ran, tmp_path):
    client, nb = ran
    real = tmp_path / "elsewhere.ipynb"
    nb.rename(real)
    nb.symlink_to(real)
    client.request("celldap/saveOutputs")
    assert nb.is_symlink() and json.loads(real.read_text())["cells"][0]["outputs"]
