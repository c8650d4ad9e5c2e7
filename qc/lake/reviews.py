"""The difference between the reviews found in an export and those that the lake holds."""

from __future__ import annotations

import duckdb

from qc.lake.changes import Counts, Difference, Job
from qc.lake.digest import content, digest, serialise
from qc.lake.sql import columns, count, literal

_SUBJECT = "annotation_id, question, region_id"


def compare_reviews(con: duckdb.DuckDBPyConnection, job: Job) -> Difference:
    """What to write to reviews; one that the lake knows with a later decision is left alone.

    `judged_digest` is that of the answer as it was when the review was decided: the file's if it was not updated
    since, else the lake's, else null.
    """
    staged = count(con, "reviews_in")
    if not staged and not job.replace:
        return Difference("reviews", Counts(), False, "")
    _complete_reviews(con)
    kept = count(con, "reviews_completed")
    older = "false" if job.replace else "coalesce(r.decided_at < b.decided_at, false)"
    con.execute(
        "CREATE TABLE reviews_changing AS SELECT r.* REPLACE (CASE WHEN b.review_id IS NOT NULL"
        " AND r.decided_at IS NOT DISTINCT FROM b.decided_at THEN b.judged_digest ELSE r.judged_digest END"
        " AS judged_digest), b.review_id IS NULL AS new"
        " FROM reviews_completed r LEFT JOIN reviews_base b USING (review_id)"
        f" WHERE b.review_id IS NULL OR (r.row_hash <> b.row_hash AND NOT {older})"
    )
    gone = (
        f"(SELECT review_id FROM reviews_base WHERE {job.replace} AND source = {literal(job.source)}"
        " AND review_id NOT IN (SELECT review_id FROM reviews_completed))"
    )
    new, changed = count(con, "reviews_changing WHERE new"), count(con, "reviews_changing WHERE NOT new")
    removed = count(con, gone)
    counts = Counts(new, changed, kept - new - changed, removed, staged - kept)
    upserts = f"SELECT {columns('reviews', 'r', job.provenance())} FROM reviews_changing r"
    if not (changed or removed):
        return Difference("reviews", counts, new > 0, upserts)
    fates = f"SELECT *, true AS gone FROM (SELECT review_id FROM reviews_changing WHERE NOT new UNION ALL FROM {gone})"
    return Difference("reviews", counts, True, upserts, fates)


def _complete_reviews(con: duckdb.DuckDBPyConnection) -> None:
    """`reviews_completed`: subjects found by record, corrections linked, ids given, repeats dropped."""
    con.execute(
        "CREATE TABLE reviews_named AS SELECT r.* REPLACE (coalesce(r.annotation_id, m.annotation_id) AS annotation_id)"
        " FROM reviews_in r LEFT JOIN main_ids m USING (source_pos, question)"
    )
    con.execute(
        "CREATE TABLE judged AS SELECT annotation_id, question, item_id, answer_hash, updated_at, true AS staged"
        " FROM named SEMI JOIN reviews_named USING (annotation_id, question)"
        " UNION ALL SELECT annotation_id, question, item_id, answer_hash, updated_at, false FROM annotations_base"
        " SEMI JOIN reviews_named USING (annotation_id, question) WHERE current"
    )
    con.execute(
        "CREATE VIEW corrections AS SELECT n.* REPLACE (coalesce(n.parent, p.parent) AS parent) FROM named n"
        " LEFT JOIN parents p USING (row) WHERE n.role IN ('reviewer', 'adjudicator')"
    )
    con.execute(
        "CREATE TABLE reviews_linked AS SELECT r.* REPLACE (coalesce(r.item_id, s.item_id, b.item_id) AS item_id,"
        " coalesce(r.corrected_annotation_id, c.annotation_id) AS corrected_annotation_id,"
        " coalesce(r.judged_digest, CASE WHEN coalesce(s.updated_at <= r.decided_at, s.answer_hash IS NOT NULL)"
        " THEN s.answer_hash WHEN coalesce(b.updated_at <= r.decided_at, true) THEN b.answer_hash END)"
        " AS judged_digest) FROM reviews_named r"
        " LEFT JOIN (FROM judged WHERE staged) s USING (annotation_id, question)"
        " LEFT JOIN (FROM judged WHERE NOT staged) b USING (annotation_id, question)"
        " LEFT JOIN (SELECT source_pos, question, parent, min(annotation_id) AS annotation_id FROM corrections"
        " WHERE source_pos IN (SELECT source_pos FROM reviews_named) GROUP BY ALL) c"
        " ON r.source_pos = c.source_pos AND r.question = c.question AND r.annotation_id = c.parent"
    )
    row_hash = digest(serialise("reviews", content("reviews"), "r"))
    texts = [
        f"coalesce(strlen({name}) || ':' || {name}, '~')"
        for name in ("annotation_id", "question", "region_id", "reviewer")
    ]
    con.execute(
        "CREATE TABLE reviews_completed AS WITH digested AS ("
        f" SELECT r.* REPLACE ({row_hash} AS row_hash) FROM reviews_linked r),"
        f" distinct_ones AS (FROM digested QUALIFY row_number() OVER (PARTITION BY review_id, {_SUBJECT}, row_hash"
        " ORDER BY source_pos, row) = 1),"
        " latest AS (FROM distinct_ones QUALIFY review_id IS NULL"
        f" OR row_number() OVER (PARTITION BY review_id, {_SUBJECT}"
        " ORDER BY decided_at DESC NULLS LAST, row_hash) = 1),"
        f" numbered AS (SELECT *, row_number() OVER (PARTITION BY {_SUBJECT}, reviewer, review_id IS NULL"
        " ORDER BY decided_at NULLS LAST, row_hash) AS number,"
        " count(*) OVER (PARTITION BY review_id) AS sharing FROM latest)"
        " SELECT * EXCLUDE (number, sharing) REPLACE (CASE WHEN review_id IS NULL"
        f" THEN md5(concat({', '.join(texts)}, number))"
        f" WHEN sharing > 1 THEN concat_ws('/', review_id, {_SUBJECT}) ELSE review_id END AS review_id) FROM numbered"
    )
