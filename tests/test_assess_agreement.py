"""Section `agreement` of small facts: it keeps to the schema, finds what was planted, and says why it is undefined.

Takes about a minute on two busy cores.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import krippendorff
import numpy as np
import pandas as pd
import pytest
from facts import Row, answer, at, item, opened

from qc.engine import Session
from qc.measures import measure
from qc.measures.base import Base
from qc.model import EVERYTHING, AgreementPolicy, Facts, Kind, Policy, Scope
from qc.workspace import assess
from qc.workspace.assess import agreement
from qc.workspace.assess.coefficients import MANY_ANSWERS
from qc.workspace.assess.coefficients import SOURCES as COEFFICIENTS
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain

SCHEMA = json.loads((Path(assess.__file__).parent.parent / "assessment.schema.json").read_text(encoding="utf-8"))
WEEK = 7 * 24 * 60


@dataclass
class Snapshot:
    """What a lens looks at: small facts."""

    own: Base
    session: Session
    frames: dict[Any, pd.DataFrame] = field(default_factory=dict)

    def base(self, policy: Policy) -> Base:
        assert policy == self.own.policy
        return self.own

    def rows(self, query: Callable[[Facts], Any]) -> pd.DataFrame:
        return self.session.run(query(self.session.facts))

    def frame(self, name: str, scope: Scope, policy: Policy, by: tuple[str, ...] = ()) -> pd.DataFrame:
        key = (name, scope, by)
        if key not in self.frames:
            self.frames[key] = self.session.run(measure(name)(self.base(policy), scope, by))
        return self.frames[key]


def section(folder: Path, annotations: list[Row], **other: Any) -> list[dict[str, Any]]:
    """The section, as valid JSON."""
    folder.mkdir(exist_ok=True)
    policy, scope = other.pop("policy", Policy()), other.pop("scope", EVERYTHING)
    session = opened(folder, annotations=annotations, **other)
    snapshot: Any = Snapshot(Base(session, policy), session)
    nowhere: Any = None
    found = plain(agreement.section(Lens(nowhere, "p", scope, policy, snapshot)))
    jsonschema.validate(found, {"$defs": SCHEMA["$defs"], **SCHEMA["properties"]["agreement"]})
    json.dumps(found, allow_nan=False)
    return list(found)


def team(items: int = 200, seed: int = 1, wrong: float = 0.15) -> list[Row]:
    """Four people label every item in the order of items, forty a week; a label is wrong now and then."""
    rng = np.random.default_rng(seed)
    labels = np.array(["cat", "dog", "eel"])
    truth = rng.integers(0, 3, items)
    rows = []
    for one in range(items):
        for who in ("ana", "bo", "cy", "dee"):
            given = int(rng.integers(0, 3)) if rng.random() < wrong else truth[one]
            when = at(WEEK * (one // 40) + one % 40)
            rows.append(answer(f"i{one:03d}", who, str(labels[given]), submitted_at=when))
    return rows


def only(found: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(found) == 1
    return found[0]


def test_every_coefficient_that_applies_has_both_intervals(tmp_path: Path) -> None:
    part = only(section(tmp_path, team()))
    listed = {row["key"]: row for row in part["coefficients"]}
    assert list(listed) == ["percent", "alpha", "fleiss", "scott", "conger", "cohen", "ac1", "brennan_prediger"]
    for row in listed.values():
        assert row["team"]["low"] < row["team"]["value"] == row["items"]["value"] < row["team"]["high"]
        assert row["name"]
        assert row["source"]
    assert listed["alpha"]["team"] == part["alpha"]
    assert listed["alpha"]["items"] == part["alpha_items"]
    assert listed["cohen"]["team"] == part["cohen_mean"]
    assert part["sentence"] is None
    assert part["causes"] == part["models"] == part["splits"] == []


def scaled(folder: Path) -> list[dict[str, Any]]:
    """The entries of numbers and of stars from 1 to 5, with noise."""
    rng = np.random.default_rng(3)
    rows = []
    for question, kind in (("stars", "ordinal"), ("size", "number")):
        for one in range(40):
            for who in ("ana", "bo", "cy"):
                number = float(np.clip(round(one % 5 + 1 + rng.normal(0, 0.4)), 1, 5))
                rows.append(answer(f"i{one}", who, kind=kind, question=question, number=number))
    return section(folder, rows, policy=Policy(agreement=AgreementPolicy(labels={"stars": tuple("12345")})))


def test_numbers_and_stars_have_the_coefficients_of_their_scale(tmp_path: Path) -> None:
    size, stars = scaled(tmp_path)
    assert (size["level"], stars["level"]) == ("interval", "ordinal")
    assert list(COEFFICIENTS) == [row["key"] for row in size["coefficients"]]
    of_size, of_stars = ({row["key"] for row in part["coefficients"]} for part in (size, stars))
    assert {"ac2", "kappa_linear", "kappa_quadratic", "kendall_w"} <= of_stars
    assert of_size >= of_stars | {"icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k"}
    assert size["confusions"] == size["leanings"] == []
    assert stars["confusions"]


def test_the_policy_says_how_labels_are_measured(tmp_path: Path) -> None:
    """Of ranks in their order, and of amounts, alpha is that of the independent package."""
    words, rng = ["low", "medium", "high", "urgent"], np.random.default_rng(8)
    places = np.clip(rng.integers(0, 4, (40, 1)) + rng.integers(-1, 2, (40, 3)), 0, 2)
    rows = [answer(f"i{one:02d}", who, words[places[one, at]]) for one in range(40) for at, who in enumerate("abc")]
    ranks = AgreementPolicy(ordinal=("label",), labels={"label": tuple(words)})
    part = only(section(tmp_path / "ranks", rows, policy=Policy(agreement=ranks)))
    expected = krippendorff.alpha(places.T, level_of_measurement="ordinal", value_domain=range(4))
    assert (part["level"], part["alpha"]["value"]) == ("ordinal", pytest.approx(expected))
    observed = only(section(tmp_path / "names", rows))
    assert part["brennan_prediger"]["value"] > observed["brennan_prediger"]["value"], "four labels, three of them used"

    amounts = [
        answer(f"i{one:02d}", who, None, number=float(places[one, at]), kind="number")
        for one in range(40)
        for at, who in enumerate("abc")
    ]
    ratio = Policy(agreement=AgreementPolicy(ratio=("label",)))
    part = only(section(tmp_path / "amounts", amounts, policy=ratio))
    expected = krippendorff.alpha(places.T.astype(float), level_of_measurement="ratio")
    assert (part["level"], part["alpha"]["value"]) == ("ratio", pytest.approx(expected))


def test_ranks_without_an_order_are_compared_as_names_and_it_is_said(tmp_path: Path) -> None:
    rows = team(20)
    policy = Policy(agreement=AgreementPolicy(ordinal=("label",), labels={"label": ("eel", "cat")}))
    part = only(section(tmp_path / "a", rows, policy=policy))
    assert part["level"] == "nominal"
    assert part["alpha"] == only(section(tmp_path / "b", rows))["alpha"]
    assert part["sentence"].startswith("Where “dog” should stand on the scale is not declared")


def test_of_very_many_answers_the_costly_coefficients_are_named_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qc.workspace.assess.coefficients.MOST_ANSWERS", 100)
    size, stars = scaled(tmp_path)
    assert list(COEFFICIENTS) == [row["key"] for row in size["coefficients"]]
    assert not {row["key"] for row in stars["coefficients"]} & {"icc1", "icc2k"}
    of_size = {row["key"]: row["team"] for row in size["coefficients"]}
    assert of_size["conger"]["value"] is not None
    for key in ("cohen", "kappa_linear", "kendall_w", "icc1", "icc3k"):
        assert of_size[key]["reason"] == MANY_ANSWERS


def test_hardest_items_come_first_with_everybodys_answer(tmp_path: Path) -> None:
    given = {"i1": "cat cat cat", "i2": "cat dog eel", "i3": "cat dog dog", "i4": "dog dog dog", "i5": "cat dog"}
    people = ("ana", "bo", "cy")
    rows = [
        answer(what, who, label)
        for what, labels in given.items()
        for who, label in zip(people, labels.split(), strict=False)
    ]
    found = only(section(tmp_path, rows))["hardest"]
    assert [(row["item_id"], round(row["agreement"], 3)) for row in found] == [("i2", 0), ("i5", 0), ("i3", 0.333)]
    assert found[0]["answers"] == [
        {"annotator": who, "label": label} for who, label in zip(people, ("cat", "dog", "eel"), strict=True)
    ]


def test_who_says_one_label_for_another_is_found(tmp_path: Path) -> None:
    rows = team(wrong=0.05)
    for row in rows:
        if row["annotator"] == "cy" and row["label"] == "dog" and int(row["item_id"][1:]) % 3:
            row["label"] = "eel"
    part = only(section(tmp_path, rows))
    first = part["leanings"][0]
    assert (first["annotator"], first["says"], first["others_say"]) == ("cy", "eel", "dog")
    assert first["q"] < 0.001
    assert first["share"]["low"] > 0.5
    assert {part["confusions"][0]["label"], part["confusions"][0]["other"]} == {"dog", "eel"}
    for row in part["confusions"]:
        assert row["share"]["value"] >= row["mirror"]["value"]


def test_raw_agreement_that_misleads_has_its_cause(tmp_path: Path) -> None:
    """93 of 100 items alike, and only ana ever says defect: alpha −0.03."""
    rows = [answer(f"i{one}", who, "fine") for one in range(100) for who in ("ana", "bo")]
    for row in rows:
        if row["annotator"] == "ana" and int(row["item_id"][1:]) < 7:
            row["label"] = "defect"
    part = only(section(tmp_path, rows))
    assert part["sentence"].startswith("93 % raw, alpha −0.03: one annotator never uses “defect”")
    # Names are in rows of their own, which those who may not see names do not get.
    assert "bo" not in part["sentence"].split()
    cause = {"cause": "unused label", "annotator": "bo", "label": "defect", "says": None, "items": 7, "share": 1.0}
    assert part["causes"] == [cause | {"parts": True}]


@pytest.mark.parametrize(
    ("given", "raw", "reason"),
    [
        ({"i1": "ana:cat bo:cat", "i2": "ana:cat bo:cat"}, 1.0, "only one label"),
        ({"i1": "ana:cat bo:dog"}, 0.0, "only one item"),
        ({"i1": "ana:cat", "i2": "bo:dog"}, None, "no item has labels from two"),
        ({"i1": "ana:cat", "i2": "ana:dog"}, None, "only one annotator"),
    ],
    ids=["one label", "one item", "no overlap", "one annotator"],
)
def test_undefined_is_explained(tmp_path: Path, given: dict[str, str], raw: float | None, reason: str) -> None:
    rows = [answer(what, *each.split(":")) for what, labels in given.items() for each in labels.split()]
    part = only(section(tmp_path, rows))
    assert part["alpha"]["value"] is None
    assert reason in part["alpha"]["reason"]
    assert part["percent"]["value"] == raw
    assert (part["sentence"] is None) == (raw is None)
    assert all(row["team"]["value"] is not None or row["team"]["reason"] for row in part["coefficients"])


def test_all_missing(tmp_path: Path) -> None:
    assert section(tmp_path, [answer("i1", "ana", status="skipped"), answer("i1", "bo", status="skipped")]) == []
    part = only(section(tmp_path, [answer("i1", who, kind="multi", labels=None) for who in ("ana", "bo")]))
    assert part["alpha"]["reason"]


def test_splits_have_the_groups_that_occur(tmp_path: Path) -> None:
    rows = team(120)
    items = [
        item(
            f"i{one:03d}",
            batch=f"b{one % 2}",
            site="Lyon",
            guideline="v1" if one < 60 else "v2",
            tags=["night", "rain"] if one % 3 == 0 else ["night"] if one < 10 else None,
        )
        for one in range(115)
    ]
    for row in rows:
        if int(row["item_id"][1:]) >= 60 and row["annotator"] in ("ana", "bo"):
            row["label"] = "cat"
    part = only(section(tmp_path, rows, items=items))
    by = {split["by"]: split for split in part["splits"]}
    assert {name: [(row["key"], row["items"]) for row in split["groups"]] for name, split in by.items()} == {
        "batch": [("b0", 58), ("b1", 57)],
        "guideline": [("v1", 60), ("v2", 55)],
        "site": [("Lyon", 115)],
        "tag": [("night", 45), ("rain", 39)],
    }
    assert by["batch"]["left_out"] == "left out: 20 answers that name none"
    first, second = by["guideline"]["groups"]
    assert first["alpha"]["value"] > second["alpha"]["value"]
    change = next(row for row in part["differences"] if row["by"] == "guideline")
    assert (change["first"], change["second"], change["shared_items"], change["shared_annotators"]) == (
        "v1",
        "v2",
        0,
        4,
    )
    assert change["alpha"]["value"] == pytest.approx(second["alpha"]["value"] - first["alpha"]["value"])
    assert change["alpha_items"]["high"] < 0
    assert change["p_items"] < 0.001


def test_texts_are_split_by_what_their_items_belong_to(tmp_path: Path) -> None:
    rows, items = [], []
    for one in range(75):
        alike = one % 2 == 0
        for who, text in (("ana", "one two"), ("bo", "one two" if alike else "one three")):
            rows.append(answer(f"i{one:02d}", who, kind="text", text=text))
        if one < 70:
            batch = "alike" if alike else "apart"
            tags = ["night", "rain"] if alike else ["rain"]
            items.append(item(f"i{one:02d}", batch=batch, site="Lyon", guideline=f"v{1 + one % 2}", tags=tags))
    part = only(section(tmp_path, rows, items=items))
    by = {split["by"]: split for split in part["splits"]}
    found = {row["key"]: (row["items"], row["percent"]["value"]) for row in by["batch"]["groups"]}
    assert found == {"alike": (35, pytest.approx(1.0)), "apart": (35, pytest.approx(0.5))}
    assert [row["key"] for row in by["site"]["groups"]] == ["Lyon"]
    assert by["batch"]["left_out"] == "left out: 5 items that name none"
    tagged = {row["key"]: (row["items"], row["percent"]["value"]) for row in by["tag"]["groups"]}
    assert tagged == {"rain": (70, pytest.approx(0.75)), "night": (35, pytest.approx(1.0))}
    assert by["tag"]["left_out"] == "left out: 5 items that name none"
    change = only([row for row in part["differences"] if row["by"] == "guideline"])
    assert (change["first"], change["second"]) == ("v1", "v2")
    assert change["percent"]["value"] == pytest.approx(-0.5)
    assert (change["shared_items"], change["shared_annotators"]) == (0, 2)
    assert change["alpha"]["value"] is None


def test_weeks_in_which_texts_part_are_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = []
    for week in range(10):
        for one in range(25):
            for who in ("ana", "bo", "cy"):
                same = rng.random() < (0.9 if week < 6 else 0.4)
                text = "one two three" if same else f"one four {rng.integers(9)}"
                when = at(week * WEEK + one)
                rows.append(answer(f"w{week}i{one}", who, kind="text", text=text, submitted_at=when))
    part = only(section(tmp_path, rows))
    (change,) = part["changes"]
    assert change["first"] <= part["by_period"][6]["period"] <= change["last"]
    assert change["alpha"]["high"] < 0
    assert "alpha" not in part["changes_note"]


def test_small_groups_and_too_many_are_left_out_aloud(tmp_path: Path) -> None:
    rows = [answer(f"i{one:03d}", who, "cat" if one % 2 else "dog") for one in range(40) for who in ("ana", "bo")]
    items = [item(f"i{one:03d}", batch="large" if one < 35 else f"small {one}") for one in range(40)]
    split = only(only(section(tmp_path, rows, items=items))["splits"])
    assert [row["key"] for row in split["groups"]] == ["large"]
    assert split["left_out"] == "left out: 5 batches with fewer than 30 items that two people answered"


def test_the_last_week_is_compared_with_the_one_before(tmp_path: Path) -> None:
    rows = team(120)
    for row in rows:
        if int(row["item_id"][1:]) >= 80:
            row["label"] = "cat" if row["annotator"] in ("ana", "bo") else "dog"
    part = only(section(tmp_path, rows))
    change, weeks = only(part["differences"]), part["by_period"]
    assert (change["by"], change["first"], change["second"]) == ("week", "2026-03-09", "2026-03-16")
    assert change["alpha"]["value"] == pytest.approx(weeks[2]["alpha"]["value"] - weeks[1]["alpha"]["value"])
    assert change["p"] < 0.05


def test_a_week_in_which_agreement_fell_is_marked(tmp_path: Path) -> None:
    rows = [row for row in team(480, wrong=0.05) if int(row["item_id"][1:]) < 280]
    worse = [row for row in team(480, wrong=0.45) if int(row["item_id"][1:]) >= 280]
    part = only(section(tmp_path, [*rows, *worse]))
    change = only(part["changes"])
    assert change["first"] <= change["period"] == "2026-04-20" <= change["last"]
    assert change["alpha"]["high"] < -0.3
    assert change["p"] < 0.05
    steady = only(section(tmp_path, team(480, wrong=0.2)))
    assert steady["changes"] == []
    assert "no lasting change stands out among 12 weeks" in steady["changes_note"]
    assert "too little time" in only(section(tmp_path, team(80)))["changes_note"]


def test_a_single_bad_week_is_named(tmp_path: Path) -> None:
    bad = range(240, 280)
    rows = [row for part, wrong in ((range(400), 0.1), (bad, 0.7)) for row in _part(part, wrong, 400)]
    last = {(row["item_id"], row["annotator"]): row for row in rows}
    part = only(section(tmp_path, list(last.values())))
    assert part["changes"] == []
    week = only(part["outliers"])
    assert week["period"] == "2026-04-13"
    assert week["alpha"]["high"] < -0.2
    assert week["p"] < 0.05
    assert "no lasting change stands out among 10 weeks" in part["changes_note"]
    assert "1 single week stands out: 2026-04-13 (alpha 0." in part["changes_note"]


def sets(unused: str | None = None) -> list[Row]:
    """Three people give sets of food, price and noise to 120 items; cy never gives `unused`."""
    rng = np.random.default_rng(5)
    rows = []
    for one in range(120):
        truth = rng.random(3) < 0.5
        for who in ("ana", "bo", "cy"):
            given = truth ^ (rng.random(3) < 0.08)
            names = [name for name, held in zip(("food", "price", "noise"), given, strict=True) if held]
            chosen = [name for name in names if who != "cy" or name != unused]
            rows.append(answer(f"i{one}", who, kind="multi", labels=chosen))
    return rows


def test_sets_are_compared_by_their_distance_and_label_by_label(tmp_path: Path) -> None:
    part = only(section(tmp_path, sets("noise")))
    masi = {row["name"]: row for row in part["distances"]}["MASI"]
    assert part["headline"] == {"name": "alpha (MASI)", "team": masi["alpha"], "items": masi["alpha_items"]}
    assert part["headline"]["team"]["value"] > part["alpha"]["value"]
    by = {row["label"]: row for row in part["by_label"]}
    assert list(by) == ["food", "noise", "price"]
    for label in ("food", "price"):
        assert by[label]["agreement"]["value"] > 0.8 > by["noise"]["agreement"]["value"]
        assert by[label]["alpha"]["value"] > 0.6 > by["noise"]["alpha"]["value"]
    first = part["leanings"][0]
    assert (first["annotator"], first["says"], first["others_say"]) == ("cy", "without noise", "noise")
    assert (first["mirror"], first["q"] < 1e-6) == (0, True)
    cause = part["causes"][-1]
    assert (cause["cause"], cause["annotator"], cause["label"], cause["parts"]) == (
        "unused label",
        "cy",
        "noise",
        False,
    )
    assert "One annotator never uses “noise”, which others gave to " in part["sentence"]
    (tmp_path / "alike").mkdir()
    alike = only(section(tmp_path / "alike", sets()))
    assert alike["causes"] == []
    assert alike["sentence"] is None


def test_weeks_and_groups_of_sets_are_told_by_the_distance_of_the_headline(tmp_path: Path) -> None:
    """With two people and all items in one week, or in one group, alpha is that of the headline; sites by answer."""
    rows = []
    for row in sets():
        if row["annotator"] != "cy":
            one = int(row["item_id"][1:])
            rows.append({**row, "submitted_at": at(one), "site": "Lyon" if one < 70 else "Rome", "batch": "b1"})
    part = only(section(tmp_path / "a", rows))
    headline, week = part["headline"]["team"]["value"], only(part["by_period"])
    assert week["alpha"]["value"] == pytest.approx(headline)
    assert week["percent"]["value"] == pytest.approx(part["percent"]["value"])
    splits = {split["by"]: split for split in part["splits"]}
    assert list(splits) == ["site"]
    lyon, rome = splits["site"]["groups"]
    assert (lyon["key"], lyon["items"], rome["key"], rome["items"]) == ("Lyon", 70, "Rome", 50)
    assert (70 * lyon["alpha"]["value"] + 50 * rome["alpha"]["value"]) / 120 == pytest.approx(headline)
    assert (70 * lyon["percent"]["value"] + 50 * rome["percent"]["value"]) / 120 == pytest.approx(
        part["percent"]["value"]
    )
    apart = only(part["differences"])
    assert (apart["by"], apart["first"], apart["second"], apart["shared_annotators"]) == ("site", "Lyon", "Rome", 2)
    assert apart["alpha"]["value"] == pytest.approx(rome["alpha"]["value"] - lyon["alpha"]["value"])
    assert 0 < apart["p"] <= 1


def test_answers_that_name_sites_of_their_own_are_compared_within_them(tmp_path: Path) -> None:
    """Of three people two sit in Lyon: they alone are compared there."""
    rows = [{**row, "site": "Rome" if row["annotator"] == "cy" else "Lyon"} for row in sets()]
    (lyon,) = only(only(section(tmp_path, rows))["splits"])["groups"]
    two = only(section(tmp_path / "two", [row for row in rows if row["annotator"] != "cy"]))
    assert (lyon["key"], lyon["items"]) == ("Lyon", 120)
    assert lyon["percent"]["value"] == pytest.approx(two["percent"]["value"])


def test_a_week_in_which_sets_differ_more_is_marked(tmp_path: Path) -> None:
    """From the seventh week on one of two people leaves a label out: sets are as seldom equal, and nearer before."""
    rng, rows = np.random.default_rng(2), []
    for one in range(360):
        names = ["food", "price", "noise"]
        other = names[:2] if one < 180 else [str(rng.choice(["wine", "staff"]))]
        for who, given in (("ana", names), ("bo", names if one % 4 else other)):
            when = at(WEEK * (one // 30) + one % 30)
            rows.append(answer(f"i{one:03d}", who, kind="multi", labels=given, submitted_at=when))
    part = only(section(tmp_path, rows))
    change = only(part["changes"])
    assert change["first"] <= part["by_period"][6]["period"] <= change["last"]
    assert change["alpha"]["high"] < 0
    assert {round(week["percent"]["value"], 1) for week in part["by_period"]} <= {0.7, 0.8}


def test_the_headline_of_paths_orders_and_labels(tmp_path: Path) -> None:
    other = {"label": "a > c", "labels": ["b", "a", "c"]}
    rows = []
    for kind, one, who in product(("single", "taxonomy", "ranking"), range(8), ("ana", "bo", "cy")):
        given = other if who == "cy" and one % 4 == 0 else ANSWERS[kind] if one % 2 else other
        rows.append(answer(f"i{one}", who, kind=kind, question=kind, annotation_id=f"{kind} {one} {who}", **given))
    found = {part["kind"]: part["headline"]["name"] for part in section(tmp_path, rows)}
    assert found == {"single": "alpha", "taxonomy": "alpha (path)", "ranking": "alpha (Kendall tau)"}


def test_a_pair_of_one_item_has_no_kappa(tmp_path: Path) -> None:
    rows = [answer("i1", who, label) for who, label in (("ana", "cat"), ("bo", "cat"), ("cy", "dog"))]
    part = only(section(tmp_path, rows))
    assert part["cohen_mean"]["reason"] == "no two annotators share more than one item"
    assert {row["kappa"]["reason"] for row in part["pairs"]} == {"only one item is shared"}


def test_a_short_project_is_looked_at_by_days(tmp_path: Path) -> None:
    """Twelve days, 25 items each, from the eighth on much more is wrong."""
    rows = [row for part, wrong in ((range(175), 0.05), (range(175, 300), 0.45)) for row in _part(part, wrong)]
    for row in rows:
        row["submitted_at"] = at(24 * 60 * (int(row["item_id"][1:]) // 25))
    part = only(section(tmp_path, rows))
    assert (part["changes_by"], len(part["by_period"])) == ("day", 2)
    change = only(part["changes"])
    assert change["first"] <= change["period"] == "2026-03-09" <= change["last"]


def _part(items: range, wrong: float, of: int = 300) -> list[Row]:
    return [row for row in team(of, wrong=wrong) if int(row["item_id"][1:]) in items]


def test_repeats_are_kept_apart_from_agreement(tmp_path: Path) -> None:
    first = [answer(f"i{one}", who, "cat" if one % 2 else "dog") for one in range(10) for who in ("ana", "bo")]
    again = [answer(f"i{one}", "ana", "dog", round=2) for one in range(6)]
    part = only(section(tmp_path, [*first, *again]))
    assert part["percent"]["value"] == 1
    assert [(row["annotator"], row["n"], row["agreement"]["value"]) for row in part["repeats"]["by_annotator"]] == [
        ("ana", 6, 0.5)
    ]
    assert part["repeats"]["overall"]["value"] == 0.5
    assert only(section(tmp_path, first))["repeats"]["overall"]["reason"] == "nothing was answered twice"


def test_people_are_compared_with_a_model_where_they_did_not_see_it(tmp_path: Path) -> None:
    """Ten items, the model says dog. Of ana's ten answers five started from it; bo and cy say cat on items 0 to 3."""
    model = [answer(f"i{one}", "bot", "dog", role="model", model="m1", annotation_id=f"m{one}") for one in range(10)]
    rows = []
    for one in range(10):
        seen = {"origin": "prediction", "parent": f"m{one}"} if one < 5 else {}
        rows.append(answer(f"i{one}", "ana", "dog", **seen))
        rows += [answer(f"i{one}", who, "cat" if one < 4 else "dog") for who in ("bo", "cy")]
    found = only(only(section(tmp_path, [*rows, *model]))["models"])
    assert (found["model"], found["shown"], found["divided"]) == ("m1", 5, 0)
    assert (found["majority"]["value"], found["majority"]["n"]) == (0.6, 10)
    assert (found["answers"]["value"], found["answers"]["n"]) == (17 / 25, 25)
    assert {row["annotator"]: (row["n"], row["percent"]["value"]) for row in found["by_annotator"]} == {
        "ana": (5, 1.0),
        "bo": (10, 0.6),
        "cy": (10, 0.6),
    }
    assert found["answers"]["warning"] is None
    unknown = only(only(section(tmp_path, [*(row | {"origin": "manual"} for row in rows), *model]))["models"])
    assert "does not say which answers started from a prediction" in unknown["answers"]["warning"]


SHAPES: dict[str, Row] = {
    "boxes": {"x": 10.0, "y": 10.0, "w": 20.0, "h": 20.0},
    "polygons": {"points": [10.0, 10.0, 30.0, 10.0, 30.0, 30.0]},
    "polylines": {"points": [10.0, 10.0, 30.0, 10.0, 30.0, 30.0]},
    "keypoints": {"points": [10.0, 10.0, 30.0, 10.0, 30.0, 30.0]},
    "masks": {"mask_rle": [4, 6, 90], "mask_h": 10, "mask_w": 10},
    "tracks": {"track_id": "t", "frame": 0, "x": 10.0, "y": 10.0, "w": 20.0, "h": 20.0},
    "spans": {"t_start": 2, "t_end": 9},
    "intervals": {"sec_start": 1.0, "sec_end": 4.5},
}
ANSWERS: dict[str, Row] = {
    "single": {"label": "a"},
    "multi": {"labels": ["a", "b"]},
    "ordinal": {"number": 2.0},
    "number": {"number": 2.5},
    "pairwise": {"label": "a"},
    "ranking": {"labels": ["a", "b", "c"]},
    "taxonomy": {"label": "a > b"},
    "text": {"text": "a black cat"},
    "none": {},
}


def test_every_kind_has_an_entry_of_its_own(tmp_path: Path) -> None:
    """Two people answer eight items alike, a third differs on one in four."""
    other = {"label": "c", "labels": ["c", "b"], "number": 4.0, "text": "one dog", "t_start": 5, "sec_start": 3.0}
    rows, regions = [], []
    for kind, one, who in product((*ANSWERS, *SHAPES), range(8), ("ana", "bo", "cy")):
        differs = who == "cy" and one % 4 == 0
        named = {"annotation_id": f"{kind} {one} {who}", "question": f"q {kind}"}
        given = {name: other.get(name, value) if differs else value for name, value in ANSWERS.get(kind, {}).items()}
        rows.append(answer(f"i{one}", who, kind=kind, **named, **given))
        if kind in SHAPES:
            label = {"region_id": "0", "revision": 1, "kind": kind, "label": "c" if differs else "x"}
            regions.append({"project": "p", **named, **label, **SHAPES[kind]})
    items = [item(f"i{one}", text="there was a black cat once", width=100, height=100, n_frames=5) for one in range(8)]
    found = {part["kind"]: part for part in section(tmp_path, rows, regions=regions, items=items)}
    assert set(found) == {*ANSWERS, *SHAPES} == set(agreement.ENTRIES) == set(Kind)
    for kind, part in found.items():
        assert part["percent"]["value"] is not None, (kind, part["percent"])
        assert part["items_used"] == 8, kind
        assert part["fleiss"]["value"] is not None or part["fleiss"]["reason"], kind
    assert {kind for kind, part in found.items() if "f1" in part} == set(SHAPES)
    assert {kind for kind, part in found.items() if "distances" in part} == {"multi", "ranking", "taxonomy", "text"}
    assert found["none"]["sentence"] == "100 % raw; alpha is undefined: " + found["none"]["alpha"]["reason"] + "."
    for kind in SHAPES:
        # Two of the three pairs of people differ in the label on two of eight items.
        assert found[kind]["f1"]["value"] == pytest.approx(1 - 2 / 3 * 2 / 8), kind
