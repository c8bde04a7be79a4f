# SPDX-License-Identifier: BSL-1.0
"""A fake containerd: python3 fake_containerd.py SOCKET STATE LOG PROTOS

Serves the part of containerd's API that pruneplan uses, by gRPC over a unix socket. PROTOS is the folder of its .proto
files, containerd_api. Each call is a line of LOG: "Images/Delete NAMESPACE" and the request. The fake reads STATE again when its client
asks for the version and the file is a new one. SOCKET.silent accepts connections and never answers; SOCKET.text answers
with a text that is not gRPC.

STATE is a JSON file. "@12" in it is the digest sha256:0…012. All members are optional:

    "version": "2.1.9"
    "images": [[NAME, TARGET, {"labels", "created_at", "updated_at"}]]    a time is SECONDS since 1970, or [SECONDS,
        NANOSECONDS]
    "content": {DIGEST: {"size", "refs": {"config": DIGEST, …}, "chain": SNAPSHOT, "labels", "data": TEXT}}
        refs are labels containerd.io/gc.ref.content.KEY, and chain is one of the snapshotter overlayfs
    "snapshots": {SNAPSHOTTER: {NAME: [PARENT, SIZE]}}
    "containers": [{"id", "image", "labels", "snapshotter", "snapshot_key", "created_at", "metadata": TEXT or OBJECT}]
        metadata is the extension of Kubernetes' containers
    "leases": {ID: {RESOURCE: TYPE}}
    "shared": {NAMESPACE: [DIGEST]}     the content of other namespaces
    "namespaces": [NAMESPACE]           otherwise those of "shared", and the one that is asked for
    "root": PATH        the folder of the content store
    "many": NUMBER      so many more images many:N, each with a target of its own
    "batch": NUMBER     blobs in a message
    "pad": NUMBER       bytes of a label in each image
    "faults": {CALL: FAULT}     FAULT is [CODE, MESSAGE], [CODE, MESSAGE, "late"] for a stream that fails after its first
        message, or "HEX", which is the bytes of the only message
    "hang": {NAMESPACE: CALL}   a call that is not answered in this namespace
    "collect": {NAMESPACE: SECONDS}    how long a deletion with sync takes, after the name is deleted
    "on_delete": {NAME: ACTION}

What a name's ACTION makes of its deletion:

    [CODE, MESSAGE]         fails; a MESSAGE "hex:…" is bytes
    {"gone": NAME}          deletes this name before
    {"moved": [NAME, TARGET]}    points this name at another target before
    {"container": CONTAINER}     adds a container, in place of one with its ID
    {"snapshots": SNAPSHOTS}     replaces the snapshots of these snapshotters
    {"faults": FAULTS}      later calls fail
"""
import concurrent.futures
import glob
import importlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.empty_pb2 import Empty

SOCKET, STATE, LOG, PROTOS = sys.argv[1:]
REF, CHAIN = "containerd.io/gc.ref.content.", "containerd.io/gc.ref.snapshot.overlayfs"


def compiled():
    """Returns the modules of the .proto files by name, and the methods with streams as SERVICE/METHOD."""
    with tempfile.TemporaryDirectory() as folder:
        files = sorted(glob.glob(PROTOS + "/*.proto"))
        subprocess.run(["protoc", "-I", PROTOS, "--python_out", folder, *files], check=True)
        sys.path.insert(0, folder)
        sys.dont_write_bytecode = True
        return {name: importlib.import_module(name + "_pb2")
                for name in (os.path.basename(file)[:-len(".proto")] for file in files)}


pb = compiled()
lock = threading.RLock()
state, seen = {}, None


def read_state():
    global state, seen
    found = os.stat(STATE)
    if (found.st_ino, found.st_mtime_ns) == seen:
        return
    with open(STATE, encoding="utf-8") as file:
        text = re.sub(r"@(\d+)", lambda digits: "sha256:%064d" % int(digits[1]), file.read())
    state = json.loads(text)
    for number in range(state.get("many", 0)):
        target, config = ("sha256:%064x" % (first * 1000000 + number) for first in (1, 2))
        state.setdefault("images", []).append([f"docker.io/library/many:{number}", target])
        state.setdefault("content", {}).update({target: {"size": 1, "refs": {"config": config}}, config: {"size": 1}})
    seen = (found.st_ino, found.st_mtime_ns)


def set_time(field, seconds):
    field.seconds, field.nanos = seconds if isinstance(seconds, list) else (seconds, 0)


def image_of(name, target, facts=None):
    facts = facts or {}
    image = pb["images"].Image(name=name, labels=facts.get("labels", {}))
    image.target.digest = target
    if state.get("pad"):
        image.labels["pad"] = "x" * state["pad"]
    for key in ("created_at", "updated_at"):
        if key in facts:
            set_time(getattr(image, key), facts[key])
    return image


def find(name):
    return next((image for image in state.get("images", []) if image[0] == name), None)


def container_of(facts):
    plain = {key: value for key, value in facts.items() if key not in ("metadata", "created_at")}
    container = pb["containers"].Container(**plain)
    if "created_at" in facts:
        set_time(container.created_at, facts["created_at"])
    if "metadata" in facts:
        metadata = facts["metadata"]
        text = metadata if isinstance(metadata, str) else json.dumps({"Version": "v1", "Metadata": metadata})
        container.extensions["io.cri-containerd.container.metadata"].value = text.encode("latin-1")
    return container


def blob_of(digest, facts):
    labels = {REF + key: value for key, value in facts.get("refs", {}).items()} | facts.get("labels", {})
    if "chain" in facts:
        labels[CHAIN] = facts["chain"]
    return pb["content"].Info(digest=digest, size=facts.get("size", 0), labels=labels)


def batches(items, make):
    size = state.get("batch", 1000)
    for first in range(0, len(items), size):
        yield make(items[first:first + size])


def version(_, __, context):
    read_state()
    return pb["version"].VersionResponse(version=state.get("version", "2.1.9"))


def list_images(*_):
    return pb["images"].ListImagesResponse(images=[image_of(*image) for image in state.get("images", [])])


def get_image(request, _, context):
    image = find(request.name)
    if image is None:
        context.abort(grpc.StatusCode.NOT_FOUND, f'image "{request.name}": not found')
    return pb["images"].GetImageResponse(image=image_of(*image))


def delete_image(request, _, context):
    action = state.get("on_delete", {}).get(request.name, {})
    if isinstance(action, list):
        fail(context, action)
    if "gone" in action:
        state["images"].remove(find(action["gone"]))
    if "moved" in action:
        find(action["moved"][0])[1] = action["moved"][1]
    if "container" in action:
        others = [one for one in state.get("containers", []) if one["id"] != action["container"]["id"]]
        state["containers"] = others + [action["container"]]
    state.setdefault("snapshots", {}).update(action.get("snapshots", {}))
    state.setdefault("faults", {}).update(action.get("faults", {}))
    image = find(request.name)
    if image is None or (request.target.digest and image[1] != request.target.digest):
        context.abort(grpc.StatusCode.NOT_FOUND, f'image "{request.name}": not found')
    state["images"].remove(image)
    return Empty()


def list_containers(*_):
    for one in state.get("containers", []):
        yield pb["containers"].ListContainerMessage(container=container_of(one))


def list_content(_, name_space, __):
    blobs = list(state.get("content", {}).items())
    if name_space in state.get("shared", {}):
        blobs = [(digest, {}) for digest in state["shared"][name_space]]
    yield from batches(blobs, lambda part: pb["content"].ListContentResponse(info=[blob_of(*one) for one in part]))


def read_content(request, _, context):
    blob = state.get("content", {}).get(request.digest)
    if blob is None:
        context.abort(grpc.StatusCode.NOT_FOUND, f"content {request.digest}: not found")
    data = blob.get("data", "{}").encode()
    for first in range(0, len(data), 1 << 20):
        yield pb["content"].ReadContentResponse(offset=first, data=data[first:first + (1 << 20)])


def list_snapshots(request, _, context):
    snapshots = state.get("snapshots", {}).get(request.snapshotter)
    if snapshots is None:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"snapshotter not loaded: {request.snapshotter}")
    info = pb["snapshots"].Info
    yield from batches(list(snapshots.items()), lambda part: pb["snapshots"].ListSnapshotsResponse(
        info=[info(name=name, parent=facts[0]) for name, facts in part]))


def usage(request, _, context):
    snapshot = state.get("snapshots", {}).get(request.snapshotter, {}).get(request.key)
    if snapshot is None:
        context.abort(grpc.StatusCode.NOT_FOUND, f"snapshot {request.key} does not exist: not found")
    return pb["snapshots"].UsageResponse(size=snapshot[1])


def list_leases(*_):
    return pb["leases"].ListResponse(leases=[pb["leases"].Lease(id=one) for one in state.get("leases", {})])


def list_resources(request, _, context):
    resources = state["leases"][request.id]
    if resources is None:
        context.abort(grpc.StatusCode.NOT_FOUND, f'lease "{request.id}": not found')
    return pb["leases"].ListResourcesResponse(
        resources=[pb["leases"].Resource(id=one, type=kind) for one, kind in resources.items()])


def list_namespaces(_, name_space, __):
    names = state.get("namespaces", [name_space, *state.get("shared", {})])
    return pb["namespaces"].ListNamespacesResponse(
        namespaces=[pb["namespaces"].Namespace(name=name) for name in names])


def plugins(*_):
    kind = pb["introspection"].Plugin
    found = [kind(type="io.containerd.snapshotter.v1", id="overlayfs", exports={"root": "/nowhere"})]
    if "root" in state:
        found.append(kind(type="io.containerd.content.v1", id="content", exports={"root": state["root"]}))
    found.append(kind(type="io.containerd.metadata.v1", id="bolt", exports={"root": "/nowhere"}))
    return pb["introspection"].PluginsResponse(plugins=found)


CALLS = {"Version/Version": version, "Images/List": list_images, "Images/Get": get_image,
         "Images/Delete": delete_image, "Containers/ListStream": list_containers, "Content/List": list_content,
         "Content/Read": read_content, "Snapshots/List": list_snapshots, "Snapshots/Usage": usage,
         "Leases/List": list_leases, "Leases/ListResources": list_resources, "Namespaces/List": list_namespaces,
         "Introspection/Plugins": plugins}


def fail(context, fault):
    code, message = fault[:2]
    details = bytes.fromhex(message[len("hex:"):]) if message.startswith("hex:") else message
    context.abort(grpc.StatusCode[code], details)


def answer(call, request, context):
    """Yields the messages of the answer."""
    name_space = dict(context.invocation_metadata()).get("containerd-namespace", "none")
    with open(LOG, "a", encoding="utf-8") as log:
        print(call, name_space, " ".join(str(request).split()), file=log)
    with lock:
        if call == "Version/Version":
            read_state()
        fault = state.get("faults", {}).get(call)
        if state.get("hang", {}).get(name_space) == call:
            fault = "hang"
        if isinstance(fault, list) and len(fault) == 2:
            fail(context, fault)
        if fault == "hang":
            messages = []
        elif isinstance(fault, str):
            messages = [fault]
        else:
            messages = CALLS[call](request, name_space, context)
            messages = list(messages) if hasattr(messages, "__next__") else [messages]
    while fault == "hang" and context.is_active():
        time.sleep(0.1)
    if call == "Images/Delete" and request.sync:
        time.sleep(state.get("collect", {}).get(name_space, 0))
    if isinstance(fault, list):
        yield from messages[:1]
        fail(context, fault)
    yield from messages


def written(message):
    return bytes.fromhex(message) if isinstance(message, str) else message.SerializeToString()


def handlers(module):
    """Yields a handler for each service of a .proto file."""
    file = FileDescriptorProto()
    module.DESCRIPTOR.CopyToProto(file)
    for service in file.service:
        methods = {}
        for method in service.method:
            def one(request, context, call=f"{service.name}/{method.name}"):
                return next(answer(call, request, context))

            def stream(request, context, call=f"{service.name}/{method.name}"):
                yield from answer(call, request, context)

            kind = getattr(module, method.input_type.split(".")[-1], Empty)
            make = grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
            methods[method.name] = make(stream if method.server_streaming else one, kind.FromString, written)
        yield grpc.method_handlers_generic_handler(f"{file.package}.{service.name}", methods)


def listen(path, text):
    """Answers each connection with a text, or never."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    connections = []
    while True:
        connection, _ = server.accept()
        connections.append(connection)
        if text:
            connection.sendall(text)
            connection.close()


read_state()
for ending, text in (("silent", b""), ("text", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")):
    threading.Thread(target=listen, args=(f"{SOCKET}.{ending}", text), daemon=True).start()
server = grpc.server(concurrent.futures.ThreadPoolExecutor(16))
for module in pb.values():
    server.add_generic_rpc_handlers(tuple(handlers(module)))
server.add_insecure_port("unix:" + SOCKET)
server.start()
server.wait_for_termination()
