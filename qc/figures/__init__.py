"""Plotly figures from plain rows: pure functions, neutral to the theme, shared by pages and reports."""

from qc.figures.bars import interval_bar
from qc.figures.beside import beside, rate_by_period
from qc.figures.control import control_chart, lots_judged, statistics_against_threshold
from qc.figures.coverage import hours_covered
from qc.figures.curves import calibration, costs
from qc.figures.days import rate_by_day, volume_by_day
from qc.figures.design import designs
from qc.figures.distribution import items_by_agreement
from qc.figures.dots import dots
from qc.figures.forest import forest
from qc.figures.impact import CHOICES, WAYS, before_after, labels_or_review
from qc.figures.lots import operating_characteristic, outgoing_quality
from qc.figures.matrices import confusion, pairs
from qc.figures.pace import pace_over_time
from qc.figures.proofs import found_and_expected, proof_path, trend
from qc.figures.sessions import pauses_saved, rate_by_clock, rate_by_time_on_task
from qc.figures.theme import MOST
from qc.figures.time_at_work import duration, hours_by_cap, hours_of_the_week, pauses
from qc.figures.weeks import agreement_by_week, by_threshold
from qc.figures.words import Style, counted, estimate, interval, number, plain, probability, ranged, several

__all__ = [
    "CHOICES",
    "MOST",
    "WAYS",
    "Style",
    "agreement_by_week",
    "before_after",
    "beside",
    "by_threshold",
    "calibration",
    "confusion",
    "control_chart",
    "costs",
    "counted",
    "designs",
    "dots",
    "duration",
    "estimate",
    "forest",
    "found_and_expected",
    "hours_by_cap",
    "hours_covered",
    "hours_of_the_week",
    "interval",
    "interval_bar",
    "items_by_agreement",
    "labels_or_review",
    "lots_judged",
    "number",
    "operating_characteristic",
    "outgoing_quality",
    "pace_over_time",
    "pairs",
    "pauses",
    "pauses_saved",
    "plain",
    "probability",
    "proof_path",
    "ranged",
    "rate_by_clock",
    "rate_by_day",
    "rate_by_period",
    "rate_by_time_on_task",
    "several",
    "statistics_against_threshold",
    "trend",
    "volume_by_day",
]
