# SPDX-License-Identifier: BSD-3-Clause
"""Every request of the schema and some that are not in it, with every kind of bad arguments."""

from dap_client import SCHEMA

CUSTOM = ["celldap/cell", "celldap/cells", "celldap/runCell", "celldap/saveOutputs",
          "celldap/interrupt", "celldap/restartKernel", "celldap/postMortem", "celldap/input"]
JUPYTER = ["dumpCell", "debugInfo", "inspectVariables", "celldap/hello"]
REVERSE = {"RunInTerminal", "StartDebugging"}
# These change the state; they are tested in test_bridge_lifecycle.py, and here with bad arguments.
ENDING = {"disconnect", "terminate", "restart", "celldap/restartKernel"}
MOVING = {"continue", "next", "stepIn", "stepOut", "launch", "attach", "configurationDone",
          "initialize", "celldap/interrupt", "celldap/runCell", "pause"}


def commands():
    found = []
    for name, definition in SCHEMA["definitions"].items():
        if name.endswith("Request") and name != "Request" and name[:-7] not in REVERSE:
            found += definition["allOf"][1]["properties"]["command"]["enum"]
    assert len(found) == 43
    return sorted(found) + CUSTOM + JUPYTER + ["nonsense", ""]


def properties(command):
    name = command[:1].upper() + command[1:] + "Arguments"
    return SCHEMA["definitions"].get(name, {}).get("properties", {})


def wrong_types(command):
    """Each property once with a value of another type, the others left out; and all at once."""
    wrong = {"string": 17, "integer": "x", "boolean": "x", "array": "x", "object": "x"}
    made = {}
    for name, p in properties(command).items():
        kind = p.get("type", "object")
        made[name] = wrong[kind if isinstance(kind, str) else kind[0]]
    return [made, *({k: v} for k, v in made.items())]


UNKNOWN = {"threadId": 4711, "frameId": 4711, "variablesReference": 4711, "name": "nosuch",
           "value": "1", "expression": "nosuch_name", "text": "nosu", "column": 4, "requestId": 4711,
           "sourceReference": 4711, "source": {"path": "/nowhere/x.py"}, "breakpoints": [],
           "filters": ["nosuch"], "index": 4711, "uri": "x:nosuch", "line": 4711, "targetId": 4711,
           "memoryReference": "nosuch", "offset": 0, "count": 1, "instructionCount": 1, "data": "",
           "dataId": "x", "goto": 1, "locationReference": 4711}


def huge_numbers(command):
    """Each integer once far out of any range, the rest as if known; none where it takes none."""
    known = {k: v for k, v in UNKNOWN.items() if k in properties(command)}
    for name, p in properties(command).items():
        if p.get("type") == "integer":
            for number in (2**31 - 1, 2**31, -(2**31), 2**53, 2**63 - 1, -(2**63)):
                yield {**known, name: number}
