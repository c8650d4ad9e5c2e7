"""What CVAT's server says of jobs, as one JSON object: jobs, annotations by job, issues.

`{"jobs": …, "annotations": {"77": …}, "issues": …}` holds the answers of the server to `/api/jobs`,
`/api/jobs/<id>/annotations` and `/api/issues`; `labels`, `tasks` and `comments` (lists, or pages with `results`) and
`meta` (`/api/jobs/<id>/data/meta` by job) give names to labels, tasks and images. Each job is a person's: a replica is
one more answer on the same frames, its parent the merged answer, ground truth is gold. An item is an image, by its name
as in the XML where `meta` tells it. An issue is a rejection; a job that was accepted as a whole judges no answer.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final

from qc.model import Decision, InputError, Role
from qc.readers.cvat_issues import Issue, issues, target
from qc.readers.cvat_jobs import Job, jobs, results, shared_names
from qc.readers.cvat_server_shapes import Labels, frame_of, moment, region, track
from qc.readers.cvat_shapes import KINDS, QUESTIONS, TAGS, TRACKS, Size, origin
from qc.readers.documents import document
from qc.readers.drawings import UNSIGNED, Drawing, Signature, chosen
from qc.readers.fields import Row, as_dict, as_list, facets, identity, text_of, whole
from qc.readers.reader import Options
from qc.readers.records import MISTYPED, BadRecordError, Records
from qc.readers.source import Source
from qc.readers.staging import Staging

NO_LABELS: Final = "labels are given by number: add the server's answer to /api/labels as `labels`"
NO_NAMES: Final = "images are given by task and frame: add /api/jobs/<id>/data/meta as `meta`, by job, for their names"
NOT_DONE: Final = "{n} frames without shapes are of jobs that are not completed: taken as not yet done"
NO_JOB: Final = "{n} sets of annotations belong to no job of the file: left out"
NO_SHAPES: Final = "{n} jobs come without annotations"
NO_ID: Final = "a job is no object with an id"
ELSEWHERE: Final = "{n} issues are about frames that the file does not hold: left out"
FIXED: Final = "{n} issues were resolved: the file holds the answers as they were corrected, not as they were judged"
INTERVALS: Final = "{n} intervals are of no known kind: left out"

_MARKS: Final = ("tags", "shapes", "tracks")

Marks = list[tuple[str, Row]]
"""Entries of one frame or video by the member in which they stood."""


def sniff(source: Source) -> int:
    """A JSON object with jobs that have a task, a stage or frames."""
    text = source.text().lstrip("\ufeff \r\n\t")
    told = any(f'"{sign}"' in text for sign in ("task_id", "stage", "start_frame"))
    return 88 if text.startswith("{") and '"jobs"' in text and told else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the frames of every job; the record that is counted is a job's frame, or its video."""
    bundle = document(source)
    if not isinstance(bundle, dict) or not (found := jobs(bundle)):
        raise InputError(f"{source.name} holds no jobs with an id; it needs the server's answer to /api/jobs.")
    if not isinstance(bundle.get("annotations"), dict | None):
        raise InputError(f"{source.name} has annotations that are no object; it needs one with the jobs' ids as names.")
    export = Export(bundle, found, options, staging)
    for place, job in enumerate(found, 1):
        export.take(job)
        staging.progress(place / len(found))
    export.finish()


class Export:
    """Turns jobs into rows."""

    def __init__(self, bundle: Row, found: list[Job], options: Options, staging: Staging) -> None:
        self._options = options
        self._paths = options.mapping.columns if options.mapping else {}
        self._records = Records(options, staging)
        self._labels = Labels.of(results(bundle.get("labels")))
        self._annotations = as_dict(bundle.get("annotations"))
        self._issues = issues(results(bundle.get("issues")), results(bundle.get("comments")))
        self._shared = shared_names(found)
        self._questions = self._asked(found)
        self._number = 0
        note = self._records.note
        note(NO_JOB, len(self._annotations.keys() - {job.id for job in found}))
        note(NO_LABELS, int(not self._labels.names))
        note(NO_NAMES, int(not any(job.data for job in found)))
        for raw in results(bundle.get("jobs")):
            if identity(as_dict(raw).get("id")) is None:
                with self._record(raw):
                    raise BadRecordError(NO_ID)

    def take(self, job: Job) -> None:
        """Stages the frames of one job, and its video."""
        held = self._annotations.get(job.id)
        if held is None:
            self._records.note(NO_SHAPES)
        elif isinstance(held, dict) and all(isinstance(held.get(member), list | None) for member in _MARKS):
            self._take(job, held)
        else:
            with self._record({"job": job.id, "holds": held}):
                raise BadRecordError(MISTYPED)

    def _take(self, job: Job, held: Row) -> None:
        self._records.note(INTERVALS, len(as_list(held.get("intervals"))))
        frames, film = self._sorted(job, held)
        raised: dict[int | None, list[Issue]] = {}
        for issue in self._issues.pop(job.id, []):
            raised.setdefault(issue.frame, []).append(issue)
        if film or (job.is_video and job.done):
            everywhere = [issue for frame in list(raised) for issue in raised.pop(frame)]
            self._film(job, film, everywhere)
        seen = set() if film or job.is_video else self._seen(job, frames)
        for frame in sorted({*frames, *seen, *(frame for frame in raised if frame is not None and not job.is_video)}):
            self._frame(job, frame, frames.get(frame, []), raised.pop(frame, []))
        self._records.note(ELSEWHERE, sum(map(len, raised.values())))

    def finish(self) -> None:
        """Stages what is left."""
        self._records.note(ELSEWHERE, sum(map(len, self._issues.values())))
        self._records.finish()

    def _asked(self, found: list[Job]) -> list[str]:
        """The questions that any frame of the file answers."""
        asked = set()
        for job in found:
            held = as_dict(self._annotations.get(job.id))
            asked |= {TAGS} if as_list(held.get("tags")) else set()
            if not job.is_video:
                kinds = {text_of(as_dict(shape).get("type")) or "" for shape in as_list(held.get("shapes"))}
                asked |= {QUESTIONS[kind] for kind in kinds & QUESTIONS.keys()}
        return [question for question in KINDS if question in asked]

    def _sorted(self, job: Job, held: Row) -> tuple[dict[int, Marks], Marks]:
        """What each frame holds, and what the video does: tracks, and in a video single shapes too."""
        frames: dict[int, Marks] = {}
        film: Marks = []
        for member in _MARKS:
            for raw in map(as_dict, as_list(held.get(member))):
                if member == "tracks" or (member == "shapes" and job.is_video):
                    film.append((member, raw))
                    continue
                frame = whole(raw.get("frame"))
                if frame is None:
                    with self._record(raw):
                        frame_of(raw)
                else:
                    frames.setdefault(frame, []).append((member, raw))
        return frames, film

    def _seen(self, job: Job, frames: dict[int, Marks]) -> set[int]:
        """The frames that were seen though nothing is in them; those of a job that is not completed were not."""
        empty = {frame for frame in job.frames if frame not in frames}
        if job.done:
            return empty
        self._records.note(NOT_DONE, len(empty))
        return set()

    def _record(self, raw: Any) -> AbstractContextManager[None]:
        self._number += 1
        return self._records.record(self._number, raw)

    def _frame(self, job: Job, frame: int, marks: Marks, raised: list[Issue]) -> None:
        item, size = job.item(frame, self._shared), job.size(frame)
        with self._record({"job": job.id, "frame": frame, "holds": [raw for _, raw in marks]}):
            drawing = Drawing()
            for member, raw in marks:
                self._draw(drawing, member, raw, size)
            shown: Row = {"media": "image", "uri": job.name(frame), "width": size[0], "height": size[1]}
            self._submit(job, item, f"job {job.id} frame {frame}", shown, drawing, self._questions, raised)

    def _film(self, job: Job, marks: Marks, raised: list[Issue]) -> None:
        start, stop = job.bounds
        size = job.size(start)
        with self._record({"job": job.id, "holds": [raw for _, raw in marks]}):
            drawing = Drawing()
            for member, raw in marks:
                rows = track(raw, self._labels, size) if member == "tracks" else moment(raw, self._labels, size)
                for row in rows:
                    drawing.mark(row, TRACKS, Signature(origin=origin(raw.get("source"))))
            shown: Row = {"media": "video", "uri": job.media, "width": size[0], "height": size[1]}
            shown["n_frames"] = stop - start + 1
            self._submit(job, job.film, f"job {job.id}", shown, drawing, [TRACKS], raised)

    def _draw(self, drawing: Drawing, member: str, raw: Row, size: Size) -> None:
        signature = Signature(origin=origin(raw.get("source")))
        if member == "shapes":
            question, row = region(raw, self._labels, size)
            drawing.mark(row, question, signature)
            return
        label = self._labels.label(raw)
        drawing.answer(TAGS, chosen([label], several=True), signature)
        if given := self._labels.given(raw):
            drawing.keep(TAGS, {"label": label, "attributes": given})

    def _submit(
        self, job: Job, item: str, name: str, shown: Row, drawing: Drawing, asked: list[str], raised: list[Issue]
    ) -> None:
        """The rows of one person's work on one item, and of the issues about it."""
        by = job.author(self._options)
        self._records.note(UNSIGNED, int(by.role is Role.CONSENSUS and not job.merged))
        self._records.tally.present.update([Role.GOLD.value] if by.role is Role.GOLD else [])
        said = facets({}, {"job": job.raw, "task": job.task}, self._paths)
        said["batch"] = said["batch"] or identity(job.task.get("name"))
        said["guideline"] = said["guideline"] or identity(job.raw.get("guide_id"))
        base: Row = {
            **said,
            "item_id": item,
            "annotation_id": name,
            "annotator": by.name,
            "role": by.role,
            **self._records.times(updated=job.raw.get("updated_date")),
        }
        state = {"job": job.id, "stage": job.raw.get("stage"), "state": job.raw.get("state")}
        answered: dict[str, list[Row]] = {}
        for columns, regions in drawing.rows(asked):
            kept = drawing.extra.get(columns["question"])
            extra = {**state, "tags": kept} if kept else state
            size = (shown["width"], shown["height"]) if not job.is_video else (None, None)
            self._records.answer({**base, **columns, "extra": extra}, regions, size)
            answered[columns["question"]] = regions
        self._records.item(item, {**said, **shown, "is_gold": by.role is Role.GOLD})
        for issue in raised:
            self._review(issue, base, answered)

    def _review(self, issue: Issue, base: Row, answered: dict[str, list[Row]]) -> None:
        if not answered:
            self._records.note(ELSEWHERE)
            return
        question, region_id = target(issue, answered)
        decided = self._records.instant(issue.decided_at)
        self._records.note(FIXED, int(issue.resolved))
        self._records.review(
            {
                "review_id": f"issue {issue.id}",
                "annotation_id": base["annotation_id"],
                "question": question,
                "region_id": region_id,
                "item_id": base["item_id"],
                "reviewer": issue.reviewer,
                "verdict": Decision.REJECT,
                "comment": issue.comment,
                "decided_at": decided and decided.micros,
            }
        )
