"""One conflict from end to end in a real browser: settled with all alike, made a rule, gold, and read on the trail.

Half a minute on two free cores.
"""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import expect

from qc.store.audit import audit_trail
from qc.workspace import open_workspace, sample
from qc.workspace.ingest import ingest
from qc.workspace.training import take

from .conftest import Visitor, served

PEOPLE = ("ana", "bo", "cy")
TITLE = "<b>Tails</b> ![x](http://beacon.example/x.png)"
TEXT = "What wags its tail is a dog,\nwhatever it says."


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    """Eight items on which cat and dog stand against each other, and a draw of all answers."""
    opened = open_workspace(tmp_path_factory.mktemp("conflicts") / "workspace")
    path = opened.root.parent / "pets.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "text", "annotator", "label", "submitted_at"])
        for at in range(8):
            for place, who in enumerate(PEOPLE):
                label = "dog" if place == at % 3 else "cat"
                rows.writerow([f"i{at}", f"text {at}", who, label, f"2026-03-02T10:{at:02d}:{place:02d}Z"])
    ingest(opened, "pets", path)
    sample.draw(opened, "pets", sample.Ask(rate=1.0))
    return opened


@pytest.fixture
def lead(chromium, ws):
    with served(ws.root) as url:
        context = chromium.new_context(viewport={"width": 1360, "height": 1000}, timezone_id="UTC")
        seen = Visitor(context.new_page(), url)
        yield seen
        context.close()
    assert seen.complaints == []


def test_a_conflict_is_settled_becomes_a_rule_and_gold_and_stands_on_the_trail(lead, ws):
    page = lead.page
    lead.open("conflicts", "pets")
    expect(page.get_by_text("8 items wait for a decision")).to_be_visible()
    table = page.get_by_test_id("stDataFrame").first
    box = lead.still(table)
    page.mouse.click(box["x"] + 90, box["y"] + 52)
    expect(lead.heading("Settle it")).to_be_visible(timeout=60_000)
    lead.settle()
    item = re.search(r"item=(i\d)", page.url).group(1)

    comment = page.get_by_label("Comment")
    comment.fill("it wags its tail")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("it wags its tail", exact=True)).to_be_visible(timeout=60_000)
    lead.settle()

    page.get_by_text("Make a rule of it").click()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("What to do, and why").fill(TEXT)
    page.get_by_label("Right answer, if always the same").fill("dog")
    page.get_by_role("button", name="Write the rule").click()
    expect(page.get_by_text("What wags its tail is a dog,")).to_be_visible(timeout=60_000)
    lead.settle()

    page.get_by_role("button", name=re.compile("same answers: 7")).click()
    expect(lead.heading("Settled with it: 7 items")).to_be_visible(timeout=60_000)
    lead.settle()
    page.get_by_label("Reason").first.fill("as the rule says")
    page.get_by_role("button", name="Settle these 8").click()
    expect(page.get_by_role("heading", name="Settled", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile("^dog: by the rule")).first).to_be_visible(timeout=60_000)
    lead.settle()
    page.get_by_role("button", name="Make it gold").click()
    expect(page.get_by_text("It is gold now")).to_be_visible(timeout=60_000)
    lead.settle()

    lead.open("rulebook", "pets")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=60_000)
    lead.open("review", "pets")
    expect(page.get_by_text("Rulebook:").first).to_be_visible(timeout=60_000)
    page.get_by_text("Rulebook:").first.click()
    expect(page.get_by_text("What wags its tail is a dog,")).to_be_visible(timeout=60_000)

    lead.open("audit", "pets")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=60_000)
    page.get_by_label("With the words").fill("wags its tail")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"audit-text=wags"), timeout=60_000)
    lead.settle()
    # The address as it is sent to somebody else.
    page.goto(page.url)
    expect(page.get_by_label("With the words")).to_have_value("wags its tail", timeout=120_000)
    lead.settle()
    acts = [row["action"] for row in audit_trail(ws.store, "pets")]
    assert acts.count("settle") == 8
    assert {"comment", "write rule"} <= {*acts}
    assert page.locator("b").filter(has_text="Tails").count() == 0
    gold = take(ws, "pets", "gold", "jsonl").content.decode()
    assert f'"{item}"' in gold
