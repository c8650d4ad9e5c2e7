"""Answers beside the time they took, for what speed and order say of the care that was taken."""

from __future__ import annotations

from typing import Any

from ibis import _

from qc.measures.base import Base
from qc.measures.fatigue import LOG_SCALE
from qc.measures.scoped import scoped
from qc.model import Scope


def paced(base: Base, scope: Scope, by: tuple[str, ...]) -> Any:
    """Every first-round answer in integers: what was answered, how long its submission took, where in which session.

    v: 1000·ln(seconds), null where no plausible duration is known. session, p and ms are null where order is unknown.
    """
    rows = scoped(base.answers, base, scope).filter(_.round == 1)
    rows = rows.select(
        "annotation_id", "item", "annotator", "code", "ms", question="q", suggested=_.suggested.cast("int32")
    )
    spent = base.submissions.select(
        "session",
        "p",
        of="annotation_id",
        v=((_.spent_ms.nullif(0) / 1000).ln() * LOG_SCALE).round().cast("int64"),
    )
    return rows.left_join(spent, [("annotation_id", "of")]).drop("annotation_id", "of")
