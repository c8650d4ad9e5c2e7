"""Sections `rules` and `format_errors`: answers that break the project's rules, all of which are checked."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from qc.model import Estimate, undefined
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_rows

SOURCE: Final = "rules"
ERROR_TYPE: Final = "format"
EVERY_ANSWER: Final = "every answer checked: no sampling error"
NOTHING_TO_ESTIMATE: Final = "every answer was checked, so there is nothing to estimate"
NOT_CHECKED: Final = "no answer that a rule speaks of"
# The target is a rate that reviewers report; what a machine finds is not held against it.
NOT_COMPARED: Final = "not compared"
_COUNTS: Final = ["n", "violations", "standing"]


def section(lens: Lens) -> list[dict[str, Any]]:
    """Each rule, how many answers were checked, broke it when first submitted, and break it now."""
    if not lens.policy.validation:
        return []
    counts = lens.frame("violations").groupby("rule")[_COUNTS].sum()
    return plain_rows(
        [
            {
                "name": rule.name,
                "kind": rule.kind,
                "question": rule.question,
                "sentence": rule.sentence,
                **(counts.loc[rule.name].to_dict() if rule.name in counts.index else dict.fromkeys(_COUNTS, 0)),
            }
            for rule in lens.policy.validation
        ]
    )


def census(lens: Lens) -> list[dict[str, Any]]:
    """The entry of `errors` for the source `rules`, in the form of the others; none without rules.

    An answer that breaks several rules counts once, and once for each of them in `by_type`.
    """
    if not lens.policy.validation:
        return []
    counts = lens.frame("violating", by=("batch", "day", "site"))
    types = lens.frame("violations").groupby("rule", as_index=False)["violations"].sum()
    types = types[types["violations"] > 0].sort_values(["violations", "rule"], ascending=[False, True])
    none = undefined(NOTHING_TO_ESTIMATE, unit="answers", method=EVERY_ANSWER)
    entry = {
        "source": SOURCE,
        "unit": "answers",
        "overall": exact(int(counts["violations"].sum()), int(counts["n"].sum())),
        "at_most": none,
        "p_above_target": None,
        "verdict": NOT_COMPARED,
        "top": [],
        "ranking": None,
        "corrected": none,
        "corrected_by": None,
        "corrected_range": [],
        "by_annotator": [
            {
                "annotator": row["key"],
                "n": row["n"],
                "errors": row["errors"],
                "rate": row["rate"],
                "shrunk": none,
                "p_above_target": None,
                "verdict": NOT_COMPARED,
                "p_top": None,
                "rank_low": None,
                "rank_high": None,
            }
            for row in _by(counts, "annotator")
        ],
        "by_label": [],
        "by_type": [{"key": ERROR_TYPE, "rule": row.rule, "n": row.violations} for row in types.itertuples()],
        "by_site": _by(counts, "site"),
        "by_batch": _by(counts, "batch"),
        "by_guideline": [],
        "confusion": [],
        "by_day": [{"day": row["key"], "n": row["n"], "rate": row["rate"]} for row in _by(counts, "day")],
    }
    return plain_rows([entry])


def exact(errors: int, n: int) -> Estimate:
    """The rate of errors among answers all of which were checked; undefined where there were none.

    >>> print(exact(3, 400))
    0.0075 (0.0075–0.0075), 400 answers
    """
    if not n:
        return undefined(NOT_CHECKED, unit="answers", method=EVERY_ANSWER)
    return Estimate(errors / n, errors / n, errors / n, n, "answers", EVERY_ANSWER)


def _by(counts: pd.DataFrame, key: str) -> list[dict[str, Any]]:
    sums = counts[counts[key].notna()].groupby(key, as_index=False)[_COUNTS].sum()
    return [
        {"key": row[key], "n": row["n"], "errors": row["violations"], "rate": exact(row["violations"], row["n"])}
        for row in sums[sums["n"] > 0].to_dict("records")
    ]
