"""What rules look at: submissions with their answers, the labels and regions in these, and the extents of regions.

A submission is all that one person answered of one item in one round. `version` 0 is the submission as first made; one
that was revised has a `version` 1 too: the submission as it stands. Both are checked, so that a fault that was mended
still counts for whoever made it, and is no longer to be mended.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import ibis
from ibis import _

from qc.judge import number_text
from qc.measures import coded, extents
from qc.model import Kind, Role, Status

if TYPE_CHECKING:
    from qc.measures.base import Base

WORK: Final = ("item", "annotator", "round")
KEY: Final = (*WORK, "version")
_LISTED: Final = [Kind.MULTI.value, Kind.RANKING.value, Kind.TAXONOMY.value]
_SHAPE: Final = ("x", "y", "w", "h", "rotation", "points", "mask_rle", "mask_h", "outside")
_REGION: Final = ("region_id", "kind", "label", "track_id", "t_start", "t_end", "sec_start", "sec_end", *_SHAPE)
_ANSWER: Final = ("kind", "label", "labels", "number", "text", "extra")


@dataclass(frozen=True, eq=False)
class Submitted:
    """The tables behind the rules about some questions; `name` tells those of one policy from another's."""

    base: Base
    questions: tuple[str, ...]
    name: str

    @cached_property
    def submissions(self) -> Any:
        """KEY, annotation_id, day, batch, site, last (whether the submission stands like this)."""
        made = self._versions.group_by(*KEY).agg(
            annotation_id=_.annotation_id.min(),
            day=_.day.min(),
            batch=_.batch.min(),
            site=_.site.min(),
            last=_.last.min(),
        )
        return self._keep("submissions", made)

    @cached_property
    def given(self) -> Any:
        """KEY, question, annotation_id, revision and what the answer holds: one row per answer."""
        rows = self._versions.filter(_.question.isin(self.questions))
        return self._keep("given", rows.select(*KEY, "question", "annotation_id", "revision", *_ANSWER))

    @cached_property
    def drawn(self) -> Any:
        """KEY, question and the columns of a region: one row per region."""
        regions = self.base.snapshot.facts.regions
        regions = regions.filter(_.question.coalesce("").isin(self.questions)).select(
            *_REGION, of="annotation_id", asked=_.question.coalesce(""), as_of=_.revision.coalesce(1)
        )
        same = [("annotation_id", "of"), ("question", "asked"), ("revision", "as_of")]
        rows = self.given.select(*KEY, "question", "annotation_id", "revision").join(regions, same)
        return self._keep("drawn", rows.select(*KEY, "question", *_REGION))

    @cached_property
    def marks(self) -> Any:
        """KEY, question, mark: one row per label of an answer and per object that is drawn (mark null: unlabelled)."""
        plain = self.given.filter(~_.kind.isin(_LISTED) | _.labels.isnull())
        plain = plain.select(*KEY, "question", mark=ibis.coalesce(_.label, number_text(_.number)))
        listed = self.given.filter(_.kind.isin(_LISTED) & _.labels.notnull()).select(*KEY, "question", mark="labels")
        written = plain.union(listed.unnest("mark")).filter(_.mark != "")
        objects = self.drawn.select(*KEY, "question", mark="label", object=_.track_id.coalesce(_.region_id)).distinct()
        return self._keep("marks", written.union(objects.drop("object")))

    @cached_property
    def extents(self) -> Any:
        """KEY, question, label, width, height, area, left, top, right, bottom: one row per shape."""
        shapes = self.drawn.filter(~_.outside.coalesce(False))
        return self._keep("extents", extents.extents(shapes, (*KEY, "question", "label", "region_id")))

    def answered(self, question: str) -> Any:
        """KEY of the submissions that answer a question with anything at all."""
        # What a reader did not understand is kept in `extra`: something was answered.
        something = (_.label.coalesce("") != "") | (_.labels.length().coalesce(0) > 0) | _.number.notnull()
        something |= (_.text.coalesce("").strip() != "") | ((_.kind == Kind.TEXT.value) & _.extra.notnull())
        written = self.given.filter((_.question == question) & something).select(*KEY)
        return written.union(self.drawn.filter(_.question == question).select(*KEY)).distinct()

    def with_label(self, question: str, labels: tuple[str, ...]) -> Any:
        """KEY of the submissions whose answer holds one of some labels."""
        return self.marks.filter((_.question == question) & _.mark.isin(labels)).select(*KEY).distinct()

    @cached_property
    def _rows(self) -> Any:
        """What people submitted, in every revision, with the codes of base.answers."""
        rows = self.base.snapshot.facts.annotations.filter(
            (_.role == Role.ANNOTATOR.value) & (_.status == Status.SUBMITTED.value)
        ).select(
            "annotation_id",
            *_ANSWER,
            question=_.question.coalesce(""),
            revision=_.revision.coalesce(1),
            current=_.current.coalesce(True),
            skipped=ibis.literal(False),
        )
        named = rows.join(self.base.questions.select("q", asked="question"), [("question", "asked")]).drop("asked")
        places = self.base.answers.select(*WORK, "day", "batch", "site", of="annotation_id", of_q="q")
        placed = named.join(places, [("annotation_id", "of"), ("q", "of_q")]).drop("of", "of_q", "q")
        return self.base.snapshot.name(f"people_{self.name}", placed)

    @cached_property
    def _versions(self) -> Any:
        rows = self._rows
        later = self._keep("revised", rows.filter(_.revision > 1).select(*WORK).distinct())
        changed = later.select(**{f"of_{name}": name for name in WORK})
        same = [(name, f"of_{name}") for name in WORK]
        first = coded.first_submitted(rows, coded.revised(rows)).left_join(changed, same)
        first = first.mutate(version=ibis.literal(0, "int8"), last=_.of_item.isnull()).drop(*changed.columns)
        now = rows.filter(_.current).semi_join(later, WORK)
        now = now.mutate(version=ibis.literal(1, "int8"), last=ibis.literal(True))
        return self.base.snapshot.name(f"versions_{self.name}", first.union(now))

    def _keep(self, name: str, expr: Any) -> Any:
        return self.base.snapshot.materialise(f"{name}_{self.name}", expr)
