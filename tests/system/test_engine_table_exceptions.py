# SPDX-License-Identifier: BSD-3-Clause
"""One row a case: which exceptions stop, where, once (kernel/python: filters.c, celldap/uncaught.py,
leaving.py, c_callers.py, tasks.py). One kernel for all rows of a backend."""

import conftest
import pytest
from debugger import Debugger

RAISED, UNCAUGHT, USER = "raised", "uncaught", "userUnhandled"


@pytest.fixture(scope="module", params=["ipython", "plain"])
def shared(request, tmp_path_factory):
    options = ["--plain"] if request.param == "plain" else []
    kernel = conftest.Kernel(tmp_path_factory.mktemp("exceptions"), options)
    kernel.run("import asyncio, contextlib, json, threading\n")
    yield Debugger(kernel)
    kernel.close()


@pytest.fixture
def debugger(shared):
    yield shared
    shared.request("setExceptionBreakpoints", filters=[])
    shared.request("continue", threadId=1)


def stops_of(debugger, code, idle=True):
    """Runs it and goes on at each stop: ([(function, line, break mode)], status)."""
    cell = debugger.kernel.start(code)
    found = []
    while True:
        m = debugger.kernel.iopub()
        content = m["content"]
        if m["msg_type"] == "debug_event" and content["event"] == "stopped":
            body = content["body"]
            assert body["reason"] == "exception", body
            frames = debugger.body("stackTrace", threadId=body["threadId"])["stackFrames"]
            top = next(f for f in frames if "presentationHint" not in f)
            info = debugger.body("exceptionInfo", threadId=body["threadId"])
            late = "after" if "after" in body["description"] else info["breakMode"]
            found.append((top["name"].rpartition(".")[2], top["line"], late))
            debugger.body("continue", threadId=body["threadId"])
        elif m["parent_header"].get("msg_id") == cell.msg_id:
            if content.get("execution_state") == "idle":
                reply = debugger.kernel.reply_to("shell", cell.msg_id)
                return found, reply["content"].get("ename", "ok")


U = "unhandled"
ROWS = {
    # -- uncaught: decided before the stack unwinds
    "a function": (UNCAUGHT, "def f():\n    1/0\nf()\n", [("f", 2, U)], "ZeroDivisionError"),
    "finally": (UNCAUGHT, "try:\n    1/0\nfinally:\n    x = 1\n", [("<module>", 2, U)], "ZeroDivisionError"),
    "finally that returns": (UNCAUGHT, "def f():\n    try:\n        1/0\n    finally:\n        return 1\nf();\n",
                             [], "ok"),
    "another type": (UNCAUGHT, "try:\n    1/0\nexcept (KeyError, OSError):\n    pass\n",
                     [("<module>", 2, U)], "ZeroDivisionError"),
    "one of a tuple": (UNCAUGHT, "try:\n    1/0\nexcept (KeyError, ArithmeticError):\n    pass\n", [], "ok"),
    "a computed type that matches": (UNCAUGHT, "try:\n    1/0\nexcept [OSError, ArithmeticError][1]:\n    pass\n",
                                     [], "ok"),
    "a computed type that does not": (UNCAUGHT, "def f():\n    try:\n        1/0\n    except [OSError][0]:\n"
                                      "        pass\nf()\n", [("f", 4, U)], "ZeroDivisionError"),
    "raise again": (UNCAUGHT, "def f():\n    try:\n        1/0\n    except ArithmeticError:\n        raise\nf()\n",
                    [("f", 5, U)], "ZeroDivisionError"),
    "raise e": (UNCAUGHT, "try:\n    1/0\nexcept ArithmeticError as e:\n    x = 1\n    raise e\n",
                [("<module>", 5, U)], "ZeroDivisionError"),
    "raise from": (UNCAUGHT, "try:\n    1/0\nexcept ArithmeticError as e:\n    raise KeyError from e\n",
                   [("<module>", 4, U)], "KeyError"),
    "raise what was kept": (UNCAUGHT, "def f():\n    try:\n        1/0\n    except ArithmeticError as e:\n"
                            "        return e\nx = f()\nraise x\n", [("<module>", 7, U)], "ZeroDivisionError"),
    "a property": (UNCAUGHT, "class A:\n    @property\n    def p(self):\n        raise KeyError\nA().p\n",
                   [("p", 4, U)], "KeyError"),
    "a property under hasattr": (UNCAUGHT, "class A:\n    @property\n    def p(self):\n"
                                 "        raise AttributeError\nhasattr(A(), 'p'); getattr(A(), 'p', 1);\n", [], "ok"),
    "a property under hasattr, other error": (UNCAUGHT, "class A:\n    @property\n    def p(self):\n"
                                              "        raise KeyError\nhasattr(A(), 'p')\n", [("p", 4, U)], "KeyError"),
    "__getattr__ under hasattr": (UNCAUGHT, "class A:\n    def __getattr__(self, n):\n        raise AttributeError(n)\n"
                                  "hasattr(A(), 'p');\n", [], "ok"),
    "__len__ under len": (UNCAUGHT, "class A:\n    def __len__(self):\n        raise KeyError\nlen(A())\n",
                          [("__len__", 3, U)], "KeyError"),
    "old iteration": (UNCAUGHT, "class A:\n    def __getitem__(self, n):\n        if n > 2:\n"
                      "            raise IndexError\n        return n\n[x for x in A()]; list(A());\n", [], "ok"),
    "a sort key": (UNCAUGHT, "def key(x):\n    raise KeyError(x)\nsorted([2, 1], key=key)\n", [("key", 2, U)],
                   "KeyError"),
    "__del__": (UNCAUGHT, "class A:\n    def __del__(self):\n        raise KeyError\na = A(); del a\n", [], "ok"),
    "a library's": (UNCAUGHT, "json.loads('{')\n", [("<module>", 1, U)], "JSONDecodeError"),
    "a library's, caught": (UNCAUGHT, "try:\n    json.loads('{')\nexcept ValueError:\n    pass\n", [], "ok"),
    # -- with
    "with open": (UNCAUGHT, "with open('/dev/null') as f:\n    1/0\n", [("<module>", 2, U)], "ZeroDivisionError"),
    "with a lock": (UNCAUGHT, "with threading.Lock():\n    1/0\n", [("<module>", 2, U)], "ZeroDivisionError"),
    "with suppress": (UNCAUGHT, "import contextlib as c\nwith c.suppress(OSError), c.suppress(ArithmeticError):\n"
                      "    1/0\n", [], "ok"),
    "with suppress of another": (UNCAUGHT, "s = contextlib.suppress(OSError)\nwith s:\n    1/0\n",
                                 [("<module>", 3, U)], "ZeroDivisionError"),
    "a manager that swallows": (UNCAUGHT, "class M:\n    def __enter__(self): pass\n"
                                "    def __exit__(self, *a): return a[0] is ZeroDivisionError\nwith M():\n    1/0\n",
                                [], "ok"),
    "a manager that looks": (UNCAUGHT, "class M:\n    def __enter__(self): pass\n"
                             "    def __exit__(self, *a): return a[0] is OSError\nwith M():\n    1/0\n",
                             [("<module>", 5, U)], "ZeroDivisionError"),
    "a manager that never swallows": (UNCAUGHT, "class M:\n    def __enter__(self): pass\n"
                                      "    def __exit__(self, *a): print(a[0] and 1)\ndef f():\n    1/0\nwith M():\n"
                                      "    f()\n", [("f", 5, U)], "ZeroDivisionError"),
    "a generator manager": (UNCAUGHT, "@contextlib.contextmanager\ndef m():\n    try:\n        yield\n    finally:\n"
                            "        x = 1\nwith m():\n    1/0\n", [("<module>", 8, U)], "ZeroDivisionError"),
    "a generator manager that catches": (UNCAUGHT, "@contextlib.contextmanager\ndef m():\n    try:\n        yield\n"
                                         "    except ArithmeticError:\n        pass\nwith m():\n    1/0\n", [], "ok"),
    "an exit stack": (UNCAUGHT, "with contextlib.ExitStack() as s:\n    s.callback(print, 'x')\n"
                      "    s.enter_context(open('/dev/null'))\n    1/0\n", [("<module>", 4, U)], "ZeroDivisionError"),
    "an exit stack that suppresses": (UNCAUGHT, "with contextlib.ExitStack() as s:\n"
                                      "    s.enter_context(contextlib.suppress(ArithmeticError))\n    1/0\n", [], "ok"),
    "assertRaises": (UNCAUGHT, "import unittest\nt = unittest.TestCase()\nwith t.assertRaises(ArithmeticError):\n"
                     "    1/0\n", [], "ok"),
    # -- flow
    "generators": (UNCAUGHT, "def g():\n    yield 1\ni = iter([])\nnext(i, None); list(g()); g().close();\n"
                   "for x in g():\n    break\n", [], "ok"),
    "StopIteration, raised too": (RAISED, "i = iter([])\ntry:\n    next(i)\nexcept StopIteration:\n    pass\n", [], "ok"),
    "a generator's error": (UNCAUGHT, "def g():\n    yield 1\n    1/0\nfor x in g():\n    pass\n", [("g", 3, U)],
                            "ZeroDivisionError"),
    "thrown into": (UNCAUGHT, "def g():\n    try:\n        yield 1\n    except KeyError:\n        yield 2\nx = g()\n"
                    "next(x); x.throw(KeyError);\n", [], "ok"),
    "SystemExit": (UNCAUGHT, "def f():\n    raise SystemExit(3)\ntry:\n    f()\nexcept SystemExit:\n    pass\n", [], "ok"),
    "KeyboardInterrupt": (UNCAUGHT, "raise KeyboardInterrupt\n", [], "KeyboardInterrupt"),
    # -- threads and tasks
    "a thread": (UNCAUGHT, "def f():\n    1/0\nt = threading.Thread(target=f)\nt.start(); t.join()\n", [("f", 2, U)], "ok"),
    "a thread that catches": (UNCAUGHT, "def f():\n    try:\n        1/0\n    except ArithmeticError: pass\n"
                              "t = threading.Thread(target=f)\nt.start(); t.join()\n", [], "ok"),
    "a pool": (UNCAUGHT, "from concurrent.futures import ThreadPoolExecutor as P\ndef f():\n    1/0\nwith P() as p:\n"
               "    x = p.submit(f).exception()\n", [], "ok"),
    "a pool's result": (UNCAUGHT, "from concurrent.futures import ThreadPoolExecutor as P\ndef f():\n    1/0\np = P()\n"
                        "x = p.submit(f)\nx.result()\n", [("<module>", 6, U)], "ZeroDivisionError"),
    "a coroutine": (UNCAUGHT, "async def f():\n    1/0\nawait f()\n", [("f", 2, U)], "ZeroDivisionError"),
    "a coroutine, caught": (UNCAUGHT, "async def f():\n    1/0\ntry:\n    await f()\nexcept ArithmeticError:\n    pass\n",
                            [], "ok"),
    "an awaited task": (UNCAUGHT, "async def f():\n    await asyncio.sleep(0)\n    1/0\nawait asyncio.create_task(f())\n",
                        [("f", 3, U)], "ZeroDivisionError"),
    "an awaited task, caught": (UNCAUGHT, "async def f():\n    await asyncio.sleep(0)\n    1/0\ntry:\n"
                                "    await asyncio.create_task(f())\nexcept ArithmeticError:\n    pass\n", [], "ok"),
    "gather": (UNCAUGHT, "async def f():\n    await asyncio.sleep(0)\n    1/0\nawait asyncio.gather(f())\n",
               [("f", 3, U)], "ZeroDivisionError"),
    "gather that keeps": (UNCAUGHT, "async def f():\n    1/0\nx = await asyncio.gather(f(), return_exceptions=True)\n",
                          [], "ok"),
    "a task awaited later": (UNCAUGHT, "async def f():\n    1/0\nt = asyncio.create_task(f())\nawait asyncio.sleep(0.01)\n"
                             "await t\n", [("<module>", 5, U)], "ZeroDivisionError"),
    "a cancelled task": (UNCAUGHT, "t = asyncio.create_task(asyncio.sleep(9))\nawait asyncio.sleep(0)\nt.cancel()\n"
                         "await asyncio.sleep(0)\nt = None\n", [], "ok"),
    "async with": (UNCAUGHT, "class M:\n    async def __aenter__(self): pass\n    async def __aexit__(self, *a): pass\n"
                   "async with M():\n    1/0\n", [("<module>", 5, U)], "ZeroDivisionError"),
    # -- raised: once
    "raised, three frames": (RAISED, "def f(n):\n    return f(n - 1) if n else {}['k']\ntry:\n    f(3)\n"
                             "except KeyError:\n    pass\n", [("f", 2, "always")], "ok"),
    "raised, again": (RAISED, "def f():\n    try:\n        1/0\n    except ArithmeticError:\n        raise\n    finally:\n"
                      "        pass\ntry:\n    f()\nexcept ArithmeticError as e:\n    pass\n", [("f", 3, "always")], "ok"),
    "raised from": (RAISED, "try:\n    try:\n        1/0\n    except ArithmeticError as e:\n        raise KeyError from e\n"
                    "except KeyError:\n    pass\n", [("<module>", 3, "always"), ("<module>", 5, "always")], "ok"),
    "raised in a library": (RAISED, "try:\n    json.loads('{')\nexcept ValueError:\n    pass\n",
                            [("<module>", 2, "always")], "ok"),
    "raised through with": (RAISED, "try:\n    with open('/dev/null'):\n        1/0\nexcept ArithmeticError:\n    pass\n",
                            [("<module>", 3, "always")], "ok"),
    # -- userUnhandled
    "user: caught by the user": (USER, "def f():\n    1/0\ntry:\n    f()\nexcept ArithmeticError:\n    pass\n", [], "ok"),
    "user: ends the cell": (USER, "def f():\n    1/0\nf()\n", [("f", 2, USER)], "ZeroDivisionError"),
    "user: leaves for a library": (USER, "def hook(d):\n    raise KeyError\ntry:\n    json.loads('{}', object_hook=hook)\n"
                                   "except KeyError:\n    pass\n", [("hook", 2, USER)], "ok"),
    "user: a library's own": (USER, "try:\n    json.loads('{')\nexcept ValueError:\n    pass\n", [], "ok"),
    "user: a task that is awaited": (USER, "async def f():\n    await asyncio.sleep(0)\n    1/0\ntry:\n"
                                     "    await asyncio.create_task(f())\nexcept ArithmeticError:\n    pass\n", [], "ok"),
}


@pytest.mark.parametrize("name", ROWS)
def test_which_exceptions_stop(debugger, name):
    mode, code, stops, ended = ROWS[name]
    debugger.body("setExceptionBreakpoints", filters=[mode])
    assert stops_of(debugger, code) == (stops, ended)


PYTHON = {"names": ["Python Exceptions"]}
TWO = "for e in (KeyError(1), ValueError(2), OSError(3)):\n    try:\n        raise e\n    except Exception:\n        pass\n"
OPTIONS = [
    ([{"path": [PYTHON], "breakMode": "always"}], 3),
    ([{"path": [PYTHON, {"names": ["KeyError"]}], "breakMode": "always"}], 1),
    ([{"path": [PYTHON, {"names": ["KeyError", "OSError"]}], "breakMode": "always"}], 2),
    ([{"path": [PYTHON], "breakMode": "always"},
      {"path": [PYTHON, {"names": ["KeyError"]}], "breakMode": "never"}], 2),
    ([{"path": [PYTHON, {"names": ["LookupError"], "negate": True}], "breakMode": "always"}], 2),
    ([{"path": [PYTHON], "breakMode": "unhandled"}, {"path": [PYTHON], "breakMode": "userUnhandled"}], 0),
    ([{"path": [PYTHON], "breakMode": "never"}], 0),
]


@pytest.mark.parametrize("options, count", OPTIONS)
def test_exception_options(debugger, options, count):
    debugger.body("setExceptionBreakpoints", filters=[], exceptionOptions=options)
    stops, ended = stops_of(debugger, TWO)
    assert (len(stops), ended) == (count, "ok")


@pytest.mark.parametrize(
    "condition, count", [("KeyError, OSError", 2), ("exception.args[0] > 1", 2), ("e is exception", 3), ("1/0", 0)]
)
def test_a_condition_chooses(debugger, condition, count):
    debugger.body("setExceptionBreakpoints", filters=[],
                  filterOptions=[{"filterId": "raised", "condition": condition}])
    assert len(stops_of(debugger, TWO)[0]) == count


def test_a_task_that_nobody_awaits_stops_when_that_is_known(debugger):
    debugger.body("setExceptionBreakpoints", filters=["uncaught"])
    code = "async def lost():\n    1/0\nt = asyncio.create_task(lost())\nawait asyncio.sleep(0)\nt = None\n"
    stops, ended = stops_of(debugger, code)
    assert (stops, ended) == ([("lost", 2, "after")], "ok")
    debugger.body("setExceptionBreakpoints", filters=[])
    assert stops_of(debugger, code) == ([], "ok")
    debugger.body("celldap/postMortem")
    assert debugger.frames()[0]["line"] == 2
    debugger.body("continue", threadId=1)
