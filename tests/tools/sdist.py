# SPDX-License-Identifier: BSD-3-Clause
"""Source distributions whose tests and files are tests here too: `sdist.py NAME…` fetches them.

Each comes from the Python package index once, in the version that requirements.txt pins, and stays
in build/sdists. Nothing of them is ours to keep.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SDISTS = ROOT / "build" / "sdists"
TRIES = 3
GUARD = 300  # seconds; only against hangs


def release(name):
    """NAME-VERSION, as the folder in the archive is called."""
    for line in (ROOT / "tests" / "requirements.txt").read_text().splitlines():
        if line.startswith(f"{name}=="):
            return line.replace("==", "-")
    raise LookupError(f"requirements.txt does not pin {name}")


def fetched(name):
    """The archive's path. pip asks the project's build backend what it is: the venv has it."""
    path = SDISTS / f"{release(name)}.tar.gz"
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--no-build-isolation", "--no-binary", name),
        *("--dest", str(SDISTS), "==".join(release(name).rsplit("-", 1))),
    ]
    for number in range(1, TRIES + 1):
        if path.is_file():
            break
        done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=GUARD, check=False)
        if done.returncode:
            print(f"try {number} of {TRIES} to fetch {name} failed", file=sys.stderr, flush=True)
    return path


def unpacked(name):
    """The folder with what is in the archive."""
    folder = SDISTS / release(name)
    if not folder.is_dir():
        SDISTS.mkdir(parents=True, exist_ok=True)
        # whole or not at all: suites that run side by side both look for it
        with tempfile.TemporaryDirectory(dir=SDISTS) as here:
            with tarfile.open(fetched(name)) as archive:
                archive.extractall(here, filter="data")
            try:
                os.rename(Path(here) / folder.name, folder)
            except OSError:
                if not folder.is_dir():
                    raise
    return folder


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        unpacked(wanted)
