"""What an import brought, in the words that end it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from qc.lake import Changes
from qc.model import InputError, Role
from qc.readers import ReadReport

NOTES_SHOWN: Final = 4
NAMES_SHOWN: Final = 3
REASONS_SHOWN: Final = 5
_CALLED: Final = {
    Role.ANNOTATOR: "answer",
    Role.REVIEWER: "reviewer's answer",
    Role.ADJUDICATOR: "settled answer",
    Role.GOLD: "gold answer",
    Role.MODEL: "model answer",
    Role.CONSENSUS: "merged answer",
}


@dataclass(frozen=True, slots=True)
class Ingested:
    """What an import brought, in one closing line; there is no report where nothing had changed."""

    sentence: str
    report: ReadReport | None = None


class GoldRefusedError(InputError):
    """The answers are in the project, and the gold answers that were to follow are not."""

    def __init__(self, taken: Ingested, project: str, file: str, reason: str) -> None:
        super().__init__(
            f"The answers are in {project}, the gold answers are not: {reason} Mend {file} and run the same command "
            "again; what is in is not taken in twice."
        )
        self.taken = taken


def stopped(reason: str, file: Path, kept: Sequence[Path], waiting: Sequence[Path]) -> str:
    """Why the reading of several files ended, and what became of the others; a single file has only the reason."""
    told = [reason]
    if kept:
        told.append(f"Read before it, and kept: {', '.join(map(str, kept))}.")
    if waiting:
        told.append(f"Not tried: {', '.join(map(str, waiting))}.")
    if kept or waiting:
        told.append(f"Mend {file} or leave it out, and run the command again; what is in is not taken in twice.")
    return "\n".join(told)


def closing(
    report: ReadReport, changes: Changes, read: Mapping[Role, int], role: Role, first: tuple[str, ...] = ()
) -> str:
    """The closing line: what was read, what was refused, what is missing and what that costs; `first` notes are shown.

    Answers of models, reviewers and gold are told beside those of people, or in their place where there are none.
    """
    answers = changes.answers
    parts = [f"{_read(read, role)} read"]
    if others := [counted(count, _CALLED[whose]) for whose, count in read.items() if whose is not role]:
        parts += [f"and {' and '.join(others)}"] if read.get(role) else []
    if answers.changed or answers.unchanged or answers.removed:
        parts.append(f"{answers.new:,} new, {answers.changed:,} changed, {answers.unchanged:,} unchanged")
    if answers.removed:
        parts.append(f"{answers.removed:,} removed")
    if answers.duplicates:
        parts.append(f"{counted(answers.duplicates, 'exact duplicate')} dropped")
    if report.quarantined:
        parts.append(f"{counted(report.quarantined, 'record')} quarantined (see qc doctor)")
    if report.clock_errors:
        parts.append(f"{report.clock_errors:,} with impossible times or durations")
    if role is Role.GOLD:
        return "; ".join([", ".join(parts), *first, *report.notes]) + "."
    if report.missing:
        missing = "; ".join(cost.split(":")[0] for cost in report.missing.values())
        parts.append(f"{counted(len(report.missing), 'column')} missing: {missing}")
    rest = [note for note in report.notes if note not in first]
    shown = [*first, *rest[: max(0, NOTES_SHOWN - len(first))]]
    notes = [f"  note: {note}." for note in shown]
    if more := len(first) + len(rest) - len(shown):
        notes.append(f"  and {more} more, on the page Data.")
    return "\n".join([", ".join(parts) + ".", *quarantined(report.reasons), *notes])


def quarantined(reasons: Mapping[str, int]) -> Iterator[str]:
    """Why records were refused, the most frequent reasons first; those that are not named are counted."""
    ordered = sorted(reasons.items(), key=lambda reason: -reason[1])
    yield from (f"  quarantined: {count:,} × {why}." for why, count in ordered[:REASONS_SHOWN])
    if unsaid := ordered[REASONS_SHOWN:]:
        records = counted(sum(count for _why, count in unsaid), "record")
        yield f"  and {records} for {counted(len(unsaid), 'more reason')}: qc doctor names them."


def _read(read: Mapping[Role, int], role: Role) -> str:
    shown = {role: read.get(role, 0)} if read.get(role) or not read else read
    return " and ".join(counted(count, _CALLED[whose]) for whose, count in shown.items())


def counted(n: int, what: str) -> str:
    """A number and its noun, in the plural but for one.

    >>> counted(1, "answer"), counted(2_000, "answer")
    ('1 answer', '2,000 answers')
    """
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def some(words: Collection[str]) -> str:
    """The first of some words, and how many more there are.

    >>> some(["d", "c", "b", "a"])
    "'a', 'b', 'c' and 1 more"
    """
    shown = ", ".join(repr(word[:40]) for word in sorted(words)[:NAMES_SHOWN])
    return shown + (f" and {len(words) - NAMES_SHOWN:,} more" if len(words) > NAMES_SHOWN else "")
