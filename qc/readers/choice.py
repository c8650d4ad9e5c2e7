"""Which files of an import are read, by which reader and in which role, and what is passed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from qc.model import InputError, Role
from qc.model.limits import Limits
from qc.readers.bundle import Bundle, Entry
from qc.readers.looks import holds_nothing, is_cut_off
from qc.readers.reader import Options, Reader
from qc.readers.registry import SURE, ranked, reader, strange
from qc.readers.report import Tally
from qc.readers.roles import IGNORE, Rule, first_match, role_of

SHOWN: Final = 5
"""File names that a remark shows."""

# A file that only looks like a sheet or like records is read among others if its name says the same.
_ADVICE: Final = '; to read them, give them a role by name, like "gold.csv" = "gold"'
_DATA: Final = (".csv", ".tsv", ".tab", ".psv", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet")


@dataclass(frozen=True, slots=True)
class Choice:
    """A file that is read: by whom, and what its name says of its answers."""

    entry: Entry
    reader: Reader
    role: Role | None = None
    annotator: str | None = None

    def options(self, given: Options) -> Options:
        """The options for this file."""
        return replace(given, role=self.role or given.role, annotator=self.annotator or given.annotator)


@dataclass(slots=True)
class Passed:
    """The files that are not read, by the reason."""

    ignored: int = 0
    empty: list[Entry] = field(default_factory=list)
    unknown: list[Entry] = field(default_factory=list)
    unsure: list[Entry] = field(default_factory=list)
    idle: list[Rule] = field(default_factory=list)

    def note(self, tally: Tally, used: set[Path], found: Bundle) -> None:
        """Remarks on them, but for those that were read beside another file."""
        tally.note("images, films, sounds and other media passed over: {n}", found.media)
        tally.note("links passed over: {n}; name the files that they lead to", found.links)
        tally.note("files passed over as their role says: {n}", self.ignored)
        for rule in self.idle:
            said = rule.role.value if rule.role else IGNORE
            shown = _listed([entry.name for entry in found.entries])
            tally.note(f"no file is left for the pattern {rule.pattern!r} ({said}); the files are {shown}")
        for entries, words, advice in (
            (self.empty, "files without records", ""),
            (self.unknown, "files of no known format, passed over", ""),
            (self.unsure, "files that may hold answers, passed over beside those that surely do", _ADVICE),
        ):
            left = [entry.name for entry in entries if entry.path.resolve() not in used]
            tally.note(f"{words}: {{n}} ({_listed(left)}){advice}", len(left))


def choose(
    found: Bundle, name: str | None, rules: Sequence[Rule], limits: Limits, passed: Passed
) -> tuple[Choice, ...]:
    """The files to read, with the named reader or with those that are surest of them.

    Where any file is surely an export, others that only look like one are passed over. An InputError where a file is
    cut off so early that nothing tells its format, and where nothing is left to read.
    """
    wanted = reader(name) if name else None
    single = len(found.entries) == 1
    sure, weak = list[Choice](), list[tuple[Choice, bool]]()
    matched = {first_match(rules, entry.name) for entry in found.entries}
    passed.idle += [rule for rule in rules if rule not in matched]
    for entry in found.entries:
        said = role_of(rules, entry.name)
        if said.ignored:
            passed.ignored += 1
            continue
        if wanted and single:
            return (Choice(entry, wanted, said.role, said.annotator),)
        source = entry.open(limits)
        rank, best = (wanted.sniff(source), wanted) if wanted else ranked(source)
        choice = Choice(entry, best, said.role, said.annotator)
        if rank >= SURE:
            sure.append(choice)
        elif holds_nothing(source):
            passed.empty.append(entry)
        elif is_cut_off(source):
            raise InputError(
                f"{source.name} is cut off at byte {source.size:,}, before it is complete; export it again."
            )
        elif rank and (single or entry.path.suffix.lower() in _DATA):
            weak.append((choice, said.exact))
        else:
            passed.unknown.append(entry)
    if sure:
        passed.unsure += [choice.entry for choice, exact in weak if not exact]
    chosen = [*sure, *(choice for choice, exact in weak if exact or not sure)]
    if not chosen:
        raise InputError(_nothing(found, wanted, limits, passed))
    return tuple(sorted(chosen, key=lambda choice: choice.entry.name))


def _nothing(found: Bundle, wanted: Reader | None, limits: Limits, passed: Passed) -> str:
    """Why nothing is read."""
    if passed.unknown:
        shown = strange(passed.unknown[0].open(limits))
        if len(found.entries) == 1:
            return shown
        what = f"looks like {wanted.title}" if wanted else "is of a known format"
        return f"None of the {len(found.entries):,} files of {found.label} {what}; {shown}"
    if passed.empty:
        names = _listed([entry.name for entry in passed.empty])
        return f"{names} holds no records; look at what was chosen for the export and export it again."
    rest = f"; {found.media:,} media were passed over" if found.media else ""
    return f"There is no file to read in {found.label}{rest}."


def _listed(names: Sequence[str]) -> str:
    more: Iterable[str] = [f"and {len(names) - SHOWN:,} more"] if len(names) > SHOWN else []
    return ", ".join([*(name[-60:].replace("{", "(") for name in names[:SHOWN]), *more])
