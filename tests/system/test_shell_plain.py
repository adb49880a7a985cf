# SPDX-License-Identifier: BSD-3-Clause
"""Cells in an environment without IPython."""

import pytest
from shell_kernel import Kernel, bare_environment


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    k = Kernel(folder, python=bare_environment(folder / "venv"))
    yield k
    k.close()


def test_the_environment_is_the_users(kernel, tmp_path_factory):
    assert "/venv/bin/python" in kernel.value("__import__('sys').executable")
    assert kernel.value("__import__('importlib.util').util.find_spec('IPython') is None") == "True"


def test_the_last_expression_is_the_result(kernel):
    outcome = kernel.run("x = 6\nprint('out')\nx * 7")
    assert outcome.result == "42"
    assert outcome.text() == "out\n"
    assert outcome.reply["execution_count"] == outcome.of("execute_input")[0]["execution_count"]


def test_only_the_last_expression_is_shown(kernel):
    assert kernel.run("1\n2\n3").result == "3"
    assert kernel.run("y = 1").of("execute_result") == []
    assert kernel.run("None").of("execute_result") == []


def test_an_error_names_its_cell_and_line(kernel):
    first = kernel.run("def fail():\n    return 1 / 0").reply["execution_count"]
    outcome = kernel.run("\n\nx = 1\nfail()")
    assert outcome.error["ename"] == "ZeroDivisionError"
    text = "\n".join(outcome.error["traceback"])
    assert text.startswith("Traceback (most recent call last):\n")
    assert f'File "Cell In[{first + 1}]", line 4, in <module>\n    fail()' in text
    assert f'File "Cell In[{first}]", line 2, in fail' in text
    assert "celldap" not in text


def test_errors_in_a_chain_are_named_by_cell(kernel):
    outcome = kernel.run(
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e"
    )
    text = "\n".join(outcome.error["traceback"])
    count = outcome.reply["execution_count"]
    assert f'"Cell In[{count}]", line 2' in text
    assert f'"Cell In[{count}]", line 4' in text


def test_a_syntax_error_shows_its_line_alone(kernel):
    outcome = kernel.run("x = 1\ny = ")
    count = outcome.reply["execution_count"]
    assert outcome.error["ename"] == "SyntaxError"
    assert outcome.error["traceback"][0] == f'  File "Cell In[{count}]", line 2'


@pytest.mark.parametrize("code", ["%timeit 1", "!ls", "x = 1\n%%bash", "print?"])
def test_a_magic_says_that_ipython_is_missing(kernel, code):
    outcome = kernel.run(code)
    assert outcome.error["ename"] == "UsageError"
    assert "IPython is not installed" in outcome.error["evalue"]


def test_top_level_await_and_tasks(kernel):
    outcome = kernel.run(
        "import asyncio\n"
        "async def later():\n"
        "    await asyncio.sleep(0)\n"
        "    print('task is done')\n"
        "task = asyncio.create_task(later())\n"
        "await asyncio.sleep(0, 'slept')"
    )
    assert outcome.result == "'slept'"
    kernel.run("task = asyncio.create_task(later())")
    kernel.wait_for_text("task is done")


def test_future_statements_stay_on(kernel):
    kernel.run("from __future__ import annotations")
    assert kernel.run("def f(a: not_defined): pass").reply["status"] == "ok"


def test_interrupt_names_the_line(kernel):
    msg_id = kernel.client.execute("print('started')\n\nwhile True: pass")
    kernel.wait_for_text("started")
    kernel.manager.interrupt_kernel()
    outcome = kernel.finish(msg_id)
    assert outcome.error["ename"] == "KeyboardInterrupt"
    assert "line 3, in <module>" in "\n".join(outcome.error["traceback"])
    assert kernel.value("1 + 1") == "2"


def test_user_expressions(kernel):
    outcome = kernel.run("z = 3", user_expressions={"good": "z + 1", "bad": "nothing_there"})
    assert outcome.reply["user_expressions"]["good"]["data"] == {"text/plain": "4"}
    assert outcome.reply["user_expressions"]["bad"]["ename"] == "NameError"


def test_input(kernel):
    msg_id = kernel.client.execute("input('name: ')")
    assert kernel.client.get_stdin_msg(timeout=60)["content"]["prompt"] == "name: "
    kernel.client.input("me")
    assert kernel.finish(msg_id).result == "'me'"
    assert kernel.run("input()", allow_stdin=False).error["ename"] == "StdinNotImplementedError"


def test_questions(kernel):
    kernel.run("a_long_name = [1]\ndef described(a, b=2):\n    'What it does.'")
    reply = kernel.ask("complete", "x = a_long_n", 12)
    assert reply["matches"] == ["a_long_name"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (4, 12)
    assert "append" in kernel.ask("complete", "a_long_name.app", 15)["matches"]
    text = kernel.ask("inspect", "described(", 10)["data"]["text/plain"]
    assert "described(a, b=2)" in text and "What it does." in text
    assert kernel.ask("inspect", "not_there", 3)["found"] is False
    assert kernel.ask("is_complete", "for i in x:") == {"status": "incomplete", "indent": "    "}
    assert kernel.ask("is_complete", "await f()")["status"] == "complete"
    assert kernel.ask("is_complete", "x ===")["status"] == "invalid"
    kernel.run("marked = 1")
    rows = kernel.ask("history", hist_access_type="tail", n=1)["history"]
    assert rows[0][2] == "marked = 1"


def test_a_comm_without_the_comm_package_is_closed(kernel):
    msg_id = kernel.send("comm_open", {"comm_id": "c1", "target_name": "t", "data": {}})
    messages = kernel._iopub_until_idle(msg_id)
    closed = [m["content"]["comm_id"] for m in messages if m["msg_type"] == "comm_close"]
    assert closed == ["c1"]
    assert kernel.ask("comm_info") == {"status": "ok", "comms": {}}


def test_the_plain_option_leaves_ipython_out(tmp_path):
    k = Kernel(tmp_path, plain=True)
    try:
        assert k.value("'IPython' in __import__('sys').modules") == "False"
    finally:
        k.close()
