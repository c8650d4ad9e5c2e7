"""A text cut at the ends of spans, so that each piece can be shown with the labels that it carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

AROUND: Final = 200
"""Characters that are shown on both sides of a span where a text is long."""
WHOLE: Final = 3_000
"""Characters of a text that is shown whole."""
GAP: Final = " … "

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and the labels of the spans that cover it, in their order."""

    text: str
    labels: tuple[str, ...]


def excerpts(text: str, answers: Sequence[Sequence[Span]]) -> list[list[Piece]]:
    """For each answer the pieces of the text; of a long text only what lies near a span of any answer.

    Spans are (begin, end, label) in characters, end exclusive; what lies outside of the text is not shown.
    """
    kept = _kept(text, [span for spans in answers for span in spans])
    return [_pieces(text, spans, kept) for spans in answers]


def _kept(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """The stretches of the text to show, in order."""
    if len(text) <= WHOLE:
        return [(0, len(text))]
    near = sorted((max(begin - AROUND, 0), min(end + AROUND, len(text))) for begin, end, _ in spans)
    joined: list[tuple[int, int]] = []
    for begin, end in near or [(0, WHOLE)]:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _pieces(text: str, spans: Sequence[Span], kept: Sequence[tuple[int, int]]) -> list[Piece]:
    pieces: list[Piece] = []
    for first, last in kept:
        if first > 0:
            pieces.append(Piece(GAP, ()))
        cuts = {cut for begin, end, _ in spans for cut in (begin, end) if first < cut < last}
        edges = [first, *sorted(cuts), last]
        for begin, end in pairwise(edges):
            labels = tuple(label for start, stop, label in sorted(spans) if start <= begin and end <= stop)
            pieces.append(Piece(text[begin:end], labels))
    if kept and kept[-1][1] < len(text):
        pieces.append(Piece(GAP, ()))
    return pieces
