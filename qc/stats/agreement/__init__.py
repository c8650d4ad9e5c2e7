"""Agreement between annotators, from label patterns."""

from qc.stats.agreement.coefficients import Agreement, Influence, agreement
from qc.stats.agreement.labels import LabelAgreement

__all__ = ["Agreement", "Influence", "LabelAgreement", "agreement"]
