# SPDX-License-Identifier: BSD-3-Clause
"""Output that is much, and output that goes past sys.stdout: file descriptors 1 and 2."""

import pytest

# Each writes "one", "two", "three", in that order, by different ways.
WAYS = {
    "os.write": "print('one'); os.write(1, b'two\\n'); print('three')",
    "printf": "print('one'); libc.printf(b'two\\n'); libc.fflush(None); print('three')",
    "a child": "print('one'); subprocess.run(['echo', 'two']); print('three')",
    "os.system": "print('one'); os.system('echo two'); print('three')",
    "sys.__stdout__": "print('one'); print('two', file=sys.__stdout__, flush=True); print('three')",
    "a fork": (
        "print('one')\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        "    print('two'); os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
        "print('three')"
    ),
    "a dup": "print('one'); fd = os.dup(1); os.write(fd, b'two\\n'); os.close(fd); print('three')",
}
IMPORTS = "import ctypes, os, subprocess, sys; libc = ctypes.CDLL(None)\n"


def test_text_of_file_descriptors_is_the_cells_and_in_order(kernel):
    for name, code in WAYS.items():
        cell = kernel.run(IMPORTS + code)
        assert cell.status == "ok", name
        assert cell.stream("stdout") == "one\ntwo\nthree\n", name
        assert cell.types.index("stream") > cell.types.index("execute_input"), name


def test_stderr_is_told_apart(plain):
    cell = plain.run("import os; os.write(2, b'oh\\n'); os.system('echo no >&2'); os.write(1, b'ah')")
    assert (cell.stream("stdout"), cell.stream("stderr")) == ("ah", "oh\nno\n")


def test_what_no_newline_ends_is_not_kept_back(plain):
    cell = plain.start("import os; os.write(1, b'no end'); input()", allow_stdin=True)
    cell.until_printed("no end")
    plain.client.input("")
    assert cell.wait().status == "ok"


def test_no_byte_that_is_not_utf8_ends_the_kernel(plain):
    cell = plain.run("import os; os.write(1, b'a\\xff\\xfe\\xe2\\x82z\\n'); print('b')")
    text = cell.stream("stdout")
    assert text.startswith("a") and text.endswith("z\nb\n")


def test_a_single_character_keeps_its_place(plain):
    """Also a line's end that is printed by itself."""
    cell = plain.run("import os\nfor i in range(50):\n    print('b', end='')\n    os.write(1, b'x')\n"
                     "    print()\n")
    assert cell.stream("stdout") == "bx\n" * 50


def test_a_character_that_two_writes_share_is_whole(plain):
    cell = plain.run(
        "import os\n"
        "for byte in 'käse €\\n'.encode() * 1000:\n"
        "    os.write(1, bytes([byte]))"
    )
    assert cell.stream("stdout") == "käse €\n" * 1000


@pytest.mark.parametrize(
    "code",
    [
        "for n in range(100_000): print(n)",
        "import os\nfor n in range(100_000): os.write(1, b'%d\\n' % n)",
    ],
    ids=["print", "os.write"],
)
def test_100000_lines_come_whole_and_in_order(plain, code):
    assert plain.run(code).stream("stdout") == "".join(f"{n}\n" for n in range(100_000))


def test_a_great_string_stalls_nobody(kernel):
    """50 MB in one print: whole, and heartbeat and control are answered before it has come."""
    kernel.client.hb_channel.unpause()
    cell = kernel.start("print('go'); print('0123456789' * 5_000_000); input()", allow_stdin=True)
    cell.until_printed("go")
    for _ in range(20):
        assert kernel.ask("control", "kernel_info_request")["status"] == "ok"
        assert kernel.ask("shell", "kernel_info_request")["status"] == "ok"
    assert kernel.client.hb_channel.is_beating()
    kernel.client.get_stdin_msg(timeout=60)
    kernel.client.input("")
    text = cell.wait().stream("stdout")
    assert len(text) == 3 + 50_000_001
    assert text == "go\n" + "0123456789" * 5_000_000 + "\n"
    assert kernel.run("6 * 7").result == "42"


def test_output_at_the_very_end_is_not_lost(make_kernel):
    kernel = make_kernel("--plain")
    kernel.run(
        "import atexit, os\n"
        "atexit.register(lambda: [print(n) for n in range(20_000)] and os.write(1, b'last\\n') and 0)"
    )
    kernel.ask("control", "shutdown_request", {"restart": False})
    text = ""
    while "last\n" not in text:
        m = kernel.iopub()
        text += m["content"]["text"] if m["msg_type"] == "stream" else ""
    assert text == "".join(f"{n}\n" for n in range(20_000)) + "last\n"
    assert kernel.ended() == 0
