# SPDX-License-Identifier: BSD-3-Clause
"""Files of at most 400 lines, functions of at most 60, and how a file begins.

Columns are clang-format's business."""

import ast
import re

import tree

FILE_LINES, FUNCTION_LINES = 400, 60
TEST_DATA = ("tests", "system", "notebooks")  # run by tests as a user's files
HEAD = "/* SPDX-License-Identifier: BSD-3-Clause\n"


def c_functions(lines):
    """(line, name, lines of the body): an opening brace alone at column 0 begins a function."""
    start = None
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{":
            start = number
        elif start and line.startswith("}"):
            yield start, c_name(lines, start), number - start - 1
            start = None


def c_name(lines, start):
    for line in reversed(lines[max(0, start - 8):start - 1]):
        match = re.match(r"[A-Za-z_].*?(\w+)\(", line)
        if match:
            return match[1]
    return "?"


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.name, node.end_lineno - node.lineno


def check_head(path, text):
    if path.suffix in (".c", ".h", ".def"):
        head = text.split("*/")[0].count("\n") + 1
        if not text.startswith(HEAD):
            yield f"{path}:1: begin with '{HEAD.strip()}' and what the file is"
        elif not 3 <= head <= 15:
            yield f"{path}:1: the file comment has {head} lines, not 3 to 15"
    elif path.suffix in (".py", ".sh", ".js", ".ts", ".mjs", ".cjs"):
        if text.strip() and "SPDX-License-Identifier: BSD-3-Clause" not in text[:200]:
            yield f"{path}:1: no SPDX line"


def check():
    for path in tree.files(".c", ".h", ".def", ".py", ".sh", ".js", ".ts", ".mjs", ".cjs"):
        if path.parts[:3] == TEST_DATA:
            continue
        text = tree.read(path)
        lines = text.splitlines()
        yield from check_head(path, text)
        if len(lines) > FILE_LINES:
            yield f"{path}:1: {len(lines)} lines, more than {FILE_LINES}: split it by topic"
        functions = []
        if path.suffix in (".c", ".h"):
            functions = c_functions(lines)
        elif path.suffix == ".py":
            functions = python_functions(text)
        for number, name, length in functions:
            if length > FUNCTION_LINES:
                yield f"{path}:{number}: {name}() has {length} lines, more than {FUNCTION_LINES}"


if __name__ == "__main__":
    tree.alone(check)
