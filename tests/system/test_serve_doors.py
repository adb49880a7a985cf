# SPDX-License-Identifier: BSD-3-Clause
"""The doors of `celldap serve`: who comes in, and what everybody else is told."""

import json
import socket
import ssl
import struct
import subprocess

import pytest
from bridge_files import notebook
from dap_client import GUARD, PROGRAM, frame
from serve_client import Server, TcpClient, WsClient
from websockets.exceptions import ConnectionClosed


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("served")
    notebook(made, ["x = 1\ny = x + 1", "print(y)"])
    (made / "a b").mkdir()
    (made / "a b" / "text.txt").write_text("hello")
    (made / "out").symlink_to("/etc")
    return made


@pytest.fixture(scope="module")
def server(folder):
    with Server(folder / "nb.ipynb", "--tcp", "127.0.0.1:0") as made:
        yield made


def told(body):
    return json.loads(body)["error"]["message"]


def closed(server, subprotocols, **options):
    """(code, reason) of a websocket that the server closes before it says anything."""
    client = WsClient(server, subprotocols, **options)
    while client.receive() is not None:
        pass
    return client.closed_with


def test_the_url_has_a_token_and_the_notebook(server):
    assert len(server.token) == 43 and server.open == "nb.ipynb"
    with Server(cwd="/tmp") as other:
        assert other.token != server.token and other.open is None
        assert other.end() == 0


def test_health_needs_no_token(server):
    status, _, body = server.ask("/healthz", token=False)
    assert (status, json.loads(body)) == (200, {"status": "ok"})


@pytest.mark.parametrize("token", [False, "x" * 43, "", "short"])
def test_the_api_needs_the_token(server, token):
    status, _, body = server.ask("/api/info", token=token)
    assert status == 401 and "token" in told(body)


def test_info_and_list(server, folder):
    _, _, body = server.ask("/api/info")
    assert json.loads(body)["root"] == str(folder.resolve())
    _, _, body = server.ask("/api/list?path=")
    listed = json.loads(body)["entries"]
    assert [(e["name"], e["type"]) for e in listed if e["name"] != "out"] == [
        ("a b", "folder"), ("nb.ipynb", "file")]
    _, _, body = server.ask("/api/list?path=a%20b")
    assert json.loads(body)["path"] == "a b"
    assert json.loads(body)["entries"][0]["name"] == "text.txt"


@pytest.mark.parametrize("path", ["../secret", "out/passwd", "a b/../../x", "/etc/passwd", "out"])
def test_no_path_leads_out_of_the_folder(server, path):
    from urllib.parse import quote

    for method, more in (("GET", {}), ("PUT", {"If_None_Match": "*"})):
        status, _, _ = server.ask(f"/api/file?path={quote(path)}", method,
                                  data=b"x" if method == "PUT" else None, **more)
        assert status in (403, 404), path


def test_saving_never_overwrites_what_somebody_else_wrote(server, folder):
    path = "/api/file?path=saved.ipynb"
    assert server.ask(path, "PUT", data=b"one")[0] == 428
    status, headers, body = server.ask(path, "PUT", data=b"one", If_None_Match="*")
    assert status == 201
    etag = headers["ETag"]
    assert json.loads(body)["etag"] == etag
    assert server.ask(path, "PUT", data=b"two", If_None_Match="*")[0] == 412
    status, headers, _ = server.ask(path, "PUT", data=b"two", If_Match=etag)
    assert status == 200 and headers["ETag"] != etag
    assert server.ask(path, If_None_Match=headers["ETag"])[0] == 304
    (folder / "saved.ipynb").write_text("three of somebody else's")
    status, _, body = server.ask(path, "PUT", data=b"four", If_Match=headers["ETag"])
    assert status == 412 and "somebody else" in told(body)
    assert (folder / "saved.ipynb").read_text() == "three of somebody else's"
    assert server.ask(path, "PUT", data=b"four", If_Match="*")[0] == 200
    assert server.ask(path)[2] == b"four"
    (folder / "saved.ipynb").unlink()
    assert server.ask(path, "PUT", data=b"five", If_Match=headers["ETag"])[0] == 412


def test_a_large_file_there_and_back(server):
    data = bytes(range(256)) * 40000
    assert server.ask("/api/file?path=large.bin", "PUT", data=data, If_None_Match="*")[0] == 201
    assert server.ask("/api/file?path=large.bin")[2] == data


@pytest.mark.parametrize(("method", "path", "status"), [
    ("POST", "/api/info", 405), ("GET", "/api/nothing", 404), ("DELETE", "/api/file?path=x", 405),
    ("GET", "/../../etc/passwd", 404), ("GET", "/.git/config", 404), ("POST", "/index.html", 405),
    ("POST", "/api/kernels/nobody/shutdown", 404), ("GET", "/api/file?path=nothing", 404),
    ("GET", "/api/list?path=nb.ipynb", 404),
])
def test_odd_requests_are_told_what_is_wrong(server, method, path, status):
    answer = server.ask(path, method, data=b"{}" if method == "POST" else None)
    assert answer[0] == status
    assert told(answer[2])


@pytest.mark.parametrize("headers", [
    {"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Origin": "https://evil.example"},
    {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
])
def test_another_host_or_origin_gets_nothing(server, headers):
    assert server.ask("/api/info", **headers)[0] == 403
    assert server.ask("/", **headers)[0] == 403
    if "Origin" in headers:
        code, reason = closed(server, None, origin=headers["Origin"])
        assert code == 1008 and "origin" in reason


def test_our_own_origin_comes_in(server):
    assert server.ask("/api/info", Origin=server.url)[0] == 200
    client = WsClient(server, origin=server.url)
    client.initialize()
    assert client.disconnect() == 0 and client.closed_with[0] == 1000


@pytest.mark.parametrize("subprotocols", [["dap"], ["dap", "token.wrong"], ["dap", "token." + "x" * 43]])
def test_a_websocket_without_the_token_is_told_so(server, subprotocols):
    code, reason = closed(server, subprotocols)
    assert code == 1008 and "token" in reason


def test_the_token_may_come_as_authorization(server):
    client = WsClient(server, ["dap"],
                      additional_headers={"Authorization": f"Bearer {server.token}"})
    client.initialize()
    assert client.disconnect() == 0


def test_only_dap_is_a_websocket(server):
    from websockets.sync.client import connect

    other = connect(server.url.replace("http", "ws") + "/other",
                    subprotocols=["dap", f"token.{server.token}"])
    with pytest.raises(ConnectionClosed):
        other.recv(GUARD)
    assert other.close_code == 1008 and "/dap" in other.close_reason


def test_content_length_framing_is_answered_in_kind(server):
    """A stream of framed bytes, cut anywhere, in websocket messages."""
    client = WsClient(server, read=False)
    data = frame({"seq": 1, "type": "request", "command": "initialize",
                  "arguments": {"adapterID": "celldap"}}).decode()
    client.socket.send(data[:20])
    client.socket.send(data[20:])
    header, _, body = client.socket.recv(GUARD).partition("\r\n\r\n")
    assert header == f"Content-Length: {len(body)}"
    assert json.loads(body)["command"] == "initialize"
    client.close()


def test_fragments_are_put_together(server):
    client = WsClient(server)
    text = json.dumps({"seq": 1, "type": "request", "command": "initialize",
                       "arguments": {"adapterID": "celldap", "clientName": "x" * 300000}})
    client.open[1] = "initialize"
    client.seq = 1
    client.socket.send(text[i:i + 1000] for i in range(0, len(text), 1000))
    assert client.response(1)["success"]
    assert client.disconnect() == 0


def test_bad_json_is_reported_and_skipped(server):
    client = WsClient(server)
    client.initialize()
    client.socket.send("{nothing")
    assert "not JSON" in client.event("output")["output"]
    client.socket.send(b"\xff\xfe")  # a binary message is a message too
    assert "not JSON" in client.event("output")["output"]
    assert not client.call("nothing")["success"]
    assert client.disconnect() == 0


def test_a_message_over_the_limit_closes_with_1009(server):
    client = WsClient(server, compression=None)
    piece = "x" * (1 << 20)
    client.socket.send(piece for _ in range(65))
    while client.receive() is not None:
        pass
    assert client.closed_with[0] == 1009 and "67108864" in client.closed_with[1]
    assert server.ask("/healthz")[0] == 200


def test_tcp_wants_the_token_before_anything_starts(server, folder):
    for token in (None, "wrong", "x" * 43, 5):
        client = TcpClient(server)
        client.token = token
        client.initialize()
        reply = client.error("launch", {"program": str(folder / "nb.ipynb")})
        assert "celldapToken" in reply["message"]
        assert not client.call("evaluate", {"expression": "1", "context": "repl"})["success"]
        client.close()


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"POST /dap HTTP/1.1\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\n{}",
    b"Content-Length: 2\r\nX-Other: 1\r\n\r\n{}", b"\r\n\r\n", b"Content-Length: -1\r\n\r\n",
])
def test_http_on_the_tcp_port_starts_nothing(server, data):
    with socket.create_connection(("127.0.0.1", server.tcp), timeout=GUARD) as s:
        s.sendall(data)
        got = b""
        try:
            while piece := s.recv(65536):
                got += piece
        except ConnectionResetError:
            pass
    assert b"response" not in got  # it says what is broken, and ends


def test_both_doors_serve_sessions_at_once(server, folder):
    clients = [WsClient(server), TcpClient(server), WsClient(server)]
    for client in clients:
        client.launch(folder / "nb.ipynb",
                      [({"path": str(folder / "nb.ipynb") + "#cell=0"}, [{"line": 2}])])
    for client in clients:
        client.event("stopped")
        client.request("evaluate", {"expression": "x = 40", "context": "repl"})
    for client in clients:
        client.request("continue", {"threadId": 1})
        client.output("41\n")
        client.disconnect()


def test_too_many_sessions_are_told_so(folder):
    with Server(folder, "--max-sessions", "1", "--tcp", "127.0.0.1:0") as server:
        first = WsClient(server)
        first.initialize()
        assert closed(server, None) == (
            1013, "there are 1 sessions already, as many as --max-sessions allows")
        client = TcpClient(server)
        assert "--max-sessions" in client.event("output")["output"]
        client.until_end()
        first.disconnect()
        second = TcpClient(server)
        second.initialize()
        second.disconnect()
        assert server.end() == 0


@pytest.mark.parametrize(("arguments", "text"), [
    (["--host", "0.0.0.0"], "--tls-cert"), (["--tls-cert", "x"], "go together"),
    (["--tcp", "0.0.0.0:0"], "loopback"), (["--tcp", "nonsense"], "HOST:PORT"),
    (["--port", "70000"], "--port"), (["/nowhere"], "no file or folder"),
    (["a", "b"], "is enough"), (["--tls-cert", "/nowhere", "--tls-key", "/nowhere"], "cannot read"),
    (["--nonsense"], "--help"), (["--max-sessions", "many"], "--max-sessions"),
])
def test_wrong_usage_says_what_to_do(arguments, text, tmp_path):
    done = subprocess.run([str(PROGRAM), "serve", *arguments], capture_output=True, text=True,
                          timeout=GUARD, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert text in done.stderr and not done.stdout


def test_a_port_that_is_taken_is_named(server, tmp_path):
    done = subprocess.run([str(PROGRAM), "serve", "--port", str(server.port)], capture_output=True,
                          text=True, timeout=GUARD, cwd=tmp_path)
    assert done.returncode == 1 and str(server.port) in done.stderr


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    made = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", made / "key.pem", "-out", made / "cert.pem", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True)
    return made


def test_tls_from_1_2_on(certificate, folder):
    context = ssl.create_default_context(cafile=certificate / "cert.pem")
    with Server(folder, "--tls-cert", certificate / "cert.pem", "--tls-key",
                certificate / "key.pem") as server:
        assert server.scheme == "https"
        client = WsClient(server, context=context)
        client.initialize()
        assert client.socket.socket.version() in ("TLSv1.2", "TLSv1.3")
        assert client.disconnect() == 0
        # a hello of TLS 1.1 by hand: OpenSSL here would refuse to send one
        hello = b"\x03\x02" + bytes(32) + b"\x00" + b"\x00\x04\xc0\x13\x00\x2f" + b"\x01\x00"
        body = b"\x01" + struct.pack(">I", len(hello))[1:] + hello
        with socket.create_connection(("127.0.0.1", server.port), timeout=GUARD) as s:
            s.sendall(b"\x16\x03\x01" + struct.pack(">H", len(body)) + body)
            answer = s.recv(100)
        assert answer[:1] in (b"\x15", b"")  # an alert, or nothing: no server hello
        assert server.end() == 0


def test_the_token_is_never_logged(folder, tmp_path):
    log = tmp_path / "log"
    with Server(folder, "--tcp", "127.0.0.1:0", "--log", log, "--log-level", "trace") as server:
        for make in (WsClient, TcpClient):
            client = make(server)
            client.launch(folder / "nb.ipynb")
            client.disconnect()
        server.ask("/api/info")
        closed(server, ["dap", "token.wrong"])
        assert server.end() == 0
        assert "initialize" in log.read_text()
        assert server.token not in log.read_text()


def test_a_client_that_is_cut_leaves_the_server_serving(server, folder):
    for make in (WsClient, TcpClient):
        client = make(server)
        client.launch(folder / "nb.ipynb",
                      [({"path": str(folder / "nb.ipynb") + "#cell=0"}, [{"line": 2}])])
        client.event("stopped")
        client.kill()
        client.until_end()
    assert server.ask("/healthz")[0] == 200
