"""Gamma of small documents, by pygamma-agreement where it is installed.

Gamma aligns the units of all annotators as cheaply as can be, and holds the cost against that of units laid at random.
The cost of computing it grows steeply with annotators and units, and what it needs (cvxopt) is under the GPL, so it is
an extra that nothing else depends on. Source: Mathet, Widlöcher & Métivier 2015.
"""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import Final

import numpy as np

from qc.model import Estimate, undefined
from qc.stats.agreement.deletions import jackknife_variance
from qc.stats.agreement.jackknife import Ground, Replicated, items_estimate
from qc.stats.patterns import Floats, Integers
from qc.stats.spans.marks import Marks

MOST_PEOPLE: Final = 3
MOST_UNITS: Final = 100
DOCUMENTS: Final = 3
_SAMPLES: Final = 30

NOT_INSTALLED: Final = "gamma needs the extra `gamma`: pip install 'annotation-qc[gamma]' (it brings GPL software)"
NONE_SMALL: Final = (
    f"gamma is computed for documents of 2 to {MOST_PEOPLE} annotators who all marked something, "
    f"{MOST_UNITS} marks at most, and there is none"
)


def gamma(marks: Marks, seed: int) -> Estimate:
    """The mean gamma of at most 3 small documents, drawn with `seed`; the interval is over documents.

    Undefined without pygamma-agreement, and without a document of 2 or 3 annotators who marked 1 to 100 units in all.
    """
    if find_spec("pygamma_agreement") is None:
        return undefined(NOT_INSTALLED, 0, "items")
    units = marks.at(marks.last > marks.first)
    documents = _small(units)
    if not len(documents):
        return undefined(NONE_SMALL, 0, "items")
    generator = np.random.default_rng(seed)
    chosen = np.sort(generator.choice(documents, min(DOCUMENTS, len(documents)), replace=False))
    values = np.array([_of_document(units, item, int(generator.integers(2**32))) for item in chosen.tolist()])
    n = len(values)
    value = float(values.mean())
    if n < 2:
        return Estimate(value, None, None, n, "items", "gamma of one document")
    left = (values.sum() - values) / (n - 1)
    variance = jackknife_variance(left, np.ones(n, dtype=np.int64))
    ground = Ground(n, 2.0, min(max(value, 0.0), 1.0), 1.0, -1.0, (f"of {n} documents only",))
    return items_estimate(Replicated(value, variance, variance, variance), ground)


def _small(units: Marks) -> Integers:
    """Items that gamma can be computed for."""
    items, place = np.unique(units.item, return_inverse=True)
    given = np.bincount(units.answer, minlength=len(units.item))
    people, empty = np.bincount(place, minlength=len(items)), np.bincount(place, given == 0, len(items))
    total: Floats = np.bincount(place, given, len(items)).astype(np.float64)
    return np.asarray(items[(people >= 2) & (people <= MOST_PEOPLE) & (empty == 0) & (total <= MOST_UNITS)])


def _of_document(units: Marks, item: int, seed: int) -> float:
    from pyannote.core import Segment
    from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum

    document = Continuum()
    for i in np.flatnonzero(units.item[units.answer] == item).tolist():
        segment = Segment(int(units.first[i]), int(units.last[i]))
        document.add(str(units.annotator[units.answer[i]]), segment, str(units.code[i]))
    # The package draws from numpy's shared generator, and says at every step which solver it lacks.
    before, level = np.random.get_state(), logging.getLogger().level
    np.random.seed(seed)
    logging.getLogger().setLevel(logging.ERROR)
    try:
        return float(document.compute_gamma(CombinedCategoricalDissimilarity(), n_samples=_SAMPLES).gamma)
    finally:
        np.random.set_state(before)
        logging.getLogger().setLevel(level)
