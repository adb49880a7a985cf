# SPDX-License-Identifier: BSD-3-Clause
"""A kernel of the build under test, driven as a front end does; used by test_shell_*.py."""

import os
import subprocess
import time
from pathlib import Path

from conftest import GUARD as TIMEOUT_S
from conftest import PROGRAM, PYTHON
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec
from process_state import describe


class Outcome:
    """What one request brought: its reply and the iopub messages up to idle."""

    def __init__(self, reply, messages):
        self.reply = reply
        self.messages = messages

    def of(self, msg_type):
        return [m["content"] for m in self.messages if m["msg_type"] == msg_type]

    def text(self, name="stdout"):
        return "".join(c["text"] for c in self.of("stream") if c["name"] == name)

    @property
    def result(self):
        (content,) = self.of("execute_result")
        return content["data"]["text/plain"]

    @property
    def error(self):
        """The error, after a check that reply and iopub tell the same one."""
        (content,) = self.of("error")
        assert self.reply["status"] == "error"
        for key in ("ename", "evalue", "traceback"):
            assert self.reply[key] == content[key]
        return content


class Kernel:
    def __init__(self, folder, python=PYTHON, plain=False, env=None):
        self.manager = KernelManager(connection_file=str(Path(folder) / "connection.json"))
        self.manager._kernel_spec = KernelSpec(
            argv=[str(PROGRAM), "-f", "{connection_file}", "--python", str(python)]
            + ["--plain"] * plain,
            language="python",
            interrupt_mode="message",
        )
        full = {**os.environ, "IPYTHONDIR": str(Path(folder) / "ipython"), **(env or {})}
        self.manager.start_kernel(env=full, cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=TIMEOUT_S)
        except RuntimeError as error:
            state = describe(self.manager.provisioner.process)
            self.client.stop_channels()
            self.manager.shutdown_kernel(now=True)
            raise AssertionError(f"no kernel: {error}\n{state}") from None

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)

    def _iopub_until_idle(self, msg_id):
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["msg_type"] != "status":
                messages.append(message)
            elif message["content"]["execution_state"] == "idle":
                return messages

    def reply_to(self, msg_id):
        while True:
            message = self.client.get_shell_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") == msg_id:
                return message["content"]

    def finish(self, msg_id):
        reply = self.reply_to(msg_id)
        return Outcome(reply, self._iopub_until_idle(msg_id))

    def send(self, msg_type, content, metadata=None, buffers=None):
        message = self.client.session.msg(msg_type, content, metadata=metadata)
        self.client.session.send(self.client.shell_channel.socket, message, buffers=buffers)
        return message["header"]["msg_id"]

    def run(self, code, **options):
        return self.finish(self.client.execute(code, **options))

    def value(self, code):
        outcome = self.run(code)
        assert outcome.reply["status"] == "ok", outcome.reply
        return outcome.result

    def run_file(self, args=(), **where):
        """The Outcome of a file or module run as __main__ (program= or module=)."""
        content = {"code": "", "silent": False, "store_history": False, "user_expressions": {}}
        content.update(allow_stdin=False, stop_on_error=True)
        run_file = {"args": list(args), **where}
        return self.finish(
            self.send("execute_request", content, {"celldap": {"runFile": run_file}})
        )

    def ask(self, method, *args, **kwargs):
        return self.reply_to(getattr(self.client, method)(*args, **kwargs))

    def wait_for_text(self, text):
        """Returns when a stream message with this text came, whatever it belongs to."""
        seen = ""
        end = time.monotonic() + TIMEOUT_S
        while text not in seen:
            assert time.monotonic() < end, seen
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["msg_type"] == "stream":
                seen += message["content"]["text"]


def bare_environment(folder):
    """A virtual environment of this Python with nothing in it; its interpreter."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", folder], check=True)
    return Path(folder) / "bin" / "python"
