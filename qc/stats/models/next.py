"""What to label or check next: where a model is unsure, people or models disagree, labels are rare, batches drift."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

REASONS: Final = ("uncertain", "disagreeing", "rare", "drifting")
# A label given to fewer than one in fifty items is rare.
RARE: Final = 0.02
# A batch of fewer items has no mix of labels to speak of.
FEWEST: Final = 30
FALSE_ALARMS: Final = 0.05


def ranked(doubts: pd.DataFrame, unsure_below: float, limit: int) -> pd.DataFrame:
    """The items worth a look, those with most reasons first, then the least sure; at most `limit`.

    doubts: the measure of that name. Adds why (the reasons, in words) and reasons (how many). uncertain: the score
    lies below unsure_below. disagreeing: people differ from the model or among themselves, or models do. rare: fewer
    than one in fifty items of the question get the label. drifting: the item's batch has more of the label than the
    other batches would let expect (adjusted residuals, Haberman 1973; Bonferroni over batches and labels).
    """
    score = doubts["score_milli"].astype(float) / 1000
    marks = pd.DataFrame(
        {
            "uncertain": score < unsure_below,
            "disagreeing": (doubts["other"] > 0) | (doubts["labels"] > 1) | (doubts["models"] > 1),
            "rare": _share(doubts) < RARE,
            "drifting": _drifting(doubts),
        },
        index=doubts.index,
    )
    found = doubts.assign(score=score, reasons=marks.sum(axis=1), why=_words(marks))
    found = found[found["reasons"] > 0]
    order = ["reasons", "score", "question", "item_id"]
    found = found.sort_values(order, ascending=[False, True, True, True], na_position="last", kind="stable")
    return found.drop(columns="score_milli").head(limit).reset_index(drop=True)


def _words(marks: pd.DataFrame) -> list[str]:
    return [", ".join(name for name, there in zip(REASONS, row, strict=True) if there) for row in marks.to_numpy()]


def _share(doubts: pd.DataFrame) -> pd.Series:
    label = doubts.groupby(["question", "label"], dropna=False)["item_id"].transform("size")
    whole = doubts.groupby("question")["item_id"].transform("size")
    return label / whole


def _drifting(doubts: pd.DataFrame) -> np.ndarray:
    """Whether the item's batch holds more of its label than expected."""
    groups = doubts.assign(batch=doubts["batch"].fillna(""))
    n = groups.groupby(["question", "batch", "label"], dropna=False)["item_id"].transform("size").to_numpy(float)
    in_batch = groups.groupby(["question", "batch"])["item_id"].transform("size").to_numpy(float)
    of_label = groups.groupby(["question", "label"], dropna=False)["item_id"].transform("size").to_numpy(float)
    whole = groups.groupby("question")["item_id"].transform("size").to_numpy(float)
    expected = in_batch * of_label / whole
    spread = expected * (1 - in_batch / whole) * (1 - of_label / whole)
    cells = max(len(groups.groupby(["question", "batch", "label"], dropna=False)), 1)
    far = float(ndtri(1 - FALSE_ALARMS / cells))
    found: np.ndarray = (in_batch >= FEWEST) & (spread > 0) & (n - expected > far * np.sqrt(spread))
    return found
