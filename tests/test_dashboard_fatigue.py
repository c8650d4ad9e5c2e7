"""The page Fatigue, and the section behind it, on a planted project. About 40 s."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from benchmarks.fatigue_scenarios import Team, work
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from dashboard.fatigue_parts import _what_if
from qc.cli import main
from qc.model import CostPolicy
from qc.workspace import assess, open_workspace
from qc.workspace.pause_days import pause_days

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT / "qc" / "workspace" / "assessment.schema.json"
TEAM = Team(annotators=12, sessions=8, answers=80, tired=1.0, tiring=1.2)


def export(path: Path, known: str) -> None:
    """A table of answers with known truth: times with two sessions a day, or a session and a position.

    known: times, durations (beside the position) or positions (alone).
    """
    frame, _ = work(TEAM, np.random.default_rng(1))
    frame = frame.drop_duplicates(["annotator", "item"])
    labels = np.array(["cat", "dog", "bird"])
    truth = frame["item"].to_numpy() % 3
    table = pd.DataFrame({"item": frame["item"].map("i{}".format), "annotator": frame["annotator"]})
    table["label"] = labels[(truth + frame["error"].to_numpy()) % 3]
    table["gold"] = labels[truth]
    table["site"] = np.where(frame["annotator"] < "a006", "here", "there")
    if known == "times":
        nth = frame["session"] % TEAM.sessions
        start = (
            pd.Timestamp("2026-03-02T07:00:00Z") + pd.to_timedelta(nth // 2, "D") + pd.to_timedelta(nth % 2 * 5, "h")
        )
        table["submitted_at"] = (start + pd.to_timedelta(frame["t"] + 5, "s")).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    else:
        table["session"], table["position"] = frame["session"].map("s{}".format), frame["p"]
        if known == "durations":
            table["seconds"] = np.exp(frame["v"] / 1000).round(1)
    table.to_csv(path, index=False)


@pytest.fixture(scope="module", params=["times", "durations", "positions"])
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fatigue")
    export(folder / "answers.csv", request.param)
    command = ["ingest", str(folder / "answers.csv"), "--project", "zoo", "--workspace", str(folder / "ws")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return folder / "ws"


def words(app: AppTest) -> str:
    shown = [*app.title, *app.subheader, *app.text, *app.caption, *app.markdown, *app.error, *app.metric]
    return " ".join(f"{getattr(part, 'label', '')} {part.value}" for part in shown).replace("\\", "")


def part_of(workspace: Path) -> dict:
    parts = {part["source"]: part for part in assess.section(open_workspace(workspace), "zoo", "fatigue")}
    return parts["gold"]


def test_planted_fatigue_is_found_from_the_file_on(planted: Path) -> None:
    part = part_of(planted)
    assert part["overall"]["verdict"] == "rising"
    sentence = part["overall"]["sentence"]
    assert "in the fourth hour than in the first" in sentence or "too steep to last" in sentence
    assert part["overall"]["adjusted_for"] == ["session", "item"]
    assert part["overall"]["left"] > 0.8
    assert [row["key"] for row in part["by_shift"]] in ([], ["06–14", "14–22"], ["06–14"])
    curve = part["by_hour"] or part["by_position"]
    assert curve[0]["n"] > 100
    assert curve[0]["adjusted"]["value"] < curve[3]["adjusted"]["value"] or part["by_hour"]
    assert {row["site"] for row in part["by_site"]} in ({"here", "there"}, set())


def test_the_page_tells_the_story(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QC_WORKSPACE", str(planted))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    app = app.switch_page("dashboard/pages/fatigue.py").run()
    assert not app.exception
    text = words(app)
    assert "Errors rise with time at work" in text
    assert "nan" not in text.lower().split()
    assert "Slope = Σ" in text
    if part_of(planted)["by_hour"]:
        app.slider(key="fatigue-pause").set_value(20).run()
        assert not app.exception
        assert "If a pause restores, one every" in words(app)
    (button,) = [button for button in app.button if button.label == "Fit the adjusted model"]
    button.click().run()
    assert not app.exception
    assert "Beside its covariates" in words(app)


def test_the_page_of_one_annotator_says_it_aloud(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QC_WORKSPACE", str(planted))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["who"] = "a003"
    app.run()
    app = app.switch_page("dashboard/pages/annotator.py").run()
    assert not app.exception
    (row,) = [row for row in part_of(planted)["by_annotator"] if row["annotator"] == "a003"]
    assert row["sentence"] in [text.value for text in app.text]
    assert f"{row['n']:,} judged answers in {row['sessions']} sessions" in words(app)


def test_the_model_on_request_is_in_the_json(planted: Path) -> None:
    command = ["assess", "--project", "zoo", "--workspace", str(planted), "--json"]
    plain, fitted = (json.loads(CliRunner().invoke(main, [*command, *more]).stdout) for more in ([], ["--adjusted"]))
    jsonschema.validate(fitted, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert {part["adjusted"] for part in plain["fatigue"]} == {None}
    (model,) = [part["adjusted"] for part in fitted["fatigue"] if part["source"] == "gold"]
    timed = bool(part_of(planted)["by_hour"])
    assert (model["error_per_hour"]["value"] is not None) == timed
    if timed:
        assert model["error_per_hour"]["low"] > 0
        assert "label" in model["covariates"]


def test_what_pauses_bring_is_least_costly_at_the_best_stretch(planted: Path) -> None:
    part = part_of(planted)
    days = pause_days(part, CostPolicy(), 10.0, 5.0)
    if part["overall"]["error_per_hour"]["value"] is None:
        assert days is None
        return
    assert days is not None
    assert max(row["net"] for row in days.rows) <= days.plan.net + 0.35 * abs(days.plan.net) + 2
    assert days.low <= days.plan.net <= days.high
    cheap = pause_days(part, CostPolicy(), 10.0, 0.01)
    assert cheap is not None
    assert (cheap.plan.pauses, cheap.plan.net) == (0, 0.0)
    assert all(row["net"] <= 0 for row in cheap.rows)
    assert _what_if(cheap, "EUR").startswith("No pause pays at these prices in a day of ")
    dear = pause_days(part, CostPolicy(), 10.0, 50.0)
    assert dear is not None
    assert dear.minutes < days.minutes


def test_where_nothing_was_judged_the_page_tells_of_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(tmp_path / "answers.csv", "durations")
    pd.read_csv(tmp_path / "answers.csv").drop(columns="gold").to_csv(tmp_path / "answers.csv", index=False)
    command = ["ingest", str(tmp_path / "answers.csv"), "--project", "zoo", "--workspace", str(tmp_path / "ws")]
    assert CliRunner().invoke(main, command).exit_code == 0
    monkeypatch.setenv("QC_WORKSPACE", str(tmp_path / "ws"))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    app = app.switch_page("dashboard/pages/fatigue.py").run()
    assert not app.exception
    text = words(app)
    assert "Whether errors rise with time at work cannot be told" in text
    assert "Change per hour of the session" in text
    assert "Breaks" not in text
    assert "This export has no times, so hours at work and pauses are unknown." in text
