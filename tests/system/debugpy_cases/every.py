# SPDX-License-Identifier: BSD-3-Clause
"""All cases, in the order of their files."""

from debugpy_cases import breakpoints, evaluating, exceptions, looking, steps, threads, values
from debugpy_cases.cases import ALL

FILES = (breakpoints, steps, exceptions, values, looking, evaluating, threads)
CASES = tuple(ALL)
