"""What each alert rule looks for, and how often it speaks without cause, in words."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import getdoc

from qc.alerts import RULES


@dataclass(frozen=True, slots=True)
class Explained:
    """A rule in words; both are empty for a rule of an earlier version."""

    what: str
    false_alarms: str


def explained(rule: str) -> Explained:
    """What a rule of this name looks for, and how its false alarms are bounded.

    >>> explained("skip rate").what
    'An annotator skips far more items than the others do.'
    """
    known = next((each for each in RULES if each.name == rule), None)
    if known is None:
        return Explained("", "")
    return Explained((getdoc(type(known)) or "").split("\n", 1)[0], known.false_alarms)
