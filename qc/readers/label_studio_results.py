"""Label Studio's results: the items of `result` as answers and regions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from qc.model import Kind, Origin
from qc.readers.label_studio_questions import Questions, asked
from qc.readers.label_studio_regions import BARE, REGIONS, Place, regions
from qc.readers.label_studio_values import NotUnderstoodError, Region, choices_of, numbers_of, page_of, texts_of
from qc.readers.numbers import number
from qc.readers.records import BadRecordError

ORIGINS: Final = {
    "manual": Origin.MANUAL,
    "prediction": Origin.PREDICTION,
    "prediction-changed": Origin.PREDICTION_EDITED,
}
NO_RESULT: Final = "a result of the submission is no object"
_SIDES: Final = ["left", "right"]
SAID_AGAIN: Final = "{n} further answers to a question that their submission had answered are kept in `extra`"
OF_MESSAGES: Final = "{n} answers are about one message of a chat, not about the item: they are kept in `extra`"
KEPT: Final = frozenset({"relation", "chatmessage"})
"""Types of results that have no place in the tables and are kept as they came, in `extra`."""


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
    remarks: list[str] = field(default_factory=list)


def chosen(labels: Sequence[str], question: str, questions: Questions) -> tuple[Kind, dict[str, Any]]:
    """The kind and columns of some choices: one label, or several where the question takes several."""
    if len(labels) == 1 and question not in questions.several:
        return Kind.SINGLE, {"label": labels[0]}
    return Kind.MULTI, {"labels": sorted(set(labels))}


def _choices(result: Mapping[str, Any], questions: Questions) -> Answer:
    name = asked(result)
    return Answer(name, *chosen(choices_of(result["value"]["choices"]), name, questions))


def _rating(result: Mapping[str, Any], _: Questions) -> Answer:
    return Answer(asked(result), Kind.ORDINAL, {"number": numbers_of(result["value"], "rating")[0]})


def _number(result: Mapping[str, Any], _: Questions) -> Answer:
    return Answer(asked(result), Kind.NUMBER, {"number": numbers_of(result["value"], "number")[0]})


def written(text: Sequence[str] | str) -> str:
    """The lines of a text area as one text."""
    return text if isinstance(text, str) else "\n".join(text)


def _textarea(result: Mapping[str, Any], _: Questions) -> Answer:
    text = result["value"].get("text")
    return Answer(asked(result), Kind.TEXT, {"text": written(text if isinstance(text, str) else texts_of(text))})


def _datetime(result: Mapping[str, Any], _: Questions) -> Answer:
    return Answer(asked(result), Kind.TEXT, {"text": texts_of([result["value"].get("datetime")])[0]})


def _pairwise(result: Mapping[str, Any], _: Questions) -> Answer:
    """The winner's name among the two controls compared, as `to_name` lists them: left, then right; else its side."""
    side = result["value"].get("selected")
    if side not in _SIDES:
        raise NotUnderstoodError
    named = str(result.get("to_name")).split(",")
    pair = named if len(named) == 2 and all(named) and named[0] != named[1] else _SIDES
    return Answer(asked(result), Kind.PAIRWISE, {"label": pair[_SIDES.index(side)], "labels": pair})


def _ranker(result: Mapping[str, Any], _: Questions) -> Answer:
    """One bucket is an order; of several, each names its place, and what lies in it keeps its order."""
    buckets = result["value"].get("ranker")
    if not isinstance(buckets, dict) or not buckets:
        raise NotUnderstoodError
    if len(buckets) == 1:
        return Answer(asked(result), Kind.RANKING, {"labels": texts_of(next(iter(buckets.values())))})
    placed = [f"{bucket}/{entry}" for bucket, entries in buckets.items() for entry in texts_of(entries)]
    return Answer(asked(result), Kind.MULTI, {"labels": sorted(set(placed))})


def _taxonomy(result: Mapping[str, Any], _: Questions) -> Answer:
    paths = result["value"].get("taxonomy")
    if not isinstance(paths, list):
        raise NotUnderstoodError
    joined = sorted({"/".join(texts_of(path)) for path in paths})
    return Answer(asked(result), Kind.TAXONOMY, {"label": "; ".join(joined), "labels": joined})


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


def answers(results: Sequence[Any], place: Place, questions: Questions) -> tuple[list[Answer], list[str]]:
    """The answers in a submission's results by question, and the types of results that were not understood.

    A BadRecordError says that a result is no object, a BadShapeError that a region can be none.

    What is said of a single region (a rating with the region's id) becomes an attribute of it. Relations and messages
    of a chat are kept in the `extra` of the first answer, as is what was not understood, if there is an answer.
    """
    if not all(isinstance(result, dict) for result in results):
        raise BadRecordError(NO_RESULT)
    strange: list[str] = []
    found: dict[str, Answer] = {}
    marked: dict[str, list[Region]] = {}
    leftovers: list[Any] = []
    messages = {str(result.get("id")) for result in results if _type(result) == "chatmessage"}
    for result in sorted(results, key=_order):
        type_ = _type(result)
        try:
            if type_ in KEPT or str(result.get("id")) in messages:
                leftovers.append(result)
                continue
            answer = _answer(result, place, questions, marked)
        except (NotUnderstoodError, KeyError, TypeError, AttributeError, OverflowError):
            strange.append(str(result.get("type"))[:40])
            leftovers.append(result)
            continue
        if answer is not None:
            _merge(found, answer)
    if leftovers and not found and not strange:
        # What has no place in the tables is no answer to compare, and all the same the submission was made.
        name = next((entry["from_name"] for entry in leftovers if isinstance(entry.get("from_name"), str)), "label")
        found[name] = Answer(name, Kind.NONE)
    if leftovers and found:
        first = next(iter(found.values()))
        first.extra += leftovers
        first.remarks += [OF_MESSAGES for result in leftovers if messages and _type(result) in ANSWERS]
    for answer in found.values():
        _tell_apart(answer.regions)
    return list(found.values()), strange


def _type(result: Mapping[str, Any]) -> str:
    found = result.get("type")
    return found if isinstance(found, str) else ""


def _order(result: Mapping[str, Any]) -> int:
    """Labelled regions, then bare shapes (the same region again, if it has a label), then what is said of either."""
    return 2 if _type(result) not in REGIONS else int(_type(result) in BARE)


def _answer(
    result: Mapping[str, Any], place: Place, questions: Questions, marked: dict[str, list[Region]]
) -> Answer | None:
    kind, name, identity = result["type"], result["from_name"], result.get("id")
    if not isinstance(name, str):
        raise NotUnderstoodError
    identity = identity if isinstance(identity, str) else None
    origin = ORIGINS.get(str(result.get("origin")), Origin.UNKNOWN)
    if kind in REGIONS:
        if kind in BARE and identity in marked:
            return None
        shared = {"score": number(result.get("score")), "origin": origin.value}
        page = page_of(result)
        found = regions(result, place)
        for region in found:
            region.columns |= {"region_id": None if identity is None else identity + region.suffix, **shared}
            if page is not None:
                region.columns.setdefault("frame", page)
        if identity is not None:
            marked.setdefault(identity, found)
        return Answer(questions.named(name, found[0].kind), found[0].kind, regions=found, origins={origin})
    if identity in marked and kind in ANSWERS:
        for region in marked[str(identity)]:
            region.columns.setdefault("attributes", {})[name] = result["value"]
        return None
    if kind not in ANSWERS:
        raise NotUnderstoodError
    answer = ANSWERS[kind](result, questions)
    answer.score = number(result.get("score"))
    answer.origins = {origin}
    return answer


def _merge(found: dict[str, Answer], answer: Answer) -> None:
    """Joins the regions of a question; of two plain answers the first stands and the other is kept as it came."""
    first = found.setdefault(answer.question, answer)
    if first is answer:
        return
    if answer.regions and first.kind is not answer.kind:
        answer.question = f"{answer.question}/{answer.kind}"
        _merge(found, answer)
        return
    first.origins |= answer.origins
    if answer.regions:
        first.regions += answer.regions
    else:
        first.extra.append(answer.columns)
        first.remarks.append(SAID_AGAIN)


def _tell_apart(regions: Iterable[Region]) -> None:
    """Numbers the regions of a question that share an id."""
    taken: set[str] = set()
    copies: Counter[str] = Counter()
    for region in regions:
        name = identity = region.columns["region_id"]
        while identity is not None and name in taken:
            copies[identity] += 1
            name = f"{identity}/{copies[identity] + 1}"
        region.columns["region_id"] = name
        taken.add(name)


def origin_of(origins: Iterable[Origin]) -> Origin:
    """What an answer of several results started from: edited, where only a part is as predicted."""
    known = set(origins)
    edited = len(known) > 1 and known & {Origin.PREDICTION, Origin.PREDICTION_EDITED}
    return Origin.PREDICTION_EDITED if edited else min(known)
