"""Label Studio's exports of one row per annotation (JSON-MIN, CSV, TSV): rows as tasks of one submission."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Final

from qc.readers.label_studio_part import Part, deliver, parcel
from qc.readers.label_studio_questions import LOOK_AHEAD, Questions
from qc.readers.label_studio_regions import REGIONS
from qc.readers.label_studio_submissions import Known, Submissions
from qc.readers.numbers import number
from qc.readers.reader import Options
from qc.readers.staging import Staging

TOOL: Final = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement")
"""What Label Studio adds to the data of a task and to the answers."""

LOSS: Final = (
    "this export leaves out skipped tasks, gold answers, predictions, reviews and drafts: "
    "export JSON from Label Studio to have them"
)
TAKEN: Final = "These columns were taken for questions, the others for data of the items: {}"
ROWS: Final = 2_000
"""Rows that are held as objects."""

_KEYS: Final = {"choices": "choices", "rating": "rating", "number": "number", "textarea": "text"}
_BY_KEY: Final = {
    "choices": "choices",
    "taxonomy": "taxonomy",
    "ranker": "ranker",
    "text": "textarea",
    "selected": "pairwise",
}
_OF_MEDIA: Final = ("original_width", "original_height", "original_length")
_OBJECTS: Final = "objects"
"""The form of questions whose answers are lists of objects, such as spans and boxes."""
_STARS: Final = 10
_WORDS: Final = 60
_LABELS: Final = 20

Record = Mapping[str, Any]
Line = tuple[int, Any, float]
"""A row's number, its value (no object where it cannot be read), and the share of the file read with it."""


def read_rows(lines: Iterable[Line], asked: Sequence[str], options: Options, staging: Staging) -> None:
    """Stages rows whose questions are `asked`."""
    rows = iter(lines)
    first = list(islice(rows, LOOK_AHEAD))
    forms = {name: form([line[1].get(name) for line in first if isinstance(line[1], dict)]) for name in asked}
    questions = Questions()
    for _, record, _ in first:
        if isinstance(record, dict):
            questions.learn(results(record, forms))
    staging.tally.note(LOSS)
    if forms:
        staging.tally.note(TAKEN.format(", ".join(name[:40].replace("{", "(") for name in forms)))
    known = Known(_in_data(options), questions)
    for block in _blocks(chain(first, rows)):
        part = Part()
        submissions = Submissions(known, part)
        for position, record, _ in block:
            submissions.take(task(record, forms) if isinstance(record, dict) else record, position)
        submissions.finish()
        deliver(parcel(part, len(block)), staging, 0)
        staging.progress(block[-1][2])


def _blocks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while block := list(islice(lines, ROWS)):
        yield block


def _in_data(options: Options) -> Options:
    """The user's paths, as they lead into the data of a task."""
    mapping = options.mapping
    if mapping is None:
        return options
    columns = {
        meaning: path if path == "id" or path.startswith("data.") else f"data.{path}"
        for meaning, path in mapping.columns.items()
    }
    return replace(options, mapping=replace(mapping, columns=columns))


def task(record: Record, forms: Mapping[str, str]) -> dict[str, Any]:
    """A row as the task that it came from, with its one annotation."""
    annotation = {name: record.get(name) for name in ("created_at", "updated_at", "lead_time")}
    annotation |= {"id": record.get("annotation_id"), "completed_by": record.get("annotator")}
    data = {name: value for name, value in record.items() if name not in TOOL and name not in forms}
    return {"id": record.get("id"), "data": data, "annotations": [annotation | {"result": results(record, forms)}]}


def results(record: Record, forms: Mapping[str, str]) -> list[Any]:
    """The answers of a row as Label Studio's results; what is no object where the question has some, as it is."""
    return [
        {"from_name": name, **result} if isinstance(result, dict) else result
        for name, form in forms.items()
        for result in _results(record.get(name), name, form)
    ]


def _results(value: Any, name: str, form: str) -> Iterator[Any]:
    if value is None or value == "" or value == []:
        return
    if isinstance(value, dict):
        yield _told(value)
    elif form == _OBJECTS and not isinstance(value, list):
        yield value
    elif not isinstance(value, list):
        held = value if form in ("rating", "number") else _text(value)
        yield {"type": form, "value": {_KEYS[form]: [held] if form == "choices" else held}}
    elif form == _OBJECTS or any(isinstance(entry, dict) for entry in value):
        for place, entry in enumerate(value, 1):
            yield {"id": f"{name}/{place}", **_told(entry)} if isinstance(entry, dict) else entry
    elif all(isinstance(entry, list) for entry in value):
        yield {"type": "taxonomy", "value": {"taxonomy": value}}
    else:
        yield {"type": "textarea", "value": {"text": value}}


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _told(value: dict[str, Any]) -> dict[str, Any]:
    """A value that tells its type by one of its names."""
    type_ = next((name for names in (REGIONS, _BY_KEY) for name in value if name in names), "unknown")
    told: dict[str, Any] = {name: value[name] for name in _OF_MEDIA if name in value}
    return told | {"type": _BY_KEY.get(type_, type_), "value": value}


def form(values: Iterable[Any]) -> str:
    """The type of result behind plain values: ratings are small whole numbers, labels are short and repeat."""
    listed = list(values)
    plain = [value for value in listed if isinstance(value, str | int | float) and value != ""]
    lists = [value for value in listed if isinstance(value, list) and any(isinstance(entry, dict) for entry in value)]
    if lists and len(lists) >= len(plain):
        return _OBJECTS
    figures = [number(value) for value in plain]
    if plain and None not in figures:
        small = all(figure is not None and figure.is_integer() and 0 <= figure <= _STARS for figure in figures)
        return "rating" if small else "number"
    texts = {str(value) for value in plain}
    many = len(texts) > _LABELS and 2 * len(texts) > len(plain)
    return "textarea" if many or any(len(text) > _WORDS for text in texts) else "choices"
