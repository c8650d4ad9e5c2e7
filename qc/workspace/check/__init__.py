"""The check of a project: rules, alerts and levels, and what people do with them."""

from qc.workspace.check.life import acknowledge, assign, comment, comments, resolve, set_level, snooze, wake
from qc.workspace.check.running import Checked, asleep, run

__all__ = [
    "Checked",
    "acknowledge",
    "asleep",
    "assign",
    "comment",
    "comments",
    "resolve",
    "run",
    "set_level",
    "snooze",
    "wake",
]
