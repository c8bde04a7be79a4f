#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Two commands of crictl, which Debian does not have, as cri-tools documents them:

crictl run CONTAINER.json POD.json   runs a container in a new pod, and prints its ID
crictl rmi --prune                   deletes images but those that are pinned, and those that the name or ID means now
                                     with which a container was created; prints their tags, or else their digests
"""
import json
import os
import sys

import grpc
from google.protobuf import json_format

import client

cri = client.Client(os.environ["socket"])


def read(path, message):
    with open(path, encoding="utf-8") as file:
        return json_format.ParseDict(json.load(file), message, ignore_unknown_fields=True)


def run(container, pod):
    config = read(pod, client.wire.PodConfig())
    config.linux.cgroup_parent = os.environ["cgroup"]
    pod = cri.call(client.RUNTIME + "RunPodSandbox", client.wire.PodId, client.wire.RunPodRequest(config=config))
    request = client.wire.CreateRequest(pod_sandbox_id=pod.pod_sandbox_id, sandbox_config=config,
                                        config=read(container, client.wire.ContainerConfig()))
    made = cri.call(client.RUNTIME + "CreateContainer", client.wire.ContainerId, request)
    cri.start(made.container_id)
    print(made.container_id)


def prune():
    used = [cri.find(container.image.image) for container in cri.containers()]
    used = {image.id for image in used if image}
    for image in sorted(cri.images(), key=lambda image: list(image.repo_tags)):
        if not image.pinned and image.id not in used:
            cri.remove(image.id)
            for name in sorted(image.repo_tags or image.repo_digests):
                print("Deleted:", name)


try:
    if sys.argv[1:] == ["rmi", "--prune"]:
        prune()
    elif sys.argv[1] == "run" and len(sys.argv) == 4:
        run(*sys.argv[2:])
    else:
        sys.exit("usage: crictl run CONTAINER.json POD.json, or crictl rmi --prune")
except grpc.RpcError as error:
    sys.exit(f"crictl: {error.details()}")
