"""Groups of items by what their export says of them. Takes about ten seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
from facts import Row, answer, gold, item, opened, records

from qc.measures import measure
from qc.measures.base import Base
from qc.measures.groups import MOST_KEYS, MOST_VALUES, few_valued
from qc.model import EVERYTHING, Policy
from qc.workspace import assess, open_workspace
from qc.workspace.ingest import ingest

SCHEMA = json.loads(Path(assess.__file__).parent.parent.joinpath("assessment.schema.json").read_text())


def groups(*entries: dict[str, Any], people: tuple[str, ...] = ()) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    items, names = few_valued(range(len(entries)), [json.dumps(entry) for entry in entries], people)
    for place, name in zip(items, names, strict=True):
        found.setdefault(name, []).append(place)
    return found


def test_entries_of_few_values_make_groups() -> None:
    """Texts, whole numbers, and yes and no; of nested or broken entries nothing is made."""
    entries: list[dict[str, Any]] = [
        {"region": "north", "night": True, "level": 1, "size": 1.5, "of": {"deep": 1}, "same": "x"},
        {"region": "south", "night": False, "level": 2, "size": 2.5, "of": {"deep": 2}, "same": "x"},
        {"region": "north", "night": True, "level": 1, "size": 1.5, "of": {"deep": 1}, "same": "x", "rare": None},
        {"region": "south", "night": True, "level": 2, "size": 2.5, "of": {"deep": 2}, "same": "x"},
    ]
    assert groups(*entries) == {
        "region: north": [0, 2],
        "region: south": [1, 3],
        "night: yes": [0, 2, 3],
        "night: no": [1],
        "level: 1": [0, 2],
        "level: 2": [1, 3],
    }
    assert few_valued([0, 1, 2], ['{"a": ', "[1, 2]", '"text"']) == ([], [])


def test_ids_measurements_and_names_make_none() -> None:
    """More than twenty values, as many values as items, long texts, and who annotates."""
    many = [{"id": f"i{n}", "value": n % (MOST_VALUES + 1)} for n in range(100)]
    assert groups(*many) == {}
    assert len(groups(*({"value": n % MOST_VALUES} for n in range(100)))) == MOST_VALUES
    assert groups({"id": "a"}, {"id": "b"}, {"id": "c"}) == {}
    assert groups(*({"note": f"{n % 2}" * 200} for n in range(10))) == {}
    by = [{"uploader": "ana" if n % 2 else "bo", "side": "left" if n % 2 else "right"} for n in range(10)]
    assert set(groups(*by, people=("ana",))) == {"side: left", "side: right"}


def test_the_entries_of_most_items_are_taken() -> None:
    """Of more than MOST_KEYS those that fewer items have are left out."""
    entries: list[dict[str, Any]] = [{f"k{n:02d}": place % 2 for n in range(MOST_KEYS)} for place in range(8)]
    assert {name.split(":")[0] for name in groups(*({**one, "a": 1} for one in entries[:4]), *entries)} == {
        f"k{n:02d}" for n in range(MOST_KEYS)
    }


def test_judged_timed_and_given_answers_are_cut_by_group(tmp_path: Path) -> None:
    """Two items in the north and two in the south; one that says nothing is in no group."""
    where = {"i1": "north", "i2": "north", "i3": "south", "i4": "south"}
    facts: dict[str, list[Row]] = {
        "annotations": [
            *(answer(name, "ana", "cat", seconds=4.0) for name in (*where, "i5")),
            *(gold(name, "dog" if name == "i1" else "cat") for name in (*where, "i5")),
        ],
        "items": [*(item(name, meta=json.dumps({"region": place})) for name, place in where.items()), item("i5")],
    }
    session = opened(tmp_path, **facts)
    base = Base(session, Policy())
    found = {name: records(session.run(measure(name)(base, by=("group",)))) for name in ("judged_parts", "given_parts")}
    counted = [(row["group"], row["n"], row["errors"]) for row in found["judged_parts"]]
    assert counted == [("region: north", 2, 1), ("region: south", 2, 0)]
    assert [row["group"] for row in found["given_parts"]] == ["region: north"] * 2 + ["region: south"] * 2
    timed = records(session.run(measure("timed_parts")(base, by=("group",))))
    assert timed == [{"group": "region: north", "n": 2}, {"group": "region: south", "n": 2}]


def test_an_export_that_says_where_items_are_from_is_held_against_itself(tmp_path: Path) -> None:
    """Label Studio tasks: half of the items of the north are wrong, of 60 each; those of the south are right."""

    def given(who: str, label: str, **other: Any) -> dict[str, Any]:
        result = [{"type": "choices", "from_name": "kind", "to_name": "text", "value": {"choices": [label]}}]
        return {"completed_by": {"email": f"{who}@x.org"}, "result": result, **other}

    tasks = []
    for number in range(120):
        place = "north" if number < 60 else "south"
        label = "dog" if place == "north" and number % 2 else "cat"
        shown = [given(who, label, id=number * 9 + at) for at, who in enumerate(("ana", "bo", "cy"), 1)]
        known = given("lead", "cat", id=number * 9, ground_truth=True)
        data = {"text": f"text {number}", "region": place, "row": number}
        tasks.append({"id": number, "data": data, "annotations": [known, *shown]})
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    ws = open_workspace(tmp_path / "ws")
    ingest(ws, "pets", tmp_path / "tasks.json")
    found = assess.section(ws, "pets", "fairness")
    jsonschema.validate(found, SCHEMA["properties"]["fairness"] | {"$defs": SCHEMA["$defs"]})
    rows = {row["key"]: row for part in found if part["by"] == "group" for row in part["groups"]}
    assert set(rows) == {"region: north", "region: south"}
    assert rows["region: north"]["error"]["rate"]["value"] == 0.5
    assert rows["region: north"]["error"]["verdict"] == "worse than the rest"
    assert assess.comparable(ws, "pets", EVERYTHING)["group"] == ["region: north", "region: south"]
