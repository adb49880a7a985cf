#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Validates DAP messages, one JSON value a line, against dap/schema/debugAdapterProtocol.json.

usage: validate_transcript.py FILE...

Requests are checked against XRequest, responses against XResponse (failures against ErrorResponse),
events against XEvent. What the schema does not know, Jupyter's commands and ours, has its shape
below. Ends with 1 and names file, line and field when a message does not fit.
"""
import json
import pathlib
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).parents[2] / "dap/schema/debugAdapterProtocol.json"

VARIABLE = {
    "type": "object",
    "required": ["name", "value", "variablesReference"],
    "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
}
# Body of the response to each request that the schema does not know (facts: jupyter.md §2).
OWN_BODIES = {
    "celldap/hello": {"required": ["version", "clientId"]},
    "celldap/ping": {},
    "copyToGlobals": {"required": ["value", "variablesReference"]},
    "debugInfo": {
        "required": ["isStarted", "hashMethod", "hashSeed", "tmpFilePrefix", "tmpFileSuffix",
                     "breakpoints", "stoppedThreads", "richRendering", "exceptionPaths",
                     "copyToGlobals"],
        "additionalProperties": False,
        "properties": {
            "isStarted": {"type": "boolean"},
            "hashMethod": {"const": "Murmur2"},
            "hashSeed": {"const": 3339675911},
            "tmpFilePrefix": {"type": "string", "pattern": "/$"},
            "tmpFileSuffix": {"const": ".py"},
            "breakpoints": {
                "type": "array",
                "items": {
                    "required": ["source", "breakpoints"],
                    "properties": {
                        "source": {"type": "string"},
                        "breakpoints": {"type": "array",
                                        "items": {"$ref": "#/definitions/SourceBreakpoint"}},
                    },
                },
            },
            "stoppedThreads": {"type": "array", "items": {"type": "integer"}},
            "richRendering": {"type": "boolean"},
            "exceptionPaths": {"const": ["Python Exceptions"]},
            "copyToGlobals": {"type": "boolean"},
        },
    },
    "dumpCell": {"required": ["sourcePath"]},
    "inspectVariables": {"required": ["variables"],
                         "properties": {"variables": {"type": "array", "items": VARIABLE}}},
    "richInspectVariables": {"required": ["data", "metadata"]},
}
OWN_EVENTS = {"celldap/cellOutput", "celldap/cellState", "celldap/input"}


def definitions_by_name(schema):
    """{("event", "stopped"): "StoppedEvent", ("response", "next"): "NextResponse", …}"""
    table = {}
    definitions = schema["definitions"]
    for name, definition in definitions.items():
        own = definition.get("allOf", [{}])[-1].get("properties", {})
        if name.endswith("Event") and name != "Event":
            table["event", own["event"]["enum"][0]] = name
        elif name.endswith("Request") and name != "Request":
            command = own["command"]["enum"][0]
            table["request", command] = name
            table["response", command] = name[: -len("Request")] + "Response"
    return table


class Validator:
    def __init__(self):
        self.schema = json.loads(SCHEMA.read_text())
        self.table = definitions_by_name(self.schema)
        self.validators = {}

    def against(self, key, schema):
        if key not in self.validators:
            whole = {**schema, "definitions": self.schema["definitions"]}
            self.validators[key] = jsonschema.Draft4Validator(whole)
        return self.validators[key]

    def definition(self, name):
        return self.against(name, {"$ref": f"#/definitions/{name}"})

    def check(self, message):
        """Yields what is wrong with the message."""
        if not isinstance(message, dict):
            yield "not an object"
            return
        if message.get("request_seq") == 0:
            message = {**message, "request_seq": 1}  # JupyterLab counts from 0: contracts.md §8
        kind = message.get("type")
        word = message.get("event" if kind == "event" else "command")
        if kind == "response" and not message.get("success"):
            yield from self.errors(self.definition("ErrorResponse"), message)
            if not message.get("body", {}).get("error", {}).get("id"):
                yield "body.error.id is missing"
        elif (kind, word) in self.table:
            yield from self.errors(self.definition(self.table[kind, word]), message)
        elif kind == "response" and word in OWN_BODIES:
            yield from self.errors(self.definition("Response"), message)
            body = {**OWN_BODIES[word], "type": "object"}
            yield from self.errors(self.against(("own", word), body), message.get("body", {}))
        elif kind == "request" and (word in OWN_BODIES or str(word).startswith("celldap/")):
            yield from self.errors(self.definition("Request"), message)
        elif kind == "response" and str(word).startswith("celldap/"):
            yield from self.errors(self.definition("Response"), message)
        elif kind == "event" and word in OWN_EVENTS:
            yield from self.errors(self.definition("Event"), message)
        else:
            yield f"unknown {kind} '{word}'"

    @staticmethod
    def errors(validator, message):
        for error in validator.iter_errors(message):
            where = ".".join(str(part) for part in error.absolute_path)
            yield f"{where or 'message'}: {error.message}"


def main(paths):
    validator = Validator()
    bad = checked = 0
    for path in paths:
        for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
            checked += 1
            for problem in validator.check(json.loads(line)):
                bad += 1
                print(f"{path}:{number}: {problem}\n    {line[:300]}", file=sys.stderr)
    print(f"{checked} messages, {bad} problems")
    return 1 if bad or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else __doc__)
