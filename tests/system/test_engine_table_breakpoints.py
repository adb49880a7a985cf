# SPDX-License-Identifier: BSD-3-Clause
"""One row a case: where a line breakpoint lands and how often it stops (kernel/python: lines.c
breakpoints.c monitor.c). One kernel for all rows of a backend."""

import sys
import zipfile

import conftest
import pytest
from debugger import Debugger

D = "def d(f): return f\n"
F = "def f(*a): return a\n"
AGEN = "async def g():\n    for i in range(3):\n        yield i\n"
# From 3.14 on each test of a one-line loop's condition is a visit, the last one too: as sys.settrace
# counts (test_engine_breakpoints.py).
LAST_TEST = int(sys.version_info >= (3, 14))
# what, code, line asked for, line where it lands (0: nowhere), stops
ROWS = [
    ("decorator", D + "@d\ndef g():\n    return 1\ng()\n", 2, 2, 2),  # evaluated, then called
    ("decorated def", D + "@d\ndef g():\n    return 1\ng()\n", 3, 3, 2),  # made, then bound
    ("decorator's argument", "def d(n):\n    return lambda f: f\n@d(\n  str(1)\n)\ndef g(): pass\n",
     4, 4, 1),
    ("decorated body", D + "@d\n\ndef g():\n    return 1\ng()\n", 5, 5, 1),
    ("blank line in a function", "def f():\n    a = 1\n\n    return a\nf()", 3, 4, 1),
    ("comment that ends a function", "def f():\n    a = 1\n    # c\nf()", 3, 4, 1),
    ("docstring", "def f():\n    '''doc'''\n    return 1\nf()", 2, 3, 1),
    ("module docstring", "'''doc\nmore'''\nx = 1\n", 2, 3, 1),
    ("argument of a call", F + "f(1,\n  f(2),\n  3)\n", 3, 3, 1),
    ("value in a dict", F + "x = {\n 'a': f(),\n 'b': f(),\n}\n", 4, 4, 1),
    ("closing bracket", "x = [\n 1,\n]\ny = 1\n", 3, 4, 1),
    ("closing bracket, nothing below", "y = 1\nx = str(\n 1\n)\n", 4, 2, 2),
    ("names of the last import", "import os\nfrom os import (\n    path,\n    sep)\n", 4, 2, 1),
    ("else", "a = 0\nif a:\n    b = 1\nelse:\n    b = 2\n", 4, 5, 1),
    ("elif", "a = 0\nif a:\n    b = 1\nelif not a:\n    b = 2\n", 4, 4, 1),
    ("if", "a = 0\nif a:\n    b = 1\nelse:\n    b = 2\n", 2, 2, 1),
    ("branch not taken", "a = 0\nif a:\n    b = 1\nc = 1\n", 3, 3, 0),
    ("for", "for i in range(3):\n    a = i\n", 1, 1, 4),
    ("for's body", "for i in range(3):\n    a = i\n", 2, 2, 3),
    ("for's else", "for i in range(3):\n    a = i\nelse:\n    b = 1\n", 4, 4, 1),
    ("while", "n = 0\nwhile n < 3:\n    n += 1\n", 2, 2, 4),
    ("break", "for i in range(3):\n    if i:\n        break\n", 3, 3, 1),
    ("continue", "for i in range(3):\n    if i:\n        continue\n    a = 1\n", 3, 3, 2),
    ("pass in a loop", "for i in range(3):\n    pass\n", 2, 2, 3),
    ("pass in a function", "def f():\n    pass\nf()\n", 2, 2, 1),
    ("global", "def f():\n    global q\n    q = 1\nf()\n", 2, 3, 1),
    ("ellipsis", "def f():\n    ...\nf()\n", 2, 2, 1),
    ("try", "try:\n    a = 1\nfinally:\n    b = 1\n", 1, 1, 1),
    ("finally", "try:\n    a = 1\nfinally:\n    b = 1\n", 3, 4, 1),
    ("except", "try:\n    1/0\nexcept ZeroDivisionError as e:\n    b = 1\n", 3, 3, 1),
    ("except's body", "try:\n    1/0\nexcept ZeroDivisionError as e:\n    b = 1\n", 4, 4, 1),
    ("except's pass", "try:\n    raise ValueError\nexcept ValueError:\n    pass\n", 4, 4, 1),
    ("except*", "try:\n    raise ExceptionGroup('a', [ValueError()])\nexcept* ValueError as e:\n"
     "    b = 1\n", 4, 4, 1),
    ("return past finally", "def f():\n    try:\n        return 1\n    finally:\n        a = 2\nf()\n",
     5, 5, 1),
    ("with", "import contextlib\nwith contextlib.nullcontext() as a:\n    b = 1\n", 2, 2, 2),
    ("class", "class C:\n    a = 1\nC()\n", 1, 1, 1),
    ("class body", "class C:\n    a = 1\n    def m(self):\n        return 1\nC().m()\n", 2, 2, 1),
    ("method", "class C:\n    a = 1\n    def m(self):\n        return 1\nC().m()\n", 4, 4, 1),
    ("case", "x = 3\nmatch x:\n    case 1:\n        a = 1\n    case 3:\n        a = 2\n", 5, 5, 1),
    ("case's body", "x = 3\nmatch x:\n    case 1:\n        a = 1\n    case 3:\n        a = 2\n",
     6, 6, 1),
    ("generator", "def g():\n    for i in range(3):\n        yield i\nlist(g())\n", 3, 3, 3),
    ("yield from", "def g():\n    yield from range(3)\nlist(g())\n", 2, 2, 1),
    ("generator expression", "t = sum(\n    k\n    for k in range(3)\n)\n", 2, 2, 3),
    ("list comprehension", "t = [\n    str(k)\n    for k in range(3)\n]\n", 2, 2, 3),
    ("lambda's body", "f = (lambda:\n    1 + len('a'))\nf(); f()\n", 2, 2, 2),
    ("lambda on one line", "f = lambda: 1\nf(); f()\n", 1, 1, 3),
    ("def on one line", "def f(): return 1\nf(); f()\n", 1, 1, 3),
    ("while on one line", "n = 0\nwhile n < 5: n += 1\n", 2, 2, 5 + LAST_TEST),
    ("for on one line", "def f():\n    for i in range(4): a = i\nf()\n", 2, 2, 5),
    ("if on one line", "for i in range(4):\n    if i > 1: a = i\n", 2, 2, 4),
    ("nested function", "def o():\n    def i():\n        return 1\n    return i()\no(); o()\n", 3, 3, 2),
    ("closure", "def o(n):\n    def i():\n        return n\n    return i\na, b = o(1), o(2)\na(); b()\n",
     3, 3, 2),
    ("recursion", "def f(n):\n    return 1 if n == 0 else f(n - 1)\nf(3)\n", 2, 2, 4),
    ("code that is never reached", "def f():\n    return 1\n    a = 2\nf()\nb = 1\n", 3, 4, 1),
    ("code that is not compiled", "if 0:\n    a = 1\nb = 1\n", 2, 3, 1),
    ("assert", "assert True\nassert 1 + 1\n", 2, 2, 1),
    ("f-string of two lines", "n = 1\na = (f'{n}'\n     f'{n + 1}')\n", 3, 3, 1),
    ("backslash", "a = 1 + \\\n    len('a')\nb = 2\n", 2, 2, 1),
    ("chain", "s = (' a '\n  .strip()\n  .upper())\n", 3, 3, 1),
    ("conditional expression", "a = (1\n     if len('a')\n     else 2)\n", 2, 2, 1),
    ("and", "a = (len('a') and\n     len('b') and\n     len(''))\n", 2, 2, 1),
    ("default value", "def f(a=1,\n      b=len('x')):\n    return a\nf()\n", 2, 2, 1),
    ("generic function", "def f[T](a: T) -> T:\n    return a\nf(1)\n", 2, 2, 1),
    ("method of a generic class", "class C[T]:\n    def m(self) -> T:\n        return 1\nC().m()\n",
     3, 3, 1),
    ("del", "a = 1\ndel a\n", 2, 2, 1),
    ("raise", "try:\n    raise ValueError\nexcept ValueError:\n    pass\n", 2, 2, 1),
    ("nested loops", "for i in range(2):\n    for j in range(2):\n        k = i * j\n", 3, 3, 4),
    ("coroutine", "async def f():\n    a = 1\n    return a\nawait f()\n", 2, 2, 1),
    ("async for", AGEN + "async def f():\n    async for i in g():\n        a = i\nawait f()\n", 6, 6, 3),
    ("async comprehension", AGEN + "async def f():\n    return [\n        i\n        async for i in g()\n"
     "    ]\nawait f()\n", 6, 6, 3),
    ("line after await", "import asyncio\nawait asyncio.sleep(0)\na = 1\n", 3, 3, 1),
    ("task", "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    a = 1\n"
     "await asyncio.gather(f(), f())\n", 4, 4, 2),
    ("thread", "import threading\ndef f():\n    a = 1\nt = threading.Thread(target=f)\n"
     "t.start(); t.join()\n", 3, 3, 1),
    ("thread pool", "from concurrent.futures import ThreadPoolExecutor as P\ndef f(n):\n    return n\n"
     "with P(2) as p: list(p.map(f, range(4)))\n", 3, 3, 4),
    ("property", "class C:\n    @property\n    def p(self):\n        return 1\nC().p\n", 4, 4, 1),
    ("__del__", "class C:\n    def __del__(self):\n        a = 1\nc = C()\ndel c\n", 3, 3, 1),
    ("__next__", "class C:\n    def __iter__(self): return self\n    def __next__(self):\n"
     "        raise StopIteration\nlist(C())\n", 4, 4, 1),
    ("key of sort", "l = sorted([3, 1, 2],\n    key=lambda v:\n        -v)\n", 3, 3, 3),
    ("called by C", "def f(v):\n    return v\nlist(map(f, range(3)))\n", 2, 2, 3),
    ("lru_cache", "import functools\n@functools.lru_cache\ndef f(v):\n    return v\nf(1); f(1); f(2)\n",
     4, 4, 2),
    ("metaclass", "class M(type):\n    def __new__(m, *a):\n        return type.__new__(m, *a)\n"
     "class C(metaclass=M):\n    pass\n", 3, 3, 1),
    ("called by eval", "def f():\n    return 1\neval('f() + f()')\n", 2, 2, 2),
    ("CR LF", "a = 1\r\nb = 2\r\n", 2, 2, 1),
    ("form feed", "a = 1\n\x0cb = 2\n", 2, 2, 1),
    ("tabs", "if 1:\n\ta = 1\n\tb = 2\n", 3, 3, 1),
    ("names that are not ASCII", "é = 'ü'\nß = é\n", 2, 2, 1),
    ("no newline at the end", "a = 1\nb = 2", 2, 2, 1),
    ("past the end", "a = 1\nb = 2\n", 3, 0, 0),
    ("far past the end", "a = 1\nb = 2\n", 2**31 - 1, 0, 0),
    ("line 0", "a = 1\n", 0, 1, 1),
    ("only comments", "# a\n# b\n", 1, 0, 0),
    ("empty cell", "", 1, 0, 0),
]
IPYTHON = [
    ("%%time", "%%time\na = 1\nb = 2\n", 3, 3, 1),
    ("%%time, blank lines", "\n%%time\n\nfor i in range(3):\n    a = i\n", 5, 5, 3),
    ("%%capture", "%%capture\na = 1\nb = 2\n", 2, 2, 1),
    ("a magic's line", "a = 1\n%time b = 2\nc = 3\n", 2, 2, None),
    ("below a shell line", "!true\na = 1\n", 2, 2, 1),
    ("function in %%time", "%%time\ndef f():\n    return 1\nf(); f()\n", 3, 3, 2),
]


@pytest.fixture(scope="module", params=["ipython", "plain"])
def shared(request, tmp_path_factory):
    options = ["--plain"] if request.param == "plain" else []
    kernel = conftest.Kernel(tmp_path_factory.mktemp("table"), options)
    kernel.run("pass")
    debugger = Debugger(kernel)
    debugger.plain = bool(options)
    yield debugger
    kernel.close()


def set_in(debugger, path, *wanted):
    points = [w if isinstance(w, dict) else {"line": w} for w in wanted]
    body = debugger.body("setBreakpoints", source={"path": str(path)}, breakpoints=points)
    return body["breakpoints"]


def stops(debugger, code):
    """(line, file) of each stop of the cell, and its reply."""
    cell, at = debugger.kernel.start(code), []
    while True:
        m = debugger.kernel.iopub()
        if m["msg_type"] == "debug_event" and m["content"]["event"] == "stopped":
            thread = m["content"]["body"]["threadId"]
            top = debugger.body("stackTrace", threadId=thread)["stackFrames"][0]
            at.append((top["line"], top["source"].get("path", top["source"]["name"])))
            debugger.body("continue", threadId=thread)
        elif m["parent_header"].get("msg_id") == cell.msg_id and m["content"].get(
            "execution_state"
        ) == "idle":
            return at, debugger.kernel.reply_to("shell", cell.msg_id)["content"]


def check(debugger, code, line, landed, count):
    path = debugger.body("dumpCell", code=code)["sourcePath"]
    (found,) = set_in(debugger, path, line)
    at, reply = stops(debugger, code)
    set_in(debugger, path)
    assert found["verified"] == (landed > 0), found
    assert landed == 0 or found["line"] == landed
    assert landed > 0 or "no code can stop" in found["message"]
    assert {a[0] for a in at} <= {landed}
    assert count is None or len(at) == count, at
    assert reply["status"] == "ok", reply


@pytest.mark.parametrize("row", ROWS, ids=[r[0] for r in ROWS])
def test_lines(shared, row):
    check(shared, *row[1:])


@pytest.mark.parametrize("row", IPYTHON, ids=[r[0] for r in IPYTHON])
def test_lines_of_ipython(shared, row):
    if shared.plain:
        pytest.skip("magics are IPython's")
    check(shared, *row[1:])


def test_a_cell_that_does_not_compile_says_why(shared):
    path = shared.body("dumpCell", code="a = (\n")["sourcePath"]
    (found,) = set_in(shared, path, 1)
    assert not found["verified"] and found["reason"] == "failed"
    assert "was never closed" in found["message"] or "incomplete input" in found["message"]
    set_in(shared, path)


def test_a_module_in_a_zip_file(shared, tmp_path):
    archive = tmp_path / "lib.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("zipped_d1.py", "def f(a):\n\n    return a\n")
    path = archive / "zipped_d1.py"
    (found,) = set_in(shared, path, 2)
    assert (found["verified"], found["line"]) == (True, 3)
    code = f"import sys; sys.path.insert(0, {str(archive)!r})\nimport zipped_d1\nzipped_d1.f(1)"
    assert stops(shared, code)[0] == [(3, str(path))]
    (found,) = set_in(shared, archive / "none.py", 2)
    assert not found["verified"] and found["reason"] == "pending"
    set_in(shared, path)


def test_modules_before_and_after_their_import(shared, tmp_path):
    module = tmp_path / "mod_d1t.py"
    module.write_text("def f(a):\n    b = a\n    return b\nx = f(0)\n")
    set_in(shared, module, 2)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport mod_d1t\nmod_d1t.f(1)"
    assert [a[0] for a in stops(shared, code)[0]] == [2, 2]
    set_in(shared, module, 3)
    assert [a[0] for a in stops(shared, "mod_d1t.f(2)")[0]] == [3]
    assert [a[0] for a in stops(shared, "import importlib; importlib.reload(mod_d1t)")[0]] == [3]
    set_in(shared, module)
    assert stops(shared, "mod_d1t.f(3)")[0] == []


def test_a_linked_file_is_the_same_file(shared, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "mod_d1l.py").write_text("def f():\n    return 1\n")
    (tmp_path / "link").symlink_to("real")
    set_in(shared, tmp_path / "link" / "mod_d1l.py", 2)
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'real')!r})\nimport mod_d1l\nmod_d1l.f()"
    assert [a[0] for a in stops(shared, code)[0]] == [2]
    set_in(shared, tmp_path / "link" / "mod_d1l.py")


def test_exec_under_the_name_of_a_file(shared, tmp_path):
    path = tmp_path / "made_d1.py"
    path.write_text("a = 1\nb = 2\n")
    set_in(shared, path, 2)
    code = f"exec(compile(open({str(path)!r}).read(), {str(path)!r}, 'exec'))"
    assert stops(shared, code)[0] == [(2, str(path))]
    set_in(shared, path)


HITS = [
    ("3", [3]), ("== 3", [3]), ("==3", [3]), ("> 3", [4, 5]), (">= 4", [4, 5]), ("< 3", [1, 2]),
    ("<= 2", [1, 2]), ("% 2", [2, 4]), ("  ", [1, 2, 3, 4, 5]), ("0", []), ("1000000", []),
]


@pytest.mark.parametrize("text, wanted", HITS, ids=[h[0] for h in HITS])
def test_hit_conditions(shared, text, wanted):
    code = "for i in range(1, 6):\n    a = i\n"
    path = shared.body("dumpCell", code=code)["sourcePath"]
    (found,) = set_in(shared, path, {"line": 2, "hitCondition": text})
    assert found["verified"]
    cell, at = shared.kernel.start(code), []
    for _ in wanted:
        shared.await_stop(cell)
        top = shared.frames()[0]
        at.append(shared.body("evaluate", expression="i", frameId=top["id"])["result"])
        shared.body("continue", threadId=1)
    assert cell.wait().status == "ok"
    assert at == [str(w) for w in wanted]
    set_in(shared, path)


@pytest.mark.parametrize("text", ["x", "-1", "3.5", "> ", "% 0", "=> 3", "1 2", "9" * 30])
def test_hit_conditions_that_are_none(shared, text):
    path = shared.body("dumpCell", code="a = 1\n")["sourcePath"]
    (found,) = set_in(shared, path, {"line": 1, "hitCondition": text})
    assert not found["verified"] and found["message"], found
    set_in(shared, path)


def test_function_breakpoints_by_each_name(shared):
    names = ["fd1", "Cd1.m", "later_d1", "json.decoder.JSONDecoder.decode", "fd1.<locals>.inner"]
    body = shared.body("setFunctionBreakpoints", breakpoints=[{"name": n} for n in names])
    assert not body["breakpoints"][0]["verified"]
    assert body["breakpoints"][2]["reason"] == "pending"
    code = (
        "def fd1():\n    def inner():\n        return 1\n    return inner()\nclass Cd1:\n"
        "    def m(self):\n        return 2\nfd1(); Cd1().m()\nimport json\njson.loads('1')\n"
    )
    at, _ = stops(shared, code)
    assert [a[0] for a in at[:3]] == [2, 3, 7] and at[3][1].endswith("json/decoder.py")
    shared.body("setFunctionBreakpoints", breakpoints=[])
    assert stops(shared, "fd1()")[0] == []


def test_a_condition_may_run_while_its_breakpoint_is_replaced(shared):
    """The list is set anew again and again under a loop whose condition lets other threads run."""
    code = "import time\nstop = False\nwhile not stop:\n    a = 1\nb = 2\n"
    path = shared.body("dumpCell", code=code)["sourcePath"]
    cell = shared.kernel.start(code)
    cell.until(lambda m: m["msg_type"] == "execute_input")
    for i in range(60):
        wanted = {"line": 4, "condition": f"time.sleep(0) or {i} < 0"}
        assert all(b["verified"] for b in set_in(shared, path, wanted, {"line": 5}))
    set_in(shared, path, 4)
    shared.await_stop(cell)
    set_in(shared, path)
    top = shared.frames()[0]
    shared.body("setExpression", expression="stop", value="True", frameId=top["id"])
    assert shared.go_on(cell).status == "ok"
