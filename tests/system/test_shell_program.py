# SPDX-License-Identifier: BSD-3-Clause
"""A file or module run as __main__: the same output and exit code as a plain Python gives."""

import subprocess

import pytest
from conftest import PYTHON
from shell_kernel import Kernel

PROGRAMS = {
    "normal": "import sys\nprint(sys.argv[1:], __name__, __spec__, sys.path[0])",
    "exit_code": "import sys; sys.exit(3)",
    "exit_negative": "import sys; sys.exit(-1)",
    "exit_text": "import sys; sys.exit('what went wrong')",
    "exit_none": "raise SystemExit",
    "error": "def f():\n    return 1 / 0\n\nf()",
    "chain": "try:\n    1 / 0\nexcept Exception as e:\n    raise KeyError(1) from e",
    "syntax": "x = 1\ndef f(:\n",
    "atexit": "import atexit\natexit.register(print, 'at exit')\nprint('body')",
    "thread": (
        "import threading\n"
        "go = threading.Event()\n"
        "threading.Thread(target=lambda: (go.wait(), print('thread'))).start()\n"
        "threading.Timer(0.05, go.set).start()\n"
        "print('body')"
    ),
    "pool": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "p = ThreadPoolExecutor(2)\n"
        "f = p.submit(print, 'in the pool')\n"
    ),
    "event_loop": "import asyncio\nasync def main(): print('ran')\nasyncio.run(main())",
    "excepthook": "import sys\nsys.excepthook = lambda *e: print('hooked', e[0].__name__)\n1 / 0",
    "main": "import __main__, sys\nx = 5\nprint(__main__.x, __file__ == sys.argv[0])",
    "missing_module": "import there_is_no_such_module",
}


def plain_python(arguments, cwd):
    return subprocess.run([PYTHON, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60)


def run_in_kernel(folder, args, **where):
    k = Kernel(folder, plain=True)
    try:
        return k.run_file(args, **where)
    finally:
        k.close()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_file_behaves_as_under_plain_python(tmp_path, name):
    program = tmp_path / f"run_{name}.py"
    program.write_text(PROGRAMS[name] + "\n")
    expected = plain_python([program, "a", "b c"], tmp_path)
    outcome = run_in_kernel(tmp_path, ["a", "b c"], program=str(program))
    assert outcome.reply["celldap"] == {"exitCode": expected.returncode}
    assert outcome.text() == expected.stdout
    assert outcome.text("stderr") == expected.stderr
    assert outcome.of("error") == []


def test_a_file_that_is_not_there(tmp_path):
    outcome = run_in_kernel(tmp_path, [], program=str(tmp_path / "no.py"))
    assert outcome.reply["celldap"] == {"exitCode": 2}
    assert "can't open file" in outcome.text("stderr")


def test_a_package_is_run_as_a_module(tmp_path):
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "part.py").write_text("value = 7\n")
    (package / "__main__.py").write_text(
        "import sys\nfrom .part import value\nprint(value, sys.argv[1:], __name__, __package__)\n"
    )
    expected = plain_python(["-m", "pack", "x"], tmp_path)
    outcome = run_in_kernel(tmp_path, ["x"], module="pack")
    assert outcome.reply["celldap"] == {"exitCode": 0}
    assert outcome.text() == expected.stdout == "7 ['x'] __main__ pack\n"


def test_a_module_that_is_not_there(tmp_path):
    expected = plain_python(["-m", "no_such_module"], tmp_path)
    outcome = run_in_kernel(tmp_path, [], module="no_such_module")
    assert outcome.reply["celldap"] == {"exitCode": expected.returncode}
    assert outcome.text("stderr").endswith(": No module named no_such_module\n")


def test_standard_input_asks_the_client(tmp_path):
    program = tmp_path / "asks.py"
    program.write_text("import sys\nprint(input('first? ') + sys.stdin.readline())\n")
    k = Kernel(tmp_path, plain=True)
    try:
        content = {"code": "", "silent": False, "store_history": False, "user_expressions": {}}
        content.update(allow_stdin=True, stop_on_error=True)
        run_file = {"program": str(program), "args": []}
        msg_id = k.send("execute_request", content, {"celldap": {"runFile": run_file}})
        prompts = []
        for answer in ("one", "two"):
            prompts.append(k.client.get_stdin_msg(timeout=60)["content"]["prompt"])
            k.client.input(answer)
        outcome = k.finish(msg_id)
    finally:
        k.close()
    assert prompts == ["first? ", ""]
    assert outcome.text() == "onetwo\n\n"


def test_interrupt_ends_a_program(tmp_path):
    program = tmp_path / "loops.py"
    program.write_text("print('started', flush=True)\nwhile True:\n    pass\n")
    k = Kernel(tmp_path, plain=True)
    try:
        content = {"code": "", "silent": False, "store_history": False, "user_expressions": {}}
        run_file = {"program": str(program), "args": []}
        msg_id = k.send("execute_request", content, {"celldap": {"runFile": run_file}})
        k.wait_for_text("started")
        k.manager.interrupt_kernel()
        outcome = k.finish(msg_id)
    finally:
        k.close()
    assert outcome.reply["celldap"] == {"exitCode": 130}
    assert outcome.text("stderr").rstrip().endswith("KeyboardInterrupt")
