"""Sections `reviewers` and `missed`: how well those who judge see, and what nobody found."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from qc.model import Scope, undefined
from qc.stats import double_reviews
from qc.stats.capture import METHOD, Capture
from qc.stats.reviewers import DOUBLE, GOLD, Accuracy, on_gold
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object, plain_rows

BY_ANNOTATORS: Final = "two annotators"
BY_REVIEWERS: Final = "two reviewers"
STILL_OPEN: Final = "on {:,} answers two reviewers differ and no lead has settled who is right"


def section(lens: Lens) -> list[dict[str, Any]]:
    """One row per reviewer and source of truth: n reviews whose truth is known, sensitivity E, specificity E."""
    gold = {str(name): _on_gold(rows) for name, rows in lens.frame("reviewed_gold").groupby("reviewer", sort=True)}
    found = [(GOLD, gold), (DOUBLE, double_reviews.by_reviewer(lens.frame("double_reviews")))]
    return plain_rows(
        [
            {
                "reviewer": name,
                "source": source,
                "n": each.n,
                "sensitivity": each.sensitivity,
                "specificity": each.specificity,
            }
            for source, reviewers in found
            for name, each in reviewers.items()
        ]
    )


def missed(lens: Lens) -> list[dict[str, Any]]:
    """What neither of two found, as a lower bound: objects that two annotators drew, errors that two reviewers saw."""
    drawn = [
        {"question": part["question"], "by": BY_ANNOTATORS, **part["missed"]}
        for part in lens.section("agreement")
        if part.get("missed") is not None
    ]
    double = lens.frame("double_reviews")
    if not len(double):
        return drawn
    if still := double_reviews.unsettled(double):
        none = undefined(STILL_OPEN.format(still), still, "wrong answers", METHOD)
        seen = Capture(still, none, none, none)
    else:
        seen = double_reviews.overlooked(double)
    return [*drawn, {"question": None, "by": BY_REVIEWERS, **plain_object(seen)}]


def accuracy(lens: Lens, source: str) -> tuple[str, Accuracy] | None:
    """How well a review by those who judged sees, by the source that tells more, and its name.

    source: that of the error rates; where some answers were drawn, "review" are those and "review, not drawn" others.
    None where nothing tells both rates. Of all times and people, since reviewers are the same in every scope, but of
    the question that the scope names.
    """
    scope = Scope(question=lens.scope.question)

    def frame(measure: str) -> pd.DataFrame:
        return lens.snapshot.frame(measure, scope, lens.policy)

    work, gold, double = frame("reviewers_at_work"), frame("reviewed_gold"), frame("double_reviews")
    of_drawn = source == "review" and work["drawn"].any()
    who = set(work.loc[work["drawn"] == int(of_drawn), "reviewer"])
    gold = gold[gold["reviewer"].isin(who)]
    found = [(GOLD, _on_gold(gold)), (DOUBLE, double_reviews.of_all(double, who))]
    known = [(name, each) for name, each in found if each.known]
    return max(known, key=lambda one: min(one[1].sensitivity_size, one[1].specificity_size), default=None)


def _on_gold(rows: pd.DataFrame) -> Accuracy:
    wrong, flagged = rows["wrong"] == 1, rows["flagged"] == 1
    counts = (wrong & flagged, wrong, ~wrong & ~flagged, ~wrong)
    return on_gold(*(int(rows.loc[which, "n"].sum()) for which in counts))
