"""A registry on loopback with the habits that registries have. It prints its port, then a line for each request: the method
and the path with its query, a tab, and the start of the Authorization header.

usage: server.py SETTINGS      (JSON; see tests/registry_kinds.rs)
"""
import base64
import hashlib
import json
import re
import socket
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, urlparse

settings = json.loads(sys.argv[1])
blobs, manifests, repositories, sessions = {}, {}, set(), set()
faults = settings.get("faults", [])
lock = Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code, message, headers=()):
        self.answer(status, json.dumps({"errors": [{"code": code, "message": message}]}), headers)

    def address(self):
        return f"{'https' if 'tls' in settings else 'http'}://{self.headers['Host']}"

    def challenge(self, scope=""):
        if settings.get("auth") == "basic":
            value = 'Basic realm="here"'
        else:
            realm = settings.get("realm", f"{self.address()}/token")
            value = f'Bearer realm="{realm}",service="small"' + (f',scope="{scope}"' if scope else "")
        self.refuse(401, "UNAUTHORIZED", "authentication required", [("WWW-Authenticate", value)])

    def is_login(self, header):
        return header == "Basic " + base64.b64encode(settings.get("login", "").encode()).decode()

    def token(self, body):
        """Rights as a token: what is granted, by the scopes that are asked for."""
        if self.command == "POST":
            form = parse_qs(body.decode())
            good = form.get("grant_type") == ["refresh_token"] and form.get("refresh_token") == [settings.get("identity")]
            scopes = form.get("scope", [""])[0].split(" ")
        else:
            header = self.headers.get("Authorization")
            good = self.is_login(header) if "login" in settings else True
            scopes = parse_qs(urlparse(self.path).query).get("scope", [])
        if not good:
            return self.answer(401, json.dumps({"details": "incorrect username or password"}))
        granted = []
        for scope in scopes:
            _, name, actions = scope.split(":", 2)
            # A missing repository is invisible to clients that only read.
            if not (settings.get("hidden") and "push" not in actions and name not in repositories):
                granted.append(scope)
        granted = base64.b64encode(" ".join(granted).encode()).decode()
        if settings.get("token") == "access":
            return self.answer(200, json.dumps({"token": "", "access_token": granted}))
        return self.answer(200, json.dumps({"token": granted}))

    def may(self, name, action):
        """Whether the request has the right. If not, it is answered."""
        if not settings.get("auth") or (settings.get("open_read") and action == "pull"):
            return True
        header = self.headers.get("Authorization") or ""
        if settings["auth"] == "basic" and self.is_login(header):
            return True
        if settings["auth"] == "bearer" and header.startswith("Bearer "):
            for scope in base64.b64decode(header[7:]).decode().split(" "):
                if scope.rpartition(":")[0] == f"repository:{name}" and action in scope.rpartition(":")[2].split(","):
                    return True
        self.challenge(f"repository:{name}:{action}")
        return False

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = (self.headers.get("Authorization") or "").split(" ")[0]
        print(f"{self.command} {self.path}\t{kind}", flush=True)
        path = urlparse(self.path).path
        with lock:
            for fault in faults:
                if (
                    fault.get("times", 1 << 30) > 0
                    and fault.get("method", self.command) == self.command
                    and re.search(fault["path"], path)
                ):
                    fault["times"] = fault.get("times", 1 << 30) - 1
                    return self.answer(fault["status"], fault.get("body", ""), fault.get("headers", []))
        if path == "/token":
            return self.token(body)
        if path == "/v2/":
            if settings.get("auth") and not settings.get("open_ping") and not self.headers.get("Authorization"):
                return self.challenge()
            return self.answer(200)
        match = re.fullmatch(r"/v2/(.+)/(blobs|manifests)/(.+)", path)
        if not match:
            return self.answer(404, "not found")
        name, what, rest = match.groups()
        write = self.command in ("POST", "PUT", "PATCH")
        if rest.startswith("uploads/") and self.command == "PUT" and rest in sessions:
            pass
        elif not self.may(name, "push" if write else "pull"):
            return None
        if write and settings.get("must_exist"):
            return self.refuse(404, "NAME_UNKNOWN", settings["must_exist"])
        if what == "blobs" and self.command == "POST":
            repositories.add(name)
            session = f"uploads/{len(sessions)}"
            sessions.add(session)
            own = f"/v2/{name}/blobs/{session}"
            location = {
                "path": own,
                "absolute": f"{self.address()}{own}?state=a%2Fb",
                "no-scheme": f"//{self.headers['Host']}{own}",
                "relative": session.removeprefix("uploads/"),
                "plain": f"http://{self.headers['Host']}{own}",
            }[settings.get("location", "path")]
            return self.answer(202, headers=[("Location", location)])
        if what == "blobs" and self.command == "PUT":
            digest = "sha256:" + hashlib.sha256(body).hexdigest()
            if parse_qs(urlparse(self.path).query).get("digest") != [digest]:
                return self.refuse(400, "DIGEST_INVALID", "the digest does not fit")
            blobs[digest] = body
            return self.answer(201)
        if what == "manifests" and self.command == "PUT":
            repositories.add(name)
            digest = "sha256:" + hashlib.sha256(body).hexdigest()
            manifests[digest] = manifests[rest] = (self.headers["Content-Type"], body)
            return self.answer(201, headers=[("Docker-Content-Digest", digest)])
        if what == "manifests" and rest in manifests:
            kind, body = manifests[rest]
            digest = "sha256:" + hashlib.sha256(body).hexdigest()
            return self.answer(200, body, [("Content-Type", kind), ("Docker-Content-Digest", digest)])
        if what == "blobs" and rest in blobs:
            if "storage" in settings and self.command == "GET":
                return self.answer(307, headers=[("Location", f"{settings['storage']}/{rest}")])
            return self.answer(200, blobs[rest])
        return self.refuse(404, "MANIFEST_UNKNOWN" if what == "manifests" else "BLOB_UNKNOWN", f"{what[:-1]} unknown")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = handle_any


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6 if settings.get("ipv6") else socket.AF_INET

    # A client that rejects the certificate, or uses another protocol, is expected.
    def handle_error(self, request, client_address):
        pass


server = Server(("::1" if settings.get("ipv6") else "127.0.0.1", 0), Handler)
if "tls" in settings:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*settings["tls"])
    if "client" in settings:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(settings["client"])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
