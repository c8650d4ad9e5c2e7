"""LightTag's JSON: examples, and the spans that each person tagged in them; an example is what is counted."""

from __future__ import annotations

from typing import Any, Final

from qc.model import InputError
from qc.readers.authors import MERGED, author
from qc.readers.described import described
from qc.readers.documents import document
from qc.readers.drawings import Drawing
from qc.readers.fields import as_dict, as_list, identity, text_of
from qc.readers.reader import Options
from qc.readers.records import BadRecordError, Records, Row, of_types
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, note_spans, utf16
from qc.readers.values import begins

QUESTION: Final = "tags"

NO_EXAMPLE: Final = "the example has no example_id"
NO_TAG: Final = "a tag is no object"
EMPTY: Final = "{n} examples have no tags; the export does not tell whether anybody looked at them"
RELATIONS: Final = "{n} relations between tags are kept in `extra`, each with the person's tags"
NO_TIMES: Final = "LightTag's export has no times, durations or reviews that are known"


def sniff(source: Source) -> int:
    """Examples whose tags are of tagged tokens."""
    text = source.text()
    return 90 if begins(source, "{") and '"examples"' in text and '"tagged_token_id"' in text else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages the examples with the tags of each person."""
    whole = as_dict(document(source))
    if not isinstance(whole.get("examples"), list) or not isinstance(whole.get("relations"), list | None):
        raise InputError(f"{source.name} has examples or relations that are no list; export it again from LightTag.")
    records = Records(options, staging)
    relations = [entry for entry in as_list(whole.get("relations")) if isinstance(entry, dict)]
    by_tag = {identity(entry.get("tagged_token_id")): entry for entry in relations}
    records.note(NO_TIMES)
    for place, example in enumerate(as_list(whole.get("examples")), 1):
        with records.record(place, example):
            _example(records, example, options, by_tag)
    records.finish()
    staging.progress(1.0)


def _example(records: Records, example: Any, options: Options, by_tag: dict[str | None, Row]) -> None:
    item_id = identity(as_dict(example).get("example_id"))
    if item_id is None:
        raise BadRecordError(NO_EXAMPLE)
    of_types(example, lists=("annotations",))
    text = Text(text_of(example.get("content")), utf16)
    about = described(as_dict(example.get("metadata")), example, options)
    records.item(item_id, {**about, "media": "text", "text": text.content})
    people: dict[str | None, list[Row]] = {}
    for tag in as_list(example.get("annotations")):
        if not isinstance(tag, dict):
            raise BadRecordError(NO_TAG)
        people.setdefault(identity(tag.get("annotator")) or identity(tag.get("annotator_id")), []).append(tag)
    records.note(EMPTY, int(not people))
    for person, tags in people.items():
        given = author(person, options)
        records.note(MERGED, int(given.name == given.role.value == "consensus"))
        drawing = Drawing()
        for tag in tags:
            label = identity(tag.get("tag")) or identity(tag.get("tag_id"))
            region = text.span(tag.get("start"), tag.get("end"), label, text_of(tag.get("value")))
            name = identity(tag.get("tagged_token_id"))
            if name is not None and name in by_tag:
                drawing.extra.setdefault("relations", []).append(by_tag[name])
            drawing.mark(region | {"region_id": name}, QUESTION)
        records.note(RELATIONS, len(drawing.extra.get("relations", ())))
        base = {"item_id": item_id, "annotator": given.name, "role": given.role, "extra": drawing.extra}
        for columns, regions in drawing.rows():
            note_spans(records, text, regions)
            records.answer({**base, **columns, "annotation_id": given.submission(item_id)}, regions)
