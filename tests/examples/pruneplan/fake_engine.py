# SPDX-License-Identifier: BSL-1.0
"""A fake Docker: python3 fake_engine.py SOCKET STATE LOG

Serves the part of Docker's Engine API that pruneplan uses, over a unix socket. STATE is a JSON file: {"images": [{"id",
"tags", ...}], "containers": [{"id", "name", "image", "ref"}], "on_delete": {NAME: ACTION}}. Each request is a line of
LOG. What a name's ACTION makes of its deletion:

    conflict   409, as for an image in use
    fire       500
    terminate  SIGTERM to the client, while its request waits for the answer; interrupt: SIGINT
    run NAME   a new container runs the image with this name from then on
    blind      all later requests for containers fail

A member "answers" of STATE, {PATH: JSON}, replaces the answer for a path without its version. The path of the list of
dangling images is "/images/json?dangling".

An image with "moved": true is listed, but its name points at another image when it is inspected; one with "gone": true is
not found then.
"""
import json
import os
import signal
import socket
import struct
import sys

import fake_server

SOCKET, STATE, LOG = sys.argv[1:]
with open(STATE, encoding="utf-8") as file:
    state = json.load(file)
images = state["images"]
containers = state.get("containers", [])
actions = state.get("on_delete", {})
answers = state.get("answers", {})
blind = False


def find(name):
    for image in images:
        if name == image["id"] or name in image["tags"] or "docker.io/library/" + name in image["tags"]:
            return image
    return None


def familiar(name):
    return name.removeprefix("docker.io/library/")


def described(image):
    return {"Id": image["id"], "RepoTags": [familiar(tag) for tag in image["tags"]], "RepoDigests": [],
            "Created": image.get("created", "2026-01-01T00:00:00Z"), "Size": image.get("size", 10),
            "Config": {"Labels": image.get("labels", {})}, "RootFS": {"Type": "layers", "Layers": [image["id"]]},
            "Metadata": {"LastTagTime": "0001-01-01T00:00:00Z"}}


class Handler(fake_server.Handler):
    def path_of(self):
        path = self.logged_path()
        first = path.split("/")[1]
        return path[len(first) + 1:] if first[:1] == "v" and first[1:2].isdigit() else path

    def client(self):
        size = struct.calcsize("3i")
        return struct.unpack("3i", self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[0]

    def do_GET(self):
        path = self.path_of()
        key = path + "?dangling" * ("dangling" in self.path)
        if key in answers:
            self.answer(200, answers[key])
        elif path == "/version":
            self.answer(200, {"Version": "28.5.2", "ApiVersion": "1.51", "MinAPIVersion": "1.24"})
        elif path == "/info":
            self.answer(200, {"DriverStatus": [["Backing Filesystem", "extfs"]], "Driver": "overlay2",
                              "SystemTime": "2026-11-28T00:00:00Z", "ServerVersion": "28.5.2"})
        elif path == "/images/json" and "dangling" in self.path:
            self.answer(200, [])
        elif path == "/images/json":
            self.answer(200, [{"Id": image["id"], "ParentId": "", "RepoTags": [familiar(tag) for tag in image["tags"]],
                               "RepoDigests": [], "Created": 1767225600, "Size": image.get("size", 10),
                               "SharedSize": 0, "Labels": image.get("labels", {}), "Containers": -1}
                              for image in images])
        elif path.startswith("/images/") and path.endswith("/history"):
            image = find(path[len("/images/"):-len("/history")])
            self.answer(200, [{"Id": image["id"], "Size": image.get("size", 10), "CreatedBy": "COPY"}])
        elif path.startswith("/images/") and path.endswith("/json"):
            name = path[len("/images/"):-len("/json")]
            image = find(name)
            if image is None or image.get("gone"):
                self.answer(404, {"message": "No such image: " + name})
            else:
                moved = {"Id": "sha256:" + "f" * 64} if image.get("moved") else {}
                self.answer(200, described(image) | moved)
        elif path == "/containers/json" and blind:
            self.answer(500, {"message": "the list of containers is lost"})
        elif path == "/containers/json":
            self.answer(200, [{"Id": one["id"], "Names": ["/" + one["name"]], "Image": one["ref"],
                               "ImageID": one["image"], "Created": 1767225600, "State": "running", "Mounts": []}
                              for one in containers])
        elif path.startswith("/containers/"):
            one = next(one for one in containers if one["id"] == path.split("/")[2])
            self.answer(200, {"Id": one["id"], "Name": "/" + one["name"], "Image": one["image"],
                              "Created": "2026-01-01T00:00:00Z", "Config": {"Image": one["ref"]}, "Mounts": [],
                              "HostConfig": {}})
        else:
            self.answer(404, {"message": "page not found"})

    def do_DELETE(self):
        global blind
        path = self.path_of()
        if path in answers:
            self.answer(200, answers[path])
            return
        name = path[len("/images/"):]
        image = find(name)
        if image is None:
            self.answer(404, {"message": "No such image: " + name})
            return
        action = actions.get(familiar(name), "").split()
        if action[:1] == ["conflict"]:
            self.answer(409, {"message": "conflict: unable to remove " + name})
            return
        if action[:1] == ["fire"]:
            self.answer(500, {"message": "the \"disk\" is on fire"})
            return
        if action[:1] == ["run"]:
            used = find(action[1])
            containers.append({"id": "c" * 63 + str(len(containers)), "name": "new", "image": used["id"],
                               "ref": action[1]})
        blind = blind or action[:1] == ["blind"]
        image["tags"] = [tag for tag in image["tags"] if familiar(tag) != familiar(name)]
        steps = [{"Untagged": name}]
        if not image["tags"]:
            images.remove(image)
            steps.append({"Deleted": image["id"]})
        if action and action[0] in ("terminate", "interrupt"):
            os.kill(self.client(), signal.SIGTERM if action[0] == "terminate" else signal.SIGINT)
        self.answer(200, steps)


fake_server.serve(SOCKET, Handler, LOG)
