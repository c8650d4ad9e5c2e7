"""What an annotator sees of their own work: own figures beside the band of the team, and nobody else's."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from qc.access import allowed, local
from qc.model import Scope
from qc.workspace import browse
from qc.workspace.assess import through, view
from qc.workspace.assess.lens import Lens
from qc.workspace.opening import Workspace

# A band of fewer people would tell about each of them.
FEWEST_IN_BAND: Final = 5
MOST_EXAMPLES: Final = 50
TOO_LITTLE: Final = "too little data"
_SHOWN: Final = ("item_id", "question", "label", "truth", "source", "submitted_at", "text")


@allowed("own")
def own_work(ws: Workspace, project: str, annotator: str) -> dict[str, Any]:
    """n, median_seconds, self_agreement, active_hours, target, errors[], examples[]; n is 0 where there is no answer.

    errors, one per source of judgement, most judged first: source, unit, judged, enough (whether the policy's minimum
    was judged; without it no rate is shown), rate E, shrunk E, verdict, band (the middle half of the others' rates:
    low, high, people; None under five people), by_day[], confusion[]; examples: at most 50 answers judged wrong.
    """
    lens, own = view(ws, project), view(ws, project, Scope(annotators=(annotator,)))
    person = next((row for row in through(lens, "annotators") if row["annotator"] == annotator), None)
    if person is None:
        return {"n": 0, "errors": [], "examples": []}
    return {
        **{name: person[name] for name in ("n", "median_seconds", "self_agreement", "active_hours")},
        "target": lens.policy.errors.target,
        "errors": _errors(lens, own, annotator),
        "examples": _examples(ws, project, annotator),
    }


def _errors(lens: Lens, own: Lens, annotator: str) -> list[dict[str, Any]]:
    alone = {part["source"]: part for part in through(own, "errors")}
    found = []
    for part in through(lens, "errors"):
        row = next((row for row in part["by_annotator"] if row["annotator"] == annotator), None)
        if row is None or part["source"] not in alone:
            continue
        enough = row["verdict"] != TOO_LITTLE
        others = [other for other in part["by_annotator"] if other is not row and other["verdict"] != TOO_LITTLE]
        found.append(
            {
                "source": part["source"],
                "unit": part["unit"],
                "judged": row["n"],
                "enough": enough,
                **({name: row[name] for name in ("rate", "shrunk", "verdict")} if enough else {}),
                "band": _band([other["shrunk"]["value"] for other in others]),
                "by_day": alone[part["source"]]["by_day"] if enough else [],
                "confusion": alone[part["source"]]["confusion"] if enough else [],
            }
        )
    return sorted(found, key=lambda part: -part["judged"])


def _band(rates: list[float | None]) -> dict[str, Any] | None:
    known = [rate for rate in rates if rate is not None]
    if len(known) < FEWEST_IN_BAND:
        return None
    low, high = np.quantile(known, (0.25, 0.75))
    return {"low": float(low), "high": float(high), "people": len(known)}


def _examples(ws: Workspace, project: str, annotator: str) -> list[dict[str, Any]]:
    # The rows are the person's own, so they may see them, though they may not look for answers themselves.
    rows = browse.answers(ws.acting_as(local()), project, annotator=annotator, error=True, limit=MOST_EXAMPLES)
    rows = rows.sort_values("submitted_at", ascending=False, kind="stable")
    examples: list[dict[str, Any]] = rows[list(_SHOWN)].to_dict("records")
    return examples
