"""Speed and care: who answers too fast to have looked, and what else betrays answers that nobody thought about."""

from qc.stats.care.assess import assess_care
from qc.stats.care.result import LIKELY, Care, PersonCare, SlowItem
from qc.stats.care.words import flags

__all__ = ["LIKELY", "Care", "PersonCare", "SlowItem", "assess_care", "flags"]
