# SPDX-License-Identifier: BSD-3-Clause
"""Cases: evaluate in its contexts, completions, what is said about modules and sources."""

from debugpy_cases.cases import case
from debugpy_cases.values import at_here, done

PLAIN = """
def call():
    one = 5
    listed = ["a", "b"]
    unique = {"a"}
    return one  # here

call()
"""


@case(
    "test_evaluate",
    program=PLAIN,
    expect={"hover": True, "eval": "5 int", "exec": "", "then": "6",
            "error": "TypeError: unsupported operand type(s) for /: 'str' and 'int'"},
)
def expressions_and_statements(s):
    stop = at_here(s)
    hover = "error" in s.evaluate("missing", stop, "hover")
    body = s.evaluate("one", stop, "repl")
    executed = s.value("one = 6", stop, "repl")
    then = s.value("one", stop)
    error = s.value("one = 'abc' / 6", stop, "repl").removeprefix("error: ")
    return done(s, stop, hover=hover, eval=f"{body['result']} {body['type']}", exec=executed,
                then=then, error=error)


@case(
    "test_evaluate_failures",
    program=PLAIN,
    expect={"unknown": True, "watch": "error: NameError: name 'missing' is not defined",
            "resumed": True},
)
def frames_that_are_not_there(s):
    stop = at_here(s)
    unknown = s.fails("evaluate", expression="a = 10", frameId=9999, context="repl")
    watch = s.value("missing", stop)
    s.go(stop)
    s.end()
    return {"unknown": unknown, "watch": watch,
            "resumed": s.fails("evaluate", expression="1", frameId=stop.frame, context="watch")}


@case(
    "test_evaluate_none",
    program=PLAIN,
    expect={"none": ""},
)
def none_is_no_output(s):
    stop = at_here(s)
    return done(s, stop, none=s.value("None", stop, "repl"))


@case(
    "test_evaluate_unicode",
    "test_evaluate_exec_unicode",
    program="""
def call():
    \u16a0 = "\u16a1"
    print("ready")  # here

call()
""",
    expect={"value": "'\u16a1' str", "literal": "'\u4e2d'", "printed": "ready\n", "count": 2},
)
def unicode_in_and_out(s):
    stop = at_here(s)
    body = s.evaluate("\u16a0", stop)
    s.evaluate("print('\u4e2d')", stop, "repl")
    s.evaluate("a = 10; print('\u4e2d')", stop, "repl")
    literal = s.value("'\u4e2d'", stop, "repl")
    s.go(stop)
    s.end()
    return {"value": f"{body['result']} {body['type']}", "literal": literal,
            "count": s.output("stdout", "console").count("\u4e2d"),
            "printed": s.stdout.replace("\u4e2d\n", "")}


@case(
    "test_evaluate_name_mangling",
    "test_evaluate_no_name_mangling",
    program="""
class Some:
    def __init__(self):
        self.__value = 10
        print("ready")  # here

Some()
""",
    expect={"private": "10", "set": "", "text": "'__'", "single": "'_'"},
)
def private_names(s):
    stop = at_here(s)
    private = s.value("self.__value", stop, "repl")
    assigned = s.value('y = "__"', stop, "repl")
    s.evaluate('x = "_"', stop, "repl")
    return done(s, stop, private=private, set=assigned, text=s.value("y", stop, "repl"),
                single=s.value("x", stop, "repl"))


@case(
    "test_evaluate_block_repl",
    "test_evaluate_repl_redirect",
    program=PLAIN,
    expect={"printed": ["bar0", "bar1", "foo0", "foo1", "one"]},
)
def blocks_of_statements(s):
    stop = at_here(s)
    s.evaluate("for i in range(2):\n  print('bar%s' % i)", stop, "repl")
    s.evaluate("  for i in range(2):\n    print('foo%s' % i)", stop, "repl")
    s.evaluate("print('one')", stop, "repl")
    s.go(stop)
    s.end()
    return {"printed": s.output("stdout", "console").split()}


@case(
    "test_evaluate_block_clipboard",
    program="""
class Long:
    def __repr__(self):
        return text

text = "a" * 80000
number = 20000
long = Long()
print("ready")  # here
""",
    expect={"text": 80002, "hex": "0x4e20", "object": 80000},
)
def the_clipboard_gets_all_of_it(s):
    stop = at_here(s)
    hexed = s.evaluate("number", stop, "clipboard", format={"hex": True})["result"]
    return done(s, stop, text=len(s.value("text", stop, "clipboard")), hex=hexed,
                object=len(s.value("long", stop, "clipboard")))


@case(
    "test_evaluate_no_double_exec",
    program="""
def print_and_raise():
    print("something")
    raise RuntimeError("told")

print("ready")  # here
""",
    expect={"error": "error: RuntimeError: told", "count": 1},
)
def a_line_that_raises_ran_once(s):
    stop = at_here(s)
    error = s.value("print_and_raise()", stop, "repl")
    s.go(stop)
    s.end()
    return {"error": error, "count": s.output("stdout", "console").count("something")}


@case(
    "test_evaluate_variable_references",
    program=PLAIN,
    expect={"shown": "{'a'} set", "members": ["'a'", "1"]},
)
def a_result_has_children(s):
    stop = at_here(s)
    body = s.evaluate("unique", stop)
    members = [v["value"] for v in s.children(body["variablesReference"]) if v["type"]]
    return done(s, stop, shown=f"{body['result']} {body['type'].partition('[')[0]}", members=members)


@case(
    "test_evaluate_exception_trace",
    program="""
def one():
    raise TypeError("told")

def two():
    one()

def three():
    two()

print("ready")  # here
""",
    expect={"names": [["one", "two", "three"], ["one", "two"]], "ours": False},
)
def an_error_has_its_traceback(s):
    stop = at_here(s)
    errors = [s.evaluate(e, stop, "repl")["traceback"] for e in ("three()", "two()")]
    names = [[n for n in ("one", "two", "three") if f"in {n}" in error] for error in errors]
    ours = any(word in error for error in errors for word in ("pydevd", "celldap/"))
    return done(s, stop, names=names, ours=ours)


@case(
    "test_warning_on_repl",
    program=PLAIN,
    expect={"told": [1, 0]},
)
def the_console_shows_warnings(s):
    stop = at_here(s)
    s.evaluate('import warnings; warnings.warn("SaidByConsole")', stop, "repl")
    s.evaluate('__import__("warnings").warn("SaidByWatch")', stop, "watch")
    s.go(stop)
    s.end()
    lines = s.output("stderr", "console", "stdout").split("\n")
    return {"told": [sum(f"Warning: SaidBy{who}" in line for line in lines)
                     for who in ("Console", "Watch")]}


@case(
    "test_case_completions_json",
    program=PLAIN,
    expect={"members": True, "special": False, "one": [("items", 6, 4)], "unknown": True},
    differs={
        "special": (True, "celldap lists names with an underscore once one is typed, as IPython does"),
        "one": ([("items", 5, 4)], "start counts from columnsStartAt1, which this client said"),
    },
)
def completions_in_a_frame(s):
    stop = at_here(s)
    targets = s.request("completions", text="dict.", column=6, frameId=stop.frame)["targets"]
    one = s.request("completions", text="dict.item", column=10, frameId=stop.frame)["targets"]
    labels = {t["label"].removeprefix("dict.") for t in targets}
    return done(s, stop, members={"items", "keys", "values"} <= labels,
                special="__contains__" in labels,
                one=[(t["label"], t.get("start"), t.get("length")) for t in one],
                unknown=s.fails("completions", text="dict.item", column=10, frameId=99999))


@case(
    "test_modules",
    program=PLAIN,
    expect={"name": "__main__", "path": "program.py"},
)
def the_module_of_the_program(s):
    stop = at_here(s)
    modules = s.request("modules")["modules"]
    module = next(m for m in modules if m["name"] == "__main__")
    return done(s, stop, name=module["name"], path=module["path"].rpartition("/")[2])


@case(
    "test_module_crash",
    program="""
class Strange:
    pass

__version__ = Strange()
__package__ = Strange()
print("ready")  # here
""",
    expect={"stop": "breakpoint <module>: print(\"ready\")", "modules": True, "code": 0},
)
def a_module_whose_names_are_no_strings(s):
    stop = at_here(s)
    modules = s.request("modules")["modules"]
    s.go(stop)
    return {"stop": str(stop), "modules": len(modules) > 0, "code": s.end()}


@case(
    "test_linecache_json",
    "test_source_reference_no_file",
    program="""
import linecache

def foo():
    print("foo")  # here

text = "def some():\\n    foo()\\nsome()\\n"
linecache.cache["<foo bar>"] = (len(text), None, text.splitlines(True), "<foo bar>")
exec(compile(text, "<foo bar>", "exec"))
eval("foo()")
""",
    expect={"frames": ["foo", "some", "<module>", "<module>"], "source": True, "named": "<foo bar>",
            "no source": True},
    differs={"no source": (False, "debugpy writes a source of its own from the bytecode; celldap "
                           "says that there is none")},
    justMyCode=False,
)
def source_that_is_in_no_file(s):
    stop = at_here(s)
    source = stop.frames[1]["source"]
    reference = source["sourceReference"]
    body = s.request("source", sourceReference=reference, source=source)
    again = s.go_to_stop(stop)
    source = again.frames[1]["source"]
    gone = s.fails("source", sourceReference=source["sourceReference"], source=source)
    s.go(again)
    s.end()
    return {"frames": stop.names[:4], "source": "def some():" in body["content"],
            "named": stop.frames[1]["source"].get("path", stop.frames[1]["source"].get("name")),
            "no source": gone}


@case(
    "test_send_invalid_messages",
    program=PLAIN,
    expect={"modules": True, "completions": True, "alive": "5"},
)
def requests_without_arguments(s):
    stop = at_here(s)
    modules = s.client.call("modules")["success"]
    completions = not s.client.call("completions")["success"]
    return done(s, stop, modules=modules, completions=completions, alive=s.value("one", stop))
