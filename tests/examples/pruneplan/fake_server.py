# SPDX-License-Identifier: BSL-1.0
"""What the fake engines share: an HTTP server over a unix socket that answers with JSON and logs its requests."""
import http.server
import json
import socketserver
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log = None  # a path

    def log_message(self, *_):
        pass

    def address_string(self):
        return "client"

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def logged_path(self):
        """Returns the path of the request without its query, and adds a line with it to the log."""
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        with open(self.log, "a", encoding="utf-8") as log:
            print(self.command, path, file=log)
        return path


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def serve(socket, handler, log):
    handler.log = log
    with Server(socket, handler) as server:
        server.serve_forever()
