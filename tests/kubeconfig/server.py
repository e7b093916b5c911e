"""A server on loopback that stands where a kubeconfig says that an API server is. It prints its port, then a line for each
request: the Authorization header, a tab, the User-Agent, a tab, the Impersonate-User header.

usage: server.py MODE [CERTIFICATE KEY [CLIENT_CA]]
"""
import json
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

mode, files = sys.argv[1], sys.argv[2:]
count = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, body, kind="application/json"):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def status(self, code, reason, message):
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
        self.answer(code, status | {"message": message, "reason": reason, "code": code})

    def do_GET(self):
        global count
        count += 1
        headers = [self.headers.get(name) or "" for name in ("Authorization", "User-Agent", "Impersonate-User")]
        print("\t".join(headers), flush=True)
        page = {"kind": "List", "apiVersion": "v1"}
        listed = "limit=" in self.path
        if mode == "500":
            self.status(500, "InternalError", 'failed calling webhook "check.example.com": no endpoints available')
        elif mode == "403":
            self.status(403, "Forbidden", 'deployments.apps is forbidden: User "u" cannot list resource "deployments"')
        elif mode == "401" or (mode == "401-once" and count == 1):
            self.status(401, "Unauthorized", "Unauthorized")
        elif mode == "404":
            self.answer(404, b"404 page not found", "text/plain")
        elif mode == "html":
            self.answer(200, b"<html>log in</html>", "text/html")
        elif mode == "410" and listed:
            self.status(410, "Expired", "too old resource version")
        elif mode == "410-later" and "continue=" in self.path:
            self.status(410, "Expired", "too old resource version")
        elif mode == "410-later" and listed:
            self.answer(200, page | {"metadata": {"continue": "x"}, "items": []})
        elif mode == "endless-pages" and listed:
            item = {"metadata": {"name": "a" * 1000}, "apiVersion": "v1", "kind": "X"}
            self.answer(200, page | {"metadata": {"continue": f"x{count}"}, "items": [item] * 200})
        elif mode == "fat-pages" and listed:
            body = json.dumps(page | {"metadata": {"continue": f"x{count}"}, "items": []}).encode()
            self.answer(200, body + b" " * (200 << 20))
        elif mode == "mute":
            time.sleep(60)
        elif mode == "500-later" and count > 1:
            self.status(500, "InternalError", "the disk is full")
        elif mode == "empty-pages" and listed:
            self.answer(200, page | {"metadata": {"continue": f"x{count}"}, "items": []})
        elif mode == "endless-body":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            block = b" " * (1 << 20)
            try:
                while True:
                    self.wfile.write(b"%x\r\n" % len(block) + block + b"\r\n")
            except OSError:
                pass
        else:
            self.status(404, "NotFound", "the server could not find the requested resource")

    do_POST = do_PATCH = do_DELETE = do_GET


class Server(ThreadingHTTPServer):
    # A client that rejects the certificate is expected.
    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
if files:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[0], files[1])
    if len(files) > 2:
        context.load_verify_locations(files[2])
        context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
