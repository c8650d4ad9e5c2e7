"""Every measure gives the same rows on DuckDB and on a local Spark. Takes about a minute."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from conftest import require
from facts import busy, busy_record, opened

from qc.engine import RecordTables, Session
from qc.measures import MEASURES, Base, Measure
from qc.model import ErrorPolicy, Policy, Scope

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

POLICY = Policy(errors=ErrorPolicy(judge_by_consensus=True, minor_is_error=True))
AS_OF_MS = 1_772_480_000_000

Opened = Callable[[str], tuple[Session, Base]]


@pytest.fixture(scope="module", autouse=True)
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    require(shutil.which("java") or os.environ.get("JAVA_HOME"), "Java, which Spark needs,")
    folder = tmp_path_factory.mktemp("spark")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        settings = {
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "1",
            "spark.default.parallelism": "1",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.log.level": "ERROR",
            "spark.ui.showConsoleProgress": "false",
            # On a few rows compiling a plan costs more than running it.
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.adaptive.enabled": "false",
        }
        builder = SparkSession.builder.master("local[2]").appName("measures")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
    yield
    session.stop()


def _open(folder: Path, engine: str, record: RecordTables, **rows: list[dict[str, object]]) -> tuple[Session, Base]:
    folder.mkdir(exist_ok=True)
    session = opened(folder, record, "Europe/Berlin", engine, **rows)
    return session, Base(session, POLICY, AS_OF_MS)


@pytest.fixture(scope="module")
def projects(spark: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[tuple[Session, Base]]]]:
    """A project with a bit of everything, and one without anything, in both engines."""
    folder, facts = tmp_path_factory.mktemp("lake"), busy(rows=160)
    both = {
        "busy": [_open(folder / "busy", engine, busy_record(facts), **facts) for engine in ("duckdb", "spark")],
        "empty": [_open(folder / "empty", engine, RecordTables()) for engine in ("duckdb", "spark")],
    }
    yield both
    for opened_in_both in both.values():
        for session, _ in opened_in_both:
            session.close()


@pytest.mark.parametrize("project", ["busy", "empty"])
@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_both_engines_give_the_same_rows(
    projects: dict[str, list[tuple[Session, Base]]], project: str, measure: Measure
) -> None:
    one, other = (session.run(measure(base)) for session, base in projects[project])
    pd.testing.assert_frame_equal(one, other)
    assert list(one.columns) == list(measure.columns)
    assert project == "busy" or len(one) == (1 if not measure.order else 0)


NARROW = Scope("label", batches=("batch 1", "batch 2"), sites=("Lyon",), annotators=("ana", "bo", '"quoted"'))


@pytest.mark.parametrize("measure", [measure for measure in MEASURES if measure.keys], ids=lambda measure: measure.name)
def test_both_engines_give_the_same_rows_by_all_keys_in_a_scope(
    projects: dict[str, list[tuple[Session, Base]]], measure: Measure
) -> None:
    one, other = (session.run(measure(base, NARROW, measure.keys)) for session, base in projects["busy"])
    pd.testing.assert_frame_equal(one, other)
    assert len(one)
