"""Drawn and marked answers judged against gold, object by object, by hand and on real boxes and spans (about 25 s)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from facts import Row, answer, item
from test_assess_drawn import boxes, drawing
from test_assess_reviewers import Small, valid

from qc.model import ErrorPolicy
from qc.stats.objects.rates import groups, object_rates
from qc.workspace import assess, ingest, open_workspace
from qc.workspace.assess import errors

REAL = Path(__file__).parent / "data" / "real"


def known(row: tuple[Row, list[Row]], name: str = "g") -> tuple[Row, list[Row]]:
    """An answer as gold."""
    return row[0] | {"role": "gold", "annotator": name, "annotation_id": f"{name} {row[0]['item_id']}"}, row[1]


def entry(folder: Path, facts: dict[str, list[Row]]) -> dict[str, Any]:
    found = valid("errors", errors.section(Small(folder, facts)))  # type: ignore[arg-type]
    assert [part["source"] for part in found] == ["gold, objects"]
    return dict(found[0])


def types(part: dict[str, Any]) -> dict[str, int]:
    return {row["key"]: row["n"] for row in part["by_type"]}


def test_each_way_of_being_wrong_is_told(tmp_path: Path) -> None:
    """Gold at 0 cat, 100 dog, 200 cat, 300 cat. ana finds the first, names the second otherwise, draws the third 8
    pixels off, misses the fourth and adds one: 4 errors of 4 + 1 objects. bo has all right."""
    places = ((0.0, "cat"), (100.0, "dog"), (200.0, "cat"), (300.0, "cat"))
    mistaken = ((1.0, "cat"), (100.0, "cat"), (208.0, "cat"), (500.0, "cow"))
    part = entry(
        tmp_path,
        drawing(known(boxes("i1", "g", *places)), boxes("i1", "ana", *mistaken), boxes("i1", "bo", *places)),
    )
    assert (part["unit"], part["overall"]["n"]) == ("objects", 9)
    assert part["overall"]["value"] == pytest.approx(4 / 9)
    assert types(part) == {"extra": 1, "mislabelled": 1, "mislocated": 1, "missed": 1}
    by_person = {row["annotator"]: (row["errors"], row["n"]) for row in part["by_annotator"]}
    assert by_person == {"ana": (4, 5), "bo": (0, 4)}
    assert {row["key"]: (row["errors"], row["n"]) for row in part["by_label"]} == {
        "cat": (2, 6),
        "cow": (1, 1),
        "dog": (1, 2),
    }
    confusion = {(row["truth"], row["given"]): row["n"] for row in part["confusion"]}
    assert confusion == {
        ("cat", "cat"): 5,
        ("dog", "dog"): 1,
        ("dog", "cat"): 1,
        ("cat", "(missed)"): 1,
        ("(nothing there)", "cow"): 1,
    }


def test_of_several_known_answers_the_one_agreed_with_most_counts(tmp_path: Path) -> None:
    part = entry(
        tmp_path,
        drawing(
            known(boxes("i1", "g", (0.0, "cat"))),
            known(boxes("i1", "g", (0.0, "cat"), (100.0, "cat")), "h"),
            boxes("i1", "ana", (0.0, "cat"), (100.0, "cat")),
        ),
    )
    assert part["overall"]["value"] == 0


def test_nothing_drawn_where_nothing_is_is_no_object_and_all_missed_is_all_wrong(tmp_path: Path) -> None:
    part = entry(
        tmp_path,
        drawing(
            known(boxes("i1", "g")),
            boxes("i1", "ana"),
            known(boxes("i2", "g", (0.0, "cat"), (50.0, "cat"))),
            boxes("i2", "ana"),
        ),
    )
    assert (part["overall"]["value"], part["overall"]["n"]) == (1.0, 2)
    assert types(part) == {"missed": 2}


def spans(what: str, who: str, *marks: tuple[int, int, str | None], **other: Any) -> tuple[Row, list[Row]]:
    given = [{"t_start": start, "t_end": end, "label": label} for start, end, label in marks]
    return answer(what, who, question="names", kind="spans", **other), given


def test_spans_need_exact_ends(tmp_path: Path) -> None:
    """Gold A 0–5, B 10–15, C 20–25, A 30–35. ana: A 0–5, B 10–14, A 20–25, D 40–42: one right of 4 + 1."""
    gold = known(spans("i1", "g", (0, 5, "A"), (10, 15, "B"), (20, 25, "C"), (30, 35, "A")))
    ana = spans("i1", "ana", (0, 5, "A"), (10, 14, "B"), (20, 25, "A"), (40, 42, "D"))
    facts = drawing(gold, ana) | {"items": [item("i1", site="Lyon")]}
    part = entry(tmp_path, facts)
    assert part["overall"]["value"] == pytest.approx(4 / 5)
    assert types(part) == {"extra": 1, "mislabelled": 1, "mislocated": 1, "missed": 1}
    assert [row["key"] for row in part["by_site"]] == ["Lyon"]


def test_an_equal_mark_is_not_given_away_for_a_longer_one(tmp_path: Path) -> None:
    """Gold A 0–10 and A 2–6, ana A 2–6 and A 0–9: 2–6 is right, 0–9 mislocated, whatever overlaps more."""
    part = entry(
        tmp_path,
        drawing(known(spans("i1", "g", (0, 10, "A"), (2, 6, "A"))), spans("i1", "ana", (2, 6, "A"), (0, 9, "A"))),
    )
    assert types(part) == {"mislocated": 1}
    assert part["overall"]["n"] == 2


def test_of_several_known_marks_the_answer_agreed_with_most_counts(tmp_path: Path) -> None:
    part = entry(
        tmp_path,
        drawing(
            known(spans("i1", "g", (0, 5, "A"))),
            known(spans("i1", "g", (0, 6, "A")), "h"),
            spans("i1", "ana", (0, 6, "A")),
            spans("i1", "bo", (0, 5, "A")),
        ),
    )
    assert part["overall"]["value"] == 0


def test_real_boxes_against_gold_add_up_to_the_published_figures(tmp_path: Path) -> None:
    """right / known = recall and right / drawn = precision of agreement_tables.json, by independent packages."""
    ws = open_workspace(tmp_path)
    ingest.ingest(ws, "real", REAL / "boxes_annotations.csv", gold=REAL / "boxes_gold.json")
    lens = assess.view(ws, "real")
    part = next(part for part in errors.section(lens) if part["source"] == "gold, objects")
    n = {row["key"]: row["n"] for row in part["by_type"]}
    right = part["overall"]["n"] - sum(n.values())
    agreed = lens.section("agreement")[0]["against_gold"]
    drawn = right + n.get("mislabelled", 0) + n.get("mislocated", 0) + n.get("extra", 0)
    there = right + n.get("mislabelled", 0) + n.get("mislocated", 0) + n.get("missed", 0)
    assert right / drawn == pytest.approx(agreed["precision"]["value"])
    assert right / there == pytest.approx(agreed["recall"]["value"])


def frame(items: dict[int, tuple[int, int]]) -> pd.DataFrame:
    rows = [{"question": "q", "item": k, "annotator": "ana", "n": n, "errors": e} for k, (n, e) in items.items()]
    return pd.DataFrame(rows, columns=["question", "item", "annotator", "n", "errors"])


def test_objects_of_one_item_tell_less_than_as_many_items() -> None:
    """Cochran 1977, 6.4: v = m/(m − 1) Σ(e − pn)²/(Σn)²; of 20 items of 10 two are all wrong: v = 20/19 · 180/40000."""
    found = groups(frame({k: (10, 10 if k < 2 else 0) for k in range(20)}), "annotator")[0]
    variance = 20 / 19 * (2 * 81 + 18 * 1) / 200**2
    assert found.worth == pytest.approx(0.09 / variance * (1.959964 / 2.093024) ** 2, rel=1e-5)
    assert found.rate.value == 0.1
    even = groups(frame(dict.fromkeys(range(20), (10, 1))), "annotator")[0]
    assert even.worth == pytest.approx(20 * (1.959964 / 2.093024) ** 2, rel=1e-5)


def test_nothing_wrong_and_one_item_still_have_an_interval() -> None:
    none = groups(frame({1: (10, 0), 2: (10, 0)}), "annotator")[0].rate
    assert none.high > 0.3
    one = groups(frame({1: (10, 2)}), "annotator")[0].rate
    assert one.warning == "one item: it is not known how items differ"
    assert one.high - one.low > 0.5
    assert object_rates(frame({}), ErrorPolicy()).overall.reason == "nothing judged"


def test_intervals_of_objects_cover_the_rate() -> None:
    """Simulated, seed 11: 400 sets of 40 items of 1 to 9 objects, whose rates are Beta(1, 9): 93 to 97 % cover 0.1."""
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(400):
        sizes = rng.integers(1, 10, 40)
        wrong = rng.binomial(sizes, rng.beta(1, 9, 40))
        rate = groups(frame(dict(enumerate(zip(sizes.tolist(), wrong.tolist(), strict=True)))), "annotator")[0].rate
        covered += rate.low <= 0.1 <= rate.high
    assert 0.915 <= covered / 400 <= 0.985
