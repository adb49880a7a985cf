# SPDX-License-Identifier: BSD-3-Clause
"""The one asyncio loop of the main thread.

It turns while the kernel is idle and while a cell awaits; around a plain cell it counts as running,
so that create_task() and get_running_loop() work there.
"""

import asyncio
import signal
from asyncio.events import _set_running_loop


class CellLoop(asyncio.SelectorEventLoop):
    """A loop that is "running" for the cell that it surrounds."""

    cells = 0  # how many cells are being run
    interrupted = False  # the running cell's task was cancelled by an interrupt

    def is_running(self):
        return self.cells > 0 or super().is_running()

    def surround(self, depth):
        """So many cells are being run, one inside the other."""
        if depth > self.cells:
            self.interrupted = False
        self.cells = depth
        _set_running_loop(self if depth else None)

    def _wake_by_signals(self):
        """A signal that comes just before the wait must end it. Returns what to restore."""
        return signal.set_wakeup_fd(self._csock.fileno(), warn_on_full_buffer=False)

    def run(self, coro):
        """Runs a cell's coroutine. An interrupt cancels it, and comes out as KeyboardInterrupt."""
        cells, self.cells = self.cells, 0
        _set_running_loop(None)
        wakeup_fd = self._wake_by_signals()
        try:
            task = self.create_task(coro)
            while True:
                try:
                    return self.run_until_complete(task)
                except KeyboardInterrupt:
                    if task.done():
                        raise
                    self.interrupted = True
                    task.cancel()
                except asyncio.CancelledError as exc:
                    if self.interrupted and task.done():
                        raise KeyboardInterrupt().with_traceback(exc.__traceback__) from None
                    raise
        finally:
            signal.set_wakeup_fd(wakeup_fd)
            self.cells = cells
            _set_running_loop(self if cells else None)

    def idle(self, fd):
        """Turns until fd is readable."""
        wakeup_fd = self._wake_by_signals()
        self.add_reader(fd, self.stop)
        try:
            self.run_forever()
        finally:
            self.remove_reader(fd)
            signal.set_wakeup_fd(wakeup_fd)


_loop = None


def idle(fd):
    """Turns the loop until fd is readable; False where nobody has asked for one."""
    if _loop is None:
        return False
    _loop.idle(fd)
    return True


def get():
    """The loop, made when it is asked for first. Main thread."""
    global _loop
    if _loop is None:
        _loop = CellLoop()
        asyncio.set_event_loop(_loop)
    return _loop
