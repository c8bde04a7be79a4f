# SPDX-License-Identifier: BSL-1.0
"""Runs ctr, and asks containerd's own services (by messages of wire.proto)."""
import os
import pathlib
import subprocess

import grpc

from client import wire

SNAPSHOTTERS = "overlayfs", "native"


class Failed(Exception):
    """A command failed."""


class Client:
    def __init__(self, namespace):
        self.folder, self.socket = pathlib.Path(os.environ["folder"]), os.environ["socket"]
        self.cgroup = os.environ["cgroup"]
        self.namespace = namespace
        options = [("grpc.default_authority", "localhost"), ("grpc.max_receive_message_length", -1)]
        self.channel = grpc.insecure_channel("unix://" + self.socket, options)

    def ctr(self, *words):
        command = [self.folder / "engine", "--namespace", self.namespace, *words]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"ctr {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def options_of_call(self):
        return {"timeout": 60, "metadata": [("containerd-namespace", self.namespace)]}

    def call(self, service, method, answer=wire.Empty, request=None):
        """Calls a method of containerd.services.SERVICE.v1."""
        request = request or wire.Empty()
        path = f"/containerd.services.{service}.v1.{service.capitalize()}/{method}"
        return self.channel.unary_unary(path, type(request).SerializeToString, answer.FromString)(
            request, **self.options_of_call())

    def stream(self, service, answer, request=None):
        """Returns the items of all answers of the method List."""
        request = request or wire.Empty()
        path = f"/containerd.services.{service}.v1.{service.capitalize()}/List"
        call = self.channel.unary_stream(path, type(request).SerializeToString, answer.FromString)
        return [item for message in call(request, **self.options_of_call()) for item in message.info]

    def names(self):
        """Returns the target of each name."""
        records = self.call("images", "List", wire.ListRecordsResponse).images
        return {record.name: record.target.digest for record in records}

    def delete(self, name, sync=True):
        self.call("images", "Delete", request=wire.DeleteRecordRequest(name=name, sync=sync))

    def containers(self):
        return list(self.call("containers", "List", wire.ListOwnContainersResponse).containers)

    def content(self):
        """Returns the labels of each blob."""
        return {info.digest: dict(info.labels) for info in self.stream("content", wire.ListContentResponse)}

    def parents(self):
        """Returns the parent of each snapshot, which is (SNAPSHOTTER, NAME)."""
        return {(snapshotter, found.name): found.parent for snapshotter in SNAPSHOTTERS
                for found in self.stream("snapshots", wire.ListSnapshotsResponse,
                                         wire.ListSnapshotsRequest(snapshotter=snapshotter))}

    def lease(self, name, kind, resource):
        self.ctr("leases", "create", "--id", name)
        self.call("leases", "AddResource",
                  request=wire.AddResourceRequest(id=name, resource=wire.Resource(id=resource, type=kind)))

    def empty(self):
        """Removes everything from the namespace."""
        for line in self.ctr("tasks", "list").splitlines()[1:]:
            self.ctr("tasks", "rm", "--force", line.split()[0])
        for container in self.containers():
            self.ctr("containers", "rm", container.id)
        for lease in self.call("leases", "List", wire.ListLeasesResponse).leases:
            self.call("leases", "Delete", request=wire.DeleteLeaseRequest(id=lease.id))
        names = sorted(self.names())
        for name in names:
            self.delete(name, sync=name == names[-1])
        left = [*self.content(), *self.parents()]
        if names and left:
            raise Failed(f"the namespace is not empty: {left}")
