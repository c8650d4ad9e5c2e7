"""Exports as tools write them today, where they differ from the samples (about 4 s).

Written by hand from the tools' documentation; expected rows were derived by hand from what the documentation says.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from readers_staged import Staged, read, write

ANNA, BEN = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"


def exported(folder: Path, *records: Any, name: str = "export.jsonl") -> Staged:
    return read(write(folder, name, "\n".join(json.dumps(record) for record in records)), folder)


def prodigy(view: str, **members: Any) -> dict[str, Any]:
    common = {"_input_hash": 1, "_task_hash": 2, "answer": "accept", "_session_id": "anna"}
    return {**common, "_timestamp": 1772442041, "_view_id": view, **members}


def test_prodigy_pages_are_items_of_their_own(tmp_path: Path) -> None:
    pages = [
        {
            "text": "The pump",
            "view_id": "ner_manual",
            "_input_hash": 9,
            "spans": [{"start": 4, "end": 8, "label": "P"}],
        },
        {"text": "Valve ok", "view_id": "ner_manual", "spans": []},
    ]
    staged = exported(tmp_path, prodigy("pages", pages=pages))
    assert staged.rows("annotations", "item_id", "question", "annotation_id", "annotator", "kind") == [
        ("9", "ner_manual", "2/1/anna/1772442041", "anna", "spans"),
        ("1/2", "ner_manual", "2/2/anna/1772442041", "anna", "none"),
    ]
    assert staged.rows("regions", "annotation_id", "quote") == [("2/1/anna/1772442041", "pump")]
    assert staged.rows("items", "item_id", "text") == [("9", "The pump"), ("1/2", "Valve ok")]
    assert (staged.report.read, staged.report.accepted) == (1, 1)


def test_prodigy_transcripts_paths_and_a_teams_own_members(tmp_path: Path) -> None:
    staged = exported(
        tmp_path,
        prodigy("blocks", audio="data:audio/wav;base64,AA", path="sound/a.wav", transcript="hello", mood=4),
    )
    assert staged.rows("annotations", "question", "kind", "text") == [("transcript", "text", "hello")]
    assert staged.rows("items", "media", "uri") == [("audio", "sound/a.wav")]
    (extra,) = (row["extra"] for row in staged.rows("annotations"))
    assert json.loads(extra) == {"members": [{"mood": 4}]}
    assert any("1 answer has members that are not Prodigy's own" in note for note in staged.report.notes)


def test_argilla_flattened_records_have_times_that_are_no_fields(tmp_path: Path) -> None:
    spans = {"spans.responses": [[{"label": "PART", "start": 4, "end": 8}]], "spans.responses.users": [ANNA]}
    times = {"inserted_at": "2026-03-02T09:00:00.000000", "updated_at": "2026-03-02T09:00:30.000000"}
    staged = exported(
        tmp_path,
        {"id": "r1", "status": "completed", **times, "_server_id": "s", "text": "The pump", **spans}
        | {"spans.responses.status": ["submitted"]},
    )
    assert staged.rows("items", "item_id", "text") == [("r1", "The pump")]
    assert staged.rows("regions", "t_start", "t_end", "quote") == [(4, 8, "pump")]


def test_argilla_rest_gives_a_page_on_one_line(tmp_path: Path) -> None:
    def response(name: str, user: str, status: str, values: Any, minute: int) -> dict[str, Any]:
        when = f"2026-03-02T09:{minute:02}:00"
        return {
            "id": name,
            "user_id": user,
            "status": status,
            "values": values,
            "inserted_at": when,
            "updated_at": when,
        }

    rank = {"rank": {"value": [{"value": "a", "rank": 2}, {"value": "b", "rank": 1}, {"value": "c", "rank": 2}]}}
    record = {
        "id": "s1", "external_id": "rec-1", "status": "completed", "fields": {"p": "x"}, "metadata": None,
        "responses": [response("e1", ANNA, "submitted", rank, 0), response("e2", BEN, "discarded", None, 10)],
        "suggestions": [],
    }  # fmt: skip
    for page in ({"items": [record], "total": 1}, {"total": 1, "items": [record]}):
        staged = exported(tmp_path, page)
        columns = ("item_id", "question", "annotator", "status", "kind", "labels", "submitted_at")
        assert staged.rows("annotations", *columns) == [
            ("rec-1", "rank", ANNA, "submitted", "ranking", ["b", "a = c"], datetime(2026, 3, 2, 9, tzinfo=UTC)),
            ("rec-1", "label", BEN, "discarded", "none", None, datetime(2026, 3, 2, 9, 10, tzinfo=UTC)),
        ]
