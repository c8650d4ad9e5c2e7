"""Scale's tasks: of the first version (images, by workers without a name) and of the second (conversations)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from qc.readers.fields import as_dict
from qc.readers.reader import Options
from qc.readers.records import NO_JSON, BadRecordError, Records
from qc.readers.scale_images import stage_image
from qc.readers.scale_threads import stage_threads
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.values import begins, lined, listed

NO_TASK: Final = "the record is no task with a task_id"


def sniff(source: Source) -> int:
    """Tasks with threads, or with a response and what only Scale's tasks have beside it."""
    text = source.text()
    if not (begins(source, "{") or begins(source, "[")) or '"task_id"' not in text:
        return 0
    if '"threads"' in text and '"submissions"' in text:
        return 85
    return 85 if '"customer_review_status"' in text or ('"response"' in text and '"params"' in text) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages tasks in a list, one a line, as one object, or as a page with `docs`; a task is what is counted."""
    records = Records(options, staging)
    for place, task, reached in _tasks(source):
        with records.record(place, task):
            if not isinstance(task, dict) or not isinstance(task.get("task_id"), str) or not task["task_id"]:
                raise BadRecordError(NO_JSON if isinstance(task, bytes) else NO_TASK)
            if "threads" in task:
                stage_threads(records, task, options)
            else:
                stage_image(records, task, options)
        staging.progress(reached)
    records.finish()


def _tasks(source: Source) -> Iterable[tuple[int, Any, float]]:
    text = source.text().lstrip("\ufeff \r\n\t")
    if not text.startswith("{") or text.split("\n", 1)[0].rstrip().endswith("}"):
        return lined(source)
    (_, value, _), *_ = listed(source)
    page = as_dict(value).get("docs")
    return [(place, task, 1.0) for place, task in enumerate(page, 1)] if isinstance(page, list) else [(1, value, 1.0)]
