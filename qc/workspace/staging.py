"""Folders in which imports are staged: held while their process lives, and removed later when one was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

PREFIX: Final = "staging-"
# A holder elsewhere may not be seen on a shared file system; no import takes as long as this.
OLD: Final = timedelta(days=1)


@contextmanager
def staging_folder(root: Path) -> Iterator[Path]:
    """A new folder for one import, held and then removed; what killed ones left behind is removed before."""
    for folder in abandoned(root):
        shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=root) as name:
        held = os.open(name, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(held)


def abandoned(root: Path) -> list[Path]:
    """The folders that nobody holds and in which nothing has happened for a day, by name."""
    oldest = time.time() - OLD.total_seconds()
    folders = sorted(path for path in root.glob(f"{PREFIX}*") if path.is_dir() and not path.is_symlink())
    return [folder for folder in folders if _changed(folder) < oldest and not _held(folder)]


def _changed(folder: Path) -> float:
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:
        return time.time()


def _held(folder: Path) -> bool:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
