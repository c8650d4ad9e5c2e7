"""What each kind of rule finds in submissions: one check per kind, and their counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import ibis
from ibis import _

from qc.measures.submitted import KEY, Submitted
from qc.measures.times import text
from qc.model import Kind
from qc.model.validation import ANSWERED, Count, Implies, Inside, Labels, Number, Required, Rule, Size

# Pixels over the edge that rounding may make.
SLACK: Final = 0.5
SCOPE: Final = ("day", "batch", "site")
COUNTS: Final = ("n", "violations", "standing")
_FOUND: Final = ("annotation_id", "broken", "number", "said")


@dataclass(frozen=True)
class Checked:
    """What one rule says of every answer that it could be checked on.

    rows: KEY, annotation_id, broken (0 or 1), number and said (what was found), day, batch, site, last.
    """

    rule: Rule
    rows: Any


def checked(rules: tuple[Rule, ...], seen: Submitted) -> list[Checked]:
    """Every rule, checked."""
    scope = seen.submissions.select(*KEY, *SCOPE, "last")
    return [Checked(rule, CHECKS[type(rule)](rule, seen).join(scope, KEY)) for rule in rules]


def by_rule(parts: list[Checked]) -> Any:
    """annotator, rule, question, day, batch, site, n (answers checked), violations (of these), standing (now)."""
    return together(
        [
            part.rows.group_by("annotator", *SCOPE)
            .agg(**_counts())
            .mutate(rule=text(part.rule.name), question=text(part.rule.question))
            for part in parts
        ]
    )


def by_answer(parts: list[Checked]) -> Any:
    """annotator, question, day, batch, site, n, violations, standing; an answer counts once, whatever the rules."""
    columns = (*KEY, *SCOPE, "last")
    rows = together([part.rows.select(*columns, "broken", question=text(part.rule.question)) for part in parts])
    answers = rows.group_by(*columns, "question").agg(broken=_.broken.max())
    return answers.group_by("annotator", "question", *SCOPE).agg(**_counts())


def together(parts: list[Any]) -> Any:
    """The rows of all parts, of which there is at least one."""
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _counts() -> dict[str, Any]:
    first = (_.version == 0).cast("int64")
    return {
        "n": first.sum(),
        "violations": (first * _.broken).sum().cast("int64"),
        "standing": (_.last.cast("int64") * _.broken).sum().cast("int64"),
    }


def _labels(rule: Labels, seen: Submitted) -> Any:
    marks = seen.marks.filter((_.question == rule.question) & (_.mark.isnull() | ~_.mark.isin(rule.labels)))
    strange = marks.group_by(*KEY).agg(said=_.mark.min(), number=_.count().cast("float64"))
    return _told(_matched(_answers(seen, rule.question), strange))


def _required(rule: Required, seen: Submitted) -> Any:
    asked = seen.submissions if rule.when is None else _where(seen, rule)
    return _unmatched(asked, seen.answered(rule.question))


def _implies(rule: Implies, seen: Submitted) -> Any:
    asked = _where(seen, rule)
    if rule.labels:
        return _unmatched(asked, seen.with_label(rule.question, rule.labels))
    answered = seen.answered(rule.question)
    return _unmatched(asked, answered) if rule.then == ANSWERED else _told(_matched(asked, answered))


def _count(rule: Count, seen: Submitted) -> Any:
    marks = seen.marks.filter(_.question == rule.question)
    if rule.label is not None:
        marks = marks.filter(_.mark == rule.label)
    held = _matched(_answers(seen, rule.question), marks.group_by(*KEY).agg(many=_.count()))
    return _told(held.mutate(number=_.many.coalesce(0).cast("float64")), _outside(_.number, rule.min, rule.max))


def _size(rule: Size, seen: Submitted) -> Any:
    measured = _measured(rule, seen).filter(_.size.notnull())
    held = measured.group_by(*KEY).agg(least=_.size.min(), most=_.size.max())
    held = _answers(seen, rule.question).join(held, KEY)
    low = ibis.literal(False) if rule.min is None else _.least < rule.min
    return _told(held.mutate(number=ibis.ifelse(low, _.least, _.most)), _outside(_.number, rule.min, rule.max))


def _measured(rule: Size, seen: Submitted) -> Any:
    """KEY, size: of every region that can be measured in this way, and of a written answer."""
    drawn = seen.drawn.filter(_.question == rule.question)
    shapes = seen.extents.filter(_.question == rule.question) if rule.measure in ("width", "height", "area") else None
    if rule.label is not None:
        drawn = drawn.filter(_.label == rule.label)
        shapes = shapes.filter(_.label == rule.label) if shapes is not None else None
    if shapes is not None:
        return shapes.select(*KEY, size=rule.measure)
    if rule.measure == "seconds":
        return drawn.select(*KEY, size=_.sec_end - _.sec_start)
    spans = drawn.select(*KEY, size=(_.t_end - _.t_start).cast("float64"))
    written = seen.given.filter((_.question == rule.question) & (_.kind == Kind.TEXT.value) & (rule.label is None))
    written = written.mutate(size=_.text.strip().length()).filter(_.size > 0)
    return spans.union(written.select(*KEY, size=_.size.cast("float64")))


def _inside(rule: Inside, seen: Submitted) -> Any:
    edges = seen.base.snapshot.facts.items.select("width", "height", its="item_id")
    edges = seen.base.items.join(edges, [("item_id", "its")]).filter(_.width.notnull() & _.height.notnull())
    shapes = seen.extents.filter(_.question == rule.question).select(*KEY, "left", "top", "right", "bottom")
    shapes = shapes.join(edges.select("width", "height", its="item"), [("item", "its")])
    over = (_.left < -SLACK) | (_.top < -SLACK) | (_.right > _.width + SLACK) | (_.bottom > _.height + SLACK)
    held = shapes.group_by(*KEY).agg(number=over.cast("int64").sum().cast("float64"))
    return _told(_answers(seen, rule.question).join(held, KEY), _.number > 0)


def _number(rule: Number, seen: Submitted) -> Any:
    rows = seen.given.filter((_.question == rule.question) & _.number.notnull())
    return _told(rows.select(*KEY, "annotation_id", "number"), _outside(_.number, rule.min, rule.max))


CHECKS: Final[dict[type[Rule], Callable[[Any, Submitted], Any]]] = {
    Labels: _labels,
    Required: _required,
    Implies: _implies,
    Count: _count,
    Size: _size,
    Inside: _inside,
    Number: _number,
}


def _answers(seen: Submitted, question: str) -> Any:
    return seen.given.filter(_.question == question).select(*KEY, "annotation_id")


def _where(seen: Submitted, rule: Required | Implies) -> Any:
    assert rule.when is not None
    return seen.submissions.semi_join(seen.with_label(rule.when.question, rule.when.labels), KEY)


def _matched(rows: Any, found: Any) -> Any:
    """The rows with what was found of them, `broken` where anything was."""
    other = found.mutate(met=ibis.literal(1, "int8")).rename(**{f"of_{name}": name for name in KEY})
    joined = rows.select(*KEY, "annotation_id").left_join(other, [(name, f"of_{name}") for name in KEY])
    return joined.drop(*(f"of_{name}" for name in KEY)).mutate(broken=_.met.coalesce(0))


def _unmatched(rows: Any, found: Any) -> Any:
    return _told(_matched(rows, found), _.broken == 0)


def _told(rows: Any, broken: Any = None) -> Any:
    """The rows with the columns of a check; `number` and `said` are null where nothing more can be told."""
    known = {} if "number" in rows.columns else {"number": ibis.null("float64")}
    known |= {} if "said" in rows.columns else {"said": ibis.null("string")}
    if broken is not None:
        known["broken"] = ibis.coalesce(broken, False).cast("int8")
    return rows.mutate(**known).select(*KEY, *_FOUND)


def _outside(value: Any, low: float | None, high: float | None) -> Any:
    below = ibis.literal(False) if low is None else value < low
    return below if high is None else below | (value > high)
