# SPDX-License-Identifier: BSL-1.0
"""Calls Kubernetes' container runtime interface, and containerd's own services, of one containerd.

The messages are those of wire.proto, which is compiled to a temporary folder.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import grpc

with tempfile.TemporaryDirectory() as place:
    here = pathlib.Path(__file__).resolve().parent
    subprocess.run(["protoc", f"--proto_path={here}", f"--python_out={place}", "wire.proto"], check=True)
    sys.dont_write_bytecode = True
    sys.path.insert(0, place)
    import wire_pb2 as wire

    sys.path.remove(place)

CREATED, RUNNING, EXITED = range(3)
NODE = 2  # the namespace of the machine
RUNTIME, IMAGES = "/runtime.v1.RuntimeService/", "/runtime.v1.ImageService/"
OWN_IMAGES, OWN_CONTAINERS = "/containerd.services.images.v1.Images/", "/containerd.services.containers.v1.Containers/"


class Client:
    def __init__(self, socket, namespace="k8s.io"):
        self.channel = grpc.insecure_channel("unix://" + socket)
        self.metadata = [("containerd-namespace", namespace)]
        self.cgroup = os.environ.get("cgroup", "")

    def call(self, method, answer, request=None):
        request = request or wire.Empty()
        call = self.channel.unary_unary(method, type(request).SerializeToString, answer.FromString)
        return call(request, timeout=60, metadata=self.metadata)

    # Images of Kubernetes.

    def pull(self, name):
        request = wire.ImageRequest(image=wire.ImageSpec(image=name))
        return self.call(IMAGES + "PullImage", wire.PullImageResponse, request).image_ref

    def images(self):
        return list(self.call(IMAGES + "ListImages", wire.ListImagesResponse).images)

    def find(self, name):
        """Returns the image that a name or an ID means now, or None."""
        request = wire.ImageRequest(image=wire.ImageSpec(image=name))
        answer = self.call(IMAGES + "ImageStatus", wire.ImageStatusResponse, request)
        return answer.image if answer.HasField("image") else None

    def remove(self, name):
        self.call(IMAGES + "RemoveImage", wire.Empty, wire.ImageRequest(image=wire.ImageSpec(image=name)))

    # Pods and containers of Kubernetes.

    def pod_config(self, name):
        linux = wire.PodLinux(cgroup_parent=self.cgroup,
                              security_context=wire.PodSecurity(namespace_options=wire.Namespaces(network=NODE)))
        return wire.PodConfig(metadata=wire.PodMetadata(name=name, uid=name, namespace="default"), linux=linux)

    def run_pod(self, name):
        request = wire.RunPodRequest(config=self.pod_config(name))
        return self.call(RUNTIME + "RunPodSandbox", wire.PodId, request).pod_sandbox_id

    def pods(self):
        return [pod.id for pod in self.call(RUNTIME + "ListPodSandbox", wire.ListPodsResponse).items]

    def remove_pod(self, pod):
        self.call(RUNTIME + "StopPodSandbox", wire.Empty, wire.PodId(pod_sandbox_id=pod))
        self.call(RUNTIME + "RemovePodSandbox", wire.Empty, wire.PodId(pod_sandbox_id=pod))

    def create(self, pod, pod_name, name, image, typed="", mounts=(), args=()):
        """Creates a container in a pod, which mounts the images `mounts`, and returns its ID."""
        config = wire.ContainerConfig(metadata=wire.ContainerMetadata(name=name), args=args,
                                      image=wire.ImageSpec(image=image, user_specified_image=typed))
        config.linux.security_context.namespace_options.network = NODE
        for number, mounted in enumerate(mounts):
            config.mounts.add(container_path=f"/mounted/{number}", readonly=True, image=wire.ImageSpec(image=mounted))
        request = wire.CreateRequest(pod_sandbox_id=pod, config=config, sandbox_config=self.pod_config(pod_name))
        return self.call(RUNTIME + "CreateContainer", wire.ContainerId, request).container_id

    def start(self, container):
        self.call(RUNTIME + "StartContainer", wire.Empty, wire.ContainerId(container_id=container))

    def status(self, container):
        request = wire.ContainerId(container_id=container)
        return self.call(RUNTIME + "ContainerStatus", wire.ContainerStatusResponse, request).status

    def remove_container(self, container):
        self.call(RUNTIME + "RemoveContainer", wire.Empty, wire.ContainerId(container_id=container))

    def containers(self):
        return list(self.call(RUNTIME + "ListContainers", wire.ListContainersResponse).containers)

    # containerd's own records.

    def records(self):
        return list(self.call(OWN_IMAGES + "List", wire.ListRecordsResponse).images)

    def tag(self, record, name):
        """Makes a further record of the target of a record."""
        request = wire.CreateRecordRequest(image=wire.Record(name=name, target=record.target))
        self.call(OWN_IMAGES + "Create", wire.Empty, request)

    def label(self, record, key, value):
        # containerd 2.1 crashes if the target is missing.
        record = wire.Record(name=record.name, labels={key: value}, target=record.target)
        mask = wire.UpdateMask(paths=["labels." + key])
        self.call(OWN_IMAGES + "Update", wire.Empty, wire.UpdateRecordRequest(image=record, update_mask=mask))

    def delete(self, name, sync=False):
        self.call(OWN_IMAGES + "Delete", wire.Empty, wire.DeleteRecordRequest(name=name, sync=sync))

    def own_containers(self):
        return list(self.call(OWN_CONTAINERS + "List", wire.ListOwnContainersResponse).containers)
