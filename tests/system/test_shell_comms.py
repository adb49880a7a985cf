# SPDX-License-Identifier: BSD-3-Clause
"""Comms with binary buffers, both ways."""

import pytest
from shell_kernel import Kernel

TARGET = """
import comm
def opened(c, message):
    print('opened', c.comm_id, message['content']['data'], bytes(message['buffers'][0]))
    def turn(m):
        c.send({'back': m['content']['data']}, buffers=[bytes(m['buffers'][0])[::-1]])
    c.on_msg(turn)
    c.on_close(lambda m: print('closed'))
comm.get_comm_manager().register_target('echo', opened)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    pytest.importorskip("comm")
    k = Kernel(tmp_path_factory.mktemp("comms"))
    assert k.run(TARGET).reply["status"] == "ok"
    yield k
    k.close()


def exchange(kernel, msg_type, content, buffers=None):
    return kernel._iopub_until_idle(kernel.send(msg_type, content, buffers=buffers))


def text(messages):
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")


def test_a_client_opens_sends_and_closes(kernel):
    opened = {"comm_id": "one", "target_name": "echo", "data": {"n": 1}}
    got = exchange(kernel, "comm_open", opened, [b"abc"])
    assert text(got) == "opened one {'n': 1} b'abc'\n"
    assert kernel.ask("comm_info", target_name="echo")["comms"] == {"one": {"target_name": "echo"}}
    got = exchange(kernel, "comm_msg", {"comm_id": "one", "data": {"q": 2}}, [b"xyz"])
    (back,) = [m for m in got if m["msg_type"] == "comm_msg"]
    assert back["content"] == {"comm_id": "one", "data": {"back": {"q": 2}}}
    assert [bytes(b) for b in back["buffers"]] == [b"zyx"]
    assert text(exchange(kernel, "comm_close", {"comm_id": "one", "data": {}})) == "closed\n"
    assert kernel.ask("comm_info")["comms"] == {}


def test_an_unknown_target_is_closed(kernel):
    got = exchange(kernel, "comm_open", {"comm_id": "two", "target_name": "nobody", "data": {}})
    assert [m["content"]["comm_id"] for m in got if m["msg_type"] == "comm_close"] == ["two"]


def test_an_error_in_a_callback_is_told_and_leaves_the_kernel_alive(kernel):
    kernel.run("comm.get_comm_manager().register_target('bad', lambda c, m: 1 / 0)")
    got = exchange(kernel, "comm_open", {"comm_id": "three", "target_name": "bad", "data": {}})
    assert "ZeroDivisionError" in text(got)
    assert kernel.value("1 + 1") == "2"


def test_the_kernel_opens_a_comm(kernel):
    outcome = kernel.run(
        "c = comm.create_comm('front', data={'a': 1}, buffers=[memoryview(b'12')])"
    )
    (opened,) = [m for m in outcome.messages if m["msg_type"] == "comm_open"]
    assert opened["content"]["target_name"] == "front"
    assert opened["content"]["data"] == {"a": 1}
    assert [bytes(b) for b in opened["buffers"]] == [b"12"]


def test_a_callback_may_start_a_task(kernel):
    kernel.run(
        "import asyncio\n"
        "async def work(): print('worked')\n"
        "def start(c, m): c.task = asyncio.create_task(work())\n"
        "comm.get_comm_manager().register_target('task', start)"
    )
    kernel.send("comm_open", {"comm_id": "four", "target_name": "task", "data": {}})
    kernel.wait_for_text("worked")
