"""What waits for a lead so that it is known how well reviewers see (about 20 s)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from qc.access import AccessError, Actor, Grant
from qc.store.samples import save_draw
from qc.workspace import Workspace, conflict, ingest, open_workspace, second_opinions, verdict

ITEMS = 60
ROOT = Path(__file__).parent.parent


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """60 answers, all drawn to be judged twice; rosa and rolf differ on the first five."""
    rows = [
        {"item_id": f"i{k:02d}", "annotator": f"p{k % 3}", "label": "dog" if k % 4 else "cat"} for k in range(ITEMS)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "answers.csv", index=False)
    ws = open_workspace(tmp_path / "ws")
    ingest.ingest(ws, "p", tmp_path / "answers.csv")
    found = ws.snapshot("p").rows(lambda facts: facts.annotations.order_by("item_id"))
    drawn = [
        {
            **{name: row[name] for name in ("annotation_id", "question", "item_id", "annotator", "answer_hash")},
            **{"share": "random", "pi": 1.0, "pi_random": 1.0, "pi_risk": 0.0, "reasons": [], "reviews_wanted": 2},
            **{"stratum": "s", "stratum_size": ITEMS, "stratum_drawn": ITEMS, "level": "full"},
        }
        for row in found.to_dict("records")
    ]
    save_draw(ws.store, "p", 0, {}, ws.data_version("p"), drawn, "lea")
    for who in ("rosa", "rolf"):
        told = [
            {
                "annotation_id": row["annotation_id"],
                "question": row["question"],
                "verdict": "reject" if who == "rolf" and place < 5 else "accept",
                "reviewer": who,
            }
            for place, row in enumerate(drawn)
        ]
        assert verdict.record(ws, "p", told, who).recorded == ITEMS
    return ws


def test_disagreements_wait_first_then_a_drawn_part_of_the_agreements(ws: Workspace) -> None:
    waiting = second_opinions.waiting(ws, "p")
    assert waiting["item_id"][:5].tolist() == [f"i{k:02d}" for k in range(5)]
    assert set(waiting["why"][:5]) == {second_opinions.DIFFER}
    assert set(waiting["why"][5:]) <= {second_opinions.DRAWN}
    assert len(waiting) < 5 + 20


def test_what_is_settled_waits_no_more(ws: Workspace) -> None:
    first = second_opinions.waiting(ws, "p").iloc[0]
    conflict.settle(ws, "p", first["item_id"], first["question"], "cat", "it is one", "lea")
    assert first["item_id"] not in set(second_opinions.waiting(ws, "p")["item_id"])


def test_only_leads_see_what_waits(ws: Workspace) -> None:
    with pytest.raises(AccessError):
        second_opinions.waiting(ws.acting_as(Actor("rosa", frozenset({Grant(None, "reviewer")}))), "p")


def test_the_page_shows_who_errs_how_and_what_waits(monkeypatch: pytest.MonkeyPatch, ws: Workspace) -> None:
    for place, row in second_opinions.waiting(ws, "p").iterrows():
        if place:
            conflict.settle(ws, "p", row["item_id"], row["question"], "dog", "seen", "lea")
    monkeypatch.setenv("QC_WORKSPACE", str(ws.root))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300).run()
    app = app.switch_page("dashboard/pages/annotators.py").run()
    assert not app.exception
    words = " ".join(part.value for part in [*app.subheader, *app.text, *app.caption, *app.markdown])
    for told in ("Reviewers", "Error rate corrected for reviewers", "What two people missed", "Waits for a final call"):
        assert told in words
    tables = [frame.value for frame in app.dataframe]
    assert any({"item_id", "question", "answers", "why"} <= set(table) and len(table) == 1 for table in tables)
    app.segmented_control(key="reviewer-figure").set_value("lets a right answer pass").run()
    assert not app.exception
