"""Section `consensus`: majority and Dawid–Skene, and which of the two gold favours."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.consensus import Accuracy, Consensus, Votes, cross_fitted_accuracy, dawid_skene, known
from qc.workspace.assess.agreement import COMPARABLE
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object

HARDEST: Final = 20
METHOD: Final = "Dawid–Skene with priors, gold clamped; accuracy cross-fitted in ten folds"
FOLD_SEED: Final = 20
EVEN: Final = "gold does not favour either"
NONE: Final = "nothing to agree on"


def section(lens: Lens) -> dict[str, Any]:
    """The consensus of each question; that of the question with most answers stands at the top."""
    questions = lens.frame("questions")
    asked = questions[questions["kind"].isin(COMPARABLE)].sort_values("answers", ascending=False, kind="stable")
    entries = [_entry(lens, str(row.question), int(row.code)) for row in asked.itertuples()]
    top = entries[0] if entries else {"question": None, **_without(NONE)}
    return plain_object({**top, "questions": entries})


def fitted(lens: Lens, code: int) -> tuple[Votes, Any, Any, Consensus] | None:
    """The votes on one question, the items and labels behind their codes, and the fit; None without an answer."""
    seen = _seen(lens, code)
    if seen is None:
        return None
    votes, items, labels, accepted = seen
    return votes, items, labels, dawid_skene(votes, accepted)


def _entry(lens: Lens, question: str, code: int) -> dict[str, Any]:
    seen = _seen(lens, code)
    if seen is None:
        return {"question": question, **_without("nobody answered within this scope")}
    votes, items, _, accepted = seen
    # Gold leaves no doubt about its items; how hard they are is seen by a fit that does not know it.
    uncertainty = np.abs(dawid_skene(votes).entropy)
    accuracy = cross_fitted_accuracy(votes, accepted, np.random.default_rng(FOLD_SEED))
    hardest = np.lexsort((items, -uncertainty))[:HARDEST]
    names = lens.frame("item_names").set_index("item")["item_id"]
    return {
        "question": question,
        "method": METHOD,
        "items": votes.n_items,
        "accuracy_vs_gold": {"majority": accuracy.majority, "dawid_skene": accuracy.dawid_skene},
        "favoured": _favoured(accuracy),
        "hardest": [
            {"item_id": str(names[items[place]]), "entropy": round(float(uncertainty[place]), 6)} for place in hardest
        ],
    }


def _seen(lens: Lens, code: int) -> tuple[Votes, Any, Any, Any] | None:
    """The votes on one question, the items and labels behind their codes, and the labels each item may have."""
    answers, gold = (frame[frame["question"] == code] for frame in (lens.frame("current_codes"), lens.frame("gold")))
    if answers.empty:
        return None
    votes, items, labels = _votes(answers, gold)
    return votes, items, labels, _accepted(gold, items, labels)


def _votes(answers: pd.DataFrame, gold: pd.DataFrame) -> tuple[Votes, Any, Any]:
    """The answers with codes from 0, and what these stand for; gold may know labels that nobody gave."""
    items, item = _occurring(answers["item"].to_numpy())
    people, annotator = _occurring(answers["annotator"].to_numpy())
    codes = answers["code"].to_numpy(np.int64)
    labels = np.unique(np.concatenate([codes, gold["code"].to_numpy(np.int64)]))
    return (
        Votes(item, annotator, np.searchsorted(labels, codes), len(items), len(people), len(labels)),
        items,
        labels,
    )


def _occurring(codes: Any) -> tuple[Any, Any]:
    """The codes that occur, in order, and the place of each code among them; codes begin at 0, so nothing is sorted."""
    occurs = np.bincount(codes) > 0
    return np.flatnonzero(occurs), (occurs.cumsum() - 1)[codes]


def _accepted(gold: pd.DataFrame, items: Any, labels: Any) -> Any:
    """The labels that each item may have: all where gold is unknown."""
    here = gold[gold["item"].isin(items)]
    at = np.searchsorted(items, here["item"].to_numpy(np.int64))
    accepted = known(np.full(len(items), -1), len(labels))
    accepted[at] = False
    accepted[at, np.searchsorted(labels, here["code"].to_numpy(np.int64))] = True
    return accepted


def _favoured(accuracy: Accuracy) -> str | None:
    """Which of the two gold favours; only what both intervals allow is said."""
    majority, fitted = accuracy.majority, accuracy.dawid_skene
    if majority.value is None or fitted.value is None:
        return None
    if _apart(fitted, majority):
        return "gold favours Dawid–Skene"
    if _apart(majority, fitted):
        return "gold favours the majority"
    better = "Dawid–Skene" if fitted.value > majority.value else "the majority"
    return f"{EVEN} clearly" if fitted.value == majority.value else f"gold leans to {better}, within the noise"


def _apart(better: Estimate, other: Estimate) -> bool:
    return better.low is not None and other.value is not None and better.low > other.value


def _without(reason: str) -> dict[str, Any]:
    nothing = undefined(reason, unit="gold items")
    return {
        "method": METHOD,
        "items": 0,
        "accuracy_vs_gold": {"majority": nothing, "dawid_skene": nothing},
        "favoured": None,
        "hardest": [],
    }
