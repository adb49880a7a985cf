# SPDX-License-Identifier: BSD-3-Clause
"""Subshells (JEP 91): a thread each that executes beside main, also while main is busy or stopped."""

import pytest
from conftest import Cell, Kernel
from debugger import Debugger


class Subshell:
    def __init__(self, kernel):
        self.kernel = kernel
        reply = kernel.ask("control", "create_subshell_request")
        assert reply["status"] == "ok"
        self.id = reply["subshell_id"]

    def send(self, msg_type, content, buffers=None):
        msg = self.kernel.client.session.msg(msg_type, content)
        msg["header"]["subshell_id"] = self.id
        self.kernel.client.session.send(
            self.kernel.client.shell_channel.socket, msg, buffers=buffers
        )
        return msg["header"]["msg_id"]

    def start(self, code, **options):
        content = {"code": code, "silent": False, "stop_on_error": True, "allow_stdin": True}
        return Cell(self.kernel, self.send("execute_request", content | options))

    def run(self, code, **options):
        return self.start(code, **options).wait()

    def delete(self):
        return self.kernel.ask("control", "delete_subshell_request", {"subshell_id": self.id})


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    kernel = Kernel(tmp_path_factory.mktemp("subshells"))
    kernel.run("import threading")
    yield kernel
    kernel.close()


@pytest.fixture
def subshell(one):
    assert one.run("go = threading.Event()").status == "ok"
    subshell = Subshell(one)
    yield subshell
    subshell.delete()


def listed(kernel):
    reply = kernel.ask("control", "list_subshell_request")
    assert reply["status"] == "ok"
    return reply["subshell_id"]


def both(*cells):
    """Waits for cells that end at the same time: their messages come mixed."""
    todo = {cell.msg_id: cell for cell in cells}
    kernel = cells[0].kernel
    while todo:
        m = kernel.iopub()
        cell = todo.get(m["parent_header"].get("msg_id"))
        if cell is not None:
            cell.messages.append(m)
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                del todo[cell.msg_id]
    todo = {cell.msg_id: cell for cell in cells}
    while todo:
        m = kernel.client.get_shell_msg(timeout=60)
        cell = todo.pop(m["parent_header"]["msg_id"], None)
        if cell is not None:
            cell.reply = m


def test_they_come_and_go(one):
    first, second = Subshell(one), Subshell(one)
    assert sorted(listed(one)) == sorted([first.id, second.id])
    assert first.delete() == {"status": "ok"}
    assert listed(one) == [second.id]
    assert second.delete() == {"status": "ok"}
    assert listed(one) == []
    assert second.delete()["status"] == "error"
    reply = second.run("1").reply["content"]
    assert reply["status"] == "error" and second.id in reply["evalue"]


def without_history(text):
    """IPython's history saver says so on stdout when two cells that ran at once have one number."""
    return "".join(line for line in text.splitlines(keepends=True)
                   if not line.startswith("ERROR! Session/line number was not unique"))


def test_cells_of_main_and_subshells_run_at_the_same_time(one, subshell):
    other = Subshell(one)
    one.run("meet = threading.Barrier(3, timeout=60)")
    code = "print('{0} is here'); meet.wait(); print('{0} goes'); threading.get_ident()"
    cells = [where.start(code.format(i)) for i, where in enumerate((one, subshell, other))]
    both(*cells)
    for i, cell in enumerate(cells):
        assert without_history(cell.stream("stdout")) == f"{i} is here\n{i} goes\n"
    assert len({cell.result for cell in cells}) == 3
    assert other.delete() == {"status": "ok"}


def test_a_subshell_answers_while_main_is_busy(one, subshell):
    busy = one.start("print('busy'); go.wait()").until_printed("busy")
    assert subshell.run("6 * 7").result == "42"
    msg_id = subshell.send("complete_request", {"code": "threadi", "cursor_pos": 7})
    assert "threading" in one.reply_to("shell", msg_id)["content"]["matches"]
    both(busy, subshell.start("go.set()"))
    assert busy.status == "ok"


def test_input_asks_for_the_cell_that_wants_it(one, subshell):
    cell = subshell.start("print('got', input('sub? '))")
    question = one.client.get_stdin_msg(timeout=60)
    assert question["content"]["prompt"] == "sub? "
    assert question["parent_header"]["msg_id"] == cell.msg_id
    one.client.input("it")
    assert cell.wait().stream("stdout") == "got it\n"


def test_an_error_aborts_the_queue_of_its_own_shell(one, subshell):
    waiting = one.start("print('w'); go.wait()").until_printed("w")
    failed = subshell.start("while not go.is_set(): pass\n1 / 0")
    behind = subshell.start("1")
    mine = one.start("'mine'")
    one.ask("control", "kernel_info_request")
    third = Subshell(one)
    both(waiting, failed, behind, mine, third.start("go.set()"))
    assert failed.status == "error"
    assert behind.status == "aborted"
    assert mine.status == "ok" and waiting.status == "ok"
    third.delete()


def test_comm_messages_go_to_the_subshell_that_they_name(one, subshell):
    one.run(
        "import comm, threading\n"
        "def opened(c, m):\n"
        "    c.send({'thread': threading.get_ident()})\n"
        "    c.on_msg(lambda m: c.send({'thread': threading.get_ident()}, buffers=m['buffers']))\n"
        "comm.get_comm_manager().register_target('where', opened)"
    )
    thread = int(subshell.run("threading.get_ident()").result)
    busy = one.start("print('busy'); go.wait()").until_printed("busy")
    opened = Cell(
        one, subshell.send("comm_open", {"comm_id": "c1", "target_name": "where", "data": {}})
    )
    answer = opened.until(lambda m: m["msg_type"] == "comm_msg")
    assert answer["content"]["data"] == {"thread": thread}
    sent = Cell(one, subshell.send("comm_msg", {"comm_id": "c1", "data": {}}, buffers=[b"abc"]))
    answer = sent.until(lambda m: m["msg_type"] == "comm_msg")
    assert answer["content"]["data"] == {"thread": thread}
    assert [bytes(b) for b in answer["buffers"]] == [b"abc"]
    both(busy, subshell.start("go.set()"))
    assert busy.status == "ok"


def test_an_interrupt_is_mains(one, subshell):
    """As JEP 91 has it: there is one interrupt, and it is for the main shell."""
    here = one.start("print('here'); threading.Event().wait()").until_printed("here")
    there = subshell.start("print('there'); go.wait(); 'not interrupted'").until_printed("there")
    one.ask("control", "interrupt_request")
    assert here.wait().status == "error"
    both(there, one.start("go.set()"))
    assert there.status == "ok"
    assert there.result == "'not interrupted'"


def test_the_magic_tells_where_it_runs(one, subshell):
    told = subshell.run("%subshell").stream("stdout").splitlines()
    assert [line.partition(":")[0] for line in told] == [
        *("subshell id", "thread id", "main thread id", "pid", "thread count", "subshell list")
    ]
    assert told[0] == f"subshell id: {subshell.id}"
    assert told[5] == f"subshell list: {[subshell.id]}"
    assert told[1].split()[-1] != told[2].split()[-1]
    assert one.run("%subshell").stream("stdout").startswith("subshell id: None\n")


def test_top_level_await_runs_on_a_loop_of_its_own(one, subshell):
    one.run("import asyncio\nmain_loop = asyncio.get_running_loop()")
    cell = subshell.run(
        "await asyncio.sleep(0)\n"
        "asyncio.get_running_loop() is not main_loop"
    )
    assert cell.result == "True"


CODE = "def f(a):\n    b = a + 1\n    return b\nf(41)"


def test_a_breakpoint_is_hit_in_a_subshell(one, subshell):
    debugger = Debugger(one)
    path = debugger.body("dumpCell", code=CODE)["sourcePath"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 2}])
    cell = subshell.start(CODE)
    stop = debugger.await_stop(cell)
    assert stop["reason"] == "breakpoint" and stop["threadId"] != 1
    frames = debugger.body("stackTrace", threadId=stop["threadId"])["stackFrames"]
    assert [(f["name"], f["line"]) for f in frames[:2]] == [("f", 2), ("<module>", 4)]
    names = {t["id"]: t["name"] for t in debugger.body("threads")["threads"]}
    assert subshell.id in names[stop["threadId"]]
    value = debugger.body("evaluate", expression="a", frameId=frames[0]["id"])
    assert value["result"] == "41"
    debugger.body("next", threadId=stop["threadId"])
    assert debugger.await_stop(cell)["threadId"] == stop["threadId"]
    debugger.body("continue", threadId=stop["threadId"])
    assert cell.wait().result == "42"
    debugger.body("disconnect")


def test_a_request_that_begins_during_a_stop_runs(one, subshell):
    one.run("comm.get_comm_manager().register_target('alive', lambda c, m: c.send({'alive': 1}))")
    debugger = Debugger(one)
    cell = debugger.run_to(CODE.replace("41", "42"), 2)
    assert subshell.run("'old one'").result == "'old one'"
    born = Subshell(one)  # during the stop
    assert born.run("'new one'").result == "'new one'"
    opened = Cell(
        one, born.send("comm_open", {"comm_id": "c2", "target_name": "alive", "data": {}})
    )
    answer = opened.until(lambda m: m["msg_type"] == "comm_msg")
    assert answer["content"]["data"] == {"alive": 1}
    assert debugger.frames()[0]["line"] == 2
    assert debugger.go_on(cell).result == "43"
    debugger.body("disconnect")
    born.delete()


def test_one_that_is_busy_is_deleted_at_once(one):
    doomed = Subshell(one)
    one.run("go = threading.Event()")
    cell = doomed.start("print('runs'); go.wait(); 'to its end'").until_printed("runs")
    assert doomed.delete() == {"status": "ok"}
    assert doomed.id not in listed(one)
    assert doomed.run("1").reply["content"]["status"] == "error"
    both(cell, one.start("go.set()"))
    assert cell.result == "'to its end'"


def test_the_kernel_ends_although_a_subshell_is_busy(make_kernel):
    kernel = make_kernel()
    Subshell(kernel).start("print('runs')\nwhile True: pass").until_printed("runs")
    kernel.ask("control", "shutdown_request", {"restart": False})
    assert kernel.ended() == 0
