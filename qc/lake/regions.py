"""The difference between the staged regions and those that the lake holds: they follow their answers."""

from __future__ import annotations

import duckdb

from qc.lake.changes import Counts, Difference, Job
from qc.lake.digest import digest_of_all
from qc.lake.sql import columns, count


def compare_regions(con: duckdb.DuckDBPyConnection, job: Job, unmatched: int) -> Difference:
    """What to write to regions: all of each new revision, and all of an answer whose regions changed in place."""
    con.execute("CREATE VIEW kept_regions AS SELECT o.* FROM owned o ANTI JOIN dropped d USING (row)")
    staged, kept = count(con, "regions_in"), count(con, "kept_regions")
    duplicates = staged - kept - unmatched
    con.execute("CREATE VIEW regions_known AS SELECT annotation_id, question, revision, row_hash FROM regions_base")
    con.execute(
        "CREATE TABLE replaced AS SELECT p.row, p.annotation_id, p.question, p.revision FROM plan p"
        " LEFT JOIN region_sums s USING (row) LEFT JOIN (SELECT annotation_id, question, revision,"
        f" {digest_of_all('row_hash')} AS digest FROM regions_known"
        " SEMI JOIN (FROM plan WHERE action = 'updated') USING (annotation_id, question, revision)"
        " GROUP BY annotation_id, question, revision) b USING (annotation_id, question, revision)"
        " WHERE p.action = 'updated' AND s.digest IS DISTINCT FROM b.digest"
    )
    con.execute(
        "CREATE TABLE entering AS SELECT o.region, p.annotation_id, p.revision, o.digest,"
        " p.action = 'updated' AS again, coalesce(o.region_id, n.region_id) AS region_id"
        " FROM kept_regions o JOIN plan p USING (row) LEFT JOIN ("
        "SELECT region, 'r' || row_number() OVER (PARTITION BY row ORDER BY digest, region) AS region_id"
        " FROM kept_regions WHERE region_id IS NULL) n USING (region)"
        " WHERE p.action <> 'updated' OR p.row IN (SELECT row FROM replaced)"
    )
    gone = "(FROM regions_known SEMI JOIN removed USING (annotation_id, question))"
    new, changed, removed = count(con, "entering WHERE NOT again"), count(con, "entering WHERE again"), count(con, gone)
    counts = Counts(new, changed, kept - new - changed, removed, duplicates, unmatched)
    instead = {name: f"e.{name}" for name in ("annotation_id", "revision", "region_id")}
    upserts = (
        f"SELECT {columns('regions', 'r', job.provenance({**instead, 'row_hash': 'e.digest'}))}"
        " FROM regions_in r JOIN entering e ON r.row = e.region"
    )
    if not (removed or count(con, "replaced")):
        return Difference("regions", counts, new > 0, upserts)
    fates = (
        "SELECT *, true AS gone FROM (SELECT annotation_id, question, revision FROM replaced"
        f" UNION SELECT annotation_id, question, revision FROM {gone})"
    )
    return Difference("regions", counts, True, upserts, fates)
