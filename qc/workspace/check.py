"""Evaluating the alert rules: what opens, what closes, and the review levels that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from qc.access import allowed
from qc.alerts import (
    AgreementCase,
    Alert,
    CareCase,
    Evidence,
    FatigueCase,
    Finding,
    GuessingCase,
    LevelCase,
    PrelabelCase,
    RateCase,
    RunCase,
    Subject,
    judge,
    update,
)
from qc.model import EVERYTHING, LEVELS, Estimate, InputError, NotFoundError
from qc.store.alerts import alerts, move_alert, open_alert, refresh_alert
from qc.workspace import assess
from qc.workspace.assess.agreement import COMPARABLE, before_and_after
from qc.workspace.assess.cost import best_rates
from qc.workspace.assess.lens import Lens
from qc.workspace.ingested import counted
from qc.workspace.levels import Standing, apply, override, proposals
from qc.workspace.opening import Workspace

RANKS: Final = {"info": 0, "warning": 1, "critical": 2}
MOST_ITEMS: Final = 100

# Slopes of errors in a session, and what they are per.
TIRED: Final = {"error_per_hour": "an hour", "error_per_100": "per 100 answers"}
# Of each rule on speed and care: its case, the test, and what that notes.
CARE: Final = (
    (GuessingCase, "rapid_guessing", "guesses"),
    (PrelabelCase, "unchanged_prelabel", "keeps"),
    (RunCase, "unlike_others", "repeats"),
)


@dataclass(frozen=True)
class Checked:
    """What a check found and did."""

    opened: tuple[str, ...]
    resolved: tuple[str, ...]
    changed_levels: tuple[str, ...]
    open: tuple[dict[str, Any], ...]

    def fails(self, least: str) -> bool:
        """Whether an alert of this severity or above is open and unacknowledged."""
        return any(RANKS[alert["severity"]] >= RANKS[least] for alert in self.open)

    @property
    def text(self) -> str:
        """The check in a few lines."""
        lines = [
            f"{counted(len(self.open), 'alert')} open, {len(self.opened):,} new; {len(self.resolved):,} resolved.",
            *(f"  {alert['severity']}: {alert['message']}" for alert in self.open),
            *(f"  level: {change}" for change in self.changed_levels),
        ]
        return "\n".join(lines)


@allowed("check")
def run(
    ws: Workspace,
    project: str,
    actor: str = "check",
    progress: Callable[[float], None] = lambda _share: None,
) -> Checked:
    """Evaluate every rule, open and close alerts, and apply the levels where the policy lets them act alone.

    Doing it twice changes nothing the second time.
    """
    assess.assessment(ws, project, EVERYTHING, lambda share: progress(0.8 * share))
    lens = assess.view(ws, project)
    standings = proposals(lens)
    judgement = judge(
        [
            *_level_cases(lens, standings),
            *_rate_cases(lens),
            *_agreement_cases(lens),
            *_fatigue_cases(lens),
            *_care_cases(lens),
        ]
    )
    before = alerts(ws.store, project)
    changes = update(_as_known(before), judgement, datetime.now(UTC))
    for finding in changes.opened:
        open_alert(ws.store, project, _row(finding), actor)
    known = {row["id"]: row for row in before}
    for alert, again in changes.kept:
        if again is not None and again.message != known[alert.id]["message"]:
            refresh_alert(ws.store, project, alert.id, again.message, asdict(again.evidence))
    for alert in changes.resolved:
        move_alert(ws.store, project, alert.id, "resolved", actor, "its rule no longer holds")
    changed = (
        [] if not lens.policy.errors.automatic else [s for s in standings if s.proposal.proposed != s.proposal.level]
    )
    for standing in changed:
        apply(lens, standing, "policy")
    progress(1.0)
    return Checked(
        tuple(finding.message for finding in changes.opened),
        tuple(alert.id for alert in changes.resolved),
        tuple(f"{standing.key}: {standing.proposal.reason}" for standing in changed),
        tuple(row for row in alerts(ws.store, project) if row["state"] == "open"),
    )


@allowed("acknowledge")
def acknowledge(ws: Workspace, project: str, alert_id: str, actor: str, comment: str | None = None) -> None:
    """Somebody has seen it and deals with it: it no longer fails a check."""
    move_alert(ws.store, project, alert_id, "acknowledged", actor, comment)


@allowed("acknowledge")
def resolve(ws: Workspace, project: str, alert_id: str, actor: str, comment: str | None = None) -> None:
    """Close an alert by hand."""
    move_alert(ws.store, project, alert_id, "resolved", actor, comment)


@allowed("levels")
def set_level(ws: Workspace, project: str, annotator: str, level: str, reason: str, actor: str) -> None:
    """A lead's own decision on a level; it needs a reason."""
    if level not in LEVELS:
        raise InputError(f"There is no level {level!r}; use one of {', '.join(LEVELS)}.")
    if not reason.strip():
        raise InputError("Say why the level changes; the reason stays on the record.")
    if annotator not in {row["annotator"] for row in assess.section(ws, project, "annotators")}:
        raise NotFoundError(f"There is no annotator {annotator!r} in this project.")
    override(ws, project, annotator, level, reason.strip(), actor)


def _level_cases(lens: Lens, standings: list[Standing]) -> Iterator[LevelCase]:
    wrong = lens.frame("judged_sequence")
    wrong = wrong[wrong["error"] == 1]
    items = {
        (kind, key): found
        for kind in lens.policy.levels.subjects
        for key, found in wrong.groupby(kind)["item_id"].agg(list).items()
    }
    for standing in standings:
        proposal = standing.proposal
        evidence = Evidence(
            proposal.evidence.statistic,
            proposal.evidence.threshold,
            proposal.evidence.n,
            items=tuple(items.get((standing.kind, standing.key), [])[-MOST_ITEMS:]),
        )
        subject = Subject(standing.kind, standing.key)
        yield LevelCase(subject, proposal.level, proposal.proposed, proposal.reason, evidence)


def _rate_cases(lens: Lens) -> Iterator[RateCase]:
    rates = best_rates(lens)
    errors = lens.policy.errors
    for row in rates.annotators if rates else ():
        yield RateCase(Subject("annotator", row.annotator), row, errors.target, errors.limit)


def _agreement_cases(lens: Lens) -> Iterator[AgreementCase]:
    for row in lens.frame("questions").itertuples():
        pair = before_and_after(lens, row.question, row.kind) if row.kind in COMPARABLE else None
        if pair is not None:
            yield AgreementCase(Subject("question", row.question), *pair, lens.policy.agreement.drop)


def _fatigue_cases(lens: Lens) -> Iterator[FatigueCase]:
    """The team and each annotator, by the source that judged most answers; by position where there are no times."""
    known = [
        (slope, part)
        for slope in TIRED
        for part in lens.section("fatigue")
        if part["overall"][slope]["value"] is not None
    ]
    if not known:
        return
    slope, part = max(known, key=lambda each: (each[0] == "error_per_hour", each[1]["overall"][each[0]]["n"]))
    per = TIRED[slope]
    yield FatigueCase(Subject("team", "the team"), *_tired(part["overall"], slope), per)
    for row in part["by_annotator"]:
        yield FatigueCase(Subject("annotator", row["annotator"]), *_tired(row, slope), per)


def _tired(row: dict[str, Any], slope: str) -> tuple[str, Estimate]:
    return row["verdict"], Estimate.from_json(row[slope])


def _care_cases(lens: Lens) -> Iterator[CareCase]:
    for person in lens.section("care")["by_annotator"]:
        subject = Subject("annotator", person["annotator"])
        said = dict(zip(person["noted"], person["flags"], strict=True))
        behind = {
            "guesses": person["rapid_guessing"]["agreement"]["n"],
            "keeps": person["unchanged_prelabel"]["unchanged"]["n"],
            "repeats": person["unlike_others"]["length"] or 0,
        }
        for case, test, found in CARE:
            yield case(subject, said.get(found), behind[found], person[test]["q"])


def _as_known(rows: list[dict[str, Any]]) -> list[Alert]:
    """The latest alert of every episode."""
    latest = {row["episode"]: row for row in reversed(rows)}
    return [
        Alert(
            row["id"],
            row["episode"],
            row["rule"],
            Subject(row["subject_kind"], row["subject_key"]),
            row["state"],
            row["changed_at"] if row["state"] == "resolved" else None,
        )
        for row in latest.values()
    ]


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "episode": finding.key,
        "rule": finding.rule,
        "severity": finding.severity,
        "subject_kind": finding.subject.kind,
        "subject_key": finding.subject.key,
        "message": finding.message,
        "evidence": asdict(finding.evidence),
    }
