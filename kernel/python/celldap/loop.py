# SPDX-License-Identifier: BSD-3-Clause
"""The asyncio loop of a thread that runs cells: main, or a subshell.

It turns while the kernel is idle and while a cell awaits; around a plain cell it counts as running,
so that create_task() and get_running_loop() work there.
"""

import asyncio
import contextvars
import signal
import threading
from asyncio.events import _set_running_loop

import _celldap


class Surrounding:
    """What makes a loop "running" for the cell that it surrounds."""

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
        if threading.current_thread() is not threading.main_thread():
            return None  # signals are main's
        if not isinstance(self, asyncio.SelectorEventLoop):
            return None  # libuv's: it sees to that itself
        return signal.set_wakeup_fd(self._csock.fileno(), warn_on_full_buffer=False)

    def _serve_comms(self):
        """While a cell awaits, messages of its widgets arrive. Returns the fd that tells."""
        fd = _celldap.comm_fd()
        if fd >= 0:
            self.add_reader(fd, lambda: contextvars.copy_context().run(_celldap.run_comms))
        return fd

    def run(self, coro):
        """Runs a cell's coroutine. An interrupt cancels it, and comes out as KeyboardInterrupt."""
        if super().is_running():
            coro.close()
            raise RuntimeError("a cell that awaits can not run inside of a task that is stopped")
        cells, self.cells = self.cells, 0
        _set_running_loop(None)
        wakeup_fd = self._wake_by_signals()
        comm_fd = self._serve_comms()
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
            self.remove_reader(comm_fd)
            _restore(wakeup_fd)
            self.cells = cells
            _set_running_loop(self if cells else None)

    def call_exception_handler(self, context):
        """What nobody retrieved has ended its task: its frames can be seen."""
        super().call_exception_handler(context)
        _celldap.task_error(context.get("exception"))

    def idle(self, fd):
        """Turns until fd is readable."""
        wakeup_fd = self._wake_by_signals()
        self.add_reader(fd, self.stop)
        try:
            self.run_forever()
        finally:
            self.remove_reader(fd)
            _restore(wakeup_fd)


class CellLoop(Surrounding, asyncio.SelectorEventLoop):
    pass


def _restore(wakeup_fd):
    if wakeup_fd is not None:
        signal.set_wakeup_fd(wakeup_fd)


_local = threading.local()


def idle(fd):
    """Turns the loop until fd is readable; False where nobody has asked for one."""
    loop = getattr(_local, "loop", None)
    if loop is None:
        return False
    loop.idle(fd)
    return True


def _of_policy(policy):
    """A new loop of the kind that the policy makes; None where asyncio's own does."""
    try:
        made = policy.new_event_loop()
        made.close()
        if isinstance(made, asyncio.SelectorEventLoop):
            return None
        return type("CellLoop", (Surrounding, type(made)), {})()
    except Exception:  # the user's class: whatever it lacks, cells go on as before
        return None


def _follow_policy(loop):
    """The loop from now on: of the user's policy (uvloop) from the next cell on, as soon as the
    one before has no tasks."""
    policy = asyncio.events._event_loop_policy  # to ask for it would make one, or warn
    if policy is _local.policy or loop.is_running() or asyncio.all_tasks(loop):
        return loop
    _local.policy = policy
    new = policy and _of_policy(policy)
    if not new:
        return loop
    loop.close()
    _local.loop = new
    asyncio.set_event_loop(new)
    return new


def get():
    """This thread's loop, made when it is asked for first."""
    try:
        loop = _local.loop
    except AttributeError:
        loop = _local.loop = CellLoop()
        _local.policy = None
        asyncio.set_event_loop(loop)
    return _follow_policy(loop)


def close():
    """The end of a thread that runs cells: its tasks are cancelled."""
    loop = _local.__dict__.pop("loop", None)
    if loop is None:
        return
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    asyncio.set_event_loop(None)
    loop.close()
