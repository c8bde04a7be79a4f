# SPDX-License-Identifier: BSL-1.0
"""Tests the page of --format html in a real browser: page.py PRUNEPLAN CHROMIUM

Chromium takes commands of the DevTools protocol as JSON on descriptor 3, and answers on 4, each ended by a zero byte.
"""

import fcntl
import hashlib
import json
import os
import pathlib
import random
import select
import subprocess
import sys
import tempfile

pruneplan, chromium = sys.argv[1:]
patience = 60  # seconds without an answer, after which the test fails


class Browser:
    def __init__(self, profile):
        (command_end, self.commands), (self.answers, answer_end) = os.pipe(), os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (command_end, answer_end)]

        def place():
            for end, number in zip(ends, (3, 4)):
                os.dup2(end, number)

        self.process = subprocess.Popen(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--user-data-dir=" + profile, "about:blank"],
            pass_fds=(3, 4), preexec_fn=place, stderr=subprocess.DEVNULL)
        for end in (command_end, answer_end, *ends):
            os.close(end)
        self.number, self.session, self.rest, self.events = 0, None, b"", []
        target = next(one for one in self.send("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self.session = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(domain + ".enable")

    def read(self):
        while b"\0" not in self.rest:
            assert select.select([self.answers], [], [], patience)[0], "the browser does not answer"
            data = os.read(self.answers, 65536)
            assert data, "the browser has ended"
            self.rest += data
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, **parameters):
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self.read()
            if message.get("id") == self.number:
                assert "error" not in message, (method, message)
                return message["result"]
            self.events.append(message)

    def open(self, url):
        for address in ("about:blank", url):
            self.events.clear()
            self.send("Page.navigate", url=address)
            while not any(event["method"] == "Page.loadEventFired" for event in self.events):
                self.events.append(self.read())

    def value(self, expression):
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, (expression, result)
        return result["result"].get("value")

    def shown(self, selector):
        """Returns the texts of the elements that a user can see, after scrolling."""
        return self.value(
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            ".filter(e => e.checkVisibility() && e.getClientRects().length > 0).map(e => e.textContent)")


def image(number, names, **facts):
    target = "sha256:" + hashlib.sha256(str(number).encode()).hexdigest()
    return [{"name": name, "target": target, "size": 1000 * number, "created": "2026-01-02T03:04:05Z", **facts}
            for name in names or ["moby-dangling@" + target]]


def listing_of(population, containers):
    return {"format": 1, "source": "docker", "where": "unix:///run/<docker>.sock", "version": "1.0",
            "rule": "strict", "now": "2026-11-25T10:00:00Z", "containers": containers,
            "records": [record for records in population for record in records]}


def page_of(folder, listing, *options):
    """Writes the page of a plan, and returns its address and the plan as JSON."""
    def printed(form):
        return subprocess.run([pruneplan, "listing", "-", "--all", *options, "--format", form], check=True,
                              input=json.dumps(listing).encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
    path = folder / "page.html"
    path.write_bytes(printed("html"))
    return path.as_uri(), json.loads(printed("json"))


def test_small(browser, folder):
    small = listing_of(
        [image(1, ["docker.io/library/web:1", "docker.io/library/web:2"]), image(2, ["ghcr.io/team/app:1"]),
         image(3, [], dangling=True), image(4, ["<i>&\"quoted\"</i>"]), image(5, ["ghcr.io/team/kept:1"])],
        [{"name": "front", "image_id": image(1, ["x"])[0]["target"], "image_ref": "web:1"},
         {"name": "<b>lost</b>", "image_id": "sha256:ff", "image_ref": "gone:1"}])
    url, plan = page_of(folder, small, "--keep", "*/team/kept", "--keep", "nothing*")
    browser.open(url)
    policy = browser.value("document.querySelector('meta[http-equiv=Content-Security-Policy]').content")
    assert policy.startswith("default-src 'none'"), policy
    assert browser.shown("h1") == ["Delete 4 of 6 names"], browser.shown("h1")
    assert "3 of 5 images" in browser.shown("h1 + p")[0] and "frees at most 9kB" in browser.shown("h1 + p")[0]
    assert "unix:///run/<docker>.sock" in browser.shown("p.dim")[0]
    doubts = browser.shown(".doubts li")
    assert len(doubts) == len(plan["doubts"]) == 3, doubts
    assert doubts[0].startswith("unmatched_container (blocks --apply): container <b>lost</b> uses"), doubts
    assert doubts[1].startswith("unmatched_pattern: "), doubts
    # Repositories that lose names come first and are open; the names that are kept are folded.
    assert [text.split() for text in browser.shown("summary")] == [
        ["<i>&\"quoted\"</i>", "delete", "1"], ["ghcr.io/team/app", "delete", "1"], ["web", "delete", "1", "keep", "1"],
        ["<none>", "delete", "1"], ["ghcr.io/team/kept", "keep", "1"]], browser.shown("summary")
    everything = ["<i>&\"quoted\"</i>", "ghcr.io/team/app:1", "web:2", "web:1", "<none>"]
    assert browser.shown("td.name") == everything, browser.shown("td.name")
    assert not browser.shown("b, i"), "a text of the listing is read as HTML"

    # A user types: names, IDs and reasons are found; a repository without a match is hidden; a match unfolds.
    browser.value("document.getElementById('search').focus()")
    browser.send("Input.insertText", text="KEPT:")
    assert browser.shown("td.name") == ["ghcr.io/team/kept:1"] and len(browser.shown("summary")) == 1
    assert browser.shown("#found") == ["1 of 6 names"]
    assert browser.value("location.hash") == "#q=KEPT%3A"
    for words, wanted in [("container front", ["web:2", "web:1"]), ("team no", ["ghcr.io/team/app:1"]),
                          (image(3, [])[0]["target"], ["<none>"]), ("absent", [])]:
        browser.value("document.getElementById('search').select()")
        browser.send("Input.insertText", text=words)
        assert browser.shown("td.name") == wanted, (words, browser.shown("td.name"))
    browser.value("document.getElementById('search').select()")
    for kind in ("keyDown", "keyUp"):
        browser.send("Input.dispatchKeyEvent", type=kind, key="Delete", code="Delete", windowsVirtualKeyCode=46)
    assert browser.shown("td.name") == everything, "an empty search does not show what was shown at first"

    # An address can hold a search.
    browser.open(url + "#q=team%20no")
    assert browser.shown("td.name") == ["ghcr.io/team/app:1"] and browser.value("search.value") == "team no"
    browser.value("new Promise(done => {"
                  " addEventListener('hashchange', () => setTimeout(done)); location.hash = 'q=web'; })")
    assert browser.shown("td.name") == ["web:2", "web:1"]

    # Light and dark.
    colours = []
    for scheme in ("light", "dark"):
        browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        colours.append(browser.value("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"], colours

    # Without scripts, all is there but the search.
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(url + "#q=team")
    assert browser.shown("td.name") == everything and not browser.shown("#search")
    browser.send("Emulation.setScriptExecutionDisabled", value=False)


def test_large(browser, folder):
    random.seed(12)
    population, containers = [], []
    for number in range(500):
        repository = random.choice(["web", "team/app", "ghcr.io/a/" + "long-name-" * 12, "registry.test:5000/x/y"])
        names = [f"{repository}:{number}.{tag}" for tag in range(random.choice([0, 1, 1, 2]))]
        population.append(image(number, names, dangling=not names))
        if random.random() < 0.3:
            containers.append({"name": f"c{number}", "image_id": population[-1][0]["target"],
                               "image_ref": (names or [""])[0]})
    url, plan = page_of(folder, listing_of(population, containers))
    browser.open(url)
    names = [name for one in plan["images"] for name in one["names"]]
    assert browser.value("document.querySelectorAll('tbody tr').length") == len(names) > 500
    deleted = sorted(name["familiar_name"] or "<none>" for name in names if name["action"] == "delete")
    assert sorted(browser.shown("tr.delete td.name")) == deleted
    for actions in browser.value("[...document.querySelectorAll('details')].map("
                                 "d => [...d.querySelectorAll('tbody tr')].map(r => r.className))"):
        assert actions == sorted(actions), "a repository does not begin with its deletions"
    for width in (1200, 700, 400):
        browser.send("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        assert browser.value("document.documentElement.scrollWidth") <= width, f"{width} pixels: the page is wider"


def test(browser, folder):
    for part in (test_small, test_large):
        part(browser, folder)
        asked = [event["params"]["request"]["url"] for event in browser.events
                 if event["method"] == "Network.requestWillBeSent"]
        assert all(url.startswith(("file:", "about:")) for url in asked), asked
        faults = [event for event in browser.events
                  if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]
        assert not faults, faults


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
    started = Browser(name + "/profile")
    try:
        test(started, pathlib.Path(name))
    finally:
        started.process.kill()
        started.process.wait()
print("page: all tests passed")
