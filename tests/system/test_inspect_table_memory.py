# SPDX-License-Identifier: BSD-3-Clause
"""Memory of buffers, places of definitions, what is loaded, threads that come and go: rows over few
kernels, at the debug socket."""

import base64
import zipfile

import pytest

from debug_socket import Debugger

CELL = """\
import array, mmap
class Base: pass
class Point(Base):
    def move(self):
        pass
    @property
    def x(self):
        return 1
def outer():
    class Inner:
        y = 2
    return Inner
def f():
    fixed, changed = b"0123456789", bytearray(b"0123456789")
    view, numbers = memoryview(changed)[2:6], array.array("H", [1, 2, 3])
    mapped, every = mmap.mmap(-1, 16), memoryview(changed)[::2]
    point, Inner = Point(), outer()
    text, empty = "abc", b""
    return changed
result = f()
"""
LINE = CELL.split("\n").index("    return changed") + 1


@pytest.fixture
def debugger(make_kernel):
    d = Debugger(make_kernel("--plain")).attach()
    yield d
    d.close()


READ = [  # variable, offset, count, bytes, unreadable
    ("fixed", 0, 10, b"0123456789", 0),
    ("fixed", 2, 3, b"234", 0),
    ("fixed", None, 4, b"0123", 0),
    ("fixed", 8, 100, b"89", 98),
    ("fixed", 10, 1, b"", 1),
    ("fixed", 0, 0, b"", 0),
    ("fixed", -4, 10, b"", 4),
    ("fixed", -4, 2, b"", 2),
    ("fixed", 2**52, 5, b"", 5),
    ("fixed", 0, 2**52, b"0123456789", 2**52 - 10),
    ("changed", 1, 2, b"12", 0),
    ("view", 0, 9, b"2345", 5),
    ("numbers", 0, 6, b"\x01\x00\x02\x00\x03\x00", 0),
    ("mapped", 14, 2, b"\0\0", 0),
    ("empty", 0, 1, b"", 1),
]

WRITE = [  # variable, offset, bytes, allowPartial, written (or the error)
    ("changed", 0, b"ab", False, 2),
    ("changed", 9, b"xy", True, 1),
    ("changed", 9, b"xy", False, "do not fit"),
    ("changed", -1, b"xy", True, 0),
    ("changed", 2**52, b"xy", False, "do not fit"),
    ("view", 0, b"V", False, 1),
    ("numbers", 2, b"\x09\x00", False, 2),
    ("fixed", 0, b"x", False, "read-only"),
]


def test_memory(debugger):
    cell, frame, found = debugger.stop_at(CELL, LINE)
    assert "memoryReference" not in found["text"] and "memoryReference" not in found["point"]
    for name, offset, count, data, unreadable in READ:
        given = {"memoryReference": found[name]["memoryReference"], "count": count}
        body = debugger.body("readMemory", **given, **({} if offset is None else {"offset": offset}))
        assert base64.b64decode(body["data"]) == data, (name, offset, count)
        assert body.get("unreadableBytes", 0) == unreadable, (name, offset, count)
        assert body["address"].startswith("0x")
    every = {"memoryReference": found["every"]["memoryReference"], "count": 1}
    assert "not in one piece" in debugger.error("readMemory", **every)
    for name, offset, data, partial, written in WRITE:
        given = {"memoryReference": found[name]["memoryReference"], "offset": offset}
        given |= {"data": base64.b64encode(data).decode(), "allowPartial": partial}
        if isinstance(written, str):
            assert written in debugger.error("writeMemory", **given)
            continue
        assert debugger.body("writeMemory", **given)["bytesWritten"] == written
        event = debugger.event("memory")["content"]["body"]
        assert event == {"memoryReference": given["memoryReference"], "offset": offset, "count": written}
        assert debugger.event("invalidated")["content"]["body"] == {"areas": ["variables"]}
    for reference in ("", "x", "0", "-1", "99999999999", "4711"):
        given = {"memoryReference": reference}
        assert "arguments.memoryReference" in debugger.error("readMemory", count=1, **given)
        assert "arguments.memoryReference" in debugger.error("writeMemory", data="", **given)
    given = {"memoryReference": found["changed"]["memoryReference"]}
    assert "arguments.data is not base64" in debugger.error("writeMemory", data="?", **given)
    assert "arguments.count" in debugger.error("readMemory", count=-1, **given)
    look = debugger.body("evaluate", expression="numbers", context="watch", frameId=frame)
    body = debugger.body("readMemory", memoryReference=look["memoryReference"], offset=2, count=2)
    assert base64.b64decode(body["data"]) == b"\x09\x00"
    debugger.go_on(cell)
    assert debugger.kernel.run("result").result == "bytearray(b'abV345678x')"
    assert not debugger.ask("readMemory", count=1, **given)["success"]  # the frame is gone


def test_places_of_definitions(debugger):
    cell, frame, found = debugger.stop_at(CELL, LINE)

    def line(variable):
        body = debugger.body("locations", locationReference=variable["valueLocationReference"])
        assert body["source"]["path"].endswith(".py")
        return body["line"]

    def value(expression):
        return debugger.body("evaluate", expression=expression, context="watch", frameId=frame)

    text = CELL.split("\n")
    for expression, start in (
        ("f", "def f()"),
        ("point.move", "    def move"),
        ("Point", "class Point"),
        ("Base", "class Base"),
        ("Inner", "    class Inner"),
        ("outer", "def outer"),
    ):
        assert text[line(value(expression)) - 1].startswith(start), expression
    decoder = value("__import__('json').JSONDecoder")
    body = debugger.body("locations", locationReference=decoder["valueLocationReference"])
    assert body["source"]["path"].endswith("/json/decoder.py") and body["line"] > 100
    assert "valueLocationReference" not in value("len") and "valueLocationReference" not in value("1")
    assert "arguments.locationReference" in debugger.error("locations", locationReference=2**31 - 1)
    assert "valueLocationReference" not in found["text"]
    debugger.go_on(cell)


def test_what_is_loaded(debugger, tmp_path):
    (tmp_path / "my_module.py").write_text("__version__ = '1.5'\n\ndef g(x):\n    return x\n")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as z:
        z.writestr("in_zip.py", "def h(f):\n    return f()\n")
    code = f"import sys\nsys.path[:0] = [{str(tmp_path)!r}, {str(tmp_path / 'packed.zip')!r}]\n"
    code += "import my_module, in_zip\n"
    debugger.kernel.run(code)
    sources = [debugger.event("loadedSource")["content"]["body"] for _ in range(3)]
    assert {s["reason"] for s in sources} == {"new"}
    named = {s["source"]["name"]: s["source"]["path"] for s in sources}
    assert named.pop("my_module.py") == str(tmp_path / "my_module.py")
    assert named.pop("in_zip.py").endswith("packed.zip/in_zip.py")
    assert [name[:8] for name in named] == ["Cell In["]
    modules = {}
    while "my_module" not in modules:
        body = debugger.event("module")["content"]["body"]
        modules[body["module"]["name"]] = body
    own = modules["my_module"]
    assert own["reason"] == "new" and own["module"]["isUserCode"]
    assert own["module"]["path"] == str(tmp_path / "my_module.py")
    listed = debugger.body("modules")
    assert listed["totalModules"] == len(listed["modules"]) > 20
    page = debugger.body("modules", startModule=5, moduleCount=3)
    assert page["modules"] == listed["modules"][5:8]
    assert page["totalModules"] == listed["totalModules"]
    paths = [s["path"] for s in debugger.body("loadedSources")["sources"] if "path" in s]
    assert str(tmp_path / "my_module.py") in paths and len(paths) == len(set(paths))
    call = "from importlib import import_module\nimport in_zip\nin_zip.h(int)"
    cell, _, _ = debugger.stop_at(call, 3)
    frames = debugger.body("stackTrace", threadId=1)["stackFrames"]
    inside = next(f for f in frames if f["name"] == "h") if frames[0]["name"] == "h" else None
    if inside is None:  # the breakpoint on line 3 stops before the call
        debugger.body("stepIn", threadId=1)
        debugger.event("stopped")
        inside = debugger.body("stackTrace", threadId=1)["stackFrames"][0]
    assert inside["source"]["sourceReference"] > 0 and inside["source"]["path"].endswith("/in_zip.py")
    text = debugger.body("source", sourceReference=inside["source"]["sourceReference"])["content"]
    assert text == "def h(f):\n    return f()\n"
    debugger.go_on(cell)


def test_frozen_modules_have_a_source(debugger):
    code = "import importlib._bootstrap as b\nclass M:\n    def find_spec(*a):\n        return None\n"
    code += "import sys\nsys.meta_path.insert(0, M)\n"
    code += "try:\n    import nosuchmodule\nexcept ImportError:\n    pass\nsys.meta_path.pop(0)"
    cell, _, _ = debugger.stop_at(code, 4)
    frames = debugger.body("stackTrace", threadId=1)["stackFrames"]
    frozen = next(f for f in frames if f["source"]["name"].startswith("<frozen"))
    text = debugger.body("source", sourceReference=frozen["source"]["sourceReference"])["content"]
    assert "def _find_spec" in text and frozen["name"] in text
    debugger.go_on(cell)


def test_threads_come_and_go(debugger):
    code = """\
import threading
seen = []
thread = threading.Thread(target=seen.append, args=(1,))
thread.start()
thread.join()
"""
    debugger.kernel.run(code)
    began = debugger.event("thread")["content"]["body"]
    ended = debugger.event("thread")["content"]["body"]
    assert began["reason"] == "started" and began["threadId"] > 1
    assert ended == {"reason": "exited", "threadId": began["threadId"]}
    debugger.body("disconnect")
    debugger.kernel.run(code)
    debugger.attach()
    assert not [m for m in debugger.events if m["content"]["event"] == "thread"]
    assert [t["id"] for t in debugger.body("threads")["threads"]] == [1]
