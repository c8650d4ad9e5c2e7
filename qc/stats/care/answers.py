"""The answers of a team in columns of integer codes, and what the others said of the same items."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.model import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Measures hold 1000·ln(seconds), rounded.
LOG_SCALE = 1000.0
UNKNOWN = -1
UNIT = "answers"
NO_DURATIONS = "this export has no durations"
# Votes beyond this make no difference to how sure a reference is.
MANY = 20
# More than there are items, or labels of one question.
WIDE = 2**32


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One entry per answer, each person's own in the order of sessions, and in these of time.

    annotator, item, question: codes from 0. label: code across all questions, −1 where answers are not compared.
    cell: item and question. session: code from 0, of one person each; −1 where the order is not known.
    log_seconds and ms are NaN where unknown.
    """

    annotator: Ints
    item: Ints
    question: Ints
    label: Ints
    cell: Ints
    suggested: Ints
    log_seconds: Floats
    session: Ints
    ms: Floats

    def among(self, wanted: Flags | Ints) -> Answers:
        """Those wanted."""
        return Answers(*(getattr(self, name)[wanted] for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """What each answer is held against.

    reference: the known label, else what most others gave; −1 without one, or where they tie. right: 1, 0, or NaN
    without a reference. share: of the others' answers to the item, how many give the answer's own label; NaN without
    others. team: how often other people are right where as many others stand behind the reference; NaN where unknown.
    """

    reference: Ints
    right: Floats
    share: Floats
    team: Floats

    def among(self, wanted: Flags | Ints) -> Others:
        """Those wanted."""
        return Others(*(getattr(self, name)[wanted] for name in self.__slots__))


def answers_of(paced: pd.DataFrame, comparable: list[int]) -> Answers:
    """The rows of the measure `paced`, in its order; answers to questions not `comparable` have no label."""
    question = _ints(paced, "question")
    code = np.where(np.isin(question, comparable), _ints(paced, "code"), UNKNOWN)
    annotator, item, session = _ints(paced, "annotator"), _ints(paced, "item"), _ints(paced, "session")
    # A session's code is its own for each annotator only.
    owned = annotator * WIDE + _numbered(session)
    return Answers(
        annotator,
        item,
        question,
        np.where(code >= 0, question * WIDE + code, UNKNOWN),
        _numbered(question * WIDE + item),
        _ints(paced, "suggested"),
        _floats(paced, "v") / LOG_SCALE,
        np.where(session >= 0, _numbered(owned), UNKNOWN),
        _floats(paced, "ms"),
    )


def others_of(answers: Answers, gold: pd.DataFrame) -> Others:
    """Each answer against gold, else the plurality of the others; gold: the measure of that name."""
    n = len(answers.label)
    reference, share = np.full(n, UNKNOWN, dtype=np.int64), np.full(n, np.nan)
    right, team = np.full(n, np.nan), np.full(n, np.nan)
    known = answers.label >= 0
    if not known.any():
        return Others(reference, right, share, team)
    some = answers.among(known)
    votes = _Votes(some.cell, some.label)
    against, support, share[known] = votes.plurality()
    accepted = _accepted(some, gold)
    golden = accepted >= 0
    against[golden] = accepted[golden]
    support[golden] = votes.of(some.among(golden), against[golden])
    judged = against >= 0
    correct = (some.label == against).astype(np.float64)
    alike = np.stack([golden, np.minimum(votes.others, MANY), np.minimum(support, MANY)])
    usual = _elsewhere(some.annotator[judged], alike[:, judged], correct[judged])
    place = np.flatnonzero(known)
    reference[place] = against
    right[place[judged]], team[place[judged]] = correct[judged], usual
    return Others(reference, right, share, team)


def exponential(log: float, half: float, n: int, method: str) -> Estimate:
    """The Estimate of e^log from a log and half its interval; beyond e^±20 an interval says nothing."""
    value, low, high = (exp(min(max(end, -20.0), 20.0)) for end in (log, log - half, log + half))
    return Estimate(value, low, high, n, UNIT, method)


def counted(codes: Ints, size: int, weights: Floats | None = None) -> Floats:
    """The sum of the weights (of ones) for each code 0, 1, …, at least `size` of them."""
    return np.bincount(codes, weights, size).astype(np.float64, copy=False)


class _Votes:
    """How often each label was given in each cell, and what that leaves to an answer's others."""

    def __init__(self, cell: Ints, label: Ints) -> None:
        code, names = pd.factorize(label, sort=True)
        self._names = np.asarray(names)
        self._keys, self._entry, self._votes = np.unique(
            cell * len(names) + code, return_inverse=True, return_counts=True
        )
        self.others: Ints = np.bincount(cell)[cell] - 1

    def of(self, answers: Answers, label: Ints) -> Ints:
        """The votes of the others for one label in the cell of each answer."""
        code = np.searchsorted(self._names, label).clip(max=len(self._names) - 1)
        key = answers.cell * len(self._names) + code
        at = np.searchsorted(self._keys, key).clip(max=len(self._keys) - 1)
        known = (self._keys[at] == key) & (self._names[code] == label)
        votes: Ints = np.where(known, self._votes[at], 0) - (answers.label == label)
        return votes

    def plurality(self) -> tuple[Ints, Ints, Floats]:
        """What most others gave (−1: nobody, or a tie), how many did, and how large a share gave the same label."""
        of, given = np.divmod(self._keys, len(self._names))
        given, cells = self._names[given], int(of[-1]) + 1
        best = np.lexsort((given, -self._votes, of))
        begins = np.searchsorted(of, np.arange(cells))
        rank = np.empty(len(best), dtype=np.int64)
        rank[best] = np.arange(len(best)) - begins[of]

        def place(nth: int) -> tuple[Ints, Ints]:
            """The label at a place of the cell's order and its votes, 0 where there is no such place."""
            at = np.minimum(begins + nth, len(best) - 1)
            there = (begins + nth < len(best)) & (of[at] == np.arange(cells))
            return given[best][at][of], np.where(there, self._votes[best][at], 0)[of]

        (first, most), (second, runner_up), (_, third) = place(0), place(1), place(2)
        # What is left of an answer's own label once it is taken away, against the best of the rest.
        leads, own = rank == 0, self._votes - 1
        rival = np.where(rank == 1, third, runner_up)
        stays = np.where(leads, own > rival, most > np.maximum(rival, own))
        falls = leads & (own < rival) & (rival > third)
        leader = np.where(stays, first, np.where(falls, second, UNKNOWN))
        votes = np.where(leads & stays, own, np.where(stays, most, runner_up))
        share = np.divide(own[self._entry], self.others, out=np.full(len(self._entry), np.nan), where=self.others > 0)
        return leader[self._entry], votes[self._entry], share


def _elsewhere(who: Ints, alike: Ints, right: Floats) -> Floats:
    """How often other people are right in the same stratum; NaN where it holds one person only."""
    stratum = _numbered(alike[0] + 2 * (alike[1] + (MANY + 1) * alike[2]))
    own = _numbered(stratum * (int(who.max(initial=0)) + 1) + who)
    n = np.bincount(stratum)[stratum] - np.bincount(own)[own]
    rights = np.bincount(stratum, right)[stratum] - np.bincount(own, right)[own]
    usual: Floats = np.divide(rights, n, out=np.full(len(who), np.nan), where=n > 0)
    return usual


def _accepted(answers: Answers, gold: pd.DataFrame) -> Ints:
    """The known label of each answer's item, its own where several are accepted; −1 where none is known."""
    result = np.full(len(answers.label), UNKNOWN, dtype=np.int64)
    if gold.empty:
        return result
    question = _ints(gold, "question")
    item, code = _ints(gold, "item"), _ints(gold, "code")
    known = pd.DataFrame({"place": question * WIDE + item, "label": question * WIDE + code})
    first = known.groupby("place")["label"].min()
    place = answers.question * WIDE + answers.item
    at = first.index.get_indexer(place)
    result[at >= 0] = first.to_numpy()[at[at >= 0]]
    pairs = pd.MultiIndex.from_frame(known.drop_duplicates())
    judged = np.flatnonzero((at >= 0) & (answers.label >= 0))
    given = pd.MultiIndex.from_arrays([place[judged], answers.label[judged]], names=known.columns)
    own = judged[given.isin(pairs)]
    result[own] = answers.label[own]
    return result


def _numbered(keys: Ints) -> Ints:
    codes: Ints = pd.factorize(keys)[0].astype(np.int64, copy=False)
    return codes


def _ints(frame: pd.DataFrame, column: str) -> Ints:
    values: Ints = frame[column].fillna(UNKNOWN).to_numpy(np.int64)
    return values


def _floats(frame: pd.DataFrame, column: str) -> Floats:
    values: Floats = pd.to_numeric(frame[column]).to_numpy(np.float64, na_value=np.nan)
    return values
