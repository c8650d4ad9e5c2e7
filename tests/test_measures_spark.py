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
from facts import HOSTILE, answer, busy, busy_record, item, opened
from test_measures_objects import drawing

from qc.engine import RecordTables, Session
from qc.measures import MEASURES, Measure, measure
from qc.measures.base import Base
from qc.measures.violations import offences
from qc.model import EVERYTHING, ErrorPolicy, Policy, Scope
from qc.model.validation import Count, Implies, Inside, Labels, Number, Required, Size, When

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

RULES = (
    Labels("known' \\ labels", "label", ("cat", "dog", *HOSTILE[2:4], "Robert'); DROP TABLE answers;--")),
    Labels("known names", "names", ("PER",)),
    Required("topics of cats", "topics", When("label", ("cat",))),
    Implies("dogs have stars", When("label", ("dog",)), "stars", ("10", "2.5")),
    Implies("no names of dogs", When("label", ("dog",)), "names", then="empty"),
    Count("one topic", "topics", max=1),
    Number("stars", "stars", 1, 5),
    Size("long names", "names", "characters", min=3),
)
POLICY = Policy(errors=ErrorPolicy(judge_by_consensus=True, minor_is_error=True), validation=RULES)
SHAPES = (
    Inside("inside", "label"),
    *(Size(name, "label", name, max=2) for name in ("width", "height", "area")),
    Size("seconds", "label", "seconds", max=1),
    Size("text", "label", "characters", max=2),
)
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


def test_both_engines_list_the_same_offences(projects: dict[str, list[tuple[Session, Base]]]) -> None:
    one, other = (
        session.run(offences(base, EVERYTHING).order_by("rule", "annotation_id")) for session, base in projects["busy"]
    )
    pd.testing.assert_frame_equal(one, other)
    assert set(one["rule"]) == {rule.name for rule in RULES}


def test_both_engines_measure_the_same_shapes(spark: None, tmp_path: Path) -> None:
    shapes = {
        "boxes": {"x": 1.0, "y": 2.0, "w": 12.0, "h": 3.0, "rotation": 30.0},
        "polygons": {"points": [0.0, 0.0, 6.0, 0.0, 3.0, 4.0]},
        "polylines": {"points": [0.0, 0.0, 3.0, 14.0]},
        "masks": {"mask_rle": [3, 4, 2, 1, 10], "mask_h": 5, "mask_w": 4},
        "intervals": {"sec_start": 0.5, "sec_end": 2.0},
        "spans": {"t_start": 1, "t_end": 4},
    }
    answers = [answer(kind, "ana", kind=kind) for kind in shapes] + [answer("t", "ana", kind="text", text=" 標籤😀\t")]
    regions = [
        {name: row[name] for name in ("project", "annotation_id", "question", "kind")}
        | {"revision": 1, "region_id": "0"}
        | shapes[row["kind"]]
        for row in answers[:-1]
    ]
    items = [item(kind, width=10, height=20) for kind in shapes]
    both = []
    for engine in ("duckdb", "spark"):
        session = opened(tmp_path, None, "UTC", engine, annotations=answers, regions=regions, items=items)
        base = Base(session, Policy(validation=SHAPES))
        both.append(session.run(offences(base, EVERYTHING).order_by("rule", "annotation_id")))
        session.close()
    pd.testing.assert_frame_equal(*both)
    assert set(both[0]["item_id"]) == {*shapes, "t"}


def test_both_engines_find_the_same_objects(spark: None, tmp_path: Path) -> None:
    """Regions with everything that readers write of them."""
    facts = drawing()
    kinds = ("keypoints", "masks", "polylines", "tracks")
    more = [answer("v 1", who, question=kind, kind=kind) for kind in kinds for who in ("ana", "bo")]
    of = [{name: row[name] for name in ("project", "annotation_id", "question", "revision")} for row in more]
    facts["annotations"] += more
    facts["regions"] += [
        of[0] | {"kind": "keypoints", "region_id": "1", "points": [1.5, 2.0], "attributes": '{"visibility":[2]}'},
        of[2] | {"kind": "masks", "region_id": "1", "mask_rle": [3, 2, 5], "mask_h": 5, "mask_w": 2},
        of[4] | {"kind": "polylines", "region_id": "1", "points": [0.0, 0.0, 1e-3, 4.0]},
        *(
            of[6]
            | {"kind": "boxes", "region_id": f"t@{n}", "x": 1.0, "y": 1.0, "w": 2.0, "h": 2.0, "track_id": "t"}
            | at
            for n, at in enumerate([{"frame": 3}, {"sec_start": 1.2344, "outside": True}])
        ),
    ]
    both = []
    for engine in ("duckdb", "spark"):
        session = opened(tmp_path, None, "Europe/Berlin", engine, **facts)
        base = Base(session, Policy())
        names = ("drawn", "drawn_answers", "drawn_labels")
        both.append([session.arrow(measure(name)(base)).to_pylist() for name in names])
        session.close()
    assert both[0] == both[1]
    assert [row["frame"] for row in both[0][0] if row["object"] == "t"] == [3, 1234]
    assert [row["visibility"] for row in both[0][0] if row["visibility"]] == ["2"]
