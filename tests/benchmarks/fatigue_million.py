"""A million judged answers: slopes of team and annotators after the measures, with and without item effects.

python tests/benchmarks/fatigue_million.py [answers]      beside statsmodels' GLM on the single answers
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from benchmarks.fatigue_scenarios import PLAIN, answers, measures, work

from qc.model import CostPolicy, FatiguePolicy
from qc.stats.fatigue import assess_fatigue
from qc.stats.fatigue.adjusted import adjusted_model
from qc.stats.fatigue.frames import judged_answers, judged_cells, ordered
from qc.stats.fatigue.items import recurring_answers, single_scores, variance_left
from qc.stats.fatigue.scores import HOURS, stratum_scores
from qc.stats.fatigue.slopes import single_slopes, team_slope
from qc.stats.fatigue.work import by_work, items_by_work, shares

PEOPLE, SESSION = 100, 240


def timed(name: str, step: Callable[[], Any]) -> Any:
    """The result of a step, and its CPU seconds on a line of their own."""
    begun = time.process_time()
    result = step()
    print(f"{name}: {time.process_time() - begun:.3f} s", flush=True)
    return result


def by_sessions(judged_time: pd.DataFrame, names: list[str], done: np.ndarray) -> tuple[float, int]:
    """The team's slope and how many annotators have one, from sums by session and stratum."""
    scores = stratum_scores(judged_cells(judged_time, names), HOURS)
    target = shares(scores, done)
    assert target is not None
    slope = team_slope(by_work(scores, target), target.between)
    assert slope is not None
    return slope.value, len(single_slopes(scores).value)


def by_items(judged_rows: pd.DataFrame, names: list[str], done: np.ndarray) -> tuple[float, int]:
    """The same with item effects, from the answers."""
    found = recurring_answers(judged_answers(judged_rows, names), HOURS)
    assert found is not None
    single = single_scores(found)
    target = shares(single, done)
    assert target is not None
    slope = team_slope(items_by_work(found, single, target), target.between)
    assert slope is not None
    return slope.value, len(single_slopes(single).value)


def peer(frame: pd.DataFrame) -> float:
    """statsmodels' binomial GLM on the single answers, clustered by annotator."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    design = np.column_stack([np.ones(len(frame)), frame["t"] / 3600])
    groups = pd.factorize(frame["annotator"])[0]
    fit = GLM(frame["error"].to_numpy(), design, family=Binomial()).fit(cov_type="cluster", cov_kwds={"groups": groups})
    return float(fit.params[1])


def cells_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The measure judged_cells, with one day, hour, site and label."""
    frame = frame.assign(bin=frame["t"] // 600, day=0, hour=9, site=None, label=0, n=1, errors=frame["error"])
    keys = ["annotator", "day", "hour", "site", "label", "stratum", "bin"]
    return frame.groupby(keys, as_index=False, dropna=False)[["n", "errors"]].sum()


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    team = replace(PLAIN, annotators=PEOPLE, answers=SESSION, sessions=max(size // PEOPLE // SESSION, 2), seconds=20.0)
    frame, _ = work(replace(team, tired=0.3, tiring=0.3), np.random.default_rng(1))
    judged_time, judged_rows, pace, time_bins = measures(frame)
    order, done = answers(frame)
    names = sorted(done)
    print(f"{len(frame):,} answers, {len(judged_time):,} sums; CPU seconds after the measures")
    share = np.array([done[name] for name in names])
    timed("slopes of team and annotators from sums", lambda: by_sessions(judged_time, names, share))
    timed("the same with item effects, from answers", lambda: by_items(judged_rows, names, share))
    thin = order[order["item"] % max(len(order) // 250_000 + 1, 1) == 0]
    timed("order of the items, of a quarter of a million answers", lambda: variance_left(ordered(thin), HOURS))
    frames = (judged_time, judged_rows, pace, time_bins)
    everything = {"answer_order": thin, "work": done}
    timed("the whole section", lambda: assess_fatigue(*frames, FatiguePolicy(), CostPolicy(), **everything))
    cells = cells_of(frame)
    timed(f"adjusted model on {len(cells):,} cells", lambda: adjusted_model(cells))
    timed("statsmodels' GLM on the answers (no sessions, no items, no annotators)", lambda: peer(frame))


if __name__ == "__main__":
    main()
