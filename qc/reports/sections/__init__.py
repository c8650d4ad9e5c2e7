"""The chapters of reports: each a pure function from the material to a Section."""

from qc.reports.sections.agreement import agreement
from qc.reports.sections.errors import confusion, error_types, rates, trend
from qc.reports.sections.fatigue import fatigue
from qc.reports.sections.models import models
from qc.reports.sections.money import cost, sites
from qc.reports.sections.people import alerts, care, levels
from qc.reports.sections.quality import conflicts, data, gold, samples
from qc.reports.sections.summary import summary

__all__ = [
    "agreement",
    "alerts",
    "care",
    "conflicts",
    "confusion",
    "cost",
    "data",
    "error_types",
    "fatigue",
    "gold",
    "levels",
    "models",
    "rates",
    "samples",
    "sites",
    "summary",
    "trend",
]
