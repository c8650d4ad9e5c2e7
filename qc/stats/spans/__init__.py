"""Agreement on spans of texts and intervals of recordings."""

from qc.stats.spans.agreement import MarkAgreement, mark_agreement
from qc.stats.spans.marks import Marks, marks_of
from qc.stats.spans.unitizing import Unitizing, unitizing

__all__ = ["MarkAgreement", "Marks", "Unitizing", "mark_agreement", "marks_of", "unitizing"]
