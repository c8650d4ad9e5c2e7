"""An open workspace, and the snapshot of a project that figures are made from."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from qc.access import Actor, actor_named, local
from qc.lake import Lake
from qc.model import FACT_TABLES, Facts, NotFoundError, Policy, Scope, UnavailableError
from qc.settings import Settings, folder, holds_workspace, load, named
from qc.store import Store, open_store
from qc.store.imports import snapshot
from qc.store.policies import current_policy
from qc.store.record import Project
from qc.workspace.kept import kept

if TYPE_CHECKING:
    import pandas as pd

    from qc.engine import RecordTables, Session
    from qc.measures.base import Base

OPEN_SNAPSHOTS: Final = 4


@dataclass
class Workspace:
    """A folder with a record and a lake, and who works with them; snapshots stay open while they are the latest."""

    root: Path
    settings: Settings
    store: Store
    lake: Lake
    actor: Actor = field(default_factory=local)
    _open: OrderedDict[tuple[type[Snapshot], str, str], Snapshot] = field(default_factory=OrderedDict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def acting_as(self, actor: Actor) -> Workspace:
        """The same workspace in the hands of somebody else; what is computed is shared."""
        return replace(self, actor=actor)

    def person(self, name: str) -> Actor:
        """Somebody with the roles that the record holds now."""
        return actor_named(self.store, name)

    def projects(self) -> list[Project]:
        """The projects in which the actor has a role, the one that changed last first."""
        return [project for project in self.store.projects() if self.actor.roles(project.slug)]

    def policy(self, project: str) -> Policy:
        """The policy in force."""
        return current_policy(self.store, project)

    def data_version(self, project: str) -> str:
        """The lake's versions and the record's revision: equal texts, equal figures."""
        self.store.project(project)
        versions = snapshot(self.store)
        revisions = self.store.revisions(project)
        lake = ".".join(str(versions.get(table, "-")) for table in FACT_TABLES)
        record = ".".join(str(revisions[part]) for part in ("lake", "reviews", "draws", "policy", "levels"))
        return f"{lake}/{record}"

    def facts_version(self, project: str) -> str:
        """The lake's versions and the revision of the policy: it stays the same while people judge."""
        self.store.project(project)
        versions, revisions = snapshot(self.store), self.store.revisions(project)
        return ".".join(str(versions.get(table, "-")) for table in FACT_TABLES) + f"/{revisions['policy']}"

    def snapshot(self, project: str) -> Snapshot:
        """The project at its latest data version."""
        return self._opened(Snapshot, project, self.data_version(project))

    def imported(self, project: str) -> Snapshot:
        """What was read into the project, without what the record decided: it stays open while people judge."""
        return self._opened(Imported, project, self.facts_version(project))

    def _opened(self, kind: type[Snapshot], project: str, version: str) -> Snapshot:
        key = (kind, project, version)
        with self._lock:
            if key not in self._open:
                # Others may still compute on an old one: it is freed when the last of them lets go.
                for old in [other for other in self._open if other[:2] == key[:2]]:
                    del self._open[old]
                while len(self._open) >= OPEN_SNAPSHOTS:
                    self._open.popitem(last=False)
                self._open[key] = kind(self, project, version)
            self._open.move_to_end(key)
            return self._open[key]


@dataclass
class Snapshot:
    """One project at one data version; what measures give is computed once and kept as long as it is open."""

    ws: Workspace
    project: str
    version: str
    _frames: dict[tuple[Any, ...], pd.DataFrame] = field(default_factory=dict)
    _bases: dict[str, Base] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @cached_property
    def session(self) -> Session:
        """The engine over this version's files and the record's decisions."""
        from qc.engine import open_session

        published = snapshot(self.ws.store)
        files = {table: self.ws.lake.files(table, published.get(table), self.project) for table in FACT_TABLES}
        settings = self.ws.settings
        zone = self.ws.policy(self.project).timezone
        return open_session(files, self._decided(), zone, settings.engine, settings.threads)

    def _decided(self) -> RecordTables:
        from qc.workspace.decided import record_tables

        return record_tables(self.ws.store, self.project)

    def rows(self, query: Callable[[Facts], Any]) -> pd.DataFrame:
        """The rows of an expression over the facts."""
        with self._lock:
            return self.session.run(query(self.session.facts))

    def kept(self, name: str, compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """A frame that is computed when its name is first used."""
        with self._lock:
            if (name,) not in self._frames:
                self._frames[(name,)] = compute()
            return self._frames[(name,)]

    def base(self, policy: Policy) -> Base:
        """The base tables under a policy, made once."""
        from qc.measures.base import Base

        with self._lock:
            settings = repr(policy)
            if settings not in self._bases:
                as_of = self.ws.store.as_of(self.project)
                as_of_ms = None if as_of is None else int(as_of.timestamp() * 1000)
                self._bases[settings] = Base(self.session, policy, as_of_ms)
            return self._bases[settings]

    def frame(self, measure: str, scope: Scope, policy: Policy, by: tuple[str, ...] = ()) -> pd.DataFrame:
        """The rows of a measure of `qc.measures.MEASURES`."""
        from qc.measures import measure as named

        with self._lock:
            key = (measure, scope, repr(policy), by)
            if key not in self._frames:
                self._frames[key] = kept(
                    self,
                    measure,
                    scope,
                    policy,
                    by,
                    lambda: self.session.run(named(measure)(self.base(policy), scope, by)),
                )
            return self._frames[key]

    def __del__(self) -> None:
        if "session" in self.__dict__:
            self.session.close()


class Imported(Snapshot):
    """A project as the lake holds it: no verdict, correction, settlement or draw of the record is among its facts."""

    def _decided(self) -> RecordTables:
        from qc.engine import RecordTables

        return RecordTables()


def existing_workspace(path: Path | None = None) -> Workspace:
    """The workspace in a folder; NotFoundError where none was made, so that a mistyped name makes nothing."""
    if not holds_workspace(folder(path)):
        raise NotFoundError(
            f"There is no workspace at '{named(path)}'; qc ingest makes one, or name another with --workspace."
        )
    return open_workspace(path)


def open_workspace(path: Path | None = None) -> Workspace:
    """The workspace in a folder, made if it is new; its record is brought to this version."""
    root = folder(path)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            f"The workspace {root} cannot be made: {error.strerror}; choose another folder."
        ) from None
    settings = load(root)
    return Workspace(root, settings, open_store(settings.record), Lake(settings.lake))
