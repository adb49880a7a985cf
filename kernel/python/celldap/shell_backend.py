# SPDX-License-Identifier: BSD-3-Clause
"""Runs cells and answers questions by IPython's shell."""

import ast
import contextlib

import _celldap
from IPython.core.completer import provisionalcompleter, rectify_completions
from IPython.utils.tokenutil import token_at_cursor

from celldap import around, compiler, profile, shell


class ShellBackend:
    def __init__(self, connection_file):
        self.shell = shell.make(connection_file)
        profile.start(self.shell)
        self.shell.user_ns_hidden.update(self.shell.user_ns)

    @property
    def execution_count(self):
        return self.shell.execution_count

    def execute(self, text, path, cell_id, silent, store_history, expressions):
        sh = self.shell
        count = sh.execution_count
        error = self._run(text, path, cell_id, silent, store_history)
        reply = {
            "status": "ok",
            "execution_count": count,
            "user_expressions": {},
            "payload": [],
        }
        if error is not None:
            _celldap.cell_error(error)
        if error is not None or sh.running.display_failed:
            name, value, traceback = sh.running.last_error or (type(error).__name__, str(error), [])
            reply.update(status="error", ename=name, evalue=value, traceback=traceback)
        elif expressions:
            reply["user_expressions"] = sh.user_expressions(expressions)
        reply["payload"] = sh.payload_manager.read_payload()
        sh.payload_manager.clear_payload()
        return reply

    @contextlib.contextmanager
    def inside(self):
        """A cell inside of one that is stopped: afterwards that one goes on as it was."""
        sh = self.shell
        hook, running = sh.displayhook, sh.running
        kept = (sh.compile.cell, running.last_error, running.display_failed, hook.content)
        result = hook.exec_result
        payload = sh.payload_manager.read_payload()
        sh.payload_manager.clear_payload()
        try:
            yield
        finally:
            sh.compile.cell, running.last_error, running.display_failed, hook.content = kept
            hook.exec_result = result
            for item in payload:
                sh.payload_manager.write_payload(item)

    @contextlib.contextmanager
    def _results_kept(self, store_history):
        """IPython keeps each result for %notebook, by a count that stands still for cells that are
        not stored: those would pile up under the last one that was."""
        results = getattr(self.shell.history_manager, "outputs", {})
        count = self.shell.execution_count - 1
        before = len(results.get(count, ()))
        try:
            yield
        finally:
            if not store_history and count in results:
                del results[count][before:]

    def _run(self, text, path, cell_id, silent, store_history):
        """The exception that ended the cell, or None."""
        sh = self.shell
        sh.running.last_error = None
        sh.running.display_failed = False
        sh.displayhook.content = None
        sh.compile.cell = (path, text)
        around.enter()
        try:
            around.prepare(text)
            with self._results_kept(store_history):
                result = sh.run_cell(
                    text, store_history=store_history, silent=silent, cell_id=cell_id
                )
            error = result.error_before_exec or result.error_in_exec
        except BaseException as exc:
            sh.showtraceback()
            error = exc
        finally:
            around.leave()
            sh.compile.cell = None
        if around.interrupted(error):
            error = KeyboardInterrupt().with_traceback(error.__traceback__)
        return error

    def cell_source(self, text):
        """The Python that a cell's text stands for, line by line."""
        source = compiler.masked(text)
        return self.shell.transform_cell(text) if source is None else source

    def compile_cell(self, text, path):
        flags = self.shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        return compile(self.cell_source(text), path, "exec", flags, True)

    def complete(self, code, cursor):
        with provisionalcompleter():
            found = self.shell.Completer.completions(code, cursor)
            found = list(rectify_completions(code, found))
        types = [
            {
                "start": c.start,
                "end": c.end,
                "text": c.text,
                "type": c.type,
                "signature": c.signature,
            }
            for c in found
        ]
        return {
            "status": "ok",
            "matches": [c.text for c in found],
            "cursor_start": found[0].start if found else cursor,
            "cursor_end": found[0].end if found else cursor,
            "metadata": {"_jupyter_types_experimental": types},
        }

    def inspect(self, code, cursor, level):
        name = token_at_cursor(code, cursor)
        try:
            data = dict(self.shell.object_inspect_mime(name, detail_level=level))
        except KeyError:
            return {"status": "ok", "found": False, "data": {}, "metadata": {}}
        if not self.shell.enable_html_pager:
            data.pop("text/html", None)
        return {"status": "ok", "found": True, "data": data, "metadata": {}}

    def is_complete(self, code):
        status, indent = self.shell.input_transformer_manager.check_complete(code)
        reply = {"status": status}
        if status == "incomplete":
            reply["indent"] = " " * (indent or 0)
        return reply

    def _range(self, session, start, stop, **options):
        """A session's lines; the present one's are not in the database yet."""
        manager = self.shell.history_manager
        if session != manager.session_number:
            return manager.get_range(session, start, stop, **options)
        rows = manager.get_range(0, start, stop, **options)
        return [(session, *row[1:]) for row in rows]

    def history(self, content):
        manager = self.shell.history_manager
        raw = bool(content.get("raw", True))
        output = bool(content.get("output", False))
        kind = content.get("hist_access_type")
        if kind == "tail":
            n = content.get("n") or 10
            return manager.get_tail(n, raw=raw, output=output, include_latest=True)
        if kind == "range":
            return self._range(
                content.get("session", 0),
                content.get("start", 1),
                content.get("stop"),
                raw=raw,
                output=output,
            )
        if kind == "search":
            return manager.search(
                content.get("pattern") or "*",
                raw=raw,
                output=output,
                n=content.get("n"),
                unique=bool(content.get("unique", False)),
            )
        raise ValueError(f"hist_access_type is '{kind}'; expected range, tail or search")
