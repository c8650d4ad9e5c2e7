"""Levels on the record: who may move them, of what, approval, undoing, and what a policy says (about 20 s)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from qc.access import Actor, Grant
from qc.cli import main
from qc.model import InputError, LevelPolicy, NotFoundError
from qc.store.audit import audit_trail
from qc.workspace import Workspace, assess, check, levels, open_workspace, sample, verdict
from qc.workspace import policy as policies
from qc.workspace.check.errors import rate_cases
from qc.workspace.check.levels import level_cases
from qc.workspace.control_chart import control_chart, nearness
from qc.workspace.ingest import ingest
from qc.workspace.sight import team_only


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Workspace]:
    """Two annotators, two sites, two batches; of Ann's 40 checked answers all are wrong, of Bo's none."""
    rows = [
        {"item_id": f"{who}-{n}", "annotator": who, "label": "cat", "site": site, "batch": f"week {n // 30}"}
        | {"submitted_at": f"2026-03-02T{8 + n // 60:02d}:{n % 60:02d}:00Z"}
        for who, site in (("ann", "north"), ("bo", "south"))
        for n in range(60)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "answers.csv", index=False)
    ws = open_workspace(tmp_path / "ws")
    ingest(ws, "pets", tmp_path / "answers.csv")
    yield ws
    ws.store.engine.dispose()


def judge_all(ws: Workspace) -> None:
    drawn = sample.draw(ws, "pets", sample.Ask(rate=0.5)).answers
    given = [
        {
            "annotation_id": row.annotation_id,
            "question": row.question,
            "verdict": "reject" if row.annotator == "ann" else "accept",
            "error_type": "wrong label" if row.annotator == "ann" else None,
        }
        for row in drawn.itertuples()
    ]
    verdict.record(ws, "pets", given, "rev")


def standing(ws: Workspace) -> dict[tuple[str, str], dict]:
    return {(row["subject"]["kind"], row["subject"]["key"]): row for row in assess.section(ws, "pets", "levels")}


def of_levels(ws: Workspace, **settings: object) -> None:
    now = ws.policy("pets")
    changed = replace(now, levels=replace(now.levels, **settings), errors=replace(now.errors, automatic=False))
    policies.save(ws, "pets", changed, "lead", "a test")


def test_a_proposal_waits_until_a_lead_approves(own: Workspace) -> None:
    of_levels(own, subjects=("annotator", "site", "batch"))
    judge_all(own)
    rows = standing(own)
    assert rows["annotator", "ann"]["proposed"] == rows["site", "north"]["proposed"] == "tightened"
    assert rows["annotator", "bo"]["proposed"] is None
    assert {key for kind, key in rows if kind == "batch"} == {"week 0", "week 1"}
    with pytest.raises(InputError, match="look at it again"):
        levels.approve(own, "pets", "annotator", "bo", "lead")
    with pytest.raises(InputError, match="look at it again"):
        levels.approve(own, "pets", "site", "north", "lead", shown="full")
    assert levels.approve(own, "pets", "site", "north", "lead", shown="tightened") == "tightened"
    row = standing(own)["site", "north"]
    assert (row["level"], row["origin"], row["undoable"]) == ("tightened", "approved", True)
    assert audit_trail_of(own)[0] == ("approve level", "site north")


def test_the_proof_of_an_alarm_on_gold_is_the_path_of_gold(tmp_path: Path) -> None:
    """Ann's drawn answers are all right and her gold answers all wrong; drawn ones have no path that alarms."""
    rows = [
        {"item_id": f"{who}-{n}", "annotator": who, "label": "cat", "gold_label": "dog" if n < 10 else ""}
        | {"submitted_at": f"2026-03-02T{8 + n // 60:02d}:{n % 60:02d}:00Z"}
        for who in ("ann", "bo")
        for n in range(60)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "answers.csv", index=False)
    ws = open_workspace(tmp_path / "ws")
    ingest(ws, "pets", tmp_path / "answers.csv")
    drawn = sample.draw(ws, "pets", sample.Ask(rate=0.5)).answers
    given = [{"annotation_id": row.annotation_id, "question": row.question} for row in drawn.itertuples()]
    verdict.record(ws, "pets", [{**row, "verdict": "accept"} for row in given], "rev")
    lens = assess.view(ws, "pets")
    case = next(case for case in level_cases(lens, levels.proposals(lens)) if case.subject.key == "ann")
    assert "gold answers took the control chart to" in case.reason
    assert case.evidence.proof is not None
    assert len(case.evidence.proof["values"]) == 10
    assert max(case.evidence.proof["values"]) == pytest.approx(case.evidence.value, abs=1e-4)
    assert case.evidence.value >= case.evidence.proof["threshold"] == case.evidence.threshold
    ws.store.engine.dispose()


def test_one_person_at_full_does_not_raise_the_review_of_their_site(tmp_path: Path) -> None:
    """Of the site's 600 answers 20 are wrong, all of ann's, who is at full: 20 errors in 125 judged ones would alarm.

    By their share of the work ann's are about five of the thirty that count.
    """
    rows = [
        {"item_id": f"{who}-{n}", "annotator": who, "label": "cat", "site": "north"}
        for who in ("ann", "bo", "cy", "di", "ed", "flo")
        for n in range(100)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "answers.csv", index=False)
    ws = open_workspace(tmp_path / "ws")
    ingest(ws, "pets", tmp_path / "answers.csv")
    of_levels(ws, subjects=("annotator", "site"))
    levels.override(ws, "pets", "ann", "full", "known to err", "lead")
    drawn = sample.draw(ws, "pets").answers
    known = [f"ann-{n}" for n in range(0, 100, 5)]
    given = [
        {"annotation_id": row.annotation_id, "question": row.question}
        | {"verdict": "reject" if row.item_id in known else "accept"}
        for row in drawn.itertuples()
    ]
    verdict.record(ws, "pets", given, "rev")
    site = standing(ws)["site", "north"]
    assert site["proposed"] is None
    path = control_chart(ws, "pets", "site", "north")["paths"]["randomly drawn"]
    assert 25 <= len(path) <= 40
    assert len(control_chart(ws, "pets", "annotator", "ann")["paths"]["randomly drawn"]) == 100
    near = {row["name"]: row["n"] for row in nearness(ws, "pets", "site")}
    assert near == {"north": len(path)} == {"north": site["evidence"]["n"]}
    ws.store.engine.dispose()


def audit_trail_of(ws: Workspace) -> list[tuple[str, str]]:
    trail = [(row["action"], row["object"]) for row in audit_trail(ws.store, "pets")]
    return [entry for entry in trail if entry[0].endswith("level")]


def test_a_rate_knows_what_the_last_answers_say(own: Workspace) -> None:
    """By lot 21 answers of each were drawn: too few for a verdict of 30, enough for one of 10; ann's are all wrong."""
    judge_all(own)
    assert {case.lately for case in rate_cases(assess.view(own, "pets"))} == {None}
    now = own.policy("pets")
    policies.save(own, "pets", replace(now, errors=replace(now.errors, min_judged=10)), "lead", "a small team")
    lately = {case.subject.key: case.lately for case in rate_cases(assess.view(own, "pets"))}
    assert lately["ann"] is not None
    assert lately["bo"] is not None
    assert lately["ann"] > 0.99
    assert lately["bo"] < 0.5


def test_overridden_and_undone(own: Workspace) -> None:
    judge_all(own)
    before = standing(own)["annotator", "ann"]
    levels.override(own, "pets", "ann", "full", "a mistake", "lead")
    assert standing(own)["annotator", "ann"]["evidence"]["n"] == 0
    with pytest.raises(InputError, match="Say why"):
        levels.undo(own, "pets", "annotator", "ann", " ", "lead")
    assert levels.undo(own, "pets", "annotator", "ann", "wrong person", "lead") == "normal"
    after = standing(own)["annotator", "ann"]
    assert (after["level"], after["origin"], after["undoable"]) == ("normal", "undo", False)
    assert after["evidence"] == before["evidence"]
    assert after["proposed"] == before["proposed"] == "tightened"
    with pytest.raises(InputError, match="no change left"):
        levels.undo(own, "pets", "annotator", "ann", "again", "lead")


def test_levels_of_what_there_is(own: Workspace) -> None:
    work = assess.view(own, "pets").frame("workload")[["annotator", "batch", "site", "answers"]]
    assert work.to_numpy().tolist() == [
        [who, week, site, 30] for who, site in (("ann", "north"), ("bo", "south")) for week in ("week 0", "week 1")
    ]
    assert levels.subjects(own, "pets", "site") == ["north", "south"]
    levels.override(own, "pets", "week 1", "full", "new guideline", "lead", kind="batch")
    with pytest.raises(NotFoundError, match="no batch 'week 9'"):
        levels.override(own, "pets", "week 9", "full", "why", "lead", kind="batch")
    with pytest.raises(InputError, match="review levels, not 'team'"):
        levels.override(own, "pets", "x", "full", "why", "lead", kind="team")
    row = standing(own)["batch", "week 1"]
    assert (row["level"], row["proposed"], row["undoable"]) == ("full", None, True)
    assert row["reason"] == (
        "new guideline. The policy moves no levels by batch: this one stays until a lead changes it."
    )
    assert "level:" not in check.run(own, "pets").text
    assert len(sample.draw(own, "pets").answers) >= 60
    levels.undo(own, "pets", "batch", "week 1", "it is known by now", "lead")
    assert ("batch", "week 1") not in standing(own)


def test_lots_decide_by_batch(own: Workspace) -> None:
    """Batches of 30: letter D at level II, 8 answers at AQL 2.5 % lead to C, 5/0; Ann fails both batches."""
    of_levels(own, policy="lots", lot="batch")
    judge_all(own)
    rows = standing(own)
    assert rows["annotator", "ann"]["proposed"] == "tightened"
    assert "batch week" in rows["annotator", "ann"]["reason"]
    assert rows["annotator", "bo"]["proposed"] is None


def test_a_policy_says_what_follows_before_it_is_saved(own: Workspace) -> None:
    wanted = replace(own.policy("pets"), levels=LevelPolicy("lots"))
    following = policies.consequences(own, "pets", wanted)
    assert "MIL-STD-105E" in following.sentences[0]
    assert following.curve[0]["level"] == "reduced"
    with pytest.raises(InputError, match="AQL"):
        policies.consequences(own, "pets", replace(wanted, levels=LevelPolicy("lots", aql=2.0)))
    with pytest.raises(InputError, match="never be lowered"):
        policies.consequences(own, "pets", replace(wanted, levels=LevelPolicy(window=59)))
    assert own.policy("pets").levels.policy == "sequential"


def test_the_command_shows_policy_and_consequences(own: Workspace) -> None:
    command = ["policy", "--project", "pets", "--workspace", str(own.root)]
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 0, shown.output
    assert 'levels.policy = "sequential"' in shown.output
    assert "false alarm" in shown.output
    document = json.loads(CliRunner().invoke(main, [*command, "--json"]).output)
    assert document["policy"]["levels"]["aql"] == 2.5
    assert document["consequences"]["sentences"]


def test_a_level_of_one_or_two_people_is_shown_to_leads_only(own: Workspace) -> None:
    """Each site has one annotator and each batch two: their levels would tell about single people."""
    levels.override(own, "pets", "north", "full", "new site", "lead", kind="site")
    of_levels(own, subjects=("annotator", "site", "batch"))
    assert ("site", "north") in standing(own)
    reviewer = own.acting_as(Actor("rev", frozenset({Grant("pets", "reviewer")})))
    assert assess.section(reviewer, "pets", "levels") == []
    rows = [{"subject": {"kind": "batch", "key": key}} for key in ("of two", "of many")]
    assert team_only(rows, few=frozenset({("batch", "of two")})) == rows[1:]
