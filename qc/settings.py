"""Where a workspace keeps its record and its lake, and which engine computes."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from qc.model import InputError
from qc.model.limits import DEFAULTS, Limits
from qc.model.login import NO_LOGIN, Login
from qc.model.notify import NO_CHANNELS, Notify

FILE: Final = "qc.toml"
RECORD: Final = "qc.db"
ENGINES: Final = ("duckdb", "spark")
_TEXTS: Final = ("record", "lake", "engine", "threads", "media")
_KNOWN: Final = (*_TEXTS, "limits", "login", "notify")
_LIMITS: Final = tuple(field.name for field in fields(Limits))


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of one workspace; `record` is an SQLAlchemy URL, `lake` a folder.

    `media` is the folder that pictures of items are shown from, None for no pictures.
    """

    root: Path
    record: str
    lake: str
    engine: str = "duckdb"
    threads: int = 2
    limits: Limits = DEFAULTS
    login: Login = NO_LOGIN
    media: Path | None = None
    notify: Notify = NO_CHANNELS


def named(argument: Path | None) -> Path:
    """The workspace as it was named: the argument, else $QC_WORKSPACE, else ./qc-workspace."""
    return argument or Path(os.environ.get("QC_WORKSPACE") or "qc-workspace")


def folder(argument: Path | None) -> Path:
    """The whole path of the workspace that was named."""
    return named(argument).absolute()


def holds_workspace(root: Path) -> bool:
    """Whether a workspace was made in a folder: its record or its qc.toml is there, or the record is kept elsewhere."""
    return bool(os.environ.get("QC_RECORD")) or any((root / name).exists() for name in (RECORD, FILE))


def load(root: Path) -> Settings:
    """The settings of a workspace from its qc.toml, overridden by $QC_RECORD, $QC_LAKE, $QC_ENGINE and the like.

    The limits of imports stand in its table `limits`, overridden by $QC_LIMITS_MEMORY_MB and the like.
    """
    values = _from_file(root / FILE)
    for name in _TEXTS:
        if given := os.environ.get(f"QC_{name.upper()}"):
            values[name] = given
    engine, threads = str(values.get("engine", "duckdb")), str(values.get("threads", 2))
    if engine not in ENGINES:
        raise InputError(f"There is no engine {engine!r}; set engine to one of {', '.join(ENGINES)} in {FILE}.")
    if not threads.isdigit() or not 1 <= int(threads) <= 256:
        raise InputError(f"threads cannot be {threads!r}; set a number from 1 to 256 in {FILE}.")
    return Settings(
        root,
        str(values.get("record", f"sqlite:///{root / RECORD}")),
        str(values.get("lake", root / "lake")),
        engine,
        int(threads),
        _limits(values.get("limits", {})),
        Login.from_table(values.get("login", {})),
        root / str(values["media"]) if values.get("media") else None,
        Notify.from_table(values.get("notify", {})),
    )


def _limits(table: Any) -> Limits:
    if not isinstance(table, dict):
        raise InputError(f"limits must be a table in {FILE}, like [limits] and below it members = 1000.")
    if unknown := sorted(set(table) - set(_LIMITS)):
        raise InputError(f"[limits] in {FILE} has an unknown limit {unknown[0]!r}; known are {', '.join(_LIMITS)}.")
    given = {name: os.environ.get(f"QC_LIMITS_{name.upper()}") or table.get(name) for name in _LIMITS}
    for name, value in given.items():
        if value is not None and not (str(value).isdecimal() and 0 < int(value) < 1 << 31):
            raise InputError(f"The limit {name} cannot be {value!r}; set a whole number above 0 in {FILE}.")
    return Limits(**{name: int(value) for name, value in given.items() if value is not None})


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML ({error}); mend or remove it.") from error
    if unknown := sorted(set(values) - set(_KNOWN)):
        raise InputError(f"{path} has an unknown setting {unknown[0]!r}; known are {', '.join(_KNOWN)}.")
    return values
