"""Label Studio's JSON by every way it is read: in columns and value by value, at once, in chunks and side by side.

The ways must give the same rows (about 25 s, mostly the start of processes).
"""

import json
import os
import signal
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readers_staged import Staged, read, write

from qc.model import InputError, Role
from qc.readers import Mapping, Options, label_studio, label_studio_reading, label_studio_tables
from qc.readers.elements import elements
from qc.readers.label_studio_chunks import Tasks, beginning, chunks, tasks_of
from qc.readers.label_studio_part import Parcel
from qc.readers.label_studio_questions import Questions
from qc.readers.label_studio_submissions import Known
from qc.readers.label_studio_tables import part_of
from qc.readers.label_studio_workers import Workers
from qc.readers.source import source
from qc.readers.staging import TABLES

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TEXT = "The pump 🚰 failed"
SIZE = {"original_width": 640, "original_height": 480}
BOX = {"x": 25.0, "y": 50, "width": 10, "height": 5, "rectanglelabels": ["car"]}


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One in twenty is odd: a task of many values must still have a chance to be usual in all of them."""
    return st.integers(0, 25).flatmap(lambda n: odd if n == 7 else usual)


def pick(*usual: Any, odd: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    return mostly(st.sampled_from(usual), st.sampled_from(odd or usual))


values = pick(
    ("mood", "choices", {"choices": ["good"]}),
    ("mood", "choices", {"choices": ["bad"]}),
    ("topic", "choices", {"choices": ["b", "a"]}),
    ("topic", "choices", {"choices": ["a"]}),
    ("stars", "rating", {"rating": 4}),
    ("grade", "number", {"number": -2.5}),
    ("note", "textarea", {"text": ["a", "b"]}),
    ("note", "textarea", {"text": "a"}),
    ("ner", "labels", {"start": 4, "end": 8, "text": "pump", "labels": ["PART"]}),
    ("ner", "labels", {"start": 12, "end": 18, "text": "failed", "labels": ["A", "B"]}),
    ("box", "rectanglelabels", BOX),
    ("box", "rectanglelabels", BOX | {"rotation": 30}),
    odd=(
        ("mood", "choices", {"choices": []}),
        ("mood", "choices", {"choices": ["a", "b"]}),
        ("stars", "rating", {"rating": "4"}),
        ("grade", "number", {"number": 1e300}),
        ("ner", "labels", {"start": 11, "end": 12, "text": "nothing", "labels": ["PART"]}),
        ("ner", "labels", {"start": 9, "end": 4, "text": "pump", "labels": ["PART"]}),
        ("ner", "labels", {"start": 0.5, "end": 4, "labels": ["PART"]}),
        ("box", "rectanglelabels", BOX | {"width": 90}),
        ("box", "rectanglelabels", BOX | {"height": 0}),
        ("box", "rectanglelabels", BOX | {"rectanglelabels": []}),
        ("box", "labels", {"start": 4, "end": 8, "text": "pump", "labels": ["PART"]}),
        ("oval", "ellipselabels", {"x": 50, "y": 50, "radiusX": 5, "radiusY": 5, "ellipselabels": ["a"]}),
        ("pair", "pairwise", {"selected": "left"}),
        ("mood", "choices", None),
        ("mood", "unheard of", {}),
    ),
)
USUAL = ("2026-03-02T09:00:00Z", "2026-03-02T09:00:41.500000Z", "2026-03-02T10:00:00+08:00", "2031-01-01T00:00:00Z")
times = pick(None, *USUAL, odd=("",))
odd_times = pick(None, *USUAL, odd=("", "2026-03-02 09:00:00", 1772442000, "soon", True))
numbers = pick(None, 4.5, 3, 0, -1, odd=("7", 1e16, 2**70))
people = pick(
    None, 5, "ann", {"id": 5, "email": "a@example.org"}, {"id": 6, "email": ""}, {"username": "u"}, odd=([], 2.5)
)
OTHER = {"from_name": "mood", "type": "choices", "value": {"choices": ["x"]}}
reviews = st.fixed_dictionaries(
    {"id": st.integers(1, 99), "accepted": pick(True, False, odd=(None,)), "created_by": people, "created_at": times},
    optional={
        "result": pick(None, [], odd=([OTHER],)),
        "fixed_annotation_history": pick(None, 3),
        "comment": pick("why", odd=(3,)),
    },
)


@st.composite
def results(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for place, (name, type_, value) in enumerate(
        draw(st.lists(values, min_size=1, max_size=4, unique_by=lambda value: value[0]))
    ):
        more = {
            "id": pick(f"r{place}", odd=("r0", 5)),
            "origin": pick("manual", "prediction", "prediction-changed", "other", None),
            "score": numbers,
        }
        found.append({"from_name": name, "type": type_, "value": value} | draw(st.fixed_dictionaries(more)))
        found[-1] |= SIZE if type_ != "choices" or draw(st.booleans()) else {}
    return found + draw(mostly(st.just([]), st.just(found[:1])))


submissions = st.fixed_dictionaries(
    {"id": mostly(st.integers(1, 10**6), st.sampled_from(["x", 2**70, None, 1.0])), "result": results()},
    optional={
        "completed_by": people,
        "user": people,
        "created_at": odd_times,
        "draft_created_at": times,
        "updated_at": times,
        "lead_time": numbers,
        "was_cancelled": pick(True, False, None, odd=(1,)),
        "skipped": pick(True, False),
        "ground_truth": pick(True, False, None),
        "last_action": pick("submitted", "imported", "accepted", "fixed_and_accepted", None, odd=(3,)),
        "last_created_by": people,
        "parent_prediction": pick(None, 1, odd=("1",)),
        "parent_annotation": pick(None, 7),
        "prediction": pick(None, {}, {"id": 1, "result": []}, odd=({"id": 1, "result": [OTHER]},)),
        "model_version": pick(None, "clf", "", odd=(3,)),
        "score": numbers,
        "reviews": st.lists(reviews, max_size=2),
        "history": pick(None, [], odd=([{"id": 1, "result": []}],)),
    },
)
DATA = ({"text": TEXT, "batch": 7, "tags": ["a"]}, {"text": "pump", "image": "a.png", "site": "x"}, {})
tasks = st.fixed_dictionaries(
    {"id": mostly(st.integers(1, 10**6), st.sampled_from([None, "t"])), "data": pick(*DATA, odd=(None, []))}
    | {"annotations": st.lists(submissions, min_size=1, max_size=4)},
    optional={
        "meta": pick(None, {"guideline": "v3", "tags": "no list"}),
        "completions": mostly(st.just(None), st.lists(submissions, max_size=1)),
        "predictions": st.lists(submissions, max_size=2),
        "drafts": st.lists(submissions, max_size=1),
    },
)
LEARNED = [
    {"annotations": [{"result": [{"from_name": name, "type": type_, "value": value}]}]}
    for name, type_, value in (
        ("topic", "choices", {"choices": ["b", "a"]}),
        ("ner", "labels", {"start": 4, "end": 8, "text": "pump", "labels": ["PART"]}),
        ("box", "rectanglelabels", BOX),
    )
]


def told(parcel: Parcel) -> dict[str, Any]:
    """All that a part says, rows without nulls."""
    rows = {
        table: [
            {name: value for name, value in row.items() if value is not None}
            for row in batch.cast(TABLES[table].empty_table().select(batch.schema.names).schema).to_pylist()
        ]
        for table, batch in parcel.tables.items()
    }
    counts = (parcel.tasks, parcel.read, parcel.clock_errors)
    notes = {sentence: times for sentence, times in parcel.notes.items() if times}
    return {**rows, "rejects": parcel.rejects, "counts": counts, "notes": notes}


def _spelt(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def known(role: Role = Role.ANNOTATOR, mapping: Mapping | None = None, learned: Sequence[Any] = ()) -> Known:
    questions = Questions()
    for task in learned:
        for member in ("annotations", "completions"):
            for submission in task.get(member) or []:
                questions.learn(submission.get("result") or [])
    return Known(Options(NOW, mapping, None, role), questions)


@given(
    st.lists(tasks, min_size=2, max_size=5),
    st.booleans(),
    st.sampled_from([Role.ANNOTATOR, Role.GOLD]),
    st.sampled_from([None, Mapping({"batch": "data.site"}), Mapping({"item_id": "data.batch"})]),
)
@settings(max_examples=250, deadline=None)
def test_columns_are_as_value_by_value(
    found: list[dict[str, Any]], usual: bool, role: Role, mapping: Mapping | None
) -> None:
    before = known(role, mapping, LEARNED if usual else found[:1])
    text = json.dumps(found).encode()
    fast = told(part_of(Tasks(text), before))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(label_studio_tables, "fits", lambda _: False)
        slow = told(part_of(Tasks(text), before))
    items = [sorted(part.pop("items", []), key=_spelt) for part in (fast, slow)]
    assert fast == slow
    assert items[0] == items[1]


def test_a_part_goes_through_a_pipe_as_it_is() -> None:
    task = {"id": 1, "data": {"text": TEXT}, "annotations": [{"id": 1, "result": []}, {"id": None}]}
    parcel = part_of(Tasks(json.dumps([task]).encode()), known())
    assert told(Parcel.from_bytes(parcel.to_bytes())) == told(parcel)


def many(count: int, indent: int | None = None, **more: Any) -> str:
    submission = {"result": [{"id": "c", "from_name": "mood", "type": "choices", "value": {"choices": ["ü } , {"]}}]}
    return json.dumps(
        [
            {
                "id": n,
                "data": {"text": f"no {n}"},
                "annotations": [{"id": 2 * n, **submission}, {"id": 2 * n + 1}],
                **more,
            }
            for n in range(1, count + 1)
        ],
        indent=indent,
        ensure_ascii=False,
    )


def split(path: Path, size: int, patch: pytest.MonkeyPatch) -> Iterator[tuple[int, Tasks | None]]:
    patch.setattr("qc.readers.label_studio_chunks.SIZE", size)
    opened = source(path)
    with opened.stream() as stream:
        between = beginning(list(islice(elements(stream, "f"), 3)))
    assert between is not None
    for chunk in chunks(opened, between):
        yield chunk.end - chunk.begin, tasks_of(path, chunk)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("size", [1, 300, 5_000, 10**6])
def test_chunks_hold_every_task_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, indent: int | None
) -> None:
    path = write(tmp_path, "f.json", "\ufeff " + many(60, indent) + "\n")
    found = [tasks for _, tasks in split(path, size, monkeypatch)]
    assert [json.loads(bytes(raw))["id"] for tasks in found if tasks for raw in tasks.raw] == list(range(1, 61))
    assert (len(found) > 1) == (size < 10**4)


def test_what_begins_like_a_task_inside_one_is_no_sign() -> None:
    inside = b'{"id": 1, "data": {"x": [{"id": 2, "data": 3}]}}'
    assert beginning([b'{"id": 1, "data": {}}', inside]) is None
    assert beginning([]) is None
    assert beginning([b"[1]"]) is None
    pattern = beginning([b'{"data": {"id": 1}, "id": 2}', b'{"data": {}, "id": 3}'])
    assert pattern is not None
    assert pattern.search(b'{"data": {"id": 1}, "id": 2} , {"data": {}, "id": 3}')


def by_processes(path: Path, folder: Path, patch: pytest.MonkeyPatch) -> Staged:
    patch.setattr(label_studio_reading, "LARGE", 0)
    patch.setattr(label_studio_reading, "_cores", lambda: 2)
    patch.setattr("qc.readers.label_studio_chunks.SIZE", 2_000)
    patch.setattr(label_studio, "LOOK_AHEAD", 20)
    return read(path, folder, reader="label_studio")


def whole(path: Path, folder: Path) -> Staged:
    folder.mkdir()
    return read(path, folder, reader="label_studio")


TROUBLE = {
    "none": ("no 70", "no 70"),
    "a task that is no JSON": ('{"id": 140', '{"id": NaN'),
    "a list of what could be tasks": ('"text": "no 70"', '"x": [{"id": 1, "data": {}}, {"id": 2, "data": 3}]'),
    "an entry that is no task": ('"text": "no 70"}', '"text": "no 70"}}, 7, {"id": 9999, "data": {}'),
    "no list": ('"text": "no 70"}', '"text": "no 70"}, "drafts": {"id": 1}'),
    "a number that is not finite": ('"text": "no 70"', '"text": "no 70", "x": Infinity'),
    "an odd submission": ('{"id": 140', '{"id": [1]'),
    "an odd time": ('{"id": 141', '{"created_at": "soon", "id": 141'),
    "words for a task": ("no 70", '}, {"id": 1, "data": {'.replace('"', '\\"')),
}


@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE)
def test_processes_give_the_rows_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: tuple[str, str]
) -> None:
    text = many(150)
    assert trouble[0] in text
    path = write(tmp_path, "f.json", text.replace(*trouble))
    expected = whole(path, tmp_path / "whole")
    found = by_processes(path, tmp_path, monkeypatch)
    for table in TABLES:
        assert found.rows(table) == expected.rows(table)
    assert found.report == expected.report


def test_a_number_between_tasks_and_a_cut_are_told_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = many(150)
    for wrong in (
        text.replace('}, {"id": 70', '}, 5, {"id": 70'),
        text[:-9],
        text + "x",
        text.replace("no 70", "\x00"),
    ):
        sentences = []
        for way in (whole, lambda path, folder: by_processes(path, folder, monkeypatch)):
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            if way is not whole:
                folder.mkdir()
            try:
                way(write(tmp_path, "f.json", wrong), folder)
                sentences.append("read")
            except InputError as error:
                sentences.append(str(error))
            monkeypatch.undo()
        assert sentences[0] == sentences[1]


def test_a_process_that_is_killed_ends_the_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "f.json", many(600))
    start = Workers.__enter__
    started: list[Workers] = []

    def killed(self: Workers) -> Workers:
        workers = start(self)
        started.append(workers)
        os.kill(workers._all[1].pid, signal.SIGKILL)
        return workers

    monkeypatch.setattr(Workers, "__enter__", killed)
    with pytest.raises(InputError, match=r"A parser of f\.json was ended by signal 9: the file is damaged"):
        by_processes(path, tmp_path, monkeypatch)
    assert all(process.poll() is not None for process in started[0]._all)
