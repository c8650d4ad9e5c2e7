"""Error rates as an assessment shows them: corrected for reviewers, ranked, by objects; of small facts (about 20 s)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from facts import Row, answer, at, busy, busy_record, draw, gold, opened, review

from qc.engine import RecordTables
from qc.measures import measure
from qc.measures.base import Base
from qc.model import EVERYTHING, Policy, Scope
from qc.stats import double_reviews
from qc.workspace import assess
from qc.workspace.assess import errors, reviewers
from qc.workspace.sight import team_only

SCHEMA = json.loads((Path(assess.__file__).parent.parent / "assessment.schema.json").read_text(encoding="utf-8"))


@dataclass
class Small:
    """A lens over small facts, and the snapshot behind it."""

    folder: Path
    facts: Any
    record: RecordTables | None = None
    scope: Scope = EVERYTHING
    policy: Policy = field(default_factory=Policy)
    agreement: tuple[dict[str, Any], ...] = ()

    @property
    def snapshot(self) -> Small:
        return self

    @cached_property
    def session(self) -> Any:
        return opened(self.folder, self.record, **self.facts)

    @cached_property
    def _base(self) -> Base:
        return Base(self.session, self.policy)

    def base(self, policy: Policy) -> Base:
        return self._base

    def rows(self, query: Any) -> pd.DataFrame:
        found: pd.DataFrame = self.session.run(query(self.session.facts))
        return found

    def frame(self, name: str, *args: Any, by: tuple[str, ...] = ()) -> pd.DataFrame:
        scope = args[0] if args and isinstance(args[0], Scope) else self.scope
        found: pd.DataFrame = self.session.run(measure(name)(self._base, scope, by))
        return found

    def section(self, name: str) -> Any:
        return list(self.agreement)


def valid(name: str, found: Any) -> Any:
    """A section that keeps to its part of the schema."""
    jsonschema.validate(found, SCHEMA["properties"][name] | {"$defs": SCHEMA["$defs"]})
    json.dumps(found, allow_nan=False)
    return found


def test_errors_keep_to_the_schema_whatever_is_judged(tmp_path: Path) -> None:
    facts = busy()
    lens = Small(tmp_path, facts, busy_record(facts))
    found = valid("errors", errors.section(lens))  # type: ignore[arg-type]
    assert {part["source"] for part in found} >= {"adjudication", "gold", "review", "review, not drawn"}
    assert [row["key"] for row in found[1]["by_guideline"]] == ["v1"]
    valid("reviewers", reviewers.section(lens))  # type: ignore[arg-type]
    valid("missed", reviewers.missed(lens))  # type: ignore[arg-type]


def reviewed(n: int, wrong: int, flagged: int, known: bool, false: int = 0) -> dict[str, list[Row]]:
    """n answers of which the first `wrong` are, `flagged` of these and `false` of the others rejected by rosa."""
    answers = [answer(f"i{k}", "ana" if k % 2 else "bo", "dog" if k < wrong else "cat") for k in range(n)]
    bad = [k < flagged or wrong <= k < wrong + false for k in range(n)]
    truths = [gold(f"i{k}", "cat", annotation_id=f"g{k}") for k in range(n)] if known else []
    reviews = [review(row, "reject" if flag else "accept") for row, flag in zip(answers, bad, strict=True)]
    return {"annotations": [*answers, *truths], "reviews": reviews}


def test_rates_are_corrected_by_what_gold_says_of_the_reviewers(tmp_path: Path) -> None:
    """By hand: 40 wrong of 200, 36 flagged and 8 right ones too: Se 0.9, Sp 0.95, and 44/200 reported are 40/200."""
    lens = Small(tmp_path, reviewed(200, 40, 36, True, 8))
    found = {part["source"]: part for part in errors.section(lens)}  # type: ignore[arg-type]
    part = found["review"]
    assert part["overall"]["value"] == pytest.approx(44 / 200)
    assert part["corrected"]["value"] == pytest.approx(40 / 200)
    assert part["corrected"]["low"] < 0.2 < part["corrected"]["high"]
    assert (part["corrected_by"]["source"], part["corrected_by"]["n"]) == ("gold", 200)
    assert part["corrected_range"] == []
    assert "not judged by reviewers" in found["gold"]["corrected"]["reason"]
    rows = valid("reviewers", reviewers.section(lens))  # type: ignore[arg-type]
    assert [(row["reviewer"], row["source"], row["sensitivity"]["value"]) for row in rows] == [("rosa", "gold", 0.9)]


def test_without_a_truth_the_rate_is_not_identified_and_shown_over_a_range(tmp_path: Path) -> None:
    lens = Small(tmp_path, reviewed(100, 20, 20, False))
    part = valid("errors", errors.section(lens))[0]  # type: ignore[arg-type]
    assert part["corrected"]["reason"].startswith("not identified")
    perfect = [row for row in part["corrected_range"] if row["sensitivity"] == row["specificity"] == 1]
    assert perfect[0]["rate"]["value"] == pytest.approx(0.2)
    assert len(part["corrected_range"]) == 9


def doubled(n: int = 400, seed: int = 5) -> tuple[dict[str, list[Row]], pd.DataFrame, list[Row]]:
    """n drawn answers, each judged by rosa and rolf; a tenth is wrong, Se 0.8 and 0.9, Sp 0.97 and 0.98."""
    rng = np.random.default_rng(seed)
    answers = [answer(f"i{k}", f"p{k % 4}", "dog" if k % 10 == 0 else "cat") for k in range(n)]
    wrong = np.arange(n) % 10 == 0
    verdicts = []
    for minute, (who, seen, passed) in enumerate((("rosa", 0.8, 0.97), ("rolf", 0.9, 0.98)), 1):
        flags = np.where(wrong, rng.random(n) < seen, rng.random(n) >= passed)
        verdicts += [
            review(row, "reject" if flag else "accept", reviewer=who, decided_at=at(minute))
            for row, flag in zip(answers, flags, strict=True)
        ]
    return {"annotations": answers}, pd.DataFrame(verdicts), answers


def settled(lens: Small, answers: list[Row]) -> RecordTables:
    """The record after a lead settled what is to be settled; cat is right everywhere."""
    frame = lens.frame("double_reviews")
    chosen = set(frame[double_reviews.to_settle(frame)]["item_id"])
    calls = [answer(what, "lead", "cat", annotation_id=f"s {what}") for what in sorted(chosen)]
    assert lens.record is not None
    return RecordTables(lens.record.verdicts, None, None, pd.DataFrame(calls))


def test_double_reviews_need_a_lead_and_then_tell_how_well_each_sees(tmp_path: Path) -> None:
    facts, verdicts, answers = doubled()
    before = Small(tmp_path, facts, RecordTables(verdicts))
    rows = valid("reviewers", reviewers.section(before))  # type: ignore[arg-type]
    assert {row["reviewer"]: row["sensitivity"]["value"] for row in rows} == {"rolf": None, "rosa": None}
    assert "two readers without a truth" in rows[0]["sensitivity"]["reason"]
    open_still = valid("missed", reviewers.missed(before))  # type: ignore[arg-type]
    assert "no lead has settled" in open_still[0]["unseen"]["reason"]

    after = Small(tmp_path, facts, settled(before, answers))
    rows = valid("reviewers", reviewers.section(after))  # type: ignore[arg-type]
    for row in rows:
        assert row["sensitivity"]["low"] < {"rosa": 0.8, "rolf": 0.9}[row["reviewer"]] < row["sensitivity"]["high"]
        assert row["specificity"]["low"] < 0.975 < row["specificity"]["high"] + 0.01
    known = reviewers.accuracy(after, "review")  # type: ignore[arg-type]
    assert known is not None
    assert known[0] == "double reviews"
    unseen = reviewers.missed(after)[0]  # type: ignore[arg-type]
    assert unseen["by"] == "two reviewers"
    assert unseen["found"] <= unseen["total"]["value"]


def test_drawn_answers_are_corrected_by_those_who_judged_them(tmp_path: Path) -> None:
    """rosa, who judged the draw, sees 9 of 10 wrong answers; rolf, of the export, sees none of his ten."""
    answers = [answer(f"i{k}", "ana", "dog" if k < 20 else "cat") for k in range(200)]
    truths = [gold(f"i{k}", "cat", annotation_id=f"g{k}") for k in range(200)]
    own, others = answers[::2], answers[1::2]
    verdicts = [review(row, "reject" if k < 9 else "accept", decided_at=at(9)) for k, row in enumerate(own)]
    draws = [draw(row, 0.5, stratum_size=200, stratum_drawn=100) for row in own]
    reviews = [review(row, "accept", reviewer="rolf") for row in others]
    record = RecordTables(pd.DataFrame(verdicts), pd.DataFrame(draws))
    lens = Small(tmp_path, {"annotations": [*answers, *truths], "reviews": reviews}, record)
    found = {part["source"]: part for part in errors.section(lens)}  # type: ignore[arg-type]
    assert found["review"]["corrected_by"]["sensitivity"]["value"] == 0.9
    assert found["review"]["corrected"]["value"] == pytest.approx(0.1)
    assert found["review, not drawn"]["corrected_by"]["sensitivity"]["value"] == 0
    assert "guess" in found["review, not drawn"]["corrected"]["reason"]


def test_agreements_that_were_settled_for_another_reason_do_not_count(tmp_path: Path) -> None:
    """A conflict settled outside of the random tenth would make reviewers look worse than they are."""
    facts, verdicts, _answers = doubled(200)
    lens = Small(tmp_path, facts, RecordTables(verdicts))
    frame = lens.frame("double_reviews")
    told = frame.assign(wrong=np.where(double_reviews.to_settle(frame), 0.0, 1.0))
    only = frame.assign(wrong=np.where(double_reviews.to_settle(frame), 0.0, np.nan))
    assert double_reviews.by_reviewer(told) == double_reviews.by_reviewer(only)


def test_only_what_a_final_call_can_tell_waits_for_one(tmp_path: Path) -> None:
    """Of two disagreements one is about a drawn answer, which a label does not settle."""
    drawn = answer("i2", "ana", kind="boxes", question="objects")
    other = answer("i1", "ana", "cat")
    verdicts = [
        review(row, said, reviewer=who, decided_at=at(minute))
        for row in (drawn, other)
        for minute, (who, said) in enumerate((("rosa", "accept"), ("rolf", "reject")))
    ]
    frame = Small(tmp_path, {"annotations": [drawn, other]}, RecordTables(pd.DataFrame(verdicts))).frame(
        "double_reviews"
    )
    assert dict(zip(frame["item_id"], double_reviews.to_settle(frame).tolist(), strict=True)) == {
        "i1": True,
        "i2": False,
    }
    assert double_reviews.unsettled(frame) == 1


def test_the_tenth_of_agreements_is_a_tenth_and_stays_the_same() -> None:
    """Of 5,000 agreements 500 are expected, standard deviation 21."""
    names = [f"a{k}" for k in range(5000)]
    frame = pd.DataFrame({"annotation_id": names, "question": "label", "first_flagged": 0, "second_flagged": 0})
    frame = frame.assign(comparable=1)
    chosen = double_reviews.to_settle(frame)
    assert abs(int(chosen.sum()) - 500) < 64
    assert (double_reviews.to_settle(frame[::-1])[::-1] == chosen).all()
    assert double_reviews.to_settle(frame.assign(second_flagged=1)).all()
    assert not double_reviews.to_settle(frame.assign(second_flagged=1, comparable=0)).any()


def test_a_draw_that_is_half_judged_stands_for_all_that_it_offered(tmp_path: Path) -> None:
    """Two strata of a risk share with pi 0.5, of which 2 of 2 and 1 of 4 offered answers are judged.

    By hand: weights 2·1 and 2·4, so 1 error of the first and 0 of the second make 2 of 4 + 8 answers.
    """
    answers = [answer(f"i{k}", "ana", "cat") for k in range(6)]
    risk: dict[str, Any] = {"share": "risk", "stratum_size": 100, "stratum_drawn": 3}
    draws = [draw(row, 0.5, stratum="a" if k < 2 else "b", **risk) for k, row in enumerate(answers)]
    verdicts = [
        review(answers[k], "reject" if k == 0 else "accept", decided_at=at(5), review_id=f"v{k}") for k in range(3)
    ]
    record = RecordTables(pd.DataFrame(verdicts), pd.DataFrame(draws))
    found = errors.section(Small(tmp_path, {"annotations": answers}, record))  # type: ignore[arg-type]
    assert found[0]["overall"]["value"] == pytest.approx(2 / 12)


def test_who_may_see_teams_only_sees_no_reviewers_and_no_ranks(tmp_path: Path) -> None:
    lens = Small(tmp_path, reviewed(60, 10, 9, True))
    found = {"errors": errors.section(lens), "reviewers": reviewers.section(lens)}  # type: ignore[arg-type]
    shown = team_only(found)
    assert shown["reviewers"] == []
    assert shown["errors"][0]["top"] == []
    assert not any(name in json.dumps(shown) for name in ('"ana"', '"bo"', "rosa"))


def test_a_ranking_says_that_it_may_be_chance(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    answers = [answer(f"i{k}", f"p{k % 8}", "dog" if rng.random() < 0.05 else "cat") for k in range(400)]
    truths = [gold(row["item_id"], "cat", annotation_id=f"g{row['item_id']}") for row in answers]
    part = valid("errors", errors.section(Small(tmp_path, {"annotations": [*answers, *truths]})))[0]  # type: ignore[arg-type]
    assert "may be chance" in part["ranking"]
    assert len(part["top"]) == 3
    assert sum(row["p_top"] for row in part["by_annotator"]) == pytest.approx(3)
    assert part["at_most"]["value"] > part["overall"]["value"]
    assert all(row["rank_low"] <= row["rank_high"] for row in part["by_annotator"])
