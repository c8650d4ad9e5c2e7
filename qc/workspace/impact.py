"""What review would cost at other prices, and which answers to review with the hours that there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from qc.access import allowed
from qc.cost import Evidence, cost, places, prices
from qc.model import EVERYTHING, CostPolicy, InputError, Scope
from qc.sampling import risks
from qc.workspace import lookup
from qc.workspace.assess import view
from qc.workspace.assess.cost import evidence
from qc.workspace.assess.cost_words import sentences
from qc.workspace.assess.judged import best_source
from qc.workspace.assess.plain import plain_object
from qc.workspace.opening import Workspace
from qc.workspace.sight import check_scope, with_shown_names

COLUMNS: Final = [
    *("annotation_id", "question", "item_id", "annotator", "label", "risk", "reasons", "p_error", "benefit"),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """Prices to suppose in place of those of the policy, where they are named, and two shares to compare."""

    reviewer_wage: float | None = None
    review_minutes: float | None = None
    escaped_error: float | None = None
    sensitivity: float | None = None
    specificity: float | None = None
    hours_a_week: float | None = None
    share: float = 0.06
    random: float = 0.10

    def __post_init__(self) -> None:
        if not (0 <= self.share <= 1 and 0 <= self.random <= 1):
            raise InputError("The shares to compare must lie between 0 and 1.")


@allowed("team")
def known(ws: Workspace, project: str, scope: Scope = EVERYTHING) -> tuple[Evidence, CostPolicy]:
    """What is known of the work and its reviewers, and the prices of the project."""
    lens = view(ws, project, scope)
    check_scope(lens)
    return evidence(lens, best_source(lens)), lens.policy.cost


def supposed(found: Evidence, policy: CostPolicy, asked: Asked) -> dict[str, Any]:
    """Section `cost` without its parts by label, site and time, at the prices asked for.

    Minutes asked for stand in place of measured times, sensitivity and specificity in place of estimated ones, the
    price of an error in place of those by severity and label.
    """
    evidence_, prices_ = _supposed(found, policy, asked)
    section = plain_object(cost(evidence_, prices_, (asked.share, asked.random)))
    return {**section, "sentences": sentences(section)}


@allowed("answers")
def worklist(ws: Workspace, project: str, scope: Scope = EVERYTHING, asked: Asked | None = None) -> pd.DataFrame:
    """The answers that nobody drew or reviewed and that a week's hours go furthest on, by expected benefit.

    p_error: how likely each is wrong; benefit: money that its review saves on average. Only answers whose review pays;
    without enough judged answers to tell what is riskier there are none.
    """
    from qc.measures import measure

    lens = view(ws, project, scope)
    check_scope(lens)
    found, policy = _supposed(evidence(lens, best_source(lens)), lens.policy.cost, asked or Asked())
    if found.cells.reason is not None:
        return pd.DataFrame(columns=COLUMNS)
    told = measure("risk").make(lens.snapshot.base(lens.policy), scope, ())
    answers = lens.snapshot.rows(lambda facts: lookup.drawable(facts, [], told))
    risk = risks(answers)
    cell = places(risk["risk"], np.asarray(found.cells.limits))
    price = prices(found, policy)
    lot = found.cells.lot(found.work.answers, found.judged.reported(found.eyes(policy)), price)
    gain = (price.unreviewed(lot.rates) - price.reviewed(lot.rates)).mean(axis=0)
    rows = answers.assign(
        risk=risk["risk"].round(2), reasons=risk["reasons"], p_error=lot.rates.mean(axis=0)[cell], benefit=gain[cell]
    )
    rows = rows[rows["benefit"] > 0].sort_values(
        ["benefit", "risk", "annotation_id", "question"], ascending=[False, False, True, True], kind="stable"
    )
    seconds = found.work.seconds_per_review(policy)
    fits = int(policy.hours_a_week * 3600 / seconds) if seconds > 0 else len(rows)
    return with_shown_names(ws, project, rows[COLUMNS].head(fits).reset_index(drop=True), "annotator")


def _supposed(found: Evidence, policy: CostPolicy, asked: Asked) -> tuple[Evidence, CostPolicy]:
    names = ("reviewer_wage", "review_minutes", "escaped_error", "sensitivity", "specificity", "hours_a_week")
    wanted = {name: value for name in names if (value := getattr(asked, name)) is not None}
    if "review_minutes" in wanted:
        found = replace(found, work=replace(found.work, review_seconds=0.0, timed=0))
    if {"sensitivity", "specificity"} & wanted.keys():
        eyes = found.eyes(policy)
        seen = {"sensitivity": eyes.sensitivity, "specificity": eyes.specificity}
        found, wanted = replace(found, seen=None), {**seen, **wanted}
    if "escaped_error" in wanted:
        found = replace(found, error_price=None)
    return found, replace(policy, **wanted)
