# SPDX-License-Identifier: BSD-3-Clause
"""What every session through a server does: attach, stop in a cell, look around."""

CELL = "def f(n):\n    total = 0\n    for i in range(n):\n        total += i\n    return total\nprint(f(4))"
URI = "vscode-notebook-cell:/nb.ipynb#W0"


def try_attach(client, **configuration):
    """The reply, whatever it is."""
    client.initialize()
    seq = client.send("attach", {k: v for k, v in configuration.items() if v is not None})
    client.request("setExceptionBreakpoints", {"filters": []})
    client.call("configurationDone")
    return client.response(seq)


def attach(client, **configuration):
    reply = try_attach(client, **configuration)
    assert reply["success"], reply


def breakpoint_in(client, code, lines):
    client.request("celldap/cell", {"uri": URI, "notebook": "/nb.ipynb", "index": 0, "code": code})
    body = client.request("setBreakpoints", {"source": {"path": URI},
                                             "breakpoints": [{"line": n} for n in lines]})
    for b in body["breakpoints"]:
        if not b["verified"]:  # the interpreter was busy: it is told
            client.event("breakpoint", lambda e, i=b["id"]: e["breakpoint"]["id"] == i and e["breakpoint"]["verified"])
    return {"path": URI}


def top_frame(client, thread=1):
    frame = client.request("stackTrace", {"threadId": thread})["stackFrames"][0]
    assert (frame["source"]["path"], frame["name"], frame["line"]) == (URI, "f", 4)
    return frame


def stop(client):
    """Runs the cell into its breakpoint; the frame."""
    source = breakpoint_in(client, CELL, [4])
    client.request("celldap/runCell", {"uri": source["path"]})
    assert client.event("stopped")["reason"] == "breakpoint"
    return top_frame(client)


def values(client, frame):
    """The frame's variables."""
    scope = client.request("scopes", {"frameId": frame["id"]})["scopes"][0]["variablesReference"]
    shown = client.request("variables", {"variablesReference": scope})["variables"]
    return {v["name"]: v["value"] for v in shown if v["name"] in ("n", "total", "i")}
