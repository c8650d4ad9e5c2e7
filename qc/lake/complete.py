"""What readers leave open: duplicates, rounds, ids where a tool has none, digests, and whose a region is.

Nearly every answer is alone in its cell (item, annotator, role, question) and under its id. 64-bit hashes find the
few that may not be; only those are sorted and compared exactly, all others stream past.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from qc.lake.digest import ANSWER, REGION_ANSWER, WHO, content, digest, digest_of_all, serialise
from qc.lake.sql import count
from qc.model import InputError

_CORRECTION = "role IN ('reviewer', 'adjudicator')"


def complete(con: duckdb.DuckDBPyConnection, empty: dict[str, set[str]]) -> int:
    """Make the view `named` (the answers to keep, with ids and digests) of `<table>_in`; returns the stray regions.

    Ids and digests are computed as the view is read. Leaves the tables `dropped` (rows of duplicates), `rounds`
    (of repeats within the file), `owned` (regions and the row of their answer), `region_sums`, `main_ids` (the answer
    under review of each record) and `parents`. InputError where one id stands for several people's answers.
    """
    _find_suspects(con)
    unmatched = _assign_regions(con, empty["regions"])
    _weigh_suspects(con, empty["annotations"])
    _refuse_shared_ids(con)
    _drop_duplicates(con)
    kept = (
        "SELECT row, item_id, annotator, role, question, record, submitted_at, answer"
        " FROM suspects WHERE row NOT IN (SELECT row FROM dropped)"
    )
    con.execute(f"CREATE TABLE rounds AS SELECT row, round FROM ({rounds_sql(kept)}) WHERE round > 1")
    for done in ("suspect_rows", "suspects"):
        con.execute(f"DROP TABLE {done}")
    con.execute(f"CREATE VIEW named AS {named_sql('annotations_in', empty['annotations'])}")
    _find_parents(con)
    return unmatched


def named_sql(source: str, empty: Collection[str]) -> str:
    """The answers of `source`, some of `annotations_in`: ids, digests and rounds in the file, without duplicates."""
    # Rounds may be numbered anew beside the lake's answers; the number in a derived id stays.
    derived = "CASE WHEN n.round > 1 THEN md5(concat(d.who, n.round)) ELSE d.who END"
    return (
        f"SELECT d.* EXCLUDE (who) REPLACE (coalesce(d.annotation_id, {derived}) AS annotation_id,"
        f" coalesce(n.round, 1) AS round) FROM ({_digested(source, empty)}) d LEFT JOIN rounds n USING (row)"
        " WHERE d.row NOT IN (SELECT row FROM dropped)"
    )


def completed_sql(named: str) -> str:
    """Answers of `named` as new ones, with their parents."""
    return (
        "SELECT n.* REPLACE (coalesce(n.parent, p.parent) AS parent, 1 AS revision, true AS current)"
        f" FROM {named} n LEFT JOIN parents p USING (row)"
    )


def rounds_sql(contenders: str) -> str:
    """Number the records of one person on one item by time, else by place or sorted answers; 1 is the first.

    `contenders` has row, item_id, annotator, role, question, record, submitted_at, answer (text that sorts). Records
    with several questions are numbered as a whole, so that their questions share a round; where every record holds
    one question, each question is numbered on its own.
    """
    # Only records of several rows are aggregated: texts in aggregates stay in memory, however many there are.
    return f"""
        WITH contender AS ({contenders}),
        several AS (SELECT record FROM contender GROUP BY record HAVING count(*) > 1),
        submission AS (
            SELECT record, submitted_at AS first_at, answer AS answers FROM contender ANTI JOIN several USING (record)
            UNION ALL
            SELECT record, min(submitted_at), string_agg(answer, chr(30) ORDER BY question, answer)
            FROM contender SEMI JOIN several USING (record) GROUP BY record
        ),
        whole AS (
            SELECT DISTINCT item_id, annotator, role, true AS together FROM contender SEMI JOIN (
                SELECT record FROM contender SEMI JOIN several USING (record)
                GROUP BY record HAVING min(question) <> max(question)) USING (record)
        )
        SELECT c.row, c.record, c.question, CAST(dense_rank() OVER (
            PARTITION BY c.item_id, c.annotator, c.role, CASE WHEN w.together THEN NULL ELSE c.question END
            ORDER BY s.first_at NULLS LAST, s.answers, c.record) AS INTEGER) AS round
        FROM contender c JOIN submission s USING (record) LEFT JOIN whole w
        ON c.item_id IS NOT DISTINCT FROM w.item_id AND c.annotator IS NOT DISTINCT FROM w.annotator
        AND c.role IS NOT DISTINCT FROM w.role"""


# Without times the places that the tool states say what came first; its sessions are often numbers. Equal answers
# without either are told apart by their digests: the order is the same in the file and in the lake.
_PLACE = (
    "CASE WHEN position IS NOT NULL THEN concat(coalesce(printf('%020.3f', TRY_CAST(session AS DOUBLE)), session, ''),"
    " chr(31), printf('%020.3f', position)) END"
)
SORTED_ANSWER = (
    f"concat_ws(chr(31), {_PLACE}, label, CAST(labels AS VARCHAR), CAST(number AS VARCHAR), text, row_hash) AS answer"
)


def _digested(source: str, empty: Collection[str]) -> str:
    """Answers with their digests: of `who` answered what, of the answer and its regions, and of the whole content."""
    who, answer, rest = (
        serialise("annotations", names, "a", empty)
        for names in (WHO, ANSWER, content("annotations", without=(*WHO, *ANSWER)))
    )
    return (
        "SELECT a.* EXCLUDE (regions_digest, rest)"
        f" REPLACE ({digest('who', 'answer_hash', 'regions_digest', 'rest')} AS row_hash)"
        f" FROM (SELECT a.* REPLACE ({digest('s.answer', answer)} AS answer_hash), {digest(who)} AS who,"
        f" {rest} AS rest, s.digest AS regions_digest FROM {source} a LEFT JOIN region_sums s USING (row)) a"
    )


def _find_suspects(con: duckdb.DuckDBPyConnection) -> None:
    """`suspect_rows`: all answers of people who answered a question twice, and all under an id that came twice."""
    worker = "hash(item_id, annotator, role)"
    under = "annotations_in WHERE annotation_id IS NOT NULL"
    con.execute(
        f"CREATE TABLE suspect_rows AS SELECT row FROM annotations_in WHERE {worker} IN (SELECT any_value({worker})"
        " FROM annotations_in GROUP BY hash(item_id, annotator, role, question) HAVING count(*) > 1)"
        f" UNION SELECT row FROM {under} AND hash(annotation_id) IN (SELECT hash(annotation_id) AS id FROM {under}"
        f" GROUP BY id HAVING min({worker}) <> max({worker}))"
        f" UNION SELECT row FROM {under} AND hash(annotation_id, question) IN (SELECT hash(annotation_id, question)"
        f" AS name FROM {under} GROUP BY name HAVING count(*) > 1)"
    )


def _assign_regions(con: duckdb.DuckDBPyConnection, empty: Collection[str]) -> int:
    """`owned`: the row of the answer that each region belongs to; `region_sums`: digests of all regions of a row.

    A region without an id belongs to the answer of its record (source_pos, question): to that of its author where
    the record has several, else to the one under review. Regions of an id that several rows share follow the record.
    """
    con.execute(
        "CREATE TABLE mains AS SELECT source_pos, question, arg_min(row, row + CASE WHEN role = 'annotator' THEN 0"
        f" WHEN {_CORRECTION} THEN 2 ELSE 1 END * 1000000000000) AS row FROM annotations_in WHERE source_pos IN ("
        " SELECT source_pos FROM regions_in WHERE annotation_id IS NULL"
        " UNION ALL SELECT source_pos FROM reviews_in WHERE annotation_id IS NULL"
        f" UNION ALL SELECT source_pos FROM annotations_in WHERE parent IS NULL AND {_CORRECTION})"
        " GROUP BY source_pos, question"
    )
    con.execute(
        "CREATE TABLE region_rows AS SELECT row, annotation_id, question, source_pos, region_id, author, answer,"
        f" {digest('answer', serialise('regions', content('regions', without=REGION_ANSWER), 'r', empty))} AS digest"
        f" FROM (SELECT *, {digest(serialise('regions', REGION_ANSWER, 'r', empty))} AS answer FROM regions_in r) r"
    )
    con.execute(
        "CREATE TABLE owned AS"
        " SELECT r.row AS region, a.row, r.answer, r.digest, r.region_id FROM region_rows r"
        " JOIN annotations_in a ON r.annotation_id = a.annotation_id AND r.question = a.question"
        " LEFT JOIN (SELECT annotation_id, question FROM annotations_in WHERE row IN (SELECT row FROM suspect_rows)"
        " GROUP BY ALL HAVING count(*) > 1) shared"
        " ON r.annotation_id = shared.annotation_id AND r.question = shared.question"
        " WHERE shared.question IS NULL OR r.source_pos = a.source_pos"
        " UNION ALL"
        " SELECT r.row, coalesce(b.row, m.row), r.answer, r.digest, r.region_id FROM region_rows r"
        " JOIN mains m ON r.source_pos = m.source_pos AND r.question = m.question"
        " LEFT JOIN (SELECT source_pos, question, annotator, min(row) AS row FROM annotations_in"
        " WHERE source_pos IN (SELECT source_pos FROM mains) GROUP BY ALL) b"
        " ON r.source_pos = b.source_pos AND r.question = b.question AND r.author = b.annotator"
        " WHERE r.annotation_id IS NULL"
    )
    con.execute("DROP TABLE region_rows")
    unmatched = count(con, "regions_in") - count(con, "(SELECT DISTINCT region FROM owned)")
    con.execute(
        "DELETE FROM owned WHERE region IN (SELECT region FROM owned WHERE region_id IS NOT NULL"
        " AND hash(row, region_id, digest) IN (SELECT hash(row, region_id, digest) AS twin FROM owned GROUP BY twin"
        " HAVING count(*) > 1)"
        " QUALIFY row_number() OVER (PARTITION BY row, region_id, digest ORDER BY region) > 1)"
    )
    con.execute(
        f"CREATE TABLE region_sums AS SELECT row, {digest_of_all('answer')} AS answer,"
        f" {digest_of_all('digest')} AS digest FROM owned GROUP BY row"
    )
    return unmatched


def _weigh_suspects(con: duckdb.DuckDBPyConnection, empty: Collection[str]) -> None:
    source = "(SELECT * FROM annotations_in WHERE row IN (SELECT row FROM suspect_rows))"
    con.execute(
        "CREATE TABLE suspects AS SELECT row, item_id, annotator, role, question, annotation_id, source_pos,"
        f" submitted_at, updated_at, row_hash, {SORTED_ANSWER}, coalesce('n' || annotation_id,"
        " concat_ws(chr(31), 'p' || source_pos, 'a' || annotator, 'r' || role, 'i' || item_id)) AS record"
        f" FROM ({_digested(source, empty)})"
    )


def _refuse_shared_ids(con: duckdb.DuckDBPyConnection) -> None:
    who = "concat_ws(' by ', item_id, annotator, role)"
    row = con.execute(
        f"SELECT annotation_id, min({who}), max({who}) FROM suspects WHERE annotation_id IS NOT NULL"
        f" GROUP BY annotation_id HAVING min({who}) <> max({who}) ORDER BY annotation_id LIMIT 1"
    ).fetchone()
    if row:
        raise InputError(
            f"The annotation id {row[0]!r} stands for different answers ({row[1]}; {row[2]}):"
            " map a column that is unique for each submission, or none."
        )


def _drop_duplicates(con: duckdb.DuckDBPyConnection) -> None:
    """Repeats of a whole record and, under one id, everything but its latest version."""
    con.execute(
        f"CREATE TABLE records AS SELECT record, min(source_pos) AS pos, {digest_of_all('row_hash')} AS content"
        " FROM suspects WHERE annotation_id IS NULL GROUP BY record"
    )
    con.execute(
        "CREATE TABLE dropped AS"
        " SELECT row FROM suspects WHERE annotation_id IS NOT NULL AND hash(annotation_id, question) IN ("
        "SELECT hash(annotation_id, question) AS name FROM suspects WHERE annotation_id IS NOT NULL"
        " GROUP BY name HAVING count(*) > 1)"
        " QUALIFY row_number() OVER (PARTITION BY annotation_id, question"
        " ORDER BY updated_at DESC NULLS LAST, submitted_at DESC NULLS LAST, row_hash, source_pos, row) > 1"
        " UNION ALL"
        " SELECT row FROM suspects JOIN (SELECT record FROM records"
        " WHERE content IN (SELECT content FROM records GROUP BY content HAVING count(*) > 1)"
        " QUALIFY row_number() OVER (PARTITION BY content ORDER BY pos, record) > 1) USING (record)"
    )
    con.execute("DROP TABLE records")


def _find_parents(con: duckdb.DuckDBPyConnection) -> None:
    """`main_ids`: the answer under review of each record; `parents`: of the corrections that do not name theirs."""
    con.execute("CREATE TABLE main_ids (source_pos BIGINT, question VARCHAR, annotation_id VARCHAR)")
    con.execute("CREATE TABLE parents (row BIGINT, parent VARCHAR)")
    if count(con, "mains"):
        con.execute(
            "INSERT INTO main_ids SELECT m.source_pos, m.question, n.annotation_id"
            f" FROM mains m JOIN named n USING (row) WHERE NOT n.{_CORRECTION}"
        )
        con.execute(
            "INSERT INTO parents SELECT a.row, m.annotation_id FROM annotations_in a"
            f" JOIN main_ids m USING (source_pos, question) WHERE a.parent IS NULL AND a.{_CORRECTION}"
        )
