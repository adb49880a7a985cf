# SPDX-License-Identifier: BSD-3-Clause
"""What every check needs: the files of the work tree, and C text without comments and strings."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_TOKENS = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""",
    re.DOTALL,
)


def files(*suffixes, under=""):
    """Tracked and new files that git does not ignore, as paths relative to ROOT."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z", "--", under or "."],
        capture_output=True, check=True, text=True,
    ).stdout
    names = sorted(set(n for n in listing.split("\0") if n))
    return [Path(n) for n in names if n.endswith(suffixes) and (ROOT / n).is_file()]


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def strip_c(text, strings=True):
    """C text with comments blanked, and the insides of strings too; lines stay where they are."""

    def blank(match):
        if match["string"] and not strings:
            return match[0]
        inside = re.sub(r"[^\n]", " ", match[0])
        return inside if match["comment"] else '"' + inside[1:-1] + '"'

    return _TOKENS.sub(blank, text)


def rows(path="dap/requests.def"):
    """The request table: (id, wire name, states, bridge, kernel, capability or None)."""
    text = strip_c(read(path), strings=False)
    for macro, inside in re.findall(r"^(DAP_REQUEST|DAP_CUSTOM)\(([^)]*)\)", text, re.MULTILINE):
        parts = [p.strip() for p in inside.replace("\n", " ").split(",")]
        if macro == "DAP_REQUEST":
            name, states, bridge, kernel, capability = parts
            capability = None if capability == "NULL" else capability.strip('"')
            yield name, name, states, bridge, kernel, capability
        else:
            name, wire, states, bridge, kernel = parts
            yield name, wire.strip('"'), states, bridge, kernel, None


def alone(check, *args):
    """The main program of one check: its findings, and exit 1 when there is one."""
    found = list(check(*args))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)
