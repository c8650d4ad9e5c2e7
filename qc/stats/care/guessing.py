"""Rapid guessing: answers that come too fast for their item or their author, and are no better than chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from scipy.special import ndtr

from qc.model import Estimate, undefined
from qc.stats.care.answers import NO_DURATIONS, UNIT, WIDE, Answers, Flags, Floats, Others, counted
from qc.stats.care.speed import Speed, fast
from qc.stats.intervals import wilson

FEWEST = 20
# The thresholds that are tried; what is found is corrected for their number.
THRESHOLDS: tuple[tuple[str, str, float], ...] = (
    ("from_item", "under half of what the item usually takes", 1 / 2),
    ("from_item", "under a third of what the item usually takes", 1 / 3),
    ("from_own", "under half of their own usual time", 1 / 2),
    ("from_own", "under a third of their own usual time", 1 / 3),
)
HEADLINE = 1 / 3
# At least half of the fast answers must seem to be guesses, and more than a quarter beyond doubt.
MOST = 0.5
DOUBT = 0.25
# Nobody's usual is taken to be less than half as good as the team's.
POOREST = 0.5


@dataclass(frozen=True, slots=True)
class Guessing:
    """Of the fast answers, how many agree (with gold, else with the others), and what chance and care would give.

    guessed: the share of fast answers that are no better than chance. p: one-sided against a quarter of them, 1 where
    they seem to be under half, corrected for the thresholds tried; q over all annotators and tests. `reason` says
    why nothing can be told.
    """

    fast_when: str | None
    agreement: Estimate
    slower: Estimate
    chance: float | None
    guessed: Estimate
    p: float | None
    q: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums over each person's answers of one kind: n, right, right by chance, right if the others had answered."""

    n: Floats
    right: Floats
    chance: Floats
    team: Floats
    team_chance: Floats

    @property
    def kappa(self) -> Floats:
        """How much better than chance, 1 for always right."""
        return _ratio(self.right - self.chance, self.n - self.chance)

    @property
    def team_kappa(self) -> Floats:
        """The same for the others on the same items."""
        return _ratio(self.team - self.team_chance, self.n - self.team_chance)


def fast_shares(speed: Speed) -> list[Estimate]:
    """For each annotator code the share of answers that took under a third of what the item takes the team."""
    quick = _per_person(speed, fast(speed.from_item, HEADLINE)).astype(int)
    return [_fast_share(speed, int(n), int(few)) for n, few in zip(speed.timed, quick, strict=True)]


def _fast_share(speed: Speed, n: int, quick: int) -> Estimate:
    if not len(speed.from_item):
        return undefined(NO_DURATIONS, unit=UNIT)
    if n < FEWEST:
        return undefined(f"{n} answers with a time; at least {FEWEST} are needed", n, UNIT)
    if speed.people < 2:
        return undefined("nobody else's times to compare with", n, UNIT)
    return wilson(quick, n, unit=UNIT)


def guessing(answers: Answers, others: Others, speed: Speed) -> list[Guessing]:
    """One entry per annotator code.

    An answer counts where it has a time, a reference (gold, else the plurality of the others), and others to
    compare with on the same item. Agreement by chance is that of a person's own labels, dealt at random (as in
    Cohen's kappa): whoever meets one class only is not taken for a guesser. What care would give is the others'
    agreement on the same items, times how a person's other answers compare with it (at least half). Source: response
    time effort (Wise & Kong 2005, Appl Meas Educ 18:163), with normative thresholds (Wise & Ma 2012).
    """
    people = len(speed.usual)
    if not len(speed.from_item):
        return [_untold(NO_DURATIONS)] * people
    counts = (speed.row >= 0) & ~np.isnan(others.right) & ~np.isnan(others.team)
    usable, against = answers.among(counts), others.among(counts)
    row = speed.row[counts]
    dealt = _Dealt(usable, against, people)
    everything = dealt.tally(np.ones(len(row), dtype=np.bool_))
    best: list[Guessing] = [_untold(_lack(n)) for n in counted(usable.annotator, people).astype(int)]
    for axis, words, factor in THRESHOLDS:
        quick = fast(getattr(speed, axis), factor)[row]
        some = dealt.tally(quick)
        hasty = dealt.sums(some)
        slower = dealt.sums(tuple(whole - part for whole, part in zip(everything, some, strict=True)))
        for person in np.flatnonzero(hasty.n >= FEWEST):
            found = _judge(hasty, slower, int(person), words)
            if found is not None and (best[person].p is None or found.p < best[person].p):  # type: ignore[operator]
                best[person] = found
    return best


def _judge(hasty: _Sums, slower: _Sums, person: int, words: str) -> Guessing | None:
    """The test of one person at one threshold; None where the others are no better than chance themselves."""
    n, right, chance = (float(x[person]) for x in (hasty.n, hasty.right, hasty.chance))
    team = float(hasty.team_kappa[person])
    if not team > 0 or n - chance < 1:
        return None
    enough = slower.n[person] >= FEWEST and slower.n[person] - slower.chance[person] >= 1
    beside = enough and slower.team_kappa[person] > 0
    like_team = float(slower.kappa[person] / slower.team_kappa[person]) if beside else 1.0
    careful = min(team * max(like_team, POOREST), 1.0)
    margin = n - chance
    least = chance + (1 - DOUBT) * careful * margin
    rate = least / n
    spread = n * rate * (1 - rate) + ((1 - DOUBT) * margin) ** 2 * _variance(hasty, slower, person, enough)
    share = 1 - (right - chance) / margin / careful
    p = float(ndtr((right - least) / sqrt(max(spread, 1e-12)))) * len(THRESHOLDS) if share >= MOST else 1.0
    half = 1.96 * sqrt(n * (right / n) * (1 - right / n) + 0.25) / margin / careful
    size = int(n)
    guessed = Estimate(
        min(max(share, 0.0), 1.0),
        min(max(share - half, 0.0), 1.0),
        min(max(share + half, 0.0), 1.0),
        size,
        UNIT,
        "fast answers that agree no more than by chance, 95 %",
    )
    others = (
        wilson(float(slower.right[person]), float(slower.n[person]), unit=UNIT)
        if enough
        else undefined(f"fewer than {FEWEST} slower answers", int(slower.n[person]), UNIT)
    )
    return Guessing(words, wilson(right, n, unit=UNIT), others, chance / n, guessed, min(p, 1.0))


def _variance(hasty: _Sums, slower: _Sums, person: int, enough: bool) -> float:
    """Of what care would give: of the others on the same items, and of the person's other answers."""
    parts = [(hasty.team[person], hasty.n[person], hasty.team_chance[person])]
    if enough:
        parts.append((slower.right[person], slower.n[person], slower.chance[person]))
    return sum(
        float(right / n * (1 - right / n) / n / max(1 - chance / n, 1e-6) ** 2) for right, n, chance in parts if n
    )


class _Dealt:
    """Counts of labels given and of references by person and question, for any part of the answers."""

    def __init__(self, answers: Answers, others: Others, people: int) -> None:
        asked, pairs = pd.factorize(answers.annotator * WIDE + answers.question)
        names = pd.factorize(np.concatenate([answers.label, others.reference]))[0]
        keys, known = pd.factorize(np.concatenate([asked, asked]) * (len(names) + 1) + names)
        n = len(asked)
        self._asked, self._given, self._known = asked, keys[:n], keys[n:]
        self._asked_of_key = np.asarray(known) // (len(names) + 1)
        self._person_of_asked = np.asarray(pairs) // WIDE
        self._who, self._right, self._team, self._people = answers.annotator, others.right, others.team, people

    def tally(self, wanted: Flags) -> tuple[Floats, ...]:
        """n by person and question; labels and references by person, question and label; right and team by person."""
        keys = len(self._asked_of_key)
        return (
            counted(self._asked[wanted], len(self._person_of_asked)),
            counted(self._given[wanted], keys),
            counted(self._known[wanted], keys),
            counted(self._who[wanted], self._people, self._right[wanted]),
            counted(self._who[wanted], self._people, self._team[wanted]),
        )

    def sums(self, tally: tuple[Floats, ...]) -> _Sums:
        """What the counts come to for each person; by chance means dealt at random within a question."""
        n, given, known, right, team = tally
        return _Sums(
            self._per_person(n),
            right,
            self._per_person(_ratio(counted(self._asked_of_key, len(n), given * known), n)),
            team,
            self._per_person(_ratio(counted(self._asked_of_key, len(n), known * known), n)),
        )

    def _per_person(self, by_asked: Floats) -> Floats:
        return counted(self._person_of_asked, self._people, by_asked)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 1e-9)


def _per_person(speed: Speed, wanted: Flags) -> Floats:
    return counted(speed.annotator[wanted], len(speed.usual))


def _lack(n: int) -> str:
    if not n:
        return "no timed answer to items that others answered, too"
    return f"fewer than {FEWEST} fast answers that can be compared ({n} answers in all)"


def _untold(reason: str) -> Guessing:
    blank = undefined(reason, unit=UNIT)
    return Guessing(None, blank, blank, None, blank, None, None, reason)
