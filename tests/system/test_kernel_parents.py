# SPDX-License-Identifier: BSD-3-Clause
"""Which cell output belongs to that is printed on another thread than the cell's (ADR 0007)."""

import pytest

SETUP = """
import asyncio, concurrent.futures, threading
go, done = threading.Event(), threading.Event()

def work():
    go.wait()
    print('worked')
    done.set()
"""
# How a cell has it done; each ends when it runs somewhere else.
STARTS = {
    "a thread": "threading.Thread(target=work).start()",
    "a thread's child": (
        "threading.Thread(target=lambda: threading.Thread(target=work).start()).start()"
    ),
    "a timer": "threading.Timer(0, work).start()",
    "a pool's worker": "pool = concurrent.futures.ThreadPoolExecutor(1); job = pool.submit(work)",
    "asyncio.to_thread": (
        "task = asyncio.get_running_loop().create_task(asyncio.to_thread(work)); "
        "await asyncio.sleep(0)"
    ),
}


def streams(kernel, until):
    """(msg_id of the cell, text) of the streams, up to this text, which may come in pieces."""
    got = []
    while not got or until not in got[-1][1]:
        m = kernel.iopub()
        if m["msg_type"] == "stream":
            cell, text = m["parent_header"]["msg_id"], m["content"]["text"]
            before = got.pop()[1] if got and got[-1][0] == cell else ""
            got.append((cell, before + text))
    return got


@pytest.mark.parametrize("how", STARTS)
def test_what_a_cell_started_prints_there_when_no_cell_runs(parents, how):
    parents.run(SETUP)
    first = parents.run(STARTS[how])
    assert parents.run("'another cell'").status == "ok"
    # Nothing runs when it prints: a message of a front end sets it off.
    parents.run("import comm; comm.get_comm_manager().register_target('go', lambda *a: go.set())")
    parents.send("shell", "comm_open", {"comm_id": "1", "target_name": "go", "data": {}})
    assert streams(parents, "worked\n") == [(first.msg_id, "worked\n")]


@pytest.fixture(scope="module")
def parents(tmp_path_factory):
    from conftest import Kernel

    kernel = Kernel(tmp_path_factory.mktemp("parents"))
    yield kernel
    kernel.close()


def test_while_a_cell_runs_a_plain_threads_output_is_its(parents):
    """As ipykernel has it; its test_print_to_correct_cell_from_thread asks for it."""
    parents.run(SETUP)
    parents.run("threading.Thread(target=work).start()")
    second = parents.run("go.set(); done.wait()")
    assert second.stream("stdout") == "worked\n"


def test_a_task_keeps_its_cell_while_others_run(parents):
    parents.run(SETUP)
    first = parents.run(STARTS["asyncio.to_thread"])
    cell = parents.start("go.set(); done.wait()")
    assert streams(parents, "worked\n") == [(first.msg_id, "worked\n")]
    assert cell.wait().stream("stdout") == ""


def test_a_thread_says_itself_what_it_belongs_to(parents):
    parents.run(SETUP)
    first = parents.run(
        "parent = get_ipython().get_parent()\n"
        "def target():\n"
        "    get_ipython().set_thread_parent(parent)\n"
        "    work()\n"
        "threading.Thread(target=target).start()"
    )
    cell = parents.start("go.set(); done.wait()")
    assert streams(parents, "worked\n") == [(first.msg_id, "worked\n")]
    assert cell.wait().stream("stdout") == ""


def test_a_subshells_thread_is_not_mains(parents):
    parents.run(SETUP)
    shell = parents.ask("control", "create_subshell_request")["subshell_id"]
    msg = parents.client.session.msg(
        "execute_request", {"code": "t = threading.Thread(target=work); t.start(); t.join()"}
    )
    msg["header"]["subshell_id"] = shell
    parents.client.shell_channel.send(msg)
    cell = parents.start("go.set(); done.wait()")
    assert streams(parents, "worked\n") == [(msg["header"]["msg_id"], "worked\n")]
    assert cell.wait().stream("stdout") == ""
    assert parents.ask("control", "delete_subshell_request", {"subshell_id": shell})


def test_threads_end_with_what_they_hold(parents):
    """The mark on a thread is no reference to it, and its stack holds nothing of celldap's."""
    code = (
        "import gc, traceback, weakref\n"
        "seen = []\n"
        "t = threading.Thread(target=lambda: seen.extend(traceback.extract_stack()))\n"
        "t.start(); t.join()\n"
        "w = weakref.ref(t); del t; gc.collect()\n"
        "print(w() is None, any('/python/celldap/' in f.filename for f in seen))"
    )
    assert parents.run(SETUP + code).stream("stdout") == "True False\n"
