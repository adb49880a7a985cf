# SPDX-License-Identifier: BSD-3-Clause
"""vscode-jupyter works unchanged: its requests, replayed on celldap and on ipykernel, get the same
answers. Every field of every reply is compared; where they may differ, DIFFERENT says why, and an
entry that no field needs any more fails the test."""

import os
import re
import subprocess

import pytest
from jupyter_client.kernelspec import KernelSpec

import conftest
from conftest import PYTHON
from vscode_session import CELLS, Session

NOTHING = "(not there)"

# (field: label/path, celldap's value, ipykernel's value, why they may differ); regular expressions.
# None: any value, but not the other's.
DIFFERENT = [
    (r"debugInfo/body/isStarted", "False", "True",
     "ipykernel starts its debugger at initialize, celldap debugs from attach on"),
    (r"initialize/body/exceptionBreakpointFilters/.*", None, None,
     "worded differently, and with conditions; userUnhandled has a meaning of its own in debugpy"),
    (r"initialize/body/support\w+", "True", NOTHING, "more is offered"),
    (r"initialize/body/completionTriggerCharacters/.*", r"\.", NOTHING, "more is offered"),
    (r"initialize/body/supports(DebuggerProperties|TerminateDebuggee|ExceptionOptions)", NOTHING,
     "True", "extensions of debugpy's that no front end of Jupyter's uses, and one misspelt"),
    (r"setBreakpoints/body/breakpoints/0/id|stopped .*/hitBreakpointIds/0", r"\d+", r"\d+",
     "ids are any numbers"),
    (r"setBreakpoints/body/breakpoints/0/source/name", NOTHING, "nb.ipynb",
     "vscode-jupyter puts the name in itself"),
    (r"setExceptionBreakpoints/body/breakpoints", r"\[\]", NOTHING, "the protocol allows both"),
    (r"stopped .*/preserveFocusHint", NOTHING, "False", "false is the default"),
    (r"threads .*/body/threads/.*", NOTHING, None, "ipykernel's own threads are no threads of the user's"),
    (r".*/stackFrames/\d/id", r"\d+", r"\d+", "handles are any numbers"),
    (r".*/variablesReference", r"[1-9]\d*", r"[1-9]\d*", "handles are any numbers"),
    (r".*/stackFrames/\d/(endLine|endColumn|column)", r"\d+", r"\(not there\)|1",
     "the position in the line is known"),
    (r".*/stackFrames/\d/(moduleId|canRestart)", "__main__|False|True", NOTHING, "more is told"),
    (r".*/stackFrames/\d/source/name", r"Cell In\[\d\]", NOTHING, "vscode-jupyter overwrites it"),
    (r".*/stackFrames/\d/source/sourceReference", NOTHING, "0", "0 is as good as nothing"),
    (r"scopes .*/scopes/\w+/namedVariables", r"\d+", NOTHING, "for paging"),
    (r"scopes .*/scopes/Globals/(expensive|presentationHint)", "True|globals",
     r"False|\(not there\)", "editors need not open the globals at every step"),
    (r"scopes .*/scopes/\w+/source", NOTHING, r"\{\}", "an empty source says nothing"),
    (r"scopes back in the cell/body/scopes/Return value/.*", None, NOTHING,
     "what the function returned that was stepped out of, as the protocol has it"),
    (r"return value back in the cell/.*", None, NOTHING, "the variables of that scope"),
    (r".*/variables/(special|function) variables/evaluateName", r"", r"\w+ variables",
     "a group is no expression"),
    (r".*/variables/(special|function) variables/presentationHint/.*", None, NOTHING,
     "marks the group as what it is"),
    (r".*/variables/debugpy/.*", None, NOTHING,
     "debugpy hides itself; that the hidden code imported it is there to be seen"),
    (r".*/presentationHint", NOTHING, r"\{\}", "an empty hint says nothing"),
    (r"(helper|clean-up|None)/body/type", "NoneType", NOTHING, "more is told"),
    (r"hover/body/result|.*/variables/items/value", r"\[0, 1, .*199\]", r"\[0, 1, .*\.\.\.\]",
     "ipykernel cuts earlier"),
    (r"(hover/body|.*/variables/items)/(indexed|named)Variables", r"\d+", NOTHING, "for paging"),
    (r"wrong/body/error/.*", None, NOTHING, "the protocol's structured error is there too"),
]


class IPyKernel(conftest.Kernel):
    def __init__(self, folder):
        argv = [PYTHON, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = KernelSpec(argv=argv, language="python")
        self.begin(folder, spec, env={"IPYTHONDIR": str(folder)})


def normal(value, prefix):
    """Without what cannot be the same: the folder of the cell files, and addresses."""
    if isinstance(value, str):
        return re.sub(r"0x[0-9a-f]+", "0x…", value.replace(prefix, "<cells>/"))
    if isinstance(value, list):
        value = [normal(v, prefix) for v in value]
        names = [v.get("name") for v in value if isinstance(v, dict)]
        if value and len(names) == len(value) and len(set(names)) == len(names) and all(names):
            if not all("line" in v for v in value):  # frames have their order
                return {v["name"]: v for v in value}
        return value
    if isinstance(value, dict):
        return {k: normal(v, prefix) for k, v in value.items()}
    return value


def fields(value, path=""):
    """path -> leaf; an empty list or object is a leaf."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, v in items:
        at = f"{path}/{key}" if path else str(key)
        if isinstance(v, (dict, list)) and v:
            yield from fields(v, at)
        else:
            yield at, str(v)


def transcript(kernel, **options):
    session = Session(kernel, **options).run()
    prefix = session.record["debugInfo"]["body"]["tmpFilePrefix"]
    return dict(fields(normal(session.record, prefix)))


def reason(path, ours, theirs):
    for number, (where, our, their, _why) in enumerate(DIFFERENT):
        if (
            re.fullmatch(where, path)
            and (our is None or re.fullmatch(re.escape(our) if our == NOTHING else our, ours))
            and (their is None or re.fullmatch(re.escape(their) if their == NOTHING else their, theirs))
        ):
            return number
    return None


@pytest.fixture
def both(make_kernel, tmp_path_factory, tmp_path, fresh_peers):
    """The transcripts of celldap and of ipykernel."""

    def of_ipykernel():
        kernel = IPyKernel(tmp_path_factory.mktemp("ipykernel"))
        try:
            return transcript(kernel)
        finally:
            kernel.close()

    ours = transcript(make_kernel(env={"IPYTHONDIR": str(tmp_path / "ipython")}))
    # its debugger may answer attach with nothing at all, or not be there yet
    return ours, fresh_peers(of_ipykernel, (AssertionError, KeyError))


def test_replies_agree_with_ipykernels_field_by_field(both):
    ours, theirs = both
    used, wrong, same = set(), [], 0
    for path in [*ours, *(p for p in theirs if p not in ours)]:
        a, b = ours.get(path, NOTHING), theirs.get(path, NOTHING)
        if a == b:
            same += 1
            continue
        number = reason(path, a, b)
        used.add(number)
        if number is None:
            wrong.append(f"{path}: celldap {a[:200]!r}, ipykernel {b[:200]!r}")
    assert not wrong, "\n".join(wrong)
    unused = [DIFFERENT[i][::3] for i in range(len(DIFFERENT)) if i not in used]
    assert not unused, f"no field needs these differences any more: {unused}"
    assert same > 300


def test_where_it_stops_and_what_it_shows(make_kernel):
    """The transcript's answers themselves, so that agreement is not agreement in failure."""
    t = transcript(make_kernel())
    assert t["stopped at the breakpoint/reason"] == "breakpoint"
    assert t["first frame at the breakpoint/body/stackFrames/0/line"] == "3"
    assert t["stopped in the function/reason"] == "step"
    assert t["stackTrace in the function/body/stackFrames/0/name"] == "twice"
    assert t["locals in its second line/body/variables/y/value"] == "8"
    assert t["raw string/body/result"] == 'caf\xe9 "q"'
    assert t["quoted string/body/result"] == "'caf\xe9 \"q\"'"
    assert t["info items/body/result"].startswith('{"type": "list", "count": 200')
    assert t["cell/status"] == "ok" and t["cell/stdout"] == "8\n"
    assert t["remove/status"] == "ok" and t["disconnect/success"] == "True"


def test_events_on_iopub(make_kernel):
    """A front end forgets the frames of a stop at `continued`, also when it asked for the step."""
    session = Session(make_kernel()).run()
    events = [e["event"] for e in session.events if e["event"] in ("stopped", "continued")]
    assert events == ["stopped", "continued"] * 3 + ["stopped"]


def test_dumped_files_are_gone_and_the_kernel_goes_on(make_kernel):
    kernel = make_kernel()
    session = Session(kernel).run()
    assert not any(os.path.exists(p) for p in session.paths.values())
    assert kernel.run("last").result == "1"
    Session(kernel).run()  # a second session dumps them anew


def test_leading_blank_lines(make_kernel):
    """It takes the blank lines off a breakpoint's line, and adds them to a frame's."""
    cells = [CELLS[0], "\n\n" + CELLS[1]]
    t = transcript(make_kernel(), cells=cells)
    assert t["setBreakpoints/body/breakpoints/0/line"] == "3"
    assert t["first frame at the breakpoint/body/stackFrames/0/line"] == "3"
    assert t["stackTrace in the function/body/stackFrames/1/line"] == "3"
    assert t["stackTrace in the function/body/stackFrames/0/line"] == "2"
    assert t["locals at the breakpoint/body/variables/items/type"] == "list"
    assert "result" not in {p.split("/")[3] for p in t if p.startswith("locals at the breakpoint/body/v")}


def test_run_by_line(make_kernel):
    """Its "run by line": a breakpoint in the first line, a stepIn for each click, to the cell's end."""
    kernel = make_kernel()
    kernel.run(CELLS[0])
    session = Session(kernel, line=1)
    session.start()
    cell = kernel.start(CELLS[1])
    places = []
    while True:
        m = kernel.iopub()
        if m["msg_type"] == "debug_event" and m["content"]["event"] == "stopped":
            frame = session.debug("frame", "stackTrace", threadId=1, levels=1)["stackFrames"][0]
            places.append((frame["name"], frame["line"], frame["source"]["path"]))
            session.debug("stepIn", "stepIn", threadId=1)
        if m["parent_header"].get("msg_id") == cell.msg_id:
            cell.messages.append(m)
            if m["content"].get("execution_state") == "idle":
                break
    first, second = session.paths[0], session.paths[1]
    here = [("<module>", n, second) for n in (1, 2, 3)]
    function = [("twice", 2, first), ("twice", 3, first)]
    there = [("<module>", n, second) for n in (3, 4, 5)]
    assert places in (here + function + there, here + function + there[1:])
    assert cell.stream("stdout") == "8\n"
    session.debug("disconnect", "disconnect", restart=False)
    assert kernel.run("last").result == "1"


@pytest.fixture
def bare_python(tmp_path):
    """An environment with nothing in it."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    return str(tmp_path / "bare/bin/python")


def test_hidden_checks_without_any_package(make_kernel, bare_python):
    kernel = make_kernel(python=bare_python)
    t = transcript(kernel)
    assert re.fullmatch(r"(##\S+##)7\.\d+\.\d+\1\n", t["ipykernel/stdout"])
    assert t["debugpy/status"] == "ok" and t["cell/status"] == "ok"


@pytest.mark.parametrize("where", ["installed", "bare"])
def test_debugpy_starts_no_second_debugger(make_kernel, where, bare_python):
    kernel = make_kernel(python=PYTHON if where == "installed" else bare_python)
    assert kernel.run(
        "import debugpy, sys, threading\n"
        "before = threading.active_count()\n"
        "debugpy.debug_this_thread(); debugpy.configure(subProcess=False); debugpy.log_to('/x')\n"
        "debugpy.trace_this_thread(True); debugpy.breakpoint()\n"
        "debugpy.is_client_connected(), threading.active_count() - before, sys.gettrace(),"
        " [m for m in sys.modules if 'pydevd' in m], debugpy.__version__ > '1.8'"
    ).result == "(False, 0, None, [], True)"
    for call in ("listen(5678)", "connect(('127.0.0.1', 1))", "wait_for_client()"):
        cell = kernel.run(f"debugpy.{call}")
        assert cell.status == "error"
        assert "debugger of its own" in cell.reply["content"]["evalue"]
    Session(kernel).start()
    assert kernel.run("debugpy.is_client_connected()").result == "True"
    kernel.run("debugpy.wait_for_client()")


def test_the_real_ipykernel_is_not_hidden(make_kernel):
    kernel = make_kernel()
    assert kernel.run(
        "import ipykernel, ipykernel.connect, ipykernel.zmqshell, importlib.metadata as m\n"
        "ipykernel.__version__ == m.version('ipykernel'), 'site-packages' in ipykernel.__file__"
    ).result == "(True, True)"
    cell = kernel.run(
        "from ipykernel.comm import Comm, CommManager\nComm(target_name='t', data={'a': 1}); None"
    )
    assert cell.of_type("comm_open")[0]["data"] == {"a": 1}  # the real one would send nothing
    assert "IntSlider" in kernel.run("import ipywidgets; ipywidgets.IntSlider()").result
    assert kernel.run("import debugpy.adapter, debugpy.common; 1").result == "1"


def test_a_program_that_is_run_gets_what_is_installed(make_kernel, tmp_path, bare_python):
    file = tmp_path / "x.py"
    file.write_text("try:\n    import ipykernel\nexcept ImportError:\n    print('none')\n")
    kernel = make_kernel("--plain", python=bare_python)
    cell = kernel.run_request(
        {"code": ""}, {"celldap": {"runFile": {"program": str(file), "args": []}}}
    )
    assert cell.stream("stdout") == "none\n"
