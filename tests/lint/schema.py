# SPDX-License-Identifier: BSD-3-Clause
"""dap/requests.def against the pinned DAP schema: every client request has one row, in order."""

import json
import re

import tree

JUPYTER = {"copyToGlobals", "debugInfo", "dumpCell", "inspectVariables", "richInspectVariables"}
REVERSE = {"runInTerminal", "startDebugging"}


def schema():
    return json.loads(tree.read("dap/schema/debugAdapterProtocol.json"))["definitions"]


def client_requests(definitions):
    for name, definition in definitions.items():
        if name.endswith("Request") and "allOf" in definition:
            command = definition["allOf"][1]["properties"].get("command", {}).get("enum")
            if command and command[0] not in REVERSE:
                yield command[0]


def check():
    definitions = schema()
    wanted = set(client_requests(definitions))
    capabilities = set(definitions["Capabilities"]["properties"])
    members = capabilities | set(definitions["ExceptionBreakpointsFilter"]["properties"])
    table = list(tree.rows())
    names = [wire for _, wire, *_ in table]
    where = "dap/requests.def:"

    for name in sorted(wanted - set(names)):
        yield f"{where} no row for '{name}'"
    if names != sorted(set(names)):
        yield f"{where} rows are not sorted, or one is there twice"
    for ident, wire, _, bridge, kernel, capability in table:
        custom = wire.startswith("celldap/") or wire in JUPYTER
        if wire not in wanted and not custom:
            yield f"{where} '{wire}' is neither in the schema nor Jupyter's nor ours"
        if ident != wire.replace("/", "_"):
            yield f"{where} '{wire}' should have the id {wire.replace('/', '_')}"
        if capability and capability not in capabilities:
            yield f"{where} '{capability}' is no capability of the schema"
        if wire in JUPYTER and (bridge, kernel == "DAP_K_REFUSE") != ("DAP_B_NONE", False):
            yield f"{where} '{wire}' is for the kernel alone"
    for name in re.findall(r'"(support\w+)"', tree.read("dap/capabilities.c")):
        if name not in members:
            yield f"dap/capabilities.c: '{name}' is no capability of the schema"


if __name__ == "__main__":
    tree.alone(check)
