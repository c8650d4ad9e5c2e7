"""The first look at a COCO file: its images and categories, and of each annotation its image and who made it."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from qc.model import InputError
from qc.readers.decoding import finite
from qc.readers.fields import Row, as_dict, as_list, at, identity, pixels, text_of
from qc.readers.spool import Spool

BATCH: Final = 1_000
"""Records that are decoded at once; among the first of them are looked for members that the format does not know."""
MEMBERS: Final = 20
"""Members that the format does not know and that are kept."""

KNOWN: Final = frozenset(
    (
        *("id", "image_id", "category_id", "bbox", "segmentation", "area", "iscrowd"),
        *("keypoints", "num_keypoints", "score", "caption", "attributes"),
    )
)


_IMAGE: Final = re.compile(rb'"image_id"\s*:\s*(?:(\d{1,20})(?![\d.eE])|"([^"\\]{1,200})")')


class Codes(dict[Any, int]):
    """Numbers for ids or names, in the order in which they are met; 7 and "7" are one, -1 is what can be none."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = list(names)
        self._codes = {name: code for code, name in enumerate(names)}

    def __missing__(self, key: Any) -> int:
        name = identity(key)
        if name is None:
            return -1
        code = self._codes.setdefault(name, len(self.names))
        if code == len(self.names):
            self.names.append(name)
        self[key] = code
        return code


class Category(msgspec.Struct):
    """The name of a category, and those of its key points."""

    name: str
    points: list[str]
    listed: bool = True


class Image(msgspec.Struct):
    """An image that the file lists: its id's code (-1 without an id), name, width and height in pixels (0 unknown)."""

    code: int
    name: str | None
    width: int
    height: int


class Survey:
    """What a file holds; its annotations and images wait in spools until all of it is known.

    `image_of` and `person_of` have the codes of each annotation's image (-1 where it names none) and person (0 where it
    names nobody); `members` are those that the format does not know.
    """

    def __init__(self, folder: Path, person_at: str, item_at: str) -> None:
        self._item_at = item_at
        self._person_at = person_at.split(".")
        self._heads = _heads(self._person_at[0])
        self.annotations, self.listed = Spool(folder), Spool(folder)
        self.images: list[Image] = []
        self.categories: dict[str, Category] = {}
        self.codes, self.people = Codes(), Codes("")
        self.image_of, self.person_of = array("i"), array("i")
        self.members: tuple[str, ...] = ()

    def add(self, member: str, records: list[bytes]) -> None:
        """Takes some records of one of the file's lists."""
        if member == "annotations":
            self._annotations(records)
        elif member == "images":
            self.listed.add(records)
            self.images += [self._image(as_dict(image)) for image in ANYTHING(records)]
        elif member == "categories":
            for category in map(as_dict, ANYTHING(records)):
                if (name := identity(category.get("id"))) is not None:
                    points = [text_of(point) or "" for point in as_list(category.get("keypoints"))]
                    self.categories.setdefault(name, Category(identity(category.get("name")) or name, points))

    def close(self) -> None:
        """Removes what was put aside."""
        self.annotations.close()
        self.listed.close()

    def _image(self, image: Row) -> Image:
        return Image(
            self.codes[identity(image.get("id"))],
            identity(at(image, self._item_at)),
            pixels(image.get("width")) or 0,
            pixels(image.get("height")) or 0,
        )

    def _annotations(self, records: list[bytes]) -> None:
        if not len(self.annotations):
            self.members = self._strange(records)
        codes, heads = self.codes, self._heads(records)
        self.image_of.extend(
            [
                _image_in(record, codes) if head is None else codes[head.image_id]
                for record, head in zip(records, heads, strict=True)
            ]
        )
        self.person_of.extend([0 if head is None or head.person is None else self._person(head) for head in heads])
        self.annotations.add(records)

    def _person(self, head: Any) -> int:
        value = at({"": head.person}, ".".join(["", *self._person_at[1:]]))
        return max(self.people[identity(value)], 0)

    def _strange(self, records: list[bytes]) -> tuple[str, ...]:
        """The commonest members of some annotations that the format does not know."""
        found = Counter(
            name
            for annotation in map(as_dict, ANYTHING(records))
            for name in annotation
            if name not in KNOWN and name != self._person_at[0] and name.isprintable()
        )
        return tuple(name for name, _ in found.most_common(MEMBERS))


class Decoder:
    """Decodes some records at once, as values of a type; None stands for one that is none."""

    def __init__(self, type_: Any) -> None:
        """A number that is not finite is no value, where the type has room for none; `emptied` counts such records."""
        self.emptied = 0
        self._one = msgspec.json.Decoder(type_).decode
        self._all = msgspec.json.Decoder(list[type_]).decode

    def __call__(self, records: Sequence[bytes]) -> list[Any]:
        """The values of the records."""
        try:
            return self._all(b"[" + b",".join(records) + b"]")
        except (msgspec.MsgspecError, RecursionError):
            return [self._alone(record) for record in records]

    def _alone(self, record: bytes) -> Any:
        try:
            return self._one(record)
        except (msgspec.MsgspecError, RecursionError):
            pass
        try:
            value = self._one(finite(record) or b"")
        except (msgspec.MsgspecError, RecursionError):
            return None
        self.emptied += 1
        return value


ANYTHING: Final = Decoder(Any)


def _image_in(record: bytes, codes: Codes) -> int:
    """The image that an annotation names which is no JSON: it was not left empty, and cannot be taken."""
    match = _IMAGE.search(record)
    return -1 if match is None else codes[(match[1] or match[2]).decode(errors="replace")]


def _heads(person: str) -> Decoder:
    """Decodes of an annotation only what the first look needs."""
    if person == "image_id":
        raise InputError("The annotator of a COCO annotation cannot stand at 'image_id'; correct the mapping.")
    fields = [("image_id", int | str | None, None), ("person", Any, None)]
    return Decoder(msgspec.defstruct("Head", fields, rename={"person": person}, gc=False))
