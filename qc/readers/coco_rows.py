"""The rows of COCO submissions: answers to every question of the file, and their regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qc.model import Kind, Role, Status
from qc.readers.authors import Author
from qc.readers.coco_described import Categories, Described, Table, divided, rows_of, texts
from qc.readers.coco_faults import misfit, named
from qc.readers.coco_plan import Plan
from qc.readers.coco_shapes import DRAWN, KINDS, Drawn, Regions, annotation_type
from qc.readers.coco_survey import Category, Decoder, Survey
from qc.readers.decoding import NOT_FINITE
from qc.readers.shapes import CUT
from qc.readers.spool import Places
from qc.readers.staging import Reject, Staging

EMPTY: Final = "an annotation of the image has no shape, category or caption"
UNLISTED: Final = "{n} annotations are of a category that the file does not list: its number stands for the label"
TWICE: Final = (
    "{n} objects have a box and an outline: each counts in two questions, of `boxes` and of `polygons` or `masks`, "
    "which can be compared with files that have only one of them"
)
TAGS: Final = "tags"
CAPTION: Final = "caption"
EMPTIES: Final = 10_000
"""Submissions without an answer to a question that are staged at once."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Annotations with their categories and submissions (sorted), which of them are good, and what they say."""

    annotations: Sequence[Any]
    categories: Sequence[Category | None]
    owner: Places
    good: npt.NDArray[np.bool_]
    described: Table


class Rows:
    """Makes the rows of submissions, some of them at a time; `authors` are by the number of the person."""

    def __init__(self, survey: Survey, layout: Plan, authors: Sequence[Author], staging: Staging) -> None:
        self._spool = survey.annotations
        self._plan = layout
        self._authors = authors
        self._staging = staging
        self._decode = Decoder(annotation_type(survey.members))
        self._described = Described(survey.members)
        self._categories = Categories(survey.categories)
        self._good = np.ones(len(layout.images), np.bool_)
        # Which submissions answer each question that any of them does.
        self._answered: dict[str, npt.NDArray[np.bool_]] = {}

    def stage(self, first: int, last: int) -> None:
        """Stages what the submissions from `first` to before `last` hold."""
        layout, tally = self._plan, self._staging.tally
        numbers = layout.order[layout.starts[first] : layout.starts[last]]
        records = self._spool.take(numbers)
        owner = np.repeat(np.arange(first, last), np.diff(layout.starts[first : last + 1]))
        annotations = self._decode(records)
        categories = [self._categories[each and each.category_id] for each in annotations]
        sizes = layout.sizes[layout.images[owner]]
        drawn = Drawn(annotations, categories, sizes[:, 0], sizes[:, 1])
        regions = {question: draw(drawn) for question, draw in DRAWN.items()}
        tagged = _tagged(drawn)
        self._judge(drawn, owner, records, numbers)
        tally.read += last - first
        described = self._described.columns(annotations, categories, owner)
        chunk = Chunk(annotations, categories, owner, self._good[owner], described)
        for question, found in regions.items():
            self._regions(question, found, chunk)
        self._tags(tagged, chunk)
        self._captions(drawn.with_("caption"), chunk)
        outlined = np.union1d(regions["polygons"].places, regions["masks"].places)
        drawn.remarks[TWICE] = len(np.intersect1d(regions["boxes"].places, outlined))
        drawn.remarks[CUT] = len(drawn.cut)
        drawn.remarks[UNLISTED] = sum(category is not None and not category.listed for category in categories)
        for remark, times in drawn.remarks.items():
            tally.note(remark, times)

    def finish(self) -> None:
        """Stages that nothing was marked: for every question of the file and every submission that does not answer it.

        Where nothing is marked at all, boxes are taken to be what was asked for.
        """
        self._staging.tally.note(NOT_FINITE, self._decode.emptied)
        for question, answered in (self._answered or {"boxes": ~self._good}).items():
            silent = np.flatnonzero(self._good & ~answered)
            for begin in range(0, len(silent), EMPTIES):
                self._answer(self._shared(silent[begin : begin + EMPTIES]), question, Kind.NONE)

    def _judge(self, drawn: Drawn, owner: Places, records: Sequence[bytes], numbers: Places) -> None:
        """Puts submissions with a bad annotation into quarantine as a whole, under the number of the annotation."""
        bad: dict[int, Reject] = {}
        for place in sorted(drawn.faults):
            reason = drawn.faults[place] or misfit(records[place])
            bad.setdefault(int(owner[place]), Reject(int(numbers[place]) + 1, reason, named(records[place])))
        self._good[[*bad]] = False
        self._staging.reject([*bad.values()])

    def _shared(self, submissions: Places) -> Table:
        """What all answers of a submission share."""
        names = [self._plan.names[place] for place in self._plan.images[submissions].tolist()]
        by = [self._authors[person] for person in self._plan.people[submissions].tolist()]
        return {
            "item_id": texts(names),
            "annotation_id": texts([author.submission(name) for author, name in zip(by, names, strict=True)]),
            "annotator": texts([author.name for author in by]),
            "role": texts([author.role.value for author in by]),
            "model": texts([author.name if author.role is Role.MODEL else None for author in by]),
            "status": texts([Status.SUBMITTED.value] * len(by)),
            "source_pos": pa.array(submissions + 1, pa.int64()),
        }

    def _answer(self, shared: Table, question: str, kind: Kind, **values: pa.Array) -> None:
        length = len(shared["item_id"])
        columns = {"question": texts([question] * length), "kind": texts([kind.value] * length)}
        self._staging.write("annotations", {**shared, **columns, **values})

    def _answers(self, question: str, submissions: Places) -> None:
        """Keeps in mind which submissions answer a question."""
        if len(submissions):
            self._answered.setdefault(question, np.zeros(len(self._good), np.bool_))[submissions] = True

    def _regions(self, question: str, regions: Regions, chunk: Chunk) -> None:
        kept = np.flatnonzero(chunk.good[regions.places])
        places = regions.places[kept]
        submissions, rows = np.unique(chunk.owner[places], return_inverse=True)
        self._answers(question, submissions)
        shared = self._shared(submissions)
        self._answer(shared, question, KINDS[question])
        columns = rows_of(regions.columns, kept) | rows_of(chunk.described, places)
        columns |= rows_of({name: shared[name] for name in ("annotation_id", "source_pos")}, rows)
        if regions.attributes:
            columns |= divided(columns, [regions.attributes[row] for row in kept.tolist()])
        columns |= {"question": texts([question] * len(kept)), "kind": texts([KINDS[question].value] * len(kept))}
        self._staging.write("regions", columns)

    def _tags(self, places: Places, chunk: Chunk) -> None:
        """Categories of annotations that have no shape, as one set for each submission."""
        places = places[chunk.good[places]]
        sets: dict[int, set[str]] = {}
        for place, submission in zip(places.tolist(), chunk.owner[places].tolist(), strict=True):
            if category := chunk.categories[place]:
                sets.setdefault(submission, set()).add(category.name)
        submissions = np.array([*sets], np.int64)
        self._answers(TAGS, submissions)
        labels = pa.array([sorted(found) for found in sets.values()], pa.list_(pa.string()))
        self._answer(self._shared(submissions), TAGS, Kind.MULTI, labels=labels)

    def _captions(self, places: Places, chunk: Chunk) -> None:
        """Captions: each is an answer of its own, since several people may have described the image."""
        places = places[chunk.good[places]]
        self._answers(CAPTION, chunk.owner[places])
        shared = self._shared(chunk.owner[places])
        names = rows_of(chunk.described, places)["region_id"].to_pylist()
        own = zip(shared["annotation_id"].to_pylist(), names, strict=True)
        shared |= {"annotation_id": texts([f"{submission}/{name}" for submission, name in own])}
        self._answer(shared, CAPTION, Kind.TEXT, text=texts([chunk.annotations[n].caption for n in places.tolist()]))


def _tagged(drawn: Drawn) -> Places:
    """The annotations that have a category and no shape; those that have nothing at all cannot be taken.

    The reason of those that could not be decoded is left to who has their records.
    """
    found = []
    for place, annotation in enumerate(drawn.annotations):
        if annotation is None:
            drawn.faults[place] = ""
        elif not (annotation.bbox or annotation.segmentation or annotation.keypoints or annotation.caption):
            found.append(place)
            if drawn.categories[place] is None:
                drawn.faults[place] = EMPTY
    return np.array(found, np.int64)
