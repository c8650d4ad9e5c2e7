"""The page Gold as a lead meets it: a suspect is seen, widened and retired; newcomers get a set (about 20 s)."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from qc.workspace import conflict, gold_desk, open_workspace
from qc.workspace.ingest import ingest

ROOT = Path(__file__).parent.parent
HOSTILE = "![x](https://evil.example/x.png) <script>alert(1)</script>"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Four people, always right on twelve gold items but on the last, whose gold is wrong; d0 is settled."""
    rows = ["item,annotator,label"]
    for who in ("ana", "bo", "cy", "dee"):
        rows += [f"g{place},{who},{'yes' if place % 2 else 'no'}" for place in range(12)]
        rows += [f"{HOSTILE},{who},{'yes' if who < 'c' else 'no'}"]
    (tmp_path / "answers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    known = "\n".join(f"g{place},{'yes' if place % 2 and place < 11 else 'no'}" for place in range(12))
    (tmp_path / "gold.csv").write_text(f"item,gold\n{known}\n", encoding="utf-8")
    ws = open_workspace(tmp_path / "workspace")
    ingest(ws, "tone", tmp_path / "answers.csv", gold=tmp_path / "gold.csv")
    conflict.settle(ws, "tone", HOSTILE, "label", "no", "it is odd", ws.actor.name)
    monkeypatch.setenv("QC_WORKSPACE", str(tmp_path / "workspace"))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    return app.switch_page("dashboard/pages/gold.py").run()


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_a_lead_sees_what_is_doubtful_and_who_passes(page: AppTest) -> None:
    assert not page.exception
    assert figures(page) == {"Known answers": "12", "Suspects": "1", "Uses": "48", "Settled items": "1"}
    tables = [frame.value for frame in page.dataframe]
    listed = next(frame for frame in tables if "others_say" in frame)
    assert list(listed.iloc[0][["item_id", "state", "failed", "others_say"]]) == ["g11", "suspect", 4, "yes (4×)"]
    passes = next(frame for frame in tables if "passed" in frame)
    assert list(passes["passed"]) == [11] * 4
    assert (passes["pass_low"] < passes["pass"]).all()
    assert any("12 items" in text.value or "11 items" in text.value for text in page.text)


def test_what_was_decided_elsewhere_is_seen_at_once(page: AppTest, tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "workspace")
    gold_desk.retire(ws, "tone", "g11", "label", "it is wrong")
    gold_desk.promote(ws, "tone", HOSTILE, "label", "an edge case")
    app = page.run()
    assert not app.exception
    assert figures(app) == {"Known answers": "12", "Suspects": "0", "Uses": "48", "Settled items": "0"}
    shown = " ".join(part.value for part in (*app.markdown, *app.caption))
    assert "![x](https" not in shown
    assert "<script>" not in shown
