"""Where and why people disagree: which labels, who, since when, and what raw agreement hides."""

from qc.stats.disagreement.clustered_share import clustered_share
from qc.stats.disagreement.confused import Confusion, confusions
from qc.stats.disagreement.hardest import Hard, hardest
from qc.stats.disagreement.holding import HOLDS, HeldAgreement, held, held_agreement
from qc.stats.disagreement.leaning import Leaning, leanings, leanings_of
from qc.stats.disagreement.outlying import Outlier, outliers
from qc.stats.disagreement.parted import Parted, certain, parted
from qc.stats.disagreement.shifts import Shift, Week, drift, error_of, shifts
from qc.stats.disagreement.without import moved

__all__ = [
    "HOLDS",
    "Confusion",
    "Hard",
    "HeldAgreement",
    "Leaning",
    "Outlier",
    "Parted",
    "Shift",
    "Week",
    "certain",
    "clustered_share",
    "confusions",
    "drift",
    "error_of",
    "hardest",
    "held",
    "held_agreement",
    "leanings",
    "leanings_of",
    "moved",
    "outliers",
    "parted",
    "shifts",
]
