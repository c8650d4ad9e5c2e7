"""Staging a file: the parse in a process of its own, and what it leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import orjson
import pyarrow.parquet as pq

import qc
from qc.model import InputError, Kind, Role, UnavailableError
from qc.model.limits import DEFAULTS, Limits
from qc.readers.bundle import SCRATCH, bundle_digest, check, label
from qc.readers.mapping import Mapping
from qc.readers.once import SPILL
from qc.readers.report import ReadReport
from qc.readers.roles import parse_roles
from qc.readers.skeleton import MappingNeededError
from qc.readers.staging import TABLES

PREVIEW: Final = 10
_LOOK: Final = {"annotations": PREVIEW, "regions": 10_000}

DRAWN: Final = frozenset(
    (Kind.SPANS, Kind.BOXES, Kind.POLYGONS, Kind.POLYLINES, Kind.KEYPOINTS, Kind.MASKS, Kind.TRACKS, Kind.INTERVALS)
)
"""The kinds whose answer is regions."""

_FILES: Final = (*(f"{name}.parquet" for name in TABLES), "items.raw", "references.raw", "report.json")


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would bring: the first answers as staged, the report, and the mapping of a sheet."""

    rows: tuple[MappingType[str, Any], ...]
    report: ReadReport
    mapping: Mapping | None


def stage(
    path: Path,
    reader_name: str | None,
    mapping: Mapping | None,
    timezone: str | None,
    folder: Path,
    now: datetime,
    progress: Callable[[float], None],
    role: Role = Role.ANNOTATOR,
    annotator: str | None = None,
    files: MappingType[str, str] = MappingProxyType({}),
    limits: Limits = DEFAULTS,
    digest: str | None = None,
    saved: Sequence[tuple[str, MappingType[str, Any]]] = (),
) -> ReadReport:
    """Parses a file, folder, pattern of files or archive in a child process into Parquet files in `folder`.

    All or nothing: where a file cannot be read the folder is left without staged files and an InputError says why.
    `progress` receives shares from 0 to 1; `now` tells which times lie in the future. `annotator` gave the answers of
    files that do not say; `files` are roles by pattern (`parse_roles`); `digest` is `bundle_digest(path)` if known.
    `saved` are the project's mappings by format as plain data, the latest first. A sheet whose columns say nothing is
    a MappingNeededError.
    """
    size = check(path, limits)
    parse_roles(files)
    _writable(folder)
    request = {
        "path": str(path.absolute()),
        "reader": reader_name,
        "mapping": mapping.to_json() if mapping else None,
        "timezone": timezone,
        "folder": str(folder.resolve()),
        "now": now.isoformat(),
        "role": role.value,
        "annotator": annotator,
        "files": dict(files),
        "limits": asdict(limits),
        "size": size,
        "digest": digest or bundle_digest(path),
        "saved": list(saved),
    }
    try:
        return ReadReport.from_json(_run(request, label(path), progress))
    except BaseException:
        for name in _FILES:
            (folder / name).unlink(missing_ok=True)
        for name in (SPILL, SCRATCH):
            shutil.rmtree(folder / name, ignore_errors=True)
        raise


def preview(
    path: Path,
    reader_name: str | None,
    mapping: Mapping | None,
    timezone: str | None,
    now: datetime,
    role: Role = Role.ANNOTATOR,
    annotator: str | None = None,
    files: MappingType[str, str] = MappingProxyType({}),
    limits: Limits = DEFAULTS,
    saved: Sequence[tuple[str, MappingType[str, Any]]] = (),
) -> Preview:
    """The first ten answers (with the number of their regions), the report and the mapping; nothing is kept."""
    with tempfile.TemporaryDirectory() as name:
        asked = (path, reader_name, mapping, timezone, Path(name), now, silent, role, annotator, files, limits)
        return looked_at(Path(name), stage(*asked, saved=saved))


def looked_at(folder: Path, report: ReadReport) -> Preview:
    """The preview of what is staged in a folder."""
    rows, marked = (_first(folder / f"{table}.parquet", n) for table, n in _LOOK.items())
    regions = Counter((row["annotation_id"], row["question"]) for row in marked)
    known = [{name: value for name, value in row.items() if value is not None} for row in rows]
    for row in known:
        if row["kind"] in DRAWN:
            row["regions"] = regions[row.get("annotation_id"), row["question"]]
    return Preview(tuple(known), report, Mapping.from_json(report.mapping) if report.mapping else None)


def _first(path: Path, n: int) -> list[dict[str, Any]]:
    batch = next(pq.ParquetFile(path).iter_batches(n), None)
    return batch.to_pylist() if batch is not None else []


def silent(_share: float) -> None:
    """Tells nobody."""


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UnavailableError(f"Nothing can be written to the folder {folder.name!r}: {error.strerror}.") from None


def _run(request: MappingType[str, Any], file: str, progress: Callable[[float], None]) -> dict[str, Any]:
    """The report of a child process; its error, or its death, as an InputError."""
    message: dict[str, Any] = {}
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "qc.readers.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(orjson.dumps(request))
            child.stdin.close()
            for line in child.stdout:
                message = orjson.loads(line)
                if "reached" in message:
                    progress(message["reached"])
        except BrokenPipeError:
            message = {}
        except BaseException:
            child.kill()
            raise
    if "report" in message:
        report: dict[str, Any] = message["report"]
        return report
    if "skeleton" in message:
        raise MappingNeededError(_naming(file, message["error"]), message["skeleton"])
    if "error" in message:
        raise InputError(_naming(file, message["error"]))
    raise InputError(_death(file, child.returncode))


def _environment() -> dict[str, str]:
    """What a parser needs to run, and nothing of what the parent knows."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    root = str(Path(qc.__file__).parent.parent)
    return kept | {"PYTHONPATH": root, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "ARROW_IO_THREADS": "2"}


def _naming(file: str, sentence: str) -> str:
    """A parser's sentence, which need not know the file, with its name: several may be read at once."""
    # A folder's name may be any word of the sentence.
    said = file in sentence if "." in file else sentence.startswith(file)
    return sentence if said else f"{file}: {sentence}"


def _death(file: str, code: int) -> str:
    if code == -signal.SIGXCPU:
        return f"Reading {file} took longer than a file of its size may take; split it or export it again."
    if code < 0:
        name = signal.Signals(-code).name
        return f"The parser of {file} was ended by signal {-code} ({name}): the file is damaged, or made to harm."
    return f"The parser of {file} failed (exit status {code}); export the file again, or name its format with --format."
