"""What pages ask for: the only module of the dashboard that reads from the workspace.

Caches are keyed by small scalars and the data version, never by a frame: Streamlit samples large frames when it
hashes them, and would show a stale figure. They are keyed by the reader's roles too, so that nobody is shown what was
computed for somebody who may see more.
"""

from __future__ import annotations

import json
import os
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard import people
from qc.access import Actor, Grant, authorize
from qc.model import CostPolicy, Policy, Scope
from qc.workspace import (
    Workspace,
    assess,
    beside_others,
    browse,
    check,
    desk,
    disputed,
    gold_desk,
    impact,
    open_workspace,
    policy,
    rulebook,
    sample,
    validation,
)
from qc.workspace import control_chart as charts
from qc.workspace import item as one_item
from qc.workspace import next_items as following_items
from qc.workspace import own_work as own
from qc.workspace import progress as checks
from qc.workspace import queue as the_queue
from qc.workspace.desk import Case, Revealed
from qc.workspace.item import Item
from qc.workspace.queue import Place, Standing
from qc.workspace.rulebook import Effect, Rule

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


def _roles(chosen: Selection) -> tuple[str, ...]:
    return workspace().actor.roles(chosen.project)


def _in_hands(path: str, roles: tuple[str, ...]) -> Workspace:
    """The workspace as anybody with these roles sees it."""
    return _workspace(path).acting_as(Actor("You", frozenset(Grant(None, role) for role in roles)))


@st.cache_data(max_entries=500, show_spinner="Computing …")
def _section(path: str, roles: tuple[str, ...], project: str, version: str, name: str, scope: tuple[Any, ...]) -> Any:
    return assess.section(_in_hands(path, roles), project, name, Scope(*scope))


def section(chosen: Selection, name: str) -> Any:
    """One section of the assessment, as in its JSON."""
    if name in _LIVE:
        return assess.section(workspace(), chosen.project, name, chosen.scope)
    return _section(workspace_path(), _roles(chosen), chosen.project, chosen.version, name, astuple(chosen.scope))


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


@st.cache_data(max_entries=50, show_spinner=False)
def _options(path: str, roles: tuple[str, ...], project: str, version: str) -> dict[str, Any]:
    return browse.options(_in_hands(path, roles), project)


def options(project: str) -> dict[str, Any]:
    """What the filters of a project can be set to; verdicts change nothing of it."""
    facts = workspace().facts_version(project)
    return _options(workspace_path(), workspace().actor.roles(project), project, facts)


@st.cache_data(max_entries=50, show_spinner=False)
def _days(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...]
) -> list[dict[str, Any]]:
    return browse.days(_in_hands(path, roles), project, Scope(*scope)).to_dict("records")


def days(chosen: Selection) -> list[dict[str, Any]]:
    """Answers by day and site."""
    return _days(workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope))


@st.cache_data(max_entries=100, show_spinner="Looking up the answers …")
def _answers(
    path: str,
    roles: tuple[str, ...],
    project: str,
    version: str,
    scope: tuple[Any, ...],
    conditions: tuple[tuple[str, Any], ...],
) -> pd.DataFrame:
    return browse.answers(_in_hands(path, roles), project, Scope(*scope), **dict(conditions))


def answers(chosen: Selection, **conditions: Any) -> pd.DataFrame:
    """The answers that a figure rests on; conditions are those of `browse.answers`."""
    known = tuple(
        (name, tuple(value) if isinstance(value, list) else value) for name, value in conditions.items() if value
    )
    return _answers(workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope), known)


@st.cache_data(max_entries=50, show_spinner="Looking up the item …")
def _item(path: str, roles: tuple[str, ...], project: str, version: str, item_id: str, question: str) -> Item:
    return one_item.item(_in_hands(path, roles), project, item_id, question)


def item(chosen: Selection, item_id: str, question: str) -> Item:
    """One item with every answer to a question about it."""
    return _item(workspace_path(), _roles(chosen), chosen.project, chosen.version, item_id, question)


@st.cache_data(max_entries=50, show_spinner="Resampling …")
def _bootstrapped(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...], question: str, kind: str
) -> list[dict[str, Any]]:
    return assess.bootstrapped_coefficients(_in_hands(path, roles), project, Scope(*scope), question, kind)


def bootstrapped(chosen: Selection, question: str, kind: str) -> dict[str, dict[str, Any]]:
    """The bootstrap of items of each coefficient of a question, by its key."""
    scope = astuple(chosen.scope)
    rows = _bootstrapped(workspace_path(), _roles(chosen), chosen.project, chosen.version, scope, question, kind)
    return {row["key"]: row["estimate"] for row in rows}


@st.cache_data(max_entries=50, show_spinner="Looking for what to check next …")
def _next_items(path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...]) -> pd.DataFrame:
    return following_items.next_items(_in_hands(path, roles), project, Scope(*scope))


def next_items(chosen: Selection) -> pd.DataFrame:
    """Items that a model answered and nobody decided, with the reasons to look at them."""
    scope = astuple(chosen.scope)
    return _next_items(workspace_path(), _roles(chosen), chosen.project, chosen.version, scope)


@st.cache_data(max_entries=50, show_spinner="Looking for conflicts …")
def _conflicts(
    path: str,
    roles: tuple[str, ...],
    project: str,
    version: str,
    scope: tuple[Any, ...],
    between: tuple[str, ...],
    settled: bool | None,
    limit: int,
) -> pd.DataFrame:
    return disputed.conflicts(_in_hands(path, roles), project, Scope(*scope), between, limit, settled)


def conflicts(
    chosen: Selection,
    between: tuple[str, ...] = disputed.KINDS,
    settled: bool | None = None,
    limit: int = MOST_CONFLICTS,
) -> pd.DataFrame:
    """Items with a conflict of these kinds, the hardest first; open ones, settled ones or both."""
    scope = astuple(chosen.scope)
    place = (chosen.project, chosen.version, scope)
    return _conflicts(workspace_path(), _roles(chosen), *place, between, settled, limit)


@st.cache_data(max_entries=50, show_spinner="Looking for conflicts like it …")
def _alike(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...], item_id: str, question: str
) -> pd.DataFrame:
    return disputed.alike(_in_hands(path, roles), project, item_id, question, Scope(*scope))


def alike(chosen: Selection, item_id: str, question: str) -> pd.DataFrame:
    """Other open conflicts that are like this one, and why."""
    scope = astuple(chosen.scope)
    return _alike(workspace_path(), _roles(chosen), chosen.project, chosen.version, scope, item_id, question)


@st.cache_data(max_entries=200, show_spinner="Counting before and after …")
def _effect(path: str, roles: tuple[str, ...], project: str, version: str, _rule: Rule, which: str) -> Effect:
    return rulebook.effect(_in_hands(path, roles), project, _rule)


def effect(chosen: Selection, rule: Rule) -> Effect:
    """What became of the conflicts that a rule of the rulebook is about."""
    which = f"{rule.id} {rule.revision}"
    return _effect(workspace_path(), _roles(chosen), chosen.project, chosen.version, rule, which)


@st.cache_data(max_entries=50, show_spinner=False)
def _comparable(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...]
) -> dict[str, list[str]]:
    return assess.comparable(_in_hands(path, roles), project, Scope(*scope))


def comparable(chosen: Selection) -> dict[str, list[str]]:
    """What can be compared by choice: the parts of the work by each key that has several."""
    return _comparable(workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope))


@st.cache_data(max_entries=50, show_spinner="Comparing …")
def _compared(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...], asked: tuple[str, str, str]
) -> list[dict[str, Any]]:
    return assess.compare(_in_hands(path, roles), project, Scope(*scope), *asked)


def compared(chosen: Selection, by: str, first: str, second: str) -> list[dict[str, Any]]:
    """Two parts of the work beside each other; empty where the reader may not see so few people."""
    scope = astuple(chosen.scope)
    return _compared(workspace_path(), _roles(chosen), chosen.project, chosen.version, scope, (by, first, second))


@st.cache_data(max_entries=50, show_spinner="Looking up the items …")
def _drifting(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...], batch: str
) -> list[dict[str, Any]]:
    return assess.drifting(_in_hands(path, roles), project, Scope(*scope), batch)


def drifting(chosen: Selection, batch: str) -> list[dict[str, Any]]:
    """The items that make a batch differ from those before it."""
    return _drifting(workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope), batch)


@st.cache_data(max_entries=50, show_spinner="Reckoning what follows …")
def _consequences(path: str, roles: tuple[str, ...], project: str, version: str, body: str) -> policy.Following:
    return policy.consequences(_in_hands(path, roles), project, Policy.from_json(json.loads(body)))


def consequences(chosen: Selection, wanted: Policy) -> policy.Following:
    """What a policy would lead to at the project's volume of review."""
    body = json.dumps(wanted.to_json(), sort_keys=True)
    return _consequences(workspace_path(), _roles(chosen), chosen.project, chosen.version, body)


def disagreed(chosen: Selection) -> bool:
    """Whether people answered any item differently, one with a known answer included."""
    return any(
        cell["items"] and cell["agreement"] < 1
        for part in section(chosen, "agreement")
        for cell in part["items_by_agreement"]
    )


def rows(chosen: Selection, name: str) -> pd.DataFrame:
    """Imports, quarantine or the log of verdicts; short, and read anew each time."""
    read = {"imports": browse.imports, "quarantine": browse.quarantine, "verdicts": browse.verdict_log}[name]
    return read(workspace(), chosen.project)


@dataclass(frozen=True)
class Window:
    """One browser tab, as the queue knows it: what it holds is let go when it is closed."""

    ws: Workspace
    name: str = field(default_factory=lambda: uuid4().hex)
    projects: set[str] = field(default_factory=set)

    def leave(self) -> None:
        """Let go of everything."""
        for project in sorted(self.projects):
            the_queue.leave(self.ws, project, self.name)
        self.projects.clear()


@st.cache_resource(scope="session", show_spinner=False, on_release=Window.leave)
def _window(path: str) -> Window:
    return Window(_in_hands(path, ("reviewer",)))


def leave_desk() -> None:
    """Let go of what the reader has before them, because they look at something else."""
    _window(workspace_path()).leave()


def queue(chosen: Selection) -> list[Place]:
    """What waits for the reader's verdict, in the order in which it is offered.

    Read from the record each time: the next answer comes from here and from nowhere else.
    """
    return the_queue.waiting(workspace(), chosen.project)


def claimed(chosen: Selection, wanted: list[Place]) -> tuple[str, str] | None:
    """The first of some answers that nobody else has before them, kept for this window."""
    window = _window(workspace_path())
    window.projects.add(chosen.project)
    return the_queue.claim(workspace(), chosen.project, window.name, wanted)


def hold(chosen: Selection, item_id: str) -> bool:
    """Whether an item is still this window's."""
    return the_queue.hold(workspace(), chosen.project, _window(workspace_path()).name, item_id)


def standing(chosen: Selection, waiting: list[Place]) -> Standing:
    """How the queue stands for the reader, for whom so much waits."""
    window = _window(workspace_path())
    return the_queue.standing(workspace(), chosen.project, waiting, datetime.now(UTC), window.name)


def before_people(chosen: Selection) -> list[dict[str, Any]]:
    """Which items somebody has before them now."""
    return the_queue.before_people(workspace(), chosen.project, datetime.now(UTC))


@st.cache_data(max_entries=50, show_spinner=False)
def _times(path: str, roles: tuple[str, ...], project: str, version: str) -> list[dict[str, Any]]:
    return the_queue.times(_in_hands(path, roles), project)


def times(chosen: Selection) -> list[dict[str, Any]]:
    """How long answers take on their way through the queue."""
    return _times(workspace_path(), _roles(chosen), chosen.project, chosen.version)


@st.cache_data(max_entries=50, show_spinner="Looking up the answers …")
def _cases(
    path: str, roles: tuple[str, ...], project: str, version: str, keys: tuple[tuple[str, str], ...]
) -> dict[tuple[str, str], Case]:
    return desk.cases(_in_hands(path, roles), project, keys)


def cases(chosen: Selection, keys: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], Case]:
    """The answers with these ids and questions, and their items, as reviewers see them."""
    opened = workspace()
    authorize(opened.actor, "review", chosen.project)
    version = opened.facts_version(chosen.project)
    return _cases(workspace_path(), _roles(chosen), chosen.project, version, keys)


@st.cache_data(max_entries=50, show_spinner=False)
def _revealed(
    path: str, roles: tuple[str, ...], project: str, version: str, keys: tuple[tuple[str, str], ...]
) -> dict[tuple[str, str], Revealed]:
    return desk.revealed(_in_hands(path, roles), project, keys)


def revealed(chosen: Selection, keys: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], Revealed]:
    """Who gave these answers, and what is known to be right: for who has decided."""
    opened = workspace()
    authorize(opened.actor, "review", chosen.project)
    version = opened.facts_version(chosen.project)
    return _revealed(workspace_path(), _roles(chosen), chosen.project, version, keys)


@st.cache_data(max_entries=50, show_spinner="Planning …")
def _plan(path: str, roles: tuple[str, ...], project: str, version: str, ask: tuple[Any, ...]) -> dict[str, Any]:
    return sample.plan(_in_hands(path, roles), project, sample.Ask(*ask))


def plan(chosen: Selection, ask: sample.Ask) -> dict[str, Any]:
    """What a draw of what is asked for would bring and cost."""
    return _plan(workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(ask))


def sheet(chosen: Selection, draw_id: str) -> pd.DataFrame:
    """The answers of a draw, to fill in."""
    return sample.sheet(workspace(), chosen.project, draw_id)


def sheet_file(chosen: Selection, draw_id: str, suffix: str) -> bytes:
    """The sheet of a draw as a file."""
    return sample.sheet_file(workspace(), chosen.project, draw_id, suffix)


def progress(chosen: Selection) -> dict[str, Any]:
    """How far the spot checks are, read anew each time."""
    return checks.progress(workspace(), chosen.project, datetime.now(UTC))


def earlier_draws(chosen: Selection) -> list[dict[str, Any]]:
    """Every draw so far, the newest first."""
    return checks.earlier_draws(workspace(), chosen.project, datetime.now(UTC))


@st.cache_data(max_entries=50, show_spinner="Checking the rules …")
def _rules_by_annotator(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...]
) -> list[dict[str, Any]]:
    return validation.by_annotator(_in_hands(path, roles), project, Scope(*scope))


def rules_by_annotator(chosen: Selection) -> list[dict[str, Any]]:
    """How many answers of each person were checked by each rule, and break it."""
    return _rules_by_annotator(workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope))


@st.cache_data(max_entries=50, show_spinner="Looking up the answers …")
def _offences(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...], rule: str, annotator: str
) -> pd.DataFrame:
    return validation.offences(
        _in_hands(path, roles), project, Scope(*scope), rule=rule or None, annotator=annotator or None
    )


def offences(chosen: Selection, rule: str = "", annotator: str = "") -> pd.DataFrame:
    """The answers that break any rule or one, of everybody or of one person."""
    return _offences(
        workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope), rule, annotator
    )


@st.cache_data(max_entries=100, show_spinner=False)
def _control_chart(
    path: str, roles: tuple[str, ...], project: str, version: str, kind: str, key: str
) -> dict[str, Any]:
    return charts.control_chart(_in_hands(path, roles), project, kind, key)


def control_chart(chosen: Selection, kind: str, key: str) -> dict[str, Any]:
    """The control chart of a subject with every change of its level, whatever the filters."""
    return _control_chart(workspace_path(), _roles(chosen), chosen.project, chosen.version, kind, key)


@st.cache_data(max_entries=50, show_spinner=False)
def _nearness(path: str, roles: tuple[str, ...], project: str, version: str, kind: str) -> list[dict[str, Any]]:
    return charts.nearness(_in_hands(path, roles), project, kind)


def nearness(chosen: Selection, kind: str) -> list[dict[str, Any]]:
    """How near each subject of a kind is to an alarm, whatever the filters."""
    return _nearness(workspace_path(), _roles(chosen), chosen.project, chosen.version, kind)


@st.cache_data(max_entries=100, show_spinner=False)
def _beside(
    path: str,
    roles: tuple[str, ...],
    project: str,
    version: str,
    scope: tuple[Any, ...],
    what: str,
    asked: tuple[str, ...],
) -> list[dict[str, Any]]:
    use_case = {
        "rates": beside_others.rates_over_time,
        "mistaken": beside_others.mistaken,
        "error types": beside_others.error_types,
    }[what]
    return use_case(_in_hands(path, roles), project, Scope(*scope), *asked)


def beside(chosen: Selection, what: str, *asked: str) -> list[dict[str, Any]]:
    """One person beside the others: `rates`, `mistaken` or `error types` of `qc.workspace.beside_others`."""
    return _beside(workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope), what, asked)


@st.cache_data(max_entries=20, show_spinner="Computing …")
def _cost_known(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...]
) -> tuple[Any, CostPolicy]:
    return impact.known(_in_hands(path, roles), project, Scope(*scope))


def supposed(chosen: Selection, asked: impact.Asked, hours: float | None = None) -> dict[str, Any]:
    """What review would cost at other prices, and with other hours a week."""
    known = _cost_known(workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope))
    return impact.supposed(*known, replace(asked, hours_a_week=hours))


@st.cache_data(max_entries=20, show_spinner="Looking up the answers …")
def _worklist(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...], asked: tuple[Any, ...]
) -> pd.DataFrame:
    return impact.worklist(_in_hands(path, roles), project, Scope(*scope), impact.Asked(*asked))


def worklist(chosen: Selection, asked: impact.Asked, hours: float) -> pd.DataFrame:
    """The answers that so many hours of review go furthest on."""
    wanted = astuple(replace(asked, hours_a_week=hours))
    return _worklist(workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope), wanted)


def current_policy(chosen: Selection) -> Policy:
    """What the project has decided."""
    return policy.get(workspace(), chosen.project)


@st.cache_data(max_entries=50, show_spinner="Fitting …")
def _adjusted_fatigue(
    path: str, roles: tuple[str, ...], project: str, version: str, scope: tuple[Any, ...], source: str
) -> dict[str, Any]:
    return assess.adjusted_fatigue(_in_hands(path, roles), project, Scope(*scope), source)


def adjusted_fatigue(chosen: Selection, source: str) -> dict[str, Any]:
    """The adjusted model of errors against time at work, fitted when it is asked for."""
    return _adjusted_fatigue(
        workspace_path(), _roles(chosen), chosen.project, chosen.version, astuple(chosen.scope), source
    )


@st.cache_data(max_entries=50, show_spinner="Computing …")
def _own_work(path: str, project: str, version: str, who: str) -> dict[str, Any]:
    return own.own_work(_workspace(path).acting_as(Actor(who, frozenset({Grant(project, "annotator")}))), project, who)


def own_work(chosen: Selection, who: str) -> dict[str, Any]:
    """What somebody sees of their own work."""
    authorize(workspace().actor, "own", chosen.project, who)
    return _own_work(workspace_path(), chosen.project, chosen.version, who)


@st.cache_data(max_entries=50, show_spinner="Looking at the known answers …")
def _gold(path: str, roles: tuple[str, ...], project: str, version: str) -> dict[str, list[dict[str, Any]]]:
    ws = _in_hands(path, roles)
    return {"known": gold_desk.listed(ws, project), "passes": gold_desk.pass_record(ws, project)}


def gold(chosen: Selection) -> list[dict[str, Any]]:
    """Every known answer with its use and what speaks against it."""
    return _gold(workspace_path(), _roles(chosen), chosen.project, chosen.version)["known"]


def gold_passes(chosen: Selection) -> list[dict[str, Any]]:
    """How each annotator does on gold."""
    return _gold(workspace_path(), _roles(chosen), chosen.project, chosen.version)["passes"]


def gold_candidates(chosen: Selection) -> list[dict[str, Any]]:
    """Settled items that are no gold yet, read anew each time."""
    return gold_desk.candidates(workspace(), chosen.project)
