"""What a lead does from an alert in a real browser: earlier work of the person it is about goes on the queue.

Half a minute on two free cores.
"""

from __future__ import annotations

import re
import shutil

from playwright.sync_api import expect

from qc.store.samples import AGAIN, drawn_answers, draws
from qc.workspace import assess, open_workspace, recheck, sample

from .conftest import Visitor, served

WHO = "bruno@example.org"


def test_earlier_work_is_queued_from_an_alert(chromium, workspace, tmp_path):
    """A draw by lot has taken a part of what is in the demo; the rest of one person's work is earlier work."""
    opened = open_workspace(shutil.copytree(workspace, tmp_path / "workspace"))
    sample.draw(opened, "tickets", sample.Ask(number=60), seed=1)
    left = recheck.waiting(opened, "tickets", WHO, None)
    assert left > 0
    alerts = assess.section(opened, "tickets", "alerts")
    alert = next(one["id"] for one in alerts if one["subject"] == {"kind": "annotator", "key": WHO})
    with served(opened.root) as url:
        context = chromium.new_context(viewport={"width": 1360, "height": 900}, timezone_id="UTC")
        lead = Visitor(context.new_page(), url)
        lead.open("alerts", f"tickets&alert={alert}")
        press = lead.page.get_by_role("button", name="Look at earlier work")
        expect(press).to_be_enabled(timeout=60_000)
        press.click()
        queue = lead.page.get_by_role("button", name=re.compile(r"^Queue [\d,]+ answers?$"))
        expect(queue).to_be_enabled(timeout=60_000)
        words = queue.inner_text()
        queue.click()
        expect(lead.page.get_by_text("Queued: it waits on the page Review.")).to_be_visible(timeout=60_000)
        lead.settle()
        context.close()
    assert lead.complaints == []
    (drawn,) = draws(opened.store, "tickets", AGAIN)
    taken = int(re.sub(r"\D", "", words))
    assert sum(row["draw_id"] == drawn["id"] for row in drawn_answers(opened.store, "tickets")) == taken
    assert recheck.waiting(opened, "tickets", WHO, None) == left - taken
