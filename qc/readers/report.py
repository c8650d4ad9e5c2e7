"""What came of reading a file: counts that add up, what is missing and what that costs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

COSTS: Final[Mapping[str, str]] = {
    "annotator": "no annotators: agreement and figures by person are not available",
    "submitted_at": "no times of submission: drift and trends are not available, nor is fatigue without positions",
    "seconds": "no durations: speed and the cost of labelling are not available",
    "session": "no sessions: they are derived from the times of submission, where there are any",
    "position": "no positions: the order of work is derived from the times of submission, where there are any",
    "gold": "no gold answers: errors against gold are not available",
    "model": "no model answers: override rates and calibration are not available",
    "reviews": "no reviews: errors found by review wait for the first spot check",
    "batch": "no batches: figures by batch are not available",
    "site": "no sites: figures by site are not available",
    "guideline": "no guideline versions: a change of guideline cannot be told from drift",
    "difficulty": "no difficulty: fatigue is adjusted by item only",
}
"""What each column that an export may lack takes with it."""


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What was read from one file; `read` = `accepted` + `quarantined`, counted in the format's records.

    A record is a row of a table or a submission of a tool. `reasons` counts the quarantined by reason, `missing` maps
    a column to what its absence costs, `notes` are sentences on what was assumed or not understood, `rows` counts the
    staged rows of each table, `clock_errors` impossible times and durations. `mapping` is the one used, if any.
    """

    format: str
    file: str
    digest: str
    read: int
    accepted: int
    quarantined: int
    reasons: Mapping[str, int]
    columns: tuple[str, ...]
    missing: Mapping[str, str]
    notes: tuple[str, ...]
    rows: Mapping[str, int]
    clock_errors: int
    mapping: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data, as report.json holds it."""
        return asdict(self) | {"columns": list(self.columns), "notes": list(self.notes)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReadReport:
        """The report behind plain data."""
        return cls(**{**data, "columns": tuple(data["columns"]), "notes": tuple(data["notes"])})


@dataclass(slots=True)
class Tally:
    """Counts kept while a file is read."""

    read: int = 0
    quarantined: int = 0
    clock_errors: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    present: set[str] = field(default_factory=set)
    notes: Counter[str] = field(default_factory=Counter)
    columns: tuple[str, ...] = ()
    mapping: Mapping[str, Any] | None = None

    def note(self, sentence: str, times: int = 1) -> None:
        """Counts a remark; `{n}` in the sentence stands for how often it was made."""
        if times:
            self.notes[sentence] += times

    def report(self, format: str, file: str, digest: str) -> ReadReport:
        """The finished report."""
        return ReadReport(
            format=format,
            file=file,
            digest=digest,
            read=self.read,
            accepted=self.read - self.quarantined,
            quarantined=self.quarantined,
            reasons=dict(self.reasons.most_common()),
            columns=self.columns,
            missing={column: cost for column, cost in COSTS.items() if column not in self.present},
            notes=tuple(told(sentence, times) for sentence, times in self.notes.items()),
            rows={table: self.rows[table] for table in ("annotations", "regions", "items", "reviews", "quarantine")},
            clock_errors=self.clock_errors,
            mapping=self.mapping,
        )


_SINGULAR: Final = {
    **{"are": "is", "were": "was", "have": "has", "do": "does", "say": "says", "lack": "lacks", "name": "names"},
    **{"hold": "holds", "come": "comes", "stand": "stands", "quote": "quotes", "fall": "falls", "belong": "belongs"},
    **{"share": "shares", "repeat": "repeats", "state": "states", "lie": "lies"},
}


def told(sentence: str, n: int) -> str:
    """A remark that begins with its count, in the singular where it is one.

    >>> told("{n} boxes are flat", 1), told("{n} boxes are flat", 2_000)
    ('1 box is flat', '2,000 boxes are flat')
    >>> told("{n} times are in the future and were left out, as are others", 1)
    '1 time is in the future and was left out, as are others'
    >>> told("{n} rows repeat answers that stand here and were taken", 1)
    '1 row repeats answers that stand here and were taken'
    """
    words = sentence.replace("{n}", f"{n:,}").split(" ")
    if n == 1 and words[0] == "1":
        noun = next((place for place, word in enumerate(words) if word.endswith("s") and word.isalpha()), None)
        verb = next((place for place, word in enumerate(words) if word in _SINGULAR), None)
        plain = verb is not None and not any(word.endswith(("'", ",")) for word in words[:verb])
        if noun is not None and verb is not None and noun < verb and plain:
            words[noun] = re.sub(r"ies$", "y", words[noun]) if words[noun].endswith("ies") else words[noun][:-1]
            words[noun] = re.sub(r"(x|ch|ss)e$", r"\1", words[noun])
            words[verb] = _SINGULAR[words[verb]]
            clause = next(
                (at for at, word in enumerate(words) if at > verb and (word == "that" or word[-1:] in (",", ":", ";"))),
                None,
            )
            for at in range(verb + 1, len(words) if clause is None else clause):
                if words[at - 1] == "and" and words[at] in _SINGULAR:
                    words[at] = _SINGULAR[words[at]]
    return " ".join(words)
