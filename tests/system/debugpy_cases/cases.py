# SPDX-License-Identifier: BSD-3-Clause
"""What a case is: a behaviour that a test of debugpy's own suite is about, as a program of ours, a
drive through it in DAP, what celldap shows, and where debugpy shows something else, with the reason.
"""

from dataclasses import dataclass
from typing import Callable

ALL = []


@dataclass
class Case:
    drive: Callable  # of a Session: returns what was seen, by name
    tests: tuple  # debugpy's names in test_debugger_json.py
    program: str
    expect: dict  # what celldap shows
    differs: dict  # name -> (what debugpy shows, why)
    files: dict  # beside the program
    options: dict  # of launch
    since: tuple  # the oldest Python on which celldap does it

    @property
    def name(self):
        return self.drive.__name__

    @property
    def by_debugpy(self):
        return {**self.expect, **{name: shown for name, (shown, _) in self.differs.items()}}


def case(*tests, program, expect, differs=None, files=None, since=(3, 12), **options):
    """Decorates a drive; options are those of its launch."""

    def add(drive):
        ALL.append(Case(drive, tests, program, expect, differs or {}, files or {}, options, since))
        return drive

    return add
