# SPDX-License-Identifier: BSD-3-Clause
"""The magics of a kernel: those that IPython has for terminals, and those that only kernels have."""

import os
import shlex
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import _celldap
from IPython.core import page
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magics.code import CodeMagics, MacroToEdit
from IPython.display import Javascript, display
from IPython.utils.openpy import read_py_file

from celldap.wire import loads


@magics_class
class KernelMagics(Magics):
    def _connection_file(self):
        return Path(self.shell.config.IPKernelApp.connection_file)

    @line_magic
    def edit(self, line, last_call=None):
        """Ask the front end to open an editor; what is saved there is not run.

        %edit [-n LINE] [-p] [-r] [FILE | NAME | INPUT LINES]
        """
        options, arguments = self.parse_options(line, "prn:")
        try:
            found = CodeMagics._find_edit_target(
                self.shell, arguments, options, last_call or ["", ""]
            )
        except MacroToEdit:
            raise UsageError("%edit: a macro cannot be edited here") from None
        if found[0] is None:
            return
        filename, number = Path(found[0]).resolve(), found[1]
        self.shell.payload_manager.write_payload(
            {"source": "edit_magic", "filename": str(filename), "line_number": number}
        )

    @line_magic
    def clear(self, line):
        """Clear the terminal."""
        self.shell.system("clear")

    @line_magic
    def less(self, line):
        """Show a file in the pager; Python is coloured."""
        if not line:
            raise UsageError("%less: the name of a file is missing")
        if line.endswith(".py"):
            text = self.shell.pycolorize(read_py_file(line, skip_encoding_cookie=False))
        else:
            text = Path(line).read_text(errors="replace")
        page.page(text)

    more = line_magic("more")(less)

    @line_magic
    def man(self, line):
        """Show a manual page in the pager."""
        page.page(self.shell.getoutput(f"man {line} | col -b", split=False))

    @line_magic
    def connect_info(self, line):
        """Print the connection file, and how another client connects to this kernel."""
        file = self._connection_file()
        print(file.read_text())
        print(
            "\nPaste the above JSON into a file, and connect with:\n"
            "    $> jupyter <app> --existing <file>\n"
            "or, on this machine:\n"
            f"    $> jupyter <app> --existing {shlex.quote(str(file))}"
        )

    @line_magic
    def qtconsole(self, line):
        """Start a qtconsole that is connected to this kernel."""
        if find_spec("qtconsole") is None:
            raise UsageError(f"qtconsole is not installed ({sys.executable} -m pip install qtconsole)")
        command = [sys.executable, "-m", "qtconsole", "--existing", str(self._connection_file())]
        subprocess.Popen(command + shlex.split(line), start_new_session=True)

    @line_magic
    def autosave(self, line):
        """Set how often the classic notebook saves, in seconds; 0 is never."""
        try:
            seconds = int(line)
        except ValueError:
            raise UsageError(f"%autosave requires an integer, got {line!r}") from None
        call = f"IPython.notebook.set_autosave_interval({1000 * seconds})"
        display(Javascript(call), include=["application/javascript"])
        print(f"Autosaving every {seconds} seconds" if seconds else "Autosave disabled")

    @line_magic
    def subshell(self, line):
        """Print where this runs: the subshell, its thread, the process, and all subshells."""
        own, others = _celldap.subshells()
        print(f"subshell id: {own or None}")
        print(f"thread id: {threading.get_ident()}")
        print(f"main thread id: {threading.main_thread().ident}")
        print(f"pid: {os.getpid()}")
        print(f"thread count: {threading.active_count()}")
        print(f"subshell list: {loads(others)}")


def install(shell):
    shell.register_magics(KernelMagics)
    shell.magics_manager.register_alias("ed", "edit")
