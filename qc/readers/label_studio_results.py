"""Label Studio's results: the items of `result` as answers and regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from qc.model import Kind, Origin
from qc.readers.label_studio_regions import REGIONS, NotUnderstoodError, Region, label_of, numbers_of, texts_of
from qc.readers.numbers import number

ORIGINS: Final = {
    "manual": Origin.MANUAL,
    "prediction": Origin.PREDICTION,
    "prediction-changed": Origin.PREDICTION_EDITED,
}


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
            if _type(result) in REGIONS:
                self.regions[name] = None
            value = result.get("value")
            chosen = value.get("choices") if isinstance(value, dict) else None
            if isinstance(chosen, list) and len(chosen) > 1:
                self.several.add(name)

    def surprised_by(self, answer: Answer) -> bool:
        """Whether regions or several choices are met where the first submissions had none."""
        if answer.regions:
            return answer.question not in self.regions
        return answer.kind is Kind.MULTI and answer.question not in self.several and len(answer.columns["labels"]) > 1

    def sole(self) -> str:
        """The only question, else `label`."""
        return next(iter(self.seen)) if len(self.seen) == 1 else "label"


def _choices(result: Mapping[str, Any], questions: Questions) -> Answer:
    labels = texts_of(result["value"]["choices"])
    if len(labels) == 1 and result["from_name"] not in questions.several:
        return Answer(result["from_name"], Kind.SINGLE, {"label": labels[0]})
    return Answer(result["from_name"], Kind.MULTI, {"labels": sorted(set(labels))})


def _rating(result: Mapping[str, Any], _: Questions) -> Answer:
    return Answer(result["from_name"], Kind.ORDINAL, {"number": numbers_of(result["value"], "rating")[0]})


def _number(result: Mapping[str, Any], _: Questions) -> Answer:
    return Answer(result["from_name"], Kind.NUMBER, {"number": numbers_of(result["value"], "number")[0]})


def _textarea(result: Mapping[str, Any], _: Questions) -> Answer:
    text = result["value"].get("text")
    return Answer(
        result["from_name"], Kind.TEXT, {"text": text if isinstance(text, str) else "\n".join(texts_of(text))}
    )


def _datetime(result: Mapping[str, Any], _: Questions) -> Answer:
    return Answer(result["from_name"], Kind.TEXT, {"text": texts_of([result["value"].get("datetime")])[0]})


def _pairwise(result: Mapping[str, Any], _: Questions) -> Answer:
    """The winner's name among the two controls compared, as `to_name` lists them: left, then right."""
    pair = str(result.get("to_name")).split(",")
    side = {"left": 0, "right": 1}.get(result["value"].get("selected"))
    if side is None or len(pair) != 2:
        raise NotUnderstoodError
    return Answer(result["from_name"], Kind.PAIRWISE, {"label": pair[side], "labels": pair})


def _ranker(result: Mapping[str, Any], _: Questions) -> Answer:
    buckets = result["value"].get("ranker")
    if not isinstance(buckets, dict) or len(buckets) != 1:
        raise NotUnderstoodError
    return Answer(result["from_name"], Kind.RANKING, {"labels": texts_of(next(iter(buckets.values())))})


def _taxonomy(result: Mapping[str, Any], _: Questions) -> Answer:
    paths = result["value"].get("taxonomy")
    if not isinstance(paths, list):
        raise NotUnderstoodError
    joined = sorted({"/".join(texts_of(path)) for path in paths})
    return Answer(result["from_name"], Kind.TAXONOMY, {"label": "; ".join(joined), "labels": joined})


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


def _type(result: Mapping[str, Any]) -> str:
    found = result.get("type")
    return found if isinstance(found, str) else ""


def _order(result: Mapping[str, Any]) -> int:
    """Labelled regions, then bare shapes (the same region again, if it has a label), then what is said of either."""
    return 2 if _type(result) not in REGIONS else int(_type(result) in _BARE)


def _answer(
    result: Mapping[str, Any], texts: Sequence[str], questions: Questions, regions: dict[str, Region]
) -> Answer | None:
    kind, name, identity = result["type"], result["from_name"], result.get("id")
    if not isinstance(name, str):
        raise NotUnderstoodError
    if kind in REGIONS:
        region = REGIONS[kind](result, texts)
        label = label_of(result)
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
