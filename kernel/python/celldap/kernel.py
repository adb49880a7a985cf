# SPDX-License-Identifier: BSD-3-Clause
"""What the C side calls, by name. One backend runs the cells: IPython's shell or the plain one."""

import gc
import io
import sys
import threading

import _celldap

from celldap import around, children, exits, stand_ins, stdin
from celldap.wire import dumps, loads, publish

_backend = None
_NOTHING_TO_TELL = (
    b'{"status":"ok","execution_count":%d,"user_expressions":{},"payload":[]}'
)


def warm_up(plain, connection_file, session):
    global _backend
    io.TextIOBase.register(_celldap.Stream)
    stdin.install()
    exits.install()
    stand_ins.install()
    children.install(connection_file)
    _watch_threads()
    around.watch()
    sys.setswitchinterval(0.0005)  # the assist thread's turn beside a hot loop; costs nothing seen
    if not plain:
        collects = gc.isenabled()
        gc.disable()  # what is made here stays: looking through it again and again takes a tenth
        _backend = _ipython(connection_file) or _without_ipython()
        if collects:
            gc.enable()
        if sys.path[:1] != [""]:
            sys.path.insert(0, "")


def _watch_threads():
    """A thread's output belongs to the cell that started it, where none runs: who did is noted."""
    name = "_start_joinable_thread"
    if not hasattr(threading, name):
        name = "_start_new_thread"  # Python 3.12
    setattr(threading, name, _celldap.thread_starter(getattr(threading, name)))
    _celldap.watch_threads(threading.Thread._bootstrap_inner.__code__)


def backend():
    """Made late where a file is run: most of what it imports is not needed there."""
    global _backend
    if _backend is None:
        _backend = _without_ipython()
    return _backend


def _without_ipython():
    from celldap.plain import PlainBackend

    return PlainBackend()


def _ipython(connection_file):
    try:
        import IPython
    except ImportError:
        return None
    try:
        from celldap.shell_backend import ShellBackend

        return ShellBackend(connection_file)
    except Exception as exc:
        sys.__stderr__.write(
            f"celldap: IPython {IPython.__version__} could not be started ({exc!r}); "
            "cells run without it\n"
        )
        return None


def idle(fd):
    """False: there is no loop to turn, the caller waits by itself."""
    if "asyncio" not in sys.modules:
        return False
    from celldap import loop

    around.idle()
    return loop.idle(fd)


def thread_begin(name):
    """A subshell's thread, before its first request."""
    threading.current_thread().name = name


def thread_end():
    if "celldap.loop" in sys.modules:
        from celldap import loop

        loop.close()
    ident = threading.get_ident()
    if isinstance(threading._active.get(ident), threading._DummyThread):
        threading._dangling.discard(threading._active.pop(ident, None))


def execution_count():
    return _backend.execution_count if _backend else 1


def execute(text, path, cell_id, silent, store_history, user_expressions):
    """(reply as JSON bytes, failed, execution count)"""
    reply = backend().execute(
        text,
        path,
        cell_id,
        bool(silent),
        bool(store_history),
        loads(user_expressions) if user_expressions != "{}" else {},
    )
    count, failed = reply["execution_count"], reply["status"] != "ok"
    if failed or reply["user_expressions"] or reply["payload"]:
        return dumps(reply), failed, count
    return _NOTHING_TO_TELL % count, failed, count


def run_inside(text, path, cell_id, header):
    """A cell on a stopped thread, inside another one: its reply as JSON bytes."""
    token = _celldap.set_parent(header, False) if header else None
    try:
        publish("status", {"execution_state": "busy"})
        with backend().inside():
            reply = backend().execute(text, path, cell_id, False, False, {})
    finally:
        publish("status", {"execution_state": "idle"})
        if header:
            _celldap.reset_parent(token)
    return dumps(reply)


def run_file(program, module, code, args, terminal):
    stand_ins.remove()
    from celldap.program import run

    return run(program, module, code, args, terminal)


def comm(msg_type, content, metadata, buffers):
    from celldap import comms

    comms.handle(msg_type, loads(content), loads(metadata), buffers)


def query(kind, content):
    """A reply's content as JSON bytes. Assist thread."""
    from celldap.query import answer

    return dumps(answer(backend(), kind, loads(content)))


def await_in_stop(coro):
    from celldap import awaiting

    return awaiting.await_in_stop(coro)


def class_place(qualname, texts):
    from celldap import definitions

    return definitions.class_place(qualname, texts)


def cell_source(text):
    return backend().cell_source(text)


def compile_cell(text, path):
    return backend().compile_cell(text, path)


def finish():
    from celldap.ending import finish as end

    end()
