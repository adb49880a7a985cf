# SPDX-License-Identifier: BSD-3-Clause
"""Another front end runs the cells that this editor debugs: their frames, outputs and states are the
cell's here too, on every kernel; and two editors on one kernel see the same."""

from kernels import Session, every_kernel, kernels, on  # noqa: F401 (a fixture)

EVENTS = ("cellState", "cellOutput")


def states_of(it, count):
    """The next states of cells: (index, state)."""
    found = []
    while len(found) < count:
        body = it.dap.event("celldap/cellState")
        found.append((body["cell"]["index"], body["state"]))
    return found


@every_kernel
def test_outputs_and_states_of_cells_that_another_front_end_runs(it):
    it.attach(events=EVENTS)
    it.cell(0, "x = 6\nprint('from', x)")
    it.cell(1, "x * 7")
    it.cell(2, "1 / 0")
    for code in ("x = 6\nprint('from', x)", "x * 7", "1 / 0", "print('no cell')"):
        it.kernel.run(code)
    assert states_of(it, 6) == [(0, "running"), (0, "ok"), (1, "running"), (1, "ok"),
                                (2, "running"), (2, "error")]
    it.dap.output("no cell\n")  # code that is no cell's is an output of no cell
    outputs = it.dap.take("celldap/cellOutput")
    said = "".join(o["content"]["text"] for o in outputs if o["cell"]["index"] == 0)
    assert said == "from 6\n"
    kinds = [(o["cell"]["index"], o["msgType"]) for o in outputs if o["cell"]["index"] > 0]
    assert kinds == [(1, "execute_result"), (2, "error")]
    assert outputs[-1]["cell"]["uri"].endswith("W2")


@every_kernel
def test_a_stale_cell_is_shown_as_it_was_executed(it):
    """The other front end runs what was saved; the editor has it otherwise by now."""
    was, now = "a = 1\nb = 2\nc = a / 0", "# changed\na = 1\nb = 2\nc = a / 0"
    it.attach(filters=["uncaught"], events=["cellState"])
    it.cell(0, was, id="cell-a")
    it.kernel.run("None")
    it.kernel.start(was)
    assert states_of(it, 1) == [(0, "running")]
    it.stop("exception")
    assert it.places(1) == [("<module>", 3, "W0")]
    it.cell(0, now, id="cell-a")
    frame = it.frames()[0]
    reference = frame["source"]["sourceReference"]
    assert frame["line"] == 3 and "path" not in frame["source"]
    assert it.dap.request("source", {"sourceReference": reference})["content"] == was
    it.go()
    assert states_of(it, 1) == [(0, "error")]


@on("celldap")
def test_a_cell_of_a_known_id_is_that_cell_whatever_its_text(it):
    """JupyterLab sends the id; a text that the editor has never seen is that cell's, executed."""
    it.attach(events=["cellState"])
    it.cell(0, "n = 0\nprint(n)", [2], id="cell-a")
    it.cell(1, "n = 0\nprint(n)", id="cell-b")
    content = {"code": "# edited there\nn = 0\nprint(n)", "silent": False, "store_history": True,
               "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
    send = it.kernel.send
    send("shell", "execute_request", content, {"cellId": "cell-a"})
    it.stop("breakpoint")
    frame = it.frames()[0]
    assert it.dap.request("source", {"sourceReference": frame["source"]["sourceReference"]}
                          )["content"].startswith("# edited there")
    it.go()
    assert states_of(it, 2) == [(0, "running"), (0, "ok")]
    # the same text in another cell: its breakpoint is not cell-a's
    send("shell", "execute_request", {**content, "code": "n = 0\nprint(n)"}, {"cellId": "cell-b"})
    assert states_of(it, 2) == [(1, "running"), (1, "ok")]
    assert not it.dap.take("stopped")


@every_kernel
def test_a_breakpoint_is_verified_when_its_cell_is_known(it):
    it.attach()
    uri = "vscode-notebook-cell:/nb.ipynb#W9"
    body = it.dap.request("setBreakpoints", {"source": {"path": uri}, "breakpoints": [{"line": 2}]})
    waiting = body["breakpoints"][0]
    assert not waiting["verified"] and waiting["message"] and waiting["reason"] == "pending"
    it.dap.request("celldap/cell", {"uri": uri, "notebook": "/nb.ipynb", "index": 9,
                                    "code": "p = 1\nq = 2"})
    changed = it.dap.event("breakpoint", lambda b: b["breakpoint"]["verified"])["breakpoint"]
    assert changed["id"] == waiting["id"]
    cell = it.kernel.start("p = 1\nq = 2")
    assert it.stop("breakpoint")["hitBreakpointIds"] == [waiting["id"]]
    it.go()
    cell.wait()


@every_kernel
def test_two_editors_see_every_stop_and_output(it):
    it.attach()
    code = "u = 1\nprint('one')\nv = 2\nprint('two')"
    it.cell(0, code, [3])
    other = Session(it.kind, it.kernel)
    try:
        other.attach()
        other.cell(5, code)
        cell = it.kernel.start(code)
        for editor in (it, other):
            editor.stop()
            editor.dap.output("one\n")
        assert it.places(1) == [("<module>", 3, "W0")]
        assert other.places(1) == [("<module>", 3, "W5")]
        other.go()
        it.dap.event("continued")
        cell.wait()
        for editor in (it, other):
            editor.dap.output("two\n")
        assert other.dap.disconnect() == 0
        cell = it.kernel.start(code)
        it.stop("breakpoint")
        it.go()
        cell.wait()
    finally:
        other.close()


@on("ipykernel")
def test_a_debugger_that_another_client_ends_is_started_again(it):
    it.attach()
    code = "w = 1\nw = 2"
    it.cell(0, code, [2])
    it.dap.take("process")
    other = {"type": "request", "seq": 1, "command": "disconnect", "arguments": {}}
    assert it.kernel.ask("control", "debug_request", other)["success"]
    it.dap.output("is started again")
    it.dap.event("process")
    cell = it.kernel.start(code)
    it.stop("breakpoint")
    it.go()
    cell.wait()
