#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Makes images whose program is PROGRAM, a static one, as blobs in a dictionary {digest: (media type, content)}.

Run as images.py PROGRAM NAME [TEXT], writes an archive of one image for `ctr images import` to standard output. The
image has a file with the text.
"""
import functools
import hashlib
import io
import json
import platform
import sys
import tarfile

INDEX, MANIFEST, CONFIG, LAYER = (f"application/vnd.oci.image.{kind}" for kind in (
    "index.v1+json", "manifest.v1+json", "config.v1+json", "layer.v1.tar"))
OWN = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
OTHER = "s390x"  # an architecture that this machine does not have


def dump(document):
    return json.dumps(document, separators=(",", ":")).encode()


def add(blobs, kind, content, **more):
    """Adds a blob, and returns its descriptor."""
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    blobs[digest] = kind, content
    return {"mediaType": kind, "digest": digest, "size": len(content), **more}


def archive_of(path, content, mode=0o644):
    """Returns a layer with one file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo(path)
        info.size = len(content)
        info.mode = mode
        tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


@functools.cache
def program_layer(program):
    with open(program, "rb") as file:
        return archive_of("command", file.read(), 0o755)


def add_config(blobs, program, text, architecture=OWN, **more):
    """Adds the configuration and the layers of an image, and returns their descriptors: the configuration first."""
    contents = [program_layer(program), archive_of("folder/text", text.encode())]
    layers = [add(blobs, LAYER, content) for content in contents]
    config = {"architecture": architecture, "os": "linux", "config": {"Entrypoint": ["/command"]},
              "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]}, **more}
    return [add(blobs, CONFIG, dump(config)), *layers]


def add_manifest(blobs, parts, architecture=OWN, **more):
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:], **more}
    return add(blobs, MANIFEST, dump(manifest), platform={"os": "linux", "architecture": architecture})


def add_index(blobs, manifests, **more):
    return add(blobs, INDEX, dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, **more}))


def write_archive(file, blobs, named):
    """Writes an archive with the descriptors `named` by their names."""
    with tarfile.open(fileobj=file, mode="w|") as tar:
        def write(path, content):
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))

        for digest, (_, content) in blobs.items():
            write("blobs/" + digest.replace(":", "/"), content)
        manifests = [{**target, "annotations": {"io.containerd.image.name": name}} for name, target in named.items()]
        write("index.json", dump({"schemaVersion": 2, "manifests": manifests}))
        write("oci-layout", dump({"imageLayoutVersion": "1.0.0"}))


def main():
    blobs = {}
    program, name, text = (sys.argv + sys.argv[2:])[1:4]
    write_archive(sys.stdout.buffer, blobs, {name: add_manifest(blobs, add_config(blobs, program, text))})


if __name__ == "__main__":
    main()
