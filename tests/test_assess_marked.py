"""Entries of spans, intervals, sets, rankings, pairs and texts, of small facts and of real spans (about 20 s)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from facts import Row, answer, at, gold, item, opened

from qc.measures import measure
from qc.measures.base import Base
from qc.model import Policy, Scope
from qc.workspace import assess, ingest, open_workspace
from qc.workspace.assess import marked, valued
from qc.workspace.assess.agreement import OF_LABELS
from qc.workspace.assess.asked import Asked
from qc.workspace.assess.lens import Lens

REAL = Path(__file__).parent / "data" / "real"
SCHEMA = json.loads((Path(assess.__file__).parent.parent / "assessment.schema.json").read_text(encoding="utf-8"))


@dataclass
class Snapshot:
    session: Any
    made: Base

    def base(self, policy: Policy) -> Base:
        return self.made

    def rows(self, query: Any) -> pd.DataFrame:
        found: pd.DataFrame = self.session.run(query(self.session.facts))
        return found


@dataclass
class Small:
    """A lens over small facts."""

    folder: Path
    facts: dict[str, list[Row]]

    @property
    def policy(self) -> Policy:
        return self.snapshot.made.policy

    @cached_property
    def snapshot(self) -> Snapshot:
        session = opened(self.folder, **self.facts)
        return Snapshot(session, Base(session, Policy()))

    def frame(self, name: str, by: tuple[str, ...] = ()) -> pd.DataFrame:
        found: pd.DataFrame = self.snapshot.session.run(measure(name)(self.snapshot.made, by=by))
        return found


def lens(folder: Path, **facts: list[Row]) -> Any:
    return Small(folder, facts)


def valid(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry, as valid JSON of the section."""
    schema = SCHEMA["properties"]["agreement"]["items"]
    headline = {"headline": {"name": "alpha", "team": entry["alpha"], "items": entry["alpha_items"]}}
    jsonschema.validate(OF_LABELS | headline | entry, {"$defs": SCHEMA["$defs"], **schema})
    json.dumps(entry, allow_nan=False)
    return entry


def region(of: Row, place: int, label: str | None, first: int, last: int) -> Row:
    names = ("project", "annotation_id", "question", "kind", "revision")
    return {name: of[name] for name in names} | {
        "region_id": str(place),
        "label": label,
        "t_start": first,
        "t_end": last,
    }


def spans() -> dict[str, list[Row]]:
    """ana and bo mark the same in i1; in i2 ana marks more, bo another end; nobody marks anything in i3."""
    given = {
        ("i1", "ana"): [("PER", 0, 4)],
        ("i1", "bo"): [("PER", 0, 4)],
        ("i2", "ana"): [("PER", 0, 4), (None, 6, 8)],
        ("i2", "bo"): [("PER", 0, 3)],
        ("i3", "ana"): [],
        ("i3", "bo"): [],
    }
    answers = [
        answer(what, who, question="names", kind="spans" if marks else "none", submitted_at=at(0))
        for (what, who), marks in given.items()
    ]
    known = gold("i2", "", question="names", kind="spans")
    regions = [
        region(of, place, *mark)
        for of, marks in zip(answers, given.values(), strict=True)
        for place, mark in enumerate(marks)
    ]
    regions.append(region(known, 0, "PER", 0, 4))
    items = [item(name, text="ten signs.") for name in ("i1", "i2", "i3")]
    return {"annotations": [*answers, known], "regions": regions, "items": items}


def test_spans_by_hand(tmp_path: Path) -> None:
    found = valid(marked.entry(lens(tmp_path, **spans()), "names", "spans"))
    assert found["f1"]["value"] == pytest.approx(2 / 5)
    assert found["percent"]["value"] == pytest.approx(2 / 3)
    assert [(row["threshold"], row["f1"]["value"]) for row in found["f1_at"]] == [
        (0.0, 0.8),
        (0.5, 0.8),
        (1.0, pytest.approx(0.4)),
    ]
    assert [(row["type"], row["n"]) for row in found["disagreement"]] == [
        ("missed", 1),
        ("mislabelled", 0),
        ("mislocated", 1),
    ]
    assert found["hardest"] == [
        {
            "item_id": "i2",
            "agreement": 0.0,
            "answers": [
                {"annotator": "ana", "label": "PER 0–4, (no label) 6–8"},
                {"annotator": "bo", "label": "PER 0–3"},
            ],
        }
    ]
    assert [(row["label"], row["n"]) for row in found["by_label"]] == [("(no label)", 1), ("PER", 4)]
    assert [(row["a"], row["b"], row["n"]) for row in found["pairs"]] == [("ana", "bo", 3)]
    assert (found["items_used"], found["items_dropped"], found["empty_items"]) == (3, 0, 1)
    assert "On 1 of 3 items nobody marked anything." in found["sentence"]
    assert "Most of what differs" not in found["sentence"]
    assert [(row["annotator"], row["n"]) for row in found["by_annotator"]] == [("ana", 3), ("bo", 2)]
    assert [(row["period"], row["n"]) for row in found["by_period"]] == [("2026-03-02", 3)]
    assert found["chance_note"] == marked.CHANCE
    gold_found = found["against_gold"]
    assert (gold_found["precision"]["value"], gold_found["recall"]["value"]) == (pytest.approx(1 / 3), 0.5)
    assert gold_found["iou"]["value"] == pytest.approx((1 + 3 / 4) / 2)


def test_intervals_need_half_of_their_time_in_common(tmp_path: Path) -> None:
    answers = [answer("i1", who, question="speech", kind="intervals") for who in ("ana", "bo")]
    ends = {"ana": (0.0, 4.0), "bo": (1.0, 4.0)}
    regions = [
        region(of, 0, "a", 0, 0)
        | {"t_start": None, "t_end": None}
        | dict(zip(("sec_start", "sec_end"), ends[of["annotator"]], strict=True))
        for of in answers
    ]
    found = valid(marked.entry(lens(tmp_path, annotations=answers, regions=regions), "speech", "intervals"))
    assert (found["level"], found["f1"]["value"], found["iou"]["value"]) == ("intervals", 1, 0.75)
    assert found["against_gold"] is None
    assert marked.NO_EXTENT in found["chance_note"]


def test_one_annotator_of_spans_is_told_why_there_is_nothing(tmp_path: Path) -> None:
    alone = [row for row in spans()["annotations"] if row["annotator"] == "ana"]
    found = valid(marked.entry(lens(tmp_path, annotations=alone), "names", "spans"))
    assert {found[name]["reason"] for name in ("f1", "alpha", "percent", "iou", "label_alpha")} == {
        "no item has answers from two annotators"
    }
    assert found["pairs"] == found["hardest"] == found["by_period"] == []
    assert "nobody to agree with" in found["sentence"]


def test_nobody_marked_anything(tmp_path: Path) -> None:
    none = [answer(what, who, question="names", kind="spans") for what in ("i1", "i2") for who in ("ana", "bo")]
    found = valid(marked.entry(lens(tmp_path, annotations=none), "names", "spans"))
    assert "nobody marked anything" in found["f1"]["reason"]
    assert found["percent"]["value"] == 1
    assert "undefined" in found["sentence"]


def test_real_opinion_spans(tmp_path: Path) -> None:
    """The values of an independent count: F1 of every two people who marked a sentence, pair by pair, in plain Python.

    The figures that come with the data have no F1 of spans.
    """
    ws = open_workspace(tmp_path)
    ingest.ingest(ws, "spans", REAL / "opinion_spans_crowd.jsonl", gold=REAL / "opinion_spans_gold.jsonl")
    seen = Lens(ws, "spans", Scope(), ws.policy("spans"), ws.snapshot("spans"))
    found = valid(marked.entry(seen, "label", "spans"))
    exact, characters = _plain_f1(REAL / "opinion_spans_crowd.jsonl")
    assert found["f1"]["value"] == pytest.approx(exact)
    assert {row["key"]: row["team"]["value"] for row in found["coefficients"]}["token_f1"] == pytest.approx(characters)


def _plain_f1(path: Path) -> tuple[float, float]:
    by_item: dict[str, dict[str, set[tuple[int, int, str]]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for span in record["annotations"]:
            if 0 <= span["start_offset"] <= span["end_offset"]:
                marks = by_item.setdefault(str(record["id"]), {}).setdefault(str(span["user"]), set())
                marks.add((span["start_offset"], span["end_offset"], span["label"]))
    counts = [0, 0, 0, 0]
    for people in by_item.values():
        listed = [(marks, {(at, m[2]) for m in marks for at in range(m[0], m[1])}) for marks in people.values()]
        for place, (one, one_signs) in enumerate(listed):
            for other, other_signs in listed[place + 1 :]:
                counts[0] += 2 * len(one & other)
                counts[1] += len(one) + len(other)
                counts[2] += 2 * len(one_signs & other_signs)
                counts[3] += len(one_signs) + len(other_signs)
    return counts[0] / counts[1], counts[2] / counts[3]


# --- answers with a distance ------------------------------------------------------------------------------------------


def test_sets_have_two_distances(tmp_path: Path) -> None:
    sets = {"i1": ("ab", "ab"), "i2": ("a", "ab"), "i3": ("c", ""), "i4": ("", "")}
    answers = [
        answer(what, who, question="topics", kind="multi", labels=list(labels))
        for what, both in sets.items()
        for who, labels in zip(("ana", "bo"), both, strict=True)
    ]
    found = valued.of_distances(Asked(lens(tmp_path, annotations=answers), "topics", "multi"))["distances"]
    assert [row["name"] for row in found] == ["Jaccard", "MASI"]
    assert [row["observed"] for row in found] == pytest.approx([(0.5 + 1) / 4, (2 / 3 + 1) / 4])
    assert all(row["alpha"]["value"] == pytest.approx(1 - row["observed"] / row["expected"]) for row in found)


def test_taxonomies_and_rankings(tmp_path: Path) -> None:
    paths = {"ana": "animal/dog", "bo": "animal/cat"}
    answers = [answer(what, who, path, kind="taxonomy") for what in ("i1", "i2") for who, path in paths.items()]
    orders = {"ana": ["x", "y", "z"], "bo": ["x", "z", "y"]}
    answers += [
        answer(what, who, question="best", kind="ranking", labels=order)
        for what in ("i1", "i2")
        for who, order in orders.items()
    ]
    seen = lens(tmp_path, annotations=answers)
    (path,) = valued.of_distances(Asked(seen, "label", "taxonomy"))["distances"]
    assert (path["name"], path["observed"]) == ("path", 0.5)
    ranked = valued.of_distances(Asked(seen, "best", "ranking"))
    assert ranked["distances"][0]["observed"] == pytest.approx(1 / 3)
    assert (ranked["concordance"]["value"], ranked["chance"]) == (pytest.approx(0.75), 0.5)


def test_the_hardest_item_of_orders_is_the_one_whose_orders_are_farthest_apart(tmp_path: Path) -> None:
    """No two of these orders are equal: one swap of neighbours in i1, all pairs turned round in i2, a third in i3."""
    orders = {"i1": ("abc", "bac"), "i2": ("abc", "cba"), "i3": ("abcd", "badc"), "i4": ("ab", "ab")}
    answers = [
        answer(what, who, question="best", kind="ranking", labels=list(order))
        for what, both in orders.items()
        for who, order in zip(("ana", "bo"), both, strict=True)
    ]
    found = valued.of_distances(Asked(lens(tmp_path, annotations=answers), "best", "ranking"))
    hardest = [(row["item_id"], row["agreement"]) for row in found["hardest"]]
    assert hardest == [("i2", 0.0), ("i1", pytest.approx(2 / 3)), ("i3", pytest.approx(2 / 3))]
    assert [given["label"] for given in found["hardest"][0]["answers"]] == ["a, b, c", "c, b, a"]
    assert found["items_by_agreement"] == [
        {"agreement": 0.0, "items": 1},
        {"agreement": 0.67, "items": 2},
        {"agreement": 1.0, "items": 1},
    ]


def test_pairs_have_a_position_bias(tmp_path: Path) -> None:
    answers = [
        answer(f"i{number}", who, winner, kind="pairwise", labels=["x", "y"])
        for number, winner in enumerate("xxxy")
        for who in ("ana", "bo")
    ]
    found = valued.of_pairs(Asked(lens(tmp_path, annotations=answers), "label", "pairwise"))
    assert (found["position_bias"]["value"], found["position_bias"]["n"]) == (0.75, 8)


def written(**texts: tuple[str, ...]) -> list[Row]:
    return [
        answer(what, who, kind="text", question="note", text=text, submitted_at=at(0))
        for what, both in texts.items()
        for who, text in zip(("ana", "bo", "cy"), both, strict=False)
    ]


def test_texts_by_hand(tmp_path: Path) -> None:
    answers = written(i1=("the cat", "the dog"), i2=("a bird", "a bird"), i3=("alone",))
    found = valid(valued.entry(lens(tmp_path, annotations=answers), "note", "text"))
    assert (found["level"], found["percent"]["value"]) == ("text", 0.75)
    assert [row["name"] for row in found["distances"]] == ["token F1", "chrF", "edit distance"]
    assert found["distances"][2]["observed"] == pytest.approx(3 / 7 / 2)
    assert found["alpha"]["value"] == pytest.approx(1 - 0.25 / found["distances"][0]["expected"])
    assert found["chance"] == pytest.approx(1 - found["distances"][0]["expected"])
    assert [(row["item_id"], row["agreement"]) for row in found["hardest"]] == [("i1", 0.5)]
    assert [row["label"] for row in found["hardest"][0]["answers"]] == ["the cat", "the dog"]
    assert found["items_by_agreement"] == [{"agreement": 0.5, "items": 1}, {"agreement": 1.0, "items": 1}]
    assert [(row["period"], row["n"], row["percent"]["value"]) for row in found["by_period"]] == [
        ("2026-03-02", 2, 0.75)
    ]
    assert found["by_period"][0]["alpha"]["value"] == pytest.approx(found["alpha"]["value"])
    assert (found["items_used"], found["items_dropped"]) == (2, 1)


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"i1": ("alone",)}, "only one annotator"),
        ({"i1": ("same", "same"), "i2": ("same", "same")}, "all answers are alike"),
        ({"i1": ("one", "two", "three")}, "only one item"),
    ],
)
def test_texts_without_agreement_say_why(tmp_path: Path, texts: dict[str, tuple[str, ...]], reason: str) -> None:
    found = valid(valued.entry(lens(tmp_path, annotations=written(**texts)), "note", "text"))
    assert reason in found["alpha"]["reason"]


@pytest.mark.parametrize("kind", ["text", "spans", "intervals"])
def test_a_question_that_everybody_skipped(tmp_path: Path, kind: str) -> None:
    skipped = [answer("i1", who, kind=kind, question="note", status="skipped") for who in ("ana", "bo")]
    make = valued.entry if kind == "text" else marked.entry
    found = valid(make(lens(tmp_path, annotations=skipped), "note", kind))
    assert found["alpha"]["reason"]
    assert (found["items_used"], found["items_dropped"]) == (0, 0)
