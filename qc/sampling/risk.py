"""What makes an answer worth a look: factors from 0 to 1, their weights, and the risk that they make together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from qc.sampling.chances import Floats

# For so many days a person or a guideline is new, ever less so.
NEW_DAYS: Final = 14
# A factor this strong is named as a reason.
NAMED_FROM: Final = 0.5


@dataclass(frozen=True, slots=True)
class Factor:
    """A reason for a look: `strength` makes 0 to 1 of the columns of the measure `risk`, 0 where nothing is known.

    An answer in which only this factor is at 1 is drawn 1 + weight times as often as one without any.
    """

    name: str
    weight: float
    strength: Callable[[pd.DataFrame], Floats]


def low_confidence(answers: pd.DataFrame) -> Floats:
    """1 − the confidence (in thousandths) of the model whose label this is or began as, else of whoever gave it."""
    return _known(1 - answers["score_milli"].astype(float) / 1000)


def low_agreement(answers: pd.DataFrame) -> Floats:
    """The share of the others' answers to the same item and question that differ from this one."""
    return _known(answers["differing"].astype(float) / answers["others"].astype(float).where(lambda n: n > 0))


def hard_item(answers: pd.DataFrame) -> Floats:
    """1 where the export calls the item hard, else the share of pairs of all answers to it that differ."""
    pairs = answers["pairs"].astype(float).where(lambda n: n > 0)
    return np.maximum(_known(answers["hard"].astype(float)), _known(answers["differing_pairs"].astype(float) / pairs))


def rare_label(answers: pd.DataFrame) -> Floats:
    """How far the label's share is below an even one: 0 where all labels are as frequent, near 1 for a rare one."""
    share = answers["label_answers"].astype(float) / answers["question_answers"].astype(float)
    return _known(1 - share * answers["question_labels"].astype(float))


def new_guideline(answers: pd.DataFrame) -> Floats:
    """Falls from 1 on the first day of the answer's guideline to 0 after NEW_DAYS."""
    return _newness(answers["guideline_age"])


def new_annotator(answers: pd.DataFrame) -> Floats:
    """Falls from 1 on the annotator's first day to 0 after NEW_DAYS."""
    return _newness(answers["annotator_age"])


FACTORS: Final = (
    Factor("low confidence", 4.0, low_confidence),
    Factor("low agreement", 4.0, low_agreement),
    Factor("hard item", 2.0, hard_item),
    Factor("rare label", 2.0, rare_label),
    Factor("new guideline", 2.0, new_guideline),
    Factor("new annotator", 2.0, new_annotator),
)


def risks(answers: pd.DataFrame) -> pd.DataFrame:
    """risk: 1 + Σ weight · strength; reasons: the names of the factors at NAMED_FROM or above, the weightiest first.

    answers: the columns of the measure `risk`, null where unknown.
    """
    strengths = np.stack([factor.strength(answers) for factor in FACTORS])
    weights = np.array([factor.weight for factor in FACTORS])
    named = (strengths >= NAMED_FROM).T @ (1 << np.arange(len(FACTORS)))
    texts = {
        int(bits): tuple(factor.name for place, factor in enumerate(FACTORS) if bits >> place & 1)
        for bits in np.unique(named)
    }
    reasons = np.empty(len(answers), object)
    for bits, names in texts.items():
        which = np.flatnonzero(named == bits)
        reasons[which] = np.fromiter((names for _ in which), object, len(which))
    return pd.DataFrame({"risk": 1 + weights @ strengths, "reasons": reasons}, index=answers.index)


def _newness(age: pd.Series) -> Floats:
    return _known(1 - age.astype(float) / NEW_DAYS)


def _known(strength: pd.Series) -> Floats:
    """Between 0 and 1, and 0 where it is unknown."""
    known: Floats = np.clip(np.nan_to_num(strength.to_numpy(float, na_value=np.nan), nan=0.0), 0.0, 1.0)
    return known
