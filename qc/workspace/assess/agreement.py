"""Section `agreement`: one entry per question that people can agree on."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from qc.model import Estimate
from qc.stats.agreement import Agreement, agreement
from qc.stats.kappa import mean_kappa, pair_kappas
from qc.stats.patterns import Patterns, patterns_from_frame
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object

# Regions and free text need a distance between answers, not equality.
COMPARABLE: Final = ("single", "multi", "ordinal", "number", "pairwise", "ranking", "taxonomy", "none")
MOST_PERIODS: Final = 60
# Raw agreement this far above alpha calls for a word on chance.
PARTED: Final = 0.3


def section(lens: Lens) -> list[dict[str, Any]]:
    """Coefficients with both intervals, by label, by pair, and over time."""
    questions = lens.frame("questions")
    by_period, labels, pairs = lens.frame("label_votes", by=("period",)), lens.frame("labels"), lens.frame("pair_votes")
    entries = []
    for row in questions.itertuples():
        if row.kind not in COMPARABLE:
            continue
        of_question = labels[labels["question"] == row.question]
        entry = _entry(
            lens,
            row.question,
            row.kind,
            of_question,
            pairs[pairs["question"] == row.question],
            by_period[by_period["question"] == row.question],
        )
        entries.append(entry)
    return entries


def level_of(lens: Lens, question: str, kind: str) -> str:
    """How labels are measured: the policy's word, else the kind's."""
    if question in lens.policy.agreement.interval or kind == "number":
        return "interval"
    if question in lens.policy.agreement.ordinal or kind == "ordinal":
        return "ordinal"
    return "nominal"


def scale_of(lens: Lens, question: str, level: str, labels: pd.DataFrame) -> list[float] | None:
    """The place of each label code on its scale, or None where only equality counts.

    Numbers are their own place; other ordinal labels take the order that the policy declares, else that of the text.
    """
    if level == "nominal" or not len(labels):
        return None
    texts = dict(zip(labels["code"], labels["label"].astype(str), strict=True))
    numbers = pd.to_numeric(pd.Series(texts), errors="coerce")
    if numbers.notna().all():
        places = numbers.to_dict()
    else:
        declared = lens.policy.agreement.labels.get(question, ())
        order = {
            text: float(place) for place, text in enumerate([*declared, *sorted(set(texts.values()) - {*declared})])
        }
        places = {code: order[text] for code, text in texts.items()}
    return [float(places.get(code, 0.0)) for code in range(max(texts) + 1)]


def _entry(
    lens: Lens,
    question: str,
    kind: str,
    labels: pd.DataFrame,
    pairs: pd.DataFrame,
    by_period: pd.DataFrame,
) -> dict[str, Any]:
    level = level_of(lens, question, kind)
    scale = scale_of(lens, question, level, labels)
    declared = len(lens.policy.agreement.labels.get(question, ())) or None
    patterns = patterns_from_frame(_together(by_period), scale)
    found = agreement(patterns, level, declared)
    names = dict(zip(labels["code"], labels["label"].astype(str), strict=True))
    kappas = pair_kappas(pairs)
    return plain_object(
        {
            "question": question,
            "kind": kind,
            "level": level,
            "percent": found.percent,
            "alpha": found.alpha,
            "alpha_items": found.alpha_items,
            "fleiss": found.fleiss,
            "ac1": found.ac1,
            "brennan_prediger": found.brennan_prediger,
            "cohen_mean": mean_kappa(pairs),
            "items_used": found.items_used,
            "items_dropped": found.items_dropped,
            "sentence": _prevalence_guard(found),
            "by_label": [{**plain_object(row), "label": names[row.label]} for row in found.by_label],
            "pairs": kappas,
            "influence": found.influence,
            "items_by_agreement": _items_by_agreement(patterns),
            "by_period": [
                {"period": period, "n": part.items_used, "alpha": part.alpha, "percent": part.percent}
                for period, part in _periods(by_period, level, scale, declared)
            ],
        }
    )


def _periods(by_period: pd.DataFrame, level: str, scale: list[float] | None, declared: int | None) -> list[Any]:
    """Agreement in each week, oldest first; the interval is that of these annotators."""
    weeks = sorted(by_period["period"].dropna().unique())[-MOST_PERIODS:]
    found = []
    for week in weeks:
        part = agreement(patterns_from_frame(by_period[by_period["period"] == week], scale), level, declared)
        found.append((week, part))
    return found


def before_and_after(lens: Lens, question: str, kind: str) -> tuple[Estimate, Estimate] | None:
    """Alpha of these annotators in all weeks before the last one and in the last; None with less than two weeks."""
    votes = lens.frame("label_votes", by=("period",))
    votes = votes[(votes["question"] == question) & votes["period"].notna()]
    if votes["period"].nunique() < 2:
        return None
    labels = lens.frame("labels")
    level = level_of(lens, question, kind)
    scale = scale_of(lens, question, level, labels[labels["question"] == question])
    last = votes["period"] == votes["period"].max()
    parts = (_together(votes[~last]), votes[last])
    before, after = (agreement(patterns_from_frame(part, scale), level) for part in parts)
    return before.alpha_items, after.alpha_items


def _together(by_period: pd.DataFrame) -> pd.DataFrame:
    """The votes on one question in all its periods; all answers to an item are of one period."""
    return by_period.groupby(["pattern", "annotator", "code"], as_index=False)["votes"].sum()


def _items_by_agreement(patterns: Patterns) -> list[dict[str, Any]]:
    """How many items share each degree of agreement: the share of agreeing pairs among their answers."""
    shared = patterns.pairable()
    size = shared.sizes
    agreeing = np.asarray((shared.counts.multiply(shared.counts)).sum(axis=1)).reshape(-1) - size
    share = np.round(agreeing / (size * (size - 1)), 3)
    degrees, place = np.unique(share, return_inverse=True)
    items = np.bincount(place, shared.items, len(degrees))
    return [{"agreement": float(degree), "items": int(count)} for degree, count in zip(degrees, items, strict=True)]


def _prevalence_guard(found: Agreement) -> str | None:
    """Why raw and chance-corrected agreement part, where they do."""
    raw, alpha = found.percent.value, found.alpha.value
    if raw is None or alpha is None or raw - alpha < PARTED or raw < 0.8:
        return None
    most = max(found.by_label, key=lambda row: row.n)
    total = sum(row.n for row in found.by_label)
    return (
        f"{raw:.0%} raw, alpha {alpha:.2f}: one label makes up {most.n / total:.0%} of the answers, so most agreement "
        "on it is to be expected by chance."
    )
