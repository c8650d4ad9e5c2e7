"""At level full everything is queued, earlier work too where a lead asks; second reviewers' sheets (40 s)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from qc.access import AccessError, Actor, Grant
from qc.cli import main
from qc.model import InputError, NotFoundError, SamplingPolicy
from qc.store.samples import drawn_answers
from qc.store.verdicts import verdicts
from qc.workspace import Workspace, assess, levels, open_workspace, recheck, sample, verdict
from qc.workspace import policy as policies
from qc.workspace.ingest import ingest


def rows_of(days: range, each: int = 20) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "item_id": f"{who}-{day}-{n}",
                "annotator": who,
                "label": "cat" if n % 3 else "dog",
                "submitted_at": f"2026-03-{day:02d}T09:{n:02d}:00Z",
            }
            for who in ("ann", "bo")
            for day in days
            for n in range(each)
        ]
    )


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """Ten days of twenty answers by each of two people, of which a fifth was drawn by lot alone."""
    rows_of(range(1, 11)).to_csv(tmp_path / "answers.csv", index=False)
    opened = open_workspace(tmp_path / "ws")
    ingest(opened, "pets", tmp_path / "answers.csv")
    plain = SamplingPolicy(normal=0.2, by_risk=0.0, min_per_annotator=0, route_below=0.0, twice=0.0)
    policies.save(opened, "pets", replace(opened.policy("pets"), sampling=plain), "lead", "a test")
    sample.draw(opened, "pets", seed=4)
    yield opened
    opened.store.engine.dispose()


def judge(ws: Workspace, wrong_from: str = "99") -> None:
    """Every drawn answer: Ann's are wrong from a day on, all others right."""
    given = []
    for row in drawn_answers(ws.store, "pets"):
        who, day, _ = row["item_id"].split("-")
        bad = who == "ann" and day.zfill(2) >= wrong_from
        given.append(
            {"annotation_id": row["annotation_id"], "question": row["question"]}
            | ({"verdict": "reject", "error_type": "wrong label"} if bad else {"verdict": "accept"})
        )
    verdict.record(ws, "pets", given, "rev")


def rate_of(ws: Workspace, who: str = "") -> float:
    (part,) = assess.section(ws, "pets", "errors")
    if not who:
        return part["overall"]["value"]
    return next(row["rate"]["value"] for row in part["by_annotator"] if row["annotator"] == who)


def test_at_level_full_every_new_answer_is_queued(ws: Workspace, tmp_path: Path) -> None:
    levels.override(ws, "pets", "ann", "full", "she asked for it", "lead")
    rows_of(range(11, 13)).to_csv(tmp_path / "more.csv", index=False)
    ingest(ws, "pets", tmp_path / "more.csv")
    drawn = sample.draw(ws, "pets").answers
    assert drawn.groupby("annotator").size().to_dict() == {"ann": 40, "bo": 8}
    assert set(drawn.loc[drawn["annotator"] == "ann", "share"]) == {"random"}


def test_with_earlier_work_all_that_nobody_judged_is_queued(ws: Workspace) -> None:
    judge(ws)
    levels.override(ws, "pets", "ann", "full", "she asked for it", "lead")
    assert recheck.waiting(ws, "pets", "ann") == 160
    drawn = recheck.draw_again(ws, "pets", "ann")
    assert drawn.size == len(sample.queue(ws, "pets")) == 160
    assert set(sample.queue(ws, "pets")["annotator"]) == {"ann"}
    assert len(sample.sheet(ws, "pets", drawn.id)) == 160
    with pytest.raises(InputError, match="Nothing of ann is left"):
        recheck.draw_again(ws, "pets", "ann")
    assert sample.draw(ws, "pets").id is None


def test_what_is_new_is_left_to_the_next_sample(ws: Workspace, tmp_path: Path) -> None:
    rows_of(range(11, 12)).to_csv(tmp_path / "more.csv", index=False)
    ingest(ws, "pets", tmp_path / "more.csv")
    taken = sum(row["item_id"].startswith("ann-10-") for row in drawn_answers(ws.store, "pets"))
    assert recheck.draw_again(ws, "pets", "ann", date(2026, 3, 10)).size == 20 - taken
    assert sample.draw(ws, "pets").answers.groupby("annotator").size().to_dict() == {"ann": 4, "bo": 4}


def test_rates_stay_true_where_earlier_work_was_taken_whole(ws: Workspace) -> None:
    """Ann is wrong on the last three of ten days: 30 % of her work and 15 % of all, whoever was drawn.

    Taken whole, the 60 answers of those days stand for themselves, each once; a drawn one of the others for five.
    """
    judge(ws, wrong_from="08")
    before = rate_of(ws, "ann")
    drawn = recheck.draw_again(ws, "pets", "ann", date(2026, 3, 8)).answers
    assert drawn["submitted_at"].min() >= pd.Timestamp("2026-03-08", tz="UTC")
    given = [{"annotation_id": row.annotation_id, "question": row.question} for row in drawn.itertuples()]
    verdict.record(ws, "pets", [{**row, "verdict": "reject", "error_type": "wrong label"} for row in given], "rev")
    assert len(verdicts(ws.store, "pets")) == 80 + len(drawn)
    earlier = 40 - (60 - len(drawn))
    assert rate_of(ws, "ann") == pytest.approx(60 / (60 + 5 * earlier))
    assert abs(rate_of(ws, "ann") - 0.3) <= abs(before - 0.3)
    assert rate_of(ws) == pytest.approx(60 / (60 + 5 * earlier + 200))


def test_the_drift_begins_with_the_first_answer_of_the_climb(ws: Workspace) -> None:
    """What was right was judged first, so the chart climbs from the first wrong answer on."""
    assert recheck.begins(ws, "pets", "ann") is None
    rows = [row for row in drawn_answers(ws.store, "pets") if row["item_id"].startswith("ann-")]
    late = {row["item_id"] for row in rows if int(row["item_id"].split("-")[1]) >= 8}
    for wrong in (False, True):
        given = [
            {"annotation_id": row["annotation_id"], "question": row["question"]}
            | ({"verdict": "reject", "error_type": "wrong label"} if wrong else {"verdict": "accept"})
            for row in rows
            if (row["item_id"] in late) is wrong
        ]
        verdict.record(ws, "pets", given, "rev")
    first = min(int(item.split("-")[1]) for item in late)
    assert recheck.begins(ws, "pets", "ann") == date(2026, 3, first)
    assert recheck.begins(ws, "pets", "bo") is None


def test_nobody_of_that_name(ws: Workspace) -> None:
    assert recheck.waiting(ws, "pets", "nobody") == 0
    with pytest.raises(NotFoundError, match="There is no annotator 'nobody'"):
        recheck.draw_again(ws, "pets", "nobody", date(2026, 3, 1))


def test_a_reviewer_who_sees_no_names_asks_for_nobody(ws: Workspace) -> None:
    rae = ws.acting_as(Actor("rae", frozenset({Grant(None, "reviewer")})))
    with pytest.raises(AccessError):
        recheck.draw_again(rae, "pets", "ann")


def test_a_second_reviewer_gets_a_sheet_and_gives_a_verdict_of_their_own(ws: Workspace, tmp_path: Path) -> None:
    """Both fill in sheets from the command line; the second one has none of what the first one wrote."""
    now = ws.policy("pets")
    policies.save(ws, "pets", replace(now, sampling=replace(now.sampling, twice=0.5)), "lead", "a test")
    rows_of(range(11, 15)).to_csv(tmp_path / "more.csv", index=False)
    ingest(ws, "pets", tmp_path / "more.csv")

    def qc(*words: str) -> str:
        result = CliRunner().invoke(main, [*words, "--project", "pets", "--workspace", str(tmp_path / "ws")])
        assert result.exit_code == 0, result.output
        return result.output

    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    said = qc("sample", "--out", str(first))
    draw_id = said.split()[1].rstrip(":")
    assert f"--of {draw_id} --second" in said
    filled = pd.read_csv(first, dtype=str, keep_default_na=False).assign(verdict="accept")
    filled.to_csv(first, index=False)
    qc("review", str(first), "--reviewer", "rae")
    qc("sample", "--of", draw_id, "--second", "--out", str(second))
    again = pd.read_csv(second, dtype=str, keep_default_na=False)
    twice = [row for row in drawn_answers(ws.store, "pets") if row["reviews_wanted"] == 2]
    assert again["annotation_id"].tolist() == [row["annotation_id"] for row in twice]
    assert 0 < len(again) < len(filled)
    assert set(again["verdict"]) == set(again["reviewer"]) == {""}
    again.assign(verdict="reject", error_type="wrong label").to_csv(second, index=False)
    assert f"{len(again)} verdicts" in qc("review", str(second), "--reviewer", "sam")
    by = pd.DataFrame(verdicts(ws.store, "pets")).groupby(["annotation_id", "question"])["reviewer"].agg(sorted)
    assert (by[by.str.len() == 2].map(tuple) == ("rae", "sam")).all()
    twice_judged = assess.view(ws, "pets").frame("double_reviews")
    assert len(twice_judged) == len(again)
    assert (twice_judged["first_flagged"] != twice_judged["second_flagged"]).all()


def test_sheets_that_cannot_be(ws: Workspace, tmp_path: Path) -> None:
    (entry,) = {row["draw_id"] for row in drawn_answers(ws.store, "pets")}
    with pytest.raises(NotFoundError, match="judged by two people"):
        sample.sheet(ws, "pets", entry, 2)
    where = ["--project", "pets", "--workspace", str(tmp_path / "ws")]
    for words, said in (
        (["--of", entry], "Say where the sheet shall go"),
        (["--second"], "goes with --of"),
        (["--since", "2026-03-01"], "goes with --again"),
        (["--again", "nobody"], "There is no annotator 'nobody' in this project."),
    ):
        result = CliRunner().invoke(main, ["sample", *words, *where])
        assert result.exit_code != 0
        assert said in result.output
