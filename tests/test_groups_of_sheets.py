"""Columns of a sheet that say of what kind an item is become groups that are held beside each other. About 15 s."""

from __future__ import annotations

from pathlib import Path

import pytest

from qc.model import InputError
from qc.readers.mapping import Mapping
from qc.workspace import assess, open_workspace
from qc.workspace.dry_run import dry_run
from qc.workspace.ingest import ingest

MAPPING = """
groups = ["Where, {0} é", "device"]

[columns]
item_id = "item"
annotator = "annotator"

[questions.label]
column = "label"
"""


def sheet(folder: Path) -> Path:
    """40 items in the north and 20 in the south, two answers each; the device is known of every second."""
    rows = [
        f'i{item},{who},{"ab"[item % 2]},"{"north" if item < 40 else "south"}",{"phone" if item % 2 else ""}'
        for item in range(60)
        for who in ("ana", "ben")
    ]
    file = folder / "answers.csv"
    file.write_text('item,annotator,label,"Where, {0} é",device\n' + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_a_dry_run_says_how_columns_become_groups(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "workspace")
    said = dry_run(ws, "own", sheet(tmp_path)).text
    assert 'list them in the mapping, as groups = ["Where, {0} é"]' in said
    ingest(ws, "own", sheet(tmp_path))
    assert "group" not in {part["by"] for part in assess.section(ws, "own", "fairness")}


def test_groups_of_the_mapping_are_held_beside_each_other(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "workspace")
    written = tmp_path / "MAP.toml"
    written.write_text(MAPPING, encoding="utf-8")
    ingest(ws, "own", sheet(tmp_path), mapping=written)
    (found,) = (part for part in assess.section(ws, "own", "fairness") if part["by"] == "group")
    told = {row["key"]: row["answers"] for row in found["groups"]}
    assert told == {"Where, {0} é: north": 80, "Where, {0} é: south": 40}


def test_groups_stand_in_a_mapping_and_are_texts() -> None:
    mapping = Mapping.from_toml(MAPPING)
    assert mapping.groups == ("Where, {0} é", "device")
    assert Mapping.from_toml(mapping.to_toml()) == mapping
    assert {*mapping.groups} <= {*mapping.used()}
    with pytest.raises(InputError, match="groups"):
        Mapping.from_toml("groups = 7")
