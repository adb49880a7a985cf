# SPDX-License-Identifier: BSD-3-Clause
"""Cases: line and function breakpoints, conditions, hit counts, log messages."""

from debugpy_cases.cases import case

DEF_LINE = ("debugpy stops at the line of the def; celldap at the first line of the body, where the "
            "arguments can be read and the next step is the first that does something")
LOOP = """
def count():
    total = 0  # before
    for i in range(10):  # head
        total += i  # body
    return total  # after

print("sum", count())
"""


@case(
    "test_case_json_logpoints",
    program=LOOP,
    expect={"stop": "breakpoint count: return total", "lines": ["3 of 'x'", "4 of 'x'"], "code": 0},
)
def log_points_with_a_condition(s):
    log = {"logMessage": "{i} of {repr('x')}", "condition": "2 < i < 5"}
    s.start(("body", log), "after")
    stop = s.stopped()
    s.go(stop)
    code = s.end()
    lines = [t for t in s.output("stdout", "console").split("\n") if " of " in t]
    return {"stop": str(stop), "lines": lines, "code": code}


@case(
    "test_case_json_logpoint_and_step_failure_ok",
    program=LOOP,
    expect={"steps": ["step count: for i in range(10):", "step count: total += i"], "code": 0,
            "told": True},
    differs={"told": (False, "debugpy drops the error of a log message; celldap says it once")},
)
def a_log_point_that_fails_while_stepping(s):
    s.start("before", ("body", {"logMessage": "{missing}"}))
    first = s.step_in(s.stopped())
    second = s.step_in(first)
    s.go(second)
    code = s.end()
    return {"steps": [str(first), str(second)], "code": code,
            "told": "NameError" in s.output("stdout", "console", "important", "stderr")}


@case(
    "test_case_json_logpoint_and_step_still_prints",
    program=LOOP,
    expect={"lines": [f"i={i}" for i in range(10)], "reasons": ["step"] * 4},
)
def log_points_print_while_stepping(s):
    s.start("before", ("body", {"logMessage": "i={i}"}))
    stop, reasons = s.stopped(), []
    for _ in range(4):
        stop = s.next(stop)
        reasons.append(stop.reason)
    s.go(stop)
    s.end()
    lines = [t for t in s.output("stdout", "console").split("\n") if t.startswith("i=")]
    return {"lines": lines, "reasons": reasons}


@case(
    "test_case_json_hit_count_and_step",
    program=LOOP,
    expect={"i": "4", "steps": ["step count: for i in range(10):", "step count: total += i"]},
)
def a_hit_count_and_steps_from_there(s):
    s.start(("body", {"hitCondition": "5"}))
    stop = s.stopped()
    i = s.locals(stop)["i"]["value"]
    first = s.step_in(stop)
    second = s.step_in(first)
    s.go(second)
    s.end()
    return {"i": i, "steps": [str(first), str(second)]}


@case(
    "test_case_json_hit_condition_error",
    program=LOOP,
    expect={"stops": [], "told": 1, "code": 0},
)
def a_condition_that_fails_does_not_stop(s):
    s.start(("before", {"condition": "range.range.range"}))
    stops = s.stops()
    code = s.end()
    told = s.output("important", "stderr", "console").count("AttributeError")
    return {"stops": stops, "told": told, "code": code}


@case(
    "test_case_json_hit_condition_error_count",
    program=LOOP,
    expect={"stops": ["breakpoint count: return total"], "told": 1},
    differs={"told": (10, "debugpy prints a failing condition at every hit; celldap once a "
                          "breakpoint, since a loop would flood the console")},
)
def a_condition_that_fails_in_a_loop(s):
    s.start(("body", {"condition": "1 / 0"}), "after")
    stops = s.stops()
    s.end()
    told = s.output("important", "stderr", "console").count("ZeroDivisionError")
    return {"stops": stops, "told": told}


@case(
    "test_case_json_change_breaks",
    program=LOOP,
    expect={"stop": "breakpoint count: total += i", "total": "0", "code": 0, "stdout": "sum 45\n"},
)
def breakpoints_taken_back_while_stopped(s):
    s.start("body")
    stop = s.stopped()
    total = s.value("total", stop)
    s.breakpoints()
    s.go(stop)
    return {"stop": str(stop), "total": total, "code": s.end(), "stdout": s.stdout}


@case(
    "test_case_json_suspend_notification",
    program=LOOP,
    expect={"again": ["breakpoint", "breakpoint"], "all": [True, True]},
)
def continue_of_one_thread_continues_all(s):
    s.start(("body", {"condition": "i < 2"}))
    reasons, everyone = [], []
    for _ in range(2):
        stop = s.stopped()
        reasons.append(stop.reason)
        everyone.append(s.request("continue", threadId=stop.thread).get("allThreadsContinued", True))
    s.end()
    return {"again": reasons, "all": everyone}


@case(
    "test_breakpoint_adjustment",
    program="""
def call():
    more = True
    while more:
        # a comment  # asked
        more = False
    return 1

print(call())
""",
    expect={"answer": "more = False", "stop": "breakpoint call: more = False"},
    differs={
        "answer": ("while more:", "debugpy moves a breakpoint up to the line before, which has run "
                   "already when the body does; celldap down to the next line with code"),
        "stop": ("breakpoint call: while more:", "stops where the answer said that it would"),
    },
)
def a_breakpoint_on_a_comment_moves_to_code(s):
    s.begin()
    s.breakpoints("asked")
    s.exceptions()
    s.run()
    stop = s.stopped()
    (known,) = s.breakpoints("asked")
    answer = s.path.read_text().split("\n")[known["line"] - 1].strip()
    s.breakpoints()
    s.go(stop)
    s.end()
    return {"answer": answer, "stop": str(stop)}


@case(
    "test_function_breakpoints_basic",
    program="""
def work():
    print("done")

if __name__ == "__main__":
    work()
""",
    expect={"stop": "function breakpoint work: print(\"done\")", "stdout": "done\n"},
    differs={"stop": ("function breakpoint work: def work():", DEF_LINE)},
)
def a_function_breakpoint(s):
    s.start(functions=["work"])
    stop = s.stopped()
    s.go(stop)
    s.end()
    return {"stop": str(stop), "stdout": s.stdout}


@case(
    "test_function_breakpoints_async",
    program="""
import asyncio

async def numbers():
    yield 1
    yield 2

async def main():
    async for n in numbers():
        print(n)

asyncio.run(main())
""",
    expect={"stops": ["function breakpoint numbers: yield 1"], "stdout": "1\n2\n"},
    differs={"stops": (["function breakpoint numbers: async def numbers():"], DEF_LINE)},
)
def a_function_breakpoint_on_an_async_generator(s):
    s.start(functions=["numbers"])
    stops = s.stops()
    s.end()
    return {"stops": stops, "stdout": s.stdout}


@case(
    "test_same_lineno_and_filename",
    program="""
def some():
    print("one")  # here

code = compile('''
call()
''', __file__, "exec")
code = code.replace(co_name="some", co_qualname="some", co_firstlineno=some.__code__.co_firstlineno)
exec(code, {"call": some})
""",
    expect={"stops": ["breakpoint some: print(\"one\")"] * 2},
)
def two_code_objects_of_one_name_and_line(s):
    s.start("here")
    stops = s.stops()
    s.end()
    return {"stops": stops}


@case(
    "test_linecache_json_existing_file",
    program="""
import linecache
from pathlib import Path
import other

text = Path(other.__file__).read_text()
linecache.cache[other.__file__] = (len(text), None, text.splitlines(True), other.__file__)
other.work()
""",
    files={"other.py": "def work():\n    return 1  # here\n"},
    expect={"stop": "breakpoint work: other.py return 1", "references": [0]},
)
def a_file_of_line_cache_that_exists_is_the_file(s):
    s.begin(justMyCode=False)
    s.breakpoints("here", file="other.py")
    s.exceptions()
    s.run()
    stop = s.stopped()
    references = sorted({f["source"].get("sourceReference", 0) for f in stop.frames})
    s.go(stop)
    s.end()
    return {"stop": str(stop), "references": references}
