"""The difference between the completed answers and those that the lake holds."""

from __future__ import annotations

import duckdb

from qc.lake.changes import Counts, Difference, Job
from qc.lake.complete import SORTED_ANSWER, keep_digests, rounds_sql
from qc.lake.sql import columns, count, literal
from qc.model import InputError


def compare_answers(con: duckdb.DuckDBPyConnection, job: Job) -> Difference:
    """What to write to annotations; leaves `plan` (row, annotation_id, question, action, revision) and `removed`.

    An answer that says something else becomes the next revision and its predecessor stays, no longer current; other
    changes are made in place; an answer that the lake knows in a later update is left alone.
    """
    dropped = count(con, "dropped")
    kept = count(con, "annotations_in") - dropped
    con.execute("CREATE TABLE removed (annotation_id VARCHAR, question VARCHAR)")
    if not job.base["annotations"]:
        con.execute(
            "CREATE VIEW plan AS SELECT row, annotation_id, question, 'new' AS action, 1 AS revision FROM keyed"
        )
        every = f"SELECT {columns('annotations', 'c', job.provenance())} FROM completed c"
        return Difference("annotations", Counts(new=kept, duplicates=dropped), kept > 0, every)
    keep_digests(con)
    if job.replace:
        con.execute(
            "INSERT INTO removed SELECT b.annotation_id, b.question FROM annotations_base b"
            f" ANTI JOIN keyed n USING (annotation_id, question) WHERE b.current AND b.source = {literal(job.source)}"
        )
    _number_beside_the_lake(con)
    _plan(con, job)
    _refuse_foreign_ids(con, job)
    con.execute(
        "DELETE FROM rerounded r USING plan p WHERE r.annotation_id = p.annotation_id AND r.question = p.question"
    )

    found = dict(con.execute("SELECT action, count(*) FROM plan GROUP BY action").fetchall())
    new, changed, removed = (
        found.get("new", 0),
        found.get("revised", 0) + found.get("updated", 0),
        count(con, "removed"),
    )
    counts = Counts(new, changed, kept - new - changed, removed, dropped)
    staged = columns("annotations", "c", job.provenance({"revision": "p.revision"}))
    upserts = f"SELECT {staged} FROM completed c JOIN plan p USING (row)"
    if not (changed or removed or count(con, "rerounded")):
        return Difference("annotations", counts, new > 0, upserts)
    predecessors = columns("annotations", "b", {"current": "false"})
    rerounded = columns("annotations", "b", {"round": "r.round"})
    return Difference(
        "annotations",
        counts,
        True,
        f"{upserts} UNION ALL SELECT {predecessors} FROM annotations_base b JOIN plan p USING (annotation_id, question)"
        " WHERE b.current AND p.action = 'revised'"
        f" UNION ALL SELECT {rerounded} FROM annotations_base b JOIN rerounded r USING (annotation_id, question)"
        " WHERE b.current",
        "SELECT annotation_id, question, revision FROM annotations_base JOIN removed USING (annotation_id, question)",
    )


def _plan(con: duckdb.DuckDBPyConnection, job: Job) -> None:
    older = "false" if job.replace else "coalesce(c.updated_at < b.updated_at, false)"
    con.execute(
        "CREATE TABLE plan AS SELECT * FROM (SELECT c.row, c.annotation_id, c.question,"
        f" CASE WHEN b.annotation_id IS NULL THEN 'new' WHEN c.row_hash = b.row_hash OR {older} THEN 'same'"
        " WHEN c.answer_hash <> b.answer_hash THEN 'revised' ELSE 'updated' END AS action,"
        " coalesce(b.revision, 0) + CASE WHEN c.answer_hash = b.answer_hash THEN 0 ELSE 1 END AS revision"
        " FROM keyed c LEFT JOIN (SELECT * FROM annotations_base WHERE current) b USING (annotation_id, question))"
        " WHERE action <> 'same'"
    )


def _number_beside_the_lake(con: duckdb.DuckDBPyConnection) -> None:
    """Rounds over the file and the lake together: `rounds` of the file's rows, `rerounded` of the lake's."""
    con.execute(
        "CREATE VIEW standing AS SELECT b.* FROM annotations_base b ANTI JOIN removed USING (annotation_id, question)"
        " WHERE b.current"
    )
    con.execute("CREATE TABLE rerounded (annotation_id VARCHAR, question VARCHAR, round INTEGER)")
    worker = "hash(item_id, annotator, role)"
    keys = f"{worker} AS worker, hash(item_id, annotator, role, question) AS cell, hash(annotation_id) AS id"
    con.execute(
        f"CREATE TABLE contested AS SELECT any_value(worker) AS worker FROM (SELECT {keys} FROM named"
        f" UNION ALL SELECT {keys} FROM standing) GROUP BY cell HAVING min(id) <> max(id)"
    )
    if not count(con, "contested"):
        return
    said = f"item_id, annotator, role, question, annotation_id AS record, submitted_at, {SORTED_ANSWER}"
    con.execute(
        f"CREATE TABLE contenders AS SELECT row, {said} FROM named WHERE {worker} IN (FROM contested)"
        f" UNION ALL SELECT NULL, {said} FROM standing b WHERE {worker} IN (FROM contested)"
        " AND NOT EXISTS (FROM keyed n WHERE n.annotation_id = b.annotation_id AND n.question = b.question)"
    )
    con.execute(f"CREATE OR REPLACE TABLE rounds AS {rounds_sql('FROM contenders')}")
    con.execute(
        "INSERT INTO rerounded SELECT b.annotation_id, b.question, r.round FROM rounds r JOIN standing b"
        " ON r.record = b.annotation_id AND r.question = b.question WHERE r.round IS DISTINCT FROM b.round"
    )


def _refuse_foreign_ids(con: duckdb.DuckDBPyConnection, job: Job) -> None:
    row = con.execute(
        "SELECT p.annotation_id, b.source, b.item_id, n.item_id FROM plan p JOIN named n USING (row)"
        " JOIN annotations_base b ON p.annotation_id = b.annotation_id AND p.question = b.question AND b.current"
        f" WHERE p.action <> 'new' AND b.source <> {literal(job.source)} AND (n.item_id IS DISTINCT FROM b.item_id"
        " OR n.annotator IS DISTINCT FROM b.annotator OR n.role IS DISTINCT FROM b.role)"
        " ORDER BY p.annotation_id LIMIT 1"
    ).fetchone()
    if row:
        raise InputError(
            f"The annotation id {row[0]!r} already names an answer from {row[1]} (item {row[2]}, here item {row[3]}):"
            " import this file into another project, or map its ids so that they differ."
        )
