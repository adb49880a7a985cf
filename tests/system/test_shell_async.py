# SPDX-License-Identifier: BSD-3-Clause
"""Event loops of the user's: asyncio's own, uvloop, trio; between cells and in them."""

import pytest
from shell_kernel import Kernel


@pytest.fixture(params=["ipython", "plain"])
def kernel(request, tmp_path):
    kernel = Kernel(tmp_path, plain=request.param == "plain")
    yield kernel
    kernel.close()


@pytest.fixture
def ipython(tmp_path):
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.close()


def test_a_task_of_a_plain_cell_goes_on_between_cells(kernel):
    outcome = kernel.run(
        "import asyncio\n"
        "seen = []\n"
        "async def work():\n"
        "    for i in range(3):\n"
        "        await asyncio.sleep(0)\n"
        "        seen.append(i)\n"
        "    print('the task is done', flush=True)\n"
        "task = asyncio.create_task(work())\n"
    )
    assert outcome.reply["status"] == "ok"
    if "the task is done" not in outcome.text():
        kernel.wait_for_text("the task is done")
    assert kernel.value("seen, task.done()") == "([0, 1, 2], True)"


def test_a_task_that_waits_is_answered_by_a_later_cell(kernel):
    kernel.run(
        "import asyncio\n"
        "event = asyncio.Event()\n"
        "async def wait():\n"
        "    await event.wait()\n"
        "    return 'set'\n"
        "task = asyncio.create_task(wait())\n"
    )
    kernel.run("event.set()")
    outcome = kernel.run("await task")
    assert outcome.result == "'set'"


def test_threads_call_into_the_idle_loop(kernel):
    kernel.run("import asyncio, threading\nloop = asyncio.get_running_loop()")
    kernel.run(
        "go = threading.Event()\n"
        "def call():\n"
        "    go.wait()\n"
        "    loop.call_soon_threadsafe(lambda: print('called', flush=True))\n"
        "thread = threading.Thread(target=call)\n"
        "thread.start()\n"
    )
    kernel.client.execute("go.set()")
    kernel.wait_for_text("called")


def test_threads_run_coroutines_on_the_loop_while_a_cell_awaits(kernel):
    outcome = kernel.run(
        "import asyncio\n"
        "loop = asyncio.get_running_loop()\n"
        "async def add(a, b):\n"
        "    await asyncio.sleep(0)\n"
        "    return a + b\n"
        "def ask():\n"
        "    return asyncio.run_coroutine_threadsafe(add(2, 3), loop).result()\n"
        "await asyncio.to_thread(ask)\n"
    )
    assert outcome.result == "5"


def test_an_exception_of_a_task_is_told_and_the_kernel_goes_on(kernel):
    kernel.run(
        "import asyncio\n"
        "async def fail():\n"
        "    raise ValueError('of the task')\n"
        "task = asyncio.create_task(fail())\n"
    )
    outcome = kernel.run("await task")
    assert outcome.error["ename"] == "ValueError"
    assert kernel.value("1 + 1") == "2"


UVLOOP = {
    "installed": "import uvloop, warnings\nwarnings.simplefilter('ignore')\nuvloop.install()\n",
    "policy": "import asyncio, uvloop\nasyncio.set_event_loop_policy(uvloop.EventLoopPolicy())\n",
    "policy after the loop": "import asyncio\nasyncio.get_running_loop()\nimport uvloop\n"
    "asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())\n",
}


@pytest.mark.parametrize("how", UVLOOP)
def test_uvloop(kernel, how):
    pytest.importorskip("uvloop")
    assert kernel.run(UVLOOP[how]).reply["status"] == "ok"
    outcome = kernel.run(
        "import asyncio\n"
        "seen = []\n"
        "async def work():\n"
        "    await asyncio.sleep(0)\n"
        "    seen.append(1)\n"
        "await work()\n"
        "isinstance(asyncio.get_running_loop(), uvloop.Loop)\n"
    )
    assert outcome.result == "True"
    kernel.run("task = asyncio.create_task(work())")
    kernel.run("await task")
    kernel.run(
        "import threading\n"
        "loop = asyncio.get_running_loop()\n"
        "go = threading.Event()\n"
        "def call():\n"
        "    go.wait()\n"
        "    loop.call_soon_threadsafe(lambda: print('called', flush=True))\n"
        "threading.Thread(target=call).start()\n"
    )
    kernel.client.execute("go.set()")
    kernel.wait_for_text("called")
    assert kernel.value("seen") == "[1, 1]"


def test_an_interrupt_ends_an_await_on_uvloop(kernel):
    pytest.importorskip("uvloop")
    kernel.run(UVLOOP["policy"])
    msg_id = kernel.client.execute(
        "import asyncio\nprint('it waits', flush=True)\nawait asyncio.sleep(1000)"
    )
    kernel.wait_for_text("it waits")
    kernel.manager.interrupt_kernel()
    assert kernel.reply_to(msg_id)["ename"] == "KeyboardInterrupt"
    assert kernel.value("1 + 1") == "2"


def test_uvloop_runs_in_a_cell_of_its_own(ipython):
    pytest.importorskip("uvloop")
    outcome = ipython.run(
        "import threading, uvloop\n"
        "async def answer():\n"
        "    return 42\n"
        "got = []\n"
        "t = threading.Thread(target=lambda: got.append(uvloop.run(answer())))\n"
        "t.start(); t.join()\n"
        "got\n"
    )
    assert outcome.result == "[42]"


def test_autoawait_trio(ipython):
    pytest.importorskip("trio")
    assert ipython.run("%autoawait trio").reply["status"] == "ok"
    outcome = ipython.run(
        "import trio\n"
        "async with trio.open_nursery() as nursery:\n"
        "    nursery.start_soon(trio.sleep, 0)\n"
        "await trio.sleep(0)\n"
        "'awaited by trio'\n"
    )
    assert outcome.reply["status"] == "ok", outcome.reply
    assert outcome.result == "'awaited by trio'"
    assert ipython.value("1 + 1") == "2"
    ipython.run("%autoawait asyncio")
    outcome = ipython.run("import asyncio\nawait asyncio.sleep(0, 'again')")
    assert outcome.result == "'again'"


def test_an_interrupt_ends_an_await_of_trio(ipython):
    pytest.importorskip("trio")
    ipython.run("%autoawait trio")
    msg_id = ipython.client.execute(
        "import trio\nprint('it waits', flush=True)\nawait trio.sleep(1000)"
    )
    ipython.wait_for_text("it waits")
    ipython.manager.interrupt_kernel()
    assert ipython.reply_to(msg_id)["status"] == "error"
    assert ipython.value("1 + 1") == "2"


# What curio 1.6, its last release, takes from the standard library and Python 3.12 has no more.
GIVE_BACK = """
import multiprocessing.connection as connection, ssl
for name in ("CHALLENGE", "WELCOME", "FAILURE"):
    if not hasattr(connection, name):
        setattr(connection, name, getattr(connection, "_" + name))
if not hasattr(ssl, "wrap_socket"):
    ssl.wrap_socket = ssl.SSLContext.wrap_socket
"""


def test_autoawait_curio(ipython):
    if ipython.value("from importlib.util import find_spec; find_spec('curio') is None") == "True":
        pytest.skip(
            "curio is not installed: it comes without a wheel, and no Python from 3.12 on can import "
            "it (multiprocessing.connection.CHALLENGE and ssl.wrap_socket are gone)"
        )
    assert ipython.run(GIVE_BACK).reply["status"] == "ok"
    assert ipython.run("%autoawait curio").reply["status"] == "ok"
    outcome = ipython.run(
        "import curio\n"
        "async def three():\n"
        "    await curio.sleep(0)\n"
        "    return 3\n"
        "async with curio.TaskGroup() as group:\n"
        "    task = await group.spawn(three)\n"
        "task.result, type(await curio.current_task()).__module__\n"
    )
    assert outcome.result == "(3, 'curio.task')"


def test_autoawait_with_a_runner_of_the_users(ipython):
    """As curio's is called; curio itself (1.6) can be imported by no Python from 3.12 on."""
    ipython.run(
        "def drive(coro):\n"
        "    try:\n"
        "        while True:\n"
        "            coro.send(None)\n"
        "    except StopIteration as end:\n"
        "        return end.value\n"
        "import types\n"
        "@types.coroutine\n"
        "def turn():\n"
        "    yield\n"
    )
    assert ipython.run("%autoawait drive").reply["status"] == "ok"
    assert ipython.run("await turn()\n'driven'").result == "'driven'"


def test_a_runner_that_is_not_installed_is_named(ipython):
    outcome = ipython.run("%autoawait no_such_runner")
    assert "no_such_runner" in str(outcome.reply) + outcome.text() + outcome.text("stderr")
    assert ipython.value("1 + 1") == "2"
