"""The answers behind the figures of a model: what it proposed beside what people made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ibis import _

from qc.access import allowed
from qc.measures.base import Base
from qc.measures.models import model_judged, prelabelled, surest, tagged
from qc.measures.scoped import scoped, with_annotator, with_label, with_question
from qc.measures.times import day_text, week_start
from qc.model import EVERYTHING, Scope
from qc.workspace.assess import view
from qc.workspace.opening import Workspace
from qc.workspace.sight import check_scope, with_shown_names

if TYPE_CHECKING:
    import pandas as pd

MOST: Final = 500
COLUMNS: Final = (
    "item_id",
    "question",
    "annotator",
    "proposed",
    "score",
    "given",
    "people",
    "shown",
    "truth",
    "model_is",
    "batch",
    "site",
    "annotation_id",
)
MISLED: Final = ("item_id", "question", "proposed", "given", "people", "truth", "source", "annotation_id")


@dataclass(frozen=True, slots=True)
class Behind:
    """Which answers are meant: those to what a model proposed, at scores from `low` to below `high`.

    key: label, site, batch, week, question or tag, and its value.
    """

    model: str
    key: str | None = None
    value: str | None = None
    low: float | None = None
    high: float | None = None


@allowed("answers")
def answers(ws: Workspace, project: str, scope: Scope, behind: Behind, limit: int = MOST) -> pd.DataFrame:
    """People's answers to what a model answered, with what is known to be right; first those that overrode it.

    people: kept, overrode; shown: whether the answer started from a prediction; model_is: right or wrong by the
    strongest judgement, null where none is known.
    """
    check_scope(view(ws, project, scope))
    snapshot = ws.snapshot(project)
    base = snapshot.base(ws.policy(project))
    rows = _narrowed(_rows(base, scope, behind.model), base, behind)
    found = snapshot.rows(
        lambda _facts: rows.order_by("kept", _.shown.desc(), "item_id", "question", "annotator", "annotation_id").limit(
            limit
        )
    )
    told = found.assign(
        people=found["kept"].map({0: "overrode", 1: "kept"}),
        shown=found["shown"].map({0: "no", 1: "yes"}),
        model_is=found["right"].map({0: "wrong", 1: "right"}),
    )
    return with_shown_names(ws, project, told[list(COLUMNS)], "annotator")


@allowed("individuals")
def misled(ws: Workspace, project: str, scope: Scope, annotator: str) -> pd.DataFrame:
    """A person's judged answers that started from a wrong pre-label, those that left it as it was first."""
    snapshot = ws.snapshot(project)
    base = snapshot.base(ws.policy(project))
    rows = prelabelled(base, scope, ()).filter((_.annotator == annotator) & (_.shown == 1) & (_.model_wrong == 1))
    rows = rows.join(base.items.select("item_id", named="item"), [("item", "named")])
    for code, name in (("predicted", "proposed"), ("given", "answered"), ("truth", "right_is")):
        rows = with_label(rows, base, code, name)
    found = snapshot.rows(lambda _facts: rows.order_by(_.survived.desc(), "item_id", "question", "annotation_id"))
    found = found.assign(people=found["survived"].map({0: "overrode", 1: "kept"}), given=found["answered"])
    return found.assign(truth=found["right_is"])[[*MISLED]]


def _rows(base: Base, scope: Scope, model: str) -> Any:
    """People's answers beside those of one model, with the truth where it is known."""
    given = scoped(base.answers, base, scope).filter(_.code.notnull())
    given = given.select(
        "annotation_id", "annotator", "suggested", week=day_text(week_start(_.day)), at="item", of="q", own="code"
    )
    rows = surest(base).filter(_.model == model).join(given, [("item", "at"), ("q", "of")]).drop("at", "of")
    judged = model_judged(base, scope, ()).filter(_.model == model)
    judged = judged.select("right", "truth", its="item", its_q="q")
    rows = rows.left_join(judged, [("item", "its"), ("q", "its_q")]).drop("its", "its_q")
    rows = rows.join(base.items.select("item_id", named="item"), [("item", "named")]).drop("named")
    rows = with_label(with_question(with_annotator(rows, base), base), base, "code", "proposed")
    rows = with_label(rows, base, "own", "given")
    return rows.mutate(
        score=_.milli / 1000,
        kept=(_.own == _.code).cast("int32"),
        shown=(_.suggested > 0).cast("int32"),
        label=_.proposed,
    )


def _narrowed(rows: Any, base: Base, behind: Behind) -> Any:
    if behind.key == "tag":
        own = tagged(base, EVERYTHING, ()).filter(_.tag == behind.value)
        rows = rows.semi_join(own, "item")
    elif behind.key is not None:
        rows = rows.filter(rows[behind.key] == behind.value)
    if behind.low is not None:
        rows = rows.filter(_.score >= behind.low)
    if behind.high is not None:
        rows = rows.filter(_.score < behind.high)
    return rows
