"""COCO: images, annotations and categories in one JSON object; results of a model in one JSON list.

An item is an image, by its `file_name` (a mapping may name another member, as `item_id = "id"`); where several images
have one name the id is added. The questions are those that are scored apart: `boxes`, `polygons`, `masks`, `keypoints`;
a category without any shape is one of the `tags`, a caption an answer of its own. An image that is listed and has no
annotation was seen and left empty.

COCO names nobody. A file is one person's: the one that the user names, else that of a file or folder `ann_<name>` or
`annotator_<name>`, else, of a folder or an archive, that of its name, unless it holds a word of the trade such as
`train` or `gold`; else it is a merged answer; a member `annotator` of the annotations (or where a mapping says)
divides it among people. Results are those of the model that the user names. They give images and categories by number;
what these are called is read from the annotations beside them, if they are one of BESIDE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import PurePosixPath
from typing import Final

import numpy as np
import pyarrow as pa

from qc.model import Role
from qc.readers.authors import Author, author
from qc.readers.coco_faults import NO_JSON, named
from qc.readers.coco_plan import Plan, plan
from qc.readers.coco_rows import Rows
from qc.readers.coco_survey import ANYTHING, BATCH, Survey
from qc.readers.drawings import UNSIGNED
from qc.readers.elements import elements, members
from qc.readers.fields import FACETS, Row, as_dict, facets, text_of
from qc.readers.reader import Options
from qc.readers.records import to_json
from qc.readers.source import Source
from qc.readers.staging import TABLES, Reject, Staging

BESIDE: Final = ("instances.json", "annotations.json", "coco.json", "_annotations.coco.json", "instances_default.json")
"""Files beside results in which their images and categories are looked for."""

UNNAMED: Final = (
    "results name images and categories by number: put the annotations that they are for beside them, as instances.json"
)
LENT: Final = (
    "{n} annotations name nobody, and are taken for the work of the only person whom others on their image name"
)
NO_MODEL: Final = "results do not say of which model they are: name it with --annotator NAME"
NOBODY: Final = "{n} images have no annotation and nobody is named who saw them: taken as not done"
KEPT: Final = "members of annotations that are not COCO's were kept as attributes: {}"
STRAY: Final = "the annotation names no image of the file"

_TRADE: Final = re.compile(
    r"train|val|test|instance|annotation|coco|gold|truth|gt\b|result|predict|caption|keypoint|part|\d{4}|export",
    re.IGNORECASE,
)
_PERSON: Final = re.compile(r"(?:ann|annotator)[-_ ](.+)", re.IGNORECASE)
_IMAGES: Final = re.compile(r'"images"\s*:\s*\[\s*\{')
_OWN: Final = {"id", "file_name", "width", "height", "license", *FACETS}
_LINKS: Final = ("coco_url", "url", "flickr_url", "path", "file_name")


def sniff(source: Source) -> int:
    """A JSON object of images with files' names, of annotations with images' numbers, or a JSON list of results."""
    text = source.text().lstrip("\ufeff \r\n\t")
    about = ('"bbox"', '"segmentation"', '"keypoints"', '"caption"')
    if text.startswith("["):
        scored = '"image_id"' in text and ('"score"' in text or '"caption"' in text)
        return 82 if scored and any(name in text for name in about) else 0
    if not text.startswith("{"):
        return 0
    # The first list alone may be longer than what is looked at.
    images = bool(_IMAGES.search(text)) and '"file_name"' in text
    annotations = '"annotations"' in text and '"image_id"' in text and any(name in text for name in about)
    categories = '"categories"' in text and '"name"' in text
    return (0, 75, 84, 88)[images + annotations + categories] if images or annotations else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages every image's annotations as one submission for each person."""
    paths = options.mapping.columns if options.mapping else {}
    results = _is_list(source)
    survey = Survey(staging.folder, paths.get("annotator", "annotator"), paths.get("item_id", "file_name"))
    with closing(survey):
        if results and not _look_beside(source, survey):
            staging.tally.note(UNNAMED)
        _look_through(source, survey, staging, results)
        layout = plan(survey, whole=not results, known=_named(source, options) is not None)
        authors = [_model(options) if results else author(_named(source, options), options)]
        authors += [Author(name, authors[0].role if results else options.role) for name in survey.people.names[1:]]
        _explain(survey, layout, authors, staging, results)
        staging.tally.note(LENT, layout.lent)
        _items(survey, layout, Role.GOLD in {by.role for by in authors}, paths, staging, results)
        rows = Rows(survey, layout, authors, staging)
        for first, last in layout.chunks(survey.annotations.lengths()):
            rows.stage(first, last)
            staging.progress(0.5 + last / len(layout.images) / 2)
        rows.finish()
        _reject(survey, layout, staging)


def _is_list(source: Source) -> bool:
    return source.text().lstrip("\ufeff \r\n\t").startswith("[")


def _look_through(source: Source, survey: Survey, staging: Staging, results: bool) -> None:
    """Takes everything that the file holds; a list is one of annotations."""
    with source.stream() as stream:
        listed = (("annotations", each) for each in elements(stream, source.name)) if results else None
        for member, records in _batches(listed or members(stream, source.name)):
            survey.add(member, records)
            staging.progress(stream.passed / source.size / 2)


def _look_beside(source: Source, survey: Survey) -> bool:
    """Takes images and categories from the annotations that lie beside results."""
    for name in BESIDE:
        beside = source.sibling(name)
        if beside and beside.path != source.path and sniff(beside) and not _is_list(beside):
            with beside.stream() as stream:
                for member, records in _batches(members(stream, beside.name)):
                    if member != "annotations":
                        survey.add(member, records)
            return True
    return False


def _batches(found: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, list[bytes]]]:
    """Records of one list at a time, some thousands or a few large ones."""
    member, batch, size = "", list[bytes](), 0
    for name, record in found:
        if name != member or len(batch) == BATCH or size > 1 << 22:
            if batch:
                yield member, batch
            member, batch, size = name, [], 0
        batch.append(record)
        size += len(record)
    if batch:
        yield member, batch


def _named(source: Source, options: Options) -> str | None:
    """The person of a file: the one that the user names, else by the nearest name of a file or folder that says."""
    if options.annotator:
        return options.annotator
    path = PurePosixPath(source.name)
    for level in (path.name.split(".")[0], *reversed(path.parent.parts)):
        if match := _PERSON.fullmatch(level):
            return match[1]
    # Among other files a name that is no word of the trade is a person's.
    stem = path.name.split(".")[0]
    return stem if source.bundled and stem and not _TRADE.search(source.name) else None


def _model(options: Options) -> Author:
    role = Role.MODEL if options.role is Role.ANNOTATOR else options.role
    return Author(options.annotator or role.value, role)


def _explain(survey: Survey, layout: Plan, authors: list[Author], staging: Staging, results: bool) -> None:
    """Notes on what was assumed."""
    note = staging.tally.note
    merged = [by.role is Role.CONSENSUS for by in authors]
    note(UNSIGNED, int(np.isin(layout.people, np.flatnonzero(merged)).sum()))
    if survey.images and not results:
        note(NOBODY, len(survey.images) - len(layout.faults) - len(np.unique(layout.images)))
    if results and authors[0].name == Role.MODEL.value:
        note(NO_MODEL)
    if survey.members:
        note(KEPT.format(", ".join(survey.members)))
    if any(by.role is Role.GOLD for by in authors):
        staging.tally.present.add(Role.GOLD.value)


def _items(survey: Survey, layout: Plan, gold: bool, paths: Mapping[str, str], staging: Staging, results: bool) -> None:
    """Stages the images; of results those that they are about."""
    places = np.unique(layout.images) if results or not survey.images else np.arange(len(survey.images))
    places = np.setdiff1d(places, np.array([*layout.faults], np.int64))
    for begin in range(0, len(places), BATCH):
        chosen = places[begin : begin + BATCH]
        listed = ANYTHING(survey.listed.take(chosen)) if survey.images else [{}] * len(chosen)
        rows = [_item(as_dict(image), paths) for image in listed]
        for row, place in zip(rows, chosen.tolist(), strict=True):
            width, height = layout.sizes[place].tolist()
            row |= {"item_id": layout.names[place], "media": "image", "is_gold": gold, "source_pos": place + 1}
            row |= {"width": int(width) or None, "height": int(height) or None}
        schema = TABLES["items"]
        staging.state({name: pa.array([row[name] for row in rows], schema.field(name).type) for name in rows[0]})


def _item(image: Row, paths: Mapping[str, str]) -> Row:
    links = (text_of(image.get(name)) for name in _LINKS)
    rest = {name: value for name, value in image.items() if name not in _OWN and name not in _LINKS}
    return {"uri": next(filter(None, links), None), **facets(image, image, paths), "meta": to_json(rest)}


def _reject(survey: Survey, layout: Plan, staging: Staging) -> None:
    """Puts images without an id of their own, and annotations without an image, into quarantine."""
    strays = layout.strays.tolist()
    for begin in range(0, len(strays), BATCH):
        chosen = strays[begin : begin + BATCH]
        records = zip(chosen, survey.annotations.take(np.array(chosen, np.int64)), strict=True)
        staging.reject([Reject(place + 1, _stray(record), named(record)) for place, record in records])
    places = [*layout.faults]
    for begin in range(0, len(places), BATCH):
        chosen = places[begin : begin + BATCH]
        images = survey.listed.take(np.array(chosen, np.int64))
        shown = [image[:BATCH].decode(errors="replace") for image in images]
        staging.reject(
            [Reject(place + 1, layout.faults[place], text) for place, text in zip(chosen, shown, strict=True)]
        )
    staging.tally.read += len(strays) + len(places)


def _stray(annotation: bytes) -> str:
    return STRAY if isinstance(ANYTHING([annotation])[0], dict) else NO_JSON
