"""What pages ask for: what the dashboard reads from the workspace, but for the desk (`dashboard.at_desk`).

What is read is kept by small scalars and the data version, never by a frame: Streamlit samples large frames when it
hashes them, and would show a stale figure. It is kept by the reader's roles too, so that nobody is shown what was
computed for somebody who may see more.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import pandas as pd
import streamlit as st

from dashboard import people
from qc.access import Actor, Grant, authorize
from qc.model import NotFoundError, Policy, Scope
from qc.workspace import (
    Workspace,
    assess,
    beside_others,
    browse,
    check,
    disputed,
    gold_desk,
    gold_use,
    impact,
    open_workspace,
    policy,
    recheck,
    rulebook,
    sample,
    validation,
)
from qc.workspace import control_chart as charts
from qc.workspace import item as one_item
from qc.workspace import next_items as following_items
from qc.workspace import own_work as own
from qc.workspace import progress as checks
from qc.workspace import proposed as proposals
from qc.workspace.item import Item
from qc.workspace.proposed import Behind
from qc.workspace.rulebook import Effect, Rule

T = TypeVar("T")

MOST_CONFLICTS: Final = 200

# Read from the record alone: an acknowledged alert makes no new data version, and is still seen at once.
_LIVE: Final = frozenset({"alerts"})


@dataclass(frozen=True, slots=True)
class Selection:
    """What the reader looks at: a project, a part of it, and the version of the data."""

    project: str
    name: str
    scope: Scope
    version: str


def workspace_path() -> str:
    """The folder that this process serves."""
    return os.environ.get("QC_WORKSPACE", "./qc-workspace")


@st.cache_resource
def _workspace(path: str) -> Workspace:
    return open_workspace(Path(path))


def workspace() -> Workspace:
    """The open workspace in the hands of the reader, whose roles are read anew at each call."""
    opened = _workspace(workspace_path())
    return opened.acting_as(people.reader(opened))


def actor() -> str:
    """The name under which the reader's decisions are recorded."""
    return workspace().actor.name


def may(chosen: Selection, action: str) -> bool:
    """Whether the reader may do something in the project shown."""
    return workspace().actor.may(action, chosen.project)


def in_hands(path: str, roles: tuple[str, ...]) -> Workspace:
    """The workspace as anybody with these roles sees it."""
    return _workspace(path).acting_as(Actor("You", frozenset(Grant(None, role) for role in roles)))


@st.cache_data(max_entries=1000, show_spinner="Computing …")
def _kept(
    path: str, roles: tuple[str, ...], project: str, version: str, asked: str, _of: Callable[[Workspace], Any]
) -> Any:
    return _of(in_hands(path, roles))


def read(project: str, version: str, use_case: Callable[..., T], *asked: Any, **named: Any) -> T:
    """What a use case returns to the reader's roles, computed once for each version of the data and each question."""
    roles = workspace().actor.roles(project)
    key = f"{use_case.__module__}.{use_case.__name__} {asked!r} {named!r}"
    found: T = _kept(workspace_path(), roles, project, version, key, lambda ws: use_case(ws, project, *asked, **named))
    return found


def read_here(chosen: Selection, use_case: Callable[..., T], *asked: Any, **named: Any) -> T:
    """As `read`, of the version of the data that the reader looks at."""
    return read(chosen.project, chosen.version, use_case, *asked, **named)


def section(chosen: Selection, name: str) -> Any:
    """One section of the assessment, as in its JSON."""
    if name in _LIVE:
        return assess.section(workspace(), chosen.project, name, chosen.scope)
    return read_here(chosen, assess.section, name, chosen.scope)


def alert_comments(chosen: Selection, alert_id: str) -> list[dict[str, Any]]:
    """What was said about an alert, read anew each time."""
    return check.comments(workspace(), chosen.project, alert_id)


def by_severity(alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The alerts, the critical ones first, and of those the latest first."""
    latest = sorted(alerts, key=lambda alert: alert["opened_at"], reverse=True)
    return sorted(latest, key=lambda alert: ("critical", "warning", "info").index(alert["severity"]))


def most_judged(parts: list[dict[str, Any]], figure: str) -> dict[str, Any] | None:
    """Of a section's parts by source, the one whose figure rests on most judgements; None without any."""

    def judged(part: dict[str, Any]) -> int:
        e = part["overall"][figure] if figure else part["overall"]
        return int(e["n"]) if e["value"] is not None else -1

    return max(parts, key=judged, default=None)


def options(project: str) -> dict[str, Any]:
    """What the filters of a project can be set to; verdicts change nothing of it."""
    return read(project, workspace().facts_version(project), browse.options)


def days(chosen: Selection) -> list[dict[str, Any]]:
    """Answers by day and site."""
    return read_here(chosen, browse.days, chosen.scope).to_dict("records")


def answers(chosen: Selection, **conditions: Any) -> pd.DataFrame:
    """The answers that a figure rests on; conditions are those of `browse.answers`."""
    named = {name: value for name, value in conditions.items() if value}
    return read_here(chosen, browse.answers, chosen.scope, **named)


def item(chosen: Selection, item_id: str, question: str) -> Item:
    """One item with every answer to a question about it."""
    return read_here(chosen, one_item.item, item_id, question)


def bootstrapped(chosen: Selection, question: str, kind: str) -> dict[str, dict[str, Any]]:
    """The bootstrap of items of each coefficient of a question, by its key."""
    rows = read_here(chosen, assess.bootstrapped_coefficients, chosen.scope, question, kind)
    return {row["key"]: row["estimate"] for row in rows}


def next_items(chosen: Selection) -> pd.DataFrame:
    """Items that a model answered and nobody decided, with the reasons to look at them."""
    return read_here(chosen, following_items.next_items, chosen.scope)


def proposed(chosen: Selection, behind: Behind) -> pd.DataFrame:
    """People's answers beside what a model proposed, behind one of its figures."""
    return read_here(chosen, proposals.answers, chosen.scope, behind)


def misled(chosen: Selection, annotator: str) -> pd.DataFrame:
    """A person's judged answers that started from a wrong pre-label."""
    return read_here(chosen, proposals.misled, chosen.scope, annotator)


def conflicts(
    chosen: Selection,
    between: tuple[str, ...] = disputed.KINDS,
    settled: bool | None = None,
    limit: int = MOST_CONFLICTS,
) -> pd.DataFrame:
    """Items with a conflict of these kinds, the hardest first; open ones, settled ones or both."""
    return read_here(chosen, disputed.conflicts, chosen.scope, between, limit, settled)


def alike(chosen: Selection, item_id: str, question: str) -> pd.DataFrame:
    """Other open conflicts that are like this one, and why."""
    return read_here(chosen, disputed.alike, item_id, question, chosen.scope)


def effect(chosen: Selection, rule: Rule) -> Effect:
    """What became of the conflicts that a rule of the rulebook is about."""
    return read_here(chosen, rulebook.effect, rule)


def comparable(chosen: Selection) -> dict[str, list[str]]:
    """What can be compared by choice: the parts of the work by each key that has several."""
    return read_here(chosen, assess.comparable, chosen.scope)


def compared(chosen: Selection, by: str, first: str, second: str) -> list[dict[str, Any]]:
    """Two parts of the work beside each other; empty where the reader may not see so few people."""
    return read_here(chosen, assess.compare, chosen.scope, by, first, second)


def drifting(chosen: Selection, batch: str) -> list[dict[str, Any]]:
    """The items that make a batch differ from those before it."""
    return read_here(chosen, assess.drifting, chosen.scope, batch)


def consequences(chosen: Selection, wanted: Policy) -> policy.Following:
    """What a policy would lead to at the project's volume of review."""
    return read_here(chosen, policy.consequences, wanted)


def disagreed(chosen: Selection) -> bool:
    """Whether people answered any item differently, one with a known answer included."""
    return any(
        cell["items"] and cell["agreement"] < 1
        for part in section(chosen, "agreement")
        for cell in part["items_by_agreement"]
    )


def rows(chosen: Selection, name: str) -> pd.DataFrame:
    """Imports, quarantine or the log of verdicts; short, and read anew each time."""
    listed = {"imports": browse.imports, "quarantine": browse.quarantine, "verdicts": browse.verdict_log}[name]
    return listed(workspace(), chosen.project)


def plan(chosen: Selection, ask: sample.Ask) -> dict[str, Any]:
    """What a draw of what is asked for would bring and cost."""
    return read_here(chosen, sample.plan, ask)


def sheet(chosen: Selection, draw_id: str) -> pd.DataFrame:
    """The answers of a draw, to fill in."""
    return sample.sheet(workspace(), chosen.project, draw_id)


def sheet_file(chosen: Selection, draw_id: str, suffix: str, opinions: int = 1) -> bytes:
    """The sheet of a draw as a file; for 2 opinions that of the second reviewer."""
    return sample.sheet_file(workspace(), chosen.project, draw_id, suffix, opinions)


def judged_twice(chosen: Selection, draw_id: str) -> int:
    """How many answers of a draw two people are to judge."""
    try:
        return len(sample.sheet(workspace(), chosen.project, draw_id, 2))
    except NotFoundError:
        return 0


def earlier_work(chosen: Selection, who: str, since: date | None) -> int:
    """How many answers of a person since a day no draw took and nobody judged."""
    return read_here(chosen, recheck.waiting, who, since)


def drift_begins(chosen: Selection, who: str) -> date | None:
    """The first day of the judged answers that took somebody's control chart up."""
    return read_here(chosen, recheck.begins, who)


def progress(chosen: Selection) -> dict[str, Any]:
    """How far the spot checks are, read anew each time."""
    return checks.progress(workspace(), chosen.project, datetime.now(UTC))


def earlier_draws(chosen: Selection) -> list[dict[str, Any]]:
    """Every draw so far, the newest first."""
    return checks.earlier_draws(workspace(), chosen.project, datetime.now(UTC))


def rules_by_annotator(chosen: Selection) -> list[dict[str, Any]]:
    """How many answers of each person were checked by each rule, and break it."""
    return read_here(chosen, validation.by_annotator, chosen.scope)


def offences(chosen: Selection, rule: str = "", annotator: str = "") -> pd.DataFrame:
    """The answers that break any rule or one, of everybody or of one person."""
    return read_here(chosen, validation.offences, chosen.scope, rule=rule or None, annotator=annotator or None)


def control_chart(chosen: Selection, kind: str, key: str) -> dict[str, Any]:
    """The control chart of a subject with every change of its level, whatever the filters."""
    return read_here(chosen, charts.control_chart, kind, key)


def nearness(chosen: Selection, kind: str) -> list[dict[str, Any]]:
    """How near each subject of a kind is to an alarm, whatever the filters."""
    return read_here(chosen, charts.nearness, kind)


def beside(chosen: Selection, what: str, *asked: str) -> list[dict[str, Any]]:
    """One person beside the others: `rates`, `mistaken` or `error types` of `qc.workspace.beside_others`."""
    use_case: Callable[..., list[dict[str, Any]]] = {
        "rates": beside_others.rates_over_time,
        "mistaken": beside_others.mistaken,
        "error types": beside_others.error_types,
    }[what]
    return read_here(chosen, use_case, chosen.scope, *asked)


def supposed(chosen: Selection, asked: impact.Asked, hours: float | None = None) -> dict[str, Any]:
    """What review would cost at other prices, and with other hours a week."""
    known = read_here(chosen, impact.known, chosen.scope)
    return impact.supposed(*known, replace(asked, hours_a_week=hours))


def worklist(chosen: Selection, asked: impact.Asked, hours: float) -> pd.DataFrame:
    """The answers that so many hours of review go furthest on."""
    return read_here(chosen, impact.worklist, chosen.scope, replace(asked, hours_a_week=hours))


def current_policy(chosen: Selection) -> Policy:
    """What the project has decided."""
    return policy.get(workspace(), chosen.project)


def adjusted_fatigue(chosen: Selection, source: str) -> dict[str, Any]:
    """The adjusted model of errors against time at work, fitted when it is asked for."""
    return read_here(chosen, assess.adjusted_fatigue, chosen.scope, source)


def own_work(chosen: Selection, who: str) -> dict[str, Any]:
    """What somebody sees of their own work."""
    authorize(workspace().actor, "own", chosen.project, who)
    return read_here(chosen, _in_own_hands, who)


def _in_own_hands(ws: Workspace, project: str, who: str) -> dict[str, Any]:
    """Whoever looks at somebody's own page sees what that person sees, and no more."""
    return own.own_work(ws.acting_as(Actor(who, frozenset({Grant(project, "annotator")}))), project, who)


def gold(chosen: Selection) -> list[dict[str, Any]]:
    """Every known answer with its use and what speaks against it."""
    return read_here(chosen, gold_use.listed)


def gold_passes(chosen: Selection) -> list[dict[str, Any]]:
    """How each annotator does on gold."""
    return read_here(chosen, gold_use.pass_record)


def gold_candidates(chosen: Selection) -> list[dict[str, Any]]:
    """Settled items that are no gold yet, read anew each time."""
    return gold_desk.candidates(workspace(), chosen.project)
