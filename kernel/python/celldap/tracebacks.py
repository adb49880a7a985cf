# SPDX-License-Identifier: BSD-3-Clause
"""Tracebacks without our own frames, cells under their names."""

import os
import traceback

import _celldap

_OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")


def _is_ours(path):
    return path.startswith(_OURS) or path.startswith("<frozen runpy>")


def without_ours(tb):
    """The traceback from the user's first frame on."""
    while tb is not None and _is_ours(tb.tb_frame.f_code.co_filename):
        tb = tb.tb_next
    return tb


def _from_cell(tb):
    """The traceback from the cell's own frame on: above it there is only what runs cells."""
    first = tb
    while tb is not None:
        if _celldap.cell_text(tb.tb_frame.f_code.co_filename) is not None:
            return tb
        tb = tb.tb_next
    return without_ours(first)


def _rename(report, seen):
    if report is None or id(report) in seen:
        return
    seen.add(id(report))
    for frame in report.stack:
        _ = frame.line  # read now: the new name is not known to linecache
        frame.filename = _celldap.cell_title(frame.filename) or frame.filename
    if getattr(report, "filename", None):
        report.filename = _celldap.cell_title(report.filename) or report.filename
    for other in (report.__cause__, report.__context__, *(report.exceptions or ())):
        _rename(other, seen)


def lines(exc):
    """Text of an exception that ended a cell, as Python prints it."""
    report = traceback.TracebackException(type(exc), exc, _from_cell(exc.__traceback__))
    _rename(report, set())
    return "".join(report.format()).rstrip("\n").split("\n")
