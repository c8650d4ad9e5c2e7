"""The difference between the completed answers and those that the lake holds."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from qc.lake.changes import Counts, Difference, Job
from qc.lake.complete import SORTED_ANSWER, completed_sql, named_sql, rounds_sql
from qc.lake.sql import columns, count, literal
from qc.model import InputError

_WORKER = "hash(item_id, annotator, role)"


def compare_answers(con: duckdb.DuckDBPyConnection, job: Job, empty: Collection[str]) -> Difference:
    """What to write to annotations; leaves `plan` (row, annotation_id, question, action, revision) and `removed`.

    An answer that says something else becomes the next revision and its predecessor stays, no longer current; other
    changes are made in place; an answer that the lake knows in a later update is left alone.
    """
    dropped = count(con, "dropped")
    kept = count(con, "annotations_in") - dropped
    con.execute("CREATE TABLE removed (annotation_id VARCHAR, question VARCHAR)")
    if not job.base["annotations"]:
        con.execute(
            "CREATE VIEW plan AS SELECT row, annotation_id, question, 'new' AS action, 1 AS revision FROM named"
        )
        every = f"SELECT {columns('annotations', 'c', job.provenance())} FROM ({completed_sql('named')}) c"
        return Difference("annotations", Counts(new=kept, duplicates=dropped), kept > 0, every)
    _find_differing(con, empty)
    if job.replace:
        con.execute(
            "INSERT INTO removed SELECT b.annotation_id, b.question FROM annotations_base b"
            f" ANTI JOIN named n USING (annotation_id, question) WHERE b.current AND b.source = {literal(job.source)}"
        )
    _plan(con, job)
    _refuse_foreign_ids(con, job)
    _number_beside_the_lake(con, empty)
    for done in ("differing_rows", "differing", "touched"):
        con.execute(f"DROP TABLE {done}")

    found = dict(con.execute("SELECT action, count(*) FROM plan GROUP BY action").fetchall())
    new, changed, removed = (
        found.get("new", 0),
        found.get("revised", 0) + found.get("updated", 0),
        count(con, "removed"),
    )
    counts = Counts(new, changed, kept - new - changed, removed, dropped)
    numbers = {"revision": "p.revision", "round": "coalesce(r.round, c.round)"}
    staged = columns("annotations", "c", job.provenance(numbers))
    # Computed again, not kept: digests of a million rows do not fit beside the rows.
    planned = named_sql("(SELECT * FROM annotations_in WHERE row IN (SELECT row FROM plan))", empty)
    upserts = (
        f"SELECT {staged} FROM ({completed_sql(f'({planned})')}) c"
        " JOIN (SELECT row, revision FROM plan) p USING (row) LEFT JOIN renumbered r USING (row)"
    )
    if not (changed or removed or count(con, "rerounded")):
        return Difference("annotations", counts, new > 0, upserts)
    fates = (
        "SELECT annotation_id, question, revision - CASE WHEN action = 'revised' THEN 1 ELSE 0 END AS revision,"
        " action = 'updated' AS gone, action = 'revised' AS past, NULL AS round FROM plan WHERE action <> 'new'"
        " UNION ALL SELECT annotation_id, question, revision, false, false, round FROM rerounded"
        " UNION ALL SELECT annotation_id, question, revision, true, false, NULL FROM annotations_base"
        " SEMI JOIN removed USING (annotation_id, question)"
    )
    amended = {"current": "b.current AND f.past IS NOT TRUE", "round": "coalesce(f.round, b.round)"}
    return Difference("annotations", counts, True, upserts, fates, amended)


def _find_differing(con: duckdb.DuckDBPyConnection, empty: Collection[str]) -> None:
    """`differing`: ids and digests of the staged answers that the lake does not hold exactly so.

    Only they are kept, and computed again: in an export that repeats the last one they are few, and what all rows
    carry through the comparison is as little as it can be.
    """
    # Rows of one content differ at most in their ids, so a 64-bit hash of those beside the digest is enough.
    told_apart = "hash(annotation_id, question) AS id, CAST(row_hash AS UUID) AS content"
    con.execute(
        f"CREATE TABLE differing_rows AS SELECT row FROM (SELECT row, {told_apart} FROM named)"
        f" ANTI JOIN (SELECT {told_apart} FROM annotations_base WHERE current) USING (id, content)"
    )
    some = named_sql("(SELECT * FROM annotations_in WHERE row IN (FROM differing_rows))", empty)
    con.execute(
        "CREATE TABLE differing AS SELECT row, annotation_id, question, updated_at, answer_hash, row_hash"
        f" FROM ({some})"
    )


def _plan(con: duckdb.DuckDBPyConnection, job: Job) -> None:
    older = "false" if job.replace else "coalesce(c.updated_at < b.updated_at, false)"
    con.execute(
        "CREATE TABLE plan AS SELECT * FROM (SELECT c.row, c.annotation_id, c.question,"
        f" CASE WHEN b.annotation_id IS NULL THEN 'new' WHEN c.row_hash = b.row_hash OR {older} THEN 'same'"
        " WHEN c.answer_hash <> b.answer_hash THEN 'revised' ELSE 'updated' END AS action,"
        " coalesce(b.revision, 0) + CASE WHEN c.answer_hash = b.answer_hash THEN 0 ELSE 1 END AS revision"
        " FROM differing c LEFT JOIN (SELECT * FROM annotations_base WHERE current) b USING (annotation_id, question))"
        " WHERE action <> 'same'"
    )


def _number_beside_the_lake(con: duckdb.DuckDBPyConnection, empty: Collection[str]) -> None:
    """Rounds over the file and the lake together: `renumbered` of the file's rows, `rerounded` of the lake's.

    Only of people and items whose answers came, moved or went: all others keep the numbers that they have.
    """
    con.execute("CREATE TABLE renumbered (row BIGINT, round INTEGER)")
    con.execute("CREATE TABLE rerounded (annotation_id VARCHAR, question VARCHAR, revision INTEGER, round INTEGER)")
    con.execute(
        f"CREATE TABLE touched AS SELECT DISTINCT {_WORKER} AS worker FROM ("
        "SELECT item_id, annotator, role FROM annotations_in SEMI JOIN differing USING (row)"
        " UNION ALL SELECT item_id, annotator, role FROM annotations_base"
        " SEMI JOIN (FROM differing UNION ALL BY NAME FROM removed) USING (annotation_id, question) WHERE current)"
    )
    if not count(con, "touched"):
        return
    nearby = f"(SELECT * FROM annotations_in WHERE {_WORKER} IN (FROM touched))"
    con.execute(f"CREATE VIEW nearby AS {named_sql(nearby, empty)}")
    con.execute(
        "CREATE VIEW standing AS SELECT b.* FROM annotations_base b ANTI JOIN removed USING (annotation_id, question)"
        f" WHERE b.current AND {_WORKER} IN (FROM touched)"
    )
    keys = f"{_WORKER} AS worker, hash(item_id, annotator, role, question) AS cell, hash(annotation_id) AS id"
    con.execute(
        f"CREATE TABLE contested AS SELECT any_value(worker) AS worker FROM (SELECT {keys} FROM nearby"
        f" UNION ALL SELECT {keys} FROM standing) GROUP BY cell HAVING min(id) <> max(id)"
    )
    if not count(con, "contested"):
        return
    said = f"item_id, annotator, role, question, annotation_id AS record, submitted_at, {SORTED_ANSWER}"
    con.execute(
        f"CREATE TABLE contenders AS SELECT row, {said} FROM nearby WHERE {_WORKER} IN (FROM contested)"
        f" UNION ALL SELECT NULL, {said} FROM standing b WHERE {_WORKER} IN (FROM contested)"
        " AND NOT EXISTS (FROM nearby n WHERE n.annotation_id = b.annotation_id AND n.question = b.question)"
        " AND NOT EXISTS (FROM differing n WHERE n.annotation_id = b.annotation_id AND n.question = b.question)"
    )
    con.execute(f"CREATE TABLE rounds_beside AS {rounds_sql('FROM contenders')}")
    con.execute("INSERT INTO renumbered SELECT row, round FROM rounds_beside WHERE row IS NOT NULL")
    con.execute(
        "INSERT INTO rerounded SELECT b.annotation_id, b.question, b.revision, r.round"
        " FROM rounds_beside r JOIN standing b ON r.record = b.annotation_id AND r.question = b.question"
        " ANTI JOIN plan p ON p.annotation_id = b.annotation_id AND p.question = b.question"
        " WHERE r.round IS DISTINCT FROM b.round"
    )


def _refuse_foreign_ids(con: duckdb.DuckDBPyConnection, job: Job) -> None:
    row = con.execute(
        "SELECT p.annotation_id, b.source, b.item_id, n.item_id, b.annotator, n.annotator"
        " FROM plan p JOIN annotations_in n USING (row)"
        " JOIN annotations_base b ON p.annotation_id = b.annotation_id AND p.question = b.question AND b.current"
        f" WHERE p.action <> 'new' AND b.source <> {literal(job.source)} AND (n.item_id IS DISTINCT FROM b.item_id"
        " OR n.annotator IS DISTINCT FROM b.annotator OR n.role IS DISTINCT FROM b.role)"
        " ORDER BY p.annotation_id LIMIT 1"
    ).fetchone()
    if row and row[2] == row[3] and row[4] != row[5]:
        raise InputError(
            f"This file and {row[1]} hold the same submissions: {row[0]!r} answers item {row[2]} in both, by {row[4]} "
            f"there and by {row[5]} here. Where they are two formats of one export, keep the fuller one (Label Studio's"
            " JSON has more than its JSON-MIN and CSV); else give people one name by [annotators] in a mapping."
        )
    if row:
        raise InputError(
            f"The annotation id {row[0]!r} already names an answer from {row[1]} (item {row[2]}, here item {row[3]}):"
            " import this file into another project, or map its ids so that they differ."
        )
