"""Agreement between annotators, from label patterns."""

from qc.stats.agreement.by_people import agreement_of_people
from qc.stats.agreement.coefficients import Agreement, Influence, agreement, krippendorff
from qc.stats.agreement.jackknife import Both
from qc.stats.agreement.labels import LabelAgreement
from qc.stats.agreement.ratings import Ratings

__all__ = [
    "Agreement",
    "Both",
    "Influence",
    "LabelAgreement",
    "Ratings",
    "agreement",
    "agreement_of_people",
    "krippendorff",
]
