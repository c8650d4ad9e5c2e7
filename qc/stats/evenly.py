"""Drawn answers brought to one share, so that no part of the work counts for more because more of it is reviewed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def evenly(rows: pd.DataFrame, within: Sequence[str] = ()) -> NDArray[np.bool_]:
    """Which judged answers to keep so that those of each draw stand for the work alike.

    rows: annotation_id, question, draw_id, stratum, stratum_size and the columns `within`; what nobody drew is kept.
    In each draw, and each value of `within`, the stratum of the middle answer sets the share that is judged; of strata
    of which more was judged, answers are kept by chance, the same ones every time, in proportion. Strata of which less
    was judged stay as they are.
    """
    keys = ["draw_id", *within]
    judged = rows.groupby([*keys, "stratum"], sort=True)["stratum_size"].agg(["size", "max"]).reset_index()
    if judged.empty:
        return np.ones(len(rows), bool)
    judged["max"] = judged["max"].astype(float)
    judged = judged.assign(share=judged["size"] / judged["max"]).sort_values("share", kind="stable")
    offered = judged.groupby(keys, sort=False)["max"]
    middle = judged[offered.cumsum() >= offered.transform("sum") / 2].groupby(keys, as_index=False)["share"].first()
    known = rows[[*keys, "stratum"]].merge(judged, "left", [*keys, "stratum"]).merge(middle, "left", keys)
    ids = (rows["annotation_id"].astype(str) + "\x1f" + rows["question"].astype(str)).to_numpy(object)
    chance = (pd.util.hash_array(ids, categorize=False) >> np.uint64(11)) / 2.0**53
    kept: NDArray[np.bool_] = ~(chance >= (known["share_y"] / known["share_x"]).to_numpy(float))
    return kept
