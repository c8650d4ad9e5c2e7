"""Two reviewers at the desk: no item is before both, what is left comes back, what they see differently goes up.

They sign in through a proxy's header. One of them is demoted and refused at the next click. About two minutes.
"""

import re
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

sys.path.append(str(Path(__file__).parents[1]))

import sqlalchemy as sa
from desk_project import PROJECT, draw_all, opened

from qc.store import tables as t
from qc.store.claims import held
from qc.store.settlements import settlements
from qc.store.verdicts import verdicts
from qc.workspace import open_workspace, people

from .conftest import Visitor, served

RAE, SAM, SUE, LEA = (f"{name}@example.org" for name in ("rae", "sam", "sue", "lea"))
ROLES = {RAE: "reviewer", SAM: "reviewer", SUE: "senior", LEA: "lead"}
LONG = 90_000


@pytest.fixture(scope="module")
def team(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("queue") / "workspace"
    folder.mkdir()
    (folder / "qc.toml").write_text(
        'media = "media"\n[login]\nheader = "X-User"\nproxies = ["127.0.0.1"]\n', encoding="utf-8"
    )
    ws = opened(open_workspace(folder), ("sentiment", "preferred"), items=3)
    draw_all(ws, ("cy",))
    with ws.store.engine.begin() as connection:
        connection.execute(sa.update(t.drawn_answers).where(t.drawn_answers.c.place == 0).values(reviews_wanted=2))
    for name, role in ROLES.items():
        people.grant(ws, PROJECT, name, role)
    return ws


@pytest.fixture(scope="module")
def address(team):
    with served(team.root) as url:
        yield url


@contextmanager
def signed_in(chromium, address, name):
    context = chromium.new_context(
        viewport={"width": 1360, "height": 1000}, timezone_id="UTC", extra_http_headers={"X-User": name}
    )
    seen = Visitor(context.new_page(), address)
    try:
        yield seen
    finally:
        context.close()
    assert seen.complaints == []


def ready(visitor, waiting):
    """Wait until so many answers wait and one of them is shown; returns its item."""
    expect(visitor.page.get_by_text(re.compile(rf"session, {waiting} waiting"))).to_be_visible(timeout=LONG)
    visitor.settle()
    # While the desk is drawn anew, what it showed before is still there beside it.
    expect(visitor.page.get_by_role("button", name="Next")).to_have_count(1, timeout=LONG)
    expect(visitor.page.get_by_role("button", name="Next")).to_be_enabled(timeout=LONG)
    return shown(visitor)


def shown(visitor):
    caption = visitor.page.locator(".st-key-desk-item").get_by_text(re.compile("^Item ")).inner_text(timeout=LONG)
    return re.search(r"Item (\S+)", caption).group(1)


def decide(visitor, key, waiting):
    visitor.page.keyboard.press(key)
    return ready(visitor, waiting)


def test_two_browsers_are_never_given_the_same_item(chromium, address, team):
    with signed_in(chromium, address, RAE) as rae, signed_in(chromium, address, SAM) as sam:
        rae.open("review", PROJECT)
        sam.open("review", PROJECT)
        first, second = ready(rae, 6), ready(sam, 6)
        assert first != second
        expect(sam.page.get_by_text("1 item before others now")).to_be_visible(timeout=LONG)
        holders = {row["item_id"]: row["person"] for row in held(team.store, PROJECT)}
        assert holders == {first: RAE, second: SAM}
        # Each goes on to what nobody has: a reload keeps one's own, and a verdict of one is nothing to the other.
        rae.open("review", PROJECT)
        assert ready(rae, 6) == first
        third = decide(rae, "a", 5)
        assert third not in (first, second)
        assert decide(sam, "a", 5) == first, "the second opinion on what the other has judged"
        # Whoever looks at something else lets go.
        rae.page.get_by_role("link", name="Spot checks").first.click()
        expect(rae.heading("Spot checks")).to_be_visible(timeout=LONG)
        rae.settle()
        assert [row["person"] for row in held(team.store, PROJECT)] == [SAM]
        fourth = decide(sam, "x", 4)
        assert fourth == third
    assert wait_until(lambda: held(team.store, PROJECT) == []), "who closes the browser lets go"
    found = [(row["reviewer"], row["item_id"], row["verdict"]) for row in verdicts(team.store, PROJECT)]
    assert found == [(RAE, first, "accept"), (SAM, second, "accept"), (SAM, first, "reject")]


def test_what_they_see_differently_goes_up_and_the_lead_settles_it(chromium, address, team):
    (twice,) = {row["item_id"] for row in verdicts(team.store, PROJECT) if row["verdict"] == "reject"}
    with signed_in(chromium, address, SUE) as sue:
        sue.open("review", PROJECT)
        assert ready(sue, 5) == twice
        expect(sue.page.get_by_text("This answer went up: a senior decides.")).to_be_visible(timeout=LONG)
        sue.page.keyboard.press("w")
        words = sue.page.get_by_role("dialog").get_by_role("textbox")
        expect(words).to_be_visible(timeout=LONG)
        words.fill("two readings of the guideline")
        words.press("Enter")
        expect(sue.page.get_by_role("dialog")).to_have_count(0, timeout=LONG)
        sue.settle()
        sue.page.keyboard.press("e")
        assert ready(sue, 4) != twice
    with signed_in(chromium, address, LEA) as lea:
        lea.open("review", PROJECT)
        assert ready(lea, 5) == twice
        expect(lea.page.get_by_text("This answer went up: a lead decides.")).to_be_visible(timeout=LONG)
        expect(lea.page.get_by_role("button", name="Send up")).to_have_count(0)
        lea.page.keyboard.press("a")
        ready(lea, 4)
        lea.open("audit", PROJECT)
        expect(lea.page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=LONG)
    assert [(row["item_id"], row["actor"]) for row in settlements(team.store, PROJECT)] == [(twice, LEA)]


def test_a_demoted_reviewer_is_refused_at_the_next_click(chromium, address, team):
    with signed_in(chromium, address, SAM) as sam:
        sam.open("review", PROJECT)
        before = len(verdicts(team.store, PROJECT))
        accept = sam.page.get_by_role("button", name="Accept")
        expect(accept).to_be_enabled(timeout=LONG)
        people.revoke(team, PROJECT, SAM, "reviewer", "left the team")
        accept.click()
        expect(sam.page.get_by_text(re.compile("ask a lead or an admin")).first).to_be_visible(timeout=LONG)
        expect(accept).to_have_count(0, timeout=LONG)
        assert len(verdicts(team.store, PROJECT)) == before


def wait_until(true, tries=120):
    import time

    for _ in range(tries):
        if true():
            return True
        time.sleep(0.5)
    return False
