"""The design, the draw and its progress on the record (about 20 s)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from qc.cli import main
from qc.model import RISKS, InputError
from qc.sampling import SHARES
from qc.sampling.risk import FACTORS
from qc.store.samples import drawn_answers, draws
from qc.workspace import Workspace, open_workspace, progress, sample, verdict
from qc.workspace import policy as policies
from qc.workspace.designed import sentences
from qc.workspace.ingest import ingest
from qc.workspace.sample import Ask

PEOPLE = ("ana", "bo", "cy")


def rows_of(items: range) -> pd.DataFrame:
    """Each item answered by three; a model was unsure of every tenth, and cy often differs."""
    return pd.DataFrame(
        [
            {
                "item_id": f"i{n}",
                "annotator": who,
                "label": "dog" if who == "cy" and n % 4 == 0 else "cat",
                "model": "m1",
                "model_label": "cat",
                "model_score": 0.5 if n % 10 == 0 else 0.95,
                "submitted_at": f"2026-03-{2 + n // 60:02d}T{8 + n % 60 // 10:02d}:{n % 10:02d}:00Z",
            }
            for n in items
            for who in PEOPLE
        ]
    )


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    rows_of(range(200)).to_csv(tmp_path / "answers.csv", index=False)
    opened = open_workspace(tmp_path / "ws")
    ingest(opened, "pets", tmp_path / "answers.csv")
    yield opened
    opened.store.engine.dispose()


def of_sampling(ws: Workspace, **settings: object) -> None:
    now = ws.policy("pets")
    policies.save(ws, "pets", replace(now, sampling=replace(now.sampling, **settings)), "lead", "a test")


def judge(ws: Workspace, answers: pd.DataFrame, reviewer: str) -> verdict.Outcome:
    given = [
        {"annotation_id": row.annotation_id, "question": row.question, "verdict": "accept"}
        for row in answers.itertuples()
    ]
    return verdict.record(ws, "pets", given, reviewer)


def test_the_design_is_what_the_draw_takes(ws: Workspace) -> None:
    plan = sample.plan(ws, "pets", Ask(rate=0.2))
    drawn = sample.draw(ws, "pets", Ask(rate=0.2))
    assert plan["new_answers"] == 600
    assert plan["total"] == pytest.approx(0.2 * 600, abs=4)
    assert drawn.by_share["random"] == round(plan["by_lot"])
    assert drawn.size == pytest.approx(plan["total"], abs=4 * plan["by_risk"] ** 0.5)
    assert sum(row["to_draw"] for row in plan["rows"]) == pytest.approx(plan["total"], abs=3)
    assert plan["hours"] == pytest.approx(plan["reviews"] / 60, rel=0.02)
    (kept,) = draws(ws.store, "pets")
    assert kept["parameters"]["asked"] == {"rate": 0.2, "power": 0.8}
    assert kept["parameters"]["rates"]["normal"] == 0.2
    stored = drawn_answers(ws.store, "pets")
    assert all(row["pi"] == pytest.approx(1 - (1 - row["pi_random"]) * (1 - row["pi_risk"])) for row in stored)
    assert {row["share"] for row in stored} <= set(SHARES)
    assert any("low agreement" in row["reasons"] for row in stored)


def test_an_answer_is_asked_for_in_one_language(ws: Workspace) -> None:
    assert sample.plan(ws, "pets", Ask(number=90))["total"] == pytest.approx(90, abs=2)
    noticed = sample.plan(ws, "pets", Ask(notice=(0.05, 0.15), power=0.7))
    assert noticed["detectable_rise"] <= 0.15
    assert noticed["from_rate"] == 0.05
    assert [row["total"] for row in noticed["curve"]] == sorted(row["total"] for row in noticed["curve"])
    with pytest.raises(InputError, match="one of them"):
        Ask(rate=0.1, number=5)
    for wrong in ({"rate": 0.0}, {"number": 0}, {"power": 1.0}):
        with pytest.raises(InputError):
            Ask(**wrong)
    with pytest.raises(InputError, match="more than there are"):
        sample.draw(ws, "pets", Ask(number=10_000))
    assert draws(ws.store, "pets") == []


def test_the_least_number_counts_within_the_window(ws: Workspace, tmp_path: Path) -> None:
    of_sampling(ws, normal=0.02, by_risk=0.0, min_per_annotator=8, route_below=0.0)
    first = sample.draw(ws, "pets")
    assert first.answers.groupby("annotator").size().to_dict() == dict.fromkeys(PEOPLE, 8)
    rows_of(range(200, 300)).to_csv(tmp_path / "more.csv", index=False)
    ingest(ws, "pets", tmp_path / "more.csv")
    second = sample.draw(ws, "pets")
    assert second.answers.groupby("annotator").size().to_dict() == dict.fromkeys(PEOPLE, 2)
    assert not set(first.answers["annotation_id"]) & set(second.answers["annotation_id"])


def test_what_a_rule_names_goes_to_review_whole(ws: Workspace) -> None:
    """Cy differs from both others on every fourth item; there the answer of each differs from some other's."""
    of_sampling(ws, normal=0.02, by_risk=0.0, min_per_annotator=0, route_below=0.0, route=("low agreement",))
    drawn = sample.draw(ws, "pets").answers
    routed = drawn[drawn["pi"] == 1.0]
    assert {(row.item_id, row.annotator) for row in routed.itertuples()} == {
        (f"i{n}", who) for n in range(0, 200, 4) for who in PEOPLE
    }
    assert set(drawn.loc[drawn["pi"] < 1, "share"]) == {"random"}
    with pytest.raises(InputError, match="route knows low confidence, low agreement"):
        of_sampling(ws, route=("mood",))


def test_the_reasons_that_a_policy_can_name_are_those_of_the_draw() -> None:
    assert tuple(factor.name for factor in FACTORS) == RISKS


def test_a_second_person_is_asked_and_nobody_twice(ws: Workspace) -> None:
    of_sampling(ws, twice=1.0)
    drawn = sample.draw(ws, "pets").answers
    assert set(drawn["reviews_wanted"]) == {2}
    assert judge(ws, drawn.head(5), "rae").recorded == 5
    assert len(sample.queue(ws, "pets", "rae")) == len(drawn) - 5
    assert len(sample.queue(ws, "pets", "sam")) == len(drawn)
    again = judge(ws, drawn.head(5), "rae")
    assert (again.recorded, again.already, again.refused) == (0, 5, ())
    assert judge(ws, drawn.head(5), "sam").recorded == 5
    assert judge(ws, drawn.head(5), "tom").recorded == 0
    assert len(sample.queue(ws, "pets", "tom")) == len(drawn) - 5


def test_progress_by_share_and_by_annotator(ws: Workspace) -> None:
    of_sampling(ws, twice=1.0)
    drawn = sample.draw(ws, "pets").answers
    judge(ws, drawn.head(3), "rae")
    now = datetime.now(UTC)
    found = progress.progress(ws, "pets", now)
    counts = {name: found[name] for name in ("drawn", "judged", "waiting", "overdue", "second_waiting")}
    assert counts == {"drawn": len(drawn), "judged": 3, "waiting": len(drawn) - 3, "overdue": 0, "second_waiting": 3}
    for part in ("by_share", "by_annotator"):
        assert sum(row["drawn"] for row in found[part]) == len(drawn)
        assert sum(row["waiting"] for row in found[part]) == len(drawn) - 3
    assert progress.progress(ws, "pets", now + timedelta(days=8))["overdue"] == len(drawn) - 3
    (entry,) = progress.earlier_draws(ws, "pets", now)
    assert entry["random"] + entry["risk"] + entry["routed"] == entry["drawn"] == len(drawn)


def test_progress_of_nothing(ws: Workspace) -> None:
    found = progress.progress(ws, "pets", datetime.now(UTC))
    assert (found["drawn"], found["waiting_days"], found["by_share"]) == (0, None, [])
    assert progress.earlier_draws(ws, "pets", datetime.now(UTC)) == []


def test_the_command_designs_without_drawing_and_draws_as_asked(ws: Workspace, tmp_path: Path) -> None:
    base = ["sample", "--project", "pets", "--workspace", str(ws.root)]
    designed = CliRunner().invoke(main, [*base, "--design", "--notice", "0.05:0.15"])
    assert designed.exit_code == 0, designed.output
    assert "A rise from 5.0 % is noticed" in designed.output
    assert "ana: " in designed.output
    plan = json.loads(CliRunner().invoke(main, [*base, "--design", "--number", "80", "--json"]).output)
    assert plan["total"] == pytest.approx(80, abs=2)
    assert draws(ws.store, "pets") == []
    drawn = json.loads(CliRunner().invoke(main, [*base, "--number", "80", "--json"]).output)
    assert drawn["size"] == drawn["random"] + drawn["risk"] + drawn["routed"]
    assert len(draws(ws.store, "pets")) == 1
    for wrong in (["--notice", "4"], ["--notice", "a:b"], ["--rate", "0.1", "--number", "5"]):
        assert CliRunner().invoke(main, [*base, "--design", *wrong]).exit_code != 0


def test_a_design_of_nothing_is_a_sentence(ws: Workspace) -> None:
    sample.draw(ws, "pets")
    (told,) = sentences(sample.plan(ws, "pets"), "EUR")
    assert told == "Nothing to draw from 0 new answers."


def test_a_design_says_one_of_anything_in_the_singular_and_no_share_of_nought() -> None:
    plan = {
        **{"total": 1, "new_answers": 100, "by_lot": 1.0, "by_risk": 0.0, "routed": 0.0, "effective": 1.0},
        **{"half_width": 0.462, "at_rate": 0.06, "from_rate": 0.02, "detectable_rise": 0.8, "power": 0.8},
        **{"reviews": 1, "hours": 0.02, "money": 0.5, "rate": 0.0001, "lots": None, "number": 1},
    }
    said = " ".join(sentences(plan, "EUR"))
    assert "They tell as much as 1 answer of a plain lot." in said
    assert "Of level normal less than 0.1 % are checked." in said
