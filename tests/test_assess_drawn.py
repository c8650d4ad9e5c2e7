"""The entry of drawn answers: what is published of the real boxes, the schema, tracks, and why it may be undefined.

Takes about 20 s.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from facts import HOSTILE, Row, answer, at, item, opened

from qc.engine import Session
from qc.measures import measure
from qc.measures.base import Base
from qc.model import EVERYTHING, Facts, Policy, Scope
from qc.stats.objects.keypoints import COCO_SIGMAS
from qc.workspace import assess, ingest, open_workspace
from qc.workspace.assess import drawn
from qc.workspace.assess.agreement import OF_LABELS

SCHEMA = json.loads((Path(assess.__file__).parent.parent / "assessment.schema.json").read_text(encoding="utf-8"))
REAL = Path(__file__).parent / "data" / "real"
EXPECTED = json.loads((REAL.parent / "agreement_tables.json").read_text(encoding="utf-8"))["real_samples"]["expected"]


def valid(entry: dict[str, Any]) -> dict[str, Any]:
    headline = {"headline": {"name": "alpha", "team": entry["alpha"], "items": entry["alpha_items"]}}
    jsonschema.validate(
        OF_LABELS | headline | entry, {"$defs": SCHEMA["$defs"], **SCHEMA["properties"]["agreement"]["items"]}
    )
    json.dumps(entry, allow_nan=False)
    return entry


@dataclass
class Small:
    """A lens, and its snapshot, over small facts."""

    folder: Path
    facts: dict[str, list[Row]]
    scope: Scope = EVERYTHING
    policy: Policy = field(default_factory=Policy)

    @property
    def snapshot(self) -> Small:
        return self

    @cached_property
    def session(self) -> Session:
        return opened(self.folder, **self.facts)

    def base(self, policy: Policy) -> Base:
        return Base(self.session, policy)

    def rows(self, query: Callable[[Facts], Any]) -> pd.DataFrame:
        return self.session.run(query(self.session.facts))

    def frame(self, name: str, by: tuple[str, ...] = ()) -> pd.DataFrame:
        found: pd.DataFrame = self.session.run(measure(name)(self.base(self.policy), self.scope, by))
        return found


def drawing(*answers: tuple[Row, list[Row]]) -> dict[str, list[Row]]:
    """Facts of answers and their regions."""
    key = ("project", "annotation_id", "question", "revision", "kind")
    regions = [
        {name: row[name] for name in key} | {"region_id": str(place)} | region
        for row, given in answers
        for place, region in enumerate(given)
    ]
    return {"annotations": [row for row, _ in answers], "regions": regions}


def boxes(item: str, who: str, *places: tuple[float, str | None], **other: Any) -> tuple[Row, list[Row]]:
    given = [{"x": x, "y": 0.0, "w": 10.0, "h": 10.0, "label": label} for x, label in places]
    return answer(item, who, question="objects", kind="boxes", **other), given


def entry(folder: Path, *answers: tuple[Row, list[Row]], kind: str = "boxes") -> dict[str, Any]:
    return valid(drawn.entry(Small(folder, drawing(*answers)), "objects", kind))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    ws = open_workspace(tmp_path_factory.mktemp("real"))
    ingest.ingest(ws, "real", REAL / "boxes_annotations.csv", gold=REAL / "boxes_gold.json")
    return valid(drawn.entry(assess.view(ws, "real"), "label", "boxes"))


def test_real_boxes_against_gold_are_as_published(real: dict[str, Any]) -> None:
    """Precision, recall and mean matched IoU: computed once with independent packages (agreement_tables.json)."""
    gold, expected = real["against_gold"], EXPECTED["boxes"]
    assert round(gold["precision"]["value"], 3) == expected["micro_precision_iou50"] == 0.779
    assert round(gold["recall"]["value"], 3) == expected["micro_recall_iou50"] == 0.521
    assert round(gold["iou"]["value"], 3) == expected["mean_matched_iou"] == 0.775
    assert all(each["low"] < each["value"] < each["high"] for each in gold.values())


def test_real_boxes_add_up(real: dict[str, Any]) -> None:
    assert real["items_used"] == EXPECTED["boxes"]["items"]
    assert len(real["influence"]) == EXPECTED["boxes"]["annotators"]
    assert sum(row["n"] for row in real["by_label"]) == EXPECTED["boxes"]["boxes"]
    differ = sum(row["share"]["value"] for row in real["disagreement"])
    assert real["f1"]["value"] + differ == pytest.approx(1)
    at_gates = [row["f1"]["value"] for row in real["f1_at"]]
    assert at_gates == sorted(at_gates, reverse=True)
    assert at_gates[0] == real["f1"]["value"]
    assert real["chance"] < 0.1 < real["alpha"]["value"]
    # Items and annotators both a sample: wider than for these annotators.
    widths = [real[name]["high"] - real[name]["low"] for name in ("f1", "f1_items")]
    assert widths[0] > widths[1]
    assert [row["agreement"] for row in real["hardest"]] == sorted(row["agreement"] for row in real["hardest"])


def test_disagreement_is_told_apart(tmp_path: Path) -> None:
    """Two people: one box alike, one with two labels, one 8 of 10 pixels off, one that only one of them drew."""
    who, other = "ana", HOSTILE[1]
    found = entry(
        tmp_path,
        boxes("i", who, (0, "cat"), (100, "cat"), (200, HOSTILE[4]), (300, "cat"), submitted_at=at(0)),
        boxes("i", other, (1, "cat"), (100, "dog"), (208, HOSTILE[4]), submitted_at=at(9)),
        boxes("j", who, submitted_at=at(9)),
        boxes("j", other, submitted_at=at(9)),
        boxes("k", who, (5, "cat")),
    )
    assert (found["items_used"], found["items_dropped"], found["empty_items"]) == (2, 1, 1)
    assert "On 1 of 2 items nobody drew anything." in found["sentence"]
    assert sorted((row["annotator"], row["n"]) for row in found["by_annotator"]) == sorted([(who, 4), (other, 3)])
    assert found["by_annotator"][0]["missed"]["reason"] == "fewer than 30 objects"
    assert {row["type"]: row["n"] for row in found["disagreement"]} == {"missed": 1, "mislabelled": 2, "mislocated": 2}
    assert found["f1"]["value"] == pytest.approx(2 / 7)
    # IoU 9 of 11 and 1.
    assert found["iou"]["value"] == pytest.approx((9 / 11 + 1) / 2)
    assert {row["label"]: row["n"] for row in found["by_label"]} == {"cat": 4, "dog": 1, HOSTILE[4]: 2}
    assert [(row["a"], row["b"], row["n"]) for row in found["pairs"]] in ([(who, other, 2)], [(other, who, 2)])
    assert [(row["period"], row["n"]) for row in found["by_period"]] == [("2026-03-02", 2)]
    assert found["hardest"][0]["item_id"] == "i"
    answers = {row["annotator"]: row["label"] for row in found["hardest"][0]["answers"]}
    assert answers == {who: f"{HOSTILE[4]}, cat × 3", other: f"{HOSTILE[4]}, cat, dog"}
    assert found["against_gold"] is None


@pytest.mark.parametrize("sized", [True, False])
def test_single_points_are_told_in_pixels(tmp_path: Path, sized: bool) -> None:
    """Of a picture of 1000 × 1000 the tolerance is 2 σ √(2 ln 2) of a tenth of it, else of 640 × 480."""

    def points(name: str, who: str, x: float) -> tuple[Row, list[Row]]:
        given = [{"kind": "keypoints", "points": [x, y], "label": f"at {y}"} for y in (5.0, 905.0)]
        return answer(name, who, question="objects", kind="keypoints"), given

    facts = drawing(*(points(name, who, x) for name in "ij" for who, x in (("ana", 5.0), ("bo", 9.0))))
    size = {"width": 1000, "height": 1000} if sized else {}
    facts["items"] = [item(name, **size) for name in "ij"]
    found = valid(drawn.entry(Small(tmp_path, facts), "objects", "keypoints"))  # type: ignore[arg-type]
    assert found["distance"]["value"] == pytest.approx(4)
    root = 1000 if sized else (640 * 480) ** 0.5
    assert found["tolerance"] == pytest.approx(0.1 * root * 2 * COCO_SIGMAS.mean() * (2 * np.log(2)) ** 0.5)
    assert ("640 × 480" in found["sentence"]) is not sized
    assert found["f1"]["value"] == 1


def test_shapes_of_one_question_are_compared_as_areas(tmp_path: Path) -> None:
    """A box, a polygon and a mask of the same ten by ten pixels are one object."""
    square = [0.0, 0.0, 10.0, 0.0, 10.0, 10.0, 0.0, 10.0]
    runs = [0, *([10, 10] * 10)]
    found = entry(
        tmp_path,
        boxes("i", "ana", (0, "cat")),
        (answer("i", "bo", question="objects", kind="boxes"), [{"kind": "polygons", "points": square, "label": "cat"}]),
        (
            answer("i", "cy", question="objects", kind="boxes"),
            [{"kind": "masks", "mask_rle": runs, "mask_h": 20, "mask_w": 10, "label": "cat"}],
        ),
    )
    assert found["f1"]["value"] == 1
    assert found["iou"]["value"] == pytest.approx(1)


def test_one_of_several_gold_answers_is_enough(tmp_path: Path) -> None:
    found = entry(
        tmp_path,
        boxes("i", "ana", (0, "cat"), (50, "dog")),
        boxes("i", "g 1", (0, "cat"), role="gold"),
        boxes("i", "g 2", (1, "cat"), (51, "dog"), role="gold"),
    )
    assert {name: each["value"] for name, each in found["against_gold"].items()} == pytest.approx(
        {"precision": 1, "recall": 1, "iou": 9 / 11}
    )


def test_of_several_gold_answers_the_one_that_is_agreed_with_most_counts(tmp_path: Path) -> None:
    """The first overlaps better but has two objects more; the second is met in all: IoU 8 / 12."""
    found = entry(
        tmp_path,
        boxes("i", "ana", (0, "cat")),
        boxes("i", "g 1", (0, "cat"), (40, "cat"), (80, "cat"), role="gold"),
        boxes("i", "g 2", (2, "cat"), role="gold"),
    )
    assert {name: each["value"] for name, each in found["against_gold"].items()} == pytest.approx(
        {"precision": 1, "recall": 1, "iou": 8 / 12}
    )


def test_tracks_have_frames_and_identities(tmp_path: Path) -> None:
    """One person follows an object through 10 frames; the other as two objects of 5 frames each.

    All 10 boxes are found by both, but only 5 under one identity: IDF1 is 2 · 5 / 20.
    """

    def track(name: str, first: int, last: int) -> list[Row]:
        still = {"kind": "boxes", "x": 0.0, "y": 0.0, "w": 10.0, "h": 10.0, "label": "cat", "track_id": name}
        return [still | {"region_id": f"{name}@{frame}", "frame": frame} for frame in (first, last)]

    asked = {"question": "objects", "kind": "tracks"}
    found = entry(
        tmp_path,
        (answer("v", "ana", **asked), track("1", 0, 9)),
        (answer("v", "bo", **asked), track("1", 0, 4) + track("2", 5, 9)),
        kind="tracks",
    )
    assert found["frame_f1"]["value"] == 1
    assert found["idf1"]["value"] == 0.5
    # As wholes: temporal IoU is 5 of 10 frames, so one of two is matched.
    assert found["f1"]["value"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([boxes("i", "ana", (0, "cat")), boxes("j", "ana", (0, "cat"))], drawn.ALONE),
        ([boxes("i", "ana", (0, "cat")), boxes("j", "bo", (0, "cat"))], drawn.NO_OVERLAP),
        ([boxes("i", "ana"), boxes("i", "bo")], drawn.NOTHING),
    ],
)
def test_what_is_undefined_says_why(tmp_path: Path, answers: list[tuple[Row, list[Row]]], reason: str) -> None:
    found = entry(tmp_path, *answers)
    for name in ("percent", "alpha", "f1", "f1_items", "iou", "label_alpha"):
        expected = drawn.NO_MATCH if reason == drawn.NOTHING and name in ("iou", "label_alpha") else reason
        assert found[name]["reason"] == expected, name
    assert found["sentence"] is None
    assert found["hardest"] == found["by_label"] == []


def test_one_label_leaves_alpha_without_meaning(tmp_path: Path) -> None:
    found = entry(tmp_path, *(boxes(item, who, (0, "cat")) for item in "ij" for who in ("ana", "bo")))
    assert found["alpha"]["value"] is None
    assert found["percent"]["value"] == found["f1"]["value"] == 1
