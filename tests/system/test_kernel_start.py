# SPDX-License-Identifier: BSD-3-Clause
"""The loader's memory of an interpreter: believed when it is ours and about this very program."""

import os
import stat
from pathlib import Path

import pytest


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "celldap"


def start(run_program, tmp_path, python):
    """Ends at once, for want of a connection file's folder; stderr says how far it came."""
    missing = str(tmp_path / "none" / "c.json")
    return run_program("-f", missing, "--python", str(python)).stderr


def fake(tmp_path, answer):
    """A program that answers as no Python does."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho asked >>{tmp_path}/asked\necho '{answer}'\n")
    program.chmod(0o755)
    return program


def test_an_answer_is_kept_and_used(run_program, tmp_path, cache, make_kernel):
    first, second = make_kernel(), make_kernel()
    assert first.run("1").result == second.run("1").result == "1"
    (kept,) = cache.glob("interpreter-*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


@pytest.mark.parametrize("spoil", ["text", "mode", "link", "empty"])
def test_what_is_not_ours_is_not_believed(make_kernel, cache, tmp_path, spoil):
    make_kernel().run("1")
    (kept,) = cache.glob("interpreter-*")
    text = kept.read_text()
    wrong = text.replace("libpython", "libwrong").replace("3.1", "3.7")
    if spoil == "text":
        kept.write_text("x" + wrong)
    elif spoil == "mode":
        kept.write_text(wrong)
        kept.chmod(0o666)
    elif spoil == "link":
        (tmp_path / "elsewhere").write_text(wrong)
        kept.unlink()
        kept.symlink_to(tmp_path / "elsewhere")
    else:
        kept.write_text("")
    assert make_kernel().run("1").result == "1"
    (kept,) = cache.glob("interpreter-*")
    assert kept.read_text() == text and not kept.is_symlink()


def test_a_script_is_asked_each_time(run_program, tmp_path, cache):
    python = fake(tmp_path, "no version")
    for _ in range(2):
        assert "does not answer as a Python does" in start(run_program, tmp_path, python)
    assert (tmp_path / "asked").read_text() == "asked\n" * 2
    assert not cache.exists() or not os.listdir(Path(cache))
