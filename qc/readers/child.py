"""The process that parses: it knows what one import names and one folder, within limits that the system enforces."""

from __future__ import annotations

import gc
import resource
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson

from qc.model import InputError, Role
from qc.model.limits import DEFAULTS, Limits
from qc.readers.bundle import label
from qc.readers.intake import take
from qc.readers.mapping import Mapping
from qc.readers.reader import Options
from qc.readers.report import ReadReport
from qc.readers.roles import parse_roles
from qc.readers.skeleton import MappingNeededError

MEGABYTE: Final = 1 << 20
STEP: Final = 0.01
"""Progress is told when it has grown by this share."""


def limit(size: int, limits: Limits = DEFAULTS, most: int = 0) -> None:
    """Bounds memory, processor time, files and core dumps by the size of the input, in bytes.

    The bounds can be raised later for an input of up to `most` bytes, once archives are unpacked.
    """
    for name, bound in _bounds(size, limits).items():
        ceiling, hard = _bounds(max(size, most), limits)[name], resource.getrlimit(name)[1]
        ceiling = ceiling if hard == resource.RLIM_INFINITY else min(ceiling, hard)
        resource.setrlimit(name, (min(bound, ceiling), ceiling))


def _bounds(size: int, limits: Limits) -> dict[int, int]:
    return {
        # Arrow and DuckDB reserve far more addresses than they use.
        resource.RLIMIT_AS: limits.memory_mb * MEGABYTE + 2 * size,
        resource.RLIMIT_CPU: limits.seconds + size // MEGABYTE,
        resource.RLIMIT_FSIZE: max(2048, limits.unpacked_mb) * MEGABYTE + 20 * size,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }


def parse(path: Path, name: str | None, options: Options, folder: Path, tell: Any) -> ReadReport:
    """Stages a file, folder or archive with the named reader, or those that recognise it, in this process."""
    return take(path, name, options, folder, tell)


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
    # Millions of decoded values, and next to no cycles among them: looking for some took half of the decoding.
    gc.set_threshold(100_000, 50, 100)
    request = orjson.loads(sys.stdin.buffer.read())
    path, folder = Path(request["path"]), Path(request["folder"])
    limits = Limits(**request["limits"])
    limit(request["size"], limits, limits.unpacked_mb * MEGABYTE)
    mapping = Mapping.from_json(request["mapping"]) if request["mapping"] is not None else None
    options = Options(
        datetime.fromisoformat(request["now"]),
        mapping,
        request["timezone"],
        Role(request["role"]),
        request["annotator"],
    )
    rules = parse_roles(request["files"])
    saved = [(name, Mapping.from_json(known)) for name, known in request["saved"]]
    grown = partial(limit, limits=limits)
    try:
        report = take(
            path, request["reader"], options, folder, Progress(), rules, limits, grown, request["digest"], saved
        ).to_json()
        (folder / "report.json").write_bytes(orjson.dumps(report))
        _say({"report": report})
    except MappingNeededError as error:
        _say({"error": str(error), "skeleton": error.skeleton})
    except InputError as error:
        _say({"error": str(error)})
    except MemoryError:
        _say({"error": f"{label(path)} takes more memory than its size allows: it is damaged, or made to harm."})
    except OSError as error:
        fault = error.strerror or "system error"
        _say({"error": f"The rows of {label(path)} could not be written: {fault}; free some space and read it again."})


if __name__ == "__main__":
    main()
