"""Members of another type than a tool writes there: what they held would be lost unseen, so the record is set aside.

Takes about 5 s. Each place is one of the tool's fixture, which the tests of its format read value by value.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from readers_staged import DATA, read, write

from qc.readers.records import MISTYPED

# File, and the way to the member in it.
PLACES = [
    ("encord_label_row.json", [0, "data_units", "649aba74", "labels"]),
    ("encord_label_row.json", [0, "data_units", "649aba74", "labels", "objects"]),
    ("encord_label_row.json", [0, "data_units", "649aba74", "labels", "classifications"]),
    ("labelbox_v2.ndjson", [0, "projects", "clproj1", "labels", 0, "annotations", "objects"]),
    ("labelbox_v2.ndjson", [0, "projects", "clproj1", "labels", 0, "annotations", "classifications"]),
    ("labelbox_v1.json", [0, "Label", "objects"]),
    ("labelbox_v1.json", [0, "Label", "classifications"]),
    ("supervisely_ann.json", [0, "tags"]),
    ("scale_v1_task.json", [0, "response"]),
    ("scale_v1_task.json", [0, "response", "global_attributes"]),
    ("prodigy.jsonl", [0, "spans"]),
    ("prodigy.jsonl", [1, "accept"]),
    ("prodigy.jsonl", [4, "versions"]),
    ("kili_data.json", [0, "labels", 0, "jsonResponse", "CLASSIFICATION_JOB", "categories"]),
    ("kili_data.json", [0, "labels", 0, "jsonResponse", "OBJECT_DETECTION_JOB", "annotations"]),
]


@pytest.mark.parametrize(
    ("name", "place"), PLACES, ids=lambda value: value if isinstance(value, str) else str(value[-1])
)
def test_a_member_of_another_type_quarantines_its_record(tmp_path: Path, name: str, place: list[Any]) -> None:
    text = (DATA / name).read_text()
    lines = name.endswith(("ndjson", "jsonl"))
    value = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
    records = value if isinstance(value, list) else [value]
    holder: Any = records
    for step in place[:-1]:
        holder = holder[step]
    assert isinstance(holder[place[-1]], list | dict)
    holder[place[-1]] = "bad"
    broken = "\n".join(map(json.dumps, records)) if lines else json.dumps(value)
    staged = read(write(tmp_path, name, broken), tmp_path)
    assert staged.report.reasons == {MISTYPED: 1}
