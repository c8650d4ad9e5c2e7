"""The difference between the staged items and those that the lake holds."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from qc.lake.changes import Counts, Difference, Job
from qc.lake.digest import content, digest, serialise
from qc.lake.sql import columns, count, literal


def compare_items(con: duckdb.DuckDBPyConnection, job: Job, empty: Collection[str]) -> Difference:
    """What to write to items: what a file does not say about an item stays as another file said it.

    With `replace`, items of this source are as the file has them, and go when no answer is left that needs them.
    """
    names = content("items")
    filled = " + ".join(f"CAST(i.{name} IS NOT NULL AS INTEGER)" for name in names)
    row_hash = digest(serialise("items", names, "i", empty))
    con.execute(
        "CREATE TABLE item_repeats AS SELECT row FROM items_in i WHERE hash(item_id) IN (SELECT hash(item_id) AS id"
        " FROM items_in GROUP BY id HAVING count(*) > 1)"
        f" QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY {filled} DESC, {row_hash}, row) > 1"
    )
    con.execute(
        f"CREATE VIEW items_kept AS SELECT i.* REPLACE ({row_hash} AS row_hash) FROM items_in i"
        " ANTI JOIN item_repeats USING (row)"
    )
    repeats = count(con, "item_repeats")
    kept = count(con, "items_in") - repeats
    if not job.base["items"]:
        every = f"SELECT {columns('items', 'i', job.provenance())} FROM items_kept i"
        return Difference("items", Counts(new=kept, duplicates=repeats), kept > 0, every)

    # The content of an item holds its id: an equal digest is the same item, saying the same.
    con.execute(
        "CREATE TABLE items_differing AS SELECT row, item_id"
        " FROM (SELECT row, item_id, CAST(row_hash AS UUID) AS content FROM items_kept)"
        " ANTI JOIN (SELECT CAST(row_hash AS UUID) AS content FROM items_base) USING (content)"
    )
    con.execute(
        "CREATE TABLE item_plan AS SELECT i.row, b.item_id IS NULL AS new,"
        f" {job.replace} AND coalesce(b.source = {literal(job.source)}, false) AS as_filed"
        " FROM items_differing i LEFT JOIN items_base b USING (item_id)"
    )
    said = {
        name: f"CASE WHEN p.as_filed THEN i.{name} ELSE coalesce(i.{name}, b.{name}) END"
        for name in names
        if name != "item_id"
    }
    con.execute(
        "CREATE VIEW items_merged AS SELECT i.*"
        f" REPLACE ({digest(serialise('items', names, 'i'))} AS row_hash) FROM (SELECT"
        f" {columns('items', 'i', job.provenance(said))}, i.row, b.row_hash AS b_hash, p.new FROM items_kept i"
        " JOIN item_plan p USING (row) LEFT JOIN items_base b USING (item_id)) i"
    )
    con.execute(
        "CREATE TABLE items_changing AS SELECT row, item_id, new FROM items_merged WHERE new OR row_hash <> b_hash"
    )
    con.execute("CREATE TABLE items_removed (item_id VARCHAR)")
    if job.replace:
        con.execute(
            f"INSERT INTO items_removed SELECT item_id FROM items_base b WHERE b.source = {literal(job.source)}"
            " AND item_id NOT IN (SELECT item_id FROM items_kept)"
            " AND item_id NOT IN (SELECT a.item_id FROM annotations_base a"
            " ANTI JOIN removed USING (annotation_id, question))"
        )
    new, changed = count(con, "items_changing WHERE new"), count(con, "items_changing WHERE NOT new")
    removed = count(con, "items_removed")
    counts = Counts(new, changed, kept - new - changed, removed, repeats)
    upserts = f"SELECT {columns('items', 'i')} FROM items_merged i SEMI JOIN items_changing USING (row)"
    if not (changed or removed):
        return Difference("items", counts, new > 0, upserts)
    fates = (
        "SELECT *, true AS gone FROM (SELECT item_id FROM items_changing WHERE NOT new UNION ALL FROM items_removed)"
    )
    return Difference("items", counts, True, upserts, fates)
