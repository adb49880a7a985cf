# SPDX-License-Identifier: BSD-3-Clause
"""All cases, in the order of their files."""

import sys

from debugpy_cases import breakpoints, evaluating, exceptions, looking, steps, threads, values
from debugpy_cases.cases import ALL

FILES = (breakpoints, steps, exceptions, values, looking, evaluating, threads)
CASES = tuple(ALL)
HERE = tuple(case for case in CASES if sys.version_info >= case.since)
