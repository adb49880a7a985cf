# SPDX-License-Identifier: BSD-3-Clause
"""Where a class was defined, by its text: before Python 3.13 a class does not know its own line."""

import ast


def _find(node, names):
    """The definitions of names[0] in node's body, then of names[1] in theirs."""
    for child in ast.iter_child_nodes(node):
        name = getattr(child, "name", None) if hasattr(child, "body") else None
        if name == names[0]:
            if len(names) == 1:
                if isinstance(child, ast.ClassDef):
                    yield min([child.lineno, *(d.lineno for d in child.decorator_list)])
            else:
                yield from _find(child, names[1:])
        elif name is None:
            yield from _find(child, names)


def class_place(qualname, texts):
    """(path, line) in the newest of the texts that defines it, or None."""
    names = [name for name in qualname.split(".") if name != "<locals>"]
    for path, text in reversed(texts.items()):
        if names[-1] not in text:
            continue
        try:
            lines = list(_find(ast.parse(text), names))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # magics, or no Python at all
        if lines:
            return path, lines[-1]
    return None
