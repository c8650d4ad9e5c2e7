"""Taking in answers with the revisions that they had before, as our own export of facts brings them.

The lake makes a revision whenever an answer says something else than before. So the earlier ones of an answer that
the project does not know are committed first, one after the other; of an answer that it knows, only the newest counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace as amended
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qc.lake import Changes, Lake
from qc.lake.sql import literal, open_base
from qc.model import FACT_TABLES


class Waves(NamedTuple):
    """Rows of staged answers, by the step in which they are committed.

    `earlier` are the steps before the last, `newest` the rows of the last one; `standing` of these are there already
    when it comes, and `past` answers have been followed by another revision.
    """

    earlier: Sequence[Collection[int]]
    newest: Collection[int]
    standing: int
    past: int


def absorb(
    lake: Lake, staging: Path, project: str, source: str, import_id: str, base: Mapping[str, int], replace: bool
) -> tuple[Changes, int]:
    """Commits what is staged as `Lake.absorb` does, revision by revision, and tells how many answers are past ones.

    Past ones are taken out of the staged files.
    """
    if not _has_revisions(staging):
        return lake.absorb(staging, project, source, import_id, base, replace), 0
    waves, is_new = _waves(staging, lake.files("annotations", base.get("annotations"), project), source)
    for place, rows in enumerate(waves.earlier):
        part = staging / f"revisions-{place}"
        _write_part(staging, part, rows, ())
        # A new source holds nothing else yet; replaced by each step, it takes revisions that are dated backwards, too.
        base = lake.absorb(part, project, source, import_id, base, replace=is_new).versions
    newest = staging / "newest"
    _write_part(staging, newest, waves.newest, ("items", "reviews"))
    for table in FACT_TABLES:
        (newest / f"{table}.parquet").replace(staging / f"{table}.parquet")
    done = lake.absorb(staging, project, source, import_id, base, replace)
    found = done.answers
    answers = amended(found, new=found.new + waves.standing, unchanged=found.unchanged - waves.standing)
    return amended(done, tables={**done.tables, "annotations": answers}), waves.past


def _has_revisions(staging: Path) -> bool:
    stated = pq.ParquetFile(staging / "annotations.parquet").read(columns=["revision"])["revision"]
    return bool(pc.any(pc.greater(stated, 1)).as_py())


_PLACED: Final = """
    CREATE TABLE placed AS SELECT *, max(place) OVER (PARTITION BY annotation_id, question) AS n FROM (
        SELECT file_row_number AS row, annotation_id, question,
            dense_rank() OVER (PARTITION BY annotation_id, question ORDER BY coalesce(revision, 1)) AS place
        FROM read_parquet({path}, file_row_number = true, hive_partitioning = false)
        WHERE annotation_id IS NOT NULL
    )
"""


def _waves(staging: Path, files: Sequence[str], source: str) -> tuple[Waves, bool]:
    """The steps, and whether the project holds no answer of the source yet."""
    path = staging / "annotations.parquet"
    with duckdb.connect(config={"autoload_known_extensions": False, "autoinstall_known_extensions": False}) as con:
        con.execute(_PLACED.format(path=literal(str(path))))
        open_base(con, "annotations", list(files))
        is_new = not _rows(con, f"SELECT 1 FROM annotations_base WHERE source = {literal(source)} LIMIT 1")
        con.execute(
            "CREATE TABLE history AS SELECT * FROM placed ANTI JOIN annotations_base USING (annotation_id, question)"
            " WHERE n > 1"
        )
        longest = max(_rows(con, "SELECT coalesce(max(n), 0) FROM history"))
        steps = range(1, longest + 1)
        earlier = [_rows(con, f"SELECT row FROM history WHERE place = least({place}, n)") for place in steps]
        past = set(_rows(con, "SELECT row FROM placed WHERE place < n"))
        brought = len(_rows(con, "SELECT row FROM history WHERE place < n"))
    newest = [row for row in range(pq.read_metadata(path).num_rows) if row not in past]
    return Waves(earlier, newest, len(earlier[0]) if earlier else 0, brought), is_new


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[int]:
    return [int(row) for (row,) in con.execute(query).fetchall()]


def _write_part(staging: Path, part: Path, rows: Collection[int], whole: Collection[str]) -> None:
    """Some of the staged answers with their regions, and all rows of some tables."""
    part.mkdir()
    staged = {table: pq.ParquetFile(staging / f"{table}.parquet").read() for table in FACT_TABLES}
    answers = staged["annotations"].take(pa.array(sorted(rows), pa.int64()))
    own = pc.is_in(staged["regions"]["source_pos"], value_set=answers["source_pos"].combine_chunks())
    kept = {"annotations": answers, "regions": staged["regions"].filter(own)}
    for table, held in staged.items():
        written = kept.get(table, held if table in whole else held.slice(0, 0))
        pq.write_table(
            written.cast(FACT_TABLES[table]), part / f"{table}.parquet", compression="lz4", store_schema=False
        )
