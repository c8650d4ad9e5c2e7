"""What CVAT's XML says before its images: the tasks or the job, who they are assigned to, and the video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from qc.model import Role
from qc.readers.cvat_shapes import Size
from qc.readers.fields import pixels, whole
from qc.readers.markup import Node

_LEVELS: Final = ("project", "task", "job")


@dataclass(frozen=True, slots=True)
class Work:
    """A task, or a job of one: `jobs` is how many of them a task's export merges, `media` the video's file."""

    id: str = "unknown"
    name: str | None = None
    level: str = "task"
    assignee: str | None = None
    role: Role | None = None
    interpolation: bool = False
    media: str | None = None
    start: int = 0
    stop: int = 0
    frames: int | None = None
    size: Size = (None, None)
    jobs: int = 1

    @property
    def video(self) -> str:
        """The item of the work as one video; a job's is the frames that it covers, so that replicas share it."""
        name = self.media or self.name or f"{self.level} {self.id}"
        return f"{name} frames {self.start}-{self.stop}" if self.level == "job" else name


@dataclass(frozen=True, slots=True)
class Meta:
    """The tasks (or the one job) of an export by id."""

    works: Mapping[str, Work] = field(default_factory=dict)

    def work(self, task_id: str | None) -> Work:
        """The task of an image or a track: the one that it names, else the only one there is."""
        if task_id in self.works:
            return self.works[task_id or ""]
        return next(iter(self.works.values())) if len(self.works) == 1 else Work(task_id or "unknown")


def meta(node: Node) -> Meta:
    """The element `meta` as tasks or a job."""
    media = node.text_at("source")
    for level in _LEVELS:
        found = node.at(level)
        if found is None:
            continue
        tasks = found.at("tasks")
        if level == "project":
            listed = [each for each in tasks.nodes if each.name == "task"] if tasks else []
            return _meta([_work(each, "task", media) for each in listed])
        return _meta([_work(found, level, media)])
    return Meta()


def _meta(works: list[Work]) -> Meta:
    return Meta({work.id: work for work in works})


def _work(node: Node, level: str, media: str | None) -> Work:
    segments = node.at("segments")
    start = whole(node.text_at("start_frame")) or 0
    size = pixels(node.text_at("original_size", "width")), pixels(node.text_at("original_size", "height"))
    frames = whole(node.text_at("size"))
    return Work(
        id=node.text_at("id") or "unknown",
        name=node.text_at("name"),
        level=level,
        assignee=node.text_at("assignee", "username") or node.text_at("assignee", "email"),
        role=Role.GOLD if node.text_at("type") == "ground_truth" else None,
        interpolation=node.text_at("mode") == "interpolation",
        media=node.text_at("source") or media,
        start=start,
        stop=whole(node.text_at("stop_frame")) or start + (frames or 1) - 1,
        frames=frames,
        size=size,
        jobs=len(segments.nodes) if segments else 1,
    )
