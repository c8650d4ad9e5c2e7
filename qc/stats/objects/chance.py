"""How well answers to different items agree: what is to be expected of people who do not look."""

from __future__ import annotations

from typing import Final

import numpy as np

from qc.stats.objects.answers import Answers
from qc.stats.objects.comparison import GATE, Comparison
from qc.stats.objects.pairs import candidates, within
from qc.stats.objects.regions import Drawn, Objects

PAIRS: Final = 2_000
"""Pairs of answers that are drawn."""


def by_chance(drawn: Drawn, answers: Answers, rng: np.random.Generator) -> tuple[float, float, int]:
    """Of pairs of two people's answers to different items: matched objects with one label, all objects, and pairs.

    answers: sorted. Twice the first over the second is F1 by chance.
    """
    own = np.flatnonzero(answers.annotator >= 0)
    if not len(own):
        return 0.0, 0.0, 0
    one, other = rng.choice(own, (2, PAIRS))
    keep = (answers.item[one] != answers.item[other]) & (answers.annotator[one] != answers.annotator[other])
    one, other = one[keep], other[keep]
    objects = drawn.objects
    of_answer = answers.of(objects.item, objects.annotator)
    order = np.argsort(of_answer, kind="stable")
    begin = np.searchsorted(of_answer[order], np.arange(len(answers.item) + 1))
    size = np.diff(begin)
    both = np.concatenate([one, other])
    which = order[np.repeat(begin[both], size[both]) + within(size[both])]
    pair = np.repeat(np.tile(np.arange(len(one)), 2), size[both])
    side = np.repeat(np.repeat([0, 1], len(one)), size[both])
    moved = Objects(pair, side, objects.label[which], objects.bounds[which], objects.point[which], objects.page[which])
    near = candidates(pair, side, moved.bounds, lambda i, j: drawn.similarity(which[i], which[j]))
    everyone = Answers(np.repeat(np.arange(len(one)), 2), np.tile([0, 1], len(one)))
    found = Comparison(moved, everyone, near).found(GATE)
    return float(found.sum()), float(len(which)), len(one)
