# SPDX-License-Identifier: BSD-3-Clause
"""Does leaving this `with` swallow the exception? Asked of the __exit__ itself, without calling it.

An exit written in C does not (files, locks, memoryviews); contextlib.suppress and ExitStack are read
as they stand; a generator that contextlib made a manager of has its own exception table; any other
function is undecided, unless all that it returns is None or False.
"""

import dis
import functools
import linecache
import sys

import _celldap


@functools.lru_cache(maxsize=256)
def _never_true(code):
    """All that the function returns is None or False."""
    before = None
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name == "RETURN_CONST" and instruction.argval:
            return False
        constant = before is not None and before.opname == "LOAD_CONST" and not before.argval
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


def _by_text(frame, entry):
    """The exit cannot be had: its source line tells of the two that are meant to swallow."""
    lines = frame.f_code.co_lines()
    line = next((line for start, end, line in lines if start <= entry.target < end), None) or 0
    text = linecache.getline(frame.f_code.co_filename, line)
    return "suppress(" in text or None if "raises(" in text else "suppress(" in text


def swallows(frame, entry, exception):
    """True, False, or None: undecidable."""
    found = _celldap.stack_item(frame, entry.depth - 1) if sys.version_info < (3, 14) else None
    if found is None or not callable(found):
        return _by_text(frame, entry)
    try:
        return _exit_swallows(found, exception)
    except Exception:  # a manager that only looks like contextlib's
        return None
