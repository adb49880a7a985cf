# SPDX-License-Identifier: BSD-3-Clause
"""An exception that ends an asyncio task goes on in who awaits it, which the stack does not show.

Followed without running any code of asyncio's: a task's callbacks name the task that awaits it,
gather()'s outer future, or run_until_complete(), which stands further up the stack. Nobody awaits
it yet: undecided.
"""

import inspect
import sys

import _celldap

_UNCAUGHT, _UNDECIDED = 1, 4
_COROUTINE = inspect.CO_COROUTINE


def is_task_of(frame):
    """Is this a coroutine that a task runs?"""
    back = frame.f_back
    return (
        frame.f_code.co_flags & _COROUTINE
        and back is not None
        and not back.f_code.co_flags & (_COROUTINE | inspect.CO_ASYNC_GENERATOR)
        and back.f_code.co_qualname in ("Handle._run", "Task.__step", "Task.__step_run_and_handle_result")
    )


def _suspended(task):
    """The frames of a task that waits, innermost first."""
    frames = []
    at = task.get_coro()
    while at is not None:
        frame = getattr(at, "cr_frame", None) or getattr(at, "gi_frame", None)
        if frame is not None:
            frames.append(frame)
        at = getattr(at, "cr_await", None) or getattr(at, "gi_yieldfrom", None)
    return reversed(frames)


def _in_gather(callback):
    """(outer future, return_exceptions) of a gather()'s callback."""
    cells = dict(zip(callback.__code__.co_freevars, callback.__closure__, strict=True))
    return cells["outer"].cell_contents, cells["return_exceptions"].cell_contents


def _runner(frame, task):
    """The frame that called run_until_complete(task)."""
    while frame is not None:
        if frame.f_code.co_name == "run_until_complete" and frame.f_locals.get("future") is task:
            return frame.f_back
        frame = frame.f_back
    return None


def _follow(future, frame, exception, catches, depth):
    """(flags, None), or (0, the frame in which the exception goes on)."""
    callbacks = getattr(future, "_callbacks", None) or ()
    for callback, _ in callbacks:
        owner = getattr(callback, "__self__", None)
        name = getattr(callback, "__qualname__", "")
        if name == "_run_until_complete_cb":
            up = _runner(frame, future)
            return (0, up) if up is not None else (_UNDECIDED, None)
        if name == "gather.<locals>._done_callback":
            outer, kept = _in_gather(callback)
            return (0, None) if kept else _follow(outer, frame, exception, catches, depth + 1)
        if hasattr(owner, "get_coro") and depth < 50:
            for waiting in _suspended(owner):
                verdict = catches(waiting, exception)
                if verdict is not False:
                    return (_UNDECIDED if verdict is None else 0), None
                if _celldap.is_root(waiting.f_code):
                    return _UNCAUGHT, None
            return _follow(owner, frame, exception, catches, depth + 1)
    return _UNDECIDED, None


def awaited(frame, exception, catches):
    """What becomes of an exception that leaves the task which runs `frame`: see _follow()."""
    asyncio = sys.modules.get("asyncio")
    task = asyncio.current_task() if asyncio is not None else None
    if task is None or isinstance(exception, asyncio.CancelledError):
        return 0, None
    return _follow(task, frame, exception, catches, 0)
