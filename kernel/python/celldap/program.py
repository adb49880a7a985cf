# SPDX-License-Identifier: BSD-3-Clause
"""A file, a module or a text run as __main__: python x.py, python -m x, python -c x."""

import builtins
import linecache
import os
import sys
from importlib.machinery import BuiltinImporter, SourceFileLoader

import _celldap

from celldap import ending, stdin
from celldap.tracebacks import without_ours


_TEXT = "<string>"  # python -c's name for it


class _CannotRun(Exception):
    """The program could not be found; (text for stderr, exit code)."""


def _script(path):
    """(code, names of __main__, argv[0], sys.path[0])"""
    try:
        with open(path, "rb") as f:
            source = f.read()
    except OSError as exc:
        text = f"{sys.executable}: can't open file {path!r}: [Errno {exc.errno}] {exc.strerror}\n"
        raise _CannotRun(text, 2) from None
    code = compile(source, path, "exec", dont_inherit=True)
    names = {
        "__file__": path,
        "__cached__": None,
        "__loader__": SourceFileLoader("__main__", path),
        "__package__": None,
        "__spec__": None,
    }
    return code, names, path, os.path.dirname(os.path.realpath(path))


def _module(name):
    import runpy

    sys.path.insert(0, os.getcwd())  # a package's __init__ may need it
    try:
        _, spec, code = runpy._get_module_details(name, runpy._Error)
    except runpy._Error as exc:
        raise _CannotRun(f"{sys.executable}: {exc}\n", 1) from None
    finally:
        del sys.path[0]
    names = {
        "__file__": spec.origin,
        "__cached__": spec.cached,
        "__loader__": spec.loader,
        "__package__": spec.parent,
        "__spec__": spec,
    }
    return code, names, spec.origin, os.getcwd()


def _text(source):
    linecache.cache[_TEXT] = (len(source), None, source.splitlines(keepends=True), _TEXT)
    code = compile(source, _TEXT, "exec", dont_inherit=True)
    names = {"__loader__": BuiltinImporter, "__package__": None, "__spec__": None}
    return code, names, "-c", ""


def _exit_code(value):
    if value is None:
        return 0
    if isinstance(value, int):
        return value & 0xFF
    sys.stderr.write(f"{value}\n")
    return 1


def _guarded(call):
    """Exit code of a call that may end in any exception, told on stderr as Python does."""
    try:
        call()
    except SystemExit as exc:
        return _exit_code(exc.code)
    except _CannotRun:
        raise
    except BaseException as exc:
        _celldap.cell_error(exc)
        exc.__traceback__ = without_ours(exc.__traceback__)
        sys.excepthook(type(exc), exc, exc.__traceback__)
        return 130 if isinstance(exc, KeyboardInterrupt) else 1
    return 0


def _made(program, module, source):
    if module:
        return _module(module)
    return _script(program) if program else _text(source)


def _run_main(program, module, source, args):
    sys.argv = [program or "-m", *args]
    code, names, sys.argv[0], first = _made(program, module, source)
    sys.path.insert(0, first)
    main = sys.modules["__main__"].__dict__
    main.update(names, __name__="__main__", __doc__=None, __builtins__=builtins)
    _celldap.code_compiled(code)
    exec(code, main)


class _Tee:
    """The terminal's stream; front ends get the text too."""

    def __init__(self, stream, front_ends):
        self._stream = stream
        self._front_ends = front_ends

    def write(self, text):
        self._front_ends.write(text)
        return self._stream.write(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self._stream, name)


def _use_terminal(tee):
    stdin.remove()
    sys.stdin = sys.__stdin__
    sys.stdout = _Tee(sys.__stdout__, sys.stdout) if tee else sys.__stdout__
    sys.stderr = _Tee(sys.__stderr__, sys.stderr) if tee else sys.__stderr__


def run(program, module, source, args, terminal):
    if terminal:
        _use_terminal(terminal > 1)
    else:
        sys.stdin = stdin.Stdin()
    try:
        status = _guarded(lambda: _run_main(program, module, source, args))
    except _CannotRun as exc:
        text, status = exc.args
        sys.stderr.write(text)
        return status
    ended = _guarded(ending.finish_program)
    return status or ended
