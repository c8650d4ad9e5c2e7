"""Gold in a real browser: made of a settled item with two right answers, retired with a reason, a set for newcomers.

Half a minute on two free cores.
"""

from __future__ import annotations

import csv
from contextlib import suppress

import pytest
from playwright.sync_api import expect

from qc.store.audit import audit_trail
from qc.store.gold import known_gold
from qc.workspace import conflict, open_workspace
from qc.workspace.ingest import ingest

from .conftest import Visitor, served

PEOPLE = ("ana", "bo", "cy", "dee")
SUSPECT, SETTLED = "g11", "d0"


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    """Four people, right on twelve gold items but for the last, whose gold is wrong; d0 is disputed and settled."""
    folder = tmp_path_factory.mktemp("gold")
    rows = ["item,annotator,label"]
    for who in PEOPLE:
        rows += [f"g{place},{who},{'yes' if place % 2 else 'no'}" for place in range(12)]
        rows += [f"{SETTLED},{who},{'yes' if who < 'c' else 'no'}"]
    (folder / "answers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    known = "\n".join(f"g{place},{'yes' if place % 2 and place < 11 else 'no'}" for place in range(12))
    (folder / "gold.csv").write_text(f"item,gold\n{known}\n", encoding="utf-8")
    opened = open_workspace(folder / "workspace")
    ingest(opened, "tone", folder / "answers.csv", gold=folder / "gold.csv")
    conflict.settle(opened, "tone", SETTLED, "label", "no", "it is odd", "lead")
    return opened


@pytest.fixture
def lead(chromium, ws):
    with served(ws.root) as url:
        context = chromium.new_context(viewport={"width": 1360, "height": 1200}, accept_downloads=True)
        seen = Visitor(context.new_page(), url)
        yield seen
        context.close()
    assert seen.complaints == []


def first_row(visitor, shows):
    """Click the first row of the table that is shown; behind a tab it is drawn late and misses some."""
    table = visitor.page.get_by_test_id("stDataFrame").locator("visible=true").first
    for patience in (15_000, 30_000, 60_000):
        expect(table).to_be_visible(timeout=60_000)
        visitor.settle()
        box = visitor.still(table)
        visitor.page.mouse.click(box["x"] + 90, box["y"] + 52)
        with suppress(AssertionError):
            expect(shows).to_be_visible(timeout=patience)
            break
    visitor.settle()


def press(visitor, name):
    button = visitor.page.get_by_role("button", name=name, exact=True)
    expect(button).to_be_enabled(timeout=60_000)
    button.click()


def in_record(ws, item):
    return next((row for row in known_gold(ws.store, "tone") if row["item_id"] == item), None)


def test_gold_is_made_widened_retired_and_taken_along(lead, ws):
    page = lead.page
    lead.open("gold", "tone")

    page.get_by_role("tab", name="Settled items").click()
    why = page.get_by_label("Why is it a good test?")
    first_row(lead, why)
    press(lead, "Make it gold")
    expect(page.get_by_text("Say why: the reason stands on the record.")).to_be_visible(timeout=60_000)
    lead.settle()
    page.get_by_label("Right as well").click()
    page.get_by_role("option", name="yes").click()
    page.keyboard.press("Escape")
    why.fill("both can be said")
    press(lead, "Make it gold")
    expect(page.get_by_text("No settled item waits to become gold.")).to_be_visible(timeout=60_000)
    lead.settle()
    made = in_record(ws, SETTLED)
    assert sorted(answer["label"] for answer in made["answers"]) == ["no", "yes"]
    assert (made["reason"], made["origin"]) == ("both can be said", "lead")

    page.get_by_role("tab", name="Items", exact=True).click()
    first_row(lead, lead.heading(f"{SUSPECT}: no"))
    expect(page.get_by_text("The answer most given by the others: yes (4×)")).to_be_visible()
    page.get_by_label("Why shall nobody be judged by it?").fill("the known answer is wrong")
    press(lead, "Retire it")
    expect(page.get_by_text("1 item retired")).to_be_visible(timeout=60_000)
    lead.settle()
    assert in_record(ws, SUSPECT)["retired"]

    page.get_by_role("tab", name="Newcomers").click()
    expect(page.get_by_text("A set for newcomers")).to_be_visible(timeout=60_000)
    page.get_by_label("Items", exact=True).locator("visible=true").fill("6")
    page.keyboard.press("Enter")
    expect(page.get_by_text("6 items").locator("visible=true").first).to_be_visible(timeout=60_000)
    lead.settle()
    answers = {}
    for name in ("Sheet without answers", "Key"):
        with page.expect_download(timeout=60_000) as taken:
            page.get_by_role("button", name=name, exact=True).click()
        with open(taken.value.path(), newline="", encoding="utf-8-sig") as file:
            answers[name] = list(csv.DictReader(file))
    sheet, key = answers.values()
    assert len(sheet) == len(key) == 6
    assert SUSPECT not in {row["item_id"] for row in key}

    acts = [(row["action"], row["reason"]) for row in audit_trail(ws.store, "tone")]
    assert [why for _, why in acts if why in ("both can be said", "the known answer is wrong")] == [
        "the known answer is wrong",
        "both can be said",
    ]
