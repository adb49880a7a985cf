# SPDX-License-Identifier: BSD-3-Clause
"""Runs in a child process before the program does: starts the debugger where the parent is debugged,
takes itself out of the way, and lets the user's own sitecustomize have its turn. Whatever goes wrong
here, the program runs as if none of this were there."""

import os
import sys


def _leave(here):
    """Neither the program nor its children see that we were here."""
    sys.path[:] = [entry for entry in sys.path if entry != here]
    rest = [p for p in os.environ.get("PYTHONPATH", "").split(":") if p and p != here]
    if rest:
        os.environ["PYTHONPATH"] = ":".join(rest)
    else:
        os.environ.pop("PYTHONPATH", None)


def _start(here, parent):
    if "_celldap" in sys.builtin_module_names:
        return  # a kernel of its own, not a program
    from importlib.machinery import ExtensionFileLoader
    from importlib.util import module_from_spec, spec_from_file_location

    package = os.path.dirname(os.path.dirname(here))
    tree = os.path.dirname(os.path.dirname(os.path.dirname(package)))
    name = "kernel-%d.%d.so" % sys.version_info[:2]
    path = os.path.join(tree, "lib", "celldap", name)
    if not os.path.exists(path):
        return  # another Python than the parent's
    loader = ExtensionFileLoader("_celldap", path)
    module = module_from_spec(spec_from_file_location("_celldap", path, loader=loader))
    loader.exec_module(module)
    sys.modules["_celldap"] = module
    sys.path.append(package)
    program = " ".join(sys.orig_argv[1:])[:120] or "python"
    if not module.child_start(parent, program):
        sys.path.remove(package)
        del sys.modules["_celldap"]
        return
    import atexit

    from celldap import children

    children.install(parent)
    atexit.register(module.child_stop)


def _run():
    here = os.path.dirname(os.path.abspath(__file__))
    parent = os.environ.pop("CELLDAP_PARENT", None)
    _leave(here)
    try:
        if parent:
            _start(here, parent)
    except Exception as exc:
        if os.environ.get("CELLDAP_CHILD_VERBOSE"):
            print(f"celldap: this process is not debugged: {exc!r}", file=sys.stderr)
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401  the user's
    except ImportError as exc:
        if exc.name != "sitecustomize":
            raise
    finally:
        if "sitecustomize" not in sys.modules and ours is not None:
            sys.modules["sitecustomize"] = ours


_run()
