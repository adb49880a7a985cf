# SPDX-License-Identifier: BSD-3-Clause
"""The end of the user's program: what a plain Python does at exit, with a limit on the waits."""

import atexit
import sys
import threading
import time

_THREADS_S = 3.0
_ended = False


def _join_all():
    """Non-daemon threads have a short time; pools (concurrent.futures) are told to end first."""
    deadline = time.monotonic() + _THREADS_S
    pools = list(getattr(threading, "_threading_atexits", ()))
    if pools:
        closer = threading.Thread(target=lambda: [end() for end in reversed(pools)], daemon=True)
        closer.start()
        closer.join(_THREADS_S)
    main = threading.main_thread()
    for thread in threading.enumerate():
        if thread is not main and not thread.daemon and thread.is_alive():
            thread.join(max(0.0, deadline - time.monotonic()))


def finish():
    global _ended
    if _ended:
        return
    _ended = True
    try:
        _join_all()
    finally:
        atexit._run_exitfuncs()
        flush()


def finish_program():
    """After a file: as plain Python, without a limit."""
    global _ended
    _ended = True
    try:
        threading._shutdown()
    finally:
        atexit._run_exitfuncs()
        flush()


def flush():
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass
