"""How far apart two answers are, for the kinds of answers that are more than equal or not.

Each function takes the distinct answers and gives a `Distance` between their indices, from 0 (equal) to 1.
"""

from qc.stats.distances.positions import position_bias
from qc.stats.distances.rankings import kendall, mean_w
from qc.stats.distances.sets import jaccard, masi, taxonomy
from qc.stats.distances.texts import chrf, edit, token_f1

__all__ = ["chrf", "edit", "jaccard", "kendall", "masi", "mean_w", "position_bias", "taxonomy", "token_f1"]
