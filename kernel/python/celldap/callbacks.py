# SPDX-License-Identifier: BSD-3-Clause
"""IPython's callbacks around a cell, without the loss of an interrupt.

IPython's EventManager catches what a callback raises, KeyboardInterrupt too, tells it and goes on: an
interrupt that comes between a cell's start and its first line was told and the cell ran on.
"""

import sys
import threading

from IPython.core.events import EventManager


class _Teller(threading.local):
    """The shell, as far as EventManager uses it: it is asked to show what a callback raised."""

    def __init__(self, shell):
        self.shell = shell
        self.interrupted = False

    def showtraceback(self):
        if isinstance(sys.exception(), KeyboardInterrupt):
            self.interrupted = True
        else:
            self.shell.showtraceback()


class Callbacks(EventManager):
    """Before the code an interrupt is the cell's; after it there is nothing left to interrupt."""

    def __init__(self, shell, available_events, **options):
        super().__init__(_Teller(shell), available_events, **options)

    def trigger(self, event, *args, **kwargs):
        self.shell.interrupted = False
        super().trigger(event, *args, **kwargs)
        if self.shell.interrupted and event.startswith("pre_"):
            raise KeyboardInterrupt
