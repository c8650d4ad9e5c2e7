"""Simulated teams with known fatigue: how often each verdict falls, how good the intervals are, what it costs.

Run `python tests/benchmarks/fatigue_scenarios.py [runs [scenario]]` for the full table; a reduced one gates the tests
(test_stats_fatigue_simulation.py). Errors follow a logistic model, so the additive model is put to the test too.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from qc.model import CostPolicy, FatiguePolicy
from qc.stats.fatigue import Fatigue, assess_fatigue

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Team:
    """A team's work: `order` of the items, who tires how much (log-odds an hour), and what else changes with time."""

    annotators: int = 30
    sessions: int = 6
    answers: int = 100
    votes: int = 3
    order: str = "random"
    tired: float = 0.0
    tiring: float = 0.0
    hardening: float = 0.0
    learning: float = 0.0
    selection: float = 0.0
    speed_up: float = 0.0
    base: float = -2.2
    between_annotators: float = 0.5
    between_items: float = 0.8
    seconds: float = 60.0
    judged: float = 1.0
    judged_tired: float | None = None
    clocks: bool = True


PLAIN = Team()
SCENARIOS: dict[str, Team] = {
    "nothing": PLAIN,
    "nothing, 6 annotators": replace(PLAIN, annotators=6, sessions=20),
    "nothing, 3 annotators": replace(PLAIN, annotators=3, sessions=40),
    "nothing, rare errors (1 %)": replace(PLAIN, base=-5.2),
    "nothing, items judged once": replace(PLAIN, votes=1),
    "nothing, positions only": replace(PLAIN, clocks=False),
    "learning and selection": replace(PLAIN, learning=0.6, selection=0.8),
    "speed-up": replace(PLAIN, speed_up=0.15),
    "queue hardens, same for all": replace(PLAIN, order="same", hardening=0.8),
    "queue hardens, shared by clock": replace(PLAIN, order="shared", hardening=0.8),
    "queue hardens, order differs": replace(PLAIN, order="loose", hardening=0.8),
    "fatigue in 30 %": replace(PLAIN, tired=0.3, tiring=0.5),
    "fatigue in 30 %, items judged once": replace(PLAIN, tired=0.3, tiring=0.5, votes=1),
    "fatigue in 30 %, queue hardens loosely": replace(PLAIN, tired=0.3, tiring=0.5, order="loose", hardening=0.8),
    "all together, order differs": replace(
        PLAIN, tired=0.3, tiring=0.5, learning=0.6, selection=0.8, order="loose", hardening=0.8
    ),
    "all together, same for all": replace(
        PLAIN, tired=0.3, tiring=0.5, learning=0.6, selection=0.8, order="same", hardening=0.8
    ),
    "queue hardens loosely, a tenth is reviewed": replace(PLAIN, sessions=20, order="loose", hardening=4.0, judged=0.1),
    "same for all, a tenth is reviewed": replace(PLAIN, order="same", hardening=0.8, judged=0.1),
    "shared by clock, a twentieth is reviewed": replace(PLAIN, sessions=20, order="shared", hardening=0.8, judged=0.05),
    "fatigue in 30 %, learning, selection": replace(PLAIN, tired=0.3, tiring=0.5, learning=0.6, selection=0.8),
    "fatigue in 2 of 8 who are reviewed most": replace(
        PLAIN, annotators=8, sessions=30, tired=0.25, tiring=1.0, judged=0.1, judged_tired=0.6
    ),
    "fatigue in 5 of 20 who are reviewed most": replace(
        PLAIN, annotators=20, sessions=30, tired=0.25, tiring=1.0, judged=0.1, judged_tired=0.6
    ),
    "fatigue in 20 of 100, 14 sessions": replace(
        PLAIN, annotators=100, sessions=14, answers=214, tired=0.2, tiring=0.5
    ),
    "nothing, 100 annotators, 14 sessions": replace(PLAIN, annotators=100, sessions=14, answers=214),
    "fatigue in all": replace(PLAIN, tired=1.0, tiring=0.3),
    "fatigue in all, positions only": replace(PLAIN, tired=1.0, tiring=0.3, clocks=False),
    "fatigue in all, 3 annotators": replace(PLAIN, tired=1.0, tiring=0.3, annotators=3, sessions=40),
}


@dataclass(frozen=True)
class Truth:
    """The mean change of the error rate per hour at work (tiring less learning), in all and for each; and who tires."""

    per_hour: float
    each: dict[str, float]
    tired: set[str]


def work(team: Team, rng: np.random.Generator) -> tuple[pd.DataFrame, Truth]:
    """Every answer of a team (annotator, session, item, t, p, error, its chance, seconds), and the truth behind it."""
    skill = rng.normal(0, team.between_annotators, team.annotators)
    length = team.answers * np.exp(team.selection * skill) if team.selection else np.full(team.annotators, team.answers)
    length = np.maximum(length.astype(int), 10)
    per_annotator = length * team.sessions
    who = np.repeat(np.arange(team.annotators), per_annotator)
    rows = len(who)
    nth = np.arange(rows) - np.repeat(np.cumsum(per_annotator) - per_annotator, per_annotator)
    p = nth % length[who]
    session = who * team.sessions + nth // length[who]
    pace = team.seconds * rng.lognormal(0, 0.3, team.annotators)
    seconds = pace[who] * rng.lognormal(0, 0.5, rows)
    t = _since_start(seconds, session)
    if team.speed_up:
        # An answer at hour t takes exp(-speed_up·t) of its time: the solution of dt/dτ = exp(-speed_up·t).
        seconds = seconds / (1 + team.speed_up * t / 3600)
        t = _since_start(seconds, session)
    place = _places(team, who, nth, p, t, rng)
    difficulty = rng.normal(0, team.between_items, place.max() + 1)
    items = len(difficulty)
    queue = (np.arange(items) / items * team.sessions) % 1.0
    difficulty = difficulty + team.hardening * (2 * queue - 1)
    slope = np.where(np.arange(team.annotators) < round(team.tired * team.annotators), team.tiring, 0.0)
    logit = team.base + skill[who] + difficulty[place] + slope[who] * t / 3600
    logit -= team.learning * np.log1p(nth / 100)
    chance = 1 / (1 + np.exp(-logit))
    frame = pd.DataFrame(
        {
            "source": "gold",
            "annotator": [f"a{code:03d}" for code in range(team.annotators)],
        }
    ).loc[who]
    frame["item"], frame["session"], frame["p"] = place, session, p
    frame["t"] = t.astype(np.int64) if team.clocks else 0
    frame["error"], frame["chance"] = (rng.random(rows) < chance).astype(np.int64), chance
    frame["v"] = np.rint(1000 * np.log(np.maximum(seconds, 1.0))).astype(np.int64)
    frame["stratum"] = _strata(frame)
    per_hour = slope[who] - team.learning / (100 + nth) * 3600 / (pace[who] * np.exp(0.125))
    change = pd.Series(per_hour * chance * (1 - chance)).groupby(frame["annotator"].to_numpy()).mean()
    truth = Truth(
        float(np.mean(per_hour * chance * (1 - chance))),
        change.to_dict(),
        {f"a{code:03d}" for code in np.flatnonzero(slope > 0)},
    )
    chosen = team.judged if team.judged_tired is None else np.where(slope[who] > 0, team.judged_tired, team.judged)
    frame["judged"] = rng.random(rows) < chosen
    return frame.reset_index(drop=True), truth


def _since_start(seconds: np.ndarray, session: np.ndarray) -> np.ndarray:
    clock = np.cumsum(seconds) - seconds
    first = np.r_[True, session[1:] != session[:-1]]
    return clock - clock[first][np.cumsum(first) - 1]


def _places(
    team: Team, who: np.ndarray, nth: np.ndarray, p: np.ndarray, t: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Which item of the queue each answer is on."""
    rows = len(who)
    if team.order == "same":
        return nth
    if team.order == "shared":
        # Everybody starts together; the tool hands out the queue in order, each item to `votes` people.
        day = nth // np.bincount(who, minlength=team.annotators)[who].max()
        session = nth - p
        order = np.lexsort((t, session, day))
        place = np.empty(rows, dtype=np.int64)
        place[order] = np.arange(rows) // team.votes
        return place
    items = max(rows // team.votes, 1)
    if team.order == "loose":
        # Near its place in a queue of their own share, moved by up to a third of a session.
        share = np.bincount(who)[who]
        wanted = (nth + rng.normal(0, team.answers / 3, rows)) / share
        place = np.empty(rows, dtype=np.int64)
        place[np.argsort(wanted, kind="stable")] = np.arange(rows) // team.votes
        return np.minimum(place, items - 1)
    return np.concatenate([rng.permutation(items) for _ in range(rows // items + 1)])[:rows]


def _strata(frame: pd.DataFrame, strata: int = 5) -> np.ndarray:
    """Fifths of the error rate of the item's other answers."""
    by_item = frame.groupby("item")["error"]
    others = by_item.transform("size").to_numpy() - 1
    rate = (by_item.transform("sum").to_numpy() - frame["error"].to_numpy()) / np.maximum(others, 1)
    if not others.any():
        return np.zeros(len(frame), dtype=np.int64)
    edges = np.unique(np.quantile(rate, np.arange(1, strata) / strata))
    return np.searchsorted(edges, rate, side="left")


def measures(work: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """judged_time, judged_rows, pace and time_bins of a team's work; each session is a day."""
    judged = work[work["judged"]]
    t, p, y = (judged[name] for name in ("t", "p", "error"))
    sums = judged.assign(n=1, st=t, stt=t**2, sy=y, sty=t * y, sp=p, spp=p**2, spy=p * y, sh=t, shh=t**2, shy=t * y)
    columns = ["n", "st", "stt", "sy", "sty", "sp", "spp", "spy", "sh", "shh", "shy"]
    keys = ["source", "annotator", "session", "stratum"]
    judged_time = sums.groupby(keys, as_index=False)[columns].sum()
    judged_time["pi"], judged_time["day"] = None, judged_time["session"]
    rows = judged[["source", "annotator", "item", "session", "t", "p", "error", "stratum"]].reset_index(drop=True)
    rows = rows.assign(day=rows["session"], h=rows["t"])
    t, p, v = (work[name] for name in ("t", "p", "v"))
    paced = work.assign(n=1, st=t, stt=t**2, sp=p, spp=p**2, sv=v, stv=t * v, spv=p * v, svv=v**2)
    columns = ["n", "st", "stt", "sp", "spp", "sv", "stv", "spv", "svv"]
    pace = paced.groupby(["annotator", "session", "stratum"], as_index=False)[columns].sum()
    bins = judged.assign(bin=judged["t"] // 900, n=1, errors=judged["error"])
    time_bins = bins.groupby(["source", "bin"], as_index=False)[["n", "errors"]].sum()
    return judged_time, rows, pace, time_bins


def answers(work: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """answer_order of a team's work, and each one's number of answers, judged or not."""
    order = work[["annotator", "session", "item", "t", "p"]].reset_index(drop=True)
    return order, work.groupby("annotator").size().astype(float).to_dict()


@dataclass
class Tally:
    """What many runs of one scenario came to."""

    runs: int
    verdicts: Counter[str]
    truth: float
    mean: float
    spread: float
    width: float
    covered: float
    covered_each: float
    false_discoveries: float
    power: float
    milliseconds: float
    residual: float = float("nan")

    def share(self, verdict: str) -> float:
        return self.verdicts[verdict] / self.runs


def run(team: Team, runs: int, seed: int) -> Tally:
    """Assess `runs` simulated teams."""
    rng = np.random.default_rng(seed)
    verdicts: Counter[str] = Counter()
    values, widths, truths, covered, each, discoveries, found, residuals = [], [], [], [], [], [], [], []
    spent = 0.0
    for _ in range(runs):
        frame, truth = work(team, rng)
        frames, (order, done) = measures(frame), answers(frame)
        begun = time.process_time()
        (fatigue,) = assess_fatigue(*frames, FatiguePolicy(), CostPolicy(), answer_order=order, work=done)
        spent += time.process_time() - begun
        verdicts[fatigue.overall.verdict] += 1
        if fatigue.overall.residual is not None:
            residuals.append(fatigue.overall.residual)
        _note(fatigue, truth, values, widths, truths, covered)
        for person in fatigue.by_annotator:
            if person.error_per_hour.value is not None:
                each.append(person.error_per_hour.low <= truth.each[person.annotator] <= person.error_per_hour.high)
        named = {person.annotator for person in fatigue.by_annotator if person.verdict == "rising"}
        discoveries.append(len(named - truth.tired) / max(len(named), 1))
        if truth.tired:
            found.append(len(named & truth.tired) / len(truth.tired))
    return Tally(
        runs,
        verdicts,
        float(np.mean(truths)),
        float(np.mean(values)) if values else float("nan"),
        float(np.std(values)) if values else float("nan"),
        float(np.mean(widths)) if widths else float("nan"),
        float(np.mean(covered)) if covered else float("nan"),
        float(np.mean(each)) if each else float("nan"),
        float(np.mean(discoveries)),
        float(np.mean(found)) if found else float("nan"),
        1000 * spent / runs,
        float(np.mean(residuals)) if residuals else float("nan"),
    )


def _note(fatigue: Fatigue, truth: Truth, values: list, widths: list, truths: list, covered: list) -> None:
    truths.append(truth.per_hour)
    change = fatigue.overall.error_per_hour
    if change.value is not None:
        values.append(change.value)
        widths.append((change.high - change.low) / 2)
        covered.append(change.low <= truth.per_hour <= change.high)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    print("points an hour; each scenario with seeds", SEEDS, "and", runs, "runs in all")
    for name, team in SCENARIOS.items():
        if only not in name:
            continue
        tallies = [run(team, runs // len(SEEDS), seed) for seed in SEEDS]
        verdicts = sum((tally.verdicts for tally in tallies), Counter())

        def mean(column: str, tallies: list[Tally] = tallies) -> float:
            return float(np.mean([getattr(tally, column) for tally in tallies]))

        total = sum(verdicts.values())
        shares = ", ".join(f"{verdict} {count / total:.3f}" for verdict, count in verdicts.most_common())
        print(
            f"{name}: truth {100 * mean('truth'):.2f} mean {100 * mean('mean'):.2f} sd {100 * mean('spread'):.2f} "
            f"stated residual {100 * mean('residual'):.2f} "
            f"half-width {100 * mean('width'):.2f} covered {mean('covered'):.3f} | {shares} | per annotator: covered "
            f"{mean('covered_each'):.3f} FDR "
            f"{mean('false_discoveries'):.3f} power {mean('power'):.2f} | {mean('milliseconds'):.0f} ms",
            flush=True,
        )


if __name__ == "__main__":
    main()
