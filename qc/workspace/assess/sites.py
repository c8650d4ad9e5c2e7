"""Section `sites`: hubs and shifts side by side on error, agreement, speed, fatigue, hours covered and cost."""

from __future__ import annotations

from typing import Any, Final

from qc.model import Estimate, undefined
from qc.stats.comparison import cost_side, difference, error_side, estimate, median_side, standard
from qc.stats.comparison.holding import told
from qc.stats.multiple import holm
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.parts import Parts
from qc.workspace.assess.plain import plain_rows

KINDS: Final = ("site", "shift")
MOST: Final = 12
HOURS: Final = 24
# An hour of the day is covered in which people submitted on this share of the days worked.
OFTEN: Final = 0.2
NO_SLOPE: Final = "too little was judged here to see fatigue"
SHIFT_SLOPE: Final = "fatigue is told by site; how errors stand by the clock is on the page Fatigue"


def section(lens: Lens) -> list[dict[str, Any]]:
    """One row per site and per shift with any work, each beside all the others for the standard.

    The verdicts of one kind hold together (Holm).
    """
    return plain_rows([row for kind in KINDS for row in _rows(lens, kind)])


def _rows(lens: Lens, kind: str) -> list[dict[str, Any]]:
    parts = Parts(lens, kind)
    names = parts.names[:MOST]
    rows = [_row(parts, name) for name in names]
    for name in ("p", "p_worse"):
        tested = [row["standard"] for row in rows if row["standard"][name] is not None]
        for proof, value in zip(tested, holm([proof[name] for proof in tested]).tolist(), strict=True):
            proof[name] = value
    for row in rows:
        row["standard"]["verdict"] = told(row["standard"]["p"], row["standard"]["p_worse"])
    return sorted(rows, key=lambda row: str(row["key"]))


def _row(parts: Parts, name: Any) -> dict[str, Any]:
    own = parts.judged.row(name)
    here, others = error_side(own), error_side(parts.everything.less(own))
    gap, _ = difference(others, here)
    proof = standard(others, here, parts.lens.policy.compare.margin)
    pace = parts.pace(name)
    return {
        "by": parts.key,
        "key": str(name),
        "source": parts.source,
        "answers": parts.answers(name),
        "fewest_people": parts.at_work(name),
        "error": estimate(here),
        "beside_others": gap,
        "standard": {"margin": proof.margin, "p": proof.p, "p_worse": proof.p_worse, "at_most": proof.at_most},
        "agreement": parts.agreement(name),
        "seconds": estimate(median_side(pace)),
        "cost": estimate(cost_side(pace, parts.lens.policy.cost.annotator_wage)),
        "fatigue": _slope(parts, name),
        **_coverage(parts, name),
    }


def _slope(parts: Parts, name: Any) -> Estimate:
    """Points of error per hour of a site, of the source that the errors are from."""
    if parts.key != "site":
        return undefined(SHIFT_SLOPE, 0, "answers")
    for entry in parts.lens.section("fatigue"):
        if entry["source"].split(",")[0] == parts.source:
            for row in entry["by_site"]:
                if row["site"] == name:
                    return Estimate.from_json(row["error_per_hour"])
    return undefined(NO_SLOPE, 0, "answers")


def _coverage(parts: Parts, name: Any) -> dict[str, Any]:
    """On which share of its days something was submitted in each local hour, and how many hours that makes."""
    own = parts.named(parts.lens.frame("hours_parts", (parts.key,)))
    own = own[own[parts.key] == name]
    days = int(own["day"].nunique())
    if not days:
        return {"days": 0, "hours_covered": None, "by_hour": []}
    share = own.groupby("hour")["day"].nunique() / days
    return {
        "days": days,
        "hours_covered": int((share >= OFTEN).sum()),
        "by_hour": [{"hour": hour, "share": float(share.get(hour, 0.0))} for hour in range(HOURS)],
    }
