# SPDX-License-Identifier: BSD-3-Clause
"""What a build tree's programs need and export: the user's Python must never see our libraries.

Argument: the build directory (default: build)."""

import re
import subprocess
import sys
from pathlib import Path

import tree

LOADER_NEEDS = r"libc\.so\.6|libdl\.so\.2|libpthread\.so\.0|ld-linux[-\w]*\.so\.\d|linux-(vdso|gate)\.so\.1"
OUR_PREFIXES = r"(cd|dap|wire|kernel|dbg|pyx)_|on_\w+$"
MODULE_EXPORTS = r"celldap_kernel_main|PyInit_\w+"


def output(*command):
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def loader_findings(loader):
    for line in output("ldd", str(loader)).splitlines():
        name = Path(line.split()[0]).name if line.split() else ""
        sanitizer = re.fullmatch(r"lib([atl]|ub)san\.so\.\d+", name)
        if name and not sanitizer and not re.fullmatch(LOADER_NEEDS, name):
            yield f"{loader}: links {name}; only libc may be there before libpython"


def module_findings(module):
    names = [line.split()[-1] for line in output("nm", "-D", "--defined-only", str(module)).splitlines()]
    for name in names:
        if not re.fullmatch(MODULE_EXPORTS, name.split("@")[0]):
            yield f"{module}: exports {name}"
    for line in output("nm", "-D", "--undefined-only", str(module)).splitlines():
        name = line.split()[-1]
        if re.match(OUR_PREFIXES, name):
            yield f"{module}: {name} is defined nowhere"
    if "celldap_kernel_main" not in names:
        yield f"{module}: does not export celldap_kernel_main"
    if re.search(r"NEEDED.*libpython", output("readelf", "-d", str(module))):
        yield f"{module}: links libpython; the loader opens the interpreter's own"


def built(build):
    """Is there a kernel in this build tree?"""
    return (Path(build) / "bin/celldap-kernel").is_file()


def check(build=tree.ROOT / "build"):
    build = Path(build)
    modules = sorted((build / "lib/celldap").glob("kernel-3.*.so"))
    if not built(build):
        yield f"{build}: no bin/celldap-kernel: build first"
        return
    if not modules:
        yield f"{build}: no lib/celldap/kernel-3.*.so: build first"
    yield from loader_findings(build / "bin/celldap-kernel")
    for module in modules:
        yield from module_findings(module)


if __name__ == "__main__":
    tree.alone(check, *sys.argv[1:2])
