# SPDX-License-Identifier: BSL-1.0
"""A fake Podman: python3 fake_podman.py SOCKET ANSWERS LOG

Gives constant answers over a unix socket, each with status 200. ANSWERS is a JSON file: {PATH: JSON}, with paths of the
libpod API without their beginning and query, such as "images/json". Other paths are not found. Each request is a line of
LOG.
"""
import json
import sys

import fake_server

SOCKET, ANSWERS, LOG = sys.argv[1:]
with open(ANSWERS, encoding="utf-8") as file:
    answers = json.load(file)


class Handler(fake_server.Handler):
    def reply(self):
        path = self.logged_path().partition("/libpod/")[2]
        known = path in answers
        self.answer(200 if known else 404, answers[path] if known else {"message": "page not found"})

    do_GET = do_POST = do_DELETE = reply


fake_server.serve(SOCKET, Handler, LOG)
