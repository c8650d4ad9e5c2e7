"""The chapters of reports: each a pure function from the material to a Section."""

from qc.reports.sections.agreement import agreement
from qc.reports.sections.comparisons import comparisons, groups
from qc.reports.sections.drift import drift
from qc.reports.sections.errors import confusion, error_types, rates, trend
from qc.reports.sections.fatigue import fatigue
from qc.reports.sections.models import models
from qc.reports.sections.money import cost
from qc.reports.sections.people import alerts, care, levels
from qc.reports.sections.prelabels import prelabels
from qc.reports.sections.quality import conflicts, data, gold, samples
from qc.reports.sections.sites import sites
from qc.reports.sections.summary import summary

__all__ = [
    "agreement",
    "alerts",
    "care",
    "comparisons",
    "conflicts",
    "confusion",
    "cost",
    "data",
    "drift",
    "error_types",
    "fatigue",
    "gold",
    "groups",
    "levels",
    "models",
    "prelabels",
    "rates",
    "samples",
    "sites",
    "summary",
    "trend",
]
