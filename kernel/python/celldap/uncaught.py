# SPDX-License-Identifier: BSD-3-Clause
"""Will this exception be caught before it ends the cell, the thread, the task or the script?

Asked in the frame that raises, before the stack unwinds. Each frame's exception table names the
handler for the instruction that runs (CPython: InternalDocs, exception_handling); the handler's own
code says what it does: match a type, run a `finally`, leave a `with` (celldap.leaving). What
cannot be decided without running code is asked again in the next frame that the exception reaches.
"""

import dis
import functools
import inspect
import sys

import _celldap

from celldap import c_callers, leaving, tasks

UNCAUGHT, USER_UNHANDLED, UNDECIDED = 1, 2, 4
_LOADS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FAST", "LOAD_DEREF", "LOAD_CLASSDEREF")
_SKIP = ("CACHE", "EXTENDED_ARG", "NOP", "NOT_TAKEN", "COPY_FREE_VARS")


@functools.lru_cache(maxsize=256)
def layout(code):
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


def load(name, frame, local=True):
    if local and name in frame.f_locals:
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
            if isinstance(instruction.argval, tuple):
                raise LookupError
            stack.append(load(instruction.argval, frame, name != "LOAD_GLOBAL"))
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
    """Reads `except TYPE` at n: (loads, position of the match). loads None: the type is computed.
    None where there is no clause."""
    start = n
    simple = True
    while n < len(instructions):
        name = instructions[n].opname
        if name in ("CHECK_EXC_MATCH", "CHECK_EG_MATCH"):
            return instructions[start:n] if simple else None, n
        if name in ("RERAISE", "POP_EXCEPT", "PUSH_EXC_INFO") or name.startswith(("RETURN", "STORE", "POP_JUMP")):
            return None
        if not name.startswith(_LOADS) and name not in ("LOAD_ATTR", "BUILD_TUPLE", "LOAD_CONST"):
            simple = False
        n += 1
    return None


def _judge(frame, entry, shape, exception):
    """True: caught here. None: undecidable. Else the offset from which the exception goes on."""
    instructions, index, _ = shape
    n = _index_at(index, entry.target)
    if n is None:
        return None
    if instructions[n].opname == "PUSH_EXC_INFO":
        n += 1
    first = instructions[n].opname
    if first == "POP_TOP":
        return True  # a bare `except:`
    if first == "CLEANUP_THROW":  # of an await: passes on what is no StopIteration
        return instructions[n].offset
    if first == "WITH_EXCEPT_START":
        swallows = leaving.swallows(frame, entry, exception)
        return swallows if swallows is not False else _reraise(instructions, n)
    while (clause := _clause(instructions, n)) is not None:
        loads, match = clause
        if loads is None or instructions[match].opname == "CHECK_EG_MATCH":
            return None
        try:
            if isinstance(exception, _type_of(loads, frame)):
                return True
        except (LookupError, AttributeError, TypeError):
            return None
        n = _index_at(index, instructions[match + 1].argval)
        if n is None:
            return None
    return _reraise(instructions, n)


def _reraise(instructions, n):
    """The offset of the RERAISE that a handler ends in."""
    for instruction in instructions[n:]:
        if instruction.opname == "RERAISE":
            return instruction.offset
        if instruction.opname.startswith("RETURN"):
            return True  # a `finally` that returns
    return None


def catches(frame, exception, offset=None):
    """True, False, or None: undecidable. offset: of the instruction that raises, if not the last."""
    shape = layout(frame.f_code)
    if offset is None:
        offset = frame.f_lasti
    for _ in range(100):
        entry = _handler(shape[2], offset)
        if entry is None:
            return False
        verdict = _judge(frame, entry, shape, exception)
        if verdict is True or verdict is None:
            return verdict
        if verdict <= offset and _handler(shape[2], verdict) is entry:
            return False
        offset = verdict
    return None


def _stays(code, exception, verdict):
    """Is it the same each time? What a `with` does and who calls is found out anew."""
    if verdict is None or code.co_flags & inspect.CO_COROUTINE or _celldap.is_root(code):
        return False
    if not all(entry in _steady(code) for entry in layout(code)[2]):
        return False
    name = code.co_name
    return verdict or not (name[:2] == "__" == name[-2:] or isinstance(exception, AttributeError))


@functools.lru_cache(maxsize=256)
def _steady(code):
    """The handlers that do not depend on what runs: no `with`, types by global names."""
    instructions, index, entries = layout(code)
    found = []
    for entry in entries:
        n = _index_at(index, entry.target)
        n += n is not None and instructions[n].opname == "PUSH_EXC_INFO"
        clause = _clause(instructions, n)
        loads = clause[0] if clause else ()
        if instructions[n].opname != "WITH_EXCEPT_START" and loads is not None and not any(
            load.opname.startswith(("LOAD_FAST", "LOAD_DEREF")) for load in loads
        ):
            found.append(entry)
    return found


def _is_library(frame):
    return frame is None or not _celldap.is_user(frame.f_code)


def _is_cancel(exception):
    asyncio = sys.modules.get("asyncio.exceptions")
    return asyncio is not None and isinstance(exception, asyncio.CancelledError)


def judge(frame, exception, offset):
    """UNCAUGHT, USER_UNHANDLED (it leaves the user's code for a library's), UNDECIDED, or'ed."""
    found = 0
    if _is_cancel(exception):
        return 0
    while frame is not None:
        code, back = frame.f_code, frame.f_back
        verdict = catches(frame, exception, offset)
        if _stays(code, exception, verdict):
            offset = frame.f_lasti if offset is None else offset
            _celldap.remember_verdict(code, offset, type(exception), verdict)
        offset = None
        if verdict is not False:
            return found | (UNDECIDED if verdict is None else 0)
        root = _celldap.is_root(code)
        mine = not _is_library(frame)
        if root or code.co_qualname == "Thread._bootstrap_inner":
            return found | UNCAUGHT | (USER_UNHANDLED if mine else 0)
        if tasks.is_task_of(frame):
            verdict, frame = tasks.awaited(frame, exception, catches)
            if frame is None:
                return found | verdict
            continue
        if mine and _is_library(back):
            found |= USER_UNHANDLED
        verdict = c_callers.catches(frame, exception)
        if verdict is not False:
            return found | (UNDECIDED if verdict is None else 0)
        if back is not None and back.f_code.co_qualname == "Thread._bootstrap_inner":
            return found | UNCAUGHT
        frame = back
    return found | UNCAUGHT


def _names(kind):
    return {kind.__name__, kind.__qualname__, f"{kind.__module__}.{kind.__qualname__}"}


def _is_names(words):
    return all(all(part.isidentifier() for part in word.split(".")) for word in words)


def _matches(condition, frame, exception):
    words = [word.strip() for word in condition.split(",")]
    if _is_names(words):
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


def matches(condition, frame, exception):
    """A filter's condition: lines, one of which has to hold, and none of those that begin with `!`.

    A line is `KeyError, json.JSONDecodeError`, or any expression in the frame, where the exception
    is `exception`. One that fails does not hold.
    """
    lines = condition.split("\n")
    wanted = [line for line in lines if not line.startswith("!")]
    if any(_matches(line[1:], frame, exception) for line in lines if line.startswith("!")):
        return False
    return not wanted or any(_matches(line, frame, exception) for line in wanted)
