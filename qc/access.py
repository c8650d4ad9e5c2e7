"""Who may do what: people, their roles, one registry of actions, and one question that every use case asks first."""

from __future__ import annotations

import functools
import getpass
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Protocol, TypeVar

from qc.model import TIERS, InputError, NotFoundError, QcError
from qc.store.people import grants, set_role

if TYPE_CHECKING:
    from qc.store import Store

ROLES: Final = ("annotator", "reviewer", "senior", "lead", "manager", "admin")
LONGEST_NAME: Final = 254

_ADMIN: Final = ("admin",)
_LEADS: Final = ("lead", "admin")
_DESK: Final = ("reviewer", "senior", "lead", "admin")
_TEAM: Final = ("reviewer", "senior", "lead", "manager", "admin")


class AccessError(QcError):
    """The person may not do this."""


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody may do or not: a short name, how a sentence says it, and the roles that may."""

    name: str
    words: str
    roles: tuple[str, ...]

    @property
    def ask(self) -> str:
        """Whom somebody asks who may not."""
        return "a lead or an admin" if "lead" in self.roles else "an admin"


ACTIONS: Final = (
    Action("own", "see the figures of this person", ("annotator", "lead", "admin")),
    Action("team", "see the figures of the team", _TEAM),
    Action("answers", "see single answers", _DESK),
    Action("individuals", "see the names and figures of single people", _LEADS),
    Action("review", "review answers", _DESK),
    Action("draw", "draw samples", _DESK),
    Action("settle", "settle conflicts", _LEADS),
    Action("gold", "look after known answers", _LEADS),
    Action("acknowledge", "acknowledge or resolve alerts", _LEADS),
    Action("check", "run a check", _LEADS),
    Action("notify", "send test messages", _LEADS),
    Action("levels", "set review levels", _LEADS),
    Action("policy", "change the policy or the rules", _LEADS),
    Action("import", "read exports into the project", _LEADS),
    Action("export", "export data", _LEADS),
    Action("report", "write reports", ("lead", "manager", "admin")),
    Action("audit", "see the audit trail", _LEADS),
    Action("people", "manage people and roles", _ADMIN),
    Action("workspace", "look after the workspace", _ADMIN),
)
BY_NAME: Final = {action.name: action for action in ACTIONS}

# What a command of `qc` does to a project. The command line acts as the admin of its machine: who can read the files
# of a workspace needs no command to do so.
COMMANDS: Final = {
    "assess": "team",
    "audit": "audit",
    "check": "check",
    "dashboard": "workspace",
    "demo": "workspace",
    "doctor": "workspace",
    "export": "export",
    "gold": "gold",
    "ingest": "import",
    "people": "people",
    "policy": "team",
    "report": "report",
    "review": "review",
    "rules": "policy",
    "sample": "draw",
    "simulate": "workspace",
    "store": "workspace",
    "watch": "import",
}


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role in a project, or in all of them where none is named; `annotator` is the person's name in the exports."""

    project: str | None
    role: str
    annotator: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody with the roles that are in force."""

    name: str
    grants: frozenset[Grant] = frozenset()

    def roles(self, project: str | None) -> tuple[str, ...]:
        """The roles that count in a project; without one, those that hold everywhere."""
        held = {grant.role for grant in self.grants if grant.project in (None, project)}
        return tuple(role for role in ROLES if role in held)

    def tier(self, project: str | None) -> str:
        """Up to which tier of reviewers this person stands; the lowest for who reviews nothing."""
        roles = self.roles(project)
        return TIERS[2] if {"lead", "admin"} & set(roles) else TIERS[1] if "senior" in roles else TIERS[0]

    def called(self, project: str | None) -> tuple[str, ...]:
        """What the exports of a project call this person; empty for who does not annotate in it."""
        own = (grant for grant in self.grants if grant.role == "annotator" and grant.project in (None, project))
        return tuple(sorted({grant.annotator or self.name for grant in own}))

    def may(self, action: str, project: str | None, subject: str | None = None) -> bool:
        """Whether `authorize` would let it pass."""
        if not set(BY_NAME[action].roles) & set(self.roles(project)):
            return False
        if action == "own":
            return self.may("individuals", project) or subject in self.called(project)
        return True


def authorize(actor: Actor, action: str, project: str | None, subject: str | None = None) -> None:
    """Let it pass, or raise an AccessError that says whom to ask.

    A project without a role in it and one that does not exist are refused alike. subject: whose figures `own` is about.
    """
    if not actor.may(action, project, subject):
        known = BY_NAME[action]
        where = f" in {project}" if project else ""
        raise AccessError(f"{actor.name} may not {known.words}{where}: ask {known.ask}.")


class Acting(Protocol):
    """What use cases are called on: it knows who acts."""

    @property
    def actor(self) -> Actor:
        """Who acts."""
        ...


P = ParamSpec("P")
R = TypeVar("R")


def allowed(action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A use case `f(ws, project, …)` or `f(ws, …)` that asks `authorize` before anything else.

    One for the action `own` is `f(ws, project, annotator, …)`: it is about that person.
    """
    known = BY_NAME[action]

    def guard(use_case: Callable[P, R]) -> Callable[P, R]:
        of_project = list(inspect.signature(use_case).parameters)[1:2] == ["project"]

        @functools.wraps(use_case)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            acting: Any = args[0]
            project: Any = (args[1] if len(args) > 1 else kwargs.get("project")) if of_project else None
            subject: Any = args[2] if known.name == "own" and len(args) > 2 else None
            authorize(acting.actor, known.name, project, subject)
            return use_case(*args, **kwargs)

        guarded.action = known  # type: ignore[attr-defined]
        return guarded

    return guard


def local() -> Actor:
    """The account on this machine, who may do everything: access to the files is power over them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "local"
    return Actor(name, frozenset({Grant(None, "admin")}))


def person(name: str) -> str:
    """The one spelling of a login's name; InputError for one that cannot be."""
    spelt = name.strip().casefold()
    if not spelt or len(spelt) > LONGEST_NAME or not spelt.isprintable():
        raise InputError(f"{name.strip()[:40]!r} cannot name a person; use the e-mail or name of the login.")
    return spelt


def actor_named(store: Store, name: str) -> Actor:
    """Somebody with the roles that the record holds now."""
    known = person(name)
    held = (Grant(row["project"], row["role"], row["annotator"]) for row in grants(store, known))
    return Actor(known, frozenset(held))


def grant(
    store: Store,
    name: str,
    role: str,
    project: str | None,
    actor: str,
    reason: str = "",
    annotator: str | None = None,
    expected: int | None = None,
) -> None:
    """Give a role; `annotator` is what the exports call the person, where it is not the name of the login.

    expected: as in `qc.store.people.set_role`.
    """
    if annotator is not None and role != "annotator":
        raise InputError("Only an annotator has a name in the exports; leave it out for other roles.")
    set_role(
        store,
        person(name),
        project,
        _role(role),
        granted=True,
        actor=actor,
        reason=reason.strip(),
        annotator=annotator,
        expected=expected,
    )


def revoke(
    store: Store,
    name: str,
    role: str,
    project: str | None,
    actor: str,
    reason: str = "",
    expected: int | None = None,
) -> None:
    """Take a role; NotFoundError where the person does not hold it there. `expected` as in `grant`."""
    known = person(name)
    held = any(row["role"] == _role(role) and row["project"] == project for row in grants(store, known))
    # Who saw that it was held is told who has taken it since.
    if not held and expected is None:
        where = f"in {project}" if project else "everywhere"
        raise NotFoundError(f"{known} is no {role} {where}; qc people list shows who is what.")
    set_role(store, known, project, role, granted=False, actor=actor, reason=reason.strip(), expected=expected)


def _role(role: str) -> str:
    if role not in ROLES:
        raise InputError(f"There is no role {role!r}; use one of {', '.join(ROLES)}.")
    return role
