# SPDX-License-Identifier: BSD-3-Clause
"""What the bridge adds to the kernel's inspection: sources in the client's spelling, events that only
some clients take, launch arguments that are passed on."""

import base64

import pytest
from bridge_files import notebook
from dap_client import DapClient

CELLS = [
    "class Point:\n    _hidden = 1\n    def move(self):\n        pass",
    "data, point = bytearray(b'abc'), Point()\nprint(data)",
]


def look(client):
    frame = client.request("stackTrace", {"threadId": 1})["stackFrames"][0]["id"]
    scope = client.request("scopes", {"frameId": frame})["scopes"][0]["variablesReference"]
    found = client.request("variables", {"variablesReference": scope})["variables"]
    return frame, {v["name"]: v for v in found}


def test_memory_places_and_what_is_loaded(tmp_path):
    nb = notebook(tmp_path, CELLS)
    with DapClient() as client:
        lines = [({"path": f"{nb}#cell=1"}, [{"line": 2}])]
        facts = {"supportsMemoryEvent": True}
        client.launch(nb, lines, initialize=facts, variablePresentation={"all": "hide"})
        client.event("stopped")
        frame, found = look(client)
        assert "class variables" not in found and "special variables" not in found
        given = {"memoryReference": found["data"]["memoryReference"]}
        data = base64.b64encode(b"X").decode()
        assert client.request("writeMemory", {**given, "offset": 1, "data": data})["bytesWritten"] == 1
        assert client.event("memory")["count"] == 1
        assert not client.take("invalidated")  # it did not say that it takes these
        body = client.request("readMemory", {**given, "count": 3})
        assert base64.b64decode(body["data"]) == b"aXc"
        look_up = {"expression": "Point", "context": "watch", "frameId": frame}
        place = client.request("evaluate", look_up)["valueLocationReference"]
        where = client.request("locations", {"locationReference": place})
        assert "cell" in where["source"]["name"] or where["source"]["path"].startswith(str(nb))
        sources = client.request("loadedSources")["sources"]
        assert any(s.get("path", "").startswith(str(nb)) for s in sources)
        assert any(s.get("path", "").endswith("/threading.py") for s in sources)
        assert client.request("modules", {"startModule": 0, "moduleCount": 1})["totalModules"] > 1
        client.request("continue", {"threadId": 1})
        client.output("bytearray(b'aXc')")
        client.disconnect()


@pytest.mark.parametrize("given, said", [
    ({"class": "x"}, "'x' at arguments.variablePresentation.class is none of"),
    (1, "expected object at arguments.variablePresentation"),
])
def test_a_wrong_presentation_is_refused(tmp_path, given, said):
    with DapClient() as client:
        client.initialize()
        launch = {"program": str(notebook(tmp_path, ["1"])), "variablePresentation": given}
        assert said in client.error("launch", launch)["message"]
