"""The page Spot checks as its readers meet it: ask, see what it brings, draw, fetch the sheet, follow (about 30 s)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from qc.workspace import ingest, open_workspace, policy, sample, verdict

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path):
    rows = [
        {"item_id": f"i{n}", "annotator": who, "label": "cat" if n % 3 else "dog"}
        for n in range(120)
        for who in ("ann", "bob", "<b>cy</b>")
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "answers.csv", index=False)
    ingest.ingest(open_workspace(tmp_path / "ws"), "pets", tmp_path / "answers.csv")
    return tmp_path / "ws"


@pytest.fixture
def app(folder, monkeypatch):
    monkeypatch.setenv("QC_WORKSPACE", str(folder))
    opened = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    opened.run()
    return opened.switch_page("dashboard/pages/checks.py").run()


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def ask(app, way):
    return app.segmented_control(key="pets:way").set_value(way).run()


@pytest.mark.parametrize(
    ("normal", "least", "target", "limit"), [(0.6, 150, 0.985, 0.995), (0.005, 5, 0.0009, 0.004), (0.0, 5, 0.02, 0.06)]
)
def test_any_policy_can_be_asked_about(folder, app, normal, least, target, limit):
    """Shares, floors and rates that a policy may have and the inputs do not usually reach."""
    ws = open_workspace(folder)
    now = ws.policy("pets")
    sampling = replace(now.sampling, reduced=0.0, normal=normal, tightened=0.8, min_per_annotator=least)
    errors = replace(now.errors, target=target, limit=limit)
    policy.save(ws, "pets", replace(now, sampling=sampling, errors=errors), "lead", "what is possible")
    app.run()
    for way in ("A rate", "A number", "A rise to notice"):
        assert not ask(app, way).exception


def test_a_sample_is_asked_for_in_any_language(app):
    assert not app.exception
    drawn = int(metrics(app)["Answers to check"])
    assert drawn > 0
    app = ask(app, "A rate")
    app.slider(key="pets:rate").set_value(20.0).run()
    assert int(metrics(app)["Answers to check"]) == pytest.approx(72, abs=4)
    app = ask(app, "A number")
    app.number_input(key="pets:number").set_value(100).run()
    assert int(metrics(app)["Answers to check"]) == pytest.approx(100, abs=3)
    app.number_input(key="pets:number").set_value(5000).run()
    assert "more than there are" in app.error[0].value
    assert not [button for button in app.button if button.label == "Draw"]
    app = ask(app, "A rise to notice")
    app.number_input(key="pets:usual").set_value(5.0)
    app.number_input(key="pets:raised").set_value(15.0).run()
    assert not app.error
    assert float(metrics(app)["A rise is noticed from"].removesuffix(" %")) <= 15.0
    app.number_input(key="pets:raised").set_value(2.0).run()
    assert "above the usual" in app.error[0].value
    assert not app.exception


def test_what_is_drawn_is_shown_and_what_waits(app, folder):
    next(button for button in app.button if button.label == "Draw").click().run()
    assert not app.exception
    ws = open_workspace(folder)
    waiting = sample.queue(ws, "pets")
    assert any(heading.value == f"Drawn: {len(waiting)} answers" for heading in app.subheader)
    assert {"Sheet (CSV)", "Sheet (XLSX)", "Sheet (JSON)"} <= {
        button.proto.label for button in app.get("download_button")
    }
    assert metrics(app)["Waiting"] == str(len(waiting))
    assert "Answers to check" not in metrics(app)
    assert any("Nothing is left to draw" in text.value for text in app.text)
    first = waiting.iloc[0]
    verdict.record(
        ws,
        "pets",
        [{"annotation_id": first["annotation_id"], "question": first["question"], "verdict": "accept"}],
        "rae",
    )
    app.run()
    assert not app.exception
    assert metrics(app)["Judged"] == "1"
    assert metrics(app)["Waiting"] == str(len(waiting) - 1)
    assert "Earlier draws" in {heading.value for heading in app.subheader}
