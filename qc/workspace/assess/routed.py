"""Where people must look: thresholds of a model's confidence, and what each lets through."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from qc.model import Policy
from qc.stats.models.routing import (
    CUSTOMARY,
    NO_SCORES,
    NONE_MEETS,
    Ordered,
    Passed,
    at_least_cost,
    for_target,
    passed,
    upper,
)

GRID: Final = (*(n / 20 for n in range(20)), 0.98, 0.99)


def routing(judged: pd.DataFrame, policy: Policy) -> dict[str, Any]:
    """The threshold that meets the policy's target and the one of least cost, beside the customary 0.70.

    judged: score, right, weight of one model's answers. Without scores everything is None and the reason says so.
    """
    scored = judged[judged["score"].notna()]
    ordered = Ordered.of(scored["score"], 1 - scored["right"], scored["weight"])
    target = policy.errors.target
    if not len(scored):
        return {
            "n": 0,
            "target": target,
            "at_target": None,
            "customary": None,
            "in_force": None,
            "least_cost": None,
            "curve": [],
            "reason": NO_SCORES,
        }
    threshold = for_target(ordered, target)
    cost = policy.cost
    review = cost.review_minutes / 60 * cost.reviewer_wage
    return {
        "n": len(scored),
        "target": target,
        "at_target": None if threshold is None else _told(passed(ordered, threshold)),
        "customary": _told(passed(ordered, CUSTOMARY)),
        "in_force": _told(passed(ordered, policy.sampling.route_below)),
        "least_cost": _told(at_least_cost(ordered, review, cost.escaped_error, cost.sensitivity)[1]),
        "curve": [_told(passed(ordered, at)) for at in GRID],
        "reason": NONE_MEETS if threshold is None else None,
    }


def _told(found: Passed) -> dict[str, Any]:
    """at_most: the one-sided upper 95 % bound of the error that passes, at the effective n."""
    error = found.error
    return {
        "threshold": found.threshold,
        "passing": found.passing,
        "error": error,
        "at_most": None if error.value is None else upper(error.value, found.worth, 0.95),
    }
