"""Answers without an id of their own that another source has too: repeats by the same person, or the very same.

A sheet gives no ids, so an answer is known by who answered what. Two files of one folder with the same person, item
and question are two occasions, numbered as rounds; here the same holds for files that come one after the other, so
that both ways end alike. Only a newer file of the same source says anew what was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qc.lake.complete import complete
from qc.lake.sql import literal, open_base, open_staging
from qc.model import FACT_TABLES, Role

_MEMORY: Final = "512MB"
_CELL: Final = "item_id, annotator, question"


class Repeats(NamedTuple):
    """How many answers repeat those of other sources, and of which."""

    answers: int = 0
    sources: tuple[str, ...] = ()


def tell_apart(staging: Path, files: Sequence[str], names: Sequence[str]) -> Repeats:
    """Gives staged answers that repeat those of other sources an id of their own, in place.

    files: the committed annotations of the project; names: the source, and what else it is called. An answer that
    another source holds word for word takes its id, and changes nothing. Answers with an id of their tool, and those
    of models and gold, are left alone.
    """
    if not files:
        return Repeats()
    with duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": _MEMORY,
            "temp_directory": str(staging / "repeats"),
        }
    ) as con:
        con.execute("SET TimeZone = 'UTC'")
        empty = open_staging(con, staging)
        if "annotation_id" not in empty["annotations"] and not _nameless(con):
            return Repeats()
        open_base(con, "annotations", list(files))
        con.execute(
            f"CREATE TABLE standing AS SELECT {_CELL}, annotation_id, row_hash, source FROM annotations_base"
            f" SEMI JOIN (SELECT {_CELL} FROM annotations_in WHERE {_MINE}) USING ({_CELL})"
            f" WHERE current AND role = {literal(Role.ANNOTATOR.value)}"
        )
        own = f"({', '.join(map(literal, names))})"
        others = f"source NOT IN {own}"
        if not con.execute(f"SELECT 1 FROM standing WHERE {others} LIMIT 1").fetchone():
            return Repeats()
        complete(con, empty)
        con.execute("CREATE TABLE copies AS FROM dropped")
        # Copies get the id of the row that they repeat, so that they are dropped beside it.
        con.execute("DELETE FROM dropped")
        con.execute(
            "CREATE TABLE mine AS SELECT n.row, n.source_pos, n.annotation_id, n.question, n.item_id, n.annotator,"
            " n.row_hash, n.row IN (FROM copies) AS copy FROM named n"
            f" SEMI JOIN (SELECT row FROM annotations_in WHERE {_MINE}) USING (row)"
        )
        con.execute(_MEANT.format(own=own, source=literal(names[0])))
        found = con.execute(
            f"SELECT row, any_value(meant) AS meant FROM mine JOIN records USING ({_RECORD}) JOIN meant USING (content)"
            " GROUP BY row ORDER BY row"
        ).to_arrow_table()
        told = con.execute(
            "SELECT count(DISTINCT row), list(DISTINCT s.source ORDER BY s.source) FROM mine m"
            f" JOIN records USING ({_RECORD}) JOIN meant e USING (content)"
            f" JOIN standing s USING ({_CELL}) WHERE e.anew AND NOT m.copy AND m.annotation_id = s.annotation_id"
        ).fetchone()
    if found.num_rows:
        _rename(staging / "annotations.parquet", found)
    return Repeats(int(told[0]), tuple(told[1] or ())) if told else Repeats()


_MINE: Final = f"annotation_id IS NULL AND role = {literal(Role.ANNOTATOR.value)}"

_RECORD: Final = "source_pos, item_id, annotator"

# A record is what one person says of one item in one row of the source, whatever its questions: it is renamed as a
# whole. `twin` is the answer of the lake that says the same to all of its questions.
_MEANT: Final = """
    CREATE TABLE records AS
    SELECT source_pos, item_id, annotator, count(*) AS questions, bool_or(copy) AS copy,
        string_agg(row_hash, ' ' ORDER BY question, row_hash) AS content FROM mine GROUP BY ALL;
    CREATE TABLE meant AS WITH
    taken AS (
        SELECT m.source_pos, m.item_id, m.annotator, bool_or(s.source IN {own}) AS own
        FROM mine m JOIN standing s USING (annotation_id, question) GROUP BY ALL
    ),
    twins AS (
        SELECT r.source_pos, r.item_id, r.annotator, s.annotation_id
        FROM mine m JOIN standing s USING (item_id, annotator, question, row_hash)
        JOIN records r ON r.source_pos = m.source_pos AND r.item_id = m.item_id AND r.annotator = m.annotator
        GROUP BY ALL HAVING count(*) = any_value(r.questions)
    ),
    twin AS (SELECT source_pos, item_id, annotator, min(annotation_id) AS twin FROM twins GROUP BY ALL)
    SELECT r.content, t.twin IS NULL AS anew,
        coalesce(t.twin, md5(concat(min(m.annotation_id), chr(31), {source}))) AS meant
    FROM records r JOIN mine m USING (source_pos, item_id, annotator)
    LEFT JOIN taken k USING (source_pos, item_id, annotator)
    LEFT JOIN twin t USING (source_pos, item_id, annotator)
    WHERE NOT r.copy AND k.own IS NOT TRUE AND (k.own IS NOT NULL OR t.twin IS NOT NULL)
    GROUP BY r.content, t.twin
"""


def _nameless(con: duckdb.DuckDBPyConnection) -> bool:
    return con.execute(f"SELECT 1 FROM annotations_in WHERE {_MINE} LIMIT 1").fetchone() is not None


def _rename(path: Path, ids: pa.Table) -> None:
    """Writes the ids `meant` for the rows `row`, which are in order."""
    table = pq.ParquetFile(path).read()
    anew = np.zeros(table.num_rows, bool)
    anew[ids["row"].to_numpy()] = True
    place = table.schema.get_field_index("annotation_id")
    before = table["annotation_id"].combine_chunks().cast(pa.string())
    named = pc.replace_with_mask(before, pa.array(anew), ids["meant"].combine_chunks().cast(pa.string()))
    renamed = table.set_column(place, "annotation_id", named)
    pq.write_table(renamed.cast(FACT_TABLES["annotations"]), path, compression="lz4", store_schema=False)
