# SPDX-License-Identifier: BSD-3-Clause
"""Functions that we do not call (style.md §3.17), sleeps, and notes to ourselves."""

import ast
import re

import tree

C_CALLS = re.compile(
    r"\b(strcpy|strcat|sprintf|vsprintf|strncpy|strncat|strtok|gmtime|localtime|ctime|asctime|atoi|"
    r"atol|atof|gets|scanf|sscanf|fscanf|alloca|system|popen|rand|srand|tmpnam|mktemp|bcopy|"
    r"sleep|usleep|nanosleep|thrd_sleep|clock_nanosleep|PyRun_Simple\w*)\s*\("
)
PY_ERR_PRINT = re.compile(r"\bPyErr_Print\s*\(")
NOTES = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SHELL_SLEEP = re.compile(r"(^|[;&|]|\bdo|\bthen)\s*sleep\s")
NOTE_FILES = (".c", ".h", ".def", ".py", ".sh", ".js", ".ts", ".mjs", ".md", ".txt", ".cmake")


def check_c(path, text):
    for number, line in enumerate(tree.strip_c(text).splitlines(), 1):
        for match in C_CALLS.finditer(line):
            yield f"{path}:{number}: {match[1]}() is banned"
        if PY_ERR_PRINT.search(line):
            yield f"{path}:{number}: PyErr_Print() is banned: fetch the error"


def is_sleep(call):
    f = call.func
    if isinstance(f, ast.Attribute) and f.attr == "sleep":
        return isinstance(f.value, ast.Name) and f.value.id in ("time", "asyncio")
    return isinstance(f, ast.Name) and f.id == "sleep"


def check_python(path, text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and is_sleep(node):
            yield f"{path}:{node.lineno}: sleep() is banned: wait for what you wait for"


def check():
    for path in tree.files(*NOTE_FILES):
        if path.parts[:2] == ("tests", "lint") or path.parts[:2] == ("dap", "schema"):
            continue
        text = tree.read(path)
        if path.suffix in (".c", ".h"):
            yield from check_c(path, text)
        elif path.suffix == ".py":
            yield from check_python(path, text)
        for number, line in enumerate(text.splitlines(), 1):
            if NOTES.search(line):
                yield f"{path}:{number}: a note to ourselves: '{line.strip()[:60]}'"
            if path.suffix == ".sh" and SHELL_SLEEP.search(line):
                yield f"{path}:{number}: sleep is banned: wait for what you wait for"


if __name__ == "__main__":
    tree.alone(check)
