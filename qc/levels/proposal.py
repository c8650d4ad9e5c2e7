"""What a policy of levels looks at, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

NOTHING = np.zeros(0, bool)
NO_BATCHES = np.zeros(0, object)


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgements of a subject that count, in time order: 1 = wrong.

    `drawn` is the random share alone, `batches` the batch of each of these answers (None where it has none); gold
    answers are apart. `lot_sizes`: the answers that the subject has of each batch. `changed`: the level was
    changed before, and only what was judged since counts.
    """

    drawn: NDArray[np.bool_] = field(default_factory=NOTHING.copy)
    gold: NDArray[np.bool_] = field(default_factory=NOTHING.copy)
    batches: NDArray[np.object_] = field(default_factory=NO_BATCHES.copy)
    lot_sizes: Mapping[str, int] = field(default_factory=dict)
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """The number that decided, what it was compared with, and from how many judged answers."""

    statistic: float | None
    threshold: float | None
    n: int


@dataclass(frozen=True, slots=True)
class LevelProposal:
    """The level in force, the one that the evidence asks for (the same where it asks for no change), and why."""

    level: str
    proposed: str
    reason: str
    evidence: Evidence


def counted(count: int, noun: str) -> str:
    """A count with its noun.

    >>> counted(1, "error"), counted(1200, "error")
    ('1 error', '1,200 errors')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
