"""Who is found in simulated teams where nobody is careless, and where some guess, repeat, trust or hurry.

python tests/benchmarks/care_scenarios.py               every scenario, 300 teams each
python tests/benchmarks/care_scenarios.py 60 guess      60 teams of the scenarios with "guess" in their name
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from qc.stats.care import Care, assess_care, flags

SEEDS = (11, 12, 13)
MIX = np.array([0.4, 0.3, 0.2, 0.1])
NO_GOLD = pd.DataFrame({"item": [], "code": [], "question": []}, dtype=np.int64)
KINDS = {"guesses": "guessing", "gave": "repeating", "keeps": "trusting", "became": "hurrying"}


@dataclass(frozen=True)
class Team:
    """A team that answers `items` items `votes` times each, in sessions of about `session` answers.

    Nobody is careless unless a share is set: guessing (at a fifth of the time, in `guessed` of the answers),
    repeating (one label 30 times, three times over), trusting (keeps nine of ten pre-labels unseen), hurrying (half
    the time, all at once, half way).
    """

    people: int = 20
    items: int = 3000
    votes: int = 3
    session: int = 60
    speeds: float = 0.35
    difficulties: float = 0.4
    noise: float = 0.5
    days: float = 0.1
    uneven: float = 0.0
    moods: float = 0.0
    learning: float = 0.0
    drift: float = 0.0
    tiring: float = 0.0
    queue: str = "random"
    trade: float = 0.0
    confusing: float = 0.0
    guessing: float = 0.0
    guessed: float = 0.15
    repeating: float = 0.0
    trusting: float = 0.0
    hurrying: float = 0.0


PLAIN = Team()
ALL = {"guessing": 0.1, "repeating": 0.1, "trusting": 0.1, "hurrying": 0.1}
SCENARIOS = {
    "nobody": PLAIN,
    "nobody, speeds far apart": replace(PLAIN, speeds=0.8, difficulties=0.8, noise=0.8),
    "nobody, learning": replace(PLAIN, learning=0.8),
    "nobody, learning all along": replace(PLAIN, drift=0.5),
    "nobody, slowing within sessions": replace(PLAIN, tiring=0.3),
    "nobody, queue sorted by class": replace(PLAIN, queue="sorted"),
    "nobody, sorted, two labels confused by some": replace(PLAIN, queue="sorted", confusing=0.3),
    "nobody, the fast answers are worse": replace(PLAIN, trade=0.06),
    "nobody, 6 people": replace(PLAIN, people=6, items=1200),
    "nobody, sessions all different": replace(PLAIN, days=0.3),
    "nobody, days differ for some more": replace(PLAIN, uneven=0.6, items=6800),
    "nobody, days like the day before": replace(PLAIN, moods=0.4, items=6800),
    "nobody, items answered once": replace(PLAIN, votes=1, items=9000),
    "guessing": replace(PLAIN, guessing=0.1),
    "guessing, a third of the answers": replace(PLAIN, guessing=0.1, guessed=0.35),
    "guessing, a twentieth of the answers": replace(PLAIN, guessing=0.1, guessed=0.05),
    "guessing, speeds far apart": replace(PLAIN, guessing=0.1, speeds=0.8, difficulties=0.8, noise=0.8),
    "repeating": replace(PLAIN, repeating=0.1),
    "repeating, queue sorted by class": replace(PLAIN, repeating=0.1, queue="sorted"),
    "trusting": replace(PLAIN, trusting=0.1),
    "hurrying": replace(PLAIN, hurrying=0.1),
    "hurrying, 17 sessions": replace(PLAIN, hurrying=0.1, items=6800),
    "all four": replace(PLAIN, **ALL),
    "all four, sorted, learning": replace(PLAIN, queue="sorted", learning=0.8, **ALL),
}


def work(team: Team, rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, set[int]]]:
    """The measure `paced` of a team, and the codes of those who are careless, by kind."""
    truth = rng.choice(4, team.items, p=MIX)
    if team.queue == "sorted":
        truth = np.sort(truth)
    steps = rng.integers(1, max(team.people // team.votes, 2), (team.items, team.votes - 1)).cumsum(axis=1)
    first = rng.integers(0, team.people, team.items)
    who = np.column_stack([first, (first[:, None] + steps) % team.people]).ravel()
    item = np.repeat(np.arange(team.items), team.votes)
    lot = item if team.queue == "sorted" else rng.random(len(item))
    order = np.lexsort((lot, who))
    who, item = who[order], item[order]
    nth = np.arange(len(who)) - np.searchsorted(who, who)
    size = np.bincount(who, minlength=team.people)[who]
    session, p = nth // team.session, nth % team.session
    hard = rng.normal(0, 1, team.items)

    careless = {}
    free = rng.permutation(team.people)
    for kind in KINDS.values():
        taken, free = np.split(free, [round(getattr(team, kind) * team.people)])
        careless[kind] = {int(person) for person in taken}

    def among(kind: str) -> np.ndarray:
        return np.isin(who, list(careless[kind]))

    left = rng.normal(0, team.noise, len(who))
    log = np.log(30) + rng.normal(0, team.speeds, team.people)[who] + team.difficulties * hard[item] + left
    log += _days(team, int(session.max()) + 1, rng)[who, session]
    log += team.learning * np.exp(-nth / 80) - team.drift * nth / size + team.tiring * p / team.session
    log -= np.log(2) * (among("hurrying") & (nth >= size / 2))

    skill = rng.uniform(0.8, 0.97, team.people)
    chance = np.clip(skill[who] - 0.06 * hard[item] + team.trade * np.minimum(left, 0) / team.noise, 0.3, 0.99)
    wrong = rng.random(len(who)) > chance
    code = np.where(wrong, (truth[item] + rng.integers(1, 4, len(who))) % 4, truth[item])
    confuses = np.isin(who, np.flatnonzero(np.arange(team.people) < team.confusing * team.people))
    code = np.where(confuses & (truth[item] == 1) & (rng.random(len(who)) < 0.8), 2, code)

    guess = np.where(rng.random(team.items) < 0.8, truth, rng.choice(4, team.items, p=MIX))
    seen = (rng.random(team.items) < 0.5)[item]
    trust = np.clip(rng.normal(0.1, 0.06, team.people), 0, 1)[who]
    keeps = seen & (rng.random(len(who)) < np.where(among("trusting"), 0.9, trust))
    code = np.where(keeps, guess[item], code)

    blind = among("guessing") & (rng.random(len(who)) < team.guessed)
    code = np.where(blind, rng.choice(4, len(who), p=MIX), code)
    log = np.where(blind, np.log(6) + rng.normal(0, 0.3, len(who)), log)
    stuck = among("repeating") & (nth % (team.session * 2) < 30) & (nth < team.session * 6)
    code = np.where(stuck, who % 4, code)

    day = session * 86_400_000.0
    frame = pd.DataFrame(
        {
            "annotator": who,
            "item": item,
            "question": 0,
            "code": code,
            "suggested": np.where(seen, np.where(code == guess[item], 2, 1), 0),
            "v": np.rint(1000 * log).astype(np.int64),
            "session": session,
            "p": p,
            "ms": day + 60_000 * p,
        }
    )
    return frame, careless


def _days(team: Team, sessions: int, rng: np.random.Generator) -> np.ndarray:
    """Each person's ups and downs by session, of a size of their own, each partly like the one before."""
    ups = rng.normal(0, 1, (team.people, sessions))
    for at in range(1, sessions):
        ups[:, at] = team.moods * ups[:, at - 1] + np.sqrt(1 - team.moods**2) * ups[:, at]
    return ups * team.days * rng.lognormal(0, team.uneven, (team.people, 1))


def found(care: Care) -> dict[str, set[int]]:
    """The codes of those who are flagged, by kind."""
    result: dict[str, set[int]] = {kind: set() for kind in KINDS.values()}
    for person in care.people:
        for sentence in flags(person, lambda code: str(code), lambda ms: str(ms)).values():
            result[KINDS[sentence.split()[0]]].add(person.annotator)
    return result


@dataclass(frozen=True)
class Tally:
    """Shares over runs: of false ones among the flags, of runs with any false flag, and of the careless found."""

    runs: int
    false_discoveries: float
    any_false: float
    by_kind: dict[str, float]
    power: dict[str, float]
    milliseconds: float


def run(team: Team, runs: int, seed: int) -> Tally:
    """Assess `runs` simulated teams; whoever is careless in one way is not counted false in another."""
    rng = np.random.default_rng(seed)
    shares, power = [], {kind: [] for kind in KINDS.values()}
    by_kind = dict.fromkeys(KINDS.values(), 0)
    spent = 0.0
    for _ in range(runs):
        frame, careless = work(team, rng)
        began = time.process_time()
        seen = found(assess_care(frame, NO_GOLD, [0]))
        spent += time.process_time() - began
        guilty = set().union(*careless.values())
        false = sum(len(people - guilty) for people in seen.values())
        shares.append(false / max(sum(map(len, seen.values())), 1))
        for kind, people in seen.items():
            by_kind[kind] += bool(people - guilty)
            if careless[kind]:
                power[kind].append(len(people & careless[kind]) / len(careless[kind]))
    return Tally(
        runs,
        float(np.mean(shares)),
        float(np.mean([share > 0 for share in shares])),
        {kind: count / runs for kind, count in by_kind.items() if count},
        {kind: float(np.mean(values)) for kind, values in power.items() if values},
        1000 * spent / runs,
    )


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    print(f"{runs} teams a scenario, seeds {SEEDS}")
    for name, team in SCENARIOS.items():
        if only not in name:
            continue
        tallies = [run(team, runs // len(SEEDS), seed) for seed in SEEDS]
        power = {k: float(np.mean([t.power[k] for t in tallies])) for k in tallies[0].power}
        kinds = {k: float(np.mean([t.by_kind.get(k, 0) for t in tallies])) for k in KINDS.values()}
        print(
            f"{name}: false discoveries {np.mean([t.false_discoveries for t in tallies]):.3f}, "
            f"teams with a false flag {np.mean([t.any_false for t in tallies]):.3f}"
            f" ({', '.join(f'{k} {v:.3f}' for k, v in kinds.items() if v)}) | found: "
            f"{', '.join(f'{k} {v:.2f}' for k, v in power.items()) or '–'} | "
            f"{np.mean([t.milliseconds for t in tallies]):.0f} ms",
            flush=True,
        )


if __name__ == "__main__":
    main()
