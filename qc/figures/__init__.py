"""Plotly figures from plain rows: pure functions, neutral to the theme, shared by pages and reports."""

from qc.figures.control import statistics_against_threshold
from qc.figures.curves import calibration, costs
from qc.figures.days import rate_by_day, volume_by_day
from qc.figures.distribution import items_by_agreement
from qc.figures.dots import dots
from qc.figures.matrices import confusion, pairs
from qc.figures.pace import pace_over_time
from qc.figures.sessions import pauses_saved, rate_by_clock, rate_by_time_on_task
from qc.figures.theme import MOST
from qc.figures.time_at_work import duration, hours_by_cap, hours_of_the_week, pauses
from qc.figures.weeks import agreement_by_week, by_threshold
from qc.figures.words import Style, counted, estimate, interval, number, plain, several

__all__ = [
    "MOST",
    "Style",
    "agreement_by_week",
    "by_threshold",
    "calibration",
    "confusion",
    "costs",
    "counted",
    "dots",
    "duration",
    "estimate",
    "hours_by_cap",
    "hours_of_the_week",
    "interval",
    "items_by_agreement",
    "number",
    "pace_over_time",
    "pairs",
    "pauses",
    "pauses_saved",
    "plain",
    "rate_by_clock",
    "rate_by_day",
    "rate_by_time_on_task",
    "several",
    "statistics_against_threshold",
    "volume_by_day",
]
