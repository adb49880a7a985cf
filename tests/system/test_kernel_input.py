# SPDX-License-Identifier: BSD-3-Clause
"""input() and getpass()."""


def question(kernel):
    return kernel.client.get_stdin_msg(timeout=60)


def test_input_asks_the_client_that_runs_the_cell(kernel):
    cell = kernel.start("name = input('who? ')\nprint('hi', name)", allow_stdin=True)
    asked = question(kernel)
    assert asked["content"] == {"prompt": "who? ", "password": False}
    assert asked["parent_header"]["msg_id"] == cell.msg_id
    kernel.client.input("Zoë")
    assert cell.wait().stream("stdout") == "hi Zoë\n"


def test_several_inputs_in_one_cell(kernel):
    cell = kernel.start("[input(str(i)) for i in range(3)]", allow_stdin=True)
    for i in range(3):
        assert question(kernel)["content"]["prompt"] == str(i)
        kernel.client.input(f"answer {i}")
    assert cell.wait().result == "['answer 0', 'answer 1', 'answer 2']"


def test_getpass_is_a_password(kernel):
    cell = kernel.start("import getpass\ngetpass.getpass('key: ')", allow_stdin=True)
    assert question(kernel)["content"] == {"prompt": "key: ", "password": True}
    kernel.client.input("secret")
    assert cell.wait().result == "'secret'"


def test_input_without_a_client_that_answers_raises(kernel):
    cell = kernel.run("input()", allow_stdin=False)
    assert cell.status == "error"
    assert cell.reply["content"]["ename"] == "StdinNotImplementedError"


def test_answers_that_nobody_waits_for_are_dropped(kernel):
    kernel.client.input("too early")
    assert kernel.ask("shell", "kernel_info_request")["status"] == "ok"
    cell = kernel.start("input()", allow_stdin=True)
    question(kernel)
    stale = kernel.client.session.msg("input_reply", {"value": "stale"})
    stale["parent_header"] = {"msg_id": "another question"}
    kernel.client.stdin_channel.send(stale)
    kernel.client.input("right")
    assert cell.wait().result == "'right'"


def test_a_cell_after_an_interrupted_input_asks_again(kernel):
    cell = kernel.start("input('one')", allow_stdin=True)
    question(kernel)
    kernel.ask("control", "interrupt_request")
    assert cell.wait().reply["content"]["ename"] == "KeyboardInterrupt"
    cell = kernel.start("input('two')", allow_stdin=True)
    assert question(kernel)["content"]["prompt"] == "two"
    kernel.client.input("2")
    assert cell.wait().result == "'2'"
