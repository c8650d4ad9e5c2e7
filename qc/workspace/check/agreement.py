"""Cases of the rules on agreement: between annotators from week to week, and between reviewers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from qc.alerts import Subject
from qc.alerts.finding import MOST_ITEMS
from qc.alerts.rules import AgreementCase, ReviewersCase
from qc.model import Decision, Estimate, undefined
from qc.stats.bursts import at_least
from qc.stats.intervals import wilson
from qc.stats.multiple import benjamini_hochberg
from qc.store.verdicts import verdicts
from qc.workspace.assess.lens import Lens
from qc.workspace.check.errors import TEAM

# Twice reviewed answers below which nobody is spoken of.
FEWEST_TWICE = 20


def agreement_cases(lens: Lens) -> Iterator[AgreementCase]:
    """One per question with two weeks, by the coefficient of the question, paired by item."""
    rows: list[dict[str, Any]] = lens.section("weekly_agreement")
    known = [row for row in rows if row["p"] is not None]
    q = dict(zip([row["question"] for row in known], benjamini_hochberg([row["p"] for row in known]), strict=True))
    for row in rows:
        rate = q.get(row["question"])
        change = Estimate.from_json(row["change"])
        yield AgreementCase(
            Subject("question", row["question"]),
            change,
            None if rate is None else float(rate),
            lens.policy.agreement.drop,
            tuple(row["weeks"]),
        )


def reviewer_cases(lens: Lens) -> Iterator[ReviewersCase]:
    """All reviewers together and each one, over answers that two of them judged."""
    pairs = _twice(verdicts(lens.ws.store, lens.project))
    limit = lens.policy.alerts.reviewers_differ
    yield _reviewers(TEAM, pairs.drop_duplicates("answer"), limit, _tail(pairs.drop_duplicates("answer"), limit))
    people = [(str(name), rows) for name, rows in pairs.groupby("reviewer", sort=True) if len(rows) >= FEWEST_TWICE]
    q = benjamini_hochberg([_tail(rows, limit) for _, rows in people])
    for (name, rows), rate in zip(people, q.tolist(), strict=True):
        yield _reviewers(Subject("reviewer", name), rows, limit, rate)


def _twice(judged: list[dict[str, Any]]) -> pd.DataFrame:
    """answer, reviewer, item_id, differs: a row for each reviewer of an answer that two or more judged as a whole."""
    columns = ["annotation_id", "question", "item_id", "reviewer", "verdict", "region_id"]
    rows = pd.DataFrame(judged, columns=columns)
    rows = rows[rows["region_id"].isna()].drop_duplicates(["annotation_id", "question", "reviewer"])
    rows = rows.assign(
        wrong=rows["verdict"] == Decision.REJECT.value, answer=rows["annotation_id"] + "\x00" + rows["question"]
    )
    of_answer = rows.groupby("answer")["wrong"]
    rows = rows.assign(n=of_answer.transform("size"), rejected=of_answer.transform("sum"))
    rows = rows[rows["n"] > 1]
    return rows.assign(differs=(rows["rejected"] > 0) & (rows["rejected"] < rows["n"]))


def _tail(rows: pd.DataFrame, limit: float) -> float:
    return float(at_least(rows["differs"].sum(), len(rows), limit)) if len(rows) else 1.0


def _reviewers(subject: Subject, rows: pd.DataFrame, limit: float, q: float) -> ReviewersCase:
    if len(rows) < FEWEST_TWICE:
        return ReviewersCase(
            subject, undefined("too few answers were reviewed twice", len(rows), "answers"), None, limit
        )
    differs = rows["differs"].to_numpy(np.bool_)
    rate = wilson(int(differs.sum()), len(rows), unit="answers")
    return ReviewersCase(subject, rate, q, limit, tuple(rows["item_id"][differs].iloc[:MOST_ITEMS]))
