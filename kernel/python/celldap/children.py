# SPDX-License-Identifier: BSD-3-Clause
"""Python processes that the user's program starts get a debugger of their own: while one is attached
here, what is started is told where to ask for it (child/sitecustomize.py). Nothing else changes in
them, and without a debugger nothing does."""

import os
import sys

import _celldap

VARIABLE = b"CELLDAP_PARENT"
_SITE = os.fsencode(os.path.join(os.path.dirname(os.path.abspath(__file__)), "child"))
_connection_file = b""


def install(connection_file):
    """connection_file: of the kernel, whose clients open sessions for children of children too."""
    global _connection_file
    if _connection_file:
        return
    _connection_file = os.fsencode(os.path.abspath(connection_file))
    import _posixsubprocess

    _posixsubprocess.fork_exec = _fork_exec(_posixsubprocess.fork_exec)
    if "subprocess" in sys.modules:
        sys.modules["subprocess"]._fork_exec = _posixsubprocess.fork_exec
    for name in ("posix_spawn", "posix_spawnp"):  # subprocess takes these where it can
        setattr(os, name, _posix_spawn(getattr(os, name)))


def _fork_exec(original):
    def fork_exec(args, executables, close_fds, pass_fds, cwd, env, *more):
        if _celldap.is_debugged():
            pairs = os.environb.items() if env is None else (e.split(b"=", 1) for e in env)
            env = [name + b"=" + value for name, value in environment(pairs).items()]
        return original(args, executables, close_fds, pass_fds, cwd, env, *more)

    return fork_exec


def _posix_spawn(original):
    def posix_spawn(path, argv, env, /, **more):
        if _celldap.is_debugged():
            try:
                pairs = (os.environ if env is None else env).items()
                env = environment((os.fsencode(k), os.fsencode(v)) for k, v in pairs)
            except (AttributeError, TypeError):
                pass  # the original says what is wrong with it
        return original(path, argv, env, **more)

    return posix_spawn


def environment(pairs):
    """A dict of bytes, as the child shall have it."""
    env = dict(pairs)
    path = env.get(b"PYTHONPATH")
    env[b"PYTHONPATH"] = _SITE + b":" + path if path else _SITE
    env[VARIABLE] = _connection_file
    return env
