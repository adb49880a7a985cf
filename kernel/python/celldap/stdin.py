# SPDX-License-Identifier: BSD-3-Clause
"""input() and getpass.getpass(): the client of the running request is asked."""

import builtins
import getpass as _getpass
import sys

import _celldap


class StdinNotImplementedError(NotImplementedError):
    """The client that runs this code takes no input."""


def _refusal():
    """IPython's exception where IPython runs the cell, else our own of that name."""
    error = sys.modules.get("IPython.core.error")
    return error.StdinNotImplementedError if error else StdinNotImplementedError


def _ask(prompt, password, name):
    answer = _celldap.input(str(prompt), password)
    if answer is None:
        raise _refusal()(f"{name} was called, but this frontend does not support input requests.")
    if answer == "\x04":
        raise EOFError
    return answer


def raw_input(prompt=""):
    return _ask(prompt, False, "raw_input")


def getpass(prompt="Password: ", stream=None, *, echo_char=None):
    return _ask(prompt, True, "getpass")


class Stdin:
    """sys.stdin of a program: each line is asked for, as input() does."""

    encoding = "utf-8"
    errors = "strict"
    name = "<stdin>"
    mode = "r"
    closed = False

    def readline(self, size=-1):
        try:
            line = raw_input() + "\n"
        except (EOFError, NotImplementedError):
            return ""
        return line

    def read(self, size=-1):
        return "".join(self)

    def readlines(self, hint=-1):
        return list(self)

    def __iter__(self):
        return iter(self.readline, "")

    def isatty(self):
        return False

    def readable(self):
        return True

    def writable(self):
        return False

    def fileno(self):
        return sys.__stdin__.fileno()

    def close(self):
        pass


_input = builtins.input
_real_getpass = _getpass.getpass


def install():
    builtins.input = raw_input
    _getpass.getpass = getpass


def remove():
    builtins.input = _input
    _getpass.getpass = _real_getpass
