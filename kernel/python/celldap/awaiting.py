# SPDX-License-Identifier: BSD-3-Clause
"""`await` in an evaluation: the thread's event loop turns until it is done.

While a task is stopped its loop is in the middle of a step. A loop in pure Python can be turned
from there (facts: engine.md §12.9): the stopped task is left for so long, other tasks may advance.
"""

import asyncio
from asyncio.events import _get_running_loop

from celldap.loop import Surrounding


def _inside(loop, coro):
    """Turns a loop that is in the middle of a step."""
    if getattr(type(loop), "_run_once", None) is not asyncio.BaseEventLoop._run_once:
        coro.close()
        kind = f"{type(loop).__module__}.{type(loop).__qualname__}"
        raise RuntimeError(
            f"cannot await here: {kind} is not asyncio's own loop and cannot be turned while one "
            "of its tasks is stopped"
        )
    stopped = asyncio.current_task(loop)
    if stopped is not None:
        asyncio.tasks._leave_task(loop, stopped)
    try:
        task = loop.create_task(coro)
        while not task.done():
            loop._run_once()
    finally:
        if not task.done():
            task.cancel()
        if stopped is not None:
            asyncio.tasks._enter_task(loop, stopped)
    return task.result()


def await_in_stop(coro):
    """(the value, whether other tasks may have advanced)"""
    loop = _get_running_loop()
    if loop is None:
        return asyncio.run(coro), False
    others = len(asyncio.all_tasks(loop) - {asyncio.current_task(loop)}) > 0
    if isinstance(loop, Surrounding) and not super(Surrounding, loop).is_running():
        return loop.run(coro), others  # a plain cell's: it only counts as running
    return _inside(loop, coro), others
