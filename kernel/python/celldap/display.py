# SPDX-License-Identifier: BSD-3-Clause
"""IPython's displays as iopub messages: display_data, update_display_data, execute_result."""

import sys
import threading

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher

from celldap.wire import publish


class _Hooks:
    """Functions that see a message before it is sent; None from one of them keeps it back."""

    def __init__(self, *args, **kwargs):
        self._local = threading.local()
        super().__init__(*args, **kwargs)

    @property
    def _hooks(self):
        if not hasattr(self._local, "hooks"):
            self._local.hooks = []
        return self._local.hooks

    def register_hook(self, hook):
        self._hooks.append(hook)

    def unregister_hook(self, hook):
        try:
            self._hooks.remove(hook)
        except ValueError:
            return False
        return True

    def send(self, msg_type, content):
        message = {"header": {"msg_type": msg_type}, "msg_type": msg_type, "content": content}
        for hook in self._hooks:
            message = hook(message)
            if message is None:
                return
        publish(msg_type, message["content"])


class Publisher(_Hooks, DisplayPublisher):
    def publish(self, data, metadata=None, *, transient=None, update=False, **kwargs):
        self._validate_data(data, metadata)
        self.send(
            "update_display_data" if update else "display_data",
            {"data": data, "metadata": metadata or {}, "transient": transient or {}},
        )

    def clear_output(self, wait=False):
        self.send("clear_output", {"wait": bool(wait)})


class ResultHook(_Hooks, DisplayHook):
    """sys.displayhook: the value of a cell's last expression."""

    @property
    def content(self):
        """Of the message that this thread makes."""
        return getattr(self._local, "content", None)

    @content.setter
    def content(self, value):
        self._local.content = value

    def start_displayhook(self):
        self._is_active = True
        self.content = {"data": {}, "metadata": {}}

    def write_output_prompt(self):
        self.content["execution_count"] = self.prompt_count

    def write_format_data(self, format_dict, md_dict=None):
        self.content["data"] = format_dict
        self.content["metadata"] = md_dict or {}

    def finish_displayhook(self):
        sys.stdout.flush()
        sys.stderr.flush()
        content, self.content = self.content, None
        self._is_active = False
        if content and content["data"]:
            self.send("execute_result", content)
