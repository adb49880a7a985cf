# SPDX-License-Identifier: BSD-3-Clause
"""Cases: variables of frames, children of containers, how they are shown, and how they are changed."""

from debugpy_cases.cases import case

GROUPS = ("special variables", "function variables", "class variables", "protected variables")


def shown(variables):
    """name=value of each, without the groups."""
    return [f"{v['name']}={v['value']}" for v in variables if v["name"] not in GROUPS]


CONTAINERS = """
import collections

class Key:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name

def call():
    listed = ["a", "b"]
    unique = {"a"}
    mapped = {"a": 30, "_b_": 20, "__c__": 10}
    ordered = collections.OrderedDict([(4, "first"), (3, "second"), (2, "last")])
    same = {Key("foo"): "bar", Key("gad"): "zooks", Key("foo"): "bur"}
    \u16a0 = "\u16a1"
    print("ready")  # here

call()
"""


def at_here(s):
    s.start("here")
    return s.stopped()


def done(s, stop, **seen):
    s.go(stop)
    s.end()
    return seen


@case(
    "test_stack_and_variables_set_and_list",
    program=CONTAINERS,
    expect={"listed": "['a', 'b']", "unique": "{'a'}", "types": ["list", "set"],
            "list": ["0='a'", "1='b'", "len()=2"], "set": ["'a'", "1"], "evaluate": "listed[1]"},
)
def a_list_and_a_set(s):
    stop = at_here(s)
    local = s.locals(stop)
    children = s.children(local["listed"]["variablesReference"])
    members = s.children(local["unique"]["variablesReference"])
    return done(s, stop, listed=local["listed"]["value"], unique=local["unique"]["value"],
                types=[local[name]["type"].partition("[")[0] for name in ("listed", "unique")],
                list=shown(children), set=[v["value"] for v in members if v["name"] not in GROUPS],
                evaluate=next(v for v in children if v["name"] == "1")["evaluateName"])


@case(
    "test_dict_contents",
    "test_stack_and_variables_dict",
    program=CONTAINERS,
    expect={"value": "{'a': 30, '_b_': 20, '__c__': 10}", "unicode": "'\u16a1'",
            "children": ["'a'=30", "'_b_'=20", "'__c__'=10", "len()=3"], "evaluate": "mapped['a']"},
)
def a_dict_and_a_name_in_unicode(s):
    stop = at_here(s)
    local = s.locals(stop)
    children = s.children(local["mapped"]["variablesReference"])
    return done(s, stop, value=local["mapped"]["value"], unicode=local["\u16a0"]["value"],
                children=shown(children),
                evaluate=next(v for v in children if v["name"] == "'a'")["evaluateName"])


@case(
    "test_dict_ordered",
    program=CONTAINERS,
    expect={"children": ["4='first'", "3='second'", "2='last'"]},
)
def an_ordered_dict_keeps_its_order(s):
    stop = at_here(s)
    children = s.children(s.locals(stop)["ordered"]["variablesReference"])
    return done(s, stop, children=[t for t in shown(children) if t[0].isdigit()])


@case(
    "test_variables_with_same_name",
    program=CONTAINERS,
    expect={"value": "{foo: 'bar', gad: 'zooks', foo: 'bur'}", "distinct": False,
            "values": ["'bar'", "'zooks'", "'bur'"], "set": "refused"},
    differs={"distinct": (True, "debugpy adds its id to the name of the second; celldap shows keys as "
                          "they are, since DAP lets siblings share a name, and guesses at none")},
)
def keys_of_the_same_name(s):
    stop = at_here(s)
    variable = s.locals(stop)["same"]
    children = [v for v in s.children(variable["variablesReference"])
                if v["name"].startswith(("foo", "gad"))]
    names = [v["name"] for v in children]
    values = [v["value"] for v in children]
    return done(s, stop, value=variable["value"], distinct=len(set(names)) == 3, values=values,
                set=set_child(s, stop, "same", "foo", "1"))


LOCALS = """
def call():
    one = 10  # here
    two = 20
    three = [one, two]
    return three

call()
"""


@case(
    "test_stack_and_variables",
    program=LOCALS,
    expect={"name": "__main__.call", "none": [], "one": ["one=10"], "hex": ["one=0xa"],
            "set": "[1] list", "then": ["one=[1]"], "reference": True},
)
def locals_step_by_step(s):
    stop = at_here(s)
    form = {"module": True}
    frame = s.request("stackTrace", threadId=stop.thread, format=form)["stackFrames"][0]
    none = shown(s.locals(stop).values())
    stop = s.next(stop)
    one = shown(s.locals(stop).values())
    scope = s.scope(stop, "Locals")
    by_hex = shown(s.children(scope, format={"hex": True}))
    body = s.request("setVariable", variablesReference=scope, name="one", value="[1]")
    then = shown(s.locals(stop).values())
    return done(s, stop, name=frame["name"].partition(" ")[0], none=none, one=one, hex=by_hex,
                set=f"{body['value']} {body['type'].partition('[')[0]}", then=then,
                reference=body["variablesReference"] > 0)


@case(
    "test_hex_variables",
    program="""
def call():
    plain = 100
    listed = [1, 10, 100]
    mapped = {10: 10, 100: 100}
    nested = {(1, 10): (10000, 100000)}
    print("ready")  # here

call()
""",
    expect={"shown": ["plain=0x64", "listed=[0x1, 0xa, 0x64]", "mapped={0xa: 0xa, 0x64: 0x64}",
                      "nested={(0x1, 0xa): (0x2710, 0x186a0)}"]},
)
def numbers_in_hex(s):
    stop = at_here(s)
    variables = s.children(s.scope(stop, "Locals"), format={"hex": True})
    names = ("plain", "listed", "mapped", "nested")
    by_name = {v["name"]: v["value"] for v in variables}
    return done(s, stop, shown=[f"{name}={by_name[name]}" for name in names])


@case(
    "test_global_scope",
    program="""
shared = "before"

class Some:
    def method(self):
        print("one")  # here

Some().method()
print("two")  # then
""",
    expect={"scopes": ["Locals", "Globals"], "before": "'before'", "after": "'after'"},
)
def globals_are_read_and_set(s):
    s.start("here", "then")
    stop = s.stopped()
    scopes = [scope["name"] for scope in s.request("scopes", frameId=stop.frame)["scopes"]]
    before = s.globals(stop)["shared"]["value"]
    s.request("setVariable", variablesReference=s.scope(stop, "Globals"), name="shared",
              value="'after'")
    stop = s.go_to_stop(stop)
    return done(s, stop, scopes=scopes, before=before, after=s.globals(stop)["shared"]["value"])


@case(
    "test_set_expression",
    program=LOCALS.replace("  # here", "").replace("return three", "return three  # here"),
    expect={"value": "20", "now": "20", "item": "5", "list": "[5, 20]"},
)
def expressions_are_set(s):
    stop = at_here(s)
    value = s.request("setExpression", expression="bb", value="20", frameId=stop.frame)["value"]
    now = s.value("bb", stop)
    item = s.request("setExpression", expression="three[0]", value="5", frameId=stop.frame)["value"]
    return done(s, stop, value=value, now=now, item=item, list=s.value("three", stop))


@case(
    "test_set_expression_failures",
    "test_set_variable_failure",
    "test_get_variable_errors",
    program=LOCALS,
    expect={"frame": False, "no variables": True, "unknown": True, "old": True},
    differs={"frame": (True, "celldap takes frame 0, the number of no frame, as none: the namespace of "
                       "the program")},
)
def references_that_are_not_there(s):
    stop = at_here(s)
    frame = s.fails("setExpression", expression="one", value="1", frameId=0)
    unset = s.fails("setVariable", variablesReference=0, name="one", value="1")
    unknown = s.fails("variables", variablesReference=9999)
    return done(s, stop, **{"frame": frame, "no variables": unset, "unknown": unknown,
                            "old": s.fails("scopes", frameId=987654)})


SUBCLASSES = """
class Listed(list):
    def __init__(self):
        super().__init__("ab")
        self.own = 11

class Mapped(dict):
    def __init__(self):
        super().__init__(inside=20)
        self.own = 12

class Paired(tuple):
    pass

class Unique(set):
    pass

def call():
    listed, mapped, paired, unique = Listed(), Mapped(), Paired("ab"), Unique("a")
    paired.own = 13
    print("ready")  # here

call()
"""


def child(s, stop, of, name):
    return next(v for v in s.children(s.locals(stop)[of]["variablesReference"]) if v["name"] == name)


def set_child(s, stop, of, name, value):
    reference = s.locals(stop)[of]["variablesReference"]
    reply = s.client.call("setVariable", {"variablesReference": reference, "name": name,
                                          "value": value})
    return reply["body"]["value"] if reply["success"] else "refused"


@case(
    "test_set_variable_multiple_cases",
    program=SUBCLASSES,
    expect={"list": "1", "attribute": "2", "dict": "5", "tuple": "refused", "tuple's": "3",
            "set": "7", "unhashable": "refused",
            "now": ["[1, 'b']", "2", "{'inside': 5}", "('a', 'b')", "3", "{7}"]},
)
def items_and_attributes_of_subclasses(s):
    stop = at_here(s)
    seen = {
        "list": set_child(s, stop, "listed", "0", "1"),
        "attribute": set_child(s, stop, "listed", "own", "2"),
        "dict": set_child(s, stop, "mapped", "'inside'", "5"),
        "tuple": set_child(s, stop, "paired", "0", "1"),
        "tuple's": set_child(s, stop, "paired", "own", "3"),
    }
    members = s.children(s.locals(stop)["unique"]["variablesReference"])
    member = next(v["name"] for v in members if v["value"] == "'a'")
    seen["unhashable"] = set_child(s, stop, "unique", member, "[22]")
    seen["set"] = set_child(s, stop, "unique", member, "7")
    seen["now"] = [s.value(e, stop) for e in ("list(listed)", "listed.own", "dict(mapped)",
                                              "tuple(paired)", "paired.own", "set(unique)")]
    return done(s, stop, **seen)


@case(
    "test_get_variables_corner_case",
    program="""
class Field:
    __name__ = "name?"

    def __hash__(self):
        raise RuntimeError

class Some:
    __class__ = Field()

some = Some()
print("ready")  # here
""",
    expect={"shown": True},
)
def an_object_with_a_strange_class(s):
    stop = at_here(s)
    return done(s, stop, shown="__main__.Some" in s.locals(stop)["some"]["value"])


@case(
    "test_exception_on_dir",
    program="""
class A:
    def __init__(self):
        self.kept = 10
        self.attributes = {}  # here

    def __dir__(self):
        return list(self.attributes)

A()
""",
    expect={"children": ["kept=10"]},
)
def an_object_whose_dir_fails(s):
    stop = at_here(s)
    children = s.children(s.locals(stop)["self"]["variablesReference"])
    return done(s, stop, children=[t for t in shown(children) if t.startswith("kept")])


@case(
    "test_hasattr_failure",
    program="""
class Bad:
    def __getattribute__(self, name):
        raise RuntimeError

bad = Bad()
print("ready")  # here
""",
    expect={"listed": True, "shown": True, "missing": True, "code": 0},
)
def an_object_without_attributes(s):
    stop = at_here(s)
    listed = "bad" in s.locals(stop)
    text = s.evaluate("bad", stop, "hover").get("result", "")
    missing = all("error" in s.evaluate("missing", stop, c) for c in ("hover", "watch"))
    s.go(stop)
    return {"listed": listed, "shown": bool(text), "missing": missing, "code": s.end()}


@case(
    "test_getattr_warning",
    program="""
import warnings

class Warns:
    def __getattribute__(self, name):
        warnings.warn("deprecated", DeprecationWarning)
        warnings.warn("in the future", FutureWarning)
        return 1

warns = Warns()
print("ready")  # here
""",
    expect={"listed": True, "stderr": ""},
)
def looking_prints_no_warning(s):
    stop = at_here(s)
    listed = "warns" in s.locals(stop)
    s.evaluate("warns", stop, "hover")
    s.evaluate("missing", stop, "hover")
    s.evaluate("missing", stop, "watch")
    s.go(stop)
    s.end()
    return {"listed": listed, "stderr": s.output("stderr")}
