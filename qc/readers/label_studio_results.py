"""Label Studio's results: the items of `result` as answers and regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, radians, sin
from typing import Any, Final

import msgspec

from qc.model import Kind, Origin
from qc.readers.numbers import number
from qc.readers.offsets import span

ORIGINS: Final = {
    "manual": Origin.MANUAL,
    "prediction": Origin.PREDICTION,
    "prediction-changed": Origin.PREDICTION_EDITED,
}


class NotUnderstoodError(ValueError):
    """A result of a type, or with a value, that has no place in the tables; it is kept as JSON."""


@dataclass(slots=True)
class Region:
    """One row of `regions`, but for its answer; columns of the schema by name."""

    kind: Kind
    columns: dict[str, Any]


@dataclass(slots=True)
class Answer:
    """One question's answer in one submission; `columns` are the value columns of `annotations`."""

    question: str
    kind: Kind
    columns: dict[str, Any] = field(default_factory=dict)
    regions: list[Region] = field(default_factory=list)
    origins: set[Origin] = field(default_factory=set)
    score: float | None = None
    extra: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Questions:
    """What the first submissions tell of the questions: those of regions, and those that take several choices."""

    seen: dict[str, None] = field(default_factory=dict)
    regions: dict[str, None] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)

    def learn(self, results: Iterable[Any]) -> None:
        """Takes note of the questions of one submission."""
        for result in results:
            if not isinstance(result, dict) or not isinstance(result.get("from_name"), str):
                continue
            name = result["from_name"]
            self.seen[name] = None
            if result.get("type") in REGIONS:
                self.regions[name] = None
            value = result.get("value")
            chosen = value.get("choices") if isinstance(value, dict) else None
            if isinstance(chosen, list) and len(chosen) > 1:
                self.several.add(name)

    def sole(self) -> str:
        """The only question, else `label`."""
        return next(iter(self.seen)) if len(self.seen) == 1 else "label"


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise NotUnderstoodError
    return value


def _numbers(value: Mapping[str, Any], *names: str) -> list[float]:
    found = [number(value.get(name)) for name in names]
    if any(entry is None for entry in found):
        raise NotUnderstoodError
    return [entry for entry in found if entry is not None]


def _choices(result: Mapping[str, Any], questions: Questions) -> Answer:
    labels = _texts(result["value"]["choices"])
    if len(labels) == 1 and result["from_name"] not in questions.several:
        return Answer(result["from_name"], Kind.SINGLE, {"label": labels[0]})
    return Answer(result["from_name"], Kind.MULTI, {"labels": sorted(set(labels))})


def _rating(result: Mapping[str, Any], questions: Questions) -> Answer:
    return Answer(result["from_name"], Kind.ORDINAL, {"number": _numbers(result["value"], "rating")[0]})


def _number(result: Mapping[str, Any], questions: Questions) -> Answer:
    return Answer(result["from_name"], Kind.NUMBER, {"number": _numbers(result["value"], "number")[0]})


def _textarea(result: Mapping[str, Any], questions: Questions) -> Answer:
    text = result["value"].get("text")
    return Answer(result["from_name"], Kind.TEXT, {"text": text if isinstance(text, str) else "\n".join(_texts(text))})


def _datetime(result: Mapping[str, Any], questions: Questions) -> Answer:
    return Answer(result["from_name"], Kind.TEXT, {"text": _texts([result["value"].get("datetime")])[0]})


def _pairwise(result: Mapping[str, Any], questions: Questions) -> Answer:
    """The winner's name among the two controls compared, as `to_name` lists them: left, then right."""
    pair = str(result.get("to_name")).split(",")
    side = {"left": 0, "right": 1}.get(result["value"].get("selected"))
    if side is None or len(pair) != 2:
        raise NotUnderstoodError
    return Answer(result["from_name"], Kind.PAIRWISE, {"label": pair[side], "labels": pair})


def _ranker(result: Mapping[str, Any], questions: Questions) -> Answer:
    buckets = result["value"].get("ranker")
    if not isinstance(buckets, dict) or len(buckets) != 1:
        raise NotUnderstoodError
    return Answer(result["from_name"], Kind.RANKING, {"labels": _texts(next(iter(buckets.values())))})


def _taxonomy(result: Mapping[str, Any], questions: Questions) -> Answer:
    paths = result["value"].get("taxonomy")
    if not isinstance(paths, list):
        raise NotUnderstoodError
    joined = sorted({"/".join(_texts(path)) for path in paths})
    return Answer(result["from_name"], Kind.TAXONOMY, {"label": "; ".join(joined), "labels": joined})


def _labels(result: Mapping[str, Any]) -> str | None:
    labels = result["value"].get(result["type"]) or result["value"].get("labels")
    return ", ".join(_texts(labels)) if labels else None


def _size(result: Mapping[str, Any]) -> tuple[float, float]:
    width, height = _numbers(result, "original_width", "original_height")
    if width <= 0 or height <= 0:
        raise NotUnderstoodError
    return width / 100, height / 100


def _box(result: Mapping[str, Any], texts: Sequence[str]) -> Region:
    """Percent to pixels; Label Studio turns a box about its top left corner, the tables about its centre."""
    across, down = _size(result)
    x, y, w, h = _numbers(result["value"], "x", "y", "width", "height")
    x, y, w, h = x * across, y * down, w * across, h * down
    turn = number(result["value"].get("rotation")) or 0.0
    angle = radians(turn)
    x += (w * cos(angle) - h * sin(angle) - w) / 2
    y += (w * sin(angle) + h * cos(angle) - h) / 2
    return Region(Kind.BOXES, {"x": x, "y": y, "w": w, "h": h, "rotation": turn or None})


def _polygon(result: Mapping[str, Any], texts: Sequence[str]) -> Region:
    across, down = _size(result)
    points = result["value"].get("points")
    if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise NotUnderstoodError
    flat = [number(entry) for point in points for entry in point]
    if None in flat:
        raise NotUnderstoodError
    scaled = [entry * (down if place % 2 else across) for place, entry in enumerate(flat) if entry is not None]
    closed = result["value"].get("closed", True)
    return Region(Kind.POLYGONS if closed else Kind.POLYLINES, {"points": scaled})


def _keypoint(result: Mapping[str, Any], texts: Sequence[str]) -> Region:
    across, down = _size(result)
    x, y = _numbers(result["value"], "x", "y")
    return Region(Kind.KEYPOINTS, {"points": [x * across, y * down]})


def _span(result: Mapping[str, Any], texts: Sequence[str]) -> Region:
    """A stretch of text by UTF-16 offsets, of HTML by its global offsets, or of sound by seconds."""
    value = result["value"]
    if "x" in value:
        return _box(result, texts)
    quote = value.get("text") if isinstance(value.get("text"), str) else None
    offsets = value.get("globalOffsets")
    if isinstance(offsets, dict):
        start, end = _numbers(offsets, "start", "end")
        return Region(Kind.SPANS, {"t_start": int(start), "t_end": int(end), "quote": quote})
    start, end = _numbers(value, "start", "end")
    if isinstance(value["start"], str):
        raise NotUnderstoodError
    if quote is None and (isinstance(value["start"], float) or isinstance(value["end"], float) or "channel" in value):
        return Region(Kind.INTERVALS, {"sec_start": start, "sec_end": end})
    found = span(int(start), int(end), quote, texts)
    region = Region(Kind.SPANS, {"t_start": found.start, "t_end": found.end, "quote": quote})
    if not found.agrees and texts:
        region.columns["attributes"] = {"quote_differs": True}
    return region


ANSWERS: Final[Mapping[str, Callable[[Mapping[str, Any], Questions], Answer]]] = {
    "choices": _choices,
    "rating": _rating,
    "number": _number,
    "textarea": _textarea,
    "datetime": _datetime,
    "pairwise": _pairwise,
    "ranker": _ranker,
    "taxonomy": _taxonomy,
}
REGIONS: Final[Mapping[str, Callable[[Mapping[str, Any], Sequence[str]], Region]]] = {
    "labels": _span,
    "hypertextlabels": _span,
    "rectangle": _box,
    "rectanglelabels": _box,
    "polygon": _polygon,
    "polygonlabels": _polygon,
    "keypoint": _keypoint,
    "keypointlabels": _keypoint,
}

_BARE: Final = ("rectangle", "polygon", "keypoint")


def answers(results: Sequence[Any], texts: Sequence[str], questions: Questions) -> tuple[list[Answer], list[str]]:
    """The answers in a submission's results by question, and the types of results that were not understood.

    `texts` are the item's texts that a span may lie in, the likeliest first. What is said of a single region (a rating
    with the region's id) becomes an attribute of it.
    """
    known = [result for result in results if isinstance(result, dict)]
    strange = ["no object"] * (len(results) - len(known))
    found: dict[str, Answer] = {}
    regions: dict[str, Region] = {}
    leftovers: list[Any] = []
    for result in sorted(known, key=_order):
        try:
            answer = _answer(result, texts, questions, regions)
        except (NotUnderstoodError, KeyError, TypeError, AttributeError):
            strange.append(str(result.get("type"))[:40])
            leftovers.append(result)
            continue
        if answer is not None:
            _merge(found, answer)
    if leftovers:
        first = next(iter(found), None) or next(
            (str(entry["from_name"]) for entry in leftovers if "from_name" in entry), "label"
        )
        # Kind text is judged by people only: what is not understood is never compared by machine.
        found.setdefault(first, Answer(first, Kind.TEXT)).extra += leftovers
    return list(found.values()), strange


def _order(result: Mapping[str, Any]) -> int:
    """Labelled regions, then bare shapes (the same region again, if it has a label), then what is said of either."""
    return 2 if result.get("type") not in REGIONS else int(result["type"] in _BARE)


def _answer(
    result: Mapping[str, Any], texts: Sequence[str], questions: Questions, regions: dict[str, Region]
) -> Answer | None:
    kind, name, identity = result["type"], result["from_name"], result.get("id")
    if not isinstance(name, str):
        raise NotUnderstoodError
    if kind in REGIONS:
        region = REGIONS[kind](result, texts)
        label = _labels(result)
        if label is None and isinstance(identity, str) and identity in regions:
            return None
        origin = ORIGINS.get(str(result.get("origin")), Origin.UNKNOWN)
        region.columns |= {"region_id": identity if isinstance(identity, str) else None, "label": label}
        region.columns |= {"score": number(result.get("score")), "origin": origin.value}
        if isinstance(identity, str):
            regions[identity] = region
        return Answer(name, region.kind, regions=[region], origins={origin})
    if isinstance(identity, str) and identity in regions and kind in ANSWERS:
        noted = regions[identity].columns.setdefault("attributes", {})
        noted[name] = result["value"]
        return None
    if kind not in ANSWERS:
        raise NotUnderstoodError
    answer = ANSWERS[kind](result, questions)
    answer.score = number(result.get("score"))
    answer.origins = {ORIGINS.get(str(result.get("origin")), Origin.UNKNOWN)}
    return answer


def _merge(found: dict[str, Answer], answer: Answer) -> None:
    """Joins the regions of a question; of two plain answers the first stands and the other is kept as it came."""
    first = found.setdefault(answer.question, answer)
    if first is answer:
        return
    first.origins |= answer.origins
    if answer.regions and first.regions:
        first.regions += answer.regions
    else:
        first.extra.append(answer.columns)


def to_json(value: Any) -> str | None:
    """JSON text of what is kept as it came; None of nothing."""
    return msgspec.json.encode(value).decode() if value else None
