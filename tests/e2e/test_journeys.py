"""What people do with the dashboard, in a real browser; about two minutes on two cores, most of it Plotly's first draw.

Each journey fails on any request to another host, any violation of the content security policy, and any console error.
"""

import csv
import io
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from dashboard.navigation import PAGES

from .conftest import IMAGE, SCRIPT

JOINER = "\u2060"


def test_overview_tells_the_story(visitor):
    visitor.open()
    expect(visitor.page.get_by_test_id("stMetric")).to_have_count(4)
    expect(visitor.heading("What stands out")).to_be_visible()
    expect(visitor.heading(re.compile("Open alerts"))).to_be_visible()
    expect(visitor.page.get_by_role("link", name="Why").nth(2)).to_be_visible()
    expect(visitor.page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=30_000)


def test_the_name_of_the_first_page_leads_to_it(visitor):
    visitor.open("overview")
    expect(visitor.heading("What stands out")).to_be_visible()


def test_from_an_alert_to_the_proof_the_items_and_the_person(visitor):
    visitor.open("alerts")
    card = visitor.page.locator("[class*='st-key-card-']").filter(has_text="raise review level").first
    card.get_by_role("button", name="Proof and items").click()
    expect(visitor.heading(re.compile("^Raise review level: "))).to_be_visible(timeout=30_000)
    visitor.settle()
    expect(visitor.page).to_have_url(re.compile("alerts.*alert="))
    expect(visitor.heading(re.compile("Evidence of errors above target"))).to_be_visible()
    expect(visitor.page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=30_000)
    expect(visitor.heading(re.compile("Items behind the alert"))).to_be_visible()
    visitor.page.get_by_role("button", name="This annotator").click()
    visitor.settle()
    expect(visitor.page).to_have_url(re.compile("annotator.*who="))
    expect(visitor.heading("Answers").last).to_be_visible()
    expect(visitor.page.get_by_test_id("stDataFrame").last).to_be_visible()


def test_a_sample_is_drawn_and_reviewed_and_the_error_rate_follows(visitor):
    visitor.open("checks")
    visitor.page.get_by_role("button", name="Draw", exact=True).click()
    visitor.settle()
    expect(visitor.heading(re.compile("Drawn: "))).to_be_visible()
    visitor.page.get_by_role("link", name="Review here").click()
    visitor.settle()
    review(visitor, "axx")
    assert judged_by_review(visitor) == 3
    visitor.open("review")
    review(visitor, "m")
    assert judged_by_review(visitor) == 4


def review(visitor, keys):
    for recorded, key in enumerate(keys, start=1):
        # A key does nothing before its button is there, and that comes below the answer.
        expect(visitor.page.get_by_role("button", name="Next")).to_be_enabled()
        visitor.page.get_by_text("The answer given").click()
        visitor.page.keyboard.press(key)
        expect(visitor.page.get_by_text(f"{recorded} recorded in this session")).to_be_visible(timeout=30_000)
        visitor.settle()


def judged_by_review(visitor):
    """How many verdicts the rates of drawn reviews rest on; once there are any, they are a source of their own."""
    visitor.open("annotators")
    name = {"name": "review", "exact": True}
    visitor.page.get_by_role("radio", **name).or_(visitor.page.get_by_role("button", **name)).first.click()
    visitor.settle()
    text = visitor.page.get_by_text(re.compile(r"Team: [\d,]+ ")).inner_text()
    return int(re.search(r"Team: ([\d,]+)", text).group(1).replace(",", ""))


def test_filters_live_in_the_address(visitor):
    visitor.open("annotators")
    box = visitor.page.get_by_test_id("stSidebar").get_by_label("From").first
    box.click()
    day = visitor.page.get_by_role("button", name=re.compile("available", re.IGNORECASE)).first
    day.click()
    visitor.settle()
    expect(visitor.page).to_have_url(re.compile(r"from=\d{4}-\d{2}-\d{2}"))
    url = visitor.page.url
    visitor.page.reload()
    visitor.settle()
    assert visitor.page.url == url
    # A link followed before the filters are there does not take them along.
    expect(visitor.page.get_by_role("button", name="Clear filters")).to_be_visible()
    visitor.page.get_by_role("link", name="Fatigue").click()
    visitor.settle()
    expect(visitor.page).to_have_url(re.compile(r"fatigue.*from=\d{4}-\d{2}-\d{2}"))
    visitor.page.get_by_role("button", name="Clear filters").click()
    visitor.settle()
    expect(visitor.page).not_to_have_url(re.compile("from="))


def test_a_table_is_downloaded(visitor):
    visitor.open("annotators")
    expect(visitor.heading("Everybody")).to_be_visible()
    with visitor.page.expect_download() as download:
        # The first is that of the chart above.
        visitor.page.get_by_role("button", name="CSV").nth(1).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert rows
    assert {"annotator", "answers", "skip_rate", "skip_rate_low"} <= set(rows[0])
    assert all(int(row["answers"]) > 0 for row in rows)


@pytest.mark.parametrize("file", ["annotators", "agreement", "conflicts", "data", "overview"])
def test_hostile_names_are_shown_as_they_are(visitor, file):
    visitor.open("" if file == "overview" else file, "hostile")
    visitor.page.wait_for_timeout(1_000)
    assert visitor.page.locator("img[src*='example.org']").count() == 0
    assert visitor.page.get_by_role("link", name=re.compile("example")).count() == 0


@pytest.mark.parametrize("name", [SCRIPT, IMAGE, ":red[loud] <b>bold</b>"])
def test_a_hostile_name_as_a_heading(visitor, name):
    visitor.open("annotator", "hostile")
    chooser = visitor.page.get_by_test_id("stMain").get_by_role("combobox").first
    chooser.click()
    visitor.page.get_by_role("option", name=name, exact=True).click()
    visitor.settle()
    headings = visitor.page.get_by_role("heading", level=1).all_inner_texts()
    assert name in [heading.replace(JOINER, "").strip() for heading in headings]


def test_the_server_says_that_it_is_there_and_closes_the_door(address):
    with urllib.request.urlopen(f"{address}/healthz") as answer:
        assert answer.read() == b'{"status":"ok"}'
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)
def test_every_page_opens_in_the_browser(visitor, entry):
    visitor.open("" if entry.file == "overview" else entry.file)
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    assert visitor.page.get_by_test_id("stAlert").count() == 0


def click_point(visitor, chart):
    """Click the first point of a chart; Plotly listens to the mouse on the canvas, not on the point."""
    chart.scroll_into_view_if_needed()
    point = chart.locator(".scatterlayer .points path").first
    point.wait_for(state="attached", timeout=30_000)
    box = visitor.still(point)
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visitor.page.mouse.move(*at)
    visitor.page.wait_for_timeout(200)
    visitor.page.mouse.click(*at)
    visitor.settle()


def test_a_point_opens_the_person_and_keeps_the_project(visitor):
    visitor.open("annotators", "tickets")
    click_point(visitor, visitor.page.locator(".js-plotly-plot").first)
    expect(visitor.page).to_have_url(re.compile(r"annotator\?.*who=.*"))
    expect(visitor.page.get_by_role("heading", name="Answers", exact=True)).to_be_visible()


def test_a_row_opens_the_person(visitor):
    visitor.open("annotators", "hostile")
    table = visitor.page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    box = visitor.still(table)
    # The rows are drawn on a canvas: below the header, right of the box that ticks.
    visitor.page.mouse.click(box["x"] + 90, box["y"] + 52)
    expect(visitor.page).to_have_url(re.compile(r"annotator\?.*who="))
    expect(visitor.page).to_have_url(re.compile("project=hostile"))


def test_a_label_opens_its_answers(visitor):
    visitor.open("agreement")
    chart = visitor.page.locator(".st-key-labels-chart .js-plotly-plot")
    click_point(visitor, chart)
    expect(visitor.heading(re.compile("Answers labelled"))).to_be_visible()


def test_two_people_stand_side_by_side(visitor):
    visitor.open("agreement", "tickets")
    visitor.page.get_by_role("radio", name="People", exact=True).click()
    visitor.settle()
    click_point(visitor, visitor.page.locator(".st-key-pairs-chart .js-plotly-plot"))
    expect(visitor.heading(re.compile(r"@.+ and .+@"))).to_be_visible()


@pytest.mark.parametrize("project", ["tickets", "hostile"])
def test_a_hard_item_shows_everybodys_answer(visitor, project):
    visitor.open("agreement", project)
    visitor.page.get_by_role("radio", name="Items", exact=True).click()
    expect(visitor.heading("Hardest items")).to_be_visible()
    visitor.settle()
    table = visitor.page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    box = visitor.still(table)
    visitor.page.mouse.click(box["x"] + 70, box["y"] + 52)
    expect(visitor.heading(re.compile("Answers to"))).to_be_visible()
    assert visitor.page.locator("img[src*='example.org']").count() == 0


def test_a_conflict_is_settled(visitor):
    visitor.open("conflicts")
    table = visitor.page.get_by_test_id("stDataFrame").first
    box = visitor.still(table)
    visitor.page.mouse.click(box["x"] + 70, box["y"] + 52)
    expect(visitor.heading("Settle it")).to_be_visible(timeout=30_000)
    visitor.settle()
    visitor.page.get_by_label("Or another answer").fill("billing")
    visitor.page.get_by_placeholder("Stands in the record, and teaches the team").fill("the guideline says so")
    visitor.page.get_by_role("button", name="Settle", exact=True).click()
    expect(visitor.page.get_by_text("Settled.")).to_be_visible(timeout=30_000)
    assert visitor.page.get_by_test_id("stAlert").count() == 0
