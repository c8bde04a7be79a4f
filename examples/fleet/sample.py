# SPDX-License-Identifier: BSL-1.0
"""Writes a sample of a fleet, the same each time: python3 sample.py OUT RECORDS [NODES [FILES]].

OUT/records gets FILES files of JSON lines, and OUT/nodes the summaries of NODES nodes with 100 containers each. An
image has two names on average. One of 40 images is an index, which needs two manifests; one of 40 has a signature, and
one of 10 an ID besides its target. Containers run a part of the images, some of them by such an ID.
"""

import hashlib
import json
import multiprocessing
import pathlib
import sys
import typing

import pruneplan

CONTAINERS_OF_A_NODE = 100


def scrambled(*numbers: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(numbers).encode(), digest_size=8).digest(), "big")


class Sample:
    def __init__(self, records: int, nodes: int) -> None:
        self.records, self.nodes = records, nodes
        self.images = (records + 1) // 2

    def target(self, image: int) -> str:
        return f"sha256:{hashlib.sha256(b'%d' % image).hexdigest()}"

    def config(self, image: int) -> str:
        return f"sha256:{hashlib.sha256(b'config %d' % image).hexdigest()}"

    def image(self, record: int) -> int:
        """Each image has the name of the record of its number, and any of the further names."""
        return record if record < self.images else scrambled(record) % self.images

    def name(self, record: int) -> str:
        return f"registry.example/team-{record % 997}/service-{record % 50021}:1.{record // 50021}"

    def record(self, number: int) -> typing.Dict[str, object]:
        image = self.image(number)
        record: typing.Dict[str, object] = {"name": self.name(number), "target": self.target(image)}
        if image % 10 == 1:
            record["ids"] = [self.config(image)]
        if image % 40 == 5:
            by_id = scrambled("by ID", image) % (self.images // 10) * 10 + 1
            record["needs"] = [self.target(scrambled("needed", image) % self.images), self.config(by_id)]
        if image % 40 == 7:
            record["subject"] = self.target(scrambled("subject", image) % self.images)
        return record

    def containers(self, node: int) -> typing.Iterator[pruneplan.Container]:
        """Nodes run few of the images, and some much more often than others."""
        for number in range(node * CONTAINERS_OF_A_NODE, (node + 1) * CONTAINERS_OF_A_NODE):
            below = 1 + scrambled("below", number) % (1 + self.records // 20)
            record = scrambled("record", number) % below
            image = self.image(record)
            digest = self.config(image) if image % 10 == 1 else self.target(image)
            if number % 5000 == 0:
                digest = self.target(-1 - number)  # of an image that was removed before
            yield pruneplan.Container(digest, digest[7:19] if number % 3 == 0 else self.name(record))

    def write_records(self, file: pathlib.Path, numbers: range) -> None:
        with open(file, "w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(self.record(number)) + "\n" for number in numbers)

    def write_nodes(self, folder: pathlib.Path, nodes: range) -> None:
        for node in nodes:
            (folder / f"node-{node:05}").write_bytes(pruneplan.Usage(self.containers(node)).to_bytes())


def main(out: str, records: str, nodes: str = "10001", files: str = "64") -> None:
    sample = Sample(int(records), int(nodes))
    folders = pathlib.Path(out, "records"), pathlib.Path(out, "nodes")
    for folder in folders:
        folder.mkdir(parents=True)
    with multiprocessing.Pool() as pool:
        pool.starmap(sample.write_records, [
            (folders[0] / f"{file:05}.jsonl", range(file, sample.records, int(files))) for file in range(int(files))])
        pool.starmap(sample.write_nodes, [
            (folders[1], range(first, min(first + 100, sample.nodes))) for first in range(0, sample.nodes, 100)])


if __name__ == "__main__":
    main(*sys.argv[1:])
