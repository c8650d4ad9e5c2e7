"""What a manager does on Models, Comparisons and Sites: figures, the answers behind them, a threshold; two minutes."""

import csv
import json
import re
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from qc.figures import estimate, number, ranged
from qc.figures.sayings import model_said, routing_said, standard_said

from .conftest import ROOT, Visitor, qc, served

SLOW = 90_000


@pytest.fixture(scope="module")
def assessed(workspace):
    command = [sys.executable, "-m", "qc.cli", "assess", "--project", "tickets", "--json", "--workspace"]
    done = subprocess.run([*command, str(workspace)], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def report(workspace, tmp_path_factory):
    """The text of the manager's report, and its tables."""
    folder = tmp_path_factory.mktemp("report")
    file = folder / "manager.html"
    asked = ("report", "--project", "tickets", "--view", "manager", "--out", file, "--tables", folder)
    qc(*asked, "--workspace", workspace)
    return file.read_text(encoding="utf-8"), json.loads((folder / "tables.json").read_bytes())["tables"]


def says(visitor, text):
    expect(visitor.page.get_by_text(text, exact=True).first).to_be_visible(timeout=SLOW)


def test_the_numbers_of_page_report_and_json_are_the_same(visitor, assessed, report):
    text, tables = report
    model = assessed["models"][0]
    visitor.open("models")
    expect(visitor.heading("Can the confidence be believed?")).to_be_visible(timeout=SLOW)
    for label, name in (("Overridden", "override_rate"), ("Right", "accuracy")):
        box = visitor.page.get_by_test_id("stMetric").filter(has_text=label).first
        expect(box).to_contain_text(number(model[name]["value"], "percent"))
        assert tables["models"]["rows"][0][name] == model[name]
        assert estimate(model[name], "percent") in text
    for sentence in (*model_said(model), *routing_said(model["routing"])):
        says(visitor, sentence)
        assert sentence in text
    calibrated = [row["accuracy"] for row in tables["calibration"]["rows"]]
    assert calibrated == [row["accuracy"] for row in model["calibration"]]

    visitor.open("comparisons")
    for row in assessed["comparisons"]:
        says(visitor, row["sentence"])
        assert row["sentence"] in text
    gaps = {row["second"]: (row["difference"], row["p_adjusted"]) for row in tables["comparisons-error"]["rows"]}
    for row in assessed["comparisons"]:
        assert gaps[row["second"]] == (row["error"]["difference"], row["error"]["p_adjusted"])

    visitor.open("sites")
    shown = [row for row in assessed["sites"] if row["by"] == "site"]
    for row in shown:
        says(visitor, standard_said(row))
        assert standard_said(row) in text
        assert estimate(row["error"], "percent") in text
    visitor.page.get_by_role("heading", name="Side by side").scroll_into_view_if_needed()
    box = visitor.page.get_by_test_id("stVerticalBlock").filter(has=visitor.heading("Side by side"))
    with visitor.page.expect_download(timeout=SLOW) as download:
        box.last.get_by_role("button", name="CSV").first.click()
    listed = download.value.path().read_text(encoding="utf-8-sig")
    for row in shown:
        assert ranged(row["error"], "percent") in listed


def test_a_click_on_a_figure_lists_the_answers_behind_it(visitor, assessed):
    model = assessed["models"][0]
    visitor.open("models")
    expect(visitor.heading("Wrong by label")).to_be_visible(timeout=SLOW)
    figure = visitor.page.locator(".st-key-model-labels-chart")
    figure.scroll_into_view_if_needed()
    point = figure.locator(".scatterlayer .point").first
    expect(point).to_be_visible(timeout=SLOW)
    # The pictures of points lie below a layer that takes the clicks.
    place = visitor.still(point)
    visitor.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    visitor.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    listed = visitor.heading(re.compile("^Proposed and given: "))
    expect(listed).to_be_visible(timeout=SLOW)
    visitor.settle()
    label = listed.inner_text().removeprefix("Proposed and given: ")
    assert label in {row["label"] for row in model["by_label"]}
    box = visitor.page.get_by_test_id("stVerticalBlock").filter(has=listed)
    with visitor.page.expect_download(timeout=SLOW) as download:
        box.last.get_by_role("button", name="CSV").first.click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("item_id,question,annotator,proposed,score,given,people,shown")
    assert all(f",{label}," in row for row in rows[1:])


def test_the_answers_behind_the_headline_lead_to_the_item(visitor):
    visitor.open("models")
    toggle = visitor.page.get_by_text("Show the answers behind these figures")
    expect(toggle).to_be_visible(timeout=SLOW)
    toggle.click()
    expect(visitor.heading("Proposed and given")).to_be_visible(timeout=SLOW)
    visitor.settle()
    grid = visitor.page.get_by_test_id("stVerticalBlock").filter(has=visitor.heading("Proposed and given"))
    canvas = grid.last.locator("canvas").first
    # Not below the head of the page, which lies over what is scrolled.
    canvas.evaluate("grid => grid.scrollIntoView({block: 'center'})")
    place = visitor.still(canvas)
    visitor.page.mouse.click(place["x"] + 60, place["y"] + 52)
    expect(visitor.heading(re.compile("^Answers to "))).to_be_visible(timeout=SLOW)
    visitor.settle()


def test_a_threshold_is_changed_and_the_next_items_are_taken_along(chromium, workspace, tmp_path):
    """In a copy of the workspace, so that no other test reads of it."""
    copied = tmp_path / "own" / "workspace"
    shutil.copytree(workspace, copied)
    with served(copied) as address:
        context = chromium.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True)
        manager = Visitor(context.new_page(), address)
        manager.open("models")
        before = next_items(manager, tmp_path / "before.csv")
        box = manager.page.get_by_label("People look below")
        expect(box).to_be_visible(timeout=SLOW)
        box.fill("0.50")
        box.press("Tab")
        manager.page.get_by_label("Why?").fill("fewer, surer ones")
        manager.page.get_by_role("button", name="Put in force").click()
        expect(manager.page.get_by_text(re.compile("^In force is 0.50"))).to_be_visible(timeout=SLOW)
        manager.settle()
        after = next_items(manager, tmp_path / "after.csv")
        context.close()
        assert manager.complaints == []
    unsure = [{row["item_id"] for row in rows if "uncertain" in row["why"]} for rows in (before, after)]
    assert unsure[1] < unsure[0]
    file = tmp_path / "next.csv"
    qc("export", "--project", "tickets", "--what", "next", "--limit", 500, "--out", file, "--workspace", copied)
    assert file.read_text(encoding="utf-8-sig") == (tmp_path / "after.csv").read_text(encoding="utf-8-sig")


def next_items(visitor, file):
    """The list of what to check next, as its button gives it."""
    title = visitor.heading("What to label or check next")
    expect(title).to_be_visible(timeout=SLOW)
    box = visitor.page.get_by_test_id("stVerticalBlock").filter(has=title)
    with visitor.page.expect_download(timeout=SLOW) as download:
        box.last.get_by_role("button", name="CSV").first.click()
    download.value.save_as(file)
    with file.open(newline="", encoding="utf-8-sig") as text:
        return list(csv.DictReader(text))
