"""Review levels: what is in force of each subject, what the judged answers since then ask for, and who decides."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qc.access import allowed
from qc.levels import (
    APPROVED,
    OVERRIDE,
    POLICY,
    UNDO,
    Evidence,
    InForce,
    Judged,
    LevelProposal,
    in_force,
    level_before,
    propose,
)
from qc.model import LEVEL_SUBJECTS, LEVELS, InputError, NotFoundError
from qc.stats.charts import CusumDesign, from_false_alarms
from qc.stats.evenly import evenly
from qc.stats.shrinkage import FALLBACK
from qc.store.levels import level_history, set_level
from qc.store.versions import unchanged
from qc.workspace.assess.judged import best_rates
from qc.workspace.assess.lens import Lens
from qc.workspace.opening import Workspace

MONTH_MS: Final = 365.25 / 12 * 86_400_000
NOWHERE: Final = np.zeros(0, np.int64)
NO_EVIDENCE: Final = {"statistic": None, "threshold": None, "n": 0}


@dataclass(frozen=True, slots=True)
class Standing:
    """One subject's level: what is in force (nothing was ever set where `since` is None), and the proposal."""

    kind: str
    key: str
    now: InForce
    proposal: LevelProposal

    @property
    def name(self) -> str:
        """What to call the subject: people by their name."""
        return self.key if self.kind == "annotator" else f"{self.kind} {self.key}"

    @property
    def since(self) -> datetime | None:
        """When the level last changed."""
        return self.now.since

    @property
    def reason(self) -> str | None:
        """Why the level last changed."""
        return self.now.reason


def proposals(lens: Lens) -> list[Standing]:
    """The standing of every annotator, and of what else the policy names where it has a level or judged answers."""
    sequence = lens.frame("judged_sequence")
    # Without a time nobody knows the order, and a chart of arbitrary order says nothing.
    sequence = sequence[sequence["at_ms"].notna()]
    set_so_far = histories(lens.ws, lens.project)
    chart = chart_of(lens, sequence)
    rates = best_rates(lens)
    prior = rates.team.beta if rates else FALLBACK
    sizes = _lot_sizes(lens)
    found = []
    for kind in lens.policy.levels.subjects:
        seen = charted(lens, sequence, kind)
        judged = _columns(seen)
        places = {str(key): rows for key, rows in seen.groupby(kind, sort=False).indices.items()}
        names = lens.frame("durations")["annotator"] if kind == "annotator" else places
        known = {str(name) for name in names} | {key for of, key in set_so_far if of == kind}
        for key in sorted(known):
            now = in_force(set_so_far.get((kind, key), ()))
            own = _judged(judged, places.get(key, NOWHERE), now.counts_from, sizes.get((kind, key), {}))
            found.append(Standing(kind, key, now, propose(now.level, own, chart, lens.policy, prior)))
    return [*found, *_set_by_hand(set_so_far, lens.policy.levels.subjects)]


def _set_by_hand(changes: dict[tuple[str, str], list[dict[str, Any]]], named: Collection[str]) -> Iterator[Standing]:
    """Levels other than normal of kinds that the policy does not name, or no longer: draws keep to them as well."""
    for (kind, key), own in sorted(changes.items()):
        now = in_force(own)
        if kind not in named and now.level != "normal":
            stays = f"The policy moves no levels by {kind}: this one stays until a lead changes it."
            yield Standing(kind, key, now, LevelProposal(now.level, now.level, stays, Evidence(None, None, 0)))


def histories(ws: Workspace, project: str) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Every change of level by (kind, key) of its subject, oldest first."""
    changes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in level_history(ws.store, project):
        changes.setdefault((row["subject_kind"], row["subject_key"]), []).append(row)
    return changes


def chart_of(lens: Lens, sequence: pd.DataFrame) -> CusumDesign:
    """The control chart that keeps the false alarms a month at what the policy allows.

    The volume is that of the busiest month so far, so that a quiet time does not lower the threshold after the fact.
    A judged answer counts once for each kind of subject that has charts.
    """
    errors = lens.policy.errors
    volume = expected_volume(lens, sequence) * len(lens.policy.levels.subjects)
    return from_false_alarms(errors.target, errors.limit, errors.false_alarms_per_month, volume)


def charted(lens: Lens, sequence: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The judgements that decide on the levels of a kind of subject.

    Of a batch, site or question each part of a draw counts by its share: else the person whose review was raised
    would raise theirs, too. Lots are counted as they were drawn, by plans of their own.
    """
    if kind == "annotator" or lens.policy.levels.policy == "lots":
        return sequence
    return sequence[evenly(sequence, (kind,))]


def expected_volume(lens: Lens, sequence: pd.DataFrame) -> float:
    """Judged answers a month: those of the busiest month so far, or what the policy expects where that is more."""
    return max(lens.policy.errors.judged_per_month, busiest_month(sequence["at_ms"].to_numpy(np.int64)))


def busiest_month(at_ms: NDArray[np.int64]) -> int:
    """The most judgements in any month, that is 30.4 days from one of them on."""
    times = np.sort(at_ms)
    return int((np.searchsorted(times, times + MONTH_MS) - np.arange(len(times))).max(initial=0))


def apply(lens: Lens, standing: Standing, actor: str) -> None:
    """Put a proposed level in force because the policy may act alone."""
    _put(lens.ws, lens.project, standing, actor, POLICY)


@allowed("levels")
def approve(
    ws: Workspace,
    project: str,
    kind: str,
    key: str,
    actor: str,
    shown: str | None = None,
    expected: int | None = None,
) -> str:
    """A lead puts in force what the evidence asks for now; returns the new level.

    shown: the level that the lead was shown. expected: the revision of the one in force that they saw, 0 for none;
    ConflictError where another is. InputError where the evidence asks for no change, or for another one.
    """
    from qc.workspace.assess import view

    lens = view(ws, project)
    standing = next((each for each in proposals(lens) if (each.kind, each.key) == (kind, key)), None)
    if standing is None:
        raise NotFoundError(f"There is no {kind} {key!r} with a review level in this project.")
    proposed = standing.proposal.proposed
    _as_seen(ws, project, kind, key, expected)
    if proposed == standing.proposal.level or shown not in (None, proposed):
        raise InputError(f"The evidence on {key} asks for another change by now, or for none; look at it again.")
    _put(ws, project, standing, actor, APPROVED, expected)
    return proposed


@allowed("levels")
def override(
    ws: Workspace,
    project: str,
    key: str,
    level: str,
    reason: str,
    actor: str,
    kind: str = "annotator",
    expected: int | None = None,
) -> None:
    """A lead's own decision, which needs a reason; from now on only later judgements count.

    expected: as in `approve`.
    """
    if level not in LEVELS:
        raise InputError(f"There is no level {level!r}; use one of {', '.join(LEVELS)}.")
    _put_by_hand(ws, project, kind, key, level, reason, actor, OVERRIDE, expected)


@allowed("levels")
def undo(ws: Workspace, project: str, kind: str, key: str, reason: str, actor: str, expected: int | None = None) -> str:
    """Take back the latest change of a level that still stands, and return the level that it restores.

    expected: as in `approve`.
    """
    _as_seen(ws, project, kind, key, expected)
    before = level_before(histories(ws, project).get((kind, key), ()))
    if before is None:
        raise InputError(f"The review level of {key} has no change left to undo.")
    _put_by_hand(ws, project, kind, key, before, reason, actor, UNDO, expected)
    return before


def _as_seen(ws: Workspace, project: str, kind: str, key: str, expected: int | None) -> None:
    """ConflictError where the level is not the one that was seen: before anything is said of what the evidence asks."""
    changes = histories(ws, project).get((kind, key), ())
    unchanged(f"The level of {key}", expected, changes[-1] if changes else None, datetime.now(UTC))


def _put(ws: Workspace, project: str, standing: Standing, actor: str, origin: str, expected: int | None = None) -> None:
    proposal = standing.proposal
    evidence = asdict(proposal.evidence)
    set_level(
        ws.store,
        project,
        standing.kind,
        standing.key,
        proposal.proposed,
        proposal.reason,
        evidence,
        actor,
        origin,
        expected,
    )


def _put_by_hand(
    ws: Workspace,
    project: str,
    kind: str,
    key: str,
    level: str,
    reason: str,
    actor: str,
    origin: str,
    expected: int | None,
) -> None:
    if not reason.strip():
        raise InputError("Say why the level changes; the reason stays on the record.")
    if key not in subjects(ws, project, kind):
        raise NotFoundError(f"There is no {kind} {key!r} in this project.")
    set_level(ws.store, project, kind, key, level, reason.strip(), NO_EVIDENCE, actor, origin, expected)


@allowed("levels")
def subjects(ws: Workspace, project: str, kind: str) -> list[str]:
    """The annotators, batches, sites or questions of a project, which may have a level."""
    from qc.workspace.assess import view

    if kind not in LEVEL_SUBJECTS:
        raise InputError(f"Only {', '.join(LEVEL_SUBJECTS)} have review levels, not {kind!r}.")
    known = view(ws, project).frame("workload")[kind]
    return sorted({str(key) for key in known.dropna()})


@dataclass(frozen=True, slots=True)
class _Columns:
    """The judged sequence as arrays: when, whether wrong, whether of the random share (else gold), and the batch."""

    at_ms: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    drawn: NDArray[np.bool_]
    batch: NDArray[np.object_]


def _columns(sequence: pd.DataFrame) -> _Columns:
    return _Columns(
        sequence["at_ms"].to_numpy(np.float64),
        sequence["error"].to_numpy(bool),
        (sequence["source"] == "review").to_numpy(bool),
        sequence["batch"].astype(object).where(sequence["batch"].notna(), None).to_numpy(object),
    )


def _judged(judged: _Columns, places: NDArray[np.int64], counts_from: datetime | None, sizes: dict[str, int]) -> Judged:
    if counts_from is not None:
        places = places[judged.at_ms[places] > counts_from.timestamp() * 1000]
    drawn = places[judged.drawn[places]]
    gold = places[~judged.drawn[places]]
    return Judged(judged.wrong[drawn], judged.wrong[gold], judged.batch[drawn], sizes, counts_from is not None)


def _lot_sizes(lens: Lens) -> dict[tuple[str, str], dict[str, int]]:
    """By subject: how many answers it has of each batch, where the policy takes batches for lots."""
    if lens.policy.levels.policy != "lots" or lens.policy.levels.lot != "batch":
        return {}
    work = lens.frame("workload")
    work = work[work["batch"].notna()]
    sizes: dict[tuple[str, str], dict[str, int]] = {}
    for kind in lens.policy.levels.subjects:
        counted = work.groupby([kind, "batch"] if kind != "batch" else "batch")["answers"].sum()
        for place, answers in counted.items():
            key, batch = place if isinstance(place, tuple) else (place, place)
            sizes.setdefault((kind, str(key)), {})[str(batch)] = int(answers)
    return sizes
