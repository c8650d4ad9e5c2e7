"""Roles, the one question, and the matrix of every command and page by role, in one's own and in a foreign project.

The matrix is made from the registries: what pages and commands call is read from their source, each call is made as
every role, and only those of the action's row come past the door. Takes fifteen seconds.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from qc import access
from qc.access import ACTIONS, BY_NAME, COMMANDS, ROLES, AccessError, Actor, Grant, authorize
from qc.cli import main
from qc.model import InputError, NotFoundError, Scope
from qc.store import Store, open_store
from qc.store.audit import audit_trail
from qc.store.people import EVERYWHERE
from qc.workspace import Workspace, assess, browse, check, open_workspace, people, sample, sight, verdict
from qc.workspace.ingest import ingest

ROOT = Path(__file__).parent.parent
CLI = ROOT / "qc" / "cli"
SOURCES = [*sorted((ROOT / "dashboard").rglob("*.py")), *sorted(CLI.glob("*.py"))]


def holder(role: str, project: str | None = "own") -> Actor:
    return Actor(f"{role}@example.org", frozenset({Grant(project, role)}))


NOBODY = Actor("nobody@example.org")
# Those who see the figures of every single person; an annotator sees their own only.
LEADING = ("lead", "admin")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'qc.db'}")
    opened.add_project("own", None, "lead")
    opened.add_project("foreign", None, "lead")
    yield opened
    opened.engine.dispose()


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_holds_in_its_project_and_nowhere_else(action: access.Action, role: str) -> None:
    own = f"{role}@example.org" if role == "annotator" else None
    may = role in action.roles
    assert holder(role).may(action.name, "own", own) is may
    for foreign in ("foreign", None):
        assert not holder(role).may(action.name, foreign, own)
    assert holder(role, None).may(action.name, "foreign", own) is may
    assert not NOBODY.may(action.name, "own")


def test_an_annotator_sees_their_own_figures_under_the_name_in_the_exports() -> None:
    ann = Actor("ann@example.org", frozenset({Grant("own", "annotator", "worker-7")}))
    authorize(ann, "own", "own", "worker-7")
    for other in ("worker-8", "ann@example.org", None):
        with pytest.raises(AccessError, match="may not see the figures of this person in own: ask a lead or an admin"):
            authorize(ann, "own", "own", other)
    authorize(holder("lead"), "own", "own", "worker-8")
    with pytest.raises(AccessError, match="ask an admin"):
        authorize(holder("lead"), "people", "own")


def test_grants_are_kept_and_the_latest_is_in_force(store: Store) -> None:
    access.grant(store, " Bo@Example.ORG ", "lead", "own", "root", "runs it")
    access.grant(store, "bo@example.org", "annotator", "own", "root", annotator="worker-7")
    bo = access.actor_named(store, "BO@example.org")
    assert bo.roles("own") == ("annotator", "lead")
    assert bo.roles("foreign") == ()
    assert bo.called("own") == ("worker-7",)
    access.revoke(store, "bo@example.org", "lead", "own", "root", "left")
    assert access.actor_named(store, "bo@example.org").roles("own") == ("annotator",)
    with pytest.raises(NotFoundError, match=r"bo@example\.org is no lead in own"):
        access.revoke(store, "bo@example.org", "lead", "own", "root")
    access.grant(store, "bo@example.org", "lead", "own", "root")
    assert "lead" in access.actor_named(store, "bo@example.org").roles("own")
    trail = [(row["action"], row["object"], row["actor"]) for row in audit_trail(store, "own")]
    assert trail.count(("grant role", "person bo@example.org", "root")) == 3
    assert ("revoke role", "person bo@example.org", "root") in trail


def test_an_admin_of_all_projects_may_also_what_has_no_project(store: Store) -> None:
    access.grant(store, "ada@example.org", "admin", None, "root")
    ada = access.actor_named(store, "ada@example.org")
    for action in ACTIONS:
        assert ada.may(action.name, "made tomorrow")
    assert ada.may("workspace", None)
    assert not holder("admin").may("workspace", None)
    assert [row["action"] for row in audit_trail(store, EVERYWHERE)] == ["grant role"]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\u202eb", "\x00", "x" * 300])
def test_a_name_that_cannot_be_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InputError, match="cannot name a person"):
        access.grant(store, name, "lead", "own", "root")


def test_what_cannot_be_granted_is_refused_in_a_sentence(store: Store) -> None:
    with pytest.raises(InputError, match="There is no role 'boss'"):
        access.grant(store, "bo", "boss", "own", "root")
    with pytest.raises(InputError, match="Only an annotator"):
        access.grant(store, "bo", "lead", "own", "root", annotator="worker-7")
    with pytest.raises(NotFoundError, match="none"):
        access.grant(store, "bo", "lead", "none", "root")


# What pages and commands call, read from their source.


@dataclass(frozen=True)
class Call:
    """A use case that takes a workspace, and where it is called: a file, and the command in `qc/cli`."""

    use_case: Callable[..., Any]
    file: str
    command: str | None


def _modules(tree: ast.AST) -> dict[str, Any]:
    """Names that an import of something of `qc.workspace` brings, with what they stand for."""
    known: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qc.workspace"):
            for alias in node.names:
                module = importlib.import_module(node.module or "")
                try:
                    found = getattr(module, alias.name)
                except AttributeError:
                    found = importlib.import_module(f"{node.module}.{alias.name}")
                known[alias.asname or alias.name] = found
    return known


def _called(node: ast.expr, known: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute) and (holder := _called(node.value, known)) is not None:
        return getattr(holder, node.attr, None) if isinstance(holder, ModuleType) else None
    return None


def calls() -> list[Call]:
    """Every mention of a function on a workspace in the dashboard and the commands, called or passed on."""
    found = []
    for path in SOURCES:
        for part in ast.parse(path.read_text(encoding="utf-8")).body:
            known = _modules(ast.parse(path.read_text(encoding="utf-8"))) if path.parent != CLI else _modules(part)
            for node in ast.walk(part):
                use_case = _called(node, known) if isinstance(node, ast.Name | ast.Attribute) else None
                if inspect.isfunction(use_case) and next(iter(inspect.signature(use_case).parameters), "") == "ws":
                    command = part.name if path.parent == CLI and isinstance(part, ast.FunctionDef) else None
                    found.append(Call(use_case, str(path.relative_to(ROOT)), command))
    return found


CALLS = calls()
USE_CASES = sorted({call.use_case for call in CALLS}, key=lambda found: f"{found.__module__}.{found.__name__}")


def test_the_source_is_read() -> None:
    """If the reading of the source broke, the matrix would be empty and hold."""
    named = {f"{found.__module__.removeprefix('qc.workspace.')}.{found.__name__}" for found in USE_CASES}
    known = {"check.running.run", "verdict.record", "conflict.settle", "policy.save", "browse.answers", "people.grant"}
    assert known <= named
    assert len(USE_CASES) > 25


@pytest.mark.parametrize("use_case", USE_CASES, ids=lambda found: f"{found.__module__}.{found.__name__}")
def test_what_pages_and_commands_call_asks_first(tmp_path: Path, use_case: Callable[..., Any]) -> None:
    """As every role, in the own and in a foreign project; an argument that nobody knows keeps it from beginning."""
    assert hasattr(use_case, "action"), f"{use_case.__name__} needs @allowed, with an action of qc.access"
    ws = open_workspace(tmp_path)
    of_project = list(inspect.signature(use_case).parameters)[1:2] == ["project"]
    actors = [NOBODY, *map(holder, ROLES), *(holder(role, None) for role in ROLES)]
    for actor in actors:
        for project in ("own", "foreign"):
            where = (project,) if of_project else ()
            row = LEADING if use_case.action.name == "own" else use_case.action.roles
            may = bool(set(actor.roles(project if of_project else None)) & set(row))
            with pytest.raises(TypeError if may else AccessError, match="argument" if may else "may not"):
                use_case(ws.acting_as(actor), *where, nobody_knows=1)
    ws.store.engine.dispose()


def _commands() -> dict[str, set[str]]:
    """The functions in `qc/cli` behind each command; a group has several."""
    found: dict[str, set[str]] = {}
    for name, command in main.commands.items():
        parts = getattr(command, "commands", {}).values() or [command]
        found[name] = {part.callback.__name__ for part in parts}
    return found


def test_every_command_has_a_row() -> None:
    assert set(COMMANDS) == set(main.commands)
    assert set(COMMANDS.values()) <= set(BY_NAME)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_a_command_calls_nothing_beyond_its_row(name: str) -> None:
    row = set(BY_NAME[COMMANDS[name]].roles)
    behind = [call.use_case for call in CALLS if call.command in _commands()[name]]
    for use_case in behind:
        assert row <= set(use_case.action.roles), f"{name} calls {use_case.__name__}"
    if name not in ("demo", "simulate"):
        assert any(use_case.action.name == COMMANDS[name] for use_case in behind)


def test_only_one_place_opens_a_workspace_for_the_dashboard() -> None:
    openers = [
        path.name for path in SOURCES if path.parent != CLI and "open_workspace" in path.read_text(encoding="utf-8")
    ]
    assert openers == ["data.py"]
    for path in SOURCES:
        if path.parent != CLI:
            past = re.findall(r"\.(?:store|lake|snapshot|actor\.grants)\b", path.read_text(encoding="utf-8"))
            assert not past, f"{path.name} goes past the use cases"


# What those see who may not see single people.


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("tickets"))
    ingest(ws, "own", ROOT / "sample_exports" / "support_tickets.json")
    check.run(ws, "own")
    return ws


@pytest.mark.parametrize("role", ["reviewer", "senior", "manager"])
def test_who_may_not_see_people_finds_no_name_in_any_figure(tickets: Workspace, role: str) -> None:
    names = browse.options(tickets, "own")["annotator"]
    assert len(names) == 10
    seen = tickets.acting_as(holder(role))
    for section in assess.SECTIONS:
        text = json.dumps(assess.section(seen, "own", section))
        assert not [name for name in names if name in text], section
    whole = json.dumps(assess.assessment(seen, "own"))
    assert not [name for name in names if name in whole]
    assert assess.section(seen, "own", "errors")[0]["overall"] == assess.section(tickets, "own", "errors")[0]["overall"]
    assert browse.options(seen, "own")["annotator"] == []


def test_a_reviewer_meets_pseudonyms_that_stay(tickets: Workspace) -> None:
    reviewer = tickets.acting_as(holder("reviewer"))
    names = browse.options(tickets, "own")["annotator"]
    shown, true = browse.answers(reviewer, "own"), browse.answers(tickets, "own")
    assert shown["annotator"].str.startswith("person-").all()
    pairs = set(zip(shown["annotator"], true["annotator"], strict=True))
    assert len(pairs) == len(set(true["annotator"]))
    assert sight.shown_name(reviewer, "own", names[0]) in set(shown["annotator"])
    conflicts = browse.conflicts(reviewer, "own")
    assert not set(conflicts["annotators"].explode()) & set(names)
    assert sight.shown_name(tickets, "own", names[0]) == names[0]
    assert sight.shown_name(reviewer, "own", "reviewer@example.org") == "reviewer@example.org"


def test_a_filter_cannot_make_a_person_of_the_team(tickets: Workspace) -> None:
    reviewer = tickets.acting_as(holder("reviewer"))
    who = browse.options(tickets, "own")["annotator"][0]
    alone = Scope(annotators=(who,))
    for asked in (
        lambda: assess.section(reviewer, "own", "errors", alone),
        lambda: assess.assessment(reviewer, "own", alone),
        lambda: assess.adjusted_fatigue(reviewer, "own", alone, "gold"),
        lambda: browse.answers(reviewer, "own", alone),
        lambda: browse.answers(reviewer, "own", annotator=who),
        lambda: browse.conflicts(reviewer, "own", alone),
        lambda: browse.days(reviewer, "own", alone),
    ):
        with pytest.raises(AccessError, match="may not see the names and figures of single people in own"):
            asked()


def test_sites_batches_and_filters_of_one_or_two_people_are_left_out(tmp_path: Path) -> None:
    """Four people at one site and batch, and two at another: who sees the team only sees no figure of the two."""
    ws = open_workspace(tmp_path / "workspace")
    rows = [
        f"i{item},{who},{'ab'[(item + number) % 2]},a,{'nuuk,small,v1' if number < 2 else 'oslo,large,v2'}"
        for item in range(30)
        for number, who in enumerate(("ana", "ben", "cho", "dan", "eva", "fay"))
    ]
    sheet = tmp_path / "answers.csv"
    sheet.write_text("item,annotator,label,gold,site,batch,guideline\n" + "\n".join(rows) + "\n", encoding="utf-8")
    ingest(ws, "own", sheet)
    manager = ws.acting_as(holder("manager"))
    assert {row["key"] for row in assess.section(ws, "own", "errors")[0]["by_site"]} == {"nuuk", "oslo"}
    assert {row["key"] for row in assess.section(manager, "own", "errors")[0]["by_site"]} == {"oslo"}
    assert {row["key"] for row in assess.section(ws, "own", "errors")[0]["by_batch"]} == {"small", "large"}
    assert {row["key"] for row in assess.section(manager, "own", "errors")[0]["by_batch"]} == {"large"}
    assert {row["key"] for row in assess.section(ws, "own", "errors")[0]["by_guideline"]} == {"v1", "v2"}
    assert {row["key"] for row in assess.section(manager, "own", "errors")[0]["by_guideline"]} == {"v2"}
    assert {row["key"] for row in assess.section(manager, "own", "cost")["by_batch"]} == {"large"}
    whole = assess.assessment(manager, "own")
    assert "nuuk" not in json.dumps({name: whole[name] for name in ("errors", "agreement", "fatigue", "time")})
    assert assess.section(manager, "own", "errors", Scope(sites=("oslo",)))
    for scope in (Scope(sites=("nuuk",)), Scope(annotators=("cho", "dan", "eva"))):
        assert assess.section(ws, "own", "errors", scope)
    with pytest.raises(AccessError, match="fewer than 3 people"):
        assess.section(manager, "own", "errors", Scope(sites=("nuuk",)))


def test_a_demoted_reviewer_is_refused_at_the_next_call(tickets: Workspace) -> None:
    people.grant(tickets, "own", "rae@example.org", "reviewer")
    rae = tickets.acting_as(tickets.person("rae@example.org"))
    drawn = sample.draw(rae, "own", actor="rae@example.org")
    assert drawn.id is not None
    assert len(sample.plan(rae, "own")["rows"]) == 0
    waiting = sample.queue(rae, "own")
    assert waiting["annotator"].str.startswith("person-").all()
    first = waiting.iloc[0]
    row = {"annotation_id": first["annotation_id"], "question": first["question"], "verdict": "accept"}
    assert verdict.record(rae, "own", [row], "rae@example.org").recorded == 1
    assert list(browse.verdict_log(rae, "own")["reviewer"]) == ["rae@example.org"]
    people.revoke(tickets, "own", "rae@example.org", "reviewer", "went home")
    rae = tickets.acting_as(tickets.person("rae@example.org"))
    with pytest.raises(AccessError, match=r"rae@example\.org may not review answers in own: ask a lead or an admin"):
        verdict.record(rae, "own", [row], "rae@example.org")


def test_nobody_learns_which_projects_there_are(tickets: Workspace) -> None:
    stranger = tickets.acting_as(holder("lead", "elsewhere"))
    assert stranger.projects() == []
    refused = []
    for project in ("own", "nosuch"):
        with pytest.raises(AccessError) as error:
            assess.section(stranger, project, "errors")
        refused.append(str(error.value).replace(project, "…"))
    assert refused[0] == refused[1]


def test_the_commands_of_people(tmp_path: Path) -> None:
    def qc(*args: str) -> str:
        result = CliRunner().invoke(main, ["people", *args, "--workspace", str(tmp_path)])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.output

    open_workspace(tmp_path).store.add_project("own", None, "root")
    assert "make the first admin" in qc("list")
    assert "ada@example.org is now admin in all projects." in qc("grant", "--role", "admin", "Ada@example.org")
    said = qc("grant", "--project", "own", "--role", "annotator", "ann", "--annotator", "worker-7")
    assert "called worker-7 in the exports" in said
    assert "There is no role 'boss'" in qc("grant", "--role", "boss", "ann")
    assert qc("list", "--project", "own").splitlines()[1].startswith("ann: annotator in own, in the exports worker-7")
    assert "ada@example.org is no longer admin" in qc("revoke", "--role", "admin", "ada@example.org")
    assert "ada" not in qc("list")


def test_the_table_of_the_chapter_is_the_registry() -> None:
    chapter = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    order = ("annotator", "reviewer", "senior", "lead", "manager", "admin")
    for action in ACTIONS:
        cells = ["yes" if role in action.roles else "–" for role in order]
        if action.name == "own":
            cells = ["themselves", "–", "–", "yes", "–", "yes"]
        assert f"| {action.words} | {' | '.join(cells)} |" in chapter
    assert chapter.count("\n| ") == 2 + len(ROLES) + len(ACTIONS)
