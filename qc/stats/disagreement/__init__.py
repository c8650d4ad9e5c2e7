"""Where and why people disagree: which labels, who, since when, and what raw agreement hides."""

from qc.stats.disagreement.clustered_share import clustered_share
from qc.stats.disagreement.confused import Confusion, confusions
from qc.stats.disagreement.hardest import Hard, hardest
from qc.stats.disagreement.leaning import Leaning, leanings
from qc.stats.disagreement.parted import Parted, parted
from qc.stats.disagreement.shifts import Shift, Week, drift, error_of, shifts

__all__ = [
    "Confusion",
    "Hard",
    "Leaning",
    "Parted",
    "Shift",
    "Week",
    "clustered_share",
    "confusions",
    "drift",
    "error_of",
    "hardest",
    "leanings",
    "parted",
    "shifts",
]
