"""Each label against all others: what a model calls so and is not, and what is so and it calls otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qc.model import Estimate, undefined
from qc.stats.models.shares import weighted_share


@dataclass(frozen=True, slots=True)
class LabelErrors:
    """One label of one question.

    false_positive: of the answers that are not so, the share that the model calls so. false_negative: of those that
    are so, the share that it calls otherwise. precision: of those that it calls so, the share that are.
    """

    question: str
    label: str
    n: int
    false_positive: Estimate
    false_negative: Estimate
    precision: Estimate


def label_errors(judged: pd.DataFrame) -> tuple[LabelErrors, ...]:
    """One entry per question and label that is true or predicted, the commonest first.

    judged: question, predicted, truth, weight; rows whose truth is unknown (None) are left out.
    """
    return tuple(
        entry
        for question, rows in judged[judged["truth"].notna()].groupby("question", sort=True)
        for entry in sorted(_of_question(str(question), rows), key=lambda entry: (-entry.n, entry.label))
    )


def _of_question(question: str, rows: pd.DataFrame) -> Iterator[LabelErrors]:
    truth, predicted = rows["truth"].to_numpy(str), rows["predicted"].to_numpy(str)
    weight = rows["weight"].to_numpy(float)
    for label in np.unique(np.concatenate([truth, predicted])):
        is_so, called = truth == label, predicted == label
        yield LabelErrors(
            question,
            str(label),
            int(is_so.sum()),
            _share(called, weight, ~is_so, f"every judged answer is {label}"),
            _share(~called, weight, is_so, f"no judged answer is {label}"),
            _share(is_so, weight, called, f"the model never says {label}"),
        )


def _share(hits: np.ndarray, weight: np.ndarray, among: np.ndarray, reason: str) -> Estimate:
    found = weighted_share(hits[among], weight[among])
    return undefined(reason, unit=found.unit) if found.value is None else found
