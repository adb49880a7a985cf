# SPDX-License-Identifier: BSD-3-Clause
"""Real Jupyter Servers and Enterprise Gateways for tests, and a proxy in front of them that can be
cut, can hide a header and can speak TLS. Nothing sleeps: servers tell when they are ready."""

import json
import os
import re
import select
import socket
import ssl
import subprocess
import threading
import urllib.request
from pathlib import Path

import ports

GUARD = 60  # seconds; only against hangs
ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CELLDAP_BUILD", ROOT / "build")).resolve()
VENVS = ROOT / "build"
TOKEN, PASSWORD = "open-sesame", "ä pass&word"
PORTS = ports.Ports()


class Server:
    """One server process. base: its path."""

    def __init__(self, folder, command, ready, base="/"):
        self.port, self.base, self.folder = PORTS.next(), base, folder
        self.runtime = folder / "runtime"
        env = {**os.environ, "JUPYTER_PATH": str(BUILD / "share/jupyter"),
               "JUPYTER_RUNTIME_DIR": str(self.runtime), "JUPYTER_CONFIG_DIR": str(folder / "config"),
               "JUPYTER_DATA_DIR": str(folder / "data"), "IPYTHONDIR": str(folder / "ipython"),
               "SETUPTOOLS_USE_DISTUTILS": "local", "EG_AUTH_TOKEN": TOKEN}
        for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"):
            env.pop(name, None)
        self.process = subprocess.Popen([*command, *self.arguments()], env=env, cwd=folder,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = []
        self.ready = threading.Event()
        threading.Thread(target=self._listen, args=(re.compile(ready),), daemon=True).start()
        if not self.ready.wait(GUARD) or not self._listens():
            self.close()
            raise AssertionError("no server: " + "".join(self.said))

    def arguments(self):
        raise NotImplementedError

    def _listens(self):
        """It says that it is ready some instructions before it listens."""
        while self.process.poll() is None:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
        return False

    def _listen(self, ready):
        for line in self.process.stderr:
            self.said.append(line.decode(errors="replace"))
            if ready.search(self.said[-1]):
                self.ready.set()
        self.ready.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.base}"

    def rest(self, method, path, body=None):
        """The answer's JSON; None where there is none."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "api/" + path, data, method=method,
                                         headers={"Authorization": f"token {TOKEN}",
                                                  "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=GUARD) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def kernel_ids(self):
        return [k["id"] for k in self.rest("GET", "kernels")]

    def start_kernel(self, name="celldap"):
        wish = {"name": name, "env": {"KERNEL_USERNAME": "ada"}}  # the gateway refuses root
        return self.rest("POST", "kernels", wish)["id"]

    def end_kernels(self):
        for kernel in self.kernel_ids():
            self.rest("DELETE", f"kernels/{kernel}")

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(GUARD)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(GUARD)
        self.process.stderr.close()


class JupyterServer(Server):
    """limit: how many messages of output it passes on between two times that the kernel is idle."""

    def __init__(self, folder, limit=None):
        self.limit = limit
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir()
        super().__init__(folder, [str(VENVS / "venv-remote/bin/jupyter-server")],
                         r"Use Control-C", base="/user/ada/")

    def arguments(self):
        python = VENVS / "venv-remote/bin/python"
        hashed = subprocess.run(
            [python, "-c", "import sys; from jupyter_server.auth import passwd; print(passwd(sys.argv[1], 'sha256'))",
             PASSWORD], check=True, capture_output=True, text=True).stdout.strip()
        return ["--no-browser", "--ip=127.0.0.1", "--allow-root", f"--ServerApp.port={self.port}",
                "--ServerApp.port_retries=0", f"--ServerApp.base_url={self.base}",
                f"--ServerApp.root_dir={self.notebooks}", f"--IdentityProvider.token={TOKEN}",
                f"--PasswordIdentityProvider.hashed_password={hashed}", *self.limits()]

    def limits(self):
        window = 100000  # seconds: no clock has a part in it
        options = {"iopub_msg_rate_limit": (self.limit or 0) / window, "rate_limit_window": window}
        return [f"--ZMQChannelsWebsocketConnection.{k}={v}" for k, v in options.items()] if self.limit else []


class Gateway(Server):
    def __init__(self, folder):
        super().__init__(folder, [str(VENVS / "venv-gateway/bin/jupyter-enterprisegateway")],
                         r"is available at|is running at")

    def arguments(self):
        return ["--ip=127.0.0.1", f"--port={self.port}", "--port_retries=0",
                "--EnterpriseGatewayApp.list_kernels=True"]


class Proxy:
    """Passes TCP on to a server. cut() closes what is open and refuses what comes, until resume()."""

    def __init__(self, port, tls=None, hide=None):
        """tls: (certificate, key) files; hide: the name of a header of the client, in bytes."""
        self.target, self.hide = port, hide
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
        self.open, self.lock, self.refusing = [], threading.Lock(), False
        self.swallowed = threading.Event()
        self.swallowing = False  # what the client sends
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.refusing:
                client.close()
            else:
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server = None
        try:
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
            server = socket.create_connection(("127.0.0.1", self.target))
            with self.lock:
                self.open += [client, server]
            self._pass_on(client, server)
        except (OSError, ValueError):
            pass  # cut, or a client that does not trust us
        finally:
            client.close()
            if server:
                server.close()

    def _pass_on(self, client, server):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                return
            head += piece
        if self.hide:
            lines = head.split(b"\r\n")
            head = b"\r\n".join(x for x in lines if not x.lower().startswith(self.hide + b":"))
        server.sendall(head)
        while True:
            waiting = self.context and client.pending()
            readable = [client] if waiting else select.select([client, server], [], [])[0]
            for one in readable:
                piece = one.recv(65536)
                if not piece:
                    return
                if one is client and self.swallowing:
                    self.swallowed.set()
                else:
                    (server if one is client else client).sendall(piece)

    def cut(self):
        with self.lock:
            self.refusing = True
            for s in self.open:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.open = []

    def resume(self):
        self.refusing = self.swallowing = False

    def close(self):
        self.cut()
        self.listener.close()


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """A certificate authority of its own, and what it signs: for 127.0.0.1."""

    def __init__(self, folder):
        self.folder, self.file = folder, folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test CA",
                "-keyout", folder / "ca.key", "-out", self.file)

    def sign(self, name, address="IP:127.0.0.1", expired=False):
        """(certificate, key)"""
        key, request, out = (self.folder / f"{name}.{x}" for x in ("key", "csr", "pem"))
        extension = self.folder / f"{name}.ext"
        extension.write_text(f"subjectAltName={address}\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.folder / "ca.key",
                "-CAcreateserial", "-extfile", extension, "-out", out, "-days", "-1" if expired else "2")
        return out, key
