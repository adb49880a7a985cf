# SPDX-License-Identifier: BSD-3-Clause
"""IPython's shell as it lives in a kernel, under the name that libraries look for."""

import contextlib
import os
import pdb
import sys
import threading
from importlib.util import find_spec

import _celldap
from IPython.core import debugger, page
from IPython.core.autocall import ZMQExitAutocall
from IPython.core.error import UsageError
from IPython.core.events import available_events
from IPython.core.inputtransformer2 import leading_empty_lines
from IPython.core.interactiveshell import InteractiveShell, InteractiveShellABC
from traitlets import Any, CBool, Instance, Type, default, observe

from celldap import around, comms, magics, profile
from celldap.callbacks import Callbacks
from celldap.compiler import CellCompiler
from celldap.display import Publisher, ResultHook
from celldap.stdin import getpass, raw_input
from celldap.wire import dumps, loads, publish, publish_error


class Session:
    """get_ipython().kernel.session: libraries send iopub messages of their own through it."""

    def send(
        self,
        stream,
        msg_type,
        content=None,
        parent=None,
        ident=None,
        buffers=None,
        track=False,
        header=None,
        metadata=None,
    ):
        publish(msg_type, content or {}, metadata, buffers or ())


class Kernel:
    """get_ipython().kernel: what libraries that know ipykernel ask of it."""

    implementation = "celldap"

    def __init__(self, shell):
        self.shell = shell
        self.user_ns = shell.user_ns
        self.comm_manager = comms.install()
        self.session = Session()
        self.iopub_socket = None  # Session.send knows one place to send to

    def get_parent(self, channel=None):
        header = _celldap.control_parent() if channel == "control" else _celldap.parent()
        header = loads(header) if header else {}
        return {
            "header": header or {"msg_id": ""},
            "parent_header": {},
            "metadata": {},
            "content": {},
        }

    @property
    def _parent_ident(self):
        """Where the last request of each channel came from: clients use their session's id."""
        sessions = {c: self.get_parent(c)["header"].get("session") for c in ("shell", "control")}
        return {c: [s.encode()] if s else [] for c, s in sessions.items()}

    def raw_input(self, prompt=""):
        return raw_input(prompt)

    def getpass(self, prompt="Password: "):
        return getpass(prompt)


class Running(threading.local):
    """What a cell leaves behind, of the thread that runs it."""

    last_error = None  # (ename, evalue, traceback) that was shown last
    display_failed = False  # an error came out of formatting the result


def _header(parent):
    """The header of a message, or a header itself."""
    return parent.get("header", parent) if isinstance(parent, dict) else {}


class ZMQInteractiveShell(InteractiveShell):
    displayhook_class = Type(ResultHook)
    display_pub_class = Type(Publisher)
    compiler_class = Type(CellCompiler)
    kernel = Any()
    autoindent = CBool(False)
    exiter = Instance(ZMQExitAutocall)
    keepkernel_on_exit = None
    running = Running()

    @default("exiter")
    def _default_exiter(self):
        return ZMQExitAutocall(self)

    @observe("exit_now")
    def _exit_now_changed(self, change):
        if change["new"]:
            _celldap.ask_exit(bool(self.keepkernel_on_exit))

    def init_environment(self):
        os.environ.update(TERM="xterm-color", CLICOLOR="1", FORCE_COLOR="1", CLICOLOR_FORCE="1")
        os.environ.update(PAGER="cat", GIT_PAGER="cat")

    def init_events(self):
        super().init_events()
        mine = Callbacks(self, available_events)
        mine.callbacks = self.events.callbacks
        self.events = mine

    def init_magics(self):
        super().init_magics()
        magics.install(self)

    def init_hooks(self):
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(self._page), 99)

    def init_virtualenv(self):
        """The interpreter was started for its environment already."""

    def _page(self, text, start=0, screen_lines=0, pager_cmd=None):
        data = text if isinstance(text, dict) else {"text/plain": text}
        self.payload_manager.write_payload({"source": "page", "data": data, "start": max(0, start)})

    def set_next_input(self, text, replace=False):
        self.payload_manager.write_payload(
            {"source": "set_next_input", "text": text, "replace": replace}
        )

    def ask_exit(self):
        self.exit_now = not self.keepkernel_on_exit
        self.payload_manager.write_payload(
            {"source": "ask_exit", "keepkernel": self.keepkernel_on_exit}
        )

    def _tee(self, channel):
        """IPython would keep all that is printed, for %notebook: slow, and without a limit."""
        return contextlib.nullcontext()

    def enable_gui(self, gui=None):
        if gui not in (None, "inline", "asyncio", "agg", "none"):
            raise UsageError(f"GUI event loops ('{gui}') are not supported by this kernel")
        self.active_eventloop = gui

    def get_parent(self):
        return self.kernel.get_parent()

    @property
    def parent_header(self):
        return self.get_parent()

    def set_parent(self, parent):
        """Output belongs to that request from now on, here and where nothing else was said."""
        _celldap.set_parent(dumps(_header(parent)), True)

    def set_thread_parent(self, parent):
        """The same for this thread or task only; a token for reset_thread_parent."""
        return _celldap.set_parent(dumps(_header(parent)), False)

    def reset_thread_parent(self, token):
        _celldap.reset_parent(token)

    def _get_exc_info(self, exc_tuple=None):
        etype, value, tb = super()._get_exc_info(exc_tuple)
        if around.interrupted(value):
            value = KeyboardInterrupt().with_traceback(tb)
            etype = KeyboardInterrupt
        return etype, value, tb

    def _showtraceback(self, etype, evalue, stb):
        if self.displayhook.content is not None:
            self.running.display_failed = True
        self.running.last_error = (etype.__name__, str(evalue), stb)
        publish_error(*self.running.last_error)


InteractiveShellABC.register(ZMQInteractiveShell)


def _start_text(lines):
    """Empty lines stay where they are, so that line numbers hold; but a cell magic comes first."""
    for number, line in enumerate(lines):
        if line and not line.isspace():
            return lines[number:] if line.startswith("%%") else lines
    return lines


def _run_coroutine(coro):
    from celldap import loop

    return loop.get().run(coro)


def make(connection_file):
    config = profile.load_config()
    config.IPKernelApp.connection_file = connection_file
    shell = ZMQInteractiveShell.instance(config=config, user_module=sys.modules["__main__"])
    shell.loop_runner = _run_coroutine
    shell.loop_runner_map = {**shell.loop_runner_map, "asyncio": (_run_coroutine, True)}
    # The plain one asks again after an interrupt, for ever.
    debugger.Pdb = pdb.Pdb = debugger.InterruptiblePdb
    pdb.set_trace = debugger.set_trace
    cleanup = shell.input_transformer_manager.cleanup_transforms
    cleanup[:] = [f for f in cleanup if f is not leading_empty_lines]
    cleanup.insert(0, _start_text)
    shell.kernel = Kernel(shell)
    if "MPLBACKEND" not in os.environ and find_spec("matplotlib_inline") is not None:
        os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    return shell
