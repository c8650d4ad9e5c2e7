"""The base tables of one data version and policy, each made when a measure first needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from zlib import crc32

import ibis
import pyarrow as pa
from ibis import _

from qc.measures import answers, coded, groups, judged, reviewed, rules, sessions, times
from qc.measures.submitted import Submitted
from qc.model import Facts, Policy, Role
from qc.model.validation import questions_of


class Snapshot(Protocol):
    """What the engine gives: the facts of one project, and a place to keep tables."""

    @property
    def facts(self) -> Facts:
        """Ibis tables."""

    def materialise(self, name: str, expr: Any) -> Any:
        """The expression's rows as a table, computed when the name is first used."""

    def hold(self, name: str, rows: Callable[[], pa.Table]) -> Any:
        """Rows that were made outside of the engine as a table, made when the name is first used."""

    def name(self, name: str, expr: Any) -> Any:
        """The expression as a view, which is not translated again by all that is made from it."""

    def arrow(self, expr: Any) -> pa.Table:
        """The rows of an expression."""


@dataclass(frozen=True, eq=False)
class Base:
    """The base tables; two of the same snapshot and policy share what they made.

    `as_of_ms` is the time of the data version: submissions after it have a wrong clock.
    """

    snapshot: Snapshot
    policy: Policy
    as_of_ms: int | None = None

    @cached_property
    def items(self) -> Any:
        """item, item_id, batch, site, guideline, is_gold."""
        return self._keep("item_codes", coded.items(self._rows, self.snapshot.facts.items))

    @cached_property
    def people(self) -> Any:
        """annotator, name."""
        return self._keep("people", coded.people(self._rows))

    @cached_property
    def groups(self) -> Any:
        """item, group: of all items, whatever the scope; an item may be in several."""
        told = groups.told_of(self.items, self.snapshot.facts.items)
        people = self.people.select("name")
        arrow = self.snapshot.arrow
        return self.snapshot.hold("item_groups", lambda: groups.groups(arrow(told), arrow(people)))

    @cached_property
    def questions(self) -> Any:
        """q, question, kind."""
        return self._keep("questions", coded.questions(self._rows))

    @cached_property
    def labels(self) -> Any:
        """question, key, code."""
        return self._keep("labels", coded.labels(self._keyed))

    @cached_property
    def entries(self) -> Any:
        """People's answers and skips, as first submitted, with codes."""
        rows = self._rows.filter(_.role == Role.ANNOTATOR.value)
        revised = self._keep("revised", coded.revised(rows))
        named = self._keep("named_sessions", coded.sessions(rows))
        given = coded.first_submitted(self._keyed.filter(_.role == Role.ANNOTATOR.value), revised)
        days = self._keep("days", times.days(rows.select(time="submitted_at"), self.snapshot.facts.zone))
        codes = (self.items, self.people, self.questions, self.labels, named, days)
        return self._keep("entries", coded.coded(given, *codes))

    @cached_property
    def answers(self) -> Any:
        """One row per answer of a person, as first submitted.

        Columns: annotation_id, item, q, annotator, code (null where the kind is not compared), round, suggested, ms,
        day, batch, site, guideline.
        """
        return self.entries.filter(~_.skipped).select(*coded.ANSWER)

    @cached_property
    def others(self) -> Any:
        """All that people's answers are held against: gold, models, reviewers, leads, later revisions."""
        rows = self._keyed.filter((_.role != Role.ANNOTATOR.value) | (_.revision > 1))
        return self._keep("others", coded.others(rows, self.items, self.questions, self.labels))

    @cached_property
    def difficulty(self) -> Any:
        """of_item, of_q, of_code, difficulty."""
        strata = self.policy.fatigue.strata
        return self._keep(f"difficulty_{_digest(strata)}", answers.difficulty(self.answers, strata))

    @cached_property
    def submissions(self) -> Any:
        """One row per submission or skip of a person, with its session."""
        fatigue = self.policy.fatigue
        entries = answers.with_difficulty(self.entries, self.difficulty)
        return self._keep(
            f"submissions_{self._sessions}", sessions.submissions(entries, fatigue.gap_minutes, self.as_of_ms)
        )

    @cached_property
    def hours(self) -> Any:
        """annotator, day, hour, batch, site, submissions, active_ms: when people work."""
        return self._keep(f"hours_{self._sessions}", sessions.hours(self.submissions))

    @cached_property
    def references(self) -> Any:
        """source, item, q, code: adjudications and gold."""
        return self._keep("reference_codes", judged.references(self.others))

    @cached_property
    def stated(self) -> Any:
        """Every reviewer's latest decision on each answer and region, with the columns of the answer."""
        errors = self.policy.errors
        return self._keep(
            f"stated_{self._judging}",
            reviewed.stated(self.snapshot.facts.reviews, self.answers, self.questions, errors),
        )

    @cached_property
    def decisions(self) -> Any:
        """The reviews that count, with the columns of their answer."""
        return self._keep(f"decisions_{self._judging}", reviewed.decisions(self.stated))

    @cached_property
    def opinions(self) -> Any:
        """One row per answer and reviewer with a name: flagged, judged, gold, settled."""
        found = reviewed.opinions(self.stated, judged.later_revisions(self.others), self.references)
        return self._keep(f"opinions_{self._judging}", found)

    @cached_property
    def judged(self) -> Any:
        """One row per answer and source of judgement."""
        corrections = self._keep("correction_codes", judged.corrections(self.others))
        later = judged.later_revisions(self.others)
        parts = [
            judged.by_reference(self.answers, self.references),
            judged.by_review(self.decisions, corrections, later, self.snapshot.facts.draws, self.questions),
        ]
        if self.policy.errors.judge_by_consensus:
            parts.append(judged.by_consensus(self.answers))
        return self._keep(f"judged_{self._judging}", judged.together(*parts))

    @cached_property
    def judged_in_time(self) -> Any:
        """The rows of `judged` that have a place in a session, with session, t, p and difficulty."""
        rows = answers.with_difficulty(self.judged, self.difficulty)
        kept = f"judged_in_time_{self._judging}_{self._sessions}"
        return self._keep(kept, sessions.in_sessions(rows, self.submissions))

    @cached_property
    def checked(self) -> list[rules.Checked]:
        """Every rule of the policy, checked on every answer."""
        asked = tuple(dict.fromkeys(name for rule in self.policy.validation for name in questions_of(rule)))
        return rules.checked(self.policy.validation, Submitted(self, asked, self._rules))

    @cached_property
    def violations(self) -> Any:
        """annotator, rule, question, day, batch, site, n, violations, standing."""
        return self._keep(f"violations_{self._rules}", rules.by_rule(self.checked)) if self.checked else self._no_rules

    @cached_property
    def violating(self) -> Any:
        """annotator, question, day, batch, site, n, violations, standing: each answer once, whatever the rules."""
        return self._keep(f"violating_{self._rules}", rules.by_answer(self.checked)) if self.checked else self._no_rules

    @property
    def _no_rules(self) -> Any:
        nothing = {name: times.text("") for name in ("rule", "question")}
        counts = {name: ibis.literal(0, "int64") for name in rules.COUNTS}
        return self.answers.filter(ibis.literal(False)).select("annotator", *rules.SCOPE, **nothing, **counts)

    @property
    def _sessions(self) -> str:
        return _digest(self.policy.fatigue.gap_minutes, self.policy.fatigue.strata, self.as_of_ms)

    @property
    def _rules(self) -> str:
        return _digest(self.policy.validation)

    @cached_property
    def _rows(self) -> Any:
        return self.snapshot.name("answered", coded.answered(self.snapshot.facts.annotations))

    @cached_property
    def _keyed(self) -> Any:
        marked = self._keep("region_keys", coded.marked(self.snapshot.facts.regions))
        return self.snapshot.name("keyed", coded.keyed(self._rows, marked))

    @property
    def _judging(self) -> str:
        return _digest(self.policy.errors.minor_is_error, self.policy.errors.judge_by_consensus)

    def _keep(self, name: str, expr: Any) -> Any:
        return self.snapshot.materialise(name, expr)


def _digest(*settings: object) -> str:
    return f"{crc32(repr(settings).encode()):08x}"
