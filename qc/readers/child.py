"""The process that parses: it knows one file and one folder, within limits that the system enforces."""

from __future__ import annotations

import resource
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from qc.model import InputError, Role
from qc.readers.mapping import Mapping
from qc.readers.reader import Options
from qc.readers.registry import reader, recognise
from qc.readers.report import ReadReport
from qc.readers.source import digest, source
from qc.readers.staging import Staging

GIGABYTE: Final = 1 << 30
STEP: Final = 0.01
"""Progress is told when it has grown by this share."""


def limit(size: int) -> None:
    """Bounds memory, processor time, files and core dumps by the size of the input, in bytes."""
    bounds = {
        # Arrow and DuckDB reserve far more addresses than they use.
        resource.RLIMIT_AS: 4 * GIGABYTE + 2 * size,
        resource.RLIMIT_CPU: 60 + size // (1 << 20),
        resource.RLIMIT_FSIZE: 2 * GIGABYTE + 20 * size,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for name, wanted in bounds.items():
        hard = resource.getrlimit(name)[1]
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(name, (bound, bound))


def parse(path: Path, name: str | None, options: Options, folder: Path, tell: Any) -> ReadReport:
    """Stages a file with the named reader, or the one that recognises it."""
    chosen = reader(name) if name else recognise(path)
    found = source(path)
    staging = Staging(folder, path.name, tell)
    with closing(staging):
        chosen.read(found, options, staging)
    return staging.tally.report(chosen.name, path.name, digest(path))


class Progress:
    """Tells the parent process how far the parse has come, one line a percent."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, fraction: float) -> None:
        """Tells a share between 0 and 1, if it has grown enough."""
        if fraction >= self._told + STEP:
            self._told = fraction
            _say({"reached": min(fraction, 1.0)})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(message) + b"\n")
    sys.stdout.buffer.flush()


class WithoutPandas:
    """An import hook that hides pandas: Arrow would load it for nothing, in more time than most files take."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Refuses pandas, and leaves every other name to the hooks that follow."""
        if name == "pandas":
            raise ImportError("pandas is not used here")


def main() -> None:
    """Reads one request from standard input and answers in lines of JSON: progress, then a report or an error."""
    sys.meta_path.insert(0, WithoutPandas)
    request = orjson.loads(sys.stdin.buffer.read())
    path, folder = Path(request["path"]), Path(request["folder"])
    limit(path.stat().st_size if path.is_file() else 0)
    mapping = Mapping.from_json(request["mapping"]) if request["mapping"] is not None else None
    options = Options(datetime.fromisoformat(request["now"]), mapping, request["timezone"], Role(request["role"]))
    try:
        report = parse(path, request["reader"], options, folder, Progress()).to_json()
        (folder / "report.json").write_bytes(orjson.dumps(report))
        _say({"report": report})
    except InputError as error:
        _say({"error": str(error)})
    except MemoryError:
        _say({"error": f"{path.name} takes more memory than a file of its size may: it is damaged, or made to harm."})
    except OSError as error:
        fault = error.strerror or "system error"
        _say({"error": f"The rows of {path.name} could not be written: {fault}; free some space and read it again."})


if __name__ == "__main__":
    main()
