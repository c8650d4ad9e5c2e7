"""The drawn answers to one question, compared: read and matched some items at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from ibis import _

from qc.measures import measure
from qc.stats.objects.answers import Answers
from qc.stats.objects.chance import by_chance
from qc.stats.objects.comparison import Comparison, joined
from qc.stats.objects.frames import Frames, frames
from qc.stats.objects.pairs import candidates
from qc.stats.objects.regions import POINTS, drawn
from qc.workspace.assess.lens import Lens

NUMBERS: Final = 8_000_000
"""Numbers (of boxes, points and run lengths) that are held at a time."""
SEED: Final = 0


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """The comparison of all answers, the tracks frame by frame, and F1 by chance over so many pairs of answers.

    `frame` is the measure drawn_answers of the question; names are by code. `unsized` are the key points of pictures
    whose size is not known.
    """

    comparison: Comparison
    frames: tuple[Frames, ...]
    chance: float | None
    chance_pairs: int
    frame: pd.DataFrame
    labels: dict[int, str]
    people: dict[int, str]
    items: dict[int, str]
    unsized: int


def compared(lens: Lens, question: str) -> Compared:
    """The answers to a question as the lens sees them; only objects' codes, bounds and matches are kept of them."""
    scope = replace(lens.scope, question=question)
    questions, labels = lens.frame("questions"), lens.frame("drawn_labels")
    code = int(questions.loc[questions["question"] == question, "code"].iloc[0])
    every = lens.frame("drawn_answers")
    frame = every[every["question"] == code]
    session = lens.snapshot.session
    regions = measure("drawn")(lens.snapshot.base(lens.policy), scope)
    answers = Answers(frame["item"].to_numpy(np.int64), frame["annotator"].to_numpy(np.int64)).sorted()
    parts, on_video = [], []
    alike, both, pairs, unsized = 0.0, 0.0, 0, 0
    for place, (low, high) in enumerate(ranges(frame)):
        table = session.arrow(regions.filter(_.item.between(low, high)))
        unsized += len(table.filter((pc.field("shape") == POINTS) & pc.field("picture").is_null()))
        part = drawn(table)
        objects = part.objects
        parts.append((objects, candidates(objects.item, objects.annotator, objects.bounds, part.similarity)))
        own = answers.between(low, high)
        on_video += [found] if (found := frames(part, own)) is not None else []
        by = by_chance(part, own, np.random.default_rng([SEED, place]))
        alike, both, pairs = alike + by[0], both + by[1], pairs + by[2]
    objects, near = joined(parts)
    names, items, of = lens.frame("annotator_names"), lens.frame("item_names"), labels["question"] == code
    return Compared(
        Comparison(objects, answers, near),
        tuple(on_video),
        2 * alike / both if both else None,
        pairs,
        frame,
        _named(labels[of], "code", "label"),
        _named(names, "annotator", "name"),
        _named(items, "item", "item_id"),
        unsized,
    )


def ranges(frame: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Ranges of items with more than one answer, none of which holds many more than NUMBERS."""
    sizes = frame.groupby("item", sort=True).agg(answers=("item", "size"), numbers=("numbers", "sum"))
    sizes = sizes[sizes["answers"] > 1]
    part = (sizes["numbers"].cumsum() - sizes["numbers"]) // NUMBERS
    for _part, rows in sizes.groupby(part):
        yield int(rows.index[0]), int(rows.index[-1])


def _named(frame: pd.DataFrame, code: str, name: str) -> dict[int, str]:
    return dict(zip(frame[code].tolist(), frame[name].astype(str).tolist(), strict=True))


def text_of(labels: Any, names: dict[int, str]) -> str | None:
    """What an answer holds, in words: `cat × 3, dog`; None of nothing."""
    codes, counts = np.unique(labels, return_counts=True)
    found = [f"{names[code]} × {n}" if n > 1 else names[code] for code, n in zip(codes.tolist(), counts, strict=True)]
    return ", ".join(found) or None
