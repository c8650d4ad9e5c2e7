"""Sessions over a snapshot: what they open, what they refuse, and that threads may share them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from facts import HOSTILE, answer, at, draw, item, opened, records, review, table, write

from qc.engine import RecordTables, open_session, transitions
from qc.model import ANNOTATIONS, InputError


def test_berlin_changes_its_clock_at_one_in_the_morning_utc() -> None:
    """EU Directive 2000/84/EC: summer time from the last Sunday of March to that of October, at 01:00 UTC."""
    hours = {from_ms: offset for from_ms, _, offset in transitions("Europe/Berlin")}
    assert hours[int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()) * 1000] == 2 * 3_600_000
    assert hours[int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()) * 1000] == 3_600_000


@pytest.mark.parametrize("name", ["UTC", "Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns", "Pacific/Apia"])
def test_transitions_cover_all_time_without_gaps(name: str) -> None:
    rows = transitions(name)
    assert rows[0][0] < -(2**60)
    assert rows[-1][1] > 2**60
    assert all(left[1] == right[0] and left[2] != right[2] for left, right in pairwise(rows))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "Europe/Ber\0lin"])
def test_an_unknown_zone_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(InputError, match="time zone"):
        open_session({}, RecordTables(), name)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(InputError, match="duckdb or spark"):
        open_session({}, RecordTables(), "UTC", "polars")


def test_a_project_without_files_has_the_columns_of_its_schemas() -> None:
    session = open_session({}, RecordTables(), "UTC")
    frame = session.run(session.facts.annotations)
    assert len(frame) == 0
    assert list(frame.columns) == [name for name in ANNOTATIONS.names if name != "project"]
    assert str(frame["submitted_at"].dtype) == "datetime64[us, UTC]"
    assert "recorded_in" in session.run(session.facts.reviews).columns


def test_the_record_enters_as_answers_and_reviews(tmp_path: Path) -> None:
    given = answer("i1", "ana", "cat", submitted_at=at(1))
    record = RecordTables(
        verdicts=pd.DataFrame([review(given, "reject", decided_at=at(9), corrected_annotation_id="c1")]),
        draws=pd.DataFrame([draw(given, 0.5)]),
        corrections=pd.DataFrame([{"annotation_id": "c1", "item_id": "i1", "question": "label", "label": "dog"}]),
        settlements=pd.DataFrame([{"annotation_id": "s1", "item_id": "i1", "question": "label", "label": "dog"}]),
    )
    export = review(given, "accept", reviewer="rolf")
    session = opened(tmp_path, record, annotations=[given], reviews=[export])
    rows = records(session.run(session.facts.annotations.order_by("annotation_id")))
    assert [(row["annotation_id"], row["role"], row["status"], row["revision"]) for row in rows] == [
        (given["annotation_id"], "annotator", "submitted", 1),
        ("c1", "reviewer", "submitted", 1),
        ("s1", "adjudicator", "submitted", 1),
    ]
    rows = records(session.run(session.facts.reviews.order_by("recorded_in")))
    assert [(row["recorded_in"], row["verdict"]) for row in rows] == [("export", "accept"), ("record", "reject")]
    assert rows[1]["decided_at"] == at(9)
    assert records(session.run(session.facts.draws))[0]["pi"] == 0.5


def test_times_are_utc_with_their_zone(tmp_path: Path) -> None:
    """A time with microseconds comes back unchanged."""
    when = datetime(2026, 3, 29, 0, 59, 59, 123456, UTC)
    session = opened(tmp_path, annotations=[answer("i", "a", "x", submitted_at=when)], timezone="Asia/Tokyo")
    assert session.run(session.facts.annotations)["submitted_at"].tolist() == [pd.Timestamp(when)]


def test_files_of_an_older_release_lack_columns(tmp_path: Path) -> None:
    old = table("annotations", [answer("i1", "ana", "cat")]).drop_columns(["answer_hash", "difficulty"])
    new = table("annotations", [answer("i2", "ana", "cat", difficulty="hard")])
    folder = tmp_path / "project=p'; x"
    folder.mkdir()
    files = [str(folder / name) for name in ("old.parquet", "new.parquet")]
    for path, rows in zip(files, (old, new), strict=True):
        pq.write_table(rows.drop_columns(["project"]), path)
    session = open_session({"annotations": files}, RecordTables(), "UTC")
    rows = session.run(session.facts.annotations.order_by("item_id"))
    assert rows["difficulty"].fillna("unknown").tolist() == ["unknown", "hard"]


def test_other_files_are_out_of_reach(tmp_path: Path) -> None:
    files = write(tmp_path, annotations=[answer("i1", "ana", "cat")], items=[item("i1")])
    secret = tmp_path / "secret.parquet"
    pq.write_table(table("items", [item("i2")]), secret)
    session = open_session(files, RecordTables(), "UTC")
    raw = session.facts.items.get_backend().con
    with pytest.raises(duckdb.PermissionException):
        raw.sql(f"SELECT * FROM read_parquet('{secret}')")
    with pytest.raises(duckdb.Error):
        raw.sql("SET enable_external_access = true")
    assert len(session.run(session.facts.items)) == 1


def test_a_table_is_made_once_and_seen_by_all_threads(tmp_path: Path) -> None:
    rows = [answer(f"i{number}", name, "cat") for number, name in enumerate(HOSTILE * 20)]
    session = opened(tmp_path, annotations=rows)
    ready = threading.Barrier(4)

    def count(_: int) -> int:
        ready.wait()
        kept = session.materialise("kept", session.facts.annotations.select("item_id"))
        return sum(len(session.run(kept)) for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(count, range(4))) == {20 * len(rows)}
    other = session.facts.annotations.limit(0).select("item_id")
    assert len(session.run(session.materialise("kept", other))) == len(rows)


def test_draw_times_may_be_naive_or_late(tmp_path: Path) -> None:
    """Frames from a SQL database have nanoseconds, or no zone: they are UTC."""
    given = answer("i", "a", "x")
    naive = pd.DataFrame([draw(given, 0.5, drawn_at=datetime(2026, 3, 2, 9))])
    session = opened(tmp_path, RecordTables(draws=naive), annotations=[given])
    assert session.run(session.facts.draws)["drawn_at"].tolist() == [pd.Timestamp(at(0))]
    assert at(0) - datetime(2026, 3, 2, 9, tzinfo=UTC) == timedelta(0)


def test_a_named_expression_is_computed_where_it_is_used(tmp_path: Path) -> None:
    session = opened(tmp_path, annotations=[answer("i1", "ana", "cat"), answer("i2", "bo", "dog")])
    named = session.name("cats", session.facts.annotations.filter(session.facts.annotations.label == "cat"))
    with ThreadPoolExecutor(2) as pool:
        frames = list(pool.map(lambda _: session.run(named.select("item_id", "label")), range(2)))
    assert [records(frame) for frame in frames] == [[{"item_id": "i1", "label": "cat"}]] * 2
    assert session.name("cats", session.facts.annotations) is named
