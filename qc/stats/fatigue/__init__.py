"""Do errors rise with time at work, once sessions, items, learning and speed are told apart?"""

from qc.stats.fatigue.assess import assess_fatigue, pace_only
from qc.stats.fatigue.pauses import (
    STRETCHES,
    USUAL_DAY,
    PausePlan,
    best_stretch,
    break_after_minutes,
    pause_plan,
    stretch_that_pays,
)
from qc.stats.fatigue.result import AnnotatorFatigue, Fatigue, HourBin, OverallFatigue
from qc.stats.fatigue.verdict import Verdict

__all__ = [
    "STRETCHES",
    "USUAL_DAY",
    "AnnotatorFatigue",
    "Fatigue",
    "HourBin",
    "OverallFatigue",
    "PausePlan",
    "Verdict",
    "assess_fatigue",
    "best_stretch",
    "break_after_minutes",
    "pace_only",
    "pause_plan",
    "stretch_that_pays",
]
