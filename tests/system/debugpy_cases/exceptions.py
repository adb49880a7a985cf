# SPDX-License-Identifier: BSD-3-Clause
"""Cases: stops at exceptions that are raised, that nobody handles, that end a thread or the program."""

from debugpy_cases.cases import case

NESTED = """
def third():
    raise IndexError("foo")  # raised

def second():
    return third()

def first():
    try:
        second()
    except IndexError:
        pass

first()
"""


@case(
    "test_case_handled_exception_breaks",
    program=NESTED,
    expect={"stops": ["exception third: raise IndexError(\"foo\")"], "code": 0},
    differs={"stops": (["exception third: raise IndexError(\"foo\")",
                        "exception second: return third()", "exception first: second()"],
                       "debugpy stops in every frame that the exception passes; celldap once an "
                       "exception, where it is raised")},
)
def a_handled_exception_stops_where_it_is_raised(s):
    s.start(exceptions=["raised"])
    return {"stops": s.stops(), "code": s.end()}


@case(
    "test_case_handled_exception_breaks_by_type",
    program=NESTED,
    expect={"first": "exception third: raise IndexError(\"foo\")", "rest": []},
)
def exceptions_of_a_type_alone(s):
    def of(name):
        path = [{"names": ["Python Exceptions"]}, {"names": [name]}]
        s.exceptions(exceptionOptions=[{"breakMode": "always", "path": path}])

    s.begin()
    of("IndexError")
    s.run()
    stop = s.stopped()
    of("RuntimeError")
    s.go(stop)
    rest = s.stops()
    s.end()
    return {"first": str(stop), "rest": rest}


@case(
    "test_case_handled_exception_no_break_on_generator",
    program="""
a = [1, 2, 3]
assert any(x in a for x in [7, 2])

def numbers():
    yield 1

for n in numbers():
    print(n)
print(next(iter([]), "none"))
""",
    expect={"stops": [], "stdout": "1\nnone\n"},
)
def the_end_of_a_generator_is_no_exception(s):
    s.start(exceptions=["raised"])
    stops = s.stops()
    s.end()
    return {"stops": stops, "stdout": s.stdout}


@case(
    "test_case_stop_async_iteration_exception",
    program="""
import asyncio

async def numbers():
    for i in range(3):
        yield i

async def main():
    async for n in numbers():
        print(n)

asyncio.run(main())
""",
    expect={"stops": [], "stdout": "0\n1\n2\n"},
    justMyCode=True,
)
def the_end_of_an_async_generator_is_no_exception(s):
    s.start(exceptions=["raised"])
    stops = s.stops()
    s.end()
    return {"stops": stops, "stdout": s.stdout}


CAUSE = """
def inner():
    kept = "of the cause"
    return {}["foo"]

def outer():
    try:
        inner()
    except KeyError as e:
        raise ValueError("the effect") from e  # raised

outer()
"""


@case(
    "test_case_throw_exc_reason",
    "test_case_throw_exc_reason_shown",
    program=CAUSE,
    expect={"stop": "exception outer: raise ValueError(\"the effect\") from e",
            "names": ["outer", "<module>"], "id": "ValueError", "description": "the effect",
            "trace": ["in <module>", "in outer"], "cause": "KeyError: 'foo'",
            "code": 1, "stderr": True},
    differs={
        "names": (["outer", "<module>", "[Chained Exc: 'foo'] outer", "[Chained Exc: 'foo'] inner"],
                  "debugpy lists frames of the cause, which have ended, below the stack as if they "
                  "were callers; celldap lists what runs, and the cause in innerException"),
        "cause": (None, "debugpy has no innerException; it tells the cause in the text of stackTrace"),
    },
    justMyCode=False,
)
def an_exception_tells_its_cause(s):
    s.start(exceptions=["uncaught"])
    stop = s.stopped()
    info = s.request("exceptionInfo", threadId=stop.thread)
    details = info["details"]
    inner = (details.get("innerException") or [None])[0]
    names = [frame["name"] for frame in stop.frames if "runpy" not in frame["source"]["path"]]
    s.go(stop)
    code = s.end()
    return {"stop": str(stop), "id": info["exceptionId"].split()[0], "names": names,
            "description": info["description"], "code": code,
            "trace": [t for t in ("in <module>", "in outer") if t in details["stackTrace"]],
            "cause": inner and f"{inner['typeName']}: {inner['message']}",
            "stderr": "ValueError: the effect" in s.output("stderr")}


@case(
    "test_case_unhandled_exception",
    program="""
import threading

def plain():
    raise OSError("in a plain thread")

def named(n):
    raise ValueError("in a named thread")

t = threading.Thread(target=plain)
t.start()
t.join()
t = threading.Thread(target=lambda: named(1), name="Named")
t.start()
t.join()
raise IndexError("in main")
""",
    expect={"stops": ["exception plain: raise OSError(\"in a plain thread\")",
                      "exception named: raise ValueError(\"in a named thread\")",
                      "exception <module>: raise IndexError(\"in main\")"], "code": 1},
)
def errors_that_end_threads_and_the_program(s):
    s.start(exceptions=["uncaught"])
    return {"stops": s.stops(), "code": s.end()}


@case(
    "test_case_unhandled_exception_generator",
    program="""
def f():
    return list(1 / n for n in [0])

f()
""",
    expect={"stop": "exception <genexpr>: return list(1 / n for n in [0])",
            "names": ["<genexpr>", "f", "<module>"], "code": 1},
)
def an_error_in_a_generator_expression(s):
    s.start(exceptions=["uncaught"])
    stop = s.stopped()
    s.go(stop)
    return {"stop": str(stop), "names": stop.names, "code": s.end()}


@case(
    "test_case_sys_exit_unhandled_exception",
    program="import sys\n\ndef main():\n    sys.exit(3)\n\nmain()\n",
    expect={"stops": [], "code": 3},
    differs={"stops": (["exception main: sys.exit(3)"], "SystemExit is how a program ends, not an error; "
                       "celldap stops at it by breakOnSystemExit alone")},
)
def sys_exit_with_a_status(s):
    s.start(exceptions=["uncaught"])
    return {"stops": s.stops(), "code": s.end()}


@case(
    "test_case_sys_exit_0_unhandled_exception",
    program="import sys\n\ndef main():\n    sys.exit(0)\n\nmain()\n",
    expect={"stops": [], "code": 0},
)
def sys_exit_with_zero_is_no_error(s):
    s.start(exceptions=["uncaught"])
    return {"stops": s.stops(), "code": s.end()}


@case(
    "test_case_sys_exit_0_handled_exception",
    program="import sys\n\ndef main():\n    sys.exit(0)\n\ntry:\n    main()\nexcept SystemExit:\n    pass\n",
    expect={"stops": [], "code": 0},
)
def sys_exit_that_is_handled(s):
    s.start(exceptions=["raised"])
    return {"stops": s.stops(), "code": s.end()}


UNHANDLED = """
import json

def hook(pairs):
    raise LookupError("for the library")  # raised

def main():
    try:
        json.loads("{}", object_hook=hook)
    except LookupError:
        pass

main()
"""


@case(
    "test_case_user_unhandled_exception",
    program=UNHANDLED,
    expect={"stops": ["exception hook: raise LookupError(\"for the library\")"], "code": 0},
    differs={"stops": (["exception hook (Current frame): raise LookupError(\"for the library\")"],
                       "debugpy writes a note into the frame's name")},
    justMyCode=True,
)
def an_exception_that_leaves_user_code(s):
    s.start(exceptions=["userUnhandled"])
    return {"stops": s.stops(), "code": s.end()}


@case(
    "test_case_user_unhandled_exception_dont_stop",
    program="try:\n    raise RuntimeError\nexcept RuntimeError:\n    print('handled')\n",
    expect={"stops": [], "stdout": "handled\n"},
)
def an_exception_that_user_code_handles(s):
    s.start(exceptions=["userUnhandled"])
    stops = s.stops()
    s.end()
    return {"stops": stops, "stdout": s.stdout}


@case(
    "test_case_user_unhandled_exception_coroutine",
    program="""
import asyncio

async def fails():
    raise RuntimeError("in a coroutine")

async def main():
    await fails()

asyncio.run(main())
""",
    expect={"stops": ["exception fails: raise RuntimeError(\"in a coroutine\")"], "code": 1},
    differs={"stops": (["exception fails: raise RuntimeError(\"in a coroutine\")"] * 2,
                       "debugpy stops again in the task's own frame; celldap once an exception")},
    justMyCode=True,
)
def an_exception_that_leaves_a_coroutine(s):
    s.start(exceptions=["userUnhandled"])
    return {"stops": s.stops(), "code": s.end()}


@case(
    "test_case_user_unhandled_exception_stop_on_yield",
    program="""
def numbers():
    yield 1
    raise AssertionError("after the yield")

for n in numbers():
    print(n)
""",
    expect={"stops": ["exception numbers: raise AssertionError(\"after the yield\")"], "code": 1},
)
def an_error_after_a_yield(s):
    s.start(exceptions=["userUnhandled"])
    return {"stops": s.stops(), "code": s.end()}


@case(
    "test_case_unhandled_exception_just_my_code",
    program="""
code = compile("def made():\\n    raise ValueError('made')\\n", "/nowhere/made.py", "exec")
exec(code)
made()
""",
    expect={"names": ["made", "<module>"], "code": 1},
    justMyCode=False,
)
def an_error_in_code_without_a_file(s):
    s.start(exceptions=["uncaught"])
    stop = s.stopped()
    s.go(stop)
    return {"names": stop.names[:2], "code": s.end()}


@case(
    "test_exception_details",
    program="""
def down(n):
    if n == 0:
        raise IndexError("foo")
    down(n - 1)

try:
    down(40)
except IndexError:
    pass
""",
    expect={"id": "IndexError", "description": "foo", "names": 42, "mode": "always", "long": True},
)
def the_details_of_a_deep_exception(s):
    s.start(exceptions=["raised"])
    stop = s.stopped()
    info = s.request("exceptionInfo", threadId=stop.thread)
    s.exceptions()
    s.go(stop)
    s.end()
    return {"id": info["exceptionId"].rpartition(".")[2], "description": info["description"],
            "names": len(stop.names), "mode": info["breakMode"],
            "long": info["details"]["stackTrace"].count("\n") > 5}


@case(
    "test_annotate_function_not_treated_as_user_exception",
    program="""
from typing import get_type_hints

class Annotated:
    value: int = 42
    name: str = "test"

hints = get_type_hints(Annotated)
print(sorted(hints))  # here
""",
    expect={"stops": ["breakpoint <module>: print(sorted(hints))"], "stdout": "['name', 'value']\n"},
    justMyCode=True,
)
def annotations_are_no_exception(s):
    s.start("here", exceptions=["userUnhandled"])
    stops = s.stops()
    s.end()
    return {"stops": stops, "stdout": s.stdout}
