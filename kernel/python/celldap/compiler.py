# SPDX-License-Identifier: BSD-3-Clause
"""IPython's compiler with our names: a cell is compiled under its hash file, line by line as typed.

Cell magics that run their body as Python (%%time, %%capture, …) hand it back to the shell without
its first lines: such a body is compiled under the cell's own name, at its own lines.
"""

import ast
import linecache
import re
import threading

import _celldap
from IPython.core.compilerop import CachingCompiler

_MAGIC = re.compile(r"\s*%%(\w+)")
# Cell magics whose body is Python that runs in the user's namespace.
_PYTHON_BODY = {"time", "timeit", "capture", "prun", "debug", "memit", "mprun", "lprun"}
_TIMED = ("<timed exec>", "<timed eval>")


def masked(text):
    """A cell with a Python-bodied magic as plain Python of the same lines, else None."""
    match = _MAGIC.match(text)
    if match is None or match.group(1) not in _PYTHON_BODY:
        return None
    start = match.start(1) - 2
    return text[:start].replace("\t", " ") + "#" + text[start:]


def remember(path, source):
    """Lets tracebacks find the text of a cell; no file of that name needs to be there."""
    lines = [line + "\n" for line in source.splitlines()]
    linecache.cache[path] = (len(source), None, lines, path)


class CellCompiler(CachingCompiler):
    def __init__(self):
        super().__init__()
        self._running = threading.local()
        self._skip = {}  # id of a source text -> lines above it in the cell
        self._timed = False

    @property
    def cell(self):
        """(path, text) of the cell that the client sent, while it runs on this thread"""
        return getattr(self._running, "cell", None)

    @cell.setter
    def cell(self, value):
        self._running.cell = value

    def get_code_name(self, raw_code, transformed_code, number):
        return _celldap.cell_path(raw_code)

    def cache(self, transformed_code, number=0, raw_code=None):
        raw = transformed_code if raw_code is None else raw_code
        skip = self._lines_above(raw)
        if skip:
            self._skip[transformed_code] = skip
            return self.cell[0]
        name = super().cache(transformed_code, number, raw)
        if _celldap.cell_text(name) is None:
            _celldap.cell_keep(name, raw, None, number)
        source = masked(raw)
        if source is not None:
            remember(name, source)
        return name

    def _lines_above(self, body):
        """How many lines of the running cell are above this text, its end; 0: it is not its end."""
        if self.cell is None or not body.strip():
            return 0
        text = self.cell[1]
        end = text.rstrip("\n")
        part = body.rstrip("\n")
        if len(part) >= len(end) or not end.endswith("\n" + part) or not _MAGIC.match(text):
            return 0
        return end[: -len(part)].count("\n")

    def ast_parse(self, source, filename="<unknown>", symbol="exec"):
        __tracebackhide__ = True
        tree = super().ast_parse(source, filename, symbol)
        skip = self._skip.pop(source, 0) if filename != "<unknown>" else self._lines_above(source)
        self._timed = bool(skip) and filename == "<unknown>"
        return ast.increment_lineno(tree, skip) if skip else tree

    def __call__(self, source, filename, symbol, **kwargs):
        __tracebackhide__ = True
        if filename in _TIMED and self._timed and self.cell is not None:
            filename = self.cell[0]
        code = super().__call__(source, filename, symbol, **kwargs)
        if _celldap.cell_text(filename) is not None:
            _celldap.code_compiled(code)
        return code
