#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes an archive for `docker load` to standard output: archive.py KIND [COUNT]

many       COUNT images many:1, many:2, … with one layer that all share and one of their own
histories  steps:1 of a layer with 1 MB and one without content, in a history with steps that make no layer; and
           steps:2, which is steps:1 with a further layer of 2 MB
platforms  several:1, an index of two platforms with a layer of 1 MB each
"""
import hashlib
import io
import json
import random
import sys
import tarfile

rng = random.Random(24)
archive = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")
present = set()


def write(name, content):
    if name not in present:
        present.add(name)
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))


def dump(document):
    return json.dumps(document, separators=(",", ":")).encode()


def blob(content):
    """Writes content under its digest, and returns that."""
    digest = hashlib.sha256(content).hexdigest()
    write("blobs/sha256/" + digest, content)
    return digest


def layer(file, content):
    """Writes a layer with one file, or with a folder if there is no content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo(file)
        info.size = len(content)
        if not content:
            info.type = tarfile.DIRTYPE
        tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def config(layers, history, architecture="amd64"):
    digests = ["sha256:" + blob(one) for one in layers]
    return dump({"architecture": architecture, "os": "linux", "created": "2024-06-27T15:04:05.123456789Z",
                 "config": {"Cmd": ["/command"]}, "rootfs": {"type": "layers", "diff_ids": digests},
                 "history": history})


def step(command, empty=False):
    return {"created": "2024-06-27T15:04:05Z", "created_by": command, **({"empty_layer": True} if empty else {})}


def write_images(images):
    """Writes images as (name, layers, history)."""
    manifest = []
    for name, layers, history in images:
        digests = [blob(one) for one in layers]
        manifest.append({"Config": "blobs/sha256/" + blob(config(layers, history)), "RepoTags": [name],
                         "Layers": ["blobs/sha256/" + digest for digest in digests]})
    write("manifest.json", dump(manifest))


def many(count):
    shared = layer("shared", rng.randbytes(2000))
    write_images((f"many:{i}", [shared, layer("own", str(i).encode())], [step("ADD shared"), step("ADD own")])
                 for i in range(1, count + 1))


def histories():
    added, folder, built = layer("a", rng.randbytes(10**6)), layer("app", b""), layer("b", rng.randbytes(2 * 10**6))
    steps = [step("/bin/sh -c #(nop) ADD file:1 in / "), step('/bin/sh -c #(nop)  CMD ["sh"]', empty=True),
             step("WORKDIR /app"), step("RUN /bin/sh -c make"), step("ENV A=B", empty=True)]
    write_images([("steps:1", [added, folder], steps[:3]), ("steps:2", [added, folder, built], steps)])


def platforms():
    def descriptor(kind, content, **more):
        return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + blob(content),
                "size": len(content), **more}

    manifests = []
    for architecture in ("amd64", "arm64"):
        content = layer("file", rng.randbytes(10**6))
        configuration = config([content], [step("ADD file")], architecture)
        manifest = dump({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                         "config": descriptor("config.v1+json", configuration),
                         "layers": [descriptor("layer.v1.tar", content)]})
        manifests.append(descriptor("manifest.v1+json", manifest,
                                    platform={"os": "linux", "architecture": architecture}))
    index = dump({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests})
    name = {"io.containerd.image.name": "docker.io/library/several:1", "org.opencontainers.image.ref.name": "1"}
    write("index.json", dump({"schemaVersion": 2, "manifests": [descriptor("index.v1+json", index, annotations=name)]}))
    write("oci-layout", dump({"imageLayoutVersion": "1.0.0"}))


kinds = {"many": many, "histories": histories, "platforms": platforms}
kinds[sys.argv[1]](*map(int, sys.argv[2:]))
archive.close()
