# SPDX-License-Identifier: BSD-3-Clause
"""Every thread role of kernel/roles.h has its row in docs/threads.md, and every row its role."""

import re

import tree


def code_roles():
    return re.findall(r'\bX\((\w+), "([^"]+)"\)', tree.read("kernel/roles.h"))


def doc_roles(text):
    """Thread names in the first column of tables: `celldap-main` or main."""
    for line in text.splitlines():
        match = re.match(r"\|\s*`?(celldap-[a-z]+)`?\b", line)
        if match:
            yield match[1]


def check():
    path = tree.ROOT / "docs/threads.md"
    roles = code_roles()
    if not roles:
        yield "kernel/roles.h:1: no X(name, \"thread name\") found"
    if not path.is_file():
        yield "docs/threads.md: missing"
        return
    documented = list(doc_roles(path.read_text(encoding="utf-8")))
    for name, thread in roles:
        if len(thread) > 15:
            yield f"kernel/roles.h: '{thread}' is longer than the 15 bytes that a thread name has"
        if documented.count(thread) != 1:
            yield (f"docs/threads.md: {documented.count(thread)} rows begin with '{thread}' "
                   f"(role {name} of kernel/roles.h), there must be one")
    for thread in documented:
        if thread not in [t for _, t in roles]:
            yield f"docs/threads.md: '{thread}' is no role of kernel/roles.h"


if __name__ == "__main__":
    tree.alone(check)
