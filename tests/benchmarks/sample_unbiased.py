"""Whether rates from risk-weighted draws are true: 2,000 draws from 100,000 answers whose errors are known.

python tests/benchmarks/sample_unbiased.py              both scenarios, 2,000 draws each (about 5 minutes of a core)
python tests/benchmarks/sample_unbiased.py 200          200 draws each

Each draw is that of `qc sample` (by lot, by risk, by routing), everything drawn is judged, and the rate with its
interval is that of `qc.stats.rates`. In the second scenario half of the answers come later, and by then the level of
each annotator follows from what the first draw found.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from qc.model import SamplingPolicy
from qc.sampling import Drawable, drawable, drawn_from, population, risks
from qc.stats.rates import rates_by

SHARES = SamplingPolicy()
RATES = {level: SHARES.rate(level) for level in ("reduced", "normal", "tightened", "full")}
HIGH, LOW = 0.08, 0.03


@dataclass(frozen=True)
class Found:
    """What the draws of one scenario came to, in shares of 1.

    naive: the mean of the unweighted rates. deviation: of the weighted ones, which have the standard error
    deviation / √draws. per_annotator: how often the intervals of single annotators cover theirs.
    """

    truth: float
    mean: float
    naive: float
    deviation: float
    coverage: float
    per_annotator: float
    reviewed: float
    draws: int


def answers(size: int, people: int = 40, seed: int = 1) -> pd.DataFrame:
    """Answers with planted errors, about 5 %, that are the likelier the more speaks for a look."""
    pick = np.random.default_rng(seed)
    label = pick.choice(["a", "b", "c", "d"], size, p=[0.6, 0.25, 0.12, 0.03])
    others = np.full(size, 2)
    told = pd.DataFrame(
        {
            "score_milli": (1000 * pick.beta(8, 1.2, size)).astype(int),
            "others": others,
            "differing": pick.binomial(others, 0.15),
            "pairs": 3,
            "differing_pairs": pick.choice([0, 2, 3], size, p=[0.8, 0.15, 0.05]),
            "label_answers": pd.Series(label).map(pd.Series(label).value_counts()),
            "question_answers": size,
            "question_labels": 4,
            "annotator_age": pick.integers(0, 60, size),
            "guideline_age": pick.integers(0, 40, size),
            "hard": pick.random(size) < 0.1,
        }
    )
    person = pick.integers(0, people, size)
    risk = risks(told)
    likely = 0.003 * risk["risk"].to_numpy() ** 2 * pick.lognormal(0, 0.5, people)[person]
    return pd.DataFrame(
        {
            "annotation_id": [f"a{place}" for place in range(size)],
            "question": "label",
            "annotator": [f"p{number:02d}" for number in person],
            "label": label,
            "level": "normal",
            "risk": risk["risk"],
            "reasons": risk["reasons"],
            "routed": told["score_milli"] < 400,
            "wrong": pick.random(size) < np.minimum(likely, 0.9),
            "later": pick.random(size) < 0.5,
        }
    )


def once(known: pd.DataFrame) -> Callable[[int], pd.DataFrame]:
    """Makes the judged frame of one draw from everything."""
    ready = drawable(known, SHARES.min_per_annotator)
    return lambda seed: _judged(_draw(ready, seed), "d1")


def with_change(known: pd.DataFrame) -> Callable[[int], pd.DataFrame]:
    """Makes the judged frame of two draws, between which the levels follow the errors found."""
    ready = drawable(known[~known["later"]], SHARES.min_per_annotator)
    after = known[known["later"]].reset_index(drop=True)
    rest = drawable(after, SHARES.min_per_annotator)

    def judged(seed: int) -> pd.DataFrame:
        first = _draw(ready, seed)
        found = first.groupby("annotator")["wrong"].mean()
        level = pd.Series(np.select([found > HIGH, found < LOW], ["tightened", "reduced"], "normal"), found.index)
        moved = after.assign(level=after["annotator"].map(level))
        second = _draw(replace(rest, answers=moved, known=population(moved, SHARES.min_per_annotator)), seed)
        return pd.concat([_judged(first, "d1"), _judged(second, "d2")])

    return judged


SCENARIOS = {"one level": once, "levels change in mid-stream": with_change}


def run(known: pd.DataFrame, scenario: str, seeds: Iterable[int]) -> Found:
    """Draws, judges and estimates, once per seed."""
    truth = float(known["wrong"].mean())
    own = known.groupby("annotator")["wrong"].mean().to_dict()
    judged_with = SCENARIOS[scenario](known)
    rows = []
    for seed in seeds:
        judged = judged_with(seed).assign(everything=0)
        (whole,) = rates_by(judged, "everything")
        covered = [rate.rate.low <= own[rate.key] <= rate.rate.high for rate in rates_by(judged, "annotator")]
        inside = whole.rate.low <= truth <= whole.rate.high
        rows.append((whole.rate.value, whole.errors / whole.n, inside, np.mean(covered), whole.n / len(known)))
    value, naive, inside, per_annotator, reviewed = np.array(rows, float).T
    return Found(
        truth,
        float(value.mean()),
        float(naive.mean()),
        float(value.std(ddof=1)),
        float(inside.mean()),
        float(per_annotator.mean()),
        float(reviewed.mean()),
        len(rows),
    )


def _draw(ready: Drawable, seed: int) -> pd.DataFrame:
    return drawn_from(ready, RATES, seed, SHARES.by_risk, SHARES.twice)


def _judged(sample: pd.DataFrame, draw_id: str) -> pd.DataFrame:
    """The sample as the measure `judged_counts` has it once all of it is judged."""
    return pd.DataFrame(
        {
            "source": "review",
            "draw_id": draw_id,
            **{name: sample[name] for name in ("annotator", "share", "stratum", "stratum_size", "stratum_drawn", "pi")},
            "n": 1,
            "errors": sample["wrong"].astype(int),
            "minor": 0,
        }
    )


def main(draws: int = 2000, size: int = 100_000) -> None:
    """Print a line per scenario."""
    known = answers(size)
    print(
        "scenario | draws | reviewed | true | mean | off by, points | naive | sd | covers | annotators' cover | seconds"
    )
    for name in SCENARIOS:
        began = time.process_time()
        found = run(known, name, range(draws))
        print(
            f"{name} | {found.draws} | {found.reviewed:.1%} | {found.truth:.3%} | {found.mean:.3%} | "
            f"{100 * (found.mean - found.truth):+.3f} | {found.naive:.2%} | {found.deviation:.3%} | "
            f"{found.coverage:.1%} | {found.per_annotator:.1%} | {time.process_time() - began:.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
