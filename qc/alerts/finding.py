"""What a rule says: a finding with its evidence, the proof that a page draws, and the key of its episode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

INFO, WARNING, CRITICAL = "info", "warning", "critical"
SEVERITIES: Final = (INFO, WARNING, CRITICAL)
MOST_ITEMS: Final = 100
# The longest path that evidence keeps of a chart; of a longer one the end.
MOST_STEPS: Final = 400


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what an alert is about: `kind` (annotator, question, label, reviewer, team, data) and its name."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The number, what it was compared with, from how many, its interval, the items behind it, and its `proof`.

    `proof` is None or plain data for a chart, by its `chart`:
    `cusum`: `values` (the statistic after each of the last answers, in errors), `threshold`, `first` (the place of the
    first of them in the sequence, from 1).
    `rate`: `rows` of `name`, `value`, `low`, `high`, `n`, all fractions, and `threshold`.
    `trend`: `rows` of `period` (a day), `value`, `low`, `high`, `n`, and `threshold`, which may be None.
    `counts`: `rows` of `name`, `value` (found) and `expected`, counts both, of `n` and `expected_n` answers.
    """

    value: float | None
    threshold: float | None
    n: int
    low: float | None = None
    high: float | None = None
    items: tuple[str, ...] = ()
    proof: Mapping[str, Any] | None = None


def cusum(values: Iterable[float], threshold: float) -> dict[str, Any]:
    """The proof of a control chart: its path, and what it must reach."""
    path = [round(float(value), 4) for value in values]
    kept = path[-MOST_STEPS:]
    return {"chart": "cusum", "values": kept, "threshold": threshold, "first": len(path) - len(kept) + 1}


def rate(rows: Iterable[Mapping[str, Any]], threshold: float) -> dict[str, Any]:
    """The proof of one rate or several with their intervals, beside what they were compared with."""
    return {"chart": "rate", "rows": [dict(row) for row in rows], "threshold": threshold}


def trend(rows: Iterable[Mapping[str, Any]], threshold: float | None) -> dict[str, Any]:
    """The proof of what changed from period to period."""
    return {"chart": "trend", "rows": [dict(row) for row in rows], "threshold": threshold}


def counts(rows: Iterable[Mapping[str, Any]], n: int, expected_n: int) -> dict[str, Any]:
    """The proof of what was found more or less often than expected."""
    return {"chart": "counts", "rows": [dict(row) for row in rows], "n": n, "expected_n": expected_n}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule speaking about one subject; findings with the same `key` belong to the same episode."""

    rule: str
    severity: str
    subject: Subject
    message: str
    evidence: Evidence
    key: str


def episode(rule: str, subject: Subject, stage: str = "") -> str:
    """The key of an episode; `stage` tells apart what a rule reports more than once of one subject."""
    return "|".join(part.replace("|", "||") for part in (rule, subject.kind, subject.key, stage))
