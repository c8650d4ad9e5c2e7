"""CVAT's XML 1.1 for images and for video, as exported from a project, a task or a job.

An item is an image, by its name, so that the exports of two jobs on one image meet; where several tasks of one export
hold a name it is `task 41/a/0001.jpg` for each, and a frame of a video is `video.mp4/frame_000000`. In the format for
video the item is the video, `video.mp4` of a task and `video.mp4 frames 0-29` of a job, with one answer of tracks.
The annotator is the assignee of the job or the task, the batch is the task. There are no times.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from qc.model import Kind, Role
from qc.readers.authors import Author, author
from qc.readers.cvat_meta import Meta, Work, meta
from qc.readers.cvat_shapes import KINDS, QUESTIONS, TAGS, TRACKS, element, label_of, origin, role
from qc.readers.cvat_tracks import Tracks
from qc.readers.drawings import UNSIGNED, Drawing, Signature, chosen
from qc.readers.fields import facets, pixels
from qc.readers.markup import Node, children, visit
from qc.readers.reader import Options
from qc.readers.records import BadRecordError, Records
from qc.readers.shapes import Row
from qc.readers.source import Source
from qc.readers.staging import Staging

ASSIGNEE: Final = (
    "CVAT names who a job or task is assigned to now, who may be another person than the one who drew; "
    "the server's JSON says more"
)
JOBS: Final = (
    "this export merges {n} jobs into tasks, as if one person had done each task: export each job, to tell who did what"
)
EMPTY: Final = "{n} items hold nothing: taken as seen and left empty, as one that nobody has opened would be too"
UNTOUCHED: Final = "this export holds no shape, track or tag: it is taken as work that is not yet done"
NO_NAME: Final = "the image has no name"
STRANGE: Final = "{n} elements are of no known shape: left out"


def sniff(source: Source) -> int:
    """XML whose root is `annotations`, with a version, images or tracks in it."""
    text = source.text().lstrip("\ufeff \r\n\t")
    if not text.startswith("<") or "<annotations" not in text[:2_000]:
        return 0
    return 90 if any(sign in text for sign in ("<version>1.", "<image ", "<track ")) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages every image, or every video; the whole file is looked through first, to know which questions it asks."""
    survey = Survey()
    with source.stream() as stream:
        visit(stream, source.name, survey.see)
    with source.stream() as stream:
        export = Export(options, staging, survey)
        for node in children(stream, source.name, "annotations"):
            export.take(node)
            staging.progress(stream.passed / source.size)
    export.finish()


class Survey:
    """What the file asks for as a whole, and the names that images of several tasks share."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.shared: set[str] = set()
        self._tasks: dict[str, str] = {}

    def see(self, name: str, attributes: dict[str, str]) -> None:
        """Notes one element."""
        if name == "track":
            self.asked.add(TRACKS)
        elif name in QUESTIONS:
            self.asked.add(QUESTIONS[name])
        elif name == "image" and "task_id" in attributes:
            image = attributes.get("name", "")
            if self._tasks.setdefault(image, attributes["task_id"]) != attributes["task_id"]:
                self.shared.add(image)

    @property
    def questions(self) -> list[str]:
        """The questions of an image."""
        return [question for question in KINDS if question in self.asked and question != TRACKS]


class Export:
    """Turns images and tracks into rows."""

    def __init__(self, options: Options, staging: Staging, survey: Survey) -> None:
        self._options = options
        self._paths = options.mapping.columns if options.mapping else {}
        self._staging = staging
        self._records = Records(options, staging)
        self._survey = survey
        self._meta = Meta()
        self._videos: dict[tuple[str, Role | None], tuple[Work, Tracks]] = {}

    def take(self, node: Node) -> None:
        """Takes one child of the root."""
        if node.name == "meta":
            self._meta = meta(node)
            self._explain(self._meta.works.values())
        elif node.name == "image":
            with self._records.record(node.line, node.attributes):
                self._image(node)
        elif node.name == "track":
            work = self._meta.work(node.attributes.get("task_id"))
            told = self._told(work, node)
            _, tracks = self._videos.setdefault((work.id, told), (work, Tracks(work.size)))
            self._records.note(STRANGE, tracks.add(node))

    def finish(self) -> None:
        """Stages the videos, which are complete only now, and what is left."""
        for work in self._meta.works.values():
            if work.interpolation and TRACKS in self._survey.asked and (work.id, None) not in self._videos:
                self._videos[work.id, None] = (work, Tracks(work.size))
        for (_, told), (work, tracks) in self._videos.items():
            self._video(work, told, tracks)
        if not self._survey.asked:
            self._records.note(UNTOUCHED)
        self._records.finish()

    def _explain(self, works: Iterable[Work]) -> None:
        jobs = sum(work.jobs for work in works if work.level == "task" and work.jobs > 1)
        self._records.note(JOBS, jobs)
        self._records.note(ASSIGNEE, int(any(work.assignee for work in works)))

    def _told(self, work: Work, node: Node) -> Role | None:
        """The role that a shape's source tells, where that makes its author another than the work's own."""
        told = role(node.attributes.get("source"))
        return None if self._by(work, told) == self._by(work, None) else told

    def _by(self, work: Work, told: Role | None) -> Author:
        """The assignee; of shapes whose source says that they are known or merged answers, nobody."""
        if work.role is Role.GOLD:
            return Author(work.assignee or Role.GOLD.value, Role.GOLD)
        return Author(told.value, told) if told else author(work.assignee, self._options)

    def _author(self, work: Work, told: Role | None) -> Author:
        """Whose an answer is, noted where nobody knows it or it is gold."""
        by = self._by(work, told)
        self._records.note(UNSIGNED, int(by.role is Role.CONSENSUS and not told))
        self._records.tally.present.update([Role.GOLD.value] if by.role is Role.GOLD else [])
        return by

    def _image(self, node: Node) -> None:
        name = node.attributes.get("name")
        if not name:
            raise BadRecordError(NO_NAME)
        work = self._meta.work(node.attributes.get("task_id"))
        width, height = pixels(node.attributes.get("width")), pixels(node.attributes.get("height"))
        drawings: dict[Role | None, Drawing] = {}
        for each in node.nodes:
            if each.name not in QUESTIONS:
                self._records.note(STRANGE)
                continue
            drawing = drawings.setdefault(self._told(work, each), Drawing())
            _draw(drawing, each, (width, height))
        if not drawings and self._survey.asked:
            self._records.note(EMPTY)
            drawings[None] = Drawing()
        item = self._item(self._named(name, work), work, node.attributes)
        for told, drawing in drawings.items():
            self._submit(item, self._author(work, told), drawing, (width, height))
        gold = Role.GOLD in (self._options.role, work.role, *drawings)
        image: Row = {"media": "image", "uri": name, "width": width, "height": height, "is_gold": gold}
        self._records.item(item["item_id"], item | image)

    def _named(self, name: str, work: Work) -> str:
        if work.interpolation or work.media:
            return f"{work.media or work.name or f'{work.level} {work.id}'}/{name}"
        return f"task {work.id}/{name}" if name in self._survey.shared else name

    def _item(self, item_id: str, work: Work, image: dict[str, str]) -> Row:
        """What an item's row and its answers share: batch and the like, the batch being the task unless told."""
        task = {"id": work.id, "name": work.name}
        said = facets({}, {"task": task, "image": image}, self._paths)
        return {"item_id": item_id, **said, "batch": said["batch"] or work.name}

    def _submit(self, item: Row, by: Author, drawing: Drawing, size: tuple[int | None, int | None]) -> None:
        base: dict[str, Any] = {
            **item,
            "annotation_id": by.submission(item["item_id"]),
            "annotator": by.name,
            "role": by.role,
        }
        for columns, regions in drawing.rows(self._survey.questions):
            kept = {"extra": drawing.extra.get(columns["question"])}
            self._records.answer(base | columns | kept, regions, size)

    def _video(self, work: Work, told: Role | None, tracks: Tracks) -> None:
        with self._records.record(tracks.line, {"video": work.video}):
            tracks.check()
            by = self._author(work, told)
            item = self._item(work.video, work, {})
            name = by.submission(work.video)
            answer: Row = {
                **item,
                "annotation_id": name,
                "annotator": by.name,
                "role": by.role,
                "question": TRACKS,
                "kind": Kind.TRACKS if tracks.keyframes else Kind.NONE,
                "origin": tracks.origin,
            }
            self._records.answer(answer)
            video: Row = {
                **item,
                "media": "video",
                "uri": work.media,
                "n_frames": work.frames,
                "width": work.size[0],
                "height": work.size[1],
                "is_gold": by.role is Role.GOLD,
            }
            self._records.item(work.video, video)
            self._records.note(EMPTY, int(not tracks.keyframes))
            for remark, times in tracks.remarks.items():
                self._records.note(remark, times)
            for batch in tracks.batches(name, TRACKS):
                self._staging.write("regions", batch)


def _draw(drawing: Drawing, node: Node, size: tuple[int | None, int | None]) -> None:
    """Adds one shape or tag of an image."""
    signature = Signature(origin=origin(node.attributes.get("source")))
    label = label_of(node.attributes.get("label"))
    if node.name == "tag":
        drawing.answer(TAGS, chosen([label], several=True), signature)
        given = {each.attributes.get("name", ""): each.text for each in node.nodes if each.name == "attribute"}
        if given:
            drawing.keep(TAGS, {"label": label, "attributes": given})
        return
    drawing.mark(element(node, size) | {"label": label}, QUESTIONS[node.name], signature)
