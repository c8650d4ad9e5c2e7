"""The rules of a project: what they are, who breaks them, and the answers behind that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import pandas as pd

from qc.access import allowed, authorize
from qc.figures.words import several
from qc.model import EVERYTHING, Estimate, InputError, Scope, undefined
from qc.model.rule_text import from_toml, to_toml
from qc.model.validation import Required, Rule, questions_of
from qc.stats.intervals import wilson
from qc.workspace import lookup, policy
from qc.workspace.assess import view
from qc.workspace.assess.plain import plain_rows
from qc.workspace.assess.rules import EVERY_ANSWER, NOT_CHECKED
from qc.workspace.opening import Workspace
from qc.workspace.sight import check_scope, with_shown_names

MOST: Final = 5_000


@allowed("team")
def rules_toml(ws: Workspace, project: str) -> str:
    """The rules in force, as the text of a RULES.toml."""
    return to_toml(ws.policy(project).validation)


@allowed("team")
def described(ws: Workspace, project: str) -> str:
    """The same, with what each rule says and how many answers break it in comments above it."""
    rows = view(ws, project).section("rules")
    if not rows:
        return "# No rule is set. docs/rules.md has an example of each kind; qc rules --file RULES.toml sets them.\n"
    rules = ws.policy(project).validation
    blocks = [
        f"{_comment(row['sentence'])}"
        f"# {_broken(row['standing'])} it, {row['violations']:,} did at first, of {row['n']:,} checked.\n"
        f"{to_toml([rule])}"
        for rule, row in zip(rules, rows, strict=True)
    ]
    return "\n".join([*map(_comment, unanswered(ws, project)), *blocks])


def read(path: Path) -> str:
    """The text of a RULES.toml; InputError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The rules {path} cannot be read: {error}.") from error


@allowed("policy")
def set_rules(ws: Workspace, project: str, text: str, actor: str, reason: str = "", expected: int | None = None) -> str:
    """Put the rules of a RULES.toml in force in place of the old ones; returns what that means, in sentences.

    InputError where they are not TOML, unknown or impossible; then the old ones stay. Equal rules change nothing.
    expected: the revision of the policy that the actor saw; ConflictError where another is in force by now.
    """
    rules = from_toml(text)
    before = ws.policy(project)
    if rules != before.validation:
        policy.save(ws, project, replace(before, validation=rules), actor, reason, expected)
    return "\n".join([violated(ws, project) or "No rule is set.", *unanswered(ws, project)])


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
    return f"{_broken(total)} a rule: {said}."


@allowed("team")
def unanswered(ws: Workspace, project: str) -> list[str]:
    """A sentence for each question that rules name and nobody has answered: it may be misspelt."""
    known = sorted(set(view(ws, project).frame("questions")["question"]))
    naming: dict[str, list[Rule]] = {}
    for rule in ws.policy(project).validation:
        for name in dict.fromkeys(questions_of(rule)):
            naming.setdefault(name, []).append(rule)
    return [_unanswered(name, rules, known) for name, rules in naming.items() if name not in known]


def _unanswered(name: str, rules: Sequence[Rule], known: Sequence[str]) -> str:
    said = [f"Nobody has answered a question {name!r}; the questions are {', '.join(known) or 'none yet'}."]
    by_fold = {word.casefold(): word for word in known}
    if near := get_close_matches(name.casefold(), by_fold, n=1):
        said.append(f"No such question; nearest: {by_fold[near[0]]!r}.")
    named = ", ".join(repr(rule.name) for rule in rules)
    if any(isinstance(rule, Required) and rule.question == name for rule in rules):
        said.append(f"Until its name is mended, {named} counts it as missing from every answer.")
    else:
        said.append(f"Until its name is mended, {named} finds nothing to check.")
    return "\n  ".join(said)


@allowed("individuals")
def by_annotator(ws: Workspace, project: str, scope: Scope = EVERYTHING) -> list[dict[str, Any]]:
    """rule, annotator, n, violations, standing, rate E: one row per rule and annotator, the worst of each rule first.

    The rate is of answers as first submitted. All were checked, so its interval (Wilson) only serves to compare people.
    """
    order = {rule.name: place for place, rule in enumerate(ws.policy(project).validation)}
    rows = view(ws, project, scope).frame("violations")[["rule", "annotator", "n", "violations", "standing"]]
    rated = [{**row, "rate": _rate(row["violations"], row["n"])} for row in rows.to_dict("records")]
    rated.sort(key=lambda row: (order[row["rule"]], -(row["rate"].value or 0), row["annotator"]))
    return plain_rows(rated)


@allowed("answers")
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
    if annotator is not None:
        authorize(ws.actor, "individuals", project)
    check_scope(lens)
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
    told_of = frame.assign(what=pd.Series(what, dtype=object), state=state)[columns]
    return with_shown_names(ws, project, told_of, "annotator")


def _rate(violations: int, n: int) -> Estimate:
    rate = wilson(violations, n, unit="answers")
    return replace(rate, method=f"{rate.method}, to compare people; {EVERY_ANSWER}") if n else undefined(NOT_CHECKED)


def _broken(n: int) -> str:
    return f"{several(n, 'answer')} break{'s' if n == 1 else ''}"


def _comment(text: str) -> str:
    """A line of TOML that says something; names may hold signs that it must not."""
    return f"# {''.join(sign if sign.isprintable() else ' ' for sign in text)}\n"
