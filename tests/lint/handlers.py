# SPDX-License-Identifier: BSD-3-Clause
"""The request table against the code: each row that a side answers has its handler there."""

import re

import tree

BRIDGE = "bridge/dispatch.c"
KERNEL = "kernel/debug/dispatch.c"
SIMPLE = "dbg__simple_find"  # its file lists what is one call of the engine


def handled(path):
    return set(re.findall(r"\[DAP_CMD_(\w+)\]\s*=", tree.strip_c(tree.read(path))))


def simple_commands():
    for path in tree.files(".c", under="kernel/debug"):
        text = tree.read(path)
        if re.search(rf"\b{SIMPLE}\([^;{{]*\)\s*\n{{", text):
            yield from re.findall(r'\{\s*"(\w+)"', text)


def check():
    bridge, kernel, simple = handled(BRIDGE), handled(KERNEL), set(simple_commands())
    for ident, wire, _, b_role, k_role, _ in tree.rows():
        if (b_role == "DAP_B_HANDLE") != (ident in bridge):
            has = "a handler" if ident in bridge else "no handler"
            yield f"{BRIDGE}: '{wire}' is {b_role} in dap/requests.def, but has {has}"
        if k_role == "DAP_K_REFUSE" and (ident in kernel or wire in simple):
            yield f"{KERNEL}: '{wire}' is {k_role} in dap/requests.def, but has a handler"
        if k_role == "DAP_K_DEBUG" and ident not in kernel:
            yield f"{KERNEL}: '{wire}' is {k_role} in dap/requests.def, but has no handler"
        if k_role in ("DAP_K_PYTHON", "DAP_K_STOPPED") and not (ident in kernel or wire in simple):
            yield f"{KERNEL}: '{wire}' is {k_role}, but neither a handler nor {SIMPLE}() has it"


if __name__ == "__main__":
    tree.alone(check)
