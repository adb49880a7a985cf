# SPDX-License-Identifier: BSD-3-Clause
"""A Jupyter client with celldap's kernel: runs the text of argv[1] at each line of its input.

Says "ready" when the kernel is, and then what the cell printed."""

import os
import sys

from jupyter_client.manager import KernelManager
from jupyter_core.paths import jupyter_runtime_dir


def main():
    file = os.path.join(jupyter_runtime_dir(), "kernel-theirs.json")
    manager = KernelManager(kernel_name="celldap", connection_file=file)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    print("ready", flush=True)
    for _ in sys.stdin:
        client.execute_interactive(sys.argv[1], store_history=True)
        sys.stdout.flush()
    client.stop_channels()
    manager.shutdown_kernel(now=True)


main()
