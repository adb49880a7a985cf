# SPDX-License-Identifier: BSD-3-Clause
"""Requests that do not run a cell. Assist thread: main may be in a cell, stopped or waiting."""

import threading

from celldap import comms


def _cursor(content, code):
    pos = content.get("cursor_pos")
    if not isinstance(pos, int) or isinstance(pos, bool) or pos < 0:
        return len(code)
    return min(pos, len(code))


def _complete(backend, content):
    code = str(content.get("code", ""))
    return backend.complete(code, _cursor(content, code))


def _inspect(backend, content):
    code = str(content.get("code", ""))
    level = 1 if content.get("detail_level") == 1 else 0
    return backend.inspect(code, _cursor(content, code), level)


def _is_complete(backend, content):
    return backend.is_complete(str(content.get("code", "")))


def _history(backend, content):
    return {"status": "ok", "history": list(backend.history(content))}


def _comm_info(backend, content):
    return {"status": "ok", "comms": comms.info(content.get("target_name"))}


_ANSWERS = {
    "complete": _complete,
    "inspect": _inspect,
    "is_complete": _is_complete,
    "history": _history,
    "comm_info": _comm_info,
}


def answer(backend, kind, content):
    if not isinstance(content, dict):
        content = {}
    try:
        return _ANSWERS[kind](backend, content)
    except Exception as exc:
        text = str(exc)
        return {
            "status": "error",
            "ename": type(exc).__name__,
            "evalue": text,
            "traceback": [f"{type(exc).__name__}: {text}"],
        }
    finally:
        _forget_thread()


def _forget_thread():
    """Libraries that ask for the current thread make a dummy of ours, which the user would see."""
    ident = threading.get_ident()
    if isinstance(threading._active.get(ident), threading._DummyThread):
        threading._dangling.discard(threading._active.pop(ident, None))
