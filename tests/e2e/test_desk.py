"""A reviewer at the desk: twenty answers of four kinds by keyboard in one go, and a box put right in the table.

About a minute on two cores.
"""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.append(str(Path(__file__).parents[1]))

from desk_project import FOUR, PROJECT, draw_all, opened

from qc.store.verdicts import verdicts
from qc.workspace import open_workspace

from .conftest import ROOT, Visitor, wait_for

# What the reviewer says of each kind: the keys before the verdict, and the verdict.
WORDS = {"a": "accept", "m": "minor", "x": "reject"}
KEYS = {
    "sentiment": ("2s", "x"),
    "entities": ("4", "m"),
    "objects": ("2", "x"),
    "preferred": ("1", "x"),
}


@pytest.fixture(scope="module")
def mixed(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    (folder / "qc.toml").write_text('media = "media"\n', encoding="utf-8")
    ws = opened(open_workspace(folder), FOUR, items=5)
    draw_all(ws, ("cy",))
    return ws


@pytest.fixture(scope="module")
def served(mixed):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (mixed.root / "server.log").open("w")
    command = [sys.executable, "-m", "dashboard.server", "--workspace", str(mixed.root), "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    wait_for(url, server)
    yield url
    server.terminate()
    server.wait(20)
    log.close()


@pytest.fixture
def reviewer(chromium, served):
    context = chromium.new_context(viewport={"width": 1360, "height": 1000}, timezone_id="UTC")
    seen = Visitor(context.new_page(), served)
    yield seen
    context.close()
    assert seen.complaints == []


def ready(visitor, waiting):
    """Wait until so many answers wait, and the keys of the one shown are there."""
    expect(visitor.page.get_by_text(re.compile(rf"session, {waiting} waiting"))).to_be_visible(timeout=90_000)
    expect(visitor.page.get_by_role("button", name="Next")).to_be_enabled(timeout=90_000)
    visitor.settle()


def question(visitor):
    caption = visitor.page.locator(".st-key-desk-item").get_by_text(re.compile("question ")).inner_text()
    return re.search(r"question (\w+)", caption).group(1)


def press(visitor, keys):
    for key in keys:
        visitor.page.keyboard.press(key)
        visitor.settle()


def test_a_box_is_put_right_in_the_table_by_keyboard(reviewer, mixed):
    reviewer.open("review", PROJECT)
    ready(reviewer, 20)
    while question(reviewer) != "objects":
        press(reviewer, "n")
    reviewer.page.get_by_role("button", name="Next").focus()
    cells = reviewer.page.locator(".st-key-desk-form [data-testid='data-grid-canvas']")
    expect(cells).to_be_visible(timeout=60_000)
    for _ in range(40):
        if cells.evaluate("grid => grid === document.activeElement"):
            break
        reviewer.page.keyboard.press("Tab")
    press(reviewer, ("ArrowDown", "ArrowRight", "ArrowRight", "Enter"))
    reviewer.page.wait_for_timeout(1_500)
    reviewer.page.keyboard.press("Control+a")
    reviewer.page.keyboard.type("250", delay=150)
    reviewer.page.keyboard.press("Enter")
    expect(reviewer.page.get_by_text("The answer given, and what is different")).to_be_visible(timeout=60_000)
    expect(reviewer.heading("Differences: Correction")).to_be_visible(timeout=60_000)
    reviewer.page.get_by_role("button", name="Next").focus()
    press(reviewer, "x")
    ready(reviewer, 19)
    (given,) = verdicts(mixed.store, PROJECT)
    regions = json.loads(given["corrected_regions"])
    assert given["error_type"] == "poor boundary"
    assert [region["y"] for region in regions][:2] == [80.0, 250.0]
    press(reviewer, "u")
    ready(reviewer, 20)
    assert verdicts(mixed.store, PROJECT) == []


# What a browser does when its tab goes out of sight and comes back; a headless one has nothing that could hide it.
HIDE = """
hidden => {
  Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}
"""


def test_the_clock_of_a_verdict_stands_still_while_the_tab_is_hidden(reviewer, mixed):
    """What is recorded is at most the time since the key that showed the answer, without the time out of sight."""
    reviewer.open("review", PROJECT)
    ready(reviewer, 20)
    began = time.monotonic()
    press(reviewer, "n")
    away = time.monotonic() - began + 8
    reviewer.page.evaluate(HIDE, True)
    reviewer.page.wait_for_timeout(away * 1000)
    reviewer.page.evaluate(HIDE, False)
    reviewer.settle()
    press(reviewer, "a")
    ready(reviewer, 19)
    (given,) = verdicts(mixed.store, PROJECT)
    assert 0 < given["seconds"] <= time.monotonic() - began - away
    press(reviewer, "u")
    ready(reviewer, 20)
    assert verdicts(mixed.store, PROJECT) == []


def test_twenty_answers_of_four_kinds_by_keyboard(reviewer, mixed):
    reviewer.open("review", PROJECT)
    seen = []
    for waiting in range(20, 0, -1):
        ready(reviewer, waiting)
        asked = question(reviewer)
        before, verdict = KEYS[asked]
        press(reviewer, before)
        if waiting == 20:
            comment(reviewer, "more names than one")
        seen.append((asked, verdict))
        reviewer.page.keyboard.press(verdict)
        if waiting == 15:
            again(reviewer, verdict)
    expect(reviewer.page.get_by_text("Nothing waits for review.")).to_be_visible(timeout=90_000)
    assert {asked for asked, _ in seen} == set(FOUR)
    given = verdicts(mixed.store, PROJECT)
    assert [(row["question"], row["verdict"]) for row in given] == [(asked, WORDS[key]) for asked, key in seen]
    assert given[0]["comment"] == "more names than one"
    of = {asked: [row for row in given if row["question"] == asked] for asked in FOUR}
    assert {row["severity"] for row in of["sentiment"]} == {"critical"}
    assert {row["error_type"] for row in of["objects"]} == {"missed"}
    assert {row["error_type"] for row in of["entities"]} == {"poor boundary"}
    assert {row["corrected_label"] for row in of["preferred"]} <= {"reply_a", "reply_b"}
    assert all(0 < row["seconds"] < 120 for row in given)


def comment(visitor, words):
    """One Tab leads into the window of the comment, and Enter out of it; letters in it are no keys."""
    visitor.page.keyboard.press("w")
    expect(visitor.page.get_by_role("dialog").get_by_role("textbox")).to_be_visible(timeout=60_000)
    visitor.settle()
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.type(words)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("dialog")).to_have_count(0, timeout=60_000)
    visitor.settle()


def again(visitor, verdict):
    """The last verdict is taken back and given again, and then looked at with what is known to be right."""
    ready(visitor, 14)
    press(visitor, "u")
    ready(visitor, 15)
    press(visitor, verdict)
    ready(visitor, 14)
    press(visitor, "b")
    expect(visitor.page.get_by_text(re.compile("You look back"))).to_be_visible(timeout=60_000)
    expect(visitor.heading("Differences: Gold")).to_be_visible(timeout=60_000)
    press(visitor, "n")
