"""The tables of the record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

NAMING: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMING)


class Utc(sa.types.TypeDecorator[datetime]):
    """A time in UTC with its zone, on every database; a naive time is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To UTC; SQLite keeps no zone, so it gets none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the record takes no naive times")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Back to UTC with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _table(name: str, *columns: Any) -> sa.Table:
    return sa.Table(name, metadata, *columns)


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, **options)


def _maybe(name: str, kind: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _number(name: str, kind: Any = sa.Integer, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)


def _project() -> sa.Column[str]:
    return sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), nullable=False)


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), primary_key=True)


projects = _table(
    "projects", sa.Column("slug", sa.String(63), primary_key=True), _text("name"), _number("created_at", Utc)
)

# One row per project and part of the record; a change that can enter a figure raises its number in its transaction.
revisions = _table(
    "revisions",
    sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), primary_key=True),
    sa.Column("part", sa.String(16), primary_key=True),
    _number("number"),
    _number("changed_at", Utc),
)

policies = _table(
    "policies",
    sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    _text("body"),
    _text("actor"),
    _text("reason"),
    _number("at", Utc),
)

# How the exports of a format were read the last time, so that the next one is read alike.
mappings = _table(
    "mappings",
    sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    _text("format"),
    _text("body"),
    _text("actor"),
    _number("at", Utc),
)

imports = _table(
    "imports",
    _id("id"),
    _project(),
    _text("source"),
    _text("file"),
    sa.Column("digest", sa.String(64), nullable=False),
    _text("settings"),
    _text("format"),
    *(_number(name) for name in ("read", "accepted", "quarantined")),
    *(_number(name) for name in ("new", "changed", "unchanged", "removed", "duplicates")),
    _text("report"),
    _text("versions"),
    _text("actor"),
    _number("at", Utc),
    sa.Index("ix_imports_project_digest", "project", "digest"),
)

quarantine = _table(
    "quarantine",
    sa.Column("import_id", sa.String(64), sa.ForeignKey("imports.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    _text("file"),
    _maybe("line", sa.BigInteger),
    _text("reason"),
    _text("excerpt"),
)

# The lake's published version of each table: what is not named here is seen by nobody.
snapshot = _table(
    "snapshot", sa.Column("lake_table", sa.String(32), primary_key=True), _number("version", sa.BigInteger)
)

locks = _table(
    "locks",
    sa.Column("name", sa.String(64), primary_key=True),
    _text("owner"),
    _text("host"),
    _number("pid"),
    _number("acquired_at", Utc),
    _number("expires_at", Utc),
)

draws = _table(
    "draws",
    _id("id"),
    _project(),
    _number("seed", sa.BigInteger),
    _text("parameters"),
    _text("data_version"),
    # sample: drawn from what is new; flag: one answer that somebody pointed at; again: earlier work of somebody, whole.
    sa.Column("origin", sa.String(16), nullable=False),
    _text("actor"),
    _number("drawn_at", Utc),
    sa.Index("ix_draws_project", "project"),
)

drawn_answers = _table(
    "drawn_answers",
    sa.Column("draw_id", sa.String(64), sa.ForeignKey("draws.id"), primary_key=True),
    sa.Column("annotation_id", sa.Text, primary_key=True),
    sa.Column("question", sa.Text, primary_key=True),
    _number("place"),
    sa.Column("project", sa.String(63), nullable=False),
    _text("item_id"),
    _maybe("annotator"),
    # random, risk or routed: what took it; one that the random share took is random, whatever else would have.
    _text("share"),
    # The probability that it was drawn, and its parts: by lot, and by risk.
    _number("pi", sa.Double),
    _number("pi_random", sa.Double),
    _number("pi_risk", sa.Double),
    # What spoke for a look at it, as JSON.
    _text("reasons"),
    # How many people judge it, none seeing what another found.
    _number("reviews_wanted"),
    _text("stratum"),
    _number("stratum_size"),
    _number("stratum_drawn"),
    _text("level"),
    _maybe("answer_hash"),
    # An answer is offered once.
    sa.UniqueConstraint("project", "annotation_id", "question"),
)

verdicts = _table(
    "verdicts",
    _id("review_id"),
    sa.Column("revision", sa.Integer, primary_key=True),
    _project(),
    _maybe("draw_id"),
    _text("annotation_id"),
    _text("question"),
    _maybe("region_id"),
    _text("item_id"),
    _text("reviewer"),
    sa.Column("verdict", sa.String(16), nullable=False),
    _maybe("error_type"),
    _maybe("severity"),
    _text("kind"),
    _maybe("corrected_label"),
    # JSON: the regions that are right, as they stand in the facts; of the answer's kind, in place of all of its own.
    _maybe("corrected_regions"),
    _maybe("comment"),
    _number("decided_at", Utc),
    _maybe("seconds", sa.Double),
    _maybe("judged_digest"),
    # What asked for it beyond the opinions that the draw wants: a tier of reviewers.
    _maybe("tier", sa.String(16)),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Index("ix_verdicts_project_annotation", "project", "annotation_id"),
)

# Who has which item before them, and until when: one person each. `desk` is the window in which they work.
claims = _table(
    "claims",
    sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    _text("person"),
    sa.Column("desk", sa.String(64), nullable=False),
    _number("claimed_at", Utc),
    _number("expires_at", Utc),
)

# Answers that somebody sent up, or back for another look: a tier of reviewers is to judge them once more.
escalations = _table(
    "escalations",
    _id("id"),
    _project(),
    _text("annotation_id"),
    _text("question"),
    _text("item_id"),
    sa.Column("tier", sa.String(16), nullable=False),
    _text("actor"),
    _text("reason"),
    _number("at", Utc),
    sa.Index("ix_escalations_project", "project"),
)

# What people are experts of in a project, one row per grant or revocation, of which the latest of a kind is in force.
expertise = _table(
    "expertise",
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    _project(),
    _text("person"),
    # question, label, batch or site, and which.
    sa.Column("kind", sa.String(16), nullable=False),
    _text("key"),
    sa.Column("granted", sa.Boolean, nullable=False),
    _text("actor"),
    _text("reason"),
    _number("at", Utc),
    sa.Index("ix_expertise_project", "project"),
)

settlements = _table(
    "settlements",
    _id("id"),
    sa.Column("revision", sa.Integer, primary_key=True),
    _project(),
    _text("item_id"),
    _text("question"),
    _text("kind"),
    _text("label"),
    _text("actor"),
    _text("reason"),
    _number("at", Utc),
    # lead, vote or rule; with the rule, and what settlements that were made at once have in common.
    sa.Column("method", sa.String(16), nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    _maybe("rule_id", sa.String(64)),
    _maybe("decision", sa.String(64)),
    # JSON: the regions that are right, as they stand in the facts, where the answer is drawn or marked.
    _maybe("regions"),
    sa.Index("ix_settlements_project", "project"),
)

conflict_comments = _table(
    "conflict_comments",
    sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("question", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    _text("actor"),
    _text("text"),
    _number("at", Utc),
)

# How edge cases are to be answered: for people to read, unlike the rules of the policy, which a machine checks.
rulebook = _table(
    "rulebook",
    _id("id"),
    sa.Column("revision", sa.Integer, primary_key=True),
    _project(),
    _text("title"),
    _text("text"),
    _text("question"),
    # JSON: the labels that it decides between, none for all of the question; the right one, if it is always the same.
    _text("labels"),
    _maybe("answer"),
    # JSON: items that show the case.
    _text("examples"),
    sa.Column("retired", sa.Boolean, nullable=False),
    _text("actor"),
    _text("reason"),
    _number("at", Utc),
    sa.Index("ix_rulebook_project", "project"),
)

# Known answers as leads decided: all that are accepted, in place of what the exports say of the item and question.
gold = _table(
    "gold",
    _id("id"),
    sa.Column("revision", sa.Integer, primary_key=True),
    _project(),
    _text("item_id"),
    _text("question"),
    # JSON: a list of answers, each with its kind and the columns of an answer, or its regions.
    _text("answers"),
    # The item serves as gold no more; its answers are kept.
    sa.Column("retired", sa.Boolean, nullable=False),
    # settlement, answer (of somebody, as it stood), lead or export: where the first of its answers came from.
    sa.Column("origin", sa.String(16), nullable=False),
    # What was submitted before it was known chose it, and is not judged by it; null where exports knew it all along.
    _maybe("since", Utc),
    _text("actor"),
    _text("reason"),
    _number("at", Utc),
    sa.Index("ix_gold_project", "project"),
)

levels = _table(
    "levels",
    sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), primary_key=True),
    sa.Column("subject_kind", sa.String(16), primary_key=True),
    sa.Column("subject_key", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("level", sa.String(16), nullable=False),
    _text("reason"),
    _text("evidence"),
    _text("actor"),
    sa.Column("origin", sa.String(16), nullable=False),
    _number("at", Utc),
)

alerts = _table(
    "alerts",
    _id("id"),
    _project(),
    _text("episode"),
    _text("rule"),
    sa.Column("severity", sa.String(16), nullable=False),
    sa.Column("subject_kind", sa.String(16), nullable=False),
    _text("subject_key"),
    _text("message"),
    _text("evidence"),
    _number("opened_at", Utc),
    sa.Column("state", sa.String(16), nullable=False),
    _number("changed_at", Utc),
    _maybe("actor"),
    _maybe("comment"),
    _maybe("owner"),
    _maybe("snoozed_until", Utc),
    # How often people have changed it, and who did last and when: whoever edits it has seen that.
    _number("revision"),
    _text("edited_by"),
    _number("edited_at", Utc),
    sa.Index("ix_alerts_project", "project"),
)

alert_comments = _table(
    "alert_comments",
    sa.Column("alert_id", sa.String(64), sa.ForeignKey("alerts.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    _text("actor"),
    _text("text"),
    _number("at", Utc),
)

# What was sent where: an alert (its id) or a digest (its day) once to each channel, tried again while it fails.
deliveries = _table(
    "deliveries",
    sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), primary_key=True),
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("channel", sa.String(64), primary_key=True),
    _number("tries"),
    sa.Column("ok", sa.Boolean, nullable=False),
    _maybe("problem"),
    _number("at", Utc),
)

# Who has which role since when: one row per grant or revocation, of which the latest of a kind is in force. Without a
# project the role holds in all of them. `annotator` is what an annotator is called in the exports.
grants = _table(
    "grants",
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    _text("person"),
    sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), nullable=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("granted", sa.Boolean, nullable=False),
    _maybe("annotator"),
    _text("actor"),
    _text("reason"),
    _number("at", Utc),
    sa.Index("ix_grants_person", "person"),
)

# What pseudonyms are made with: whoever knows it can find out who is meant.
secrets = _table(
    "secrets",
    sa.Column("project", sa.String(63), sa.ForeignKey("projects.slug"), primary_key=True),
    _text("body"),
    _number("at", Utc),
)

# Append-only (the database refuses anything else), numbered and chained within each project: see `qc.store.chain`.
audit = _table(
    "audit",
    sa.Column("project", sa.String(63), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    _text("actor"),
    _text("action"),
    _text("object"),
    _maybe("before"),
    _maybe("after"),
    _maybe("reason"),
    _number("at", Utc),
    sa.Column("digest", sa.String(64), nullable=False),
)

# The last entry of each project's chain: whoever writes the next one holds its row.
audit_heads = _table(
    "audit_heads",
    sa.Column("project", sa.String(63), primary_key=True),
    _number("number"),
    sa.Column("digest", sa.String(64), nullable=False),
)
