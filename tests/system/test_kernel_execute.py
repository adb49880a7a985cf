# SPDX-License-Identifier: BSD-3-Clause
"""Running cells: what a client gets, in which order."""

import itertools


def test_kernel_info_on_shell_and_control(kernel):
    for channel in ("shell", "control"):
        info = kernel.ask(channel, "kernel_info_request")
        assert info["status"] == "ok"
        assert info["protocol_version"] == "5.5"
        assert info["language_info"]["name"] == "python"
        assert info["debugger"] is True
        assert info["supported_features"] == ["debugger", "kernel subshells"]
        assert info["celldap"]["version"] == 1
        assert info["celldap"]["debug_port"] > 0


def test_a_cell_is_busy_input_output_result_idle(kernel):
    cell = kernel.run("print('hello')\n6 * 7")
    assert cell.types == ["status", "execute_input", "stream", "execute_result", "status"]
    assert cell.of_type("status") == [{"execution_state": "busy"}, {"execution_state": "idle"}]
    assert cell.of_type("execute_input") == [
        {"code": "print('hello')\n6 * 7", "execution_count": 1}
    ]
    assert cell.stream("stdout") == "hello\n"
    assert cell.result == "42"
    assert cell.status == "ok"
    assert cell.reply["content"]["execution_count"] == 1
    assert cell.reply["content"]["user_expressions"] == {}


def test_stdout_and_stderr_keep_their_order(kernel):
    cell = kernel.run(
        "import sys\nfor i in range(3):\n    print('o', i)\n    print('e', i, file=sys.stderr)"
    )
    streams = [(c["name"], c["text"]) for c in cell.of_type("stream")]
    together = [  # what was written within one wait of the output thread comes in one message
        (name, "".join(text for _, text in group))
        for name, group in itertools.groupby(streams, lambda s: s[0])
    ]
    assert together == [
        (name, f"{name[3]} {i}\n") for i in range(3) for name in ("stdout", "stderr")
    ]


def test_much_output_arrives_whole_and_in_order(kernel):
    cell = kernel.run("for i in range(200_000): print(i)")
    assert cell.stream("stdout") == "".join(f"{i}\n" for i in range(200_000))


def test_output_of_a_running_cell_comes_at_once(kernel):
    cell = kernel.start("print('first')\ninput()", allow_stdin=True)
    cell.until_printed("first")
    kernel.client.get_stdin_msg(timeout=60)
    kernel.client.input("")
    assert cell.wait().status == "ok"


def test_odd_characters_survive(kernel):
    cell = kernel.run("print('é€😀\\x00\\ud800')")
    assert cell.status == "ok"
    assert cell.stream("stdout").startswith("é€😀\x00")


def test_an_error_is_published_and_replied(kernel):
    cell = kernel.run("def f():\n    1/0\nf()")
    (error,) = cell.of_type("error")
    assert cell.status == "error"
    for content in (error, cell.reply["content"]):
        assert content["ename"] == "ZeroDivisionError"
        assert content["evalue"] == "division by zero"
        assert "ZeroDivisionError" in content["traceback"][-1]
    assert kernel.run("1 + 1").result == "2"


def test_a_syntax_error_is_an_error(kernel):
    assert kernel.run("def").reply["content"]["ename"] == "SyntaxError"


def test_execution_counts_go_up_and_silent_ones_do_not_count(kernel):
    assert kernel.run("a = 1").reply["content"]["execution_count"] == 1
    silent = kernel.run("a = 2", silent=True)
    assert "execute_input" not in silent.types
    assert kernel.run("a").reply["content"]["execution_count"] == 2


def test_the_cell_id_is_repeated(kernel):
    cell = kernel.run_request({"code": "1"}, metadata={"cellId": "abc-1"})
    (m,) = [m for m in cell.messages if m["msg_type"] == "execute_input"]
    assert m["metadata"]["cellId"] == "abc-1"


def test_user_expressions(kernel):
    kernel.run("x = 3")
    reply = kernel.run("", user_expressions={"good": "x + 1", "bad": "nope"}).reply["content"]
    assert reply["user_expressions"]["good"]["data"]["text/plain"] == "4"
    assert reply["user_expressions"]["bad"]["ename"] == "NameError"


def test_a_wrong_request_is_answered_with_the_field(kernel):
    for content, field in (
        ({}, "content.code"),
        ({"code": 3}, "content.code"),
        ({"code": "1", "silent": "yes"}, "content.silent"),
        ({"code": "1", "user_expressions": []}, "content.user_expressions"),
    ):
        cell = kernel.run_request(content)
        assert cell.status == "error"
        assert field in cell.reply["content"]["evalue"]
    assert kernel.run("1 + 1").result == "2"


def test_unknown_message_types_are_ignored(kernel):
    kernel.send("shell", "make_coffee_request")
    kernel.send("control", "make_coffee_request")
    kernel.send("control", "execute_request", {"code": "1"})
    assert kernel.run("1 + 1").result == "2"
    assert kernel.ask("control", "kernel_info_request")["status"] == "ok"


def test_a_failed_cell_aborts_what_was_queued(kernel):
    first = kernel.start("input()", allow_stdin=True)
    kernel.client.get_stdin_msg(timeout=60)
    failing = kernel.start("raise ValueError")
    queued = [kernel.start(f"x = {i}") for i in range(5)]
    kernel.client.input("go")
    first.wait()
    assert failing.wait().status == "error"
    for cell in queued:
        assert cell.wait().status == "aborted"
        assert cell.types == ["status", "status"]
    assert kernel.run("'x' in globals()").result == "False"


def test_stop_on_error_false_aborts_nothing(kernel):
    first = kernel.start("input()", allow_stdin=True)
    kernel.client.get_stdin_msg(timeout=60)
    failing = kernel.start("raise ValueError", stop_on_error=False)
    queued = kernel.start("6 * 7")
    kernel.client.input("go")
    first.wait()
    assert failing.wait().status == "error"
    assert queued.wait().result == "42"


def test_what_is_sent_after_an_error_reply_runs(kernel):
    for i in range(20):
        assert kernel.run("raise ValueError").status == "error"
        assert kernel.run(f"{i}").result == str(i)


def test_complete_inspect_is_complete_history_comm_info(kernel):
    kernel.run("def some_function(a):\n    'Says much.'\nsome_text = 'x'")
    complete = kernel.ask("shell", "complete_request", {"code": "some_f", "cursor_pos": 6})
    assert complete["status"] == "ok"
    assert any(m.startswith("some_function") for m in complete["matches"])
    inspect = kernel.ask(
        "shell", "inspect_request", {"code": "some_function", "cursor_pos": 5, "detail_level": 0}
    )
    assert inspect["found"] and "Says much." in inspect["data"]["text/plain"]
    assert kernel.ask("shell", "is_complete_request", {"code": "1"})["status"] == "complete"
    assert kernel.ask("shell", "is_complete_request", {"code": "def f():"})["status"] == "incomplete"
    history = kernel.ask(
        "shell",
        "history_request",
        {"output": False, "raw": True, "hist_access_type": "tail", "n": 1},
    )
    assert history["status"] == "ok"
    assert kernel.ask("shell", "comm_info_request")["comms"] == {}


def test_each_request_is_between_busy_and_idle(kernel):
    for channel, msg_type, content in (
        ("shell", "kernel_info_request", {}),
        ("control", "kernel_info_request", {}),
        ("shell", "complete_request", {"code": "pri", "cursor_pos": 3}),
        ("shell", "comm_info_request", {}),
        ("control", "interrupt_request", {}),
    ):
        msg_id = kernel.send(channel, msg_type, content)
        states = []
        while states[-1:] != ["idle"]:
            m = kernel.iopub()
            if m["msg_type"] == "status" and m["parent_header"].get("msg_id") == msg_id:
                states.append(m["content"]["execution_state"])
        assert states == ["busy", "idle"]
        kernel.reply_to(channel, msg_id)


def test_a_forked_child_leaves_the_kernel_alone(kernel):
    code = """
import os
pid = os.fork()
if pid:
    _, status = os.waitpid(pid, 0)
    print('child ended with', os.waitstatus_to_exitcode(status))
"""
    cell = kernel.run(code)
    assert cell.stream("stdout") == "child ended with 0\n"
    assert kernel.run("1 + 1").result == "2"
