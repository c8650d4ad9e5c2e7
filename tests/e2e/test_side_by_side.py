"""What a manager presses on Comparisons, Sites & shifts and Cost: each press shows what the JSON says; a minute."""

import csv
import io
import json
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from qc.figures import number, ranged
from qc.figures.sayings import groups_said, standard_said

from .conftest import ROOT

SLOW = 90_000


@pytest.fixture(scope="module")
def assessed(workspace):
    command = [sys.executable, "-m", "qc.cli", "assess", "--project", "tickets", "--json", "--workspace"]
    done = subprocess.run([*command, str(workspace)], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def press(visitor, group, name, nth=0):
    """One of a few options, such as a figure, of the group with this label."""
    buttons = visitor.page.get_by_test_id("stButtonGroup").filter(has_text=group).nth(nth)
    option = buttons.get_by_role("radio", name=name, exact=True)
    option = option.or_(buttons.get_by_role("button", name=name, exact=True)).first
    expect(option).to_be_enabled(timeout=SLOW)
    option.scroll_into_view_if_needed()
    option.click()
    visitor.settle()


def taken_along(visitor, heading):
    """The rows that the button CSV of a box gives."""
    box = visitor.page.get_by_test_id("stVerticalBlock").filter(has=visitor.heading(heading)).last
    button = box.get_by_role("button", name="CSV").first
    expect(button).to_be_enabled(timeout=SLOW)
    with visitor.page.expect_download(timeout=SLOW) as download:
        button.click()
    return list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))


def shown(visitor, text):
    expect(visitor.page.get_by_text(text, exact=True).first).to_be_visible(timeout=SLOW)


def test_comparisons_of_ones_own_choice_and_groups(visitor, assessed):
    visitor.open("comparisons")
    press(visitor, "Figure", "Cost per answer")
    rows = taken_along(visitor, "Cost per answer")
    for row, told in zip(rows, assessed["comparisons"], strict=True):
        assert (row["first"], row["second"]) == (told["first"], told["second"])
        assert float(row["difference"]) == pytest.approx(told["cost"]["difference"]["value"])
        assert float(row["p_adjusted"]) == pytest.approx(told["cost"]["p_adjusted"])

    sites = next(row for row in assessed["comparisons"] if row["by"] == "site")
    press(visitor, "Compare", "Sites")
    visitor.page.get_by_label("First (the standard)").scroll_into_view_if_needed()
    sentence = visitor.page.get_by_text(sites["sentence"], exact=True)
    expect(sentence).to_have_count(2, timeout=SLOW)

    batches = next(part for part in assessed["fairness"] if part["by"] == "batch")
    press(visitor, "Groups by", "Batches")
    shown(visitor, groups_said(batches))
    gaps = {row["group"]: row for row in taken_along(visitor, "Errors of groups, less those of the rest")}
    assert gaps.keys() == {row["key"] for row in batches["groups"]}
    for row in batches["groups"]:
        assert float(gaps[row["key"]]["gap"]) == pytest.approx(row["error"]["gap"]["value"])


def test_sites_and_shifts_figure_by_figure(visitor, assessed):
    visitor.open("sites")
    for word, kind in (("Shifts", "shift"), ("Sites", "site")):
        press(visitor, "Side by side", word)
        rows = [row for row in assessed["sites"] if row["by"] == kind]
        for row in rows:
            shown(visitor, standard_said(row))
        for title, name in (("Seconds per answer", "seconds"), ("Fatigue", "fatigue")):
            if all(row[name]["value"] is None for row in rows):
                continue
            press(visitor, "Figure", title)
            told = {row["name"]: row[name] for row in taken_along(visitor, title)}
            assert {key: float(value) if value else None for key, value in told.items()} == {
                row["key"]: row[name]["value"] if row[name]["value"] is None else pytest.approx(row[name]["value"])
                for row in rows
            }


def test_cost_is_broken_down_and_its_curve_is_a_table_too(visitor, assessed):
    cost = assessed["cost"]
    visitor.open("cost")
    expect(visitor.heading("What each way of reviewing costs")).to_be_visible(timeout=SLOW)
    hours = visitor.page.get_by_test_id("stMetric").filter(has_text="Hours of review").first
    expect(hours).to_contain_text(f"{cost['review_hours']:,.2f} h")
    spent = visitor.page.get_by_test_id("stMetric").filter(has_text="Spent on review").first
    expect(spent).to_contain_text(number(cost["review_cost"], "money", cost["currency"]))
    curve = taken_along(visitor, "What each way of reviewing costs")
    assert [float(row["cost"]) for row in curve] == pytest.approx([row["cost"] for row in cost["curve"]])
    without = {row["cost"] for row in curve if float(row["rate"]) == 0}
    assert len({round(float(amount), 6) for amount in without}) == 1
    ways = taken_along(visitor, "Each way of reviewing at its best")
    assert [float(row["cost"]) for row in ways] == pytest.approx([row["cost"] for row in cost["options"]])
    for word in ("site", "batch"):
        press(visitor, "Errors left by", word)
        rows = taken_along(visitor, f"Errors left by {word}")
        assert [row["key"] for row in rows] == [row["key"] for row in cost[f"by_{word}"]]
        assert [row["Errors left"] for row in rows] == [ranged(row["escaped"], "count") for row in cost[f"by_{word}"]]
