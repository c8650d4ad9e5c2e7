"""What is read while somebody looks at a page is shown to them without a restart or a click; a minute."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import qc, served

SOON = 120_000


@pytest.fixture(scope="module")
def growing(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("growing")
    (folder / "exports").mkdir()
    arrive(folder, "monday", 0)
    watched(folder)
    with served(folder / "workspace") as url:
        yield folder, url


def arrive(folder, name, begin):
    rows = [f"i{at},{who},{'ab'[at % 2]}" for at in range(begin, begin + 30) for who in ("ann", "bob", "cem")]
    (folder / "exports" / f"{name}.csv").write_text("item,annotator,label\n" + "\n".join(rows) + "\n", encoding="utf-8")


def watched(folder):
    qc("watch", folder / "exports", "--project", "own", "--once", "--workspace", folder / "workspace")


@pytest.fixture
def page(chromium, growing):
    context = chromium.new_context(viewport={"width": 1360, "height": 900})
    opened = context.new_page()
    yield opened
    context.close()


def test_a_page_shows_what_arrives_while_it_is_open(page, growing):
    folder, url = growing
    page.goto(f"{url}/data?project=own")
    state = page.get_by_test_id("stSidebar").get_by_text(re.compile(r"Data as of .+ · version "))
    expect(state).to_be_visible(timeout=SOON)
    expect(page.get_by_text("monday.csv").first.or_(page.get_by_role("heading", name="Data"))).to_be_visible(
        timeout=SOON
    )
    before = state.inner_text()
    arrive(folder, "tuesday", 30)
    watched(folder)
    expect(state).not_to_have_text(before, timeout=SOON)
    expect(state).to_have_text(re.compile("just now|minutes? ago"), timeout=SOON)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_page_with_a_form_asks_before_it_shows_what_is_new(page, growing):
    folder, url = growing
    page.goto(f"{url}/settings?project=own")
    state = page.get_by_test_id("stSidebar").get_by_text(re.compile(r"Data as of .+ · version "))
    expect(state).to_be_visible(timeout=SOON)
    version = state.inner_text().split("version ")[1]
    arrive(folder, "wednesday", 60)
    watched(folder)
    show = page.get_by_role("button", name="Show what is new")
    expect(show).to_be_visible(timeout=SOON)
    assert state.inner_text().split("version ")[1] == version
    show.click()
    expect(show).to_have_count(0, timeout=SOON)
    expect(state).not_to_contain_text(version, timeout=SOON)
