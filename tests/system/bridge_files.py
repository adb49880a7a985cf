# SPDX-License-Identifier: BSD-3-Clause
"""Notebooks and programs that the tests of the bridge debug."""

import json


def notebook(folder, cells, name="nb.ipynb", **metadata):
    """cells: code, or (code, tags). One string a line, as nbformat writes it."""
    made = []
    for i, item in enumerate(cells):
        code, tags = item if isinstance(item, tuple) else (item, [])
        made.append({
            "cell_type": "code", "id": f"cell-{i}", "execution_count": None, "outputs": [],
            "metadata": {"tags": tags} if tags else {}, "source": code.splitlines(keepends=True),
        })
    path = folder / name
    content = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


def program(folder, text, name="program.py"):
    path = folder / name
    path.write_text(text)
    return path
