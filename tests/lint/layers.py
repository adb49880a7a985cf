# SPDX-License-Identifier: BSD-3-Clause
"""Include rules and header fences (design.md §3, style.md §2.1): a layer includes lower ones only."""

import re
from pathlib import PurePosixPath

import tree

# Folder → folders whose headers it may include. The longest folder that fits a file rules.
LAYERS = {
    "dap/base": ["dap/base"],
    "dap": ["dap/base", "dap"],
    "kernel/wire": ["dap/base", "dap", "kernel/wire"],
    "kernel/debug": ["dap/base", "dap", "kernel/debug"],
    "kernel/debug/requests": ["dap/base", "dap", "kernel/debug"],
    "kernel/channels": ["dap/base", "dap", "kernel/wire", "kernel/debug", "kernel/handlers",
                        "kernel/channels", "kernel"],
    "kernel/handlers": ["dap/base", "dap", "kernel/wire", "kernel/debug", "kernel/handlers",
                        "kernel/channels", "kernel"],
    "kernel": ["dap/base", "dap", "kernel/wire", "kernel/debug", "kernel/handlers",
               "kernel/channels", "kernel/loader", "kernel"],
    "kernel/python": ["dap/base", "dap", "kernel/debug", "kernel/python", "kernel"],
    "kernel/loader": ["kernel/loader"],
    "bridge": ["dap/base", "dap", "kernel/wire", "bridge"],
    "bridge/requests": ["dap/base", "dap", "kernel/wire", "bridge", "bridge/requests",
                        "bridge/notebook"],
    "bridge/cli": ["dap/base", "dap", "kernel/wire", "bridge", "bridge/notebook", "bridge/remote",
                   "bridge/cli"],
    "bridge/rooms": ["dap/base", "dap", "kernel/wire", "bridge", "bridge/notebook", "bridge/rooms"],
    "bridge/serve": ["dap/base", "dap", "kernel/wire", "bridge", "bridge/notebook",
                     "bridge/rooms", "bridge/cli", "bridge/serve"],
    "bridge/remote": ["dap/base", "dap", "kernel/wire", "bridge", "bridge/remote"],
    "bridge/notebook": ["dap/base", "dap", "bridge/notebook"],
}
# A folder's files that may see more than the folder.
MORE = {"bridge": ["bridge/notebook", "bridge/requests", "bridge/remote", "bridge/rooms", "bridge/cli",
                   "bridge/serve"]}
# Headers that the loader shares with the module: they include nothing of ours.
LOADER_SHARES = ("kernel/main.h", "kernel/options.h")

# Header → the only places that may include it.
FENCES = [
    (r"Python\.h|structmember\.h|frameobject\.h|cpython/.*|internal/pycore.*", ["kernel/python/"]),
    (r"zmq(_utils)?\.h", ["kernel/wire/zmq_socket.c", "kernel/wire/zmq_options.c", "kernel/wire/zmq_monitor.c", "kernel/wire/zmq_poll.c"]),
    (r"openssl/.*", ["kernel/wire/sign.c", "bridge/remote/tls_reason.c"]),
    (r"uv\.h", ["bridge/"]),
    (r"libwebsockets\.h", ["bridge/lws_loop.c", "bridge/serve/", "bridge/remote/"]),
    (r"cmocka\.h", ["tests/"]),
]
# dap/ without base/ is pure; kernel/debug waits for nothing and asks no clock.
PURE = {
    "dap": r"(stdio|unistd|fcntl|pthread|poll|time|signal|sys/.*)\.h",
    "kernel/debug": r"(pthread|poll|time|signal|sys/(socket|epoll|eventfd|wait|time))\.h",
    "kernel/debug/requests": r"(pthread|poll|time|signal|sys/(socket|epoll|eventfd|wait|time))\.h",
}


def includes(path):
    # string contents are needed, so comments alone are blanked
    for number, line in enumerate(tree.strip_c(tree.read(path), strings=False).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', line)
        if match:
            yield number, match[1], match[2]


def layer_problem(path, folder, header):
    target = str(PurePosixPath(header).parent)
    if str(path) in LOADER_SHARES:
        return f"the loader includes this file: libc headers only, not '{header}'"
    if folder == "kernel/loader" and header in LOADER_SHARES:
        return None
    allowed = LAYERS[folder] + MORE.get(folder, [])
    if target not in LAYERS:
        return f"'{header}': name headers from the root of the tree"
    if target not in allowed:
        return f"{folder}/ may not include '{header}' ({target}/ is no lower layer)"
    return None


def fence_problem(path, folder, header):
    for pattern, places in FENCES:
        if re.fullmatch(pattern, header) and not any(str(path).startswith(p) for p in places):
            return f"<{header}> belongs to {', '.join(places)}"
    if re.fullmatch(PURE.get(folder, r"\b\B"), header):
        return f"<{header}>: {folder}/ is pure"
    return None


def check():
    for path in tree.files(".c", ".h", ".def"):
        folder = str(path.parent)
        ours = path.parts[0] in ("dap", "kernel", "bridge")
        if ours and folder not in LAYERS:
            yield f"{path}:1: folder {folder}/ has no layer: add it to tests/lint/layers.py"
            continue
        for number, quoted, system in includes(path):
            problem = layer_problem(path, folder, quoted) if ours and quoted else None
            problem = problem or fence_problem(path, folder, system or quoted)
            if problem:
                yield f"{path}:{number}: {problem}"
            if quoted and not any((tree.ROOT / base / quoted).is_file() for base in ("", "tests")):
                yield f"{path}:{number}: there is no '{quoted}'"


if __name__ == "__main__":
    tree.alone(check)
