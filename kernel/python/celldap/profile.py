# SPDX-License-Identifier: BSD-3-Clause
"""The user's IPython profile: configuration files, extensions, start-up code."""

import glob
import os
import sys

import _celldap
from IPython.paths import get_ipython_dir
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader


def _folder():
    return _celldap.profile_dir or os.path.join(get_ipython_dir(), "profile_default")


def _complain(what, exc):
    sys.__stderr__.write(f"celldap: {what}: {exc!r}\n")


def load_config():
    config = Config()
    for name in ("ipython_config.py", "ipython_kernel_config.py"):
        try:
            config.merge(PyFileConfigLoader(name, _folder()).load_config())
        except ConfigFileNotFound:
            pass
        except Exception as exc:
            _complain(f"'{os.path.join(_folder(), name)}' was not loaded", exc)
    history = os.environ.pop("CELLDAP_HISTORY", None)  # `celldap run` leaves none behind
    if history:
        config.HistoryManager.hist_file = history
    return config


def start(shell):
    """Extensions, start-up files and exec_lines."""
    app = shell.config.InteractiveShellApp
    for name in app.get("extensions", []):
        try:
            shell.extension_manager.load_extension(name)
        except Exception as exc:
            _complain(f"the IPython extension '{name}' was not loaded", exc)
    startup = os.path.join(_folder(), "startup")
    files = [os.environ.get("PYTHONSTARTUP", "")]
    files += sorted(glob.glob(os.path.join(startup, "*.*py")))
    for path in files:
        if path.endswith(".ipy"):
            shell.safe_execfile_ipy(path)
        elif os.path.isfile(path):
            shell.safe_execfile(path, shell.user_ns)
    for line in app.get("exec_lines", []):
        shell.run_cell(line, store_history=False)
