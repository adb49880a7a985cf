# SPDX-License-Identifier: BSD-3-Clause
"""Around each cell the asyncio loop of its thread (main, a subshell) counts as running.

asyncio takes 30 ms and 6 MB to import, and most sessions never need it: nothing of it is loaded
before the user's code does. What a cell imports counts for the rest of that cell already.
"""

import sys
from _signal import SIG_BLOCK, SIG_SETMASK, SIGINT, pthread_sigmask
from _thread import _local
from importlib.machinery import PathFinder



class _Thread(_local):
    depth = 0  # cells and comm messages that are being run, one inside the other


_thread = _Thread()


class _Finder:
    """Finds asyncio for the first import of it, and is told when it was executed."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "asyncio":
            return None
        forget()
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            loader, execute = spec.loader, spec.loader.exec_module

            def exec_module(module):
                del loader.exec_module
                execute(module)
                _imported()

            loader.exec_module = exec_module
        return spec


def prepare(text):
    """Imports what this cell is going to import, in one piece: a package whose import an interrupt
    broke off can not be imported again."""
    if "asyncio" in sys.modules or not ("async" in text or "await" in text):
        return
    mask = pthread_sigmask(SIG_BLOCK, ())
    try:
        pthread_sigmask(SIG_BLOCK, (SIGINT,))
        _loop().surround(_thread.depth)
    finally:
        pthread_sigmask(SIG_SETMASK, mask)


def watch():
    """Once."""
    if "asyncio" not in sys.modules:
        sys.meta_path.insert(0, _Finder)


def forget():
    if _Finder in sys.meta_path:
        sys.meta_path.remove(_Finder)


def _loop():
    from celldap import loop

    return loop.get()


def _imported():
    # Not where our own module imports it: whoever wanted that one goes on from there.
    if _thread.depth and "celldap.loop" not in sys.modules:
        _loop().surround(_thread.depth)


def enter():
    _thread.depth += 1
    if "asyncio" in sys.modules:
        _loop().surround(_thread.depth)


def leave():
    _thread.depth -= 1
    if "celldap.loop" in sys.modules:
        _loop().surround(_thread.depth)


def idle():
    """No cell runs, even where an interrupt kept one from being left."""
    if _thread.depth:
        _thread.depth = 0
        _loop().surround(0)


def interrupted(error):
    """Is this the CancelledError of a cell that an interrupt cancelled?"""
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(error, asyncio.CancelledError) and _loop().interrupted
