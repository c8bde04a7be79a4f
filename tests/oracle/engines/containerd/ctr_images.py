# SPDX-License-Identifier: BSL-1.0
"""Makes the images of a population of ctr. What is known of an image follows from its blobs, not from containerd."""
import dataclasses
import hashlib

import images

EMPTY, SIGNATURE = "application/vnd.oci.empty.v1+json", "application/vnd.dev.cosign.simplesigning.v1+json"
INDEXES = "platforms", "partial", "index"  # kinds of images


@dataclasses.dataclass
class Image:
    kind: str
    target: dict  # a descriptor
    blobs: dict  # of its archive
    own: list = dataclasses.field(default_factory=list)  # descriptors of its manifest, configuration and layers
    kept: set = dataclasses.field(default_factory=set)  # digests of blobs that are there as long as it has a name
    ids: set = dataclasses.field(default_factory=set)  # the target and the manifests
    chains: list = dataclasses.field(default_factory=list)  # of each configuration that it has
    subject: str = ""  # in the manifest
    texts: list = dataclasses.field(default_factory=list)  # of its layers
    label: str = ""
    discarded: bool = False  # its layers are kept as snapshots only

    @property
    def digest(self):
        return self.target["digest"]

    @property
    def is_runnable(self):
        return bool(self.chains)


def digests_of(descriptors):
    return [descriptor["digest"] for descriptor in descriptors]


def bare(descriptor):
    return {key: descriptor[key] for key in ("mediaType", "digest", "size")}


def chains_of(diff_ids):
    """Returns the chain IDs of the first layer, of the first two layers, and so on."""
    chains = diff_ids[:1]
    for digest in diff_ids[1:]:
        chains.append("sha256:" + hashlib.sha256(f"{chains[-1]} {digest}".encode()).hexdigest())
    return chains


def add_parts(blobs, program, texts, label, architecture=images.OWN):
    """Adds an image of one platform, and returns the descriptors of its manifest, configuration and layers."""
    contents = [images.program_layer(program), *(images.archive_of(text, text.encode()) for text in texts)]
    layers = [images.add(blobs, images.LAYER, content) for content in contents]
    config = {"architecture": architecture, "os": "linux", "config": {"Entrypoint": ["/command"], "Labels": label},
              "rootfs": {"type": "layers", "diff_ids": digests_of(layers)}}
    return [images.add(blobs, images.CONFIG, images.dump(config)), *layers]


def image_of(kind, program, texts, label, note):
    """Makes an image with one layer for each text, on the layer with the program.

    platforms  an index of two platforms, all of whose content is imported
    partial    an index of two platforms: of the other one, only the manifest is imported
    index      an index of two platforms, and an archive with the content of one

    Its target is a manifest if it is of any other kind. Its configuration depends on the texts and the label.
    """
    blobs = {}
    labels = {"label": label}
    parts = add_parts(blobs, program, texts, labels)
    own = [images.add_manifest(blobs, parts, annotations={"note": note}), *parts]
    image = Image(kind, own[0], blobs, own, set(digests_of(own)), {own[0]["digest"]}, texts=texts, label=label)
    image.chains.append(chains_of(digests_of(own[2:])))
    if kind not in INDEXES:
        return image
    parts = add_parts(blobs, program, [*texts, "other"], labels, images.OTHER)
    other = [images.add_manifest(blobs, parts, images.OTHER), *parts]
    image.target = images.add_index(blobs, [own[0], other[0]])
    image.kept.add(image.digest)
    image.ids.add(image.digest)
    if kind == "index":
        for digest in set(digests_of(other)) - set(digests_of(own)):
            del blobs[digest]
        return image
    image.ids.add(other[0]["digest"])
    image.kept |= set(digests_of(other if kind == "platforms" else other[:1]))
    if kind == "platforms":
        image.chains.append(chains_of(digests_of(other[2:])))
    return image


def platform_of(image):
    """Makes an image whose target is the manifest of this platform in another one."""
    digests = digests_of(image.own)
    return Image("platform", bare(image.own[0]), {digest: image.blobs[digest] for digest in digests}, image.own,
                 set(digests), {digests[0]}, image.chains[:1], texts=image.texts, label=image.label)


def attachment_of(kind, content, subject):
    """Makes an image whose manifest names its subject if the kind is "attached"; else its name has to."""
    blobs = {}
    parts = [images.add(blobs, EMPTY, b"{}"), images.add(blobs, SIGNATURE, content.encode())]
    more = {"subject": bare(subject)} if kind == "attached" else {}
    manifest = images.add_manifest(blobs, parts, **more)
    return Image(kind, bare(manifest), blobs, kept=set(blobs), ids={manifest["digest"]},
                 subject=subject["digest"] if more else "")
