"""Section `models`: how often people override a model, and how right it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.intervals import wilson
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_rows

NOT_BINARY: Final = "false positives and negatives need a label that counts as positive; see the confusion by label"
SHOWN: Final = "of the answers that started from the model's"
UNKNOWN_WHO_SAW: Final = "the export does not say which answers started from the model's"
NOT_JUDGED: Final = "no answer of the model could be judged independently"


def section(lens: Lens) -> list[dict[str, Any]]:
    """One entry per model; rates over all its answers, calibration by tenths of its score."""
    counts = lens.frame("model_counts")
    return plain_rows([_entry(str(model), rows) for model, rows in counts.groupby("model", sort=True)])


def _entry(model: str, rows: pd.DataFrame) -> dict[str, Any]:
    n, followed, shown, kept, unchanged = (
        int(rows[name].sum()) for name in ("n", "followed", "shown", "shown_followed", "unchanged")
    )
    judged, right = int(rows["judged"].sum()), int(rows["right"].sum())
    return {
        "model": model,
        "n": n,
        "override_rate": _among_shown(shown - kept, shown)
        if shown
        else _noted(wilson(n - followed, n, unit="answers"), UNKNOWN_WHO_SAW),
        "accepted_unchanged": _among_shown(unchanged, shown) if shown else undefined(UNKNOWN_WHO_SAW, n, "answers"),
        "accuracy": _accuracy(right, judged),
        "false_positive": undefined(NOT_BINARY, judged, "answers"),
        "false_negative": undefined(NOT_BINARY, judged, "answers"),
        "calibration": [
            {
                "score": row.score_sum_milli / 1000 / row.n,
                "accuracy": _accuracy(int(row.right), int(row.judged)),
                "n": int(row.judged),
            }
            for row in rows.sort_values("bin").itertuples()
            if row.bin >= 0 and row.judged and row.n
        ],
    }


def _among_shown(count: int, shown: int) -> Estimate:
    return _noted(wilson(count, shown, unit="answers"), SHOWN)


def _noted(estimate: Estimate, note: str) -> Estimate:
    return replace(estimate, method=f"{estimate.method}; {note}") if estimate.value is not None else estimate


def _accuracy(right: int, judged: int) -> Estimate:
    return wilson(right, judged, unit="answers") if judged else undefined(NOT_JUDGED, unit="answers")
