# SPDX-License-Identifier: BSL-1.0
"""Pushes images (images.py) to a registry."""
import urllib.parse
import urllib.request


class Registry:
    def __init__(self, address):
        self.url = f"http://{address}/v2/"
        self.pushed = set()
        self.contents = {}  # of manifests, as (media type, content)

    def send(self, method, url, content=b"", kind="application/octet-stream"):
        request = urllib.request.Request(url, content, {"Content-Type": kind}, method=method)
        with urllib.request.urlopen(request) as answer:
            return answer.headers

    def push(self, repository, tag, blobs, target):
        """Pushes blobs, the last of which is the target, and points the tag at that."""
        for digest, (kind, content) in blobs.items():
            is_manifest = "manifest" in kind or "index" in kind
            if is_manifest:
                self.contents[digest] = kind, content
                reference = tag if digest == target["digest"] else digest
                self.send("PUT", f"{self.url}{repository}/manifests/{reference}", content, kind)
            elif (repository, digest) not in self.pushed:
                place = self.send("POST", f"{self.url}{repository}/blobs/uploads/")["Location"]
                self.send("PUT", place + "&digest=" + urllib.parse.quote(digest), content)
                self.pushed.add((repository, digest))
