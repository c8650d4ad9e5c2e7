"""A project of mixed questions with texts, pictures and a recording of our own, small enough to be judged in one go."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from qc.store.samples import save_draw
from qc.workspace import Workspace, ingest, lookup

PROJECT = "mixed"
PEOPLE = ("ana", "bo", "cy")
FOUR = ("sentiment", "entities", "objects", "preferred")
OTHERS = ("outline", "area", "pose", "speech", "moving", "topics", "order", "summary")

TEXTS = (
    "Ines Keller flew from Lisbon to Cebu on Monday and met Tomas Rey of Harbour Freight at the old port.",
    "On Friday the parcel of Mara Olsen left Bergen; Northwind Couriers lost it somewhere near Hamburg.",
    "Jonas Weber wrote to Polar Tents from Graz, and Lena Park answered him from the office in Porto.",
    "The invoice that Acme Paper sent to Ruth Adler in Delft names a street that is not to be found there.",
    "Pia Lund called from Aarhus: the kettle of Copper & Sons was broken when it came from Leeds.",
)
NAMES = {
    "person": ("Ines Keller", "Tomas Rey", "Mara Olsen", "Jonas Weber", "Lena Park", "Ruth Adler", "Pia Lund"),
    "place": ("Lisbon", "Cebu", "Bergen", "Hamburg", "Graz", "Porto", "Delft", "Aarhus", "Leeds"),
    "company": ("Harbour Freight", "Northwind Couriers", "Polar Tents", "Acme Paper", "Copper & Sons"),
}
SHAPES = (("cup", 60, 80, 90, 70), ("book", 220, 60, 110, 80), ("lamp", 380, 150, 70, 130), ("cup", 140, 220, 80, 70))
COLOURS = {"cup": "#7fb2d8", "book": "#c8a06a", "lamp": "#e3cf7a"}


def write(folder: Path, media: Path, questions: tuple[str, ...] = FOUR, items: int = 5) -> Path:
    """The export of the project in a folder, and its pictures and recording in another."""
    media.mkdir(parents=True, exist_ok=True)
    for number in range(items):
        _picture(media / f"desk-{number}.png", number)
    with wave.open(str(media / "talk.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        sound.writeframes(b"\0\0" * 8000 * 12)
    path = folder / "mixed.jsonl"
    lines = [line for question in questions for number in range(items) for line in MAKERS[question](question, number)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def opened(ws: Workspace, questions: tuple[str, ...] = FOUR, items: int = 5) -> Workspace:
    """The workspace with the project read into it, and its media configured."""
    export = write(ws.root, ws.root / "media", questions, items)
    ingest.ingest(ws, PROJECT, export)
    return ws


def draw_all(ws: Workspace, people: tuple[str, ...] = PEOPLE) -> None:
    """Put all answers of these people on the list of what is to be checked, the kinds in turn."""
    found = ws.snapshot(PROJECT).rows(lookup.current_answers)
    found = found[found["annotator"].isin(people)]
    drawn = {
        **{"share": "random", "pi": 1.0, "pi_random": 1.0, "pi_risk": 0.0, "reasons": [], "reviews_wanted": 1},
        **{"stratum": "all", "stratum_size": len(found), "stratum_drawn": len(found), "level": "full"},
    }
    names = ["annotation_id", "question", "item_id", "annotator", "answer_hash"]
    rows = [{**row, **drawn} for row in found[names].to_dict("records")]
    rows.sort(key=lambda row: (row["item_id"].rpartition("-")[2], row["question"], row["annotation_id"]))
    save_draw(ws.store, PROJECT, 0, {}, ws.data_version(PROJECT), rows, "lead")


def _picture(path: Path, number: int) -> None:
    image = Image.new("RGB", (520, 340), "#dfe5ea")
    draw = ImageDraw.Draw(image)
    for label, x, y, w, h in _objects(number):
        draw.rounded_rectangle((x, y, x + w, y + h), 10, fill=COLOURS[label], outline="#4a5563", width=2)
    image.save(path)


def _objects(number: int) -> list[tuple[str, int, int, int, int]]:
    return [(label, x + 8 * number, y, w, h) for label, x, y, w, h in SHAPES]


def _item(item: str, **more: Any) -> dict[str, Any]:
    return {"table": "items", "item_id": item, **more}


def _answers(question: str, item: str, kind: str, given: Any, gold: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """What three people and, where it is known, gold and a model say; given(person's number) makes an answer."""
    for place, who in enumerate(PEOPLE):
        yield {
            **{"table": "annotations", "item_id": item, "question": question, "kind": kind, "role": "annotator"},
            **{"annotation_id": f"{item}-{who}", "annotator": who, "status": "submitted", "seconds": 20.0 + place},
            **{"submitted_at": f"2026-03-{2 + place:02d}T09:{len(item):02d}:00Z", **given(place)},
        }
    if gold is not None:
        yield {
            **{"table": "annotations", "item_id": item, "question": question, "kind": kind, "role": "gold"},
            **{"annotation_id": f"{item}-gold", "annotator": "gold", "status": "submitted", **gold},
        }


def _sentiment(question: str, number: int) -> Iterator[dict[str, Any]]:
    item = f"message-{number}"
    yield _item(item, text=TEXTS[number], media="text")
    labels = ("neutral", "negative", "positive")
    right = labels[number % 3]
    yield from _answers(
        question, item, "single", lambda place: {"label": labels[(number + (place == 2)) % 3]}, {"label": right}
    )
    yield {
        **{"table": "annotations", "item_id": item, "question": question, "kind": "single", "role": "model"},
        **{"annotation_id": f"{item}-m", "annotator": "tagger", "model": "tagger", "status": "submitted"},
        **{"label": right, "score": 0.81},
    }


def _spans(number: int) -> list[dict[str, Any]]:
    text, found = TEXTS[number], []
    for label, names in NAMES.items():
        for name in names:
            if (at := text.find(name)) >= 0:
                found.append({"label": label, "t_start": at, "t_end": at + len(name), "quote": name})
    return [
        {"region_id": f"s{place}", "kind": "spans", **span}
        for place, span in enumerate(sorted(found, key=lambda span: span["t_start"]))
    ]


def _entities(question: str, number: int) -> Iterator[dict[str, Any]]:
    item = f"report-{number}"
    yield _item(item, text=TEXTS[number], media="text")
    right = _spans(number)

    def given(place: int) -> dict[str, Any]:
        if place == 0:
            return {"regions": right}
        if place == 1:
            longer = right[0] | {"t_end": right[0]["t_end"] + 6, "quote": None}
            return {"regions": [longer, *right[2:]]}
        return {"regions": [right[0] | {"label": "company"}, *right[1:-1]]}

    yield from _answers(question, item, "spans", given, {"regions": right})


def _boxes(number: int) -> list[dict[str, Any]]:
    return [
        {"region_id": f"b{place}", "kind": "boxes", "label": label, **dict(zip("xywh", (x, y, w, h), strict=True))}
        for place, (label, x, y, w, h) in enumerate(_objects(number))
    ]


def _pictured(item: str, number: int) -> dict[str, Any]:
    return _item(item, uri=f"https://elsewhere.example/data/desk-{number}.png", media="image", width=520, height=340)


def _drawn(question: str, number: int, kind: str, right: list[dict[str, Any]], moved: Any) -> Iterator[dict[str, Any]]:
    """Of three people one draws it right, one moves the first, one leaves the last out and mistakes another."""
    item = f"{question}-{number}"
    yield _pictured(item, number)
    wrong = [right[0], *(region | {"label": "lamp"} for region in right[1:2]), *right[2:-1]]
    given = ({"regions": right}, {"regions": [moved(right[0]), *right[1:]]}, {"regions": wrong})
    yield from _answers(question, item, kind, lambda place: given[place], {"regions": right})


def _objects_drawn(question: str, number: int) -> Iterator[dict[str, Any]]:
    right = _boxes(number)
    right[2] |= {"rotation": 12.0}
    yield from _drawn(question, number, "boxes", right, lambda box: box | {"x": box["x"] + 25, "w": box["w"] + 20})


def _corners(box: dict[str, Any]) -> list[float]:
    x, y, w, h = (float(box[side]) for side in "xywh")
    return [x, y + h / 3, x + w / 2, y, x + w, y + h / 3, x + w, y + h, x, y + h]


def _bare(box: dict[str, Any], kind: str, **more: Any) -> dict[str, Any]:
    return {"region_id": box["region_id"], "label": box["label"], "kind": kind, **more}


def _shifted(region: dict[str, Any]) -> dict[str, Any]:
    return region | {"points": [value + 18 for value in region["points"]]}


def _outline(question: str, number: int) -> Iterator[dict[str, Any]]:
    right = [_bare(box, "polygons", points=_corners(box)) for box in _boxes(number)]
    yield from _drawn(question, number, "polygons", right, _shifted)


def _pose(question: str, number: int) -> Iterator[dict[str, Any]]:
    right = [_bare(box, "keypoints", points=_corners(box)) for box in _boxes(number)]
    yield from _drawn(question, number, "keypoints", right, _shifted)


def _filled(box: dict[str, Any], by: int = 0) -> list[int]:
    """Runs of a filled box of an image of 340 rows, column by column."""
    x, y, w, h = (int(box[side]) for side in "xywh")
    x += by
    runs, at = [], 0
    for column in range(x, x + w):
        begin = column * 340 + y
        runs += [begin - at, h]
        at = begin + h
    return [*runs, 520 * 340 - at]


def _area(question: str, number: int) -> Iterator[dict[str, Any]]:
    boxes = _boxes(number)
    size = {"mask_h": 340, "mask_w": 520}
    right = [_bare(box, "masks", mask_rle=_filled(box), **size) for box in boxes]
    yield from _drawn(question, number, "masks", right, lambda mask: mask | {"mask_rle": _filled(boxes[0], 20)})


def _moving(question: str, number: int) -> Iterator[dict[str, Any]]:
    item = f"clip-{number}"
    yield _item(item, media="video", width=520, height=340, n_frames=60)

    def track(name: str, label: str, x: float, by: float = 0.0) -> list[dict[str, Any]]:
        return [
            {
                **{"region_id": f"{name}{frame}", "kind": "boxes", "track_id": name, "label": label, "frame": frame},
                **{"x": x + 3 * frame + by, "y": 90.0 + by, "w": 80.0, "h": 60.0, "outside": False},
            }
            for frame in (0, 30, 59)
        ]

    right = [*track("t1", "car", 40), *track("t2", "bus", 200)]
    given = (
        {"regions": right},
        {"regions": [*track("t1", "car", 40, 18), *track("t2", "bus", 200)]},
        {"regions": [*track("t1", "bus", 40)]},
    )
    yield from _answers(question, item, "tracks", lambda place: given[place], {"regions": right})


def _speech(question: str, number: int) -> Iterator[dict[str, Any]]:
    item = f"call-{number}"
    yield _item(item, uri="s3://bucket/talk.wav", media="audio")
    ends = (("agent", 0.4, 3.2), ("caller", 3.6, 7.1), ("agent", 7.5, 9.0), ("music", 9.4, 11.8))
    right = [
        {"region_id": f"i{at}", "kind": "intervals", "label": label, "sec_start": begin, "sec_end": end}
        for at, (label, begin, end) in enumerate(ends)
    ]
    given = (
        {"regions": right},
        {"regions": [right[0] | {"sec_end": 2.4}, *right[1:]]},
        {"regions": [right[0], right[1] | {"label": "agent"}, right[2]]},
    )
    yield from _answers(question, item, "intervals", lambda place: given[place], {"regions": right})


def _preferred(question: str, number: int) -> Iterator[dict[str, Any]]:
    item = f"pair-{number}"
    sides = {
        "reply_a": "We are sorry. The parcel is on its way, and will be with you on Thursday.",
        "reply_b": "Parcels are sometimes late. Please look at our page about parcels that are late.",
    }
    yield _item(item, text=f"Which reply is better? ({number + 1})", media="text", meta=sides)
    names = list(sides)
    yield from _answers(
        *(question, item, "pairwise", lambda place: {"label": names[place == 2], "labels": names}),
        {"label": "reply_a", "labels": names},
    )


def _topics(question: str, number: int) -> Iterator[dict[str, Any]]:
    item = f"topic-{number}"
    yield _item(item, text=TEXTS[number], media="text")
    sets = (["travel", "work"], ["work"], ["sport", "travel", "work"])
    yield from _answers(question, item, "multi", lambda place: {"labels": sets[place]}, {"labels": sets[0]})


def _order(question: str, number: int) -> Iterator[dict[str, Any]]:
    item = f"order-{number}"
    yield _item(item, text=TEXTS[number], media="text")
    orders = (["b", "a", "c"], ["a", "b", "c"], ["b", "c", "a"])
    yield from _answers(question, item, "ranking", lambda place: {"labels": orders[place]}, {"labels": orders[0]})


def _summary(question: str, number: int) -> Iterator[dict[str, Any]]:
    item = f"summary-{number}"
    yield _item(item, text=TEXTS[number], media="text")
    texts = ("A parcel went astray near the port.", "A parcel got lost.", "The weather was fine.")
    yield from _answers(question, item, "text", lambda place: {"text": texts[place]}, {"text": texts[0]})


MAKERS = {
    "sentiment": _sentiment,
    "entities": _entities,
    "objects": _objects_drawn,
    "preferred": _preferred,
    "outline": _outline,
    "area": _area,
    "pose": _pose,
    "speech": _speech,
    "moving": _moving,
    "topics": _topics,
    "order": _order,
    "summary": _summary,
}
