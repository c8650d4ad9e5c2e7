"""The sample exports are what their README says (about 1 s)."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest

from qc.simulate import SUPPORT_TICKETS, Simulation, play

SAMPLES = Path(__file__).parents[1] / "sample_exports"

# Digests of the files as published by their source, row and key counts as its data sheet and the README give them.
CROWD = {
    "weather_sentiment_amt.csv": (
        "8a4b086fc993b6ce79278ba46933f9cc48973c7c308be21973c8f4df6118c44e",
        (6030, 300, 110),
    ),
    "sentence_polarity_amt.csv": (
        "a5c60d32ecca41be8cdbc8a177d1cecb5306b301c0f3f5bba2ed2f119aa3516d",
        (10000, 500, 143),
    ),
}


@pytest.fixture(scope="module")
def project() -> Simulation:
    return play(SUPPORT_TICKETS)


def test_support_tickets_is_written_again_byte_for_byte(project):
    assert (SAMPLES / "support_tickets.json").read_bytes() == project.export_bytes()
    assert (SAMPLES / "support_tickets.truth.json").read_bytes() == project.truth_bytes()


@pytest.mark.parametrize("name", CROWD)
def test_crowd_samples_are_exact_copies(name):
    digest, counts = CROWD[name]
    content = (SAMPLES / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest
    rows = list(csv.DictReader(content.decode().splitlines()))
    assert (len(rows), len({row["item"] for row in rows}), len({row["annotator"] for row in rows})) == counts
    assert all(row["gold"] and row["seconds"] for row in rows)


def test_samples_stay_small_and_are_all_described():
    readme = (SAMPLES / "README.md").read_text()
    for path in SAMPLES.iterdir():
        assert path.stat().st_size <= 5_000_000
        assert f"`{path.name}`" in readme or path.name == "README.md"


def test_support_tickets_has_something_for_every_page(project):
    """What the README promises: the size of the project and the people who stand out."""
    truth = project.truth
    people = truth["annotators"].values()
    totals = truth["totals"]
    assert 5_800 < totals["answers"] < 6_200
    assert totals["skipped"] > 100
    assert totals["repeats"] > 50
    assert {person["site"] for person in people} == {"cebu", "lisbon"}
    by_character = {person["character"]: person for person in people}
    drifting = by_character["drifting"]
    assert drifting["error_rate_from_drift_day"] > 4 * drifting["error_rate_before_drift_day"]
    assert by_character["sloppy"]["error_rate"] > 0.1
    assert [person["character"] for person in people].count("tiring") == 2
    model = truth["model"]
    assert model["overridden"] > 500
    assert model["mistakes_adopted"] > 100
