"""A folder that is watched: what arrives is taken in once, then checked, told and reported."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from qc import __version__
from qc.access import allowed
from qc.model import InputError, NotFoundError, QcError
from qc.readers.bundle import bundle_digest
from qc.store.record import dumps
from qc.workspace import check, incoming
from qc.workspace import notify as messages
from qc.workspace.incoming import REFUSED, TAKEN, Outcome, Stamp
from qc.workspace.ingest import ingest, slug
from qc.workspace.opening import Workspace
from qc.workspace.report import suited
from qc.workspace.report import write as write_report

ACTOR: Final = "watch"
# Between the two looks of a single run.
PAUSE_SECONDS: Final = 5.0
# Weeks end, quiet hours end and alerts wake without a new export.
CHECK_SECONDS: Final = 3600.0


@dataclass(frozen=True)
class Wish:
    """How exports are read (options of `ingest`), and what follows: messages, and a report in a file."""

    reading: Mapping[str, Any] = field(default_factory=dict)
    notify: bool = False
    report: Path | None = None

    @property
    def settings(self) -> str:
        """On what it depends whether an export can be read, beside itself."""
        told = {name: _content(value) for name, value in self.reading.items() if value}
        return dumps([__version__, told])


def _content(value: Any) -> str:
    """A setting as text; of a mapping what stands in it, so that a mended one is tried."""
    return value.read_text("utf-8", "replace") if isinstance(value, Path) and value.is_file() else str(value)


@dataclass(frozen=True, slots=True)
class Line:
    """What is told of the work as it goes on; `failed` where something could not be done."""

    text: str
    failed: bool = False


@dataclass
class _Watch:
    """One watcher: what it knows of each export, what it saw last, and what it said of what waits."""

    ws: Workspace
    project: str
    folder: Path
    wish: Wish
    goes_on: Callable[[float], bool]
    known: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    seen: dict[str, Stamp] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        for done in incoming.outcomes(self.ws.store, self.project):
            self.known.setdefault((done.folder, done.name), done)

    def look(self) -> dict[str, Stamp]:
        """What is to be read and was seen alike by this look and the one before, the oldest first."""
        passed = {self.ws.root.resolve()} | ({self.wish.report.resolve()} if self.wish.report else set())
        before, self.seen = self.seen, incoming.look(self.folder, frozenset(passed))
        return {name: stamp for name, stamp in incoming.settled(before, self.seen).items() if self._is_new(name, stamp)}

    def waiting(self) -> list[str]:
        """What is to be read, whole or not."""
        return [name for name, stamp in self.seen.items() if self._is_new(name, stamp)]

    def take(self, name: str, stamp: Stamp) -> Iterator[Line]:
        """Take one export in and keep what became of it; where nothing came of it this time it stays to be read."""
        path = self.folder / name
        try:
            digest = bundle_digest(path)
        except (InputError, OSError) as error:
            # Gone since the last look, or closed to us: nothing is known of it that could be kept.
            yield from self._waits(name, error)
            return
        done = Outcome(str(self.folder), name, stamp, digest, self.wish.settings, TAKEN)
        try:
            if before := self._unchanged(done):
                self.known[done.folder, name] = replace(before, stamp=stamp)
                return
            twin = self._twin(done)
            told = f"the same file as {twin}" if twin else self._ingested(path)
        except InputError as error:
            if not self.goes_on(0):
                # Whoever stops us may have stopped the process that reads, too: the file is not to blame.
                yield Line(f"{name}: interrupted; it is read at the next start")
                return
            self._keep(replace(done, outcome=REFUSED), str(error))
            yield Line(f"{name}: refused until it changes: {error}", failed=True)
        except (QcError, OSError) as error:
            yield from self._waits(name, error)
        else:
            self._keep(done, None)
            yield Line(f"{name}: {told}")

    def _waits(self, name: str, error: Exception) -> Iterator[Line]:
        if self.said.get(name) != str(error):
            self.said[name] = str(error)
            yield Line(f"{name}: {str(error).removesuffix('.')}; tried again at the next look", failed=True)

    def _ingested(self, path: Path) -> str:
        return ingest(self.ws, self.project, path, actor=ACTOR, **self.wish.reading).sentence

    def _is_new(self, name: str, stamp: Stamp) -> bool:
        done = self.known.get((str(self.folder), name))
        return done is None or not done.holds(stamp, self.wish.settings)

    def _unchanged(self, now: Outcome) -> Outcome | None:
        """What became of an export that was only touched, or put back as it was when it was last read."""
        before = self.known.get((now.folder, now.name))
        same = before is not None and replace(now, outcome=before.outcome, stamp=before.stamp) == before
        return before if same else None

    def _twin(self, now: Outcome) -> str | None:
        """What the same bytes are called that were taken in before, where nothing was known under this name."""
        if (now.folder, now.name) in self.known:
            return None
        same = (done.name for done in self.known.values() if done.digest == now.digest and done.outcome == TAKEN)
        return next(same, None)

    def _keep(self, done: Outcome, reason: str | None) -> None:
        incoming.note(self.ws.store, self.project, ACTOR, done, reason)
        self.known[done.folder, done.name] = done
        self.said.pop(done.name, None)

    def follow(self) -> Iterator[Line]:
        """Check, tell and report; what cannot be done is told, and done at the next time."""
        try:
            found = check.run(self.ws, self.project, ACTOR)
        except NotFoundError:
            yield Line(f"{self.project}: nothing to check before a first export is taken in")
            return
        except QcError as error:
            yield Line(f"check: {error}", failed=True)
            return
        for line in found.text.splitlines():
            yield Line(line)
        if self.wish.notify:
            yield from self._told()
        if self.wish.report:
            yield from self._reported(self.wish.report, bool(found.opened or found.resolved))

    def _told(self) -> Iterator[Line]:
        try:
            for sent in (
                messages.deliver(self.ws, self.project, ACTOR),
                messages.weekly_digest(self.ws, self.project, ACTOR),
            ):
                if sent.deliveries or sent.waits:
                    yield Line(sent.sentence, failed=any(not one.ok for one in sent.deliveries))
        except QcError as error:
            yield Line(f"messages: {error}", failed=True)

    def _reported(self, file: Path, news: bool) -> Iterator[Line]:
        """Write the report where the one that lies there is of other data: its file bears the time of its data."""
        as_of = self.ws.store.as_of(self.project)
        moment = int(as_of.timestamp() * 1_000_000) * 1_000 if as_of else 0
        try:
            if not news and file.exists() and file.stat().st_mtime_ns == moment:
                return
            yield Line(write_report(self.ws, self.project, file).sentence)
            os.utime(file, ns=(moment, moment))
        except (QcError, OSError) as error:
            yield Line(f"report: {error}", failed=True)


@allowed("import")
def once(ws: Workspace, project: str, folder: Path, wish: Wish, goes_on: Callable[[float], bool]) -> Iterator[Line]:
    """Take in what lies whole in a folder, then check, tell and report: what cron runs.

    `goes_on` rests for some seconds and says whether to go on. ConflictError where another watches the folder.
    """
    one = _begun(ws, project, folder, wish, goes_on)
    with incoming.alone(ws.root, one.folder):
        one.begin()
        one.look()
        if one.waiting() and not goes_on(PAUSE_SECONDS):
            return
        ready = one.look()
        for name in one.waiting():
            if name not in ready:
                yield Line(f"{name}: is still being written; the next run reads it")
        for name, stamp in ready.items():
            if not goes_on(0):
                return
            yield from one.take(name, stamp)
        yield from one.follow()


@allowed("import")
def watch(
    ws: Workspace, project: str, folder: Path, wish: Wish, every: float, goes_on: Callable[[float], bool]
) -> Iterator[Line]:
    """The same every so many seconds, until `goes_on` says otherwise; checks at the start, after news and each hour."""
    one = _begun(ws, project, folder, wish, goes_on)
    with incoming.alone(ws.root, one.folder):
        one.begin()
        yield Line(f"watching {one.folder} for {project}, every {every:g} s")
        due, gone = time.monotonic(), ""
        while True:
            try:
                ready, gone = one.look(), ""
            except InputError as error:
                # A folder on another machine comes back.
                if gone != str(error):
                    gone = str(error)
                    yield Line(gone, failed=True)
                ready = {}
            for name, stamp in ready.items():
                yield from one.take(name, stamp)
                if not goes_on(0):
                    return
            if ready or time.monotonic() >= due:
                yield from one.follow()
                due = time.monotonic() + CHECK_SECONDS
            if not goes_on(every):
                return


def _begun(ws: Workspace, project: str, folder: Path, wish: Wish, goes_on: Callable[[float], bool]) -> _Watch:
    """A watcher with all that could never work refused before it begins."""
    slug(project)
    if wish.report:
        suited(wish.report)
    if wish.notify and not ws.settings.notify.channels:
        raise InputError("No channel is set: name one in [notify.channels] of qc.toml; docs/alerts.md shows how.")
    place = folder.resolve()
    incoming.look(place, frozenset())
    return _Watch(ws, project, place, wish, goes_on)
