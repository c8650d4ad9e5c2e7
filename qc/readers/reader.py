"""What a reader is: a name, a sniff and a read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from qc.model import InputError, Role
from qc.readers.decoding import NOT_FINITE
from qc.readers.mapping import Mapping
from qc.readers.skeleton import MappingNeededError
from qc.readers.source import Source
from qc.readers.staging import Staging


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says about a file, and the time of reading.

    `mapping` is for sheets and records (guessed when None), and its paths say where other formats have batch, site and
    the like. `timezone` is for times that carry none (UTC is assumed when None). `role` is that of the answers that
    people gave: gold for a file of gold answers. `annotator` names who gave the answers of a file that does not say.
    `saved` are the format's earlier mappings, the latest first: a sheet takes the first that fits its columns.
    """

    now: datetime
    mapping: Mapping | None = None
    timezone: str | None = None
    role: Role = Role.ANNOTATOR
    annotator: str | None = None
    saved: tuple[Mapping, ...] = ()

    def for_columns(self, columns: Collection[str]) -> Mapping | None:
        """The mapping of a sheet: the stated one, else the latest saved one all of whose columns it has, if any."""
        fitting = (mapping for mapping in self.saved if set(mapping.used()) <= set(columns))
        return self.mapping or next(fitting, None)


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: `sniff` says how sure it is of a file (0 no, 100 certain), `stage` stages the file's rows."""

    name: str
    title: str
    sniff: Callable[[Source], int]
    stage: Callable[[Source, Options, Staging], None]

    def read(self, source: Source, options: Options, staging: Staging) -> None:
        """Stages the file's rows; where the file is not known to be of the format, what is said says so."""
        unlike = f"{source.name} does not look like {self.title}, the format {self.name!r}"
        try:
            self.stage(source, options, staging)
        except MappingNeededError:
            raise
        except InputError as error:
            if self.sniff(source):
                raise
            raise InputError(f"{unlike}: leave --format out, or name another; as {self.name}, {error}") from None
        if not self.sniff(source):
            staging.tally.note(f"{unlike}: see whether it was read as it should be, or leave --format out")
        staging.tally.note(NOT_FINITE, len(source.emptied))
