"""Long-string answering: the same label many times in a row, on items to which others gave other labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaln

from qc.stats.care.answers import UNKNOWN, WIDE, Answers, Flags, Floats, Ints, Others, counted

FEWEST = 50
SHORTEST = 10
# Standard errors by which a run may hold more of its own label, as others gave it, than the person's other items.
MORE_THAN_USUAL = 1.645
TERMS = 8
NO_ORDER = "neither times nor positions say in which order the answers were given"


@dataclass(frozen=True, slots=True)
class LongestRun:
    """The longest run of one label within a session; p_random_order: a run so long with the same labels shuffled.

    label: code across questions. p_random_order is exact where small, and at most this; in a queue that is sorted by
    class it says nothing about care.
    """

    label: int | None
    length: int | None
    n: int
    p_random_order: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Unlike:
    """The run of ten or more that what others answered explains least.

    same: of its items with a reference, the share whose reference is the run's label. p: such a run, or one explained
    as little, of somebody who answers each item as people do; q over all annotators and tests.
    """

    label: int | None
    length: int | None
    same: float | None
    p: float | None
    q: float | None
    reason: str | None


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Maximal runs: person, label, first row and length; `unlikely` is the summed −ln of what others explain.

    same: the share of references that are the run's label. of_its_class: whether they are more often than in all of
    the person's answers, beyond doubt: where a queue is sorted, those that are not may be the others' own mistakes.
    """

    annotator: Ints
    label: Ints
    first: Ints
    length: Ints
    unlikely: Floats
    same: Floats
    of_its_class: Flags


def runs(answers: Answers, others: Others, people: int) -> list[tuple[LongestRun, Unlike]]:
    """One entry per annotator code: the longest run, and the one least like what others answered."""
    placed = (answers.session != UNKNOWN) & (answers.label != UNKNOWN)
    some, against = answers.among(placed), others.among(placed)
    # Stable: within person, question and session the rows stay in the order in which they came.
    in_order = np.lexsort((some.session, some.question, some.annotator))
    some, against = some.among(in_order), against.among(in_order)
    n = np.bincount(some.annotator, minlength=people)
    seen = _seen(some, against)
    compared = np.bincount(some.annotator, against.reference != UNKNOWN, people)
    shuffled = _shuffled(some, seen)
    longest = _best(seen, seen.length.astype(np.float64))
    least = _best(seen, np.where((seen.length >= SHORTEST) & ~seen.of_its_class, seen.unlikely, 0.0))
    known = bool((answers.label != UNKNOWN).any())
    return [
        (
            _longest(seen, longest.get(person), int(n[person]), shuffled.get(person), known),
            _unlike(seen, least.get(person), int(n[person]), int(compared[person]), known),
        )
        for person in range(people)
    ]


def _seen(some: Answers, others: Others) -> _Runs:
    """All maximal runs of one person, question, session and label.

    How likely a label is where its predecessor was the same: the largest of what the team, and what the person, gives
    on items of that reference, and of the share of the others who gave it here; without a reference, certain.
    """
    again = np.arange(len(some.label)) > 0
    for column in (some.annotator, some.question, some.session, some.label):
        again[1:] &= column[1:] == column[:-1]
    likely = np.maximum(_share(some, others, own=False), _share(some, others, own=True))
    likely = np.fmax(likely, others.share)
    surprise = np.where(again & (others.reference != UNKNOWN), -np.log(np.clip(likely, 1e-12, 1.0)), 0.0)
    run = np.cumsum(~again) - 1
    first = np.flatnonzero(~again)
    size = len(first)
    length = np.bincount(run, minlength=size)
    judged = np.bincount(run, others.reference != UNKNOWN, size)
    same = np.bincount(run, others.reference == some.label, size)
    share = np.divide(same, judged, out=np.full(size, np.nan), where=judged > 0)
    usual = _usual(some, others)[first]
    expected = judged * usual + MORE_THAN_USUAL * np.sqrt(judged * usual * (1 - usual))
    unlikely = counted(run, size, surprise)
    return _Runs(some.annotator[first], some.label[first], first, length, unlikely, share, same > expected)


def _usual(some: Answers, others: Others) -> Floats:
    """How often the label given is the reference among all of the person's answers to the question."""
    judged = others.reference != UNKNOWN
    asked = pd.factorize(some.annotator * WIDE + some.question)[0]
    label = pd.factorize(np.concatenate([some.label, others.reference]))[0].astype(np.int64)
    rows = len(some.label)
    keys = pd.factorize(np.concatenate([asked, asked]) * WIDE + label)[0]
    given, known = keys[:rows], keys[rows:]
    met = np.bincount(known[judged], minlength=int(keys.max(initial=-1)) + 1)[given]
    usual: Floats = met / np.maximum(np.bincount(asked[judged], minlength=int(asked.max(initial=-1)) + 1)[asked], 1)
    return usual


def _share(some: Answers, others: Others, own: bool) -> Floats:
    """How often the label given is given to items of the same reference, by anybody or by the person."""
    reference = pd.factorize(others.reference)[0].astype(np.int64)
    label = pd.factorize(some.label)[0].astype(np.int64)
    where = reference * (int(some.annotator.max(initial=0)) + 1) + some.annotator if own else reference
    where = pd.factorize(where)[0].astype(np.int64)
    pair = pd.factorize(where * WIDE + label)[0]
    return np.bincount(pair)[pair] / np.bincount(where)[where] if len(pair) else np.zeros(0)


def _best(seen: _Runs, score: Floats) -> dict[int, int]:
    """For each person the run with the highest score, the first of equals; runs are in the order of people."""
    if not len(score):
        return {}
    people, begins, counts = np.unique(seen.annotator, return_index=True, return_counts=True)
    top = np.flatnonzero(score == np.repeat(np.maximum.reduceat(score, begins), counts))
    first = top[np.searchsorted(seen.annotator[top], people)]
    return dict(zip(people.tolist(), first.tolist(), strict=True))


def _longest(seen: _Runs, at: int | None, n: int, shuffled: float | None, known: bool) -> LongestRun:
    if at is None or n < FEWEST:
        return LongestRun(None, None, n, None, _lack(n, known))
    return LongestRun(int(seen.label[at]), int(seen.length[at]), n, shuffled, None)


def _unlike(seen: _Runs, at: int | None, n: int, compared: int, known: bool) -> Unlike:
    """Over n starts at most n·exp(−unlikely): a run that goes on until it is so unlikely has that chance at each."""
    if at is None or n < FEWEST:
        return Unlike(None, None, None, None, None, _lack(n, known))
    if compared < FEWEST:
        reason = "nobody else answered these items: a queue sorted by class would look the same"
        return Unlike(None, None, None, None, None, reason)
    if seen.length[at] < SHORTEST or not seen.unlikely[at] or seen.of_its_class[at]:
        return Unlike(None, None, None, 1.0, None, f"no run of {SHORTEST} or more that others do not explain")
    p = min(n * float(np.exp(-seen.unlikely[at])), 1.0)
    same = None if np.isnan(seen.same[at]) else float(seen.same[at])
    return Unlike(int(seen.label[at]), int(seen.length[at]), same, p, None, None)


def _lack(n: int, known: bool) -> str:
    if not known:
        return "no question whose answers are compared by label"
    return NO_ORDER if not n else f"{n} answers in a known order; at least {FEWEST} are needed"


def _shuffled(some: Answers, seen: _Runs) -> dict[int, float]:
    """For each person the chance of a run as long as the longest, were the same labels of a question in random order.

    For one label exact by inclusion and exclusion: n_k labels fall into the n − n_k + 1 gaps between the others.
    Over labels summed (Bonferroni). That runs may not cross sessions makes it too large, never too small.
    """
    longest = pd.Series(seen.length).groupby(seen.annotator).max()
    counts = pd.DataFrame({"who": some.annotator, "question": some.question, "label": some.label}).value_counts()
    of = counts.index.get_level_values("who").to_numpy()
    n = counts.groupby(level=["who", "question"]).transform("sum").to_numpy(np.float64)
    run = longest.reindex(of).to_numpy(np.float64)
    p = chance_of_run(counts.to_numpy(np.float64), n, run) if len(counts) else np.zeros(0)
    return {int(who): min(float(total), 1.0) for who, total in pd.Series(p).groupby(of).sum().items()}


def chance_of_run(of_label: Floats, n: Floats, run: Floats) -> Floats:
    """The chance that n things in random order, `of_label` of them alike, hold a run of at least `run` of these.

    Exact where at most 1 in 2, else at least the truth (at most 1). Source: the occupancy of gaps, inclusion and
    exclusion (Feller 1968, vol. 1, II.11 and IV.2).

    >>> round(float(chance_of_run(np.array([2.0]), np.array([4.0]), np.array([2.0]))[0]), 12)
    0.5
    """
    gaps = n - of_label + 1
    total = np.zeros(len(n))
    first = np.zeros(len(n))
    for term in range(1, TERMS + 1):
        possible = (term <= gaps) & (term * run <= of_label)
        size = np.where(
            possible,
            np.exp(
                _log_choose(gaps, np.minimum(term, gaps))
                + _log_choose(np.maximum(n - term * run, n - of_label), n - of_label)
                - _log_choose(n, n - of_label)
            ),
            0.0,
        )
        first = size if term == 1 else first
        total += size if term % 2 else -size
    return np.clip(np.where(first <= 1.0, total, 1.0), 0.0, 1.0)


def _log_choose(n: Floats, k: Floats | Ints) -> Floats:
    result: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return result
