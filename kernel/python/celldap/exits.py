# SPDX-License-Identifier: BSD-3-Clause
"""os._exit() ends the process at once: what was written just before it would die with our buffers."""

import functools
import os

import _celldap


def install():
    leave = os._exit

    @functools.wraps(leave)
    def _exit(status):
        _celldap.last_words()
        leave(status)

    os._exit = _exit
