"""Pictures of every page, light and dark, into the folder QC_SCREENSHOTS; the overview also for the README."""

import os
from pathlib import Path

import pytest

from dashboard.navigation import PAGES

FOLDER = os.environ.get("QC_SCREENSHOTS")
README_PICTURE = Path(__file__).parents[2] / "docs" / "screenshot.png"


@pytest.mark.skipif(not FOLDER, reason="QC_SCREENSHOTS names no folder")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)
def test_picture(visitor, entry, scheme):
    page = visitor.page
    page.emulate_media(color_scheme=scheme)
    if entry.file == "review":
        visitor.open("checks")
        draw = page.get_by_role("button", name="Draw", exact=True)
        if draw.is_enabled():
            draw.click()
            visitor.settle()
    visitor.open("" if entry.file == "overview" else entry.file)
    if entry.file == "annotator":
        page.get_by_test_id("stMain").get_by_role("combobox").first.click()
        page.get_by_role("option").nth(2).click()
        visitor.settle()
    page.wait_for_timeout(1_500)
    # Streamlit scrolls inside its main part, so that a full-page picture needs a window of its height.
    height = page.evaluate("() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
    page.set_viewport_size({"width": 1360, "height": max(700, height + 20)})
    page.wait_for_timeout(1_200)
    folder = Path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{entry.file}-{scheme}.png")
    if (entry.file, scheme) == ("overview", "light"):
        page.screenshot(path=README_PICTURE)
