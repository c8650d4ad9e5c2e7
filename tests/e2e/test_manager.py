"""What a manager does: from the overview to what a change of review saves, the same on page, report and JSON."""

import json
import re
import subprocess
import sys

from playwright.sync_api import expect

from .conftest import ROOT, qc

ASKED = "Review the riskiest 6 % instead of a random 10 %"


def sentence_of(cost):
    return next(text for text in cost["sentences"] if text.startswith(ASKED))


def assessed(workspace):
    command = [
        sys.executable,
        "-m",
        "qc.cli",
        "assess",
        "--project",
        "tickets",
        "--workspace",
        str(workspace),
        "--json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["cost"]


def test_from_the_overview_to_what_the_riskiest_save(visitor, workspace, tmp_path):
    visitor.open()
    visitor.page.get_by_role("link", name="Cost & impact").first.click()
    expect(visitor.heading("Cost & impact")).to_be_visible(timeout=60_000)
    shown = visitor.page.get_by_text(ASKED).first
    expect(shown).to_be_visible(timeout=90_000)
    visitor.settle()

    said = shown.inner_text()
    assert re.search(r"saves [\d,.]+ EUR a month on review, and lets through [\d,]+ (fewer|more) errors \(", said)
    cost = assessed(workspace)
    assert said == sentence_of(cost)
    report = tmp_path / "manager.html"
    qc("report", "--project", "tickets", "--view", "manager", "--out", report, "--workspace", workspace)
    assert said in report.read_text(encoding="utf-8")
    for text in cost["sentences"]:
        expect(visitor.page.get_by_text(text, exact=True).first).to_be_visible()


def test_other_prices_and_shares_are_tried_and_the_answers_are_listed(visitor):
    visitor.open("cost")
    expect(visitor.heading("What if?")).to_be_visible(timeout=60_000)
    box = visitor.page.get_by_label("The riskiest, %")
    expect(box).to_be_visible()
    box.fill("3")
    box.press("Enter")
    visitor.settle()
    expect(visitor.page.get_by_text("Review the riskiest 3 % instead of a random 10 %").first).to_be_visible(
        timeout=60_000
    )
    hours = visitor.page.get_by_label("Hours a week")
    hours.fill("2")
    hours.press("Enter")
    visitor.settle()
    expect(visitor.page.get_by_text(re.compile("With 2 hours a week, review the 120 riskiest"))).to_be_visible(
        timeout=60_000
    )
    box = visitor.page.get_by_test_id("stVerticalBlock").filter(
        has=visitor.heading("The answers, the most worth first")
    )
    with visitor.page.expect_download(timeout=60_000) as download:
        box.last.get_by_role("button", name="CSV").first.click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 121
    assert rows[0].startswith("annotation_id,question,item_id,annotator,label,risk")
