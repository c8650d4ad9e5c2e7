"""Batches as lots: how many answers the plan of each still wants, beside what was drawn of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.levels import draw_rate, plan_for
from qc.model import EVERYTHING, LEVELS, Policy
from qc.workspace.opening import Workspace


def by_batch(policy: Policy) -> bool:
    """Whether each batch is a lot with a plan of its own."""
    return policy.levels.policy == "lots" and policy.levels.lot == "batch"


def planned(ws: Workspace, project: str, answers: pd.DataFrame) -> pd.DataFrame:
    """lot, planned of each answer, as `qc.sampling.population` reads them; null for an answer without a batch.

    answers: what can be drawn, with annotator, question, batch, site and level. A lot is what a subject has of a batch,
    whether it was drawn or not; its plan is that of the answer's level, and what was drawn of it at that level counts.
    Of several subjects the one whose lot wants the largest part of what is new decides.
    """
    policy, snapshot = ws.policy(project), ws.snapshot(project)
    work = snapshot.frame("workload", EVERYTHING, policy)
    taken = snapshot.frame("lot_draws", EVERYTHING, policy)
    others = [kind for kind in policy.levels.subjects if kind not in ("annotator", "batch")]
    names = answers[["batch", *others]].astype(object)
    lot = names["batch"].str.cat([names[kind].fillna("") for kind in others], sep="|") if others else names["batch"]
    share = np.zeros(len(answers))
    for kind in policy.levels.subjects:
        share = np.fmax(share, _wanted(answers, work, taken, list(dict.fromkeys([kind, "batch"])), policy))
    usual = answers["level"].map({level: draw_rate(policy, level) for level in LEVELS}).to_numpy(float)
    part = share / (usual * (1 - policy.sampling.by_risk))
    inside = answers["batch"].notna().to_numpy()
    return pd.DataFrame(
        {"lot": lot.where(inside, None), "planned": np.where(inside, part, np.nan)}, index=answers.index
    )


def _wanted(
    answers: pd.DataFrame, work: pd.DataFrame, taken: pd.DataFrame, keys: list[str], policy: Policy
) -> NDArray[np.float64]:
    """The part of the new answers of its lot that each answer's plan still wants; 0 where it is in no such lot."""
    size = work.groupby(keys)["answers"].sum().rename("size")
    drawn = taken.groupby([*keys, "level"])["answers"].sum().rename("drawn")
    rows = answers[[*keys, "level"]].join(size, on=keys).join(drawn, on=[*keys, "level"]).fillna({"drawn": 0})
    new = answers.groupby(keys)["level"].transform("size")
    plans = rows[["size", "level"]].dropna().drop_duplicates()
    plans["n"] = [plan_for(int(size), level, policy.levels).n for size, level in plans.itertuples(index=False)]
    n = rows[["size", "level"]].merge(plans, on=["size", "level"], how="left")["n"].to_numpy(float)
    wanted = (n - rows["drawn"].to_numpy(float)) / new.to_numpy(float)
    part: NDArray[np.float64] = np.clip(np.nan_to_num(wanted), 0.0, 1.0)
    return part
