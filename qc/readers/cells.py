"""Cells as answers: a column of texts as the value columns of `annotations`."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qc.model import Decision, Kind, Status
from qc.readers.numbers import numbers, without_point
from qc.readers.question import Question

TEXTS: Final = pa.list_(pa.string())

Mask = npt.NDArray[np.bool_]
"""Which rows of a block something holds for."""

NO_NUMBER: Final = "the answer is no number"
NO_RANK: Final = "the answer is not in the order of the question's labels"
NO_SIDE: Final = "the answer names neither side of the pair"
NO_STATUS: Final = "the status is none that is known"
NO_DECISION: Final = "the review's decision is none that is known"

STATUSES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("submitted", "complete", "completed", "done", "approved", "accepted", "finished", "ok"), Status.SUBMITTED.value
    ),
    **dict.fromkeys(("skipped", "skip", "cancelled", "canceled", "ignored", "ignore"), Status.SKIPPED.value),
    **dict.fromkeys(("draft", "in progress", "in_progress", "active"), Status.DRAFT.value),
    **dict.fromkeys(("discarded", "rejected", "deleted"), Status.DISCARDED.value),
    **dict.fromkeys(("expired", "returned", "abandoned"), Status.EXPIRED.value),
}
DECISIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("accept", "accepted", "approve", "approved", "ok", "pass", "correct", "yes", "true", "1", "1.0"),
        Decision.ACCEPT.value,
    ),
    "minor": Decision.MINOR.value,
    **dict.fromkeys(
        (
            "reject",
            "rejected",
            "fail",
            "failed",
            "fix",
            "fixed",
            "wrong",
            "incorrect",
            "rework",
            "no",
            "false",
            "0",
            "0.0",
        ),
        Decision.REJECT.value,
    ),
}
TIE: Final = "tie"
SIDES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("left", "a", "a1", "1", "first", "l"), "left"),
    **dict.fromkeys(("right", "b", "a2", "2", "second", "r"), "right"),
    **dict.fromkeys((TIE, "equal", "both", "neither", "same", "draw", "none", "0", "="), TIE),
}
FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "y", "t"), True),
    **dict.fromkeys(("0", "0.0", "false", "no", "n", "f"), False),
}


class Answers(NamedTuple):
    """Value columns of `annotations`, and which rows hold no answer of the question's kind."""

    columns: dict[str, pa.Array]
    bad: Mask


def answers(texts: pa.Array, question: Question) -> Answers:
    """A column of cells (null = empty) as answers of one kind.

    single, pairwise: `label`. multi: `labels`, sorted, each once. ranking: `labels` in order. taxonomy: `labels` is the
    path and `label` the path joined by /. number: `number`. ordinal: `number`, and with an order of its labels `label`,
    whose place in the order is the number. text: `text`.
    """
    fine = np.zeros(len(texts), np.bool_)
    if question.order:
        ranks = {label.casefold(): float(place) for place, label in enumerate(question.order, 1)}
        coded = texts.dictionary_encode()
        numbered = pa.array([ranks.get(text.casefold()) for text in coded.dictionary.to_pylist()], pa.float64())
        values = numbered.take(coded.indices)
        return Answers({"label": texts, "number": values}, mask(pc.and_(pc.is_valid(texts), pc.is_null(values))))
    if question.kind in (Kind.ORDINAL, Kind.NUMBER):
        values = numbers(texts)
        return Answers({"number": values}, mask(pc.and_(pc.is_valid(texts), pc.is_null(values))))
    if question.kind is Kind.TEXT:
        return Answers({"text": texts}, fine)
    if question.separator is None or question.kind not in (Kind.MULTI, Kind.RANKING, Kind.TAXONOMY):
        return Answers({"label": texts}, fine)
    coded = texts.dictionary_encode()
    parts = [_parts(text, question) for text in coded.dictionary.to_pylist()]
    columns = {"labels": pa.array(parts, TEXTS).take(coded.indices)}
    if question.kind is Kind.TAXONOMY:
        columns["label"] = pa.array(["/".join(path) for path in parts], pa.string()).take(coded.indices)
    return Answers(columns, fine)


def _parts(text: str, question: Question) -> list[str]:
    parts = [part.strip() for part in text.split(question.separator)]
    filled = [part for part in parts if part]
    return sorted(set(filled)) if question.kind is Kind.MULTI else filled


class Pairs(NamedTuple):
    """The winners of pairs, or `tie`; both sides as shown; and which rows name neither."""

    winners: pa.Array
    sides: pa.Array
    bad: Mask

    def take(self, rows: npt.NDArray[np.int64]) -> Pairs:
        """Some of the rows."""
        return Pairs(self.winners.take(rows), self.sides.take(rows), self.bad[rows])


def winners(texts: pa.Array, left: pa.Array, right: pa.Array) -> Pairs:
    """A column of answers as winners: a word for a side or for neither (SIDES), or what stands on one of the sides."""
    side = known(texts, SIDES, pa.string())
    side = pc.if_else(pc.equal(texts, left).fill_null(False), "left", side)
    side = pc.if_else(pc.equal(texts, right).fill_null(False), "right", side)
    won = pc.case_when(
        pc.make_struct(*(pc.equal(side, word).fill_null(False) for word in ("left", "right", TIE))),
        left,
        right,
        pa.repeat(pa.scalar(TIE, pa.string()), len(texts)),
    )
    offsets = pa.array(np.arange(0, 2 * len(texts) + 1, 2), pa.int32())
    order = np.arange(2 * len(texts)).reshape(2, -1).T.ravel()
    sides = pa.ListArray.from_arrays(offsets, pa.concat_arrays([left, right]).take(pa.array(order)))
    return Pairs(won, sides, mask(pc.and_(pc.is_valid(texts), pc.is_null(won))))


def known(texts: pa.Array, words: Mapping[str, str] | Mapping[str, bool], type_: pa.DataType) -> pa.Array:
    """The meaning of each text by a table of words, in any case; null where empty or unknown."""
    coded = texts.dictionary_encode()
    meanings = [words.get(text.casefold()) for text in coded.dictionary.to_pylist()]
    return pa.array(meanings, type_).take(coded.indices)


def mask(condition: pa.Array) -> Mask:
    """A boolean column as a NumPy mask; null counts as false."""
    found: Mask = condition.fill_null(False).to_numpy(zero_copy_only=False)
    return found


def filled(texts: pa.Array) -> Mask:
    """Which rows hold something."""
    return mask(pc.is_valid(texts))


def constant(text: str, length: int) -> pa.Array:
    """A column of one text."""
    return pa.repeat(pa.scalar(text, pa.string()), length)


def tags(texts: pa.Array) -> pa.Array:
    """Tags separated by ; , or | as lists."""
    return pc.split_pattern_regex(texts, r"\s*[;,|]\s*")


def trimmed(texts: pa.Array) -> pa.Array:
    """Texts without space around them; null where nothing is left."""
    clean = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(clean, ""), pa.scalar(None, pa.string()), clean)


def as_labels(texts: pa.Array, kept: Container[str]) -> pa.Array:
    """Labels that are whole numbers without their points, so that 2 and 2.0 are one; `kept` stay as they are."""
    coded = texts.dictionary_encode()
    found = coded.dictionary.to_pylist()
    meant = [text if text in kept else without_point(text) for text in found]
    return texts if meant == found else pa.array(meant, pa.string()).take(coded.indices)


def first_of(reasons: Sequence[tuple[Mask, str]]) -> dict[int, str]:
    """The first reason that holds for each row that has one."""
    found: dict[int, str] = {}
    for rows, reason in reasons:
        for row in np.flatnonzero(rows):
            found.setdefault(int(row), reason)
    return found
