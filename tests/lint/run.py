# SPDX-License-Identifier: BSD-3-Clause
"""Runs every check: `run.py [BUILD_DIR]`. The programs are looked at where they have been built.

One line for each check, its findings below it; last line `N passed, N failed`; exit 1 on a failure."""

import subprocess
import sys

import banned
import binaries
import handlers
import layers
import protocol_doc
import roles
import schema
import sizes
import tree

CHECKS = [("layers", layers), ("sizes", sizes), ("banned", banned), ("roles", roles),
          ("schema", schema), ("handlers", handlers),
          ("protocol_doc", protocol_doc)]


def run(name, check, *args):
    try:
        found = list(check(*args))
    except (OSError, ValueError, SyntaxError, subprocess.CalledProcessError, SystemExit) as error:
        found = [f"{type(error).__name__}: {error}"]
    print(f"FAIL {name}: {len(found)} findings" if found else f"ok {name}")
    for line in found:
        print(f"    {line}")
    return not found


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else tree.ROOT / "build"
    results = [run(name, module.check) for name, module in CHECKS]
    if len(sys.argv) > 1 or binaries.built(build):
        results.append(run("binaries", binaries.check, build))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
