"""Which annotations of a COCO file make up which submission: one for each image and person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from qc.readers.coco_survey import Survey
from qc.readers.spool import Places

CHUNK: Final = 20_000
"""Annotations, and submissions, that are made into rows at once."""
BYTES: Final = 8 << 20
"""Bytes of annotations that are made into rows at once."""

TWICE: Final = "the image's id is used twice"
NAMELESS: Final = "the image has no id"


@dataclass(frozen=True, slots=True)
class Plan:
    """Submissions in the order of the images.

    `names` and `sizes` (width, height; 0 unknown) are of the images by place. `images` and `people` have the image and
    the person (0 nobody named) of each submission. `order` has the annotations by submission, those of submission n
    from `starts[n]` to `starts[n + 1]`. `strays` are the annotations that belong to no image, `lent` counts those that
    name nobody and went to the person whom others name.
    """

    names: list[str]
    sizes: npt.NDArray[np.float64]
    images: Places
    people: Places
    order: Places
    starts: Places
    strays: Places
    faults: dict[int, str]
    lent: int

    def chunks(self, lengths: Places) -> Iterator[tuple[int, int]]:
        """Submissions from one to before another, some thousand rows at a time; `lengths` are of the annotations."""
        bytes_before = np.append(0, np.cumsum(lengths[self.order]))[self.starts]
        first, end = 0, len(self.images)
        while first < end:
            enough = np.searchsorted(bytes_before, bytes_before[first] + BYTES, "right") - 1
            many = np.searchsorted(self.starts, self.starts[first] + CHUNK, "right") - 1
            last = max(first + 1, min(int(enough), int(many), first + CHUNK, end))
            yield first, last
            first = last


def plan(survey: Survey, whole: bool, known: bool) -> Plan:
    """The submissions of a file.

    `whole`: an image without annotations was seen and left empty; where annotations name people nobody can tell by
    whom, unless the person of the file is `known`. An annotation that names nobody is of the only person that others on
    its image name.
    """
    place_of, faults = _places(survey)
    codes = np.frombuffer(survey.image_of, np.int32)
    places = np.where(codes >= 0, place_of[codes], -1)
    strays, held = np.flatnonzero(places < 0), np.flatnonzero(places >= 0)
    several = len(survey.people.names)
    named = np.frombuffer(survey.person_of, np.int32)[held]
    people = _people(places[held], named)
    lent = int(((named == 0) & (people > 0)).sum())
    keys = places[held] * several + people
    every = np.unique(keys)
    if whole and (known or several == 1):
        sound = np.setdiff1d(np.arange(len(survey.images)), np.array([*faults], np.int64))
        every = np.union1d(every, np.setdiff1d(sound, places[held]) * several)
    order = held[np.argsort(keys, kind="stable")]
    starts = np.append(np.searchsorted(np.sort(keys), every), len(held))
    return Plan(
        _names(survey, faults), _sizes(survey), every // several, every % several, order, starts, strays, faults, lent
    )


def _places(survey: Survey) -> tuple[Places, dict[int, str]]:
    """The place of each image by its code, and what is wrong with some; images that no list has are met in order."""
    # One more than there are codes, for annotations that name no image (-1).
    place_of = np.full(len(survey.codes.names) + 1, -1, np.int64)
    faults: dict[int, str] = {}
    if not survey.images:
        place_of[:-1] = np.arange(len(survey.codes.names))
    for place, image in enumerate(survey.images):
        if image.code < 0 or place_of[image.code] >= 0:
            faults[place] = NAMELESS if image.code < 0 else TWICE
        else:
            place_of[image.code] = place
    return place_of, faults


def _people(places: Places, people: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The person of each annotation; who names nobody gets the only person of the image, if there is one."""
    if not people.any():
        return people.astype(np.int64)
    named = people > 0
    pairs = np.unique(np.column_stack((places[named], people[named])), axis=0)
    images, first, counts = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    only = np.zeros(int(places.max()) + 1, np.int64)
    only[images] = np.where(counts == 1, pairs[first, 1], 0)
    return np.where(named, people, only[places])


def _names(survey: Survey, faults: Container[int]) -> list[str]:
    """The item of each image: its name, with the id where several have it; the id where it has none."""
    ids = survey.codes.names
    if not survey.images:
        return ids
    counted = Counter(image.name for place, image in enumerate(survey.images) if place not in faults)
    return [
        (image.name if counted[image.name] == 1 else f"{image.name}#{ids[image.code]}")
        if image.name
        else ids[image.code]
        if image.code >= 0
        else ""
        for image in survey.images
    ]


def _sizes(survey: Survey) -> npt.NDArray[np.float64]:
    if not survey.images:
        return np.zeros((len(survey.codes.names), 2))
    return np.array([(image.width, image.height) for image in survey.images], np.float64)
