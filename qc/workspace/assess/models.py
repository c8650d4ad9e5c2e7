"""Section `models`: what people make of a model's answers, how right it is and says to be, and where to look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from qc.measures.models import SEEN
from qc.model import Estimate, undefined
from qc.stats.intervals import wilson
from qc.stats.models.calibration import calibration, calibration_error
from qc.stats.models.labels import label_errors
from qc.stats.models.shares import paired_difference, weighted_share, weights
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_rows
from qc.workspace.assess.routed import routing

NOT_BINARY: Final = "false positives and negatives need a label that counts as positive; see each label's"
SHOWN: Final = "of the answers that started from the model's"
UNKNOWN_WHO_SAW: Final = "the export does not say which answers started from the model's"
NOT_JUDGED: Final = "no answer of the model could be judged independently"
NO_OTHER: Final = "no other model answered the same judged items"
NO_TIMES: Final = "the export does not say when the newer model answered, so what it was trained on may be among them"
SOURCES: Final = ("adjudication", "gold", "review", SEEN)
KEYS: Final = ("question", "site", "batch", "week", "tag")
USES: Final = ("n", "followed", "shown", "shown_followed", "unchanged")


def section(lens: Lens) -> list[dict[str, Any]]:
    """One entry per model, that is per version; each rests on truths that the model did not suggest."""
    uses, judged = lens.frame("model_counts"), lens.frame("model_judged")
    if uses.empty and judged.empty:
        return []
    judged = judged.assign(weight=weights(judged["pi"]), score=judged["score_milli"].astype(float) / 1000)
    independent = judged[judged["source"] != SEEN]
    parts = {key: lens.frame("model_counts", (key,)) for key in (*KEYS, "label")}
    tagged = independent.merge(lens.frame("tagged_items"), on="item")
    names = sorted({*uses["model"], *judged["model"]})
    order = judged.groupby("model")["answered_ms"].min().to_dict()
    versions = sorted(order, key=lambda name: (order[name], name))
    return plain_rows(
        [
            {
                **_used(name, uses[uses["model"] == name]),
                **_judged(independent[independent["model"] == name]),
                "by_source": _by_source(judged[judged["model"] == name]),
                "by_label": _by_label(independent[independent["model"] == name], _of(parts["label"], name)),
                **{f"by_{key}": _by(key, tagged if key == "tag" else independent, parts[key], name) for key in KEYS},
                "retrained": _retrained(name, versions, independent),
                "routing": routing(independent[independent["model"] == name], lens.policy),
            }
            for name in names
        ]
    )


def _of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["model"] == name]


def _used(model: str, rows: pd.DataFrame) -> dict[str, Any]:
    n, followed, shown, kept, unchanged = (int(rows[name].sum()) for name in USES)
    edited = shown - unchanged
    unknown = undefined(UNKNOWN_WHO_SAW, n, "answers")
    return {
        "model": model,
        "n": n,
        "shown": shown,
        "override_rate": _override(n, followed, shown, kept),
        "accepted_unchanged": _among_shown(unchanged, shown) if shown else unknown,
        "edited": _among_shown(edited, shown) if shown else unknown,
    }


def _override(n: int, followed: int, shown: int, kept: int) -> Estimate:
    if shown:
        return _among_shown(shown - kept, shown)
    return _noted(wilson(n - followed, n, unit="answers"), UNKNOWN_WHO_SAW)


def _judged(rows: pd.DataFrame) -> dict[str, Any]:
    scored = rows[rows["score"].notna()]
    score, right, weight = (scored[name].to_numpy(float) for name in ("score", "right", "weight"))
    return {
        "accuracy": _accuracy(rows),
        "false_positive": undefined(NOT_BINARY, len(rows), "answers"),
        "false_negative": undefined(NOT_BINARY, len(rows), "answers"),
        "calibration": list(calibration(score, right, weight)),
        "calibration_error": calibration_error(score, right, weight),
        "mean_score": float(weight @ score / weight.sum()) if len(score) else None,
    }


def _accuracy(rows: pd.DataFrame) -> Estimate:
    if not len(rows):
        return undefined(NOT_JUDGED, unit="answers")
    return weighted_share(rows["right"], rows["weight"])


def _by_source(rows: pd.DataFrame) -> list[dict[str, Any]]:
    found = [(source, rows[rows["source"] == source]) for source in SOURCES]
    return [{"source": source, "n": len(part), "accuracy": _accuracy(part)} for source, part in found if len(part)]


def _by_label(rows: pd.DataFrame, uses: pd.DataFrame) -> list[dict[str, Any]]:
    """Each label against the others, with how often people override the model where it says so."""
    named = rows.assign(predicted=rows["label"])
    used = {str(row["label"]): row for row in uses.to_dict("records")}
    nobody = undefined("nobody answered what the model calls so", unit="answers")
    return [
        {
            "question": entry.question,
            "label": entry.label,
            "n": entry.n,
            "false_positive": entry.false_positive,
            "false_negative": entry.false_negative,
            "precision": entry.precision,
            "override_rate": _override(*(int(used[entry.label][name]) for name in USES[:4]))
            if entry.label in used
            else nobody,
        }
        for entry in label_errors(named)
    ]


def _by(key: str, judged: pd.DataFrame, uses: pd.DataFrame, model: str) -> list[dict[str, Any]]:
    """Override rate and accuracy of each value of one key, in its order."""
    used = {str(row[key]): row for row in _of(uses[uses[key].notna()], model).to_dict("records")}
    right = {str(value): rows for value, rows in _of(judged[judged[key].notna()], model).groupby(key, sort=True)}
    nobody = undefined("nobody answered these", unit="answers")
    return [
        {
            "key": value,
            "n": int(used[value]["n"]) if value in used else 0,
            "override_rate": _override(*(int(used[value][name]) for name in USES[:4])) if value in used else nobody,
            "accuracy": _accuracy(right[value]) if value in right else undefined(NOT_JUDGED, unit="answers"),
        }
        for value in sorted({*used, *right})
    ]


def _retrained(name: str, versions: list[str], judged: pd.DataFrame) -> dict[str, Any]:
    """The accuracy of a model less that of the one before it, by first answers, on the same held-out items.

    Held out: gold, and what was decided after the newer model had answered.
    """
    place = versions.index(name) if name in versions else 0
    if not place:
        return {"before": None, "difference": undefined(NO_OTHER, unit="items")}
    before = versions[place - 1]
    new, old = _of(judged, name), _of(judged, before)
    timed = bool((new["answered_ms"] > 0).all())
    if timed:
        new = new[(new["source"] == "gold") | (new["known_ms"] > new["answered_ms"])]
    both = new.merge(old, on=["question", "item"], suffixes=("", "_before"))
    if not len(both):
        return {"before": before, "difference": undefined(NO_OTHER, unit="items")}
    found = paired_difference(both["right_before"], both["right"], both["weight"])
    if found.value is not None and not timed:
        found = replace(found, warning=NO_TIMES)
    return {"before": before, "difference": found}


def _among_shown(count: int, shown: int) -> Estimate:
    return _noted(wilson(count, shown, unit="answers"), SHOWN)


def _noted(estimate: Estimate, note: str) -> Estimate:
    return replace(estimate, method=f"{estimate.method}; {note}") if estimate.value is not None else estimate
