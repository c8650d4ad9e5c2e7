"""From two people's reviews of the same answers, and a lead's final calls, to how well each of them sees."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.stats.capture import Capture, captured
from qc.stats.reviewers import Accuracy, from_pairs

Table = NDArray[np.float64]

SHARE: Final = 0.1
"""Of the answers on which two reviewers agree, the share that a lead settles all the same."""

_COUNTS: Final = ["double", "settled", "wrong"]


def to_settle(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Which answers a lead should settle: all on which the reviewers differ, and a tenth of the others.

    frame: `double_reviews`; none of the answers that no final call can tell right from wrong. The tenth is chosen by
    the digest of answer and question, so that nobody chooses it, and it is the same whenever it is asked for. Only
    agreements of this tenth enter `by_reviewer`: others that were settled were settled for a reason, such as a
    conflict, and would not stand for the rest.
    """
    differ = (frame["first_flagged"] != frame["second_flagged"]).to_numpy(bool)
    names = frame["annotation_id"].astype(str) + "\x1f" + frame["question"].fillna("").astype(str)
    tenth = np.array([_fraction(name) < SHARE for name in names], dtype=bool)
    return np.asarray((differ | tenth) & frame["comparable"].eq(1).to_numpy(bool))


def by_reviewer(frame: pd.DataFrame) -> dict[str, Accuracy]:
    """Each reviewer's sensitivity and specificity from `double_reviews`, by name."""
    counted = _cells(frame)
    return {str(name): from_pairs(*_tables(rows)) for name, rows in counted.groupby("reviewer", sort=True)}


def of_all(frame: pd.DataFrame, reviewers: Collection[str]) -> Accuracy:
    """The sensitivity and specificity of one review by any of these."""
    cells = _cells(frame)
    double, settled, wrong = _tables(cells[cells["reviewer"].isin(reviewers)])
    # An answer stands in the table once for either of its reviewers, and tells no more for that.
    first, second = (frame[place].isin(reviewers) for place in ("first", "second"))
    times = max((first.sum() + second.sum()) / max((first | second).sum(), 1), 1.0)
    return from_pairs(double / times, settled / times, wrong / times)


def overlooked(frame: pd.DataFrame) -> Capture:
    """How many wrong answers there are among those reviewed twice, from the flags that final calls have not refuted.

    frame: `double_reviews`, of which those count that a final call can tell right from wrong. A lower bound, since what
    is easily seen is flagged by both.
    """
    frame = frame[frame["comparable"] == 1]
    right = frame["wrong"].eq(0).fillna(False).to_numpy(bool)
    one, other = (frame[f"{place}_flagged"].eq(1).to_numpy(bool) & ~right for place in ("first", "second"))
    pairs = pd.DataFrame({"a": one, "b": other, "both": one & other, "who": frame["first"] + "\x1f" + frame["second"]})
    sums = pairs.groupby("who")[["a", "b", "both"]].sum()
    return captured(sums["a"], sums["b"], sums["both"], "wrong answers")


def unsettled(frame: pd.DataFrame) -> int:
    """On how many answers two reviewers differ without a final call."""
    differ = frame["first_flagged"] != frame["second_flagged"]
    return int((differ & frame["wrong"].isna() & (frame["comparable"] == 1)).sum())


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    """reviewer, mine, other (1: flagged), and of the answers double, settled, wrong: how many."""
    known = frame["wrong"].notna().to_numpy(bool) & to_settle(frame)
    wrong = known & frame["wrong"].eq(1).fillna(False).to_numpy(bool)
    sides = [
        pd.DataFrame(
            {
                "reviewer": frame[mine],
                "mine": frame[f"{mine}_flagged"],
                "other": frame[f"{other}_flagged"],
                "double": 1,
                "settled": known.astype(int),
                "wrong": wrong.astype(int),
            }
        )
        for mine, other in (("first", "second"), ("second", "first"))
    ]
    return pd.concat(sides).groupby(["reviewer", "mine", "other"], as_index=False)[_COUNTS].sum()


def _tables(rows: pd.DataFrame) -> tuple[Table, Table, Table]:
    """double, settled, wrong by own verdict and the other's."""
    at = rows["mine"].to_numpy(int), rows["other"].to_numpy(int)
    double, settled, wrong = (np.zeros((2, 2)) for _ in _COUNTS)
    for table, name in ((double, "double"), (settled, "settled"), (wrong, "wrong")):
        np.add.at(table, at, rows[name].to_numpy(float))
    return double, settled, wrong


def _fraction(name: str) -> float:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) / 2**64
