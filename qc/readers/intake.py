"""From what a user names to one staging folder and one report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow.compute as pc
import pyarrow.parquet as pq

from qc.model import InputError
from qc.model.limits import DEFAULTS, Limits
from qc.readers.bundle import SCRATCH, bundle, bundle_digest
from qc.readers.choice import Choice, Passed, choose
from qc.readers.mapping import Mapping
from qc.readers.reader import Options
from qc.readers.report import ReadReport
from qc.readers.roles import PEOPLE, Rule
from qc.readers.skeleton import MappingNeededError
from qc.readers.staging import Staging

SHEETS: Final = ("table", "records")
NAMES: Final = 5
"""People that a remark names."""
NOTES: Final = 25
NOTE: Final = 600
"""Remarks of a report, and characters of one; names in them come from the file."""


def take(
    path: Path,
    name: str | None,
    options: Options,
    folder: Path,
    tell: Callable[[float], None],
    rules: Sequence[Rule] = (),
    limits: Limits = DEFAULTS,
    grown: Callable[[int], None] = lambda size: None,
    digest: str | None = None,
    saved: Sequence[tuple[str, Mapping]] = (),
) -> ReadReport:
    """Stages all files of what a user names with the named reader, or with those that recognise them.

    All or nothing: one file that cannot be read is an InputError. `grown` is told the bytes there are once archives
    are unpacked; `digest` is that of the file or folder, where it is known. `saved` are the project's mappings by
    format, the latest first.
    """
    digest = digest or bundle_digest(path)
    passed = Passed()
    with bundle(path, folder / SCRATCH, limits) as found:
        grown(found.size)
        choices = choose(found, name, rules, limits, passed)
        staging = Staging(folder, found.label, tell)
        with closing(staging):
            used = _read(choices, options, saved, staging, limits, found.size)
        passed.note(staging.tally, used, found)
        asked = [choice.options(options) for choice in choices]
        _note_unused(staging, {each.annotator for each in asked if each.annotator and each.role in PEOPLE})
    formats = ", ".join(dict.fromkeys(choice.reader.name for choice in choices))
    return _bounded(staging.tally.report(formats, found.label, digest))


def _read(
    choices: Sequence[Choice],
    options: Options,
    saved: Sequence[tuple[str, Mapping]],
    staging: Staging,
    limits: Limits,
    total: int,
) -> set[Path]:
    """Reads one file after the other; gives those that were read beside them."""
    tell, done, used = staging.progress, 0, set[Path]()
    for choice in choices:
        found = choice.entry.open(limits)
        staging.begin(found.name)
        staging.progress = _within(tell, done, found.size, total)
        meant = _remembering(choice.options(options), choice.reader.name, saved)
        if meant.mapping:
            staging.aliases = meant.mapping.aliases
        try:
            choice.reader.read(found, meant, staging)
        except MappingNeededError as error:
            raise MappingNeededError(_naming(found.name, f"{error}"), error.skeleton) from None
        except InputError as error:
            raise InputError(_naming(found.name, f"{error}")) from None
        used |= found.used
        done += found.size
    return used


def _note_unused(staging: Staging, names: Collection[str]) -> None:
    """A remark on people who were to be those of files that name their people themselves."""
    if not names:
        return
    # Where a mapping gives people other names, the name that was asked for stands under another.
    meant = {name: staging.aliases.annotators.get(name, name) for name in names}
    answers = pq.ParquetFile(staging.folder / "annotations.parquet").read(columns=["annotator", "role"])
    found = set(pc.unique(answers["annotator"]).to_pylist())
    for name in sorted(set(meant) - {asked for asked, known in meant.items() if known in found}):
        others = sorted(person for person in found if person)[:NAMES]
        staging.tally.note(
            f"no answer was taken as that of {name!r}: the files name their people ({', '.join(others)})"
        )


def _remembering(options: Options, format: str, saved: Sequence[tuple[str, Mapping]]) -> Options:
    """The options with the mappings saved for a format; a sheet chooses by its columns, others take the latest."""
    own = tuple(mapping for name, mapping in saved if name == format)
    latest = next(iter(own), None) if format not in SHEETS else None
    return replace(options, saved=own, mapping=options.mapping or latest)


def _within(tell: Callable[[float], None], done: int, size: int, total: int) -> Callable[[float], None]:
    """The progress of one file as a share of all."""
    return lambda reached: tell((done + min(reached, 1.0) * size) / max(total, 1))


def _naming(file: str, sentence: str) -> str:
    return sentence if file in sentence else f"{file}: {sentence}"


def _bounded(report: ReadReport) -> ReadReport:
    """The report with remarks that can be read."""
    notes = [note if len(note) <= NOTE else f"{note[: NOTE - 1]}…" for note in report.notes]
    if len(notes) > NOTES:
        notes = [*notes[: NOTES - 1], f"and {len(notes) - NOTES + 1:,} more remarks of this kind"]
    return replace(report, notes=tuple(notes))
