# SPDX-License-Identifier: BSD-3-Clause
"""Cases: steps over, into and out of functions, generators and coroutines, into a chosen call, jumps."""

from debugpy_cases.cases import case

CALLS = """
def over():
    return 1

def into():
    return 2  # inside

def out():
    text = "out"  # out
    return text

def call():
    over()  # call
    into()
    out()
    return 4

call()
"""


@case(
    "test_stepping",
    program=CALLS,
    expect={"steps": ["breakpoint call: over()", "step call: into()", "step into: return 2",
                      "breakpoint out: text = \"out\"", "step call: out()"]},
)
def steps_over_into_and_out(s):
    s.start("call", "out", justMyCode=False)
    stops = [s.stopped()]
    for command in ("next", "stepIn", "continue", "stepOut"):
        stops.append(s.step(command, stops[-1]))
    s.go(stops[-1])
    s.end()
    return {"steps": [str(stop) for stop in stops]}


def into_target(s, label):
    """The labels, and where the step into this one stopped."""
    s.start("here")
    stop = s.stopped()
    targets = s.request("stepInTargets", frameId=stop.frame)["targets"]
    labels = [target["label"] for target in targets]
    chosen = next(t["id"] for t in targets if t["label"] == label)
    inside = s.step_in(stop, targetId=chosen)
    arguments = [v["value"].partition(" object")[0] for v in s.locals(inside).values()]
    seen = {"labels": sorted(labels), "stop": str(inside), "arguments": arguments}
    s.go(inside)
    s.end()
    return seen


@case(
    "test_step_into_target_basic",
    program="""
def bar():
    return "of bar"

def foo(*args):
    print("foo")

def outer(*args):
    print("outer")

def main():
    outer(foo(bar()))  # here

main()
""",
    expect={"labels": ["bar()", "foo(bar())", "outer(foo(bar()))"], "stop": "step foo: print(\"foo\")",
            "arguments": ["('of bar',)"]},
)
def a_step_into_the_second_of_three_calls(s):
    return into_target(s, "foo(bar())")


@case(
    "test_step_into_target_multiple",
    program="""
def foo(n):
    print("foo", n)
    return n + 1

def main():
    foo(foo(foo(foo(1))))  # here

main()
""",
    expect={"labels": ["foo(1)", "foo(foo(1))", "foo(foo(foo(1)))", "foo(foo(foo(foo(1))))"],
            "stop": "step foo: print(\"foo\", n)", "arguments": ["2"]},
)
def a_step_into_one_of_four_calls_of_the_same(s):
    return into_target(s, "foo(foo(1))")


@case(
    "test_step_into_target_genexpr",
    program="""
def foo(n):
    return n + 1

def main():
    made = (foo(n) for n in [1])
    return list(made)  # here

main()
""",
    expect={"labels": ["list(made)"], "stop": "step <genexpr>: made = (foo(n) for n in [1])",
            "arguments": ["<tuple_iterator"]},
    since=(3, 13),
)
def a_step_into_a_builtin_that_runs_a_generator(s):
    return into_target(s, "list(made)")


@case(
    "test_case_process_event",
    program="import os\nprint(os.getpid())\n",
    expect={"same": True, "name": "program.py", "method": "launch", "count": 1},
)
def one_process_event(s):
    s.start()
    s.end()
    events = [m["body"] for kind, name, m in s.client.timeline if (kind, name) == ("evt", "process")]
    return {"same": events[0]["systemProcessId"] == int(s.stdout), "count": len(events),
            "name": events[0]["name"].rpartition("/")[2], "method": events[0]["startMethod"]}


@case(
    "test_goto",
    program="""
def method():
    a = 1  # target
    print("one", a)
    a = 2  # here

method()
""",
    expect={"wrong": True, "stop": "goto method: a = 1", "again": "breakpoint method: a = 2",
            "stdout": "one 1\none 1\n"},
)
def a_jump_back(s):
    s.start("here")
    stop = s.stopped()
    source = {"path": str(s.path)}
    (target,) = s.request("gotoTargets", source=source, line=s.line("target"))["targets"]
    wrong = s.fails("goto", threadId=stop.thread, targetId=12345)
    there = s.step("goto", stop, targetId=target["id"])
    again = s.go_to_stop(there)
    s.go(again)
    s.end()
    return {"wrong": wrong, "stop": str(there), "again": str(again), "stdout": s.stdout}


@case(
    "test_stop_on_entry",
    program="x = 1\ny = 2\n",
    expect={"stop": "entry <module>: x = 1", "code": 0},
    stopOnEntry=True,
)
def stop_on_entry(s):
    s.start()
    stop = s.stopped()
    s.go(stop)
    return {"stop": str(stop), "code": s.end()}


@case(
    "test_ipython_stepping_basic",
    program="""
from pathlib import Path

cell = Path(__file__).with_name("cell.py")
exec(compile(cell.read_text(), str(cell), "exec"))
print(c)
""",
    files={"cell.py": "a = 1  # here\nb = a + 1\nc = b + 1\n"},
    expect={"steps": ["breakpoint <module>: cell.py a = 1", "step <module>: cell.py b = a + 1",
                      "step <module>: cell.py c = b + 1"], "stdout": "3\n"},
)
def steps_through_code_that_is_executed(s):
    s.begin(justMyCode=False)
    s.breakpoints("here", file="cell.py")
    s.exceptions()
    s.run()
    stops = [s.stopped()]
    stops += [s.next(stops[-1])]
    stops += [s.next(stops[-1])]
    s.go(stops[-1])
    s.end()
    return {"steps": [str(stop) for stop in stops], "stdout": s.stdout}


@case(
    "test_ipython_stepping_step_in",
    program="""
import asyncio

async def inner(n):
    doubled = n * 2
    return doubled

async def main():
    a = 1
    b = await inner(a)  # here
    return b

print(asyncio.run(main()))
""",
    expect={"steps": ["step inner: doubled = n * 2", "step inner: return doubled",
                      "step main: b = await inner(a)"], "stdout": "2\n"},
)
def steps_into_and_out_of_what_is_awaited(s):
    s.start("here")
    stops = [s.step_in(s.stopped())]
    stops.append(s.next(stops[-1]))
    stops.append(s.step_out(stops[-1]))
    s.go(stops[-1])
    s.end()
    return {"steps": [str(stop) for stop in stops], "stdout": s.stdout}


@case(
    "test_ipython_stepping_step_in_justmycode",
    program="""
import json

def hook(pairs):
    return len(pairs)

def main():
    n = json.loads('{"a": 1}', object_hook=hook)  # here
    return n

print(main())
""",
    expect={"steps": ["step hook: return len(pairs)", "step main: return n"], "stdout": "1\n"},
    justMyCode=True,
)
def a_step_in_skips_library_code(s):
    s.start("here")
    inside = s.step_in(s.stopped())
    after = s.step_out(inside)
    if "loads" in str(after):
        after = s.next(after)
    s.go(after)
    s.end()
    return {"steps": [str(inside), str(after)], "stdout": s.stdout}


@case(
    "test_stack_levels",
    program="""
def down(n):
    if n == 0:
        return 0  # here
    return down(n - 1)

down(60)
""",
    expect={"total": 62, "pages": True, "top": "down", "bottom": "<module>"},
)
def a_deep_stack_in_pages(s):
    s.start("here")
    stop = s.stopped()
    total = s.request("stackTrace", threadId=stop.thread)["totalFrames"]
    page, paged = 20, []
    for first in range(0, total, page):
        paged += s.request("stackTrace", threadId=stop.thread, startFrame=first,
                           levels=page)["stackFrames"]
    s.go(stop)
    s.end()
    return {"total": total, "pages": paged == stop.frames, "top": stop.names[0],
            "bottom": stop.names[-1]}


@case(
    "test_use_real_path_and_not_links",
    program="import runpy\nrunpy.run_path('link.py')\n",
    files={"real/file.py": "print('one')  # here\n"},
    expect={"path": "link.py"},
)
def a_breakpoint_in_a_file_that_is_run_through_a_link(s):
    (s.folder / "link.py").symlink_to(s.folder / "real/file.py")
    s.begin(justMyCode=False)
    s.breakpoints("here", file="real/file.py")
    s.exceptions()
    s.run()
    stop = s.stopped()
    path = stop.frames[0]["source"]["path"].removeprefix(str(s.folder) + "/")
    s.go(stop)
    s.end()
    return {"path": path}


@case(
    "test_debugger_case_sensitive",
    program="import runpy\nrunpy.run_path('Path1/PaTh2/myFile.py')\n",
    files={"Path1/PaTh2/myFile.py": "print('one')  # here\n"},
    expect={"path": "Path1/PaTh2/myFile.py"},
)
def a_path_keeps_its_case(s):
    s.begin(justMyCode=False)
    s.breakpoints("here", file="Path1/PaTh2/myFile.py")
    s.exceptions()
    s.run()
    stop = s.stopped()
    path = stop.frames[0]["source"]["path"].removeprefix(str(s.folder) + "/")
    s.go(stop)
    s.end()
    return {"path": path}
