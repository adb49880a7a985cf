# SPDX-License-Identifier: BSD-3-Clause
"""Places inside of lines through the bridge: cells, files, lines of a notebook's JSON, clients that
count from 0."""

import json

import pytest
from bridge_files import notebook, program
from dap_client import DapClient

CELLS = ['import json\ns = "äö𝄞"; t = str(s)', "def f(a): return a\nf(1); f('q\"\\t'); f(3)"]


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def places(client, source, line, **more):
    body = client.request("breakpointLocations", {"source": source, "line": line, **more})
    return [(p["line"], p["column"]) for p in body["breakpoints"]]


def top(client):
    frame = client.request("stackTrace", {"threadId": 1})["stackFrames"][0]
    return frame["line"], frame["column"], frame.get("endColumn")


def line_of(path, text):
    lines = path.read_text(encoding="utf-8").split("\n")
    return next((n, line) for n, line in enumerate(lines, 1) if text in line)


def utf16(line, column):
    return line.encode("utf-16-le")[2 * (column - 1) :].decode("utf-16-le")


def ready(client, nb, breakpoints=None, **options):
    """A kernel is there and stopped at the first line of the first cell."""
    bodies = client.launch(nb, breakpoints, stopOnEntry=True, **options)
    client.event("stopped")
    return bodies


def test_places_of_cells_in_the_clients_spelling(client, tmp_path):
    nb = notebook(tmp_path, CELLS)
    ready(client, nb)
    cell = {"path": f"{nb}#cell=1"}
    assert places(client, cell, 2) == [(2, 1), (2, 7), (2, 18)]
    body = client.request(
        "setBreakpoints", {"source": cell, "breakpoints": [{"line": 2, "column": 7}]}
    )
    assert [body["breakpoints"][0][k] for k in ("verified", "line", "column")] == [True, 2, 7]
    client.request("continue", {"threadId": 1})
    assert client.event("stopped")["hitBreakpointIds"] == [body["breakpoints"][0]["id"]]
    assert client.disconnect() == 0


@pytest.mark.parametrize("ascii_only", [True, False])
def test_places_of_a_line_of_the_notebooks_json(client, tmp_path, ascii_only):
    nb = notebook(tmp_path, CELLS)
    text = json.dumps(json.loads(nb.read_text()), indent=1, ensure_ascii=ascii_only)
    nb.write_text(text + "\n", encoding="utf-8")
    ready(client, nb)
    source = {"path": str(nb)}
    for needle, begins in (("t = str", ["s =", "t ="]), ("f(3)", ["f(1)", "f('q", "f(3)"])):
        number, line = line_of(nb, needle)
        found = places(client, source, number)
        assert [n for n, _ in found] == [number] * len(begins)
        assert all(utf16(line, c).startswith(b) for (_, c), b in zip(found, begins)), found
    body = client.request("setBreakpoints", {
        "source": source,
        "breakpoints": [{"line": number, "column": found[2][1]}],
    })
    (point,) = body["breakpoints"]
    assert (point["verified"], point["line"], point["column"]) == (True, *found[2])
    assert utf16(line, point["endColumn"]).startswith('"')
    client.request("continue", {"threadId": 1})
    client.event("stopped")
    at = top(client)
    assert at[:2] == found[2] and utf16(line, at[2]).startswith("(3)")
    number, _ = line_of(nb, '"cell_type"')
    assert "not in the source of a code cell" in client.error(
        "breakpointLocations", {"source": source, "line": number}
    )["body"]["error"]["format"]
    assert client.disconnect() == 0


def test_a_program_for_a_client_that_counts_from_0(client, tmp_path):
    path = program(tmp_path, "def f(a):\n    s = '𝄞'; return a\nf(1); f(2)\n")
    source = {"path": str(path)}
    zero = {"linesStartAt1": False, "columnsStartAt1": False}
    bodies = ready(
        client, path, [(source, [{"line": 2, "column": 6}, {"line": 1, "column": 14}])],
        initialize=zero,
    )
    assert len(bodies[0]["breakpoints"]) == 2
    assert places(client, source, 2) == [(2, 0), (2, 6)]
    assert places(client, source, 2, column=1) == [(2, 6)]
    assert places(client, source, 1) == [(1, 4), (1, 14)]
    for line, column in ((1, 14), (2, 6), (1, 14)):
        client.request("continue", {"threadId": 1})
        client.event("stopped")
        assert top(client)[0] == line
        assert (top(client)[1] == column) or line == 1
    assert client.disconnect() == 0


def test_the_capability_is_told(client):
    assert client.initialize()["supportsBreakpointLocationsRequest"]
    assert "nothing is debugged" in client.error(
        "breakpointLocations", {"source": {"path": "/x.py"}, "line": 1}
    )["body"]["error"]["format"]
