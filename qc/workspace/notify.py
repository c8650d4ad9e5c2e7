"""Messages about a project: new alerts once to each channel, a digest, and a test of a channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from qc.access import allowed
from qc.alerts import OPEN, RESOLVED, SEVERITIES
from qc.model import InputError, NotFoundError
from qc.model.notify import Channel
from qc.notify import Delivery, Message, harmless, plain, send
from qc.store.alerts import alerts
from qc.store.deliveries import claim, deliveries, finish
from qc.store.levels import level_history
from qc.workspace.check.running import asleep
from qc.workspace.ingested import counted
from qc.workspace.opening import Workspace

MOST_LINES: Final = 20
DIGEST_DAYS: Final = timedelta(days=7)


@dataclass(frozen=True)
class Sent:
    """What went out: per channel whether it arrived, with how many alerts, or why nothing was sent at all."""

    deliveries: tuple[Delivery, ...] = ()
    alerts: int = 0
    waits: str | None = None

    @property
    def sentence(self) -> str:
        """What a person wants to know."""
        if self.waits:
            return self.waits
        if not self.deliveries:
            return "Nothing new to send."
        arrived = [one.channel for one in self.deliveries if one.ok]
        failed = [f"{one.problem}; it is tried again at the next check" for one in self.deliveries if not one.ok]
        sent = [f"Sent to {', '.join(arrived)}."] if arrived else []
        return " ".join((*sent, *(f"{problem[:1].upper()}{problem[1:]}." for problem in failed)))


@allowed("check")
def deliver(ws: Workspace, project: str, actor: str = "check", now: datetime | None = None) -> Sent:
    """Send each open alert once to every channel that wants its severity; what failed is tried again.

    Not what somebody has acknowledged or let sleep, and nothing in quiet hours. now: the moment, for the quiet hours.
    """
    moment = now or datetime.now(UTC)
    if waits := _waits(ws, project, moment):
        return Sent(waits=waits)
    fresh = [row for row in alerts(ws.store, project) if row["state"] == OPEN and not asleep(row, moment)]
    done: list[Delivery] = []
    told: set[str] = set()
    for channel in _channels(ws):
        known = {row["id"]: row for row in fresh if _rank(row["severity"]) >= _rank(channel.least)}
        mine = claim(ws.store, project, list(known), channel.name, actor)
        if not mine:
            continue
        message = _news(ws, project, [known[key] for key in mine])
        done.append(_handed(ws, project, channel, message, mine, actor))
        told |= set(mine)
    return Sent(tuple(done), len(told))


@allowed("check")
def digest(ws: Workspace, project: str, actor: str = "check", now: datetime | None = None) -> Sent:
    """Send a summary of the last seven days to every channel, at most once a day to each."""
    moment = now or datetime.now(UTC)
    return _digest(ws, project, f"digest {_local(ws, project, moment):%Y-%m-%d}", moment, actor)


@allowed("check")
def weekly_digest(ws: Workspace, project: str, actor: str = "check", now: datetime | None = None) -> Sent:
    """The first check of a week sends the summary, where the policy wants one."""
    moment = now or datetime.now(UTC)
    if not ws.policy(project).alerts.weekly_digest:
        return Sent()
    return _digest(ws, project, f"digest of week {_local(ws, project, moment):%G-%V}", moment, actor)


@allowed("notify")
def test(ws: Workspace, project: str, channel: str, actor: str) -> Delivery:
    """Send a test message to one channel, also in quiet hours; the audit trail notes it."""
    known = next((each for each in ws.settings.notify.channels if each.name == channel), None)
    if known is None:
        raise NotFoundError(f"There is no channel {channel[:40]!r}; channels stand in [notify.channels] of qc.toml.")
    lines = harmless([f"This is a test from {actor}. Alerts of {_name(ws, project)} arrive here."])
    found = send([known], Message("Annotation QC: a test", lines, _link(ws, project)))[0]
    with ws.store.change(actor, project) as change:
        change.audit(project, "test channel", f"channel {channel}", after=found.ok, reason=found.problem)
    return found


@allowed("notify")
def channels(ws: Workspace, project: str) -> list[dict[str, Any]]:
    """name, scheme, least, missing (None: ready) and last (the last delivery, or None) of each channel; no address."""
    latest: dict[str, dict[str, Any]] = {}
    for row in deliveries(ws.store, project):
        latest.setdefault(row["channel"], row)
    return [
        {
            "name": each.name,
            "scheme": each.scheme,
            "least": each.least,
            "missing": each.missing,
            "last": latest.get(each.name),
        }
        for each in ws.settings.notify.channels
    ]


def _digest(ws: Workspace, project: str, key: str, now: datetime, actor: str) -> Sent:
    if waits := _waits(ws, project, now):
        return Sent(waits=waits)
    message = _summary(ws, project, now)
    wanted = [each for each in _channels(ws) if claim(ws.store, project, [key], each.name, actor)]
    return Sent(tuple(_handed(ws, project, each, message, [key], actor) for each in wanted))


def _handed(
    ws: Workspace, project: str, channel: Channel, message: Message, subjects: Sequence[str], actor: str
) -> Delivery:
    found = send([channel], message)[0]
    finish(ws.store, project, subjects, channel.name, found.problem, actor)
    return found


def _news(ws: Workspace, project: str, found: list[dict[str, Any]]) -> Message:
    worst = sorted(found, key=lambda row: -_rank(row["severity"]))
    lines = [f"{row['severity']}: {row['message']}" for row in worst[:MOST_LINES]]
    more = [f"and {len(found) - MOST_LINES:,} more"] if len(found) > MOST_LINES else []
    title = f"Annotation QC: {counted(len(found), 'new alert')} in {_name(ws, project)}"
    return Message(
        plain(title), harmless([*lines, *more]), _link(ws, project, found[0]["id"] if len(found) == 1 else None)
    )


def _summary(ws: Workspace, project: str, now: datetime) -> Message:
    rows = alerts(ws.store, project)
    live = [row for row in rows if row["state"] != RESOLVED]
    begins = now - DIGEST_DAYS
    new, gone = (
        [row for row in rows if row[time] >= begins and (time == "opened_at" or row["state"] == RESOLVED)]
        for time in ("opened_at", "changed_at")
    )
    by_rule = Counter(row["rule"] for row in live)
    worst = sorted(live, key=lambda row: (-_rank(row["severity"]), -row["opened_at"].timestamp()))
    changes = [row for row in level_history(ws.store, project) if row["at"] >= begins]
    lines = [
        f"{counted(len(live), 'alert')} open or acknowledged; in seven days {len(new):,} new, {len(gone):,} resolved, "
        f"{counted(len(changes), 'change')} of review levels.",
        *(f"{count:,} × {rule}" for rule, count in by_rule.most_common()),
        *(f"{row['severity']}: {row['message']}" for row in worst[:MOST_LINES]),
    ]
    return Message(plain(f"Annotation QC: the week of {_name(ws, project)}"), harmless(lines), _link(ws, project))


def _waits(ws: Workspace, project: str, now: datetime) -> str | None:
    """Why nothing is sent now; InputError where nothing could ever be sent."""
    _channels(ws)
    if not ws.settings.notify.quiet(_local(ws, project, now)):
        return None
    until = ws.settings.notify.quiet_until
    assert until is not None
    return f"Quiet hours: messages wait until {until:%H:%M}; the next check sends them."


def _channels(ws: Workspace) -> tuple[Channel, ...]:
    if not ws.settings.notify.channels:
        raise InputError("No channel is set: name one in [notify.channels] of qc.toml; docs/alerts.md shows how.")
    return ws.settings.notify.channels


def _local(ws: Workspace, project: str, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(ws.policy(project).timezone))


def _link(ws: Workspace, project: str, alert: str | None = None) -> str:
    base = ws.settings.notify.link
    asked = {"project": project} | ({"alert": alert} if alert else {})
    return f"{base}/alerts?{urlencode(asked)}" if base else ""


def _name(ws: Workspace, project: str) -> str:
    return ws.store.project(project).name


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity)
