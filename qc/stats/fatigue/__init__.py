"""Do errors rise with time at work, once sessions, items, learning and speed are told apart?"""

from qc.stats.fatigue.assess import assess_fatigue
from qc.stats.fatigue.result import AnnotatorFatigue, Fatigue, HourBin, OverallFatigue
from qc.stats.fatigue.verdict import Verdict, break_after_minutes

__all__ = [
    "AnnotatorFatigue",
    "Fatigue",
    "HourBin",
    "OverallFatigue",
    "Verdict",
    "assess_fatigue",
    "break_after_minutes",
]
