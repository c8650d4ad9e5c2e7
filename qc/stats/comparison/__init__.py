"""Two parts of the work held against each other: errors, speed, cost; groups beside the rest; drift between batches."""

from qc.stats.comparison.answers import Cells, cells, error_side
from qc.stats.comparison.drift import Mix, mix_against, new_values, outside, standing_out
from qc.stats.comparison.gaps import Gap, gaps
from qc.stats.comparison.holding import Standard, standard
from qc.stats.comparison.sides import Side, difference, estimate, paired_answers
from qc.stats.comparison.speed import Pace, cost_side, median_side

__all__ = [
    "Cells",
    "Gap",
    "Mix",
    "Pace",
    "Side",
    "Standard",
    "cells",
    "cost_side",
    "difference",
    "error_side",
    "estimate",
    "gaps",
    "median_side",
    "mix_against",
    "new_values",
    "outside",
    "paired_answers",
    "standard",
    "standing_out",
]
