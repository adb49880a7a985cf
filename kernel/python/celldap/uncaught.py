# SPDX-License-Identifier: BSD-3-Clause
"""Will this exception be caught before it ends the cell, the thread or the script?

Asked once for an exception, in the frame that raised it, before the stack unwinds. Each frame's
exception table names the handler for the instruction that runs (CPython: InternalDocs,
exception_handling); the handler's own code says what it does: match a type, run a `finally`, leave
a `with`. What cannot be decided without running code (types that are computed) counts as caught.
A `with` lets exceptions pass, but for contextlib.suppress, whose __exit__ cannot be asked here.
A special method that C code called (getattr(), numpy.asarray(), sorted()) counts as caught as well:
hasattr() and its like live on exceptions.
"""

import dis
import functools
import linecache

import _celldap

_LOADS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FAST", "LOAD_DEREF", "LOAD_CLASSDEREF")
_CALLED_BY_NAME = ("__init__", "__new__", "__call__", "__post_init__", "__enter__", "__exit__")
_SKIP = ("CACHE", "EXTENDED_ARG", "NOP", "NOT_TAKEN", "COPY_FREE_VARS")


@functools.lru_cache(maxsize=256)
def _layout(code):
    """The code's instructions by position, their index by offset, and its exception table."""
    bytecode = dis.Bytecode(code)
    instructions = [i for i in bytecode if i.opname not in _SKIP]
    return (
        instructions,
        {instruction.offset: n for n, instruction in enumerate(instructions)},
        list(bytecode.exception_entries),
    )


def _handler(entries, offset):
    """The innermost handler for an instruction, as CPython looks it up."""
    found = None
    for entry in entries:
        if entry.start <= offset < entry.end:
            found = entry
    return found


def _index_at(index, offset):
    """Where the instruction at an offset, or the next one listed behind it, stands."""
    while offset not in index and offset < max(index):
        offset += 2
    return index.get(offset)


def _load(instruction, frame):
    name = instruction.argval
    if isinstance(name, tuple):
        raise LookupError
    if instruction.opname != "LOAD_GLOBAL" and name in frame.f_locals:
        return frame.f_locals[name]
    if name in frame.f_globals:
        return frame.f_globals[name]
    return frame.f_builtins[name]


def _type_of(loads, frame):
    """The value that the loads before CHECK_EXC_MATCH make; LookupError when it is computed."""
    stack = []
    for instruction in loads:
        name = instruction.opname
        if name.startswith(_LOADS):
            stack.append(_load(instruction, frame))
        elif name == "LOAD_ATTR":
            stack.append(getattr(stack.pop(), instruction.argval))
        elif name == "BUILD_TUPLE":
            count = instruction.arg
            stack[len(stack) - count :] = [tuple(stack[len(stack) - count :])]
        elif name == "LOAD_CONST":
            stack.append(instruction.argval)
        else:
            raise LookupError
    return stack[-1]


def _clause(instructions, n):
    """Reads `except TYPE` at n: (loads, position of the match), or None where there is none."""
    start = n
    while n < len(instructions):
        name = instructions[n].opname
        if name in ("CHECK_EXC_MATCH", "CHECK_EG_MATCH"):
            return instructions[start:n], n
        if not name.startswith(_LOADS) and name not in ("LOAD_ATTR", "BUILD_TUPLE", "LOAD_CONST"):
            return None
        n += 1
    return None


def _suppresses(frame, entry):
    """Is the `with` that this handler belongs to a contextlib.suppress? Its source line says."""
    lines = frame.f_code.co_lines()
    line = next((line for start, end, line in lines if start <= entry.target < end), None) or 0
    return "suppress(" in linecache.getline(frame.f_code.co_filename, line)


def _judge(frame, entry, layout, exception):
    """True: caught here. Else the offset from which the exception goes on, or None: undecidable."""
    instructions, index, _ = layout
    n = _index_at(index, entry.target)
    if n is None:
        return True
    if instructions[n].opname == "PUSH_EXC_INFO":
        n += 1
    first = instructions[n].opname
    if first == "POP_TOP":
        return True  # a bare `except:`
    if first == "WITH_EXCEPT_START":
        if _suppresses(frame, entry):
            return True
        return _reraise(instructions, n)
    while (clause := _clause(instructions, n)) is not None:
        loads, match = clause
        if instructions[match].opname == "CHECK_EG_MATCH":
            return True
        try:
            kind = _type_of(loads, frame)
            if isinstance(exception, kind):
                return True
        except (LookupError, AttributeError, TypeError):
            return True
        jump = instructions[match + 1]
        n = _index_at(index, jump.argval)
        if n is None:
            return True
    return _reraise(instructions, n)


def _reraise(instructions, n):
    """The offset of the RERAISE that a handler ends in."""
    for instruction in instructions[n:]:
        if instruction.opname == "RERAISE":
            return instruction.offset
        if instruction.opname.startswith("RETURN"):
            return True  # a `finally` that returns
    return True


def _catches(frame, exception):
    layout = _layout(frame.f_code)
    offset = frame.f_lasti
    for _ in range(100):
        entry = _handler(layout[2], offset)
        if entry is None:
            return False
        verdict = _judge(frame, entry, layout, exception)
        if verdict is True:
            return True
        if verdict <= offset and _handler(layout[2], verdict) is entry:
            return False
        offset = verdict
    return True


def _called_by_c(frame):
    """Is this a special method, and what runs in its caller a call, not the operator for it?"""
    code = frame.f_code
    name = code.co_name
    back = frame.f_back
    if back is None or name in _CALLED_BY_NAME or not (name[:2] == "__" == name[-2:]):
        return False
    instructions, index, _ = _layout(back.f_code)
    n = index.get(back.f_lasti)
    if n is None:
        return False
    if name in ("__getattr__", "__getattribute__") and code.co_argcount == 2:
        asked = frame.f_locals.get(code.co_varnames[1])
        return instructions[n].argval != asked  # else a property written in C asks for another one
    return instructions[n].opname.startswith("CALL")


def is_uncaught(frame, exception):
    """True when no frame from this one to the run's first one catches the exception."""
    while frame is not None:
        if _catches(frame, exception):
            return False
        if _celldap.is_root(frame.f_code):
            return True
        if _called_by_c(frame):
            return False
        frame = frame.f_back
    return True


def _names(kind):
    return {kind.__name__, kind.__qualname__, f"{kind.__module__}.{kind.__qualname__}"}


def matches(condition, frame, exception):
    """A filter's condition: `KeyError, json.JSONDecodeError`, or any expression in the frame.

    In an expression the exception is `exception`. One that fails does not hold.
    """
    words = [word.strip() for word in condition.split(",")]
    if all(all(part.isidentifier() for part in word.split(".")) for word in words):
        known = set().union(*(_names(kind) for kind in type(exception).__mro__))
        if known.intersection(words):
            return True
        if len(words) > 1:
            return False
    names = {**frame.f_locals, "exception": exception}
    try:
        value = eval(condition, frame.f_globals, names)  # the user's own text, by their own filter
    except Exception:
        return False
    return bool(value) and not isinstance(value, type)
