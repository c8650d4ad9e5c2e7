"""Speed and care of everybody, with the false discovery rate held over all people and tests at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import exp

import numpy as np
import pandas as pd

from qc.stats.care.answers import NO_DURATIONS, UNKNOWN, Answers, Floats, Ints, answers_of, exponential, others_of
from qc.stats.care.course import Timed, courses
from qc.stats.care.guessing import fast_shares, guessing
from qc.stats.care.prelabels import prelabels
from qc.stats.care.result import LIKELY, Care, PersonCare, SlowItem
from qc.stats.care.runs import NO_ORDER, runs
from qc.stats.care.speed import LEVEL_Z, Speed, speed_of
from qc.stats.multiple import benjamini_hochberg

MOST_SLOW = 20
UNORDERED = "sessions without times cannot be put in order"


def assess_care(paced: pd.DataFrame, gold: pd.DataFrame, comparable: Sequence[int]) -> Care:
    """Speed and care, from the measures `paced` (in its order) and `gold`.

    comparable: codes of the questions whose answers are compared by label; the others tell of time and pre-labels.
    """
    answers = answers_of(paced, list(comparable))
    people = int(answers.annotator.max(initial=UNKNOWN)) + 1
    others, speed = others_of(answers, gold), speed_of(answers)
    n = np.bincount(answers.annotator, minlength=people)
    columns = zip(
        guessing(answers, others, speed), runs(answers, others, people), prelabels(answers, people), strict=True
    )
    quick, paces = fast_shares(speed), courses(timed_answers(answers, speed))
    found = [
        PersonCare(who, int(n[who]), int(speed.timed[who]), quick[who], guessed, *run, kept, paces[who])
        for who, (guessed, run, kept) in enumerate(columns)
        if n[who]
    ]
    return _corrected(found, slow_items(speed))


def timed_answers(answers: Answers, speed: Speed) -> list[Timed]:
    """One entry per annotator code: the submissions whose order is known, sessions by their first time."""
    session, ms = answers.session[speed.first], answers.ms[speed.first]
    began = np.full(int(session.max(initial=UNKNOWN)) + 1, np.inf)
    placed = session != UNKNOWN
    np.fmin.at(began, session[placed], ms[placed])
    rank = np.empty(len(began), dtype=np.int64)
    rank[np.argsort(began, kind="stable")] = np.arange(len(began))
    rows = np.flatnonzero(placed)
    rows = rows[np.lexsort((rank[session[rows]], speed.annotator[rows]))]
    bounds = np.searchsorted(speed.annotator[rows], np.arange(len(speed.usual) + 1))
    return [
        _timed(speed, rows[begin:end], rank[session[rows[begin:end]]], ms[rows[begin:end]], person)
        for person, (begin, end) in enumerate(pairwise(bounds.tolist()))
    ]


def slow_items(speed: Speed) -> list[SlowItem]:
    """The twenty slowest items that are slow beyond doubt: a slow answer speaks of its item before its author."""
    found, q = speed.items.slow(MOST_SLOW)
    result = []
    for item, chance in zip(found.tolist(), q.tolist(), strict=True):
        middle, half = float(speed.items.middle[item]), LEVEL_Z * float(speed.items.error[item])
        n = int(speed.items.n[item])
        ratio = exponential(middle, half, n, "median time against a usual item, 95 %")
        result.append(SlowItem(item, n, exp(speed.team + middle), ratio, chance))
    return result


def _timed(speed: Speed, rows: Ints, session: Ints, ms: Floats, person: int) -> Timed:
    known = ~np.isnan(ms)
    reason = None
    if not len(rows):
        reason = NO_ORDER if speed.timed[person] else NO_DURATIONS
    elif not known.any() and session.min() < session.max():
        reason = UNORDERED
    elif known.any():
        rows, session, ms = rows[known], session[known], ms[known]
    return Timed(speed.from_own[rows], session, ms, float(speed.usual[person]), reason)


def _corrected(people: list[PersonCare], slow: list[SlowItem]) -> Care:
    """The same with q: one Benjamini–Hochberg over all tests of all people, so that all flags together are held."""
    names = ("guessing", "unlike", "prelabels", "course")
    tests = [(at, name) for at, person in enumerate(people) for name in names if getattr(person, name).p is not None]
    adjusted = benjamini_hochberg([getattr(people[at], name).p for at, name in tests])
    for (at, name), q in zip(tests, adjusted.tolist(), strict=True):
        test = replace(getattr(people[at], name), q=q)
        people[at] = replace(people[at], **{name: test})
    return Care([_without_doubtful(person) for person in people], slow, len(tests))


def _without_doubtful(person: PersonCare) -> PersonCare:
    found = person.course
    if found.q is not None and found.q <= LIKELY:
        return person
    return replace(person, course=replace(found, changes=[]))
