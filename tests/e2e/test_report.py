"""Reports in a real browser, opened from disk: nothing leaves the machine, in light, dark and print; half a minute."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import HOSTILE, qc

VIEWS = ("lead", "qa", "manager")
OPAQUE = re.compile(r"rgb\((\d+), (\d+), (\d+)\)")


@pytest.fixture(scope="module")
def folder(workspace, tmp_path_factory):
    made = tmp_path_factory.mktemp("reports")
    for project in ("tickets", "hostile"):
        for view in VIEWS:
            file = made / f"{project}-{view}.html"
            qc("report", "--project", project, "--view", view, "--out", file, "--workspace", workspace)
    return made


@pytest.fixture(params=["light", "dark", "print"])
def leaf(chromium, folder, request):
    """A page that must never ask for anything, run anything, or say that its policy was broken."""
    context = chromium.new_context(viewport={"width": 1000, "height": 900}, offline=True)
    page, complaints = context.new_page(), []
    page.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith("file:") else None)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.emulate_media(
        media="print" if request.param == "print" else "screen",
        color_scheme=request.param if request.param != "print" else "dark",
    )
    page.medium = request.param
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("project", ["tickets", "hostile"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_report_opens_from_disk_and_asks_for_nothing(leaf, folder, project, view):
    leaf.goto((folder / f"{project}-{view}.html").as_uri())
    expect(leaf.get_by_role("heading", name="What stands out")).to_be_visible()
    expect(leaf.locator("svg").first).to_be_visible()
    assert leaf.locator("script, img, iframe, link").count() == 0
    ground, ink = (brightness(leaf, name) for name in ("background-color", "color"))
    assert (ground < ink) is (leaf.medium == "dark")
    assert abs(ground - ink) > 150
    wide = leaf.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def brightness(page, name):
    colour = page.evaluate(f"getComputedStyle(document.body).getPropertyValue('{name}')")
    return sum(map(int, OPAQUE.fullmatch(colour).groups())) / 3


def test_on_paper_the_rows_behind_a_chart_are_shown(chromium, folder):
    context = chromium.new_context()
    page = context.new_page()
    page.goto((folder / "tickets-lead.html").as_uri())
    row = page.locator("details td").first
    assert not row.evaluate("cell => cell.checkVisibility({contentVisibilityAuto: true})")
    page.emulate_media(media="print")
    assert row.evaluate("cell => cell.checkVisibility({contentVisibilityAuto: true})")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    context.close()


def test_a_report_reads_without_scripts_and_names_are_text(chromium, folder):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "hostile-lead.html").as_uri())
    for name in HOSTILE:
        expect(page.get_by_role("cell", name=name, exact=True).first).to_be_attached()
    context.close()


def test_the_button_gives_the_file_of_the_command(visitor, folder):
    visitor.open()
    visitor.page.get_by_role("button", name=re.compile("Download report")).click()
    visitor.page.get_by_text("manager", exact=True).click()
    visitor.settle()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name=re.compile("HTML file")).click()
    assert download.value.suggested_filename == "tickets-manager.html"
    assert download.value.path().read_bytes() == (folder / "tickets-manager.html").read_bytes()
