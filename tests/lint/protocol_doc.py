# SPDX-License-Identifier: BSD-3-Clause
"""The coverage table of docs/protocol.md, made from dap/requests.def. `--check` only compares."""

import sys

import tree

BEGIN = "<!-- coverage: made by tests/lint/protocol_doc.py -->"
END = "<!-- end of coverage -->"
DOC = "docs/protocol.md"
STATES = {
    "DAP_S_NEW": "before initialize", "DAP_S_CONFIG": "configuration", "DAP_S_RUNNING": "running",
    "DAP_S_IDLE": "idle", "DAP_S_STOPPED": "stopped", "DAP_S_ENDED": "ended", "DAP_S_LIVE": "live",
    "DAP_S_ANY": "after initialize", "DAP_S_ALWAYS": "always",
}
BRIDGE = {"DAP_B_HANDLE": "answers", "DAP_B_FORWARD": "forwards", "DAP_B_REFUSE": "not supported",
          "DAP_B_NONE": "–"}
KERNEL = {"DAP_K_DEBUG": "answers", "DAP_K_STOPPED": "on the stopped thread",
          "DAP_K_PYTHON": "in Python", "DAP_K_REFUSE": "not supported"}


def table():
    def offered(row):
        return row[3] in ("DAP_B_HANDLE", "DAP_B_FORWARD")

    rows = list(tree.rows())
    schema = [r for r in rows if "/" not in r[1] and r[3] != "DAP_B_NONE"]
    yield BEGIN
    yield ""
    yield (f"The bridge offers {sum(map(offered, schema))} of the {len(schema)} client requests of "
           "the schema; each of the others gets an error reply. *Live* is running, idle or stopped.")
    yield ""
    yield "| request | legal | bridge | kernel | capability |"
    yield "|---|---|---|---|---|"
    for _, wire, states, bridge, kernel, capability in rows:
        legal = ", ".join(STATES[s.strip()] for s in states.split("|"))
        shown = f"`{capability}`" if capability else ""
        yield f"| `{wire}` | {legal} | {BRIDGE[bridge]} | {KERNEL[kernel]} | {shown} |"
    yield ""
    yield END


def updated():
    """(text as it is, text as it should be)"""
    text = tree.read(DOC)
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{DOC}: the lines '{BEGIN}' and '{END}' are missing")
    return text, before + "\n".join(table()) + after


def check():
    old, new = updated()
    if old != new:
        yield f"{DOC}: the coverage table is old: run python3 tests/lint/protocol_doc.py"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        tree.alone(check)
    (tree.ROOT / DOC).write_text(updated()[1], encoding="utf-8")
