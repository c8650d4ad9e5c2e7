"""What lies in a watched folder, whether it is whole, and what became of it before."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from qc.model import ConflictError, InputError
from qc.readers.passed import is_junk, is_media
from qc.store import Store
from qc.store.audit import Wanted, audit_trail
from qc.store.record import loads

ACTION: Final = "watch"
TAKEN, REFUSED = "taken", "refused"
# How browsers, copiers and synchronisers call what they have not finished.
_UNFINISHED: Final = (
    ".part",
    ".partial",
    ".tmp",
    ".temp",
    ".crdownload",
    ".download",
    ".filepart",
    ".swp",
    ".lock",
    "~",
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a change is seen without reading: files, bytes, and the latest time of change in nanoseconds."""

    files: int
    size: int
    changed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one state of an export in a folder, and with which settings it was read or refused."""

    folder: str
    name: str
    stamp: Stamp
    digest: str
    settings: str
    outcome: str

    def holds(self, stamp: Stamp, settings: str) -> bool:
        """Whether nothing is to be done: taken as it stands, or refused as it stands under the same settings."""
        return self.stamp == stamp and (self.outcome == TAKEN or self.settings == settings)


def look(folder: Path, passed: frozenset[Path]) -> dict[str, Stamp]:
    """The exports in a folder, the oldest first: its files, and its folders as one export each.

    Links, hidden and unfinished files, media, empty files and `passed` are left out; InputError without the folder.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be read: {error.strerror}; check its name.") from None
    found = {}
    for entry in entries:
        path = Path(entry.path)
        if entry.is_symlink() or not _wanted(entry.name) or any(place.is_relative_to(path) for place in passed):
            continue
        stamp = _stamp(_files(path) if entry.is_dir() else [path])
        # A folder that is closed to us holds what nobody sees: reading it says so.
        if stamp.size or (entry.is_dir() and not os.access(path, os.R_OK | os.X_OK)):
            found[entry.name] = stamp
    return dict(sorted(found.items(), key=lambda one: (one[1].changed, one[0])))


def _wanted(name: str) -> bool:
    return not (is_junk((name,)) or is_media(name) or name.lower().endswith(_UNFINISHED))


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_junk((name,))]
        # Of what is being written into a folder nothing is read before it is finished, so its changes count.
        yield from (Path(place, name) for name in names if not is_media(name))


def _stamp(paths: Iterator[Path] | list[Path]) -> Stamp:
    files = size = changed = 0
    for path in paths:
        try:
            state = path.lstat()
        except FileNotFoundError:
            continue
        files, size, changed = files + 1, size + state.st_size, max(changed, state.st_mtime_ns)
    return Stamp(files, size, changed)


def settled(before: Mapping[str, Stamp], now: Mapping[str, Stamp]) -> dict[str, Stamp]:
    """The exports that two looks saw alike: nobody is writing them any more."""
    return {name: stamp for name, stamp in now.items() if before.get(name) == stamp}


def outcomes(store: Store, project: str) -> list[Outcome]:
    """What became of each export that was handled, the latest first."""
    trail = audit_trail(store, project, Wanted(actions=(ACTION,)), most=None)
    entries = [loads(entry["after"]) for entry in trail]
    return [Outcome(**{**entry, "stamp": Stamp(**entry["stamp"])}) for entry in entries]


def note(store: Store, project: str, actor: str, done: Outcome, reason: str | None) -> None:
    """Keep what became of an export; the audit trail is where it is looked up, too."""
    store.note(actor, project, ACTION, f"file {done.name}", after=asdict(done), reason=reason)


@contextmanager
def alone(root: Path, folder: Path) -> Iterator[None]:
    """Be the only watcher of a folder in a workspace; ConflictError where there is one.

    The system lets go of the lock when the process ends, however it ends.
    """
    key = sha256(str(folder).encode()).hexdigest()[:16]
    with (root / f"watch-{key}.lock").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError(
                f"Another qc watch looks after {folder}; stop it first, or watch another folder."
            ) from None
        yield
