# SPDX-License-Identifier: BSD-3-Clause
"""An editor's terminal: runs what runInTerminal asks for on a pseudo terminal of its own."""

import os
import pty
import select
import subprocess
import time

GUARD = 60


class Terminal:
    """One program at a time, each on a pseudo terminal of its own."""

    def __init__(self):
        self.process = self.fd = None
        self.text = ""
        self.arguments = None

    def run(self, arguments):
        """For DapClient.answers["runInTerminal"]."""
        self.arguments = arguments
        env = dict(os.environ)
        for name, value in arguments.get("env", {}).items():
            if value is None:
                env.pop(name, None)
            else:
                env[name] = value
        args = arguments["args"]
        self.fd, inner = pty.openpty()
        # a session leader with that terminal, as a terminal's child is
        self.process = subprocess.Popen(["setsid", "--ctty", *args], cwd=arguments["cwd"], env=env,
                                        stdin=inner, stdout=inner, stderr=inner)
        os.close(inner)
        return {"processId": self.process.pid}

    def write(self, text):
        os.write(self.fd, text.encode())

    def read_until(self, text):
        """Until the terminal shows text; its lines end as a terminal's do."""
        end = time.monotonic() + GUARD
        while text not in self.text:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"{text!r} is not in {self.text!r}")
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # the last one who had it open is gone
                data = b""
            if not data:
                raise AssertionError(f"the terminal closed: {text!r} is not in {self.text!r}")
            self.text += data.decode(errors="replace")
        return self.text

    def wait(self):
        """Exit status of what ran."""
        return self.process.wait(GUARD)

    def close(self):
        """The window is closed: SIGHUP."""
        os.close(self.fd)
