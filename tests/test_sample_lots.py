"""Batches as lots: each is drawn by the plan of its own size and level, and the next sample goes on from there (15 s).

Plans are those of MIL-STD-105E, inspection level II, AQL 2.5 %: code letter D (26 to 50) leads to C with n 5 and 0/1,
F (91 to 150) has n 20 and 1/2, G (151 to 280) n 32 and 2/3, H (281 to 500) n 50 and 3/4; reduced H has n 20.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from qc.model import SamplingPolicy
from qc.workspace import Workspace, levels, open_workspace, sample, verdict
from qc.workspace import policy as policies
from qc.workspace.designed import sentences
from qc.workspace.ingest import ingest
from qc.workspace.sample import Ask

SIZES = {"small": 40, "middle": 120, "large": 400}


def rows_of(sizes: Mapping[str, int], who: str = "ann", first: int = 0, site: str = "north") -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "item_id": f"{who}-{batch}-{n}",
                "annotator": who,
                "label": "cat" if n % 3 else "dog",
                "batch": batch,
                "site": site,
                "submitted_at": f"2026-03-02T{8 + n // 60:02d}:{n % 60:02d}:00Z",
            }
            for batch, size in sizes.items()
            for n in range(first, first + size)
        ]
    )


def read(ws: Workspace, folder: Path, rows: pd.DataFrame) -> None:
    name = folder / f"answers{len(list(folder.glob('*.csv')))}.csv"
    rows.to_csv(name, index=False)
    ingest(ws, "pets", name)


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(tmp_path / "ws")
    read(opened, tmp_path, rows_of(SIZES))
    of_levels(opened)
    yield opened
    opened.store.engine.dispose()


def of_levels(ws: Workspace, **settings: object) -> None:
    now = ws.policy("pets")
    plain = SamplingPolicy(min_per_annotator=0, by_risk=0.3, route_below=0.0, twice=0.0)
    wanted = replace(now.levels, policy="lots", lot="batch", **settings)
    policies.save(ws, "pets", replace(now, sampling=plain, levels=wanted), "lead", "a test")


def by_lot(drawn: sample.Draw, *keys: str) -> dict[object, int]:
    taken = drawn.answers
    return taken[taken["share"] == "random"].groupby(list(keys or ["batch"])).size().to_dict()


def test_each_batch_is_drawn_by_the_plan_of_its_size(ws: Workspace) -> None:
    plan = sample.plan(ws, "pets")
    assert plan["lots"] == {"lots": 3, "least": 5, "most": 50}
    assert "3 lots, 5 to 50 answers of each by lot" in sentences(plan, "EUR")[0]
    drawn = sample.draw(ws, "pets")
    assert by_lot(drawn) == {"small": 5, "middle": 20, "large": 50}
    rows = drawn.answers
    assert (rows["pi_random"] == rows["batch"].map({"small": 5 / 40, "middle": 20 / 120, "large": 50 / 400})).all()
    assert rows.groupby("batch")["stratum_size"].first().to_dict() == SIZES
    assert (rows["share"] == "risk").any()


def test_what_was_drawn_of_a_batch_counts_when_more_of_it_comes(ws: Workspace, tmp_path: Path) -> None:
    """The middle batch grows to 240, n 32, of which 20 were drawn; the large one to 480, where n stays 50."""
    sample.draw(ws, "pets")
    read(ws, tmp_path, rows_of({"middle": 120}, first=120))
    read(ws, tmp_path, rows_of({"large": 80}, first=400))
    assert by_lot(sample.draw(ws, "pets")) == {"middle": 12, "large": 1}


def test_a_level_draws_by_its_own_plan(ws: Workspace, tmp_path: Path) -> None:
    """Reduced: 20 of 400 and 2 of 40; everything once inspection is discontinued, and 50 of 400 of whoever is not."""
    read(ws, tmp_path, rows_of({"large": 400}, who="bo", site="south"))
    levels.override(ws, "pets", "ann", "reduced", "good work", "lead")
    assert by_lot(sample.draw(ws, "pets"), "annotator", "batch") == {
        ("ann", "small"): 2,
        ("ann", "middle"): 8,
        ("ann", "large"): 20,
        ("bo", "large"): 50,
    }
    levels.override(ws, "pets", "ann", "full", "five lots rejected", "lead")
    read(ws, tmp_path, rows_of({"large": 40, "next": 30}, first=400))
    assert by_lot(sample.draw(ws, "pets"), "annotator", "batch") == {("ann", "large"): 40, ("ann", "next"): 30}


def test_the_evidence_of_a_batch_is_complete_with_what_was_drawn(ws: Workspace) -> None:
    """Two of the three lots rejected tighten, and the sample of each is as large as its plan."""
    of_levels(ws)
    drawn = sample.draw(ws, "pets").answers
    drawn = drawn[drawn["share"] == "random"]
    wrong = drawn["batch"].isin(["small", "large"])
    given = [
        {"annotation_id": row.annotation_id, "question": row.question, "verdict": "reject" if bad else "accept"}
        | ({"error_type": "wrong label"} if bad else {})
        for row, bad in zip(drawn.itertuples(), wrong, strict=True)
    ]
    verdict.record(ws, "pets", given, "rev")
    from qc.workspace import assess

    (standing,) = assess.section(ws, "pets", "levels")
    assert standing["proposed"] == "tightened"
    assert "2 were rejected" in standing["reason"]


def test_sites_as_lots_get_their_whole_plan_too(ws: Workspace, tmp_path: Path) -> None:
    """Ten people with 40 answers each in one batch: 5 of each is the plan of a person, 50 of 400 that of their site."""
    of_levels(ws, subjects=("annotator", "site"))
    for person in range(10):
        read(ws, tmp_path, rows_of({"shared": 40}, who=f"p{person}", site="south"))
    drawn = sample.draw(ws, "pets").answers
    drawn = drawn[(drawn["share"] == "random") & (drawn["batch"] == "shared")]
    assert drawn.groupby("annotator").size().to_dict() == {f"p{person}": 5 for person in range(10)}


def test_a_rate_that_is_asked_for_takes_the_place_of_the_plans(ws: Workspace) -> None:
    drawn = sample.draw(ws, "pets", Ask(rate=0.5))
    assert by_lot(drawn) == {"small": 14, "middle": 42, "large": 140}


def test_a_number_keeps_the_plans_in_proportion(ws: Workspace) -> None:
    plan = sample.plan(ws, "pets", Ask(number=200))
    assert plan["total"] == pytest.approx(200, abs=3)
    drawn = by_lot(sample.draw(ws, "pets", Ask(number=200)))
    assert drawn["large"] / drawn["small"] == pytest.approx(10, rel=0.2)


def test_answers_without_a_batch_are_drawn_at_the_share_of_a_usual_lot(ws: Workspace, tmp_path: Path) -> None:
    """Lots of 500: 50 of them, a tenth."""
    read(ws, tmp_path, rows_of({"": 100}, who="cy").drop(columns="batch"))
    drawn = sample.draw(ws, "pets").answers
    assert len(drawn[(drawn["annotator"] == "cy") & (drawn["share"] == "random")]) == 10


def test_a_lead_is_told_that_batches_have_plans_of_their_own(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard import data, level_parts

    monkeypatch.setattr(data, "current_policy", lambda chosen: ws.policy("pets"))
    standing = {"level": "normal", "rate": 0.1, "proposed": None}
    said = level_parts._asked(None, standing)  # type: ignore[arg-type]
    assert said.startswith("Review is normal: each batch is drawn by its own plan, 10.0 % of one of 500 answers.")
