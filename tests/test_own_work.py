"""What an annotator sees of their own work: own rates when enough was judged, the team as a band, nobody by name.

Ten seconds.
"""

from __future__ import annotations

import json

import pytest

from qc.access import AccessError, Actor, Grant
from qc.workspace import Workspace, open_workspace
from qc.workspace.ingest import ingest
from qc.workspace.own_work import FEWEST_IN_BAND, own_work

TEAM = ("ana", "ben", "cho", "dan", "eva", "fay", "gus")
NEW = "hal"


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Sixty items with a known answer; the n-th of the team errs on 3 n of them, the new one has answered three."""
    folder = tmp_path_factory.mktemp("own")
    rows = [
        f"i{item},{who},{'b' if item < 3 * place else 'a'},a" for place, who in enumerate(TEAM) for item in range(60)
    ]
    rows += [f"i{item},{NEW},b,a" for item in range(3)]
    (folder / "tone.csv").write_text("item,annotator,label,gold\n" + "\n".join(rows) + "\n", encoding="utf-8")
    ws = open_workspace(folder / "workspace")
    ingest(ws, "tone", folder / "tone.csv")
    return ws


def named(who: str) -> Actor:
    return Actor(f"{who}@example.org", frozenset({Grant("tone", "annotator", who)}))


def test_own_rates_stand_beside_the_band_of_the_others(tone: Workspace) -> None:
    work = own_work(tone.acting_as(named("dan")), "tone", "dan")
    (gold,) = work["errors"]
    assert (gold["source"], gold["judged"], gold["enough"]) == ("gold", 60, True)
    assert gold["rate"]["value"] == pytest.approx(9 / 60)
    assert gold["band"]["people"] == len(TEAM) - 1
    assert 0 < gold["band"]["low"] < gold["band"]["high"] < 0.3
    assert {(cell["truth"], cell["given"]): cell["n"] for cell in gold["confusion"]} == {("a", "a"): 51, ("a", "b"): 9}
    assert len(work["examples"]) == 9
    assert all(row["label"] == "b" for row in work["examples"])
    text = json.dumps(work, default=str)
    assert not [name for name in (*TEAM, NEW) if name != "dan" and f'"{name}"' in text]


def test_no_rate_under_the_least_number(tone: Workspace) -> None:
    (gold,) = own_work(tone.acting_as(named(NEW)), "tone", NEW)["errors"]
    assert (gold["judged"], gold["enough"]) == (3, False)
    assert not {"rate", "shrunk", "verdict"} & gold.keys()
    assert gold["by_day"] == gold["confusion"] == []
    assert len(TEAM) >= FEWEST_IN_BAND


def test_who_has_answered_nothing_yet(tone: Workspace) -> None:
    assert own_work(tone.acting_as(named("zoe")), "tone", "zoe") == {"n": 0, "errors": [], "examples": []}


def test_the_work_of_others_is_theirs(tone: Workspace) -> None:
    with pytest.raises(AccessError, match="may not see the figures of this person in tone"):
        own_work(tone.acting_as(named("dan")), "tone", "eva")
    assert own_work(tone, "tone", "eva")["n"] == 60
