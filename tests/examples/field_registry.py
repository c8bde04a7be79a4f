#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A registry in memory that answers like those in the field. field_registry.sh tests `pruneplan registry` with it.

field_registry.py LOG [OPTION]... prints its URL, and writes a line to LOG for each request: METHOD PATH CREDENTIALS.
The repository team/app has the tags 1, 2, ..., each an image of its own, one day younger than the one before.
"""
import argparse
import base64
import hashlib
import http.server
import json
import ssl
import sys
import threading
import urllib.parse

OCI = "application/vnd.oci.image."
MANIFEST, INDEX = OCI + "manifest.v1+json", OCI + "index.v1+json"
USER = "Basic " + base64.b64encode(b"robot:secret").decode()


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def descriptor(kind, content, **more):
    return {"mediaType": kind, "digest": digest_of(content), "size": len(content), **more}


class Contents:
    """What the registry has, of one repository."""

    def __init__(self, options):
        self.blobs, self.manifests, self.tags, self.referrers = {}, {}, {}, {}
        for number in range(1, options.tags + 1):
            day, month = (number - 1) % 28 + 1, (number - 1) // 28
            date = f"{2020 + month // 12}-{month % 12 + 1:02}-{day:02}T00:00:00Z"
            self.add_image(f"image {number}", str(number), created=date)
        if options.referrers:
            for tag in ("1", str(options.tags)):
                self.attach(self.add_image(f"signature of {tag}", subject=self.manifests[self.tags[tag]][1]))
        if options.index:
            parts = [self.add_image(f"part {name}", created="2024-01-01T00:00:00Z") for name in ("amd64", "arm64")]
            for tag in ("multi", "again"):
                entries = [descriptor(MANIFEST, self.manifests[part][1]) for part in parts]
                entries.append({"mediaType": MANIFEST, "digest": digest_of(b"not mirrored"), "size": 1})
                self.add_manifest(INDEX, {"mediaType": INDEX, "manifests": entries, "annotations": {"tag": tag}}, tag)
            self.add_image("signature of amd64", parts[0].replace(":", "-") + ".sig")

    def add_image(self, text, tag=None, created=None, subject=None):
        config = json.dumps({"created": created, "config": {"Labels": {"text": text}}}).encode()
        layer = text.encode()
        self.blobs[digest_of(config)] = config
        self.blobs[digest_of(layer)] = layer
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(OCI + "config.v1+json", config),
                    "layers": [descriptor(OCI + "layer.v1.tar", layer)]}
        if subject:
            manifest["subject"] = descriptor(MANIFEST, subject)
        return self.add_manifest(MANIFEST, manifest, tag)

    def add_manifest(self, kind, manifest, tag):
        content = json.dumps(manifest).encode()
        digest = digest_of(content)
        self.manifests[digest] = (kind, content)
        if tag:
            self.tags[tag] = digest
        return digest

    def attach(self, digest):
        kind, content = self.manifests[digest]
        subject = json.loads(content)["subject"]["digest"]
        self.referrers.setdefault(subject, []).append(descriptor(kind, content))

    def delete(self, digest):
        del self.manifests[digest]
        self.tags = {tag: target for tag, target in self.tags.items() if target != digest}


class Registry(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options):
        super().__init__(("127.0.0.1", 0), Handler)
        self.options, self.contents = options, Contents(options)
        self.lock, self.log = threading.Lock(), open(options.log, "a", encoding="utf-8")
        self.tokens, self.busy = {}, set()
        if options.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*options.tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"{'https' if options.tls else 'http'}://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=(), kind="application/json"):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, message, headers=()):
        self.answer(status, {"errors": [{"code": "ERROR", "message": message}]}, headers)

    def do_GET(self):
        with self.server.lock:
            scheme = self.headers.get("Authorization", "-").split()[0]
            print(self.command, self.path, scheme, file=self.server.log, flush=True)
            self.route()

    do_HEAD = do_DELETE = do_GET

    def route(self):
        options, contents = self.server.options, self.server.contents
        path, _, query = self.path.partition("?")
        query = urllib.parse.parse_qs(query)
        if path.startswith("/store/"):
            if options.auth:
                return self.refuse(401, "who asks?", [("WWW-Authenticate", 'Basic realm="store"')])
            return self.answer(200, contents.blobs[path[len("/store/"):]], kind="application/octet-stream")
        if options.busy and self.path not in self.server.busy:
            self.server.busy.add(self.path)
            return self.refuse(options.busy, "slow down", [("Retry-After", "0")] if options.busy == 429 else [])
        if path == "/token":
            return self.give_token(query)
        if not self.is_allowed():
            return None
        if path == "/v2/_catalog":
            return self.page("repositories", ["team/app"], query) if options.catalog else self.refuse(404, "no catalog")
        if path == "/v2/team/app/tags/list":
            return self.page("tags", sorted(contents.tags), query)
        kind, _, name = path[len("/v2/team/app/"):].partition("/")
        if kind == "blobs" and name in contents.blobs:
            if options.store:
                return self.answer(307, headers=[("Location", f"{options.store}/store/{name}")])
            return self.answer(200, contents.blobs[name], kind="application/octet-stream")
        if kind == "referrers" and options.referrers:
            return self.answer(200, {"manifests": contents.referrers.get(name, [])}, kind=INDEX)
        if kind == "manifests":
            return self.manifest(name)
        return self.refuse(404, "not found")

    def manifest(self, name):
        options, contents = self.server.options, self.server.contents
        digest = contents.tags.get(name, name)
        if digest not in contents.manifests:
            return self.refuse(404, "manifest unknown")
        if self.command == "DELETE":
            if options.read_only:
                return self.refuse(405, "The operation is unsupported.")
            contents.delete(digest)
            return self.answer(202)
        kind, content = contents.manifests[digest]
        headers = [] if options.no_digest else [("Docker-Content-Digest", digest)]
        return self.answer(200, content, headers, kind)

    def page(self, key, texts, query):
        """Answers with two pages, which the Link header names in the way of the option --links."""
        links, half = self.server.options.links, (len(texts) + 1) // 2
        path = self.path.partition("?")[0]
        if not links or key != "tags":
            return self.answer(200, {key: texts})
        if "cursor" in query:
            if links == "missing":
                return self.refuse(404, "no such page")
            again = {"loop": f"{path}?cursor=a%2Fb%3D", "endless": f"{path}?cursor={query['cursor'][0]}x"}.get(links)
            headers = [("Link", f'<{again}>; rel="next"')] if again else []
            return self.answer(200, {key: texts[half:]}, headers)
        cursor = "cursor=a%2Fb%3D"
        next_page = {
            "absolute": f'<{self.server.url}{path}?{cursor}>; rel="next"',
            "relative": f'<list?{cursor}>; rel="next"',
            "query": f"<?{cursor}>;rel=next",
            "several": f'<{path}?n=1>; rel="first"; title="a, b", <{path}?{cursor}>; title="x;y"; REL="last Next"',
            "elsewhere": f'<http://127.0.0.2:1{path}?{cursor}>; rel="next"',
            "malformed": f"{path}?{cursor}",
        }.get(links, f'<{path}?{cursor}>; rel="next"')
        headers = [("Link", next_page)]
        if links == "lines":
            headers.insert(0, ("Link", f'<{path}?n=1>; rel="prev"'))
            headers.append(("Link", f'<{path}?n=9>; rel="last"'))
        return self.answer(200, {key: texts[:half]}, headers)

    def is_allowed(self):
        options, given = self.server.options, self.headers.get("Authorization", "")
        if options.auth == "basic" and given != USER:
            self.refuse(401, "authentication required", [("WWW-Authenticate", 'Basic realm="a, b"')])
            return False
        if options.auth != "token":
            return True
        scope = "registry:catalog:*"
        if self.path.startswith("/v2/team/app/"):
            scope = "repository:team/app:" + ("delete" if self.command == "DELETE" else "pull")
        token = given.partition(" ")[2]
        if self.server.tokens.get(token, ("", 0))[0] == scope and self.server.tokens[token][1] > 0:
            self.server.tokens[token] = (scope, self.server.tokens[token][1] - 1)
            return True
        realm = f'Bearer realm="{self.server.url}/token?a=b",service="field, registry",scope="{scope}"'
        self.refuse(401, "authentication required", [("WWW-Authenticate", realm)])
        return False

    def give_token(self, query):
        if self.headers.get("Authorization") != USER:
            return self.refuse(401, "incorrect username or password")
        if query.get("service") != ["field, registry"] or query.get("a") != ["b"]:
            return self.refuse(400, "unknown service")
        token = f"token-{len(self.server.tokens)}"
        self.server.tokens[token] = (query["scope"][0], 15)  # it expires after so many requests
        return self.answer(200, {"access_token" if len(self.server.tokens) % 2 else "token": token})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("log")
    parser.add_argument("--tags", type=int, default=4)
    parser.add_argument("--auth", choices=["basic", "token"])
    parser.add_argument("--busy", type=int, help="the status of the first answer to each path")
    parser.add_argument("--catalog", type=int, default=1)
    parser.add_argument("--index", action="store_true")
    parser.add_argument("--links", help="how the second page of tags is named")
    parser.add_argument("--no-digest", action="store_true")
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--referrers", action="store_true")
    parser.add_argument("--store", help="the URL of the registry to which blobs are redirected")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    registry = Registry(parser.parse_args())
    print(registry.url, flush=True)
    registry.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
