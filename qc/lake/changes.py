"""What an import asks for, and what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qc.lake.sql import literal


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one table by what became of them; new + changed + unchanged + duplicates + unmatched were staged.

    `duplicates` are exact repeats and, under one id, versions that a later one in the same file supersedes;
    `unmatched` are regions of no answer in the file.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    duplicates: int = 0
    unmatched: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import did to each table, and the versions that hold it: the record names them last."""

    tables: Mapping[str, Counts]
    versions: Mapping[str, int]

    @property
    def answers(self) -> Counts:
        """The counts of the annotations."""
        return self.tables["annotations"]


@dataclass(frozen=True, slots=True)
class Job:
    """One import: its provenance, and each table's committed files that it is compared with."""

    project: str
    source: str
    import_id: str
    replace: bool
    base: Mapping[str, list[str]] = field(default_factory=dict)

    def provenance(self, instead: Mapping[str, str] | None = None) -> dict[str, str]:
        """SQL of the columns that every written row gets from the import, and of others computed `instead` of read."""
        stamps = {
            "project": literal(self.project),
            "source": literal(self.source),
            "import_id": literal(self.import_id),
        }
        return {**stamps, **(instead or {})}


@dataclass(frozen=True, slots=True)
class Difference:
    """What to commit to a table: SQL of the rows to write, and of what becomes of rows that the lake holds.

    `fates` names the rows that do not stay as they are, each once: the table's `ROW_KEYS` and `gone`. One that is not
    gone gets the columns of `amended`, SQL over the row `b` and its fate `f`. None where rows are only added.
    """

    table: str
    counts: Counts
    writes: bool
    upserts: str
    fates: str | None = None
    amended: Mapping[str, str] = field(default_factory=dict)
