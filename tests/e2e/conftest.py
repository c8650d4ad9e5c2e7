"""A real browser before the real server, over a workspace built from the sample exports and a hostile project."""

import csv
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
SCRIPT = "<script>alert(1)</script>"
IMAGE = "![x](http://example.org/x.png)"
HOSTILE = (SCRIPT, IMAGE, ":red[loud] <b>bold</b>", "=HYPERLINK(1)")


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


# Machines are shared: what takes a second alone may take ten beside others.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        if os.environ.get("QC_REQUIRE_ALL") == "1":
            pytest.fail("Chromium is required here and was not found")
        pytest.skip("Chromium was not found on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def workspace(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser") / "workspace"
    qc("demo", "--no-serve", "--workspace", folder)
    export = folder.parent / "hostile.csv"
    with export.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "annotator", "label", "submitted_at"])
        for at in range(40):
            for name in HOSTILE:
                label = HOSTILE[at % 2] if name != SCRIPT or at % 5 else "plain"
                rows.writerow([f"{IMAGE} {at}", name, label, f"2026-03-{1 + at // 8:02d}T10:{at:02d}:00Z"])
    qc("ingest", export, "--project", "hostile", "--workspace", folder)
    return folder


@pytest.fixture(scope="session")
def address(workspace):
    with served(workspace) as url:
        yield url


@contextmanager
def served(workspace):
    """The address of a server over a workspace."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (workspace.parent / "server.log").open("w")
    command = [sys.executable, "-m", "dashboard.server", "--workspace", str(workspace), "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@pytest.fixture
def visitor(chromium, address):
    context = chromium.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True, timezone_id="UTC")
    seen = Visitor(context.new_page(), address)
    yield seen
    context.close()
    assert seen.complaints == []


IDLE = "[data-testid='stApp'][data-test-connection-state='CONNECTED'][data-test-script-state='notRunning']"
# Tenths of a second.
CALM = 5


class Visitor:
    """One tab; collects everything that must never happen: requests elsewhere, console errors, dialogs."""

    def __init__(self, page, address):
        self.page, self.address, self.complaints = page, address, []
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _request(self, request):
        here = (self.address, self.address.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(here):
            self.complaints.append(f"request to {request.url}")

    def _console(self, message):
        # Streamlit looks for its server below each deep link and is told 404: that one is harmless.
        probing = "404" in message.text and "_stcore" in message.location.get("url", "")
        if (message.type == "error" or "Content Security Policy" in message.text) and not probing:
            self.complaints.append(f"console: {message.text}")

    def open(self, path="", project="tickets"):
        self.page.goto(f"{self.address}/{path}?project={project}")
        # Before its first run a page is idle, too.
        expect(self.page.get_by_role("heading", level=1).or_(self.page.get_by_test_id("stException"))).to_be_visible(
            timeout=120_000
        )
        self.settle()

    def settle(self):
        """Wait until the script has run, and nothing on the page says that it failed.

        Once idle is not enough: a page is idle for a moment before its first run and between two runs.
        """
        ends = time.monotonic() + 120
        calm = 0
        while calm < CALM:
            assert time.monotonic() < ends, "the page did not come to rest within two minutes"
            self.page.wait_for_timeout(100)
            drawn = self.page.get_by_role("heading", level=1).or_(self.page.get_by_test_id("stException"))
            calm = calm + 1 if self.page.locator(IDLE).count() and drawn.count() else 0
        assert self.page.get_by_test_id("stException").count() == 0

    def still(self, thing):
        """Where a thing on the page lies, once it has stopped moving."""
        box, before = thing.bounding_box(), None
        while box is None or box != before:
            self.page.wait_for_timeout(200)
            box, before = thing.bounding_box(), box
        return box

    def heading(self, name):
        return self.page.get_by_role("heading", name=name)


def qc(*arguments):
    command = [sys.executable, "-m", "qc.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def wait_for(url, server):
    for _ in range(240):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.25)
    pytest.fail("the server did not answer within a minute")
