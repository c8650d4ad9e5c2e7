"""The lines of a WebAnno TSV 3 file: layers, sentences, tokens, and the spans that their cells make."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from qc.readers.records import BadRecordError, Row

BAD_TOKEN: Final = "a line is no token with its offsets and cells"
FAR: Final = "a sentence stands far beyond the one before"
GAP: Final = 1 << 16
"""Characters between two sentences that are taken for blanks."""
BAD_HEADER: Final = "a layer in the header has no name"

_TOKEN: Final = re.compile(r"(\d+-\d+(?:\.\d+)?)\t(\d{1,9})-(\d{1,9})\t(.*)", re.DOTALL)
_NUMBERED: Final = re.compile(r"(.*)\[(\d+)\]", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(->|.)", re.DOTALL)
_TEXT_ESCAPES: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
# Splits at a bar that no backslash escapes.
_STACK: Final = re.compile(r"(?<!\\)((?:\\\\)*)\|")


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the header: T_SP spans, T_RL relations, T_CH chains; its type, and the columns of its features."""

    make: str
    name: str
    features: tuple[str, ...]
    first: int


@dataclass(slots=True)
class Found:
    """A span of one layer: UTF-16 offsets, its features, and the words it covers."""

    start: int
    end: int
    values: dict[str, str]
    words: list[str]


@dataclass(slots=True)
class Parsed:
    """A document: its sentences with their offsets, its layers, spans by layer, and the cells of other layers."""

    layers: list[Layer] = field(default_factory=list)
    spans: dict[str, list[Found]] = field(default_factory=dict)
    rest: dict[str, list[Row]] = field(default_factory=dict)
    sentences: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The sentences at their places; what stands between them is not in the file, and written as blanks."""
        parts: list[str] = []
        units = 0
        for start, sentence in self.sentences:
            if start - units > GAP:
                raise BadRecordError(FAR)
            parts += [" " * (start - units), sentence]
            units = max(start, units) + _units(sentence)
        return "".join(parts)


def parsed(lines: Iterable[str]) -> Parsed:
    """The document in some lines; what is none of the format's raises BadRecordError."""
    found = Parsed()
    open_spans: dict[tuple[str, str], Found] = {}
    sentence: list[str] = []
    for line in (raw.rstrip("\r") for raw in lines):
        if line.startswith("#T_"):
            found.layers.append(_layer(line, found.layers))
        elif line.startswith("#Text="):
            sentence.append(_unescaped_text(line.removeprefix("#Text=")))
        elif line and not line.startswith("#"):
            match = _TOKEN.fullmatch(line)
            if match is None:
                raise BadRecordError(BAD_TOKEN)
            place, start, end = match[1], int(match[2]), int(match[3])
            token, *cells = match[4].split("\t")
            if end < start or len(cells) < sum(len(layer.features) for layer in found.layers):
                raise BadRecordError(BAD_TOKEN)
            if sentence:
                written = "\n".join(sentence)
                # A sentence may begin with blanks, which are no part of its first token.
                before = _units(written[: max(written.find(_unescaped(token)), 0)])
                found.sentences.append((max(start - before, 0), written))
                sentence = []
            for layer in found.layers:
                _cells(
                    found,
                    layer,
                    cells[layer.first : layer.first + len(layer.features)],
                    open_spans,
                    (place, start, end, _unescaped(token)),
                )
    return found


def _layer(line: str, before: list[Layer]) -> Layer:
    """A layer without features has one column all the same."""
    make, _, said = line[1:].partition("=")
    name, *features = said.split("|")
    if not name:
        raise BadRecordError(BAD_HEADER)
    first = before[-1].first + len(before[-1].features) if before else 0
    return Layer(make, name, tuple(features) or ("",), first)


def _cells(
    found: Parsed,
    layer: Layer,
    cells: list[str],
    open_spans: dict[tuple[str, str], Found],
    token: tuple[str, int, int, str],
) -> None:
    """Takes the cells of one layer on one token: stacked annotations stand side by side in all of its columns."""
    if all(cell == "_" for cell in cells):
        return
    place, start, end, word = token
    if layer.make != "T_SP":
        found.rest.setdefault(layer.name, []).append({"at": place, **dict(zip(layer.features, cells, strict=True))})
        return
    stacks = [_split(cell) for cell in cells]
    for level in range(max(map(len, stacks))):
        values: dict[str, str] = {}
        number = None
        for feature, stack in zip(layer.features, stacks, strict=True):
            value = stack[level] if level < len(stack) else "_"
            if match := _NUMBERED.fullmatch(value):
                value, number = match[1], match[2]
            if value not in ("*", "_", "") and feature:
                values[feature] = _unescaped(value)
        key = (layer.name, number or "")
        if number is not None and key in open_spans:
            span = open_spans[key]
            # A token and its parts may both be marked; the span reaches as far as either.
            span.start, span.end = min(span.start, start), max(span.end, end)
            span.words.append(word)
            continue
        span = Found(start, end, values, [word])
        found.spans.setdefault(layer.name, []).append(span)
        if number is not None:
            open_spans[key] = span


def _split(cell: str) -> list[str]:
    parts = _STACK.split(cell)
    return [
        part + (parts[place + 1] if place + 1 < len(parts) else "") for place, part in enumerate(parts) if not place % 2
    ]


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: {"t": "\t", "n": "\n"}.get(match[1], match[1]), text)


def _unescaped_text(text: str) -> str:
    return _ESCAPED.sub(lambda match: _TEXT_ESCAPES.get(match[1], match[1]), text)


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def attributes_of(span: Found, label: str) -> Any:
    """The features of a span beside its label."""
    return {name: value for name, value in span.values.items() if value != label}
