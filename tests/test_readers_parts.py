"""The small parts that readers share, and files mutated at random (about 15 s)."""

import io
import json
import random
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readers_staged import DATA, read, write

from qc.model import InputError, TzSource
from qc.readers.elements import elements
from qc.readers.numbers import duration, durations, number, numbers
from qc.readers.once import Once
from qc.readers.times import EPOCH, MICROSECOND, BadTimeError, Clock, clock, instant, instants

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def micros(when: datetime) -> int:
    return (when - EPOCH) // MICROSECOND


@pytest.mark.parametrize(
    ("text", "source", "when"),
    [
        ("2026-03-02T09:00:00Z", TzSource.EXPLICIT, NINE),
        ("2026-03-02 17:00:00+08:00", TzSource.EXPLICIT, NINE),
        ("2026-03-02T09:00:00.123456789Z", TzSource.EXPLICIT, NINE.replace(microsecond=123456)),
        ("2026-03-02 09:00:00.0 UTC", TzSource.NAMED, NINE),
        ("2026-03-02 01:00:00 PST", TzSource.NAMED, NINE),
        ("Mon Mar 02 01:00:00 PST 2026", TzSource.NAMED, NINE),
        ("Mon Jul 06 01:00:00 PDT 2026", TzSource.NAMED, datetime(2026, 7, 6, 8, tzinfo=UTC)),
        ("1772442000", TzSource.EPOCH, NINE),
        ("1772442000.5", TzSource.EPOCH, NINE.replace(microsecond=500_000)),
        ("1772442000123", TzSource.EPOCH, NINE.replace(microsecond=123_000)),
        ("1772442000123456", TzSource.EPOCH, NINE.replace(microsecond=123_456)),
        ("2026-03-02 09:00", TzSource.ASSUMED, NINE),
        ("02.03.2026 09:00", TzSource.ASSUMED, NINE),
        ("3/25/2026 9:00 AM", TzSource.ASSUMED, NINE.replace(day=25)),
        ("25/3/2026 09:00:00", TzSource.ASSUMED, NINE.replace(day=25)),
        ("3/3/2026, 9:00 PM", TzSource.ASSUMED, NINE.replace(day=3, hour=21)),
    ],
)
def test_times_as_tools_write_them(text: str, source: TzSource, when: datetime) -> None:
    """09:00 UTC on 2 March 2026 is 1,772,442,000 s after 1970 (20,514 days and 9 hours)."""
    assert instant(text, Clock()) == (micros(when), source, False)
    column = instants(pa.array([text, None]), Clock())
    assert column.values.to_pylist() == [when, None]
    assert column.sources.to_pylist() == [source, None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("soon", "cannot be read"),
        ("2026-02-30 09:00", "cannot be read"),
        ("2026-12-31T23:59:60Z", "cannot be read"),
        ("Mon Mar 02 01:00:00 XYZ 2026", "cannot be read"),
        ("2026-03-02 09:00:00 CST", "cannot be read"),
        ("3/2/2026 09:00", "day and month"),
        ("42", "cannot be read"),
        ("9" * 30, "cannot be read"),
        ("9999-12-31 23:59:59", "cannot be read"),
    ],
)
def test_what_is_no_time_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadTimeError, match=reason):
        instant(text, clock("America/New_York" if text.startswith("9999") else None))


def test_day_first_and_month_first() -> None:
    assert instant("3/2/2026", clock(None, "day first")).micros == micros(datetime(2026, 2, 3, tzinfo=UTC))
    assert instant("3/2/2026", clock(None, "month first")).micros == micros(datetime(2026, 3, 2, tzinfo=UTC))


def test_the_clock_change_of_lord_howe_is_half_an_hour() -> None:
    """Lord Howe Island goes from 02:00 to 02:30 on 4 October 2026 and back by half an hour on 5 April 2026."""
    island = clock("Australia/Lord_Howe")
    with pytest.raises(BadTimeError, match="leaves out"):
        instant("2026-10-04 02:15:00", island)
    assert instant("2026-10-04 02:30:00", island).twice is False
    twice = instant("2026-04-05 01:45:00", island)
    assert twice.twice is True
    assert twice.micros == micros(datetime(2026, 4, 4, 14, 45, tzinfo=UTC))


def test_a_column_of_mixed_times_keeps_every_row_in_place() -> None:
    texts = pa.array(["2026-03-02T09:00:00Z", "soon", None, "1772442000", "2026-10-25 02:30:00"])
    found = instants(texts, clock("Europe/Berlin"))
    assert found.values.to_pylist() == [NINE, None, None, NINE, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
    assert found.sources.to_pylist() == ["explicit", None, None, "epoch", "assumed"]
    assert found.bad == {1: "a time cannot be read"}
    assert found.twice == 1


@given(st.lists(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)), min_size=1, max_size=20), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_cast_of_a_column_equals_one_by_one(times: list[datetime], zoned: bool) -> None:
    texts = [time.isoformat(" ") + ("+05:30" if zoned else "") for time in times]
    berlin = clock("Europe/Berlin")
    found = instants(pa.array(texts), berlin)
    for row, text in enumerate(texts):
        if row in found.bad:
            with pytest.raises(BadTimeError, match=found.bad[row]):
                instant(text, berlin)
        else:
            expected = instant(text, berlin)
            assert (found.values[row].value, found.sources[row].as_py()) == (expected.micros, expected.source)


LITERALS = [
    *[("1", 1.0), ("-1.5", -1.5), ("1e3", 1000.0), ("37,4", 37.4), ("1:02", 62.0), ("0:01:30", 90.0), ("007", 7.0)],
    *[("nan", None), ("NaN", None), ("inf", None), ("-inf", None), ("1e999", None), ("1e16", None), ("n/a", None)],
    *[("0x10", None), ("1,234.5", None), ("9" * 400, None), ("--1", None), ("٣", 3.0)],
]


@pytest.mark.parametrize(("text", "value"), LITERALS)
def test_numbers_are_finite_or_missing(text: str, value: float | None) -> None:
    assert number(text) == value
    assert numbers(pa.array([text, None])).to_pylist() == [value, None]
    possible = value if value is not None and value >= 0 else None
    assert duration(text) == possible
    assert durations(pa.array([text])).to_pylist() == [possible]


def test_numbers_of_json_are_no_booleans() -> None:
    assert [number(value) for value in (True, None, [], 3, 10**400, float("nan"))] == [
        None,
        None,
        None,
        3.0,
        None,
        None,
    ]


values = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(), st.none(), st.sampled_from(["\\", '"', '\\"', "[{", "}],"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=12,
)


class Slow(io.BytesIO):
    """Gives a few bytes at a time."""

    step = 7

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.step)


@given(st.lists(values, max_size=4), st.integers(1, 40), st.sampled_from([None, 1]), st.booleans(), st.data())
@settings(max_examples=150, deadline=None)
def test_elements_are_those_of_a_json_parser_wherever_blocks_end(
    found: list[Any], step: int, indent: int | None, plain: bool, data: st.DataObject
) -> None:
    records = [[entry] for entry in found]
    text = json.dumps(records, ensure_ascii=plain, indent=indent).encode()
    stream = Slow(text)
    stream.step = step
    assert [json.loads(element) for element in elements(stream, "f")] == records
    stream = Slow(text[: data.draw(st.integers(1, len(text) - 1))])
    stream.step = step
    with pytest.raises(InputError):
        list(elements(stream, "f"))


SCHEMA = pa.schema([("key", pa.string()), ("a", pa.string()), ("b", pa.bool_()), ("tags", pa.list_(pa.string())),
                    ("unused", pa.string()), ("source_pos", pa.int64())])  # fmt: skip


def in_pieces(folder: Path) -> Once:
    once = Once(folder / "raw", SCHEMA, ["key"])
    once.add(
        {
            "key": pa.array(["x", "y", "x"]),
            "a": pa.array([None, "u", None], pa.string()),
            "source_pos": pa.array([1, 2, 3]),
        }
    )
    once.add({"key": pa.array(["x", "x"]), "a": pa.array(["v", "w"]), "b": pa.array([False, True]),
              "tags": pa.array([["t"], ["s"]]), "source_pos": pa.array([4, 5])})  # fmt: skip
    return once


DISTINCT = [
    {"key": "y", "a": "u", "b": None, "tags": None, "source_pos": 2},
    {"key": "x", "a": "v", "b": True, "tags": ["t"], "source_pos": 1},
]


def test_once_takes_the_first_known_value_of_each_column(tmp_path: Path) -> None:
    once = in_pieces(tmp_path)
    assert [row for batch in once.rows() for row in batch.to_pylist()] == DISTINCT
    assert list(tmp_path.iterdir()) == []


def test_once_saves_what_it_would_give(tmp_path: Path) -> None:
    assert in_pieces(tmp_path).save(tmp_path / "rows") == 2
    assert pq.read_table(tmp_path / "rows").to_pylist() == [{**row, "unused": None} for row in DISTINCT]
    whole = Once(tmp_path / "raw", SCHEMA, ["key"])
    for key, place in (("y", 1), ("x", 2)):
        whole.add({"key": pa.array([key]), "source_pos": pa.array([place])})
    assert whole.save(tmp_path / "whole") == 2
    assert whole.given == {"key", "source_pos"}
    assert pq.read_table(tmp_path / "whole")["key"].to_pylist() == ["y", "x"]
    assert Once(tmp_path / "raw", SCHEMA, ["key"]).save(tmp_path / "none") == 0
    assert pq.read_table(tmp_path / "none").num_rows == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["none", "rows", "whole"]


def test_an_export_cut_at_any_byte_is_refused(tmp_path: Path) -> None:
    content = (DATA / "label_studio.json").read_bytes().rstrip()
    for cut in range(1, len(content)):
        with pytest.raises(InputError):
            list(elements(io.BytesIO(content[:cut]), "f"))
    for cut in range(0, len(content), 97):
        with pytest.raises(InputError):
            read(write(tmp_path, "cut.json", content[:cut]), tmp_path, reader="label_studio")


@pytest.mark.parametrize("name", ["label_studio.json", "sheet_long.csv", "sheet_wide.csv"])
def test_mutated_files_are_refused_or_add_up(tmp_path: Path, name: str) -> None:
    """read = accepted + quarantined (checked in `read`), or an InputError; nothing else ever leaves a reader."""
    content = (DATA / name).read_bytes()
    chance = random.Random(20260302)
    pieces = [
        b'"',
        b",",
        b"\n",
        b"{",
        b"]",
        b"\\",
        b"\x00",
        b"\xff",
        b"null",
        b"-1",
        b"NaN",
        b"\xf0\x9f\x98\x80",
        b";",
        b"[" * 70,
    ]
    outcomes = {"read": 0, "refused": 0}
    sentences: set[str] = set()
    for _ in range(150):
        mutated = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(mutated))
            mutated[place : place + chance.choice([0, 0, 1, 5, 40])] = chance.choice([b"", *pieces])
        shutil.rmtree(tmp_path / "staged", ignore_errors=True)
        try:
            read(
                write(tmp_path, name, bytes(mutated)),
                tmp_path,
                reader="table" if name.endswith("csv") else "label_studio",
            )
        except InputError as error:
            outcomes["refused"] += 1
            sentences.add(str(error))
        else:
            outcomes["read"] += 1
    assert min(outcomes.values()) > 5, outcomes
    assert not any("\n" in sentence for sentence in sentences)
