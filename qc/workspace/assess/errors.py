"""Section `errors`: one entry per source of judgement, never mixed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from qc.model import ErrorPolicy, Estimate, undefined
from qc.stats.corrected import NOT_IDENTIFIED, corrected_rate, over_a_range
from qc.stats.intervals import at_most
from qc.stats.ranking import ranks, sentence
from qc.stats.rates import ErrorRates, error_rates, rates_by, sources
from qc.workspace.assess import reviewers
from qc.workspace.assess.judged import judged
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.object_errors import object_entry, regions_questions
from qc.workspace.assess.plain import plain_object

ORDER: Final = ("adjudication", "gold", "review", "review, not drawn", "consensus")
KEYS: Final = ("annotator", "label", "site", "batch", "guideline", "day")
GOLD: Final = "gold"
JUDGED_BY_TRUTH: Final = "not judged by reviewers, so there is nobody to correct for"


def section(lens: Lens) -> list[dict[str, Any]]:
    """Rates by annotator, label, site, batch, guideline and day, weighted by inclusion probability.

    With them: what the reviewers' own errors make of the overall rate, who errs most and how sure that is, error
    types and confusion.
    """
    by = {key: sources(judged(lens, key)) for key in KEYS}
    marked = regions_questions(lens)
    confusion, types = lens.frame("confusion"), lens.frame("error_types")
    if marked and GOLD in by["annotator"]:
        confusion = confusion[(confusion["source"] != GOLD) | ~confusion["question"].isin(marked)]
        for key, parts in by.items():
            parts[GOLD] = _without(lens, key, marked)
    entries = [
        _entry(lens, source, {key: parts[source] for key, parts in by.items()}, confusion, types)
        for source in ORDER
        if len(by["annotator"].get(source, ()))
    ]
    drawn = object_entry(lens)
    return entries if drawn is None else [*entries, _of_objects(lens, *drawn)]


def _without(lens: Lens, key: str, marked: list[str]) -> pd.DataFrame:
    """`judged_counts` of gold by one key and annotator, of the questions whose answers are judged as a whole."""
    keys = dict.fromkeys((key, "annotator", "question"))
    frame = lens.frame("judged_counts", by=tuple(keys))
    return frame[(frame["source"] == GOLD) & ~frame["question"].isin(marked)]


def _of_objects(lens: Lens, found: ErrorRates, entry: dict[str, Any]) -> dict[str, Any]:
    return plain_object({**entry, **of_team(found, lens.policy.errors), **_corrected(lens, entry["source"], found)})


def _entry(
    lens: Lens, source: str, by: dict[str, pd.DataFrame], confusion: pd.DataFrame, types: pd.DataFrame
) -> dict[str, Any]:
    policy = lens.policy.errors
    found = error_rates(by["annotator"], policy)
    confused = _of(confusion, source).groupby(["truth", "given"], as_index=False)["n"].sum()
    by_type = _of(types, source).groupby("error_type")["n"].sum().sort_values(ascending=False, kind="stable")
    return plain_object(
        {
            "source": source,
            "unit": "answers",
            **of_team(found, policy),
            **_corrected(lens, source, found),
            **{f"by_{key}": rates_by(by[key], key) for key in ("label", "site", "batch", "guideline")},
            "by_type": [{"key": str(key), "n": int(n)} for key, n in by_type.items()],
            "confusion": confused.sort_values(["n", "truth", "given"], ascending=[False, True, True]).to_dict(
                "records"
            ),
            "by_day": [{"day": row.key, "n": row.n, "rate": row.rate} for row in rates_by(by["day"], "day")],
        }
    )


def of_team(found: ErrorRates, policy: ErrorPolicy) -> dict[str, Any]:
    """The overall rate with its verdict, everybody's with their ranks, and whether the highest may be chance."""
    places = ranks(found.posteriors, policy.certainty)
    rows = [
        {**plain_object(row), "p_top": float(p), "rank_low": int(low), "rank_high": int(high)}
        for row, p, low, high in zip(found.annotators, places.p_top, places.low, places.high, strict=True)
    ]
    told = ("annotator", "shrunk", "p_top", "rank_low", "rank_high")
    p_above, verdict = found.standing(policy)
    return {
        "overall": found.overall,
        "at_most": _at_most(found, policy.certainty),
        "p_above_target": p_above,
        "verdict": verdict,
        "by_annotator": rows,
        "top": [{name: rows[place][name] for name in told} for place in places.first.tolist()],
        "ranking": sentence(places, found.team.distinct, policy.certainty),
    }


def _at_most(found: ErrorRates, level: float) -> Estimate:
    overall = found.overall
    if overall.value is None:
        return overall
    if not np.isfinite(found.worth):
        return Estimate(overall.value, 0.0, overall.value, overall.n, overall.unit, overall.method)
    limit = at_most(overall.value * found.worth, found.worth, level, overall.unit)
    method = limit.method if found.worth == overall.n else f"{limit.method}, at the effective n"
    return Estimate(limit.value, 0.0, limit.value, overall.n, overall.unit, method, overall.warning)


def _corrected(lens: Lens, source: str, found: ErrorRates) -> dict[str, Any]:
    """The rate of true errors behind what reviewers report; over a range where nobody knows how well they see."""
    overall = found.overall
    if not source.startswith("review"):
        none = undefined(JUDGED_BY_TRUTH, overall.n, overall.unit)
        return {"corrected": none, "corrected_by": None, "corrected_range": []}
    known = reviewers.accuracy(lens, source)
    told, seen = known if known is not None else ("", None)
    corrected = corrected_rate(overall, found.worth, seen, told)
    by = seen and {"source": told, "n": seen.n, "sensitivity": seen.sensitivity, "specificity": seen.specificity}
    unknown = corrected.reason == NOT_IDENTIFIED
    return {
        "corrected": corrected,
        "corrected_by": by,
        "corrected_range": over_a_range(overall) if unknown else [],
    }


def _of(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """The rows of a source; drawn and other reviews share their confusions and error types."""
    return frame[frame["source"] == source.split(",")[0]]
