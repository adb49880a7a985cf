# SPDX-License-Identifier: BSD-3-Clause
"""Data breakpoints through the bridge: ids of its own, events, a restart of the kernel."""

import pytest
from bridge_files import notebook
from dap_client import DapClient

CELLS = ["x = 1\nclass C: pass\no = C(); o.n = 1", "def f(a):\n    b = a\n    b = 2\n    return b\nf(1)",
         "x = 2\no.n = 5\ny = 0"]


@pytest.fixture
def client():
    with DapClient() as c:
        yield c


def stopped(client):
    stop = client.event("stopped")
    frame = client.request("stackTrace", {"threadId": stop["threadId"]})["stackFrames"][0]
    return stop, frame


def set_data(client, *ids):
    wanted = [i if isinstance(i, dict) else {"dataId": i, "accessType": "write"} for i in ids]
    return client.request("setDataBreakpoints", {"breakpoints": wanted})["breakpoints"]


def test_globals_attributes_and_locals(client, tmp_path):
    nb = notebook(tmp_path, CELLS)
    cell = {"path": f"{nb}#cell=1"}
    client.launch(nb, [(cell, [{"line": 3}])])
    stop, frame = stopped(client)
    point = stop["hitBreakpointIds"][0]
    scopes = client.request("scopes", {"frameId": frame["id"]})["scopes"]
    local = client.request("dataBreakpointInfo", {
        "variablesReference": scopes[0]["variablesReference"], "name": "b",
    })
    assert (local["accessTypes"], local["canPersist"]) == (["write"], False)
    names = [client.request("dataBreakpointInfo", {"name": n, "frameId": frame["id"]})["dataId"]
             for n in ("x", "o.n")]
    found = set_data(client, local["dataId"], *names, {"dataId": names[0], "accessType": "read"})
    assert [b["verified"] for b in found] == [True, True, True, False]
    ids = [b["id"] for b in found]
    assert point not in ids and len(set(ids)) == 4
    client.request("continue", {"threadId": 1})
    for text, number in (("b: 1 → 2, by line 3", 0), ("x: 1 → 2, by line 1", 1),
                         ("o.n: 1 → 5, by line 2", 2)):
        stop, _ = stopped(client)
        assert (stop["reason"], stop["text"]) == ("data breakpoint", text)
        assert stop["hitBreakpointIds"] == [ids[number]]
        client.request("continue", {"threadId": 1})
        if number == 0:
            gone = client.event("breakpoint", lambda b: b["breakpoint"]["id"] == ids[0])
            assert not gone["breakpoint"]["verified"]
    client.output("the notebook has run", "console")
    assert set_data(client) == []
    assert client.disconnect() == 0


def test_a_global_is_watched_again_after_a_restart(client, tmp_path):
    nb = notebook(tmp_path, ["x = 1\nx = 2"])
    client.launch(nb, stopOnEntry=True)
    stopped(client)
    (point,) = set_data(client, "global:__main__:x")
    assert point["verified"]
    texts = []
    for _ in range(2):
        client.request("continue", {"threadId": 1})
        texts.append(stopped(client)[0]["text"])
    assert texts == ["x: nothing → 1, by line 1", "x: 1 → 2, by line 2"]
    client.request("restart")
    stop, _ = stopped(client)
    assert stop["reason"] == "entry"
    client.request("continue", {"threadId": 1})
    stop, _ = stopped(client)
    assert stop["text"] == "x: nothing → 1, by line 1"
    assert stop["hitBreakpointIds"] == [point["id"]]
    assert client.disconnect() == 0


def test_set_before_there_is_a_kernel(client, tmp_path):
    nb = notebook(tmp_path, ["x = 1"])
    capabilities = client.initialize()
    assert capabilities["supportsDataBreakpoints"]
    launch = client.send("launch", {"program": str(nb)})
    assert "dataId" in client.error("setDataBreakpoints", {"breakpoints": [{}]})["body"]["error"][
        "format"
    ]
    (point,) = set_data(client, "global:__main__:x")
    assert not point["verified"]
    client.request("configurationDone")
    assert client.response(launch)["success"]
    stop, _ = stopped(client)
    assert stop["hitBreakpointIds"] == [point["id"]]
    assert client.disconnect() == 0
