# SPDX-License-Identifier: BSD-3-Clause
"""docs/debugpy-cases.md, made from the cases: `python tests/system/debugpy_cases/page.py` writes it."""

import sys
from pathlib import Path

SYSTEM = Path(__file__).resolve().parents[1]
PAGE = SYSTEM.parents[1] / "docs" / "debugpy-cases.md"
HEAD = """\
# debugpy's cases

The behaviours that debugpy's own suite tests (`src/debugpy/_vendored/pydevd/tests_python/test_debugger_json.py`)
and that celldap is tested for, too. Each is a program and a drive through it of our own, in
`tests/system/debugpy_cases/`; `tests/system/test_debugpy_cases.py` drives it through celldap and through
debugpy {version}'s adapter (`test_celldap[…]`, `test_debugpy[…]`), and asserts what both show. Where they
differ, the case says how and why; all else is the same.

This page is made from the cases by `python tests/system/debugpy_cases/page.py`; a test compares them.
{cases} cases stand for {tests} of debugpy's tests; {differ} of them differ.

| debugpy's test | our case | difference: celldap's, debugpy's, why |
|---|---|---|
"""


def _cell(value):
    text = value if isinstance(value, str) else repr(value)
    text = text.replace("\n", "\\n").replace("|", "\\|")
    return f"`{text}`" if text else "nothing"


def _difference(case):
    return "<br>".join(
        f"{name}: {_cell(case.expect[name])}, {_cell(shown)}: {why}"
        for name, (shown, why) in case.differs.items()
    )


def _row(test, case):
    since = "" if case.since == (3, 12) else f" (from Python {'.'.join(map(str, case.since))} on)"
    return f"| `{test}` | `{case.name}`{since} | {_difference(case) or 'same'} |"


def page(all_cases, version):
    rows = sorted(((test, case) for case in all_cases for test in case.tests), key=lambda row: row[0])
    lines = [_row(test, case) for test, case in rows]
    counts = {"cases": len(all_cases), "tests": len(rows),
              "differ": sum(bool(case.differs) for case in all_cases)}
    return HEAD.format(version=version, **counts) + "\n".join(lines) + "\n"


def pinned_version():
    text = (SYSTEM.parent / "requirements.txt").read_text()
    return next(line.partition("==")[2] for line in text.split("\n") if line.startswith("debugpy=="))


if __name__ == "__main__":
    sys.path.insert(0, str(SYSTEM))
    from debugpy_cases import every

    PAGE.write_text(page(every.CASES, pinned_version()))
