"""CSV and TSV files as sheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from qc.model import InputError
from qc.readers.sheet import SAMPLE, Rows, Sheet, checked_header
from qc.readers.source import HEAD, Source
from qc.readers.staging import Reject

BLOCK: Final = 8 << 20
DELIMITERS: Final = ",;\t|"

RAGGED: Final = "the row has more or fewer cells than the header"
_OPEN: Final = "a quotation mark is never closed"


def csv_sheet(source: Source, encoding: str | None) -> Sheet:
    """Header, sample and delimiter of a CSV or TSV file."""
    encoding = encoding or source.encoding
    with source.stream(encoding) as stream:
        head = stream.read(HEAD)
        whole = not stream.read(1)
    text = head.decode("utf-8", "ignore").removeprefix("\ufeff")
    if not whole:
        text = text[: text.rfind("\n") + 1]
    lines = text.lstrip("\r\n")
    if not lines:
        raise InputError(f"The first line of {source.name} is longer than {HEAD // 1024} kB; is it a table?")
    delimiter = max(DELIMITERS, key=_outside_quotes(lines.splitlines()[0]).count)
    try:
        rows = [
            tuple(row)
            for _, row in zip(
                range(SAMPLE + 1), csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter), strict=False
            )
            if row
        ]
    except csv.Error as error:
        raise InputError(f"{source.name} is no readable table: {error}.") from None
    header = checked_header(rows[0], source.name)
    if len(rows) == 1 and whole:
        raise InputError(f"{source.name} has a header and no rows; export it again.")
    return Sheet(header, tuple(rows[1:]), partial(_rows, source, encoding, delimiter, header))


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _rows(
    source: Source, encoding: str, delimiter: str, header: Sequence[str], wanted: Sequence[str]
) -> Iterator[Rows]:
    """Numbers are those of a spreadsheet; blank lines are not counted."""
    stream = source.stream(encoding)
    ragged: list[Reject] = []

    def set_aside(row: Any) -> str:
        ragged.append(
            Reject(int(row.number), _OPEN if "\n" in row.text and row.text.count('"') % 2 else RAGGED, row.text)
        )
        return "skip"

    last = header[-1]
    try:
        reader = pacsv.open_csv(
            stream,
            pacsv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=list(header)),
            pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside),
            pacsv.ConvertOptions(
                include_columns=list(dict.fromkeys([*wanted, last])),
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
        following = 1
        tail: str | None = None
        for batch in reader:
            columns = {name: batch.column(name) for name in batch.schema.names}
            positions = _numbered(following, batch.num_rows, ragged)
            if batch.num_rows:
                following, tail = int(positions[-1]) + 1, columns[last][-1].as_py()
            rejects = [reject for reject in ragged if reject.line < following]
            yield _without_header(Rows(columns, positions, rejects, stream.passed / source.size))
            _refuse_open_quote(source, ragged)
            ragged[:] = [reject for reject in ragged if reject.line >= following]
        _refuse_open_quote(source, ragged)
        if tail and "\n" in tail and not stream.tail.rstrip(b"\r\n").endswith(b'"'):
            _refuse_open_quote(source, [Reject(following - 1, _OPEN, "")])
        yield Rows({}, np.empty(0, np.int64), ragged, 1.0)
    except pa.ArrowInvalid as error:
        fault = str(error).splitlines()[0][:200]
        if "straddling" in fault:
            fault = f"a row after row {following:,} is over {BLOCK >> 20} MB long (is a quotation mark left open?)"
        raise InputError(f"{source.name} cannot be read as a table: {fault}.") from None


def _refuse_open_quote(source: Source, rejects: Sequence[Reject]) -> None:
    if row := next((reject.line for reject in rejects if reject.reason == _OPEN), None):
        raise InputError(
            f"{source.name}: a quotation mark in row {row:,} is never closed; correct it there and read the file again."
        )


def _numbered(first: int, count: int, set_aside: Sequence[Reject]) -> npt.NDArray[np.int64]:
    """The numbers of `count` rows from `first` on, those set aside left out."""
    numbers = np.arange(first, first + count + len(set_aside), dtype=np.int64)
    return np.setdiff1d(numbers, [reject.line for reject in set_aside], assume_unique=True)[:count]


def _without_header(rows: Rows) -> Rows:
    skip = int(len(rows.positions) > 0 and rows.positions[0] == 1)
    columns = {name: column.slice(skip) for name, column in rows.columns.items()}
    return rows._replace(columns=columns, positions=rows.positions[skip:])
