# SPDX-License-Identifier: BSD-3-Clause
"""Cells without IPython: the last expression is shown by its repr, top-level await works."""

import ast
import builtins
import codeop
import contextlib
import inspect as _inspect
import linecache
import sys
import types

import _celldap

from celldap import around, names
from celldap.tracebacks import lines
from celldap.wire import publish, publish_error

_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_TREE = ast.PyCF_ONLY_AST
# What codeop sets to tell an unfinished text from a wrong one; an executed cell is finished.
_UNFINISHED = codeop.PyCF_DONT_IMPLY_DEDENT | codeop.PyCF_ALLOW_INCOMPLETE_INPUT


class UsageError(Exception):
    """Something that only IPython can do."""

    __module__ = "builtins"  # shown as plain "UsageError"


def _magic_in(text, exc):
    """The error of a cell that failed to parse because it wants IPython, else None."""
    rows = text.splitlines()
    row = rows[exc.lineno - 1].strip() if exc.lineno and exc.lineno <= len(rows) else ""
    if row[:1] not in ("%", "!", "?") and row[-1:] != "?":
        return None
    return UsageError(
        f"'{row.split()[0]}' (line {exc.lineno}) is an IPython command, and IPython is not "
        f"installed in this environment ({sys.executable} -m pip install ipython)"
    )


class PlainBackend:
    def __init__(self):
        self.execution_count = 1
        self._started = False
        self._inputs = []  # (execution count, text)
        self._ns = sys.modules["__main__"].__dict__
        self._compiler = codeop.Compile()
        self._compiler.flags |= _FLAGS
        self._complete = codeop.CommandCompiler()
        self._complete.compiler.flags |= _FLAGS

    def _show(self, value):
        if value is None:
            return
        builtins._ = value
        content = {
            "data": {"text/plain": repr(value)},
            "metadata": {},
            "execution_count": self.execution_count,
        }
        publish("execute_result", content)

    def execute(self, text, path, cell_id, silent, store_history, expressions):
        count = self.execution_count
        error = self._run(text, path, silent)
        reply = {
            "status": "ok",
            "execution_count": count,
            "user_expressions": {},
            "payload": [],
        }
        if store_history and text.strip():
            self._inputs.append((count, text))
            self.execution_count += 1
        if error is None:
            reply["user_expressions"] = {k: self._expression(v) for k, v in expressions.items()}
        else:
            name, value = type(error).__name__, str(error)
            reply.update(status="error", ename=name, evalue=value, traceback=lines(error))
            publish_error(name, value, reply["traceback"])
            _celldap.cell_error(error)
        return reply

    def inside(self):
        """A cell inside of one that is stopped: nothing of that one is kept here."""
        return contextlib.nullcontext()

    def _run(self, text, path, silent):
        """The exception that ended the cell, or None."""
        linecache.cache[path] = (len(text), None, [s + "\n" for s in text.splitlines()], path)
        if not self._started:
            self._started = True
            sys.displayhook = self._show
        around.enter()
        try:
            around.prepare(text)
            for code in self._compile(text, path, silent):
                _celldap.code_compiled(code)
                self._run_code(code)
        except BaseException as exc:
            return exc
        finally:
            around.leave()
        return None

    def _compile(self, text, path, silent):
        try:
            tree = compile(text, path, "exec", self._compiler.flags & ~_UNFINISHED | _TREE, True)
        except SyntaxError as exc:
            raise _magic_in(text, exc) or exc.with_traceback(None) from None
        last = None
        if not silent and tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Interactive([tree.body.pop()])
        codes = [self._compiler(tree, path, "exec")] if tree.body else []
        if last is not None:
            codes.append(self._compiler(last, path, "single"))
        return codes

    def _run_code(self, code):
        if code.co_flags & _inspect.CO_COROUTINE:
            from celldap import loop

            loop.get().run(types.FunctionType(code, self._ns)())
        else:
            exec(code, self._ns)

    def _expression(self, text):
        try:
            value = repr(eval(str(text), self._ns))
        except Exception as exc:
            return {
                "status": "error",
                "ename": type(exc).__name__,
                "evalue": str(exc),
                "traceback": lines(exc),
            }
        return {"status": "ok", "data": {"text/plain": value}, "metadata": {}}

    def cell_source(self, text):
        return text

    def compile_cell(self, text, path):
        return compile(text, path, "exec", _FLAGS, True)

    def complete(self, code, cursor):
        start, matches = names.complete(self._ns, code[:cursor])
        return {
            "status": "ok",
            "matches": matches,
            "cursor_start": start,
            "cursor_end": cursor,
            "metadata": {},
        }

    def inspect(self, code, cursor, level):
        text = names.describe(self._ns, code, cursor, level)
        data = {} if text is None else {"text/plain": text}
        return {"status": "ok", "found": text is not None, "data": data, "metadata": {}}

    def is_complete(self, code):
        try:
            complete = self._complete(code, "<input>", "exec")
        except (SyntaxError, OverflowError, ValueError):
            return {"status": "invalid"}
        if complete is not None:
            return {"status": "complete"}
        rows = code.rstrip().splitlines()
        last = rows[-1] if rows else ""
        indent = last[: len(last) - len(last.lstrip())]
        return {"status": "incomplete", "indent": indent + "    " * last.endswith(":")}

    def history(self, content):
        rows = [(0, count, text) for count, text in self._inputs]
        kind = content.get("hist_access_type")
        if kind == "range":
            start, stop = content.get("start") or 1, content.get("stop")
            rows = [r for r in rows if r[1] >= start and (stop is None or r[1] < stop)]
        elif kind == "search":
            import fnmatch

            pattern = content.get("pattern") or "*"
            rows = [r for r in rows if fnmatch.fnmatchcase(r[2], pattern)]
        if kind != "range" and isinstance(content.get("n"), int):
            rows = rows[-content["n"] :]
        if content.get("output"):
            rows = [(s, n, (text, None)) for s, n, text in rows]
        return rows
