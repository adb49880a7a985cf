# SPDX-License-Identifier: BSD-3-Clause
"""Cases: what functions returned, arrays, files through links, what is the user's code and what not."""

from debugpy_cases.cases import case
from debugpy_cases.values import GROUPS, at_here, done

RETURNS = """
def first():
    return 11

def second():
    return 22

def main():
    first()  # here
    second()
    return 33

main()
"""


def returned(s, stop):
    """What the functions that ended in the last step returned: name=value, by any scope."""
    found = []
    for scope in s.request("scopes", frameId=stop.frame)["scopes"]:
        for variable in s.children(scope["variablesReference"]):
            if variable["name"].startswith("(return)"):
                found.append(f"{variable['name']}={variable['value']}")
    return found


@case(
    "test_return_value_regular",
    program=RETURNS,
    expect={"in": ["(return) first=11"], "out": ["(return) second=22"]},
    differs={"out": (["(return) first=11", "(return) second=22"], "debugpy keeps what calls of earlier "
                     "steps returned; celldap shows the last step's")},
    showReturnValue=True,
)
def what_the_functions_that_a_step_left_returned(s):
    inside = s.step_in(at_here(s))
    stop = s.step_in(inside)
    first = returned(s, stop)
    while not stop.code().startswith("second"):
        stop = s.next(stop)
    stop = s.step_out(s.step_in(stop))
    return done(s, stop, **{"in": first, "out": returned(s, stop)})


@case(
    "test_evaluate_numpy",
    program="""
import numpy

array = numpy.array([[1, 2], [3, 4]])
print("ready")  # here
""",
    expect={"type": "ndarray", "shape": "(2, 2)", "size": "4", "dtype": "dtype('int64')"},
)
def an_array_has_its_shape(s):
    stop = at_here(s)
    body = s.evaluate("array", stop, "repl")
    children = {v["name"]: v["value"] for v in s.children(body["variablesReference"])}
    return done(s, stop, type=body["type"].partition("[")[0],
                **{name: children[name] for name in ("shape", "size", "dtype")})


@case(
    "test_stopped_event",
    program="def call():\n    print('one')  # here\n\ncall()\n",
    expect={"all": True, "focus": False, "thread": 1, "ids": 1},
)
def the_stopped_event(s):
    stop = at_here(s)
    event = stop.event
    return done(s, stop, all=event["allThreadsStopped"], thread=event["threadId"],
                focus=event.get("preserveFocusHint", False), ids=len(event["hitBreakpointIds"]))


@case(
    "test_debugger_case_symlink",
    program="import sys\nsys.path.insert(0, 'linked')\nimport other\nother.call()\n",
    files={"real/other.py": "def call():\n    return 1  # here\n"},
    expect={"path": ["linked/other.py"]},
    justMyCode=False,
)
def a_breakpoint_in_a_folder_that_is_a_link(s):
    (s.folder / "linked").symlink_to(s.folder / "real")
    s.begin()
    s.breakpoints("here", file="real/other.py")
    s.exceptions()
    s.run()
    stop = s.stopped()
    path = stop.frames[0]["source"]["path"].removeprefix(str(s.folder) + "/")
    return done(s, stop, path=[path])


RULES = {
    "program": """
from library import noop, other

def second():
    return "mine"

def first():
    return other.call(second)

other.call(first)  # here
noop.call()  # then
print("end")
""",
    "files": {"library/__init__.py": "", "library/noop.py": "def call():\n    return None\n",
              "library/other.py": "def call(back):\n    made = back()\n    return made\n"},
}


@case(
    "test_case_skipping_filters",
    **RULES,
    expect={"steps": ["step first: return other.call(second)", "step second: return \"mine\"",
                      "step first: return other.call(second)"]},
    justMyCode=False,
    rules=[{"path": "**/other.py", "include": False}],
)
def steps_skip_files_that_a_rule_excludes(s):
    stops = [s.step_in(at_here(s))]
    stops.append(s.step_in(stops[-1]))
    stops.append(s.next(stops[-1]))
    return done(s, stops[-1], steps=[str(stop) for stop in stops])


@case(
    "test_case_exclude_double_step",
    **RULES,
    expect={"step": "step <module>: print(\"end\")"},
    justMyCode=False,
    rules=[{"path": "**/noop.py", "include": False}],
)
def a_step_into_an_excluded_file_is_a_step_over(s):
    s.start("then")
    stop = s.step_in(s.stopped())
    return done(s, stop, step=str(stop))


@case(
    "test_just_my_code_debug_option_deprecated",
    **RULES,
    expect={"step": "step call: other.py made = back()"},
    justMyCode=True,
)
def a_folder_beside_the_program_is_the_users(s):
    stop = s.step_in(at_here(s))
    return done(s, stop, step=str(stop))


@case(
    "test_variable_presentation",
    program="""
class Some:
    def method(self):
        print("ready")  # here

_hidden = 2
Some().method()
""",
    expect={"inline": True, "groups": []},
    variablePresentation={"all": "inline"},
)
def variables_without_groups(s):
    stop = at_here(s)
    names = list(s.globals(stop))
    return done(s, stop, inline={"Some", "_hidden", "__name__"} <= set(names),
                groups=[name for name in names if name in GROUPS])
