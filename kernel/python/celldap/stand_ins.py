# SPDX-License-Identifier: BSD-3-Clause
"""Packages that front ends and libraries look for in a Jupyter kernel, answered by us.

vscode-jupyter asks for ipykernel's version and calls debugpy.debug_this_thread(), which would start a
second debugger in this process. debugpy is ours even where the real one is installed (its submodules
stay reachable); ipykernel is only where there is none; ipykernel.comm always, since the real one
sends nothing without ipykernel's own kernel. In force in cells, not in a program that is run.
"""

import sys
from importlib.machinery import ModuleSpec, PathFinder

IPYKERNEL_VERSION = "7.4.0"  # whose protocol we speak
DEBUGPY_VERSION = "1.8.22"


class _Finder:
    """Makes modules of functions that fill them."""

    def __init__(self, fill):
        self.fill = fill

    def find_spec(self, name, path=None, target=None):
        if name not in self.fill:
            return None
        spec = ModuleSpec(name, self, origin="celldap")
        real = PathFinder.find_spec(name, path)
        if real is not None and real.submodule_search_locations is not None:
            spec.origin = real.origin
            spec.submodule_search_locations = list(real.submodule_search_locations)
        elif name == "ipykernel":
            spec.submodule_search_locations = []
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        if module.__spec__.origin != "celldap":
            module.__file__ = module.__spec__.origin
        self.fill[module.__name__](module)


def _ipykernel(module):
    module.__doc__ = "celldap's stand-in for ipykernel, which is not installed."
    module.__version__ = IPYKERNEL_VERSION
    module.version_info = tuple(map(int, IPYKERNEL_VERSION.split(".")))
    module.kernel_protocol_version = "5.5"
    module.kernel_protocol_version_info = (5, 5)


def _ipykernel_comm(module):
    from comm.base_comm import CommManager

    import comm

    module.__doc__ = "celldap's comms, under the name of ipykernel's."
    module.Comm = comm.create_comm
    module.CommManager = CommManager
    module.__all__ = ["Comm", "CommManager"]


def _debugpy(module):
    import _celldap

    def refuse(what):
        raise RuntimeError(
            f"debugpy.{what}() is not for this kernel, which has a debugger of its own: switch on "
            "the debugger of your notebook, or attach an editor to this kernel with celldap"
        )

    def debug_this_thread():
        """Nothing to do: every thread is debugged."""

    def trace_this_thread(should_trace):
        """Nothing to do: every thread is debugged."""

    def configure(properties=None, /, **kwargs):
        """Nothing to configure here."""

    def log_to(path):
        """Nothing is logged here."""

    def get_cli_options():
        return None

    def is_client_connected():
        """Whether somebody debugs this kernel."""
        return _celldap.is_debugged()

    def listen(address=None, **options):
        refuse("listen")

    def connect(address=None, **options):
        refuse("connect")

    def wait_for_client():
        if not is_client_connected():
            refuse("wait_for_client")

    wait_for_client.cancel = lambda: None

    def breakpoint():
        """Stops where it is called, if somebody debugs this kernel."""
        if is_client_connected():
            sys.breakpointhook()

    module.__doc__ = "celldap's stand-in for debugpy: the kernel has a debugger of its own."
    module.__version__ = DEBUGPY_VERSION
    module.__all__ = []
    for function in (
        breakpoint, configure, connect, debug_this_thread, get_cli_options, is_client_connected,
        listen, log_to, trace_this_thread, wait_for_client,
    ):
        function.__module__ = "debugpy"
        setattr(module, function.__name__, function)
        module.__all__.append(function.__name__)


_first = _Finder({"debugpy": _debugpy, "ipykernel.comm": _ipykernel_comm})
_last = _Finder({"ipykernel": _ipykernel})


def install():
    sys.meta_path.insert(0, _first)
    sys.meta_path.append(_last)


def remove():
    for finder in (_first, _last):
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
