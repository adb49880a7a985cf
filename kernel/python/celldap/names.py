# SPDX-License-Identifier: BSD-3-Clause
"""Completion and help by names, for environments without IPython."""

import builtins
import inspect
import keyword
import re

_TAIL = re.compile(r"((?:[^\W\d]\w*\.)*)(\w*)$")
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def _lookup(ns, dotted):
    """The object behind a dotted name; LookupError or AttributeError where there is none."""
    first, *rest = dotted.split(".")
    value = ns[first] if first in ns else vars(builtins)[first]
    for name in rest:
        value = getattr(value, name)
    return value


def complete(ns, text):
    """(start of what is replaced, matches)"""
    match = _TAIL.search(text)
    owner, prefix = match.group(1)[:-1], match.group(2)
    if owner:
        try:
            found = dir(_lookup(ns, owner))
        except Exception:
            found = []
    else:
        found = [*ns, *vars(builtins), *keyword.kwlist]
    matches = {n for n in found if isinstance(n, str) and n.startswith(prefix)}
    if not prefix.startswith("_"):
        matches = {n for n in matches if not n.startswith("_")}
    return match.start(2), sorted(matches)


def _name_at(code, cursor):
    for match in _NAME.finditer(code):
        if match.start() <= cursor <= match.end():
            return match.group()
    # inside a call: help about the function
    before = re.search(r"([^\W\d][\w.]*)\([^()]*$", code[:cursor])
    return before.group(1) if before else None


def describe(ns, code, cursor, level):
    name = _name_at(code, cursor)
    try:
        value = _lookup(ns, name) if name else None
    except Exception:
        return None
    if name is None:
        return None
    parts = []
    try:
        parts.append(f"Signature: {name}{inspect.signature(value)}")
    except (TypeError, ValueError):
        parts.append(f"Value: {value!r}"[:1000])
    parts.append(f"Type: {type(value).__name__}")
    if level and (inspect.isroutine(value) or inspect.isclass(value)):
        try:
            parts.append("Source:\n" + inspect.getsource(value))
        except (OSError, TypeError):
            pass
    doc = inspect.getdoc(value)
    if doc:
        parts.append("Docstring:\n" + doc)
    return "\n".join(parts)
