# SPDX-License-Identifier: BSD-3-Clause
"""The same debugging on celldap's kernel, ipykernel and xeus-python: what an editor sees does not
depend on the kernel (docs/kernels.md tells where it does)."""

import re

from kernels import every_kernel, kernels, on  # noqa: F401 (a fixture)

FUNCTION = "def f(n):\n    total = 0\n    for i in range(n):\n        total += i\n    return total"
CALL = "a = 1\nb = f(3)\nprint(b)"


@every_kernel
def test_breakpoints_in_two_cells(it):
    it.attach()
    first = it.cell(0, FUNCTION, [4])
    second = it.cell(1, CALL, [1])
    it.kernel.run(FUNCTION)
    cell = it.kernel.start(CALL)
    assert it.stop("breakpoint")["hitBreakpointIds"] == [second[0]["id"]]
    assert it.places(1) == [("<module>", 1, "W1")]
    it.go()
    assert it.stop("breakpoint")["hitBreakpointIds"] == [first[0]["id"]]
    assert it.places(2) == [("f", 4, "W0"), ("<module>", 2, "W1")]
    assert [b["verified"] for b in it.cell(0, FUNCTION, [])] == []
    it.go()
    assert cell.wait().stream("stdout") == "3\n"


@every_kernel
def test_conditions_and_log_points(it):
    it.attach()
    it.cell(0, "for i in range(6):\n    x = i\n    y = x\nprint(y)",
            [{"line": 2, "condition": "i == 3"}, {"line": 3, "logMessage": "x is {x}"}])
    cell = it.kernel.start("for i in range(6):\n    x = i\n    y = x\nprint(y)")
    it.stop()
    assert it.evaluate("i", "watch", it.frames()[0]) == "3"
    it.go()
    cell.wait()
    said = it.dap.output("x is 5")
    assert re.findall(r"x is (\d)", said) == list("012345")
    it.cell(0, "for i in range(6):\n    x = i\n    y = x\nprint(y)", [{"line": 2, "hitCondition": "3"}])
    cell = it.kernel.start("for i in range(6):\n    x = i\n    y = x\nprint(y)")
    it.stop()
    assert it.evaluate("i", "watch", it.frames()[0]) == "2"
    it.cell(0, "for i in range(6):\n    x = i\n    y = x\nprint(y)", [])
    it.go()
    cell.wait()


@every_kernel
def test_steps(it):
    it.attach()
    it.cell(0, FUNCTION)
    it.cell(1, CALL, [2])
    it.kernel.run(FUNCTION)
    cell = it.kernel.start(CALL)
    it.stop("breakpoint")
    it.go("stepIn")
    it.stop("step")
    assert it.places(1) == [("f", 2, "W0")]
    it.go("next")
    it.stop("step")
    assert it.places(1) == [("f", 3, "W0")]
    it.go("stepOut")
    it.stop("step")
    assert it.places(1)[0][::2] == ("<module>", "W1")
    it.cell(1, CALL, [])
    it.go()
    assert cell.wait().stream("stdout") == "3\n"


def named(variables):
    return {v["name"]: v for v in variables}


@every_kernel
def test_variables(it):
    code = "def g():\n    many = list(range(250))\n    deep = {'k': [1, (2, 3)]}\n    n = 7\n    return n\ng()"
    it.attach()
    it.cell(0, code, [5])
    cell = it.kernel.start(code)
    it.stop()
    scope = it.locals(it.frames()[0])
    shown = named(it.variables(scope))
    assert {"many", "deep", "n"} <= set(shown)
    assert shown["n"]["value"] == "7" and shown["n"]["type"] == "int"
    page = it.variables(shown["many"]["variablesReference"], start=100, count=5, filter="indexed")
    assert [v["value"] for v in page] == ["100", "101", "102", "103", "104"]
    inner = named(it.variables(shown["deep"]["variablesReference"]))["'k'"]
    assert inner["value"] == "[1, (2, 3)]"
    assert named(it.variables(inner["variablesReference"]))["0"]["value"] == "1"
    assert it.dap.request("setVariable", {"variablesReference": scope, "name": "n", "value": "n + 35"}
                          )["value"] == "42"
    assert it.dap.request("setVariable", {"variablesReference": inner["variablesReference"],
                                          "name": "0", "value": "'new'"})["value"] == "'new'"
    assert it.evaluate("deep['k'][0]", "watch", it.frames()[0]) == "'new'"
    assert "variablesReference" in it.dap.error("variables", {"variablesReference": 4711})["message"]
    it.go()
    assert cell.wait().result == "42"


@every_kernel
def test_evaluate(it):
    it.attach()
    it.kernel.run("top = 5")
    for context in ("watch", "repl", "variables"):
        assert it.evaluate("top + 1", context) == "6"
    assert "nosuch" in it.dap.error("evaluate", {"expression": "nosuch", "context": "watch"})["message"]
    code = "def g(x):\n    return x\ng('text')"
    it.cell(0, code, [2])
    cell = it.kernel.start(code)
    it.stop()
    frame = it.frames()[0]
    for context in ("watch", "hover", "repl", "variables", "clipboard"):
        assert it.evaluate("x", context, frame) == "'text'"
    assert it.evaluate("top", "repl") == "5"  # no frame: the globals
    it.evaluate("x = 'other'", "repl", frame)
    assert "ZeroDivision" in it.dap.error("evaluate", {"expression": "1/0", "frameId": frame["id"],
                                                       "context": "watch"})["message"]
    it.go()
    assert cell.wait().result == "'other'"


@every_kernel
def test_an_exception_stops(it):
    code = "def g(x):\n    return 1 / x\ng(0)"
    it.attach(filters=["uncaught"])
    it.cell(0, code)
    cell = it.kernel.start(code)
    it.stop("exception")
    assert it.places(2) == [("g", 2, "W0"), ("<module>", 3, "W0")]
    info = it.dap.request("exceptionInfo", {"threadId": 1})
    assert "ZeroDivisionError" in info["exceptionId"]
    it.dap.request("setExceptionBreakpoints", {"filters": []})
    it.go()
    assert cell.wait().status == "error"
    it.cell(0, code, [2])
    cell = it.kernel.start(code)
    it.stop("breakpoint")
    it.dap.error("exceptionInfo", {"threadId": 1})
    it.go()
    assert "".join(cell.wait().stream("stderr").split("\n")[:1]) == ""


@every_kernel
def test_pause(it):
    code = "go = True\nprint('in')\nwhile go:\n    pass"
    it.attach()
    it.cell(0, code)
    cell = it.kernel.start(code).until_printed("in")
    it.dap.request("pause", {"threadId": 1})
    it.stop()
    assert it.places(1)[0][::2] == ("<module>", "W0")
    assert [t["name"] for t in it.dap.request("threads")["threads"]] == ["MainThread"]
    it.evaluate("go = False", "repl", it.frames()[0])
    it.go()
    assert cell.wait().status == "ok"


@every_kernel
def test_console_input(it):
    it.attach(events=["cellState"])
    it.cell(0, "answer = input('name? ')\nprint('<' + answer + '>')")
    it.dap.request("celldap/runCell", {"index": 0})
    it.dap.output("name? ")
    assert it.evaluate("Ada", "repl") == ""
    it.dap.output("<Ada>")
    it.dap.event("celldap/cellState", lambda b: b["state"] == "ok")
    assert it.evaluate("answer", "watch") == "'Ada'"


@every_kernel
def test_disconnect_lets_a_stop_run_on(it):
    it.attach()
    it.cell(0, "n = 1\nprint(n)", [2])
    cell = it.kernel.start("n = 1\nprint(n)")
    it.stop()
    assert it.dap.disconnect() == 0
    assert cell.wait().stream("stdout") == "1\n"


@on("celldap", "ipykernel")  # xeus-python cannot be interrupted: next test
def test_terminate_ends_what_runs(it):
    it.attach()
    cell = it.kernel.start("print('in')\nwhile True:\n    pass").until_printed("in")
    it.dap.request("terminate")
    it.dap.event("terminated")
    assert cell.wait().reply["content"]["ename"] == "KeyboardInterrupt"
    assert it.dap.disconnect() == 0
    assert it.kernel.run("6 * 7").result == "42"


@on("ipykernel", "xeus")
def test_what_would_wedge_it_is_not_sent(it):
    it.attach()
    code = "n = 1\nprint(n)"
    it.cell(0, code, [2])
    cell = it.kernel.start(code)
    it.stop()
    frame = it.frames()[0]["id"]
    for command, arguments in (("restartFrame", {"frameId": frame}),
                               ("breakpointLocations", {"source": {"path": "x.py"}, "line": 1}),
                               ("dataBreakpointInfo", {"name": "n"}),
                               ("setDataBreakpoints", {"breakpoints": []}),
                               ("readMemory", {"memoryReference": "m", "count": 1}),
                               ("locations", {"locationReference": 1}), ("celldap/postMortem", {})):
        assert not it.dap.call(command, arguments)["success"], command
    it.dap.request("loadedSources")
    it.dap.request("cancel", {"requestId": 1})
    it.dap.request("celldap/interrupt")
    it.dap.output("does not survive an interrupt")
    it.go()
    it.go()  # nothing is stopped any more, or will be soon
    cell.wait()
    it.go()
    assert it.dap.request("modules", {"startModule": 2, "moduleCount": 3})["modules"]
    assert it.evaluate("n", "watch") == "1"


@every_kernel
def test_a_thread_of_the_users_own_is_listed(it):
    code = ("import threading\nready, end = threading.Event(), threading.Event()\n"
            "def work():\n    ready.set(); end.wait()\n"
            "t = threading.Thread(target=work, name='worker')\nt.start(); ready.wait()\n"
            "n = 1\nend.set(); t.join()")
    it.attach()
    it.cell(0, code, [7])
    cell = it.kernel.start(code)
    it.stop()
    assert sorted(t["name"] for t in it.dap.request("threads")["threads"]) == ["MainThread", "worker"]
    it.go()
    cell.wait()


@every_kernel
def test_blank_lines_at_the_beginning(it):
    """A cell that ran before the debugger was started, and one that runs after."""
    code = "\n\ndef h(x):\n    y = x\n    return y"
    it.kernel.run(code)
    it.attach(events=["cellState"])
    it.cell(0, code, [5])
    it.cell(1, "h(8)")
    cell = it.kernel.start("h(8)")
    it.stop()
    assert it.places(2) == [("h", 5, "W0"), ("<module>", 1, "W1")]
    it.go()
    cell.wait()
    it.dap.request("celldap/runCell", {"index": 0})
    it.dap.event("celldap/cellState", lambda b: b["cell"]["index"] == 0 and b["state"] == "ok")
    cell = it.kernel.start("h(9)")
    it.stop()
    assert it.frames()[0]["line"] == 5
    it.go()
    cell.wait()
