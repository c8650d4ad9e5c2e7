"""Where answers came from: the stable names of exports, and what replacing one by another means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb

from qc.lake import Changes
from qc.readers import ReadReport
from qc.readers.bundle import label
from qc.store import Store
from qc.store.imports import imports
from qc.workspace.ingested import counted, some

# A date, a time of day and the digest that some tools add to it, and a browser's counter.
_DATED: Final = re.compile(
    r"([\s._-]+at|[\s._-]*(\d{4}[-_]?\d{2}[-_]?\d{2}([-_T]\d{2}[-_]\d{2}([-_]\d{2})?)?(-[0-9a-f]{8})?|\(\d+\)"
    r"|\d{2}-\d{2}(-\d{2})?))(?=\W|_|$)"
)


def source_of(path: Path) -> str:
    """The stable name of what an export comes from: its name without dates, counters and suffix.

    >>> source_of(Path("tickets-2026-03-02 (1).json"))
    'tickets'
    >>> source_of(Path("project-7-at-2026-03-02-09-30-5f3c2a1b.zip"))
    'project-7'
    """
    name = label(path)
    stem = name if path.is_dir() else re.sub(r"(\.(tar\.gz|[\w]+\.gz|\w+))$", "", name)
    return _DATED.sub("", stem).strip(" -_.") or stem


def answers_by_source(files: Sequence[str]) -> dict[str, int]:
    """How many answers stand of each source, in some files of the lake."""
    if not files:
        return {}
    with duckdb.connect(config={"autoload_known_extensions": False, "autoinstall_known_extensions": False}) as con:
        answers = con.read_parquet(list(files), hive_partitioning=False)
        found = answers.filter("current").aggregate("source, count(*) AS n", "source").fetchall()
    return {str(source): int(n) for source, n in found}


def other_names(store: Store, project: str, source: str, digest: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Other sources of a project that are this one under another name.

    First those whose latest import was the very same file, of this digest; then those that once shared a file with it.
    """
    log = [(entry["source"], entry["digest"]) for entry in reversed(imports(store, project))]
    latest, own = dict(log), {held for name, held in log if name == source}
    same = tuple(name for name, held in latest.items() if held == digest and name != source)
    kin = dict.fromkeys(name for name, held in log if held in own and name not in (source, *same))
    return same, tuple(kin)


def joined(n: int, name: str, source: str) -> str:
    """What is said of answers that stood under another name of a source, and are none of its own."""
    were = "answer was" if n == 1 else "answers were"
    return f"{n:,} {were} removed that only stood under {name!r}, which is now a version of {source!r}"


def empty(report: ReadReport) -> str:
    """What is said of a file whose records hold no answers."""
    how = "; in the mapping, name the column of each question: column = …" if report.mapping else ""
    return f"no answer was found in {counted(report.accepted, 'record')}{how}"


def repeated(n: int, others: Sequence[str]) -> str:
    """What is said of answers that people of the same items had already given in other sources."""
    kept = "repeats an answer" if n == 1 else "repeat answers"
    named = others[0] if len(others) == 1 else "NAME"
    return (
        f"{counted(n, 'answer')} {kept} of the same person to the same item in {some(others)}, and "
        f"{'is' if n == 1 else 'are'} kept beside {'it' if n == 1 else 'them'} as a further round; where this file is "
        f"a newer version of that one, run it again with --source {named!r}"
    )


def replaced(source: str, before: Mapping[str, int], changes: Changes) -> str:
    """What `--replace` did to the answers of a source; `before` has the number of answers of each source.

    Where the project knows no such source, which ones it knows, and how to name the one that is meant.
    """
    if source in before:
        gone = {"answer": changes.answers.removed, "review": changes.tables["reviews"].removed}
        what = " and ".join(counted(n, name) for name, n in gone.items() if n)
        if what:
            return f"--replace removed {what} of {source!r} that the file no longer has"
        return f"--replace removed nothing: the file has all answers of {source!r}"
    if not before:
        return f"--replace removed nothing: {source!r} is the first source of the project"
    held = f"{counted(sum(before.values()), 'answer')} of {some(before)}"
    named = min(before) if len(before) == 1 else "NAME"
    return (
        f"--replace removed nothing: {source!r} is a new source here, and {held} "
        f"{'stays' if sum(before.values()) == 1 else 'stay'}; where this file takes the place of one, run it again "
        f"with --replace --source {named!r}"
    )


def left(source: str, before: Mapping[str, int], changes: Changes) -> str:
    """The answers of a source that a newer file no longer has, where that can be told; empty without any."""
    found = changes.answers.changed + changes.answers.unchanged
    stays = before.get(source, 0) - found
    if set(before) != {source} or not found or stays <= 0:
        return ""
    verb = "is not in this file, and stays" if stays == 1 else "are not in this file, and stay"
    return f"{counted(stays, 'earlier answer')} of {source!r} {verb}; --replace removes such"
