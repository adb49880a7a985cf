# SPDX-License-Identifier: BSD-3-Clause
"""Functions that C code called: does that code live on their exceptions, as hasattr() does?

What C called is seen by the caller's frame, which is not at the function's own call, but at one of
something written in C, or at no call at all. Most of C passes exceptions on; a few protocols do not.
"""

import ast
import linecache
import types

_CALLED_BY_NAME = ("__init__", "__new__", "__call__", "__post_init__", "__enter__", "__exit__",
                   "__aenter__", "__aexit__")
_C = (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType)


def _callee(frame, instruction):
    """What the CALL that runs calls, where it is a plain name: (object, count of arguments)."""
    place = instruction.positions
    if place is None or place.lineno is None or place.lineno != place.end_lineno:
        return None, 0
    line = linecache.getline(frame.f_code.co_filename, place.lineno).encode()
    try:
        call = ast.parse(line[place.col_offset : place.end_col_offset].decode(), mode="eval").body
    except (SyntaxError, ValueError):
        return None, 0
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return None, 0
    from celldap.uncaught import load

    try:
        return load(call.func.id, frame), len(call.args)
    except LookupError:
        return None, 0


def _asks_only(callee, count, exception):
    """hasattr(a, 'b') and getattr(a, 'b', None)."""
    asks = callee is hasattr or (callee is getattr and count == 3)
    return asks and isinstance(exception, AttributeError)


def catches(frame, exception):
    """Does what called this frame catch it? True, False, or None: undecidable."""
    from celldap.uncaught import layout

    name, back = frame.f_code.co_name, frame.f_back
    special = name[:2] == "__" == name[-2:] and name not in _CALLED_BY_NAME
    if name == "__del__":
        return True
    if back is None:
        return False
    instructions, index, _ = layout(back.f_code)
    n = index.get(back.f_lasti)
    if n is None:
        return None if special else False
    at = instructions[n]
    if name == "__getitem__" and not at.opname.startswith("BINARY"):
        if isinstance(exception, (IndexError, StopIteration)):
            return True  # the end of an iteration
    if at.opname == "IMPORT_FROM" and isinstance(exception, AttributeError):
        return True
    if at.opname == "IMPORT_NAME" and name == "__getattr__":
        return True  # does the module have a __path__?
    if name in ("__getattr__", "__getattribute__") and frame.f_code.co_argcount == 2:
        asked = frame.f_locals.get(frame.f_code.co_varnames[1])
        if at.opname.startswith("LOAD_ATTR") and at.argval != asked:
            return True  # a property written in C asks for another one
    if not at.opname.startswith("CALL"):
        return False
    special = special or isinstance(exception, AttributeError)
    if not special:
        return False
    callee, count = _callee(back, at)
    if _asks_only(callee, count, exception):
        return True
    if getattr(callee, "__module__", None) == "builtins":
        return False
    return None if name[:2] == "__" == name[-2:] and name not in _CALLED_BY_NAME else False
