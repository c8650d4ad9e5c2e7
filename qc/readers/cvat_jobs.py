"""The jobs of CVAT's server: who did which frames of which task, and which image or video they show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from qc.model import Role
from qc.readers.authors import Author, author
from qc.readers.cvat_shapes import Size
from qc.readers.fields import Row, as_dict, as_list, identity, pixels, text_of, whole
from qc.readers.reader import Options

FRAMES: Final = 1_000_000
"""Frames of the longest job whose empty frames are told one by one."""

_DONE: Final = ("completed", "rejected")
_ANNOTATION: Final = "annotation"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the server tells it, its task, and the description of its data; `merged` where it has replicas."""

    id: str
    raw: Row
    task: Row
    data: Row
    merged: bool

    @property
    def kind(self) -> str:
        """annotation, ground_truth or replica."""
        return text_of(self.raw.get("type")) or _ANNOTATION

    @property
    def task_id(self) -> str:
        """The id of its task."""
        return identity(self.raw.get("task_id")) or "unknown"

    @property
    def bounds(self) -> tuple[int, int]:
        """Its first and last frame, counted in the task."""
        start = whole(self.raw.get("start_frame")) or 0
        stop = whole(self.raw.get("stop_frame"))
        return start, start if stop is None else stop

    @property
    def done(self) -> bool:
        """Whether its frames were all seen: it is completed, or has passed on to validation."""
        return self.raw.get("state") in _DONE or text_of(self.raw.get("stage")) not in (None, _ANNOTATION)

    @property
    def is_video(self) -> bool:
        """Whether its frames are of one video: the task says so, or its data is one file of many frames."""
        start, stop = self.bounds
        return self.task.get("mode") == "interpolation" or (len(self._named) == 1 and stop > start)

    @property
    def _named(self) -> list[Any]:
        return as_list(self.data.get("frames"))

    @property
    def media(self) -> str | None:
        """The file of its video."""
        return text_of(as_dict(self._named[0]).get("name")) if self.is_video and self._named else None

    @property
    def frames(self) -> Collection[int]:
        """Its frames where that is known, as of ground truth only if the data lists those that are included."""
        included = self.data.get("included_frames")
        if isinstance(included, list):
            return [number for number in included if isinstance(number, int)]
        start, stop = self.bounds
        count = whole(self.raw.get("frame_count"))
        every = range(start, stop + 1)
        return every if len(every) <= FRAMES and count in (None, len(every)) else ()

    def name(self, frame: int) -> str | None:
        """The name of a frame's image, as in the XML."""
        if self.is_video:
            return f"frame_{frame:06d}"
        place = frame - self.bounds[0]
        return text_of(as_dict(self._named[place]).get("name")) if 0 <= place < len(self._named) else None

    def size(self, frame: int) -> Size:
        """Width and height of a frame in pixels, where the data tells them."""
        place = 0 if self.is_video else frame - self.bounds[0]
        found = as_dict(self._named[place]) if 0 <= place < len(self._named) else {}
        return pixels(found.get("width")), pixels(found.get("height"))

    def item(self, frame: int, shared: Collection[str]) -> str:
        """The item of a frame: its image by name, with the task where several hold it (`shared`) or none is known."""
        name = self.name(frame)
        if name is None:
            return f"task {self.task_id} frame {frame}"
        if self.is_video:
            return f"{self._film}/{name}"
        return f"task {self.task_id}/{name}" if name in shared else name

    @property
    def film(self) -> str:
        """The item of its frames as one video."""
        start, stop = self.bounds
        return f"{self._film} frames {start}-{stop}"

    @property
    def _film(self) -> str:
        return self.media or f"task {self.task_id}"

    def author(self, options: Options) -> Author:
        """The assignee; of a replica without one the job itself; of merged answers nobody."""
        person = text_of(as_dict(self.raw.get("assignee")).get("username")) or None
        if self.merged:
            return Author(Role.CONSENSUS.value, Role.CONSENSUS)
        if self.kind == "ground_truth":
            return Author(person or Role.GOLD.value, Role.GOLD)
        return author(person or (f"job {self.id}" if self.kind == "replica" else None), options)


def jobs(bundle: Row) -> list[Job]:
    """The jobs of a bundle that have an id."""
    tasks = {identity(task.get("id")): task for task in map(as_dict, results(bundle.get("tasks")))}
    data = as_dict(bundle.get("meta"))
    listed = [job for job in map(as_dict, results(bundle.get("jobs"))) if identity(job.get("id"))]
    parents = {identity(job.get("parent_job_id")) for job in listed if job.get("type") == "replica"}
    found = []
    for raw in listed:
        name = identity(raw["id"]) or ""
        task = as_dict(tasks.get(identity(raw.get("task_id"))))
        found.append(Job(name, raw, task, as_dict(data.get(name)), name in parents))
    return found


def results(value: Any) -> list[Any]:
    """The entries of a list, or of a page of the server's answer."""
    return as_list(value) or as_list(as_dict(value).get("results"))


def shared_names(found: Collection[Job]) -> set[str]:
    """The names that images of several tasks have."""
    held = {
        (name, job.task_id)
        for job in found
        if not job.is_video
        for each in as_list(job.data.get("frames"))
        if (name := text_of(as_dict(each).get("name")))
    }
    counted = Counter(name for name, _ in held)
    return {name for name, tasks in counted.items() if tasks > 1}
