# SPDX-License-Identifier: BSD-3-Clause
"""Cells that IPython's shell runs: results, displays, errors, magics, await, history."""

import re

import pytest
from shell_kernel import Kernel

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    pytest.importorskip("IPython")
    k = Kernel(tmp_path_factory.mktemp("ipython"))
    yield k
    k.close()


def plain_text(lines):
    return ANSI.sub("", "\n".join(lines))


def test_the_last_expression_is_the_result(kernel):
    outcome = kernel.run("x = 6\nprint('out')\nx * 7")
    assert outcome.result == "42"
    assert outcome.text() == "out\n"
    (result,) = outcome.of("execute_result")
    assert result["execution_count"] == outcome.reply["execution_count"]
    assert outcome.of("execute_input")[0]["execution_count"] == outcome.reply["execution_count"]


def test_streams_keep_their_order_and_kind(kernel):
    outcome = kernel.run("import sys\nprint('a'); print('b', file=sys.stderr); print('c')")
    got = [(c["name"], c["text"]) for c in outcome.of("stream")]
    assert got == [("stdout", "a\n"), ("stderr", "b\n"), ("stdout", "c\n")]


def test_streams_look_like_text_files(kernel):
    code = (
        "import io, sys\n"
        "s = sys.stdout\n"
        "s.buffer.write('é\\n'.encode()[:1]); s.buffer.write('é\\n'.encode()[1:])\n"
        "s.writelines(['1', '2'])\n"
        "(isinstance(s, io.TextIOBase), s.encoding, s.isatty(), s.writable(), s.readable(),"
        " s.closed, s.fileno() >= 0, s.write('xyz'))"
    )
    outcome = kernel.run(code)
    assert outcome.result == "(True, 'utf-8', False, True, False, False, True, 3)"
    assert outcome.text() == "é\n12xyz"


def test_odd_text_and_numbers_reach_the_client(kernel):
    outcome = kernel.run(
        "print(chr(0xd800)); "
        "display({'application/json': {'v': float('nan')}, 'text/plain': 'x'}, raw=True)"
    )
    assert outcome.reply["status"] == "ok"
    assert outcome.text() == "\\ud800\n"
    assert outcome.of("display_data")[0]["data"]["application/json"] == {"v": "nan"}


def test_a_display_is_updated_by_its_id(kernel):
    outcome = kernel.run(
        "from IPython.display import HTML, clear_output, display\n"
        "h = display(HTML('<b>1</b>'), display_id='d1')\n"
        "h.update(HTML('<b>2</b>'))\n"
        "clear_output(wait=True)"
    )
    (shown,) = outcome.of("display_data")
    (updated,) = outcome.of("update_display_data")
    assert shown["data"]["text/html"] == "<b>1</b>"
    assert updated["data"]["text/html"] == "<b>2</b>"
    assert shown["transient"] == updated["transient"] == {"display_id": "d1"}
    assert outcome.of("clear_output") == [{"wait": True}]


def test_images_travel_as_base64(kernel):
    outcome = kernel.run("display({'image/png': b'\\x89PNG'}, raw=True)")
    assert outcome.of("display_data")[0]["data"] == {"image/png": "iVBORw=="}


def test_an_error_names_its_cell_and_line(kernel):
    kernel.run("def fail():\n    return 1 / 0")
    count = kernel.value("len(In) - 1")
    outcome = kernel.run("\n\nx = 1\nfail()")
    assert outcome.error["ename"] == "ZeroDivisionError"
    text = plain_text(outcome.error["traceback"])
    assert f"Cell In[{int(count) + 1}], line 4" in text
    assert f"Cell In[{int(count) - 1}], line 2, in fail()" in text
    assert "celldap/" not in text


def test_empty_lines_at_the_start_keep_line_numbers(kernel):
    outcome = kernel.run("\n\n\nimport sys\nsys._getframe().f_lineno")
    assert outcome.result == "5"


def test_a_cell_is_compiled_under_its_hash_file(kernel):
    code = "import sys; sys._getframe().f_code.co_filename"
    first = kernel.value(code)
    assert re.fullmatch(r"'/.*/\d+\.py'", first)
    assert kernel.value(code) == first
    assert kernel.value(code + " ") != first


def test_a_syntax_error_is_an_error(kernel):
    outcome = kernel.run("x = 1\ny = ")
    assert outcome.error["ename"] == "SyntaxError"
    assert "line 2" in plain_text(outcome.error["traceback"])


def test_a_repr_that_fails_is_the_cells_error(kernel):
    outcome = kernel.run("class Bad:\n    def __repr__(self):\n        1 / 0\nBad()")
    assert outcome.error["ename"] == "ZeroDivisionError"
    assert outcome.of("execute_result") == []


def test_line_magics_and_commands(kernel):
    outcome = kernel.run("%time y = 5\n!echo from-the-shell\nr = !echo caught\nr[0]")
    assert outcome.result == "'caught'"
    assert "Wall time" in outcome.text()
    assert "from-the-shell" in outcome.text()


def test_bash_cells(kernel):
    assert kernel.run("%%bash\necho one\necho two").text() == "one\ntwo\n"


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "\n%%capture"])
def test_lines_inside_cell_magics(kernel, magic):
    body = (
        "import sys\n\n\nline = sys._getframe().f_lineno\nname = sys._getframe().f_code.co_filename"
    )
    cell = f"{magic}\n{body}"
    outcome = kernel.run(cell)
    assert outcome.reply["status"] == "ok", outcome.reply
    assert kernel.value("line") == str(5 + magic.count("\n"))
    assert kernel.value(f"__import__('_celldap').cell_path({cell!r}) == name") == "True"


def test_top_level_await(kernel):
    outcome = kernel.run("import asyncio\nawait asyncio.sleep(0, 'slept')")
    assert outcome.result == "'slept'"


def test_an_await_that_fails_names_its_line(kernel):
    outcome = kernel.run("import asyncio\nasync def bad():\n    raise KeyError('k')\nawait bad()")
    assert outcome.error["ename"] == "KeyError"
    assert "line 4" in plain_text(outcome.error["traceback"])


def test_tasks_of_a_plain_cell_run_while_the_kernel_is_idle(kernel):
    kernel.run(
        "import asyncio\n"
        "async def later():\n"
        "    await asyncio.sleep(0)\n"
        "    print('task is done')\n"
        "task = asyncio.create_task(later())"
    )
    kernel.wait_for_text("task is done")
    assert kernel.value("task.done()") == "True"


def test_a_bare_timer_fires_while_idle(kernel):
    kernel.run("asyncio.get_running_loop().call_later(0.01, print, 'timer fired')")
    kernel.wait_for_text("timer fired")


def test_interrupt_ends_a_loop(kernel):
    msg_id = kernel.client.execute("print('started')\nwhile True: pass")
    kernel.wait_for_text("started")
    kernel.manager.interrupt_kernel()
    outcome = kernel.finish(msg_id)
    assert outcome.reply["ename"] == "KeyboardInterrupt"
    assert kernel.value("1 + 1") == "2"


def test_interrupt_cancels_an_await(kernel):
    msg_id = kernel.client.execute(
        "import asyncio\n"
        "print('started')\n"
        "try:\n"
        "    await asyncio.sleep(600)\n"
        "finally:\n"
        "    cleaned = True"
    )
    kernel.wait_for_text("started")
    kernel.manager.interrupt_kernel()
    assert kernel.finish(msg_id).reply["ename"] == "KeyboardInterrupt"
    assert kernel.value("cleaned") == "True"


def test_input_and_getpass(kernel):
    msg_id = kernel.client.execute("import getpass\ninput('name: ') + getpass.getpass('pw: ')")
    asked = []
    for answer in ("me", "secret"):
        asked.append(kernel.client.get_stdin_msg(timeout=60)["content"])
        kernel.client.input(answer)
    assert kernel.finish(msg_id).result == "'mesecret'"
    assert asked == [
        {"prompt": "name: ", "password": False},
        {"prompt": "pw: ", "password": True},
    ]


def test_input_of_a_client_without_stdin_fails(kernel):
    outcome = kernel.run("input('x')", allow_stdin=False)
    assert outcome.error["ename"] == "StdinNotImplementedError"


def test_interrupt_ends_input(kernel):
    msg_id = kernel.client.execute("input('never answered')")
    kernel.client.get_stdin_msg(timeout=60)
    kernel.manager.interrupt_kernel()
    assert kernel.finish(msg_id).reply["ename"] == "KeyboardInterrupt"


def test_user_expressions(kernel):
    outcome = kernel.run("z = 3", user_expressions={"good": "z + 1", "bad": "nothing_there"})
    expressions = outcome.reply["user_expressions"]
    assert expressions["good"]["data"]["text/plain"] == "4"
    assert expressions["bad"]["ename"] == "NameError"


def test_silent_cells_leave_no_trace(kernel):
    count = kernel.value("get_ipython().execution_count")
    outcome = kernel.run("hidden = 1\nhidden", silent=True, store_history=False)
    assert outcome.messages == []
    assert kernel.value("get_ipython().execution_count") == str(int(count) + 1)
    assert kernel.value("hidden") == "1"


def test_payloads(kernel):
    outcome = kernel.run("get_ipython().set_next_input('next')\nprint?")
    sources = {p["source"]: p for p in outcome.reply["payload"]}
    assert sources["set_next_input"]["text"] == "next"
    assert "Docstring" in sources["page"]["data"]["text/plain"]
    assert kernel.run("1").reply["payload"] == []


def test_history(kernel):
    kernel.run("marked_input = 'for the history'")
    tail = kernel.ask("history", hist_access_type="tail", n=1, raw=True, output=False)["history"]
    assert tail[0][2] == "marked_input = 'for the history'"
    found = kernel.ask("history", hist_access_type="search", pattern="marked_*", n=5)["history"]
    assert [row[2] for row in found] == ["marked_input = 'for the history'"]
    reply = kernel.ask("history", hist_access_type="range", session=0, start=1, stop=3)
    assert [row[1] for row in reply["history"]] == [1, 2]


def test_complete_inspect_is_complete(kernel):
    kernel.run("a_long_name = {'k': 1}")
    reply = kernel.ask("complete", "é = a_long_n", 12)
    assert reply["matches"] == ["a_long_name"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (4, 12)
    assert reply["metadata"]["_jupyter_types_experimental"][0]["text"] == "a_long_name"
    reply = kernel.ask("inspect", "a_long_name", 3)
    assert reply["found"] and "dict" in reply["data"]["text/plain"]
    assert kernel.ask("inspect", "not_there_at_all", 3)["found"] is False
    assert kernel.ask("is_complete", "for i in x:")["status"] == "incomplete"
    assert kernel.ask("is_complete", "x = 1")["status"] == "complete"
    assert kernel.ask("is_complete", "x ===")["status"] == "invalid"


def test_questions_are_answered_while_a_cell_runs(kernel):
    kernel.run("another_long_name = 1")
    msg_id = kernel.client.execute("print('busy')\nwhile True: pass")
    kernel.wait_for_text("busy")
    try:
        assert kernel.ask("complete", "another_long_n", 14)["matches"] == ["another_long_name"]
        assert kernel.ask("inspect", "another_long_name", 3)["found"]
        assert kernel.ask("history", hist_access_type="tail", n=1)["status"] == "ok"
    finally:
        kernel.manager.interrupt_kernel()
    assert kernel.finish(msg_id).reply["ename"] == "KeyboardInterrupt"


def test_libraries_recognise_a_jupyter_kernel(kernel):
    code = (
        "ip = get_ipython()\n(type(ip).__name__, 'IPKernelApp' in ip.config, ip.kernel is not None)"
    )
    assert kernel.value(code) == "('ZMQInteractiveShell', True, True)"


def test_our_threads_do_not_show(kernel):
    kernel.ask("complete", "kernel.", 3)
    names = kernel.value("[t.name for t in __import__('threading').enumerate()]")
    assert "Dummy" not in names and "celldap" not in names


def test_main_module_is_the_users(kernel):
    assert kernel.value("__import__('__main__').__dict__ is globals()") == "True"
    assert kernel.value("__name__") == "'__main__'"


def test_matplotlib_inline(kernel):
    if kernel.value("__import__('importlib.util').util.find_spec('matplotlib') is None") == "True":
        pytest.skip("no matplotlib in this environment")
    outcome = kernel.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert "image/png" in outcome.of("display_data")[0]["data"]


def test_the_end_runs_atexit_and_waits_for_no_stuck_thread(tmp_path):
    k = Kernel(tmp_path)
    mark = tmp_path / "mark"
    k.run(
        "import atexit, threading\n"
        f"atexit.register(lambda: open({str(mark)!r}, 'w').write('ended'))\n"
        "threading.Thread(target=threading.Event().wait).start()"
    )
    process = k.manager.provisioner.process
    k.client.stop_channels()
    k.manager.request_shutdown()
    assert process.wait(timeout=60) == 0
    assert mark.read_text() == "ended"
    k.manager.cleanup_resources()


def test_the_users_profile_is_used(tmp_path):
    profile = tmp_path / "ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "startup" / "00-mine.py").write_text("from_startup = 11\n")
    (profile / "ipython_config.py").write_text(
        "c = get_config()\nc.InteractiveShellApp.exec_lines = ['from_config = 22']\n"
    )
    k = Kernel(tmp_path)
    try:
        assert k.value("from_startup, from_config, get_ipython().execution_count") == "(11, 22, 2)"
    finally:
        k.close()


def test_a_forked_child_leaves_the_kernel_alone(kernel):
    outcome = kernel.run(
        "import os\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    try:\n"
        "        print('from the child'); display(1)\n"
        "    finally:\n"
        "        os._exit(7)\n"
        "os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])"
    )
    assert outcome.result == "7"
    assert kernel.value("1 + 1") == "2"
