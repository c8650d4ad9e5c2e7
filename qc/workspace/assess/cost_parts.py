"""What section `cost` says of labels, sites, batches, months and severities, and of more labels in place of review."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from qc.cost import Cost, Evidence, Judged, Part, by_price, labels_or_review, part, prices
from qc.cost.parts import mean_price
from qc.model import undefined
from qc.stats.by_votes import majority_by_k
from qc.stats.hajek import groups
from qc.stats.rates import sources
from qc.stats.shrinkage import FALLBACK
from qc.workspace.assess.agreement import COMPARABLE
from qc.workspace.assess.judged import judged
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_rows

NOT_STATED: Final = "not stated"
KEYS: Final = ("label", "site", "batch", "month")
MOST_VOTES: Final = 21


def parts(lens: Lens, source: str | None, known: Evidence, found: Cost) -> dict[str, Any]:
    """source (what the error rate rests on, None where nothing was judged) and by_severity to by_votes, plain."""
    shares = by_price(
        _severities(lens), found.errors_escaped, lens.policy.cost.by_severity, lens.policy.cost.escaped_error
    )
    return {
        "source": source,
        "by_severity": plain_rows(shares),
        **{f"by_{key}": plain_rows(_by(lens, key, source, known, found)) for key in KEYS},
        "by_votes": plain_rows(_by_votes(lens, known)),
    }


def error_price(lens: Lens, source: str | None) -> float | None:
    """What an error costs on average, where severities or labels have prices of their own; else None."""
    policy = lens.policy.cost
    if not policy.by_severity and not policy.by_label:
        return None
    usual = _by_severity(lens)
    if not policy.by_label or source is None:
        return usual
    wrong = _judged(lens, "label", source).groupby("label")["errors"].sum()
    if not wrong.sum():
        return usual
    each = np.array([policy.by_label.get(str(label), usual) for label in wrong.index])
    return float(each @ wrong.to_numpy(float) / float(wrong.sum()))


def _by_severity(lens: Lens) -> float:
    """The mean over the severities of errors that reviewers found; the price for all where they found none."""
    policy = lens.policy.cost
    nobody = undefined("not needed")
    mean = mean_price(by_price(_severities(lens), nobody, policy.by_severity, policy.escaped_error))
    return policy.escaped_error if mean is None else mean


def _severities(lens: Lens) -> dict[str, int]:
    frame = lens.frame("error_types")
    rows = frame[frame["source"] == "review"]
    counts = rows.assign(severity=rows["severity"].fillna(NOT_STATED)).groupby("severity")["n"].sum()
    return {str(severity): int(n) for severity, n in counts.items()}


def _by(lens: Lens, key: str, source: str | None, known: Evidence, found: Cost) -> list[Part]:
    """One part for each value of a key; the largest first, months in their order."""
    answers = _answers(lens, key)
    reviewed = _judged(lens, key, "review").groupby(key)[["n", "errors"]].sum()
    rates = {} if source is None else {str(one.key): one for one in groups(_judged(lens, key, source), key, "answers")}
    eyes, policy = known.eyes(lens.policy.cost), lens.policy.cost
    each = prices(known, policy).review
    usual = _by_severity(lens) if key == "label" else found.escaped_price
    rows = []
    for name, size in answers.items():
        n, errors = (int(reviewed.at[name, column]) if name in reviewed.index else 0 for column in ("n", "errors"))
        if name in rates:
            rate = Judged(rates[name].rate, rates[name].worth, FALLBACK, known.judged.by_reviewers)
        else:
            rate = Judged(undefined("nothing was judged here", 0, "answers"), 0.0, FALLBACK, known.judged.by_reviewers)
        price = policy.by_label.get(str(name), usual) if key == "label" else usual
        rows.append(part(str(name), (max(int(size), n), n, errors), rate, eyes, price, each))
    return rows if key == "month" else sorted(rows, key=lambda row: (-row.answers, row.key))


def _judged(lens: Lens, key: str, source: str) -> pd.DataFrame:
    """The judged answers of a source by a key; of "review" those that nobody drew, too."""
    frame = judged(lens, "day" if key == "month" else key)
    if key == "month":
        frame = frame.assign(month=frame["day"].str[:7])
    frame = frame[frame[key].notna()]
    found = sources(frame)
    if source == "review":
        here = [rows for name, rows in found.items() if name.startswith("review")]
        return pd.concat(here) if here else frame.iloc[:0]
    return found.get(source, frame.iloc[:0])


def _answers(lens: Lens, key: str) -> pd.Series:
    """Answers by the values of a key, in their order; labels as they were given."""
    match key:
        case "month":
            frame = lens.frame("days")
            frame = frame.assign(month=frame["day"].str[:7])
        case "label":
            frame = lens.frame("labels")
        case _:
            frame = lens.frame("workload")
    return frame[frame[key].notna()].groupby(key)["answers"].sum()


def _by_votes(lens: Lens, known: Evidence) -> list[Any]:
    """More labels an item against review at the same price, on the question with most answers whose gold is known."""
    price = prices(known, lens.policy.cost)
    questions = lens.frame("questions")
    asked = questions[questions["kind"].isin(COMPARABLE)].sort_values("answers", ascending=False, kind="stable")
    for code in asked["code"]:
        answers, gold = (frame[frame["question"] == code] for frame in (lens.frame("codes"), lens.frame("gold")))
        curve = majority_by_k(*_counts(answers, gold))
        if len(curve) > 1:
            shown = [row for row in curve if row.labels % 2 or row.labels == len(curve)]
            return list(labels_or_review(_thinned(shown), _label_price(lens), price))
    return []


def _thinned(rows: list[Any]) -> list[Any]:
    """At most MOST_VOTES, evenly, with both ends."""
    keep = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_VOTES)).round().astype(int))
    return [rows[place] for place in keep]


def _counts(answers: pd.DataFrame, gold: pd.DataFrame) -> tuple[Any, Any]:
    """Labels given to each item with one known answer, and the column of that answer."""
    single = gold.drop_duplicates("item", keep=False)
    rows = answers[answers["item"].isin(single["item"])]
    labels = np.unique(np.r_[rows["code"].to_numpy(np.int64), single["code"].to_numpy(np.int64)])
    items = np.unique(rows["item"].to_numpy(np.int64))
    counts = np.zeros((len(items), len(labels)), np.int64)
    np.add.at(counts, (np.searchsorted(items, rows["item"]), np.searchsorted(labels, rows["code"])), 1)
    truth = single.set_index("item")["code"].reindex(items)
    return counts, np.searchsorted(labels, truth.to_numpy(np.int64))


def _label_price(lens: Lens) -> float:
    """What one answer of an annotator costs: the mean of their median times at the annotator's wage."""
    frame = lens.frame("durations")
    known = frame[frame["median_seconds"].notna()]
    if known.empty:
        return lens.policy.cost.review_minutes / 60 * lens.policy.cost.annotator_wage
    seconds = float((known["median_seconds"] * known["n"]).sum() / known["n"].sum())
    return seconds / 3600 * lens.policy.cost.annotator_wage
