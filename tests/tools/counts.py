# SPDX-License-Identifier: BSD-3-Clause
"""Prints "PASSED FAILED SKIPPED" of one suite's record: counts.py ctest|junit|tap FILE.

A record that shows no test at all counts as one failure: a suite that runs nothing has failed.
"""

import re
import sys
from xml.etree import ElementTree


def number(pattern: str, text: str) -> int:
    return sum(int(found) for found in re.findall(pattern, text, re.MULTILINE))


def ctest(text: str) -> tuple[int, int, int]:
    """Counts cmocka's cases; a program that died before its summary is one failure."""
    passed = number(r"\[  PASSED  \] (\d+) test", text)
    failed = number(r"\[  FAILED  \] (\d+) test", text)
    skipped = number(r"\[  SKIPPED \] (\d+) test", text)
    programs = number(r"(\d+) tests failed out of", text)
    return passed, max(failed, programs), skipped


def junit(text: str) -> tuple[int, int, int]:
    total = failed = skipped = 0
    for suite in ElementTree.fromstring(text).iter("testsuite"):
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return max(total - failed - skipped, 0), failed, skipped


def tap(text: str) -> tuple[int, int, int]:
    failed = number(r"^# fail (\d+)", text) + number(r"^# cancelled (\d+)", text)
    return number(r"^# pass (\d+)", text), failed, number(r"^# skipped (\d+)", text)


def main() -> int:
    kind, path = sys.argv[1:]
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            counts = {"ctest": ctest, "junit": junit, "tap": tap}[kind](file.read())
    except (OSError, ElementTree.ParseError):
        counts = (0, 1, 0)
    print(*(counts if sum(counts) else (0, 1, 0)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
