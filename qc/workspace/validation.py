"""The rules of a project: what they are, who breaks them, and the answers behind that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from qc.model import EVERYTHING, InputError, Scope
from qc.model.rule_text import from_toml, to_toml
from qc.model.validation import questions_of
from qc.workspace import lookup, policy
from qc.workspace.assess import view
from qc.workspace.opening import Workspace

MOST: Final = 5_000


def rules_toml(ws: Workspace, project: str) -> str:
    """The rules in force, as the text of a RULES.toml."""
    return to_toml(ws.policy(project).validation)


def set_rules(ws: Workspace, project: str, text: str, actor: str, reason: str = "") -> str:
    """Put the rules of a RULES.toml in force in place of the old ones; returns what that means, in sentences.

    InputError where they are not TOML, unknown or impossible; then the old ones stay. Equal rules change nothing.
    """
    rules = from_toml(text)
    before = ws.policy(project)
    if rules != before.validation:
        policy.save(ws, project, replace(before, validation=rules), actor, reason)
    lines = [violated(ws, project) or "No rule is set.", *unanswered(ws, project)]
    return "\n".join(lines)


def described(ws: Workspace, project: str) -> str:
    """Each rule with its sentence and how many answers break it, in lines for a terminal."""
    rows = view(ws, project).section("rules")
    if not rows:
        return "No rule is set; write some (docs/rules.md) and run: qc rules --project P --file RULES.toml"
    width = max(len(row["name"]) for row in rows)
    lines = [
        f"{row['name']:<{width}}  {row['standing']:,} break it, {row['n']:,} checked. {row['sentence']}" for row in rows
    ]
    return "\n".join([*lines, *unanswered(ws, project)])


def violated(ws: Workspace, project: str) -> str:
    """How many answers break which rule as they stand, in one sentence; empty where no rule is set."""
    rows = view(ws, project).section("rules")
    if not rows:
        return ""
    broken = sorted((row for row in rows if row["standing"]), key=lambda row: -row["standing"])
    if not broken:
        return f"No answer breaks the {'rule' if len(rows) == 1 else f'{len(rows):,} rules'} of the project."
    total = int(view(ws, project).frame("violating")["standing"].sum())
    said = "; ".join(f"{row['standing']:,} × {row['name']}" for row in broken)
    return f"{total:,} {'answer breaks' if total == 1 else 'answers break'} a rule: {said}."


def unanswered(ws: Workspace, project: str) -> list[str]:
    """A sentence for each question that a rule names and nobody has answered: it may be misspelt."""
    known = set(view(ws, project).frame("questions")["question"])
    named = dict.fromkeys(name for rule in ws.policy(project).validation for name in questions_of(rule))
    return [
        f"Nobody has answered a question {name!r}; the questions are {', '.join(sorted(known)) or 'none yet'}."
        for name in named
        if name not in known
    ]


def by_annotator(ws: Workspace, project: str, scope: Scope = EVERYTHING) -> pd.DataFrame:
    """rule, annotator, question, n, violations, standing: one row per rule and annotator with answers to check."""
    frame = view(ws, project, scope).frame("violations")
    order = {rule.name: place for place, rule in enumerate(ws.policy(project).validation)}
    frame = frame.sort_values(["rule", "violations", "annotator"], key=_placed(order), ascending=[True, False, True])
    return frame[["rule", "annotator", "question", "n", "violations", "standing"]].reset_index(drop=True)


def offences(
    ws: Workspace,
    project: str,
    scope: Scope = EVERYTHING,
    *,
    rule: str | None = None,
    annotator: str | None = None,
    limit: int = MOST,
) -> pd.DataFrame:
    """The answers that break a rule: item_id, question, annotator, rule, what, state, text, annotation_id.

    state: `stands`, or `mended` where a later revision keeps the rule. Those that stand come first.
    """
    from ibis import _

    from qc.measures.violations import offences as found

    columns = ["item_id", "question", "annotator", "rule", "what", "state", "text", "annotation_id"]
    lens = view(ws, project, scope)
    rules = {known.name: known for known in lens.policy.validation}
    if rule is not None and rule not in rules:
        raise InputError(f"There is no rule {rule!r}; the rules are {', '.join(rules) or 'none yet'}.")
    if not rules:
        return pd.DataFrame(columns=columns)
    rows = found(lens.snapshot.base(lens.policy), scope)
    for column, wanted in (("rule", rule), ("annotator", annotator)):
        if wanted is not None:
            rows = rows.filter(rows[column] == wanted)
    frame = lens.snapshot.rows(
        lambda facts: (
            lookup.with_text(rows, facts)
            .order_by(~_.stands, "rule", "item_id", "annotator", "annotation_id")
            .limit(limit)
        )
    )
    numbers = [None if number != number else float(number) for number in frame["number"]]
    texts = [said if isinstance(said, str) else None for said in frame["said"]]
    told = zip(frame["rule"], numbers, texts, strict=True)
    what = [rules[name].fault(number, said) for name, number, said in told]
    state = frame["stands"].map({True: "stands", False: "mended"})
    return frame.assign(what=pd.Series(what, dtype=object), state=state)[columns]


def _placed(order: dict[str, int]) -> Any:
    return lambda column: column.map(order) if column.name == "rule" else column
