"""The pages Annotators and One annotator over a team of which one person got worse. Takes about half a minute."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
import review_loop
from review_loop import WORSE
from streamlit.testing.v1 import AppTest

from dashboard import team_parts
from qc.access import AccessError, Actor, Grant
from qc.model import Scope
from qc.workspace import assess, check, ingest, levels, open_workspace, policy, sample, verdict
from qc.workspace.beside_others import error_types, mistaken, rates_over_time
from qc.workspace.control_chart import control_chart, history
from qc.workspace.opening import Workspace

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two weeks of 200 answers each, drawn and reviewed; in the second ben errs in every third answer."""
    folder = tmp_path_factory.mktemp("person")
    ws = open_workspace(folder / "workspace")
    for wave, bad in enumerate((False, True)):
        ingest.ingest(ws, "mail", review_loop.write_wave(folder / f"{wave}.csv", wave, 200, bad=bad))
        drawn = sample.draw(ws, "mail", sample.Ask(rate=0.15))
        sheet = folder / f"{wave}-sheet.csv"
        sheet.write_bytes(sample.sheet_file(ws, "mail", drawn.id, ".csv"))
        review_loop.fill(sheet)
        verdict.record_sheet(ws, "mail", sheet)
    check.run(ws, "mail")
    return ws


def test_the_path_is_that_of_the_drawn_answers(built: Workspace) -> None:
    """By hand: S ← max(0, S + error − 1/m), and the level rose after all of the judgements."""
    chart = control_chart(built, "mail", "annotator", WORSE)
    path = chart["paths"]["randomly drawn"]
    assert [row["n"] for row in path] == list(range(1, len(path) + 1))
    down = path[[row["value"] > 0 for row in path].index(True)]["value"]
    step = 1 - down
    height, expected = 0.0, []
    for row in path:
        height = max(0.0, height + row["error"] - step)
        expected.append(height)
        if row["alarm"]:
            height = 0.0
    assert [row["value"] for row in path] == pytest.approx(expected)
    assert [row["alarm"] for row in path] == [value >= chart["threshold"] - 1e-9 for value in expected]
    assert any(row["alarm"] for row in path)
    (change,) = chart["changes"]
    assert (change["before"], change["level"]) == ("normal", "tightened")
    assert change["after"]["randomly drawn"] == len(path)
    assert chart["p0"] < chart["p1"]


def test_a_path_begins_anew_where_the_level_changed(built: Workspace, tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "workspace")
    ingest.ingest(ws, "mail", review_loop.write_wave(tmp_path / "0.csv", 0, 100, bad=True))
    for part, (rate, level) in enumerate(((0.3, "tightened"), (0.5, "normal"))):
        if part:
            ingest.ingest(ws, "mail", review_loop.write_wave(tmp_path / "1.csv", 1, 100, bad=False))
        sheet = tmp_path / "sheet.csv"
        sheet.write_bytes(sample.sheet_file(ws, "mail", sample.draw(ws, "mail", sample.Ask(rate=rate)).id, ".csv"))
        review_loop.fill(sheet)
        verdict.record_sheet(ws, "mail", sheet)
        check.set_level(ws, "mail", WORSE, level, "to see", "lead")
    path = control_chart(ws, "mail", "annotator", WORSE)["paths"]["randomly drawn"]
    after = [row for row in path if row["level"] == "tightened"]
    assert 0 < len(after) < len(path)
    assert after[0]["value"] == 0.0
    assert [change["level"] for change in history(ws, "mail", "annotator", WORSE)] == ["tightened", "normal"]


def test_lots_are_those_that_the_policy_judged(built: Workspace, tmp_path: Path) -> None:
    """As many lots as the sentence of the proposal says, each with its plan: lots of 50 at AQL 2.5 have n = 5.

    MIL-STD-105E: code letter D, whose arrow at AQL 2.5 leads to the plan of C.
    """
    ws = open_workspace(copytree(built.root, tmp_path / "workspace"))
    assert control_chart(ws, "mail", "annotator", WORSE)["lots"] == []
    decided = ws.policy("mail")
    by_lots = replace(decided, levels=replace(decided.levels, policy="lots", lot_size=50))
    policy.save(ws, "mail", by_lots, "lead", "the client asks for lots")
    levels.undo(ws, "mail", "annotator", WORSE, "begin again", "lead")
    check.set_level(ws, "mail", "cem@example.org", "full", "to see", "lead")
    assert control_chart(ws, "mail", "annotator", "cem@example.org")["lots"] == []
    for who in ("ann@example.org", "dora@example.org"):
        lots = control_chart(ws, "mail", "annotator", who)["lots"]
        standing = next(row for row in assess.section(ws, "mail", "levels") if row["subject"]["key"] == who)
        assert {lot["n"] for lot in lots} == {5}
        rejected = sum(lot["outcome"] == "rejected" for lot in lots)
        assert all((lot["errors"] >= lot["rejected_from"]) == (lot["outcome"] == "rejected") for lot in lots)
        assert f"Of {len(lots)} lots" in standing["reason"]
        assert re.search(rf"\b{rejected} (was|were) rejected", standing["reason"])


def test_a_subject_without_judgements_has_no_path(built: Workspace) -> None:
    assert control_chart(built, "mail", "annotator", "nobody")["paths"] == {}
    assert control_chart(built, "mail", "batch", "b1")["paths"] == {}
    assert history(built, "mail", "annotator", "nobody") == []


def test_rates_by_week_are_those_of_the_errors(built: Workspace) -> None:
    """The weeks add up to what was judged; the second is worse, and worse than that of the others."""
    weeks = rates_over_time(built, "mail", Scope(), WORSE, "review", "week")
    assert [row["period"] for row in weeks] == ["2026-03-02", "2026-03-09"]
    assert weeks[1]["rate"]["low"] > weeks[1]["others"]["high"]
    (month,) = rates_over_time(built, "mail", Scope(), WORSE, "review", "month")
    assert month["period"] == "2026-03-01"
    assert month["n"] == sum(row["n"] for row in weeks)
    assert month["errors"] == sum(row["errors"] for row in weeks)
    assert rates_over_time(built, "mail", Scope(), WORSE, "gold", "week") == []


def test_what_is_taken_for_what_beside_the_others(built: Workspace) -> None:
    """The wrong label is always the next one, so there are three mix-ups, each of all answers of that truth."""
    rows = mistaken(built, "mail", Scope(), WORSE, "review")
    following = dict(itertools.pairwise([*review_loop.LABELS, review_loop.LABELS[0]]))
    assert rows
    assert all(row["given"] == following[row["truth"]] for row in rows)
    assert [row["q"] for row in rows] == sorted(row["q"] for row in rows)
    (part,) = assess.section(built, "mail", "errors")
    judged = next(row for row in part["by_annotator"] if row["annotator"] == WORSE)
    assert sum(row["n"] for row in rows) == judged["errors"]
    (only,) = error_types(built, "mail", Scope(), WORSE)
    assert only["error_type"] == "wrong label"
    assert only["rate"]["value"] == 1.0


def test_single_people_are_for_leads(built: Workspace) -> None:
    outsider = built.acting_as(Actor("rita", frozenset({Grant("mail", "reviewer")})))
    for call in (
        lambda: control_chart(outsider, "mail", "annotator", WORSE),
        lambda: history(outsider, "mail", "annotator", WORSE),
        lambda: rates_over_time(outsider, "mail", Scope(), WORSE, "review", "week"),
        lambda: mistaken(outsider, "mail", Scope(), WORSE, "review"),
        lambda: error_types(outsider, "mail", Scope(), WORSE),
    ):
        with pytest.raises(AccessError):
            call()


def visit(monkeypatch: pytest.MonkeyPatch, ws: Workspace, file: str, **query: str) -> AppTest:
    monkeypatch.setenv("QC_WORKSPACE", str(ws.root))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    app = app.switch_page(f"dashboard/pages/{file}.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(part.value for part in [*app.subheader, *app.text, *app.caption]).replace("\\", "")


def test_one_person_is_shown_with_the_chart_and_the_changes(monkeypatch: pytest.MonkeyPatch, built: Workspace) -> None:
    app = visit(monkeypatch, built, "annotator", who=WORSE)
    words = said(app)
    for heading in (
        "Error rate by week",
        "Evidence of errors above target: randomly drawn answers",
        "Changes of the review level",
        "Mistakes beside the others",
        "Types of error",
        "Examples: answers judged wrong",
    ):
        assert heading in words
    changes = next(frame.value for frame in app.dataframe if "why" in frame.value)
    assert list(changes["to"]) == ["tightened"]
    assert list(changes["by"]) == ["policy"]
    charts = " ".join(chart.proto.alt for chart in app.get("plotly_chart"))
    assert "the control chart's statistic after each of" in charts


def test_by_month_and_without_any_mistake(monkeypatch: pytest.MonkeyPatch, built: Workspace) -> None:
    app = visit(monkeypatch, built, "annotator", who="cem@example.org")
    app.segmented_control(key="one-period").set_value("month").run()
    assert not app.exception
    words = said(app)
    assert "Error rate by month" in words
    assert "The review level never changed" in words


def test_everybody_stands_in_one_table_that_sorts_as_it_says(monkeypatch: pytest.MonkeyPatch, built: Workspace) -> None:
    app = visit(monkeypatch, built, "annotators")
    table = next(frame.value for frame in app.dataframe if "above_target" in frame.value)
    assert table["annotator"].iloc[0] == WORSE
    assert table["level"].iloc[0] == "tightened"
    assert table["interval"].str.startswith("data:image/svg+xml").all()
    for order in ("surest above target", "most judged", "by name"):
        app.segmented_control(key="team-order").set_value(order).run()
        assert not app.exception
    figure = app.get("plotly_chart")[0].proto.spec
    assert figure.index("dora@example.org") < figure.index("cem@example.org") < figure.index("ann@example.org")
    app.segmented_control(key="team-figure").set_value("agreement with self").run()
    assert not app.exception
    assert "There is no figure of agreement with self: nothing was answered twice." in said(app)
    app.segmented_control(key="team-figure").set_value("skipped").run()
    assert "Skipped, by annotator" in said(app)


def test_people_are_in_one_order_in_chart_and_table() -> None:
    """Whoever has no figure comes last, ties go by name."""

    def row(name: str, value: float | None, above: float | None, judged: int) -> dict:
        return {"annotator": name, "shrunk": {"value": value}, "above_target": above, "judged": judged}

    rows = [row("ann", 0.1, 0.4, 90), row("bo", 0.2, 0.3, 10), row("cy", None, None, 0), row("di", 0.1, 0.9, 90)]
    for order, names in (
        ("highest first", "bo ann di cy"),
        ("surest above target", "di ann bo cy"),
        ("most judged", "ann di bo cy"),
        ("by name", "ann bo cy di"),
    ):
        assert [each["annotator"] for each in team_parts.ordered(rows, "error rate", order)] == names.split()
    assert set(team_parts.ORDERS) == {"highest first", "surest above target", "most judged", "by name"}
