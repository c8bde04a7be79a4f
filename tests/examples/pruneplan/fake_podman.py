# SPDX-License-Identifier: BSL-1.0
"""A fake Podman: python3 fake_podman.py SOCKET ANSWERS LOG

Gives constant answers over a unix socket, each with status 200. ANSWERS is a JSON file: {PATH: JSON}, with paths of the
libpod API without their beginning and query, such as "images/json". Other paths are not found. Each request is a line of
LOG.
"""
import http.server
import json
import socketserver
import sys
import urllib.parse

SOCKET, ANSWERS, LOG = sys.argv[1:]
with open(ANSWERS, encoding="utf-8") as file:
    answers = json.load(file)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "client"

    def reply(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).partition("/libpod/")[2]
        with open(LOG, "a", encoding="utf-8") as log:
            print(self.command, path, file=log)
        known = path in answers
        body = json.dumps(answers[path] if known else {"message": "page not found"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = reply


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


with Server(SOCKET, Handler) as server:
    server.serve_forever()
