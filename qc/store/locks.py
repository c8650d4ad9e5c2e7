"""Leases that keep two processes from doing the same job at once, and outlive neither their holder nor their time."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import uuid4

import sqlalchemy as sa

from qc.model import ConflictError
from qc.store import tables as t
from qc.store.record import Store

LEASE: Final = timedelta(hours=2)
PAUSE_SECONDS: Final = 0.1


@contextmanager
def lock(store: Store, name: str, wait_seconds: float = 60.0) -> Iterator[None]:
    """Hold a named lock; ConflictError says who holds it when it is not free in time.

    A lease is taken over when its time is over, or when its process ran on this machine and is dead.
    """
    owner, ends = uuid4().hex, time.monotonic() + wait_seconds
    while (holder := _acquire(store, name, owner)) is not None:
        if time.monotonic() > ends:
            raise ConflictError(f"Another import is running ({holder}); wait until it is done and try again.")
        time.sleep(PAUSE_SECONDS)
    try:
        yield
    finally:
        with store.change("lock") as change:
            change.connection.execute(sa.delete(t.locks).where(t.locks.c.name == name, t.locks.c.owner == owner))


def _acquire(store: Store, name: str, owner: str) -> str | None:
    """None when taken, else who holds it."""
    host = socket.gethostname()
    try:
        with store.change("lock") as change:
            held = change.connection.execute(sa.select(t.locks).where(t.locks.c.name == name)).mappings().first()
            if held is not None:
                dead = held["host"] == host and not _alive(held["pid"])
                if not dead and held["expires_at"] > change.at:
                    return f"process {held['pid']} on {held['host']}"
                same = (t.locks.c.name == name) & (t.locks.c.owner == held["owner"])
                if not change.connection.execute(sa.delete(t.locks).where(same)).rowcount:
                    return "another process"
            change.connection.execute(
                sa.insert(t.locks).values(
                    name=name,
                    owner=owner,
                    host=host,
                    pid=os.getpid(),
                    acquired_at=change.at,
                    expires_at=change.at + LEASE,
                )
            )
    except sa.exc.IntegrityError:
        return "another process"
    return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
