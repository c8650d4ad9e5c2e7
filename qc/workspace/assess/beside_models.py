"""People's answers beside the models', and beside their own of an earlier round."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd
from ibis import _

from qc.measures.people_and_models import DIVIDED
from qc.model import Estimate, Role, undefined
from qc.stats.disagreement import clustered_share
from qc.stats.intervals import wilson
from qc.stats.kappa import pair_kappas
from qc.workspace.assess.asked import Asked

UNKNOWN_WHO_SAW: Final = "the export does not say which answers started from a prediction"
ALL_SHOWN: Final = "every answer started from a prediction"
DIVIDED_ALL: Final = "people are divided on every item"
NOTHING_TWICE: Final = "nothing was answered twice"


def beside_models(asked: Asked) -> list[dict[str, Any]]:
    """One entry per model: how often people, who did not see a prediction, say what it says."""
    if not asked.any_of(lambda facts: facts.annotations.filter(_.role == Role.MODEL.value).select("role")):
        return []
    pairs = asked.of("model_pairs")
    majority = asked.of("model_majority")
    return [_model(str(model), rows, majority[majority["model"] == model]) for model, rows in pairs.groupby("model")]


def _model(model: str, pairs: pd.DataFrame, majority: pd.DataFrame) -> dict[str, Any]:
    unseen = pairs[pairs["items"] > 0].rename(columns={"code": "code_a", "predicted": "code_b"})
    united = majority[majority["code"] != DIVIDED].rename(columns={"code": "code_a", "predicted": "code_b"})
    together = pair_kappas(united.assign(a="people", b=model))
    shown = int(pairs["shown"].sum())
    why_none = undefined(DIVIDED_ALL if len(majority) else ALL_SHOWN, 0, "items")
    return {
        "model": model,
        "shown": shown,
        "divided": int(majority.loc[majority["code"] == DIVIDED, "items"].sum()),
        "answers": _noted(_answers(majority), shown),
        "majority": _noted(together[0].percent, shown) if together else why_none,
        "kappa": _noted(together[0].kappa, shown) if together else why_none,
        "by_annotator": [
            {"annotator": row.a, "n": row.n, "percent": row.percent, "kappa": row.kappa}
            for row in pair_kappas(unseen.assign(a=unseen["annotator"], b=model))
        ],
    }


def _answers(majority: pd.DataFrame) -> Estimate:
    sums = majority[["items", "answers", "same", "same_squares", "same_answers", "answers_squares"]].sum()
    squares = (float(sums["same_squares"]), float(sums["same_answers"]), float(sums["answers_squares"]))
    same, n, items = float(sums["same"]), float(sums["answers"]), int(sums["items"])
    return clustered_share(same, n, squares, items, "answers", "items", ALL_SHOWN)


def _noted(estimate: Estimate, shown: int) -> Estimate:
    """Without a single answer that started from a prediction, likely nobody wrote down which did."""
    if shown or estimate.value is None:
        return estimate
    return replace(estimate, warning="; ".join(filter(None, (estimate.warning, UNKNOWN_WHO_SAW))))


def beside_themselves(asked: Asked) -> dict[str, Any]:
    """How often people answer an item the same again: everybody's repeats together, and each one's."""
    rows = asked.of("repeats").sort_values("annotator", kind="stable")
    same, pairs = rows["same"].astype(float), rows["pairs"].astype(float)
    squares = (float((same**2).sum()), float((same * pairs).sum()), float((pairs**2).sum()))
    return {
        "overall": clustered_share(
            float(same.sum()), float(pairs.sum()), squares, len(rows), "repeats", "annotators", NOTHING_TWICE
        ),
        "by_annotator": [
            {"annotator": row.annotator, "n": int(row.pairs), "agreement": wilson(row.same, row.pairs, unit="repeats")}
            for row in rows.itertuples()
        ],
    }
