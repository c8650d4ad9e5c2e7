"""The rulebook: edge cases and how they are to be answered, for people to read, and whether each rule has helped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from qc.access import allowed
from qc.measures.pattern import AFTER, BEFORE, BETWEEN, UNTIMED, pattern_counts
from qc.model import InputError, NotFoundError
from qc.stats.stopped import BeforeAfter, before_and_after
from qc.store import rulebook as record
from qc.store.rulebook import settled_by_rule
from qc.workspace.opening import Workspace
from qc.workspace.sight import shown_name

LONGEST_TITLE: Final = 200
LONGEST_TEXT: Final = 10_000
MOST_NAMED: Final = 100


@dataclass(frozen=True)
class Wording:
    """What a rule says. labels: those that it decides between, none for the whole question; answer: the right one.

    examples: items that show the case.
    """

    title: str
    text: str
    question: str
    labels: tuple[str, ...] = ()
    answer: str | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A rule of the rulebook as it stands, and how many conflicts it has settled."""

    id: str
    revision: int
    wording: Wording
    retired: bool
    since: Any
    actor: str
    reason: str
    settled: int

    def speaks_of(self, question: str, labels: Sequence[str]) -> bool:
        """Whether it says something about an answer with these labels."""
        own = self.wording
        return not self.retired and own.question == question and (not own.labels or bool({*own.labels} & {*labels}))


@dataclass(frozen=True)
class Effect:
    """Conflicts of a rule's pattern before and after it was written.

    between and untimed: items that are left out, answered on both sides of it, or without times.
    """

    found: BeforeAfter
    between: int
    untimed: int


@allowed("team")
def rules(ws: Workspace, project: str) -> list[Rule]:
    """The rules of the project, those in force first, the oldest first."""
    settled = settled_by_rule(ws.store, project)
    found = [_rule(ws, project, row, settled.get(row["id"], 0)) for row in record.rulebook(ws.store, project)]
    return sorted(found, key=lambda rule: rule.retired)


@allowed("team")
def effect(ws: Workspace, project: str, rule: Rule) -> Effect:
    """Of the items that two people answered, of which one gave a label of the rule: how many have its conflict.

    Its conflict: two of its labels (of all labels where it names none) stand against each other among people's first
    answers. An item counts as before where all its answers are, as after where none is.
    """
    snapshot = ws.snapshot(project)
    at_ms = int(rule.since.timestamp() * 1000)
    wording = rule.wording
    base = snapshot.base(ws.policy(project))
    rows = snapshot.rows(lambda _facts: pattern_counts(base, wording.question, wording.labels, at_ms))
    counts = {int(row.period): (int(row.conflicts), int(row.items)) for row in rows.itertuples()}
    nothing = (0, 0)
    found = before_and_after(*counts.get(BEFORE, nothing), *counts.get(AFTER, nothing))
    return Effect(found, counts.get(BETWEEN, nothing)[1], counts.get(UNTIMED, nothing)[1])


@allowed("settle")
def write(
    ws: Workspace,
    project: str,
    wording: Wording,
    reason: str,
    actor: str,
    rule_id: str | None = None,
    expected: int | None = None,
) -> str:
    """Put a rule into the book, or another wording in place of one; returns its id.

    expected: the revision that the actor saw; ConflictError where another is in force. InputError where it says
    nothing, or too much.
    """
    kept = _checked(wording)
    return record.write_rule(ws.store, project, rule_id, _content(kept, retired=False), reason, actor, expected)


@allowed("settle")
def retire(ws: Workspace, project: str, rule_id: str, reason: str, actor: str, expected: int | None = None) -> None:
    """Take a rule out of force; what it has settled stands, and the rule can be read still."""
    rule = _standing(ws, project, rule_id)
    record.write_rule(ws.store, project, rule_id, _content(rule.wording, retired=True), reason, actor, expected)


@allowed("settle")
def add_example(ws: Workspace, project: str, rule_id: str, item_id: str, actor: str) -> None:
    """Name an item among the examples of a rule, unless it is there."""
    rule = _standing(ws, project, rule_id)
    if item_id in rule.wording.examples or len(rule.wording.examples) >= MOST_NAMED:
        return
    wording = replace(rule.wording, examples=(*rule.wording.examples, item_id))
    content = _content(wording, retired=rule.retired)
    record.write_rule(ws.store, project, rule_id, content, "an example", actor, rule.revision)


def _standing(ws: Workspace, project: str, rule_id: str) -> Rule:
    row = next((row for row in record.rulebook(ws.store, project) if row["id"] == rule_id), None)
    if row is None:
        raise NotFoundError(f"There is no rule {rule_id} in the rulebook of this project.")
    return _rule(ws, project, row, 0)


def _rule(ws: Workspace, project: str, row: Mapping[str, Any], settled: int) -> Rule:
    wording = Wording(
        row["title"], row["text"], row["question"], tuple(row["labels"]), row["answer"], tuple(row["examples"])
    )
    actor = shown_name(ws, project, row["actor"])
    return Rule(row["id"], row["revision"], wording, row["retired"], row["since"], actor, row["reason"], settled)


def _checked(wording: Wording) -> Wording:
    title, text = " ".join(wording.title.split()), wording.text.strip()
    answer = (wording.answer or "").strip() or None
    if not title or not text or not wording.question:
        raise InputError("A rule needs a title, a text that says what to do, and a question.")
    for what, written, most in (("title", title, LONGEST_TITLE), ("text", text, LONGEST_TEXT)):
        if len(written) > most:
            raise InputError(f"The {what} of a rule holds {most:,} characters at most: shorten it.")
    labels, examples = (tuple(dict.fromkeys(filter(None, names))) for names in (wording.labels, wording.examples))
    if max(len(labels), len(examples)) > MOST_NAMED:
        raise InputError(f"A rule names {MOST_NAMED} labels and {MOST_NAMED} examples at most.")
    return Wording(title, text, wording.question, labels, answer, examples)


def _content(wording: Wording, *, retired: bool) -> dict[str, Any]:
    named = {"labels": list(wording.labels), "examples": list(wording.examples)}
    said = {"title": wording.title, "text": wording.text, "question": wording.question, "answer": wording.answer}
    return {**said, **named, "retired": retired}
