# SPDX-License-Identifier: BSD-3-Clause
"""Does leaving this `with` swallow the exception? Asked of the __exit__ itself, without calling it.

An exit written in C does not (files, locks, memoryviews); contextlib.suppress and ExitStack are read
as they stand; a generator that contextlib made a manager of has its own exception table; any other
function is undecided, unless all that it returns is None or False.
"""

import dis
import functools
import sys
import types

import _celldap

_CONSTANTS = ("LOAD_CONST", "LOAD_COMMON_CONSTANT")  # the latter for None and False from 3.15 on


@functools.lru_cache(maxsize=256)
def _never_true(code):
    """All that the function returns is None or False."""
    before = None
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name == "RETURN_CONST" and instruction.argval:
            return False
        constant = before is not None and before.opname in _CONSTANTS and not before.argval
        if name == "RETURN_VALUE" and not constant:
            return False
        if name not in ("CACHE", "NOP"):
            before = instruction
    return True


def _in_contextlib(function, name):
    return function.__module__ == "contextlib" and function.__qualname__ == name


def _of_generator(manager, exception):
    from celldap import uncaught

    generator = manager.gen
    frame = getattr(generator, "gi_frame", None) or getattr(generator, "ag_frame", None)
    return None if frame is None else uncaught.catches(frame, exception)


def _of_stack(stack, exception):
    for _, exit_function in reversed(stack._exit_callbacks):
        if exit_function.__name__ == "_exit_wrapper":
            continue  # a plain callback
        verdict = _exit_swallows(exit_function, exception)
        if verdict is not False:
            return verdict
    return False


def _exit_swallows(exit_function, exception):
    function = getattr(exit_function, "__func__", exit_function)
    manager = getattr(exit_function, "__self__", None)
    code = getattr(function, "__code__", None)
    if code is None:
        return False  # written in C
    if _in_contextlib(function, "suppress.__exit__"):
        return issubclass(type(exception), manager._exceptions) or (
            None if isinstance(exception, BaseExceptionGroup) else False
        )
    if function.__qualname__ in ("_GeneratorContextManager.__exit__",
                                 "_AsyncGeneratorContextManager.__aexit__"):
        return _of_generator(manager, exception)
    if function.__qualname__ in ("ExitStack.__exit__", "AsyncExitStack.__aexit__"):
        return _of_stack(manager, exception)
    return False if _never_true(code) else None


def _exit_of(frame, depth):
    """The __exit__ that lies below the handler; None: not known. From 3.14 on it is a function with
    its manager above it, or a bound method with nothing above it."""
    if sys.version_info < (3, 14):
        return _celldap.stack_item(frame, depth - 1)
    function, manager = (_celldap.stack_item(frame, depth - n) for n in (2, 1))
    return function if manager is None or not callable(function) else types.MethodType(function, manager)


def swallows(frame, entry, exception):
    """True, False, or None: undecidable."""
    found = _exit_of(frame, entry.depth)
    if not callable(found):
        return None
    try:
        return _exit_swallows(found, exception)
    except Exception:  # a manager that only looks like contextlib's
        return None
