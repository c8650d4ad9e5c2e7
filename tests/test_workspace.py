"""The use cases on the sample exports: what they say, what they refuse, and what asking again changes (nothing).

The demo is built once (about 15 s on two quiet cores) and copied for tests that change it.
"""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from qc.model import ConflictError, Estimate, InputError, NotFoundError, Scope
from qc.workspace import (
    Workspace,
    assess,
    browse,
    check,
    conflict,
    demo,
    doctor,
    ingest,
    open_workspace,
    policy,
    sample,
    verdict,
)
from qc.workspace.assess.cost_words import sentences
from qc.workspace.findings import top_findings

SCHEMA = json.loads((Path(assess.__file__).parent.parent / "assessment.schema.json").read_text(encoding="utf-8"))
PROJECTS = ("tickets", "weather", "polarity")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    demo.build(folder)
    return folder


@pytest.fixture(scope="module")
def ws(built: Path) -> Workspace:
    return open_workspace(built)


@pytest.fixture
def own(built: Path, tmp_path: Path) -> Workspace:
    """A workspace that the test may change."""
    shutil.copytree(built, tmp_path / "own")
    return open_workspace(tmp_path / "own")


@pytest.mark.parametrize("project", PROJECTS)
def test_every_sample_keeps_to_the_schema(ws: Workspace, project: str) -> None:
    jsonschema.validate(assess.assessment(ws, project), SCHEMA)


# Source: the figures given with the data (computed once with independent packages, repeats dropped, ties split 1/k).
@pytest.mark.parametrize(
    ("project", "alpha", "majority", "items"), [("weather", 0.521, 0.853, 300), ("polarity", 0.738, 0.943, 500)]
)
def test_real_samples_give_the_published_figures(
    ws: Workspace, project: str, alpha: float, majority: float, items: int
) -> None:
    agreement = assess.section(ws, project, "agreement")[0]
    assert agreement["items_used"] == items
    assert round(agreement["alpha"]["value"], 3) == alpha
    consensus = assess.section(ws, project, "consensus")
    accuracy = consensus["accuracy_vs_gold"]
    assert round(accuracy["majority"]["value"], 3) == majority
    # With priors Dawid–Skene is level: within one item in a hundred of the majority, and neither is clearly better.
    assert accuracy["dawid_skene"]["value"] == pytest.approx(majority, abs=0.01)
    assert "within the noise" in consensus["favoured"]


def test_the_planted_story_of_the_tickets_is_told(ws: Workspace) -> None:
    truth = json.loads((demo.SAMPLES / "support_tickets.truth.json").read_text(encoding="utf-8"))
    fatigue = {part["source"]: part for part in assess.section(ws, "tickets", "fatigue")}["review"]
    # Two of ten tire: for such a team that is too few to be sure, but the slope is near what was planted.
    planted_slope = sum(
        planted["answers"] * planted["fatigue_per_hour_expected"] for planted in truth["annotators"].values()
    ) / sum(planted["answers"] for planted in truth["annotators"].values())
    slope = fatigue["overall"]["error_per_hour"]
    assert slope["value"] == pytest.approx(planted_slope, abs=0.01)
    assert slope["low"] < planted_slope < slope["high"]
    tired = {row["annotator"] for row in fatigue["by_annotator"] if row["verdict"] == "rising"}
    planted = {name for name, planted in truth["annotators"].items() if planted["character"] == "tiring"}
    assert tired == planted
    review = {part["source"]: part for part in assess.section(ws, "tickets", "errors")}["review"]
    above = {row["annotator"] for row in review["by_annotator"] if row["verdict"] == "above target"}
    assert planted <= above
    assert assess.section(ws, "tickets", "agreement")[0]["alpha"]["value"] == pytest.approx(0.769, abs=5e-4)


def test_the_hasty_one_is_found_and_nobody_else(ws: Workspace) -> None:
    """The plan of the tickets: efren takes 0.4 of the time and 60 % of the pre-labels unseen; nobody guesses."""
    care = assess.section(ws, "tickets", "care")
    assert [row["annotator"] for row in care["by_annotator"] if row["flags"]] == ["efren@example.org"]
    hasty = next(row for row in care["by_annotator"] if row["flags"])
    assert hasty["unchanged_prelabel"]["q"] <= 0.05
    assert hasty["unchanged_prelabel"]["contested"]["low"] > hasty["unchanged_prelabel"]["team_contested"]
    assert hasty["fast"]["low"] > max(row["fast"]["high"] for row in care["by_annotator"] if row is not hasty)
    assert all(row["pace_changes"] == [] for row in care["by_annotator"])
    noted = {row["annotator"]: row["flags"] for row in assess.section(ws, "tickets", "annotators")}
    assert noted["efren@example.org"] == hasty["flags"]


def test_care_compares_with_the_whole_team_whoever_is_asked_for(ws: Workspace) -> None:
    whole = {row["annotator"]: row for row in assess.section(ws, "tickets", "care")["by_annotator"]}
    own = assess.section(ws, "tickets", "care", Scope(annotators=("efren@example.org",)))["by_annotator"]
    assert own == [whole["efren@example.org"]]


@pytest.mark.parametrize("project", ["weather", "polarity"])
def test_seconds_without_an_order_give_speed_and_no_course(ws: Workspace, project: str) -> None:
    care = assess.section(ws, project, "care")
    assert any(row["fast"]["value"] is not None for row in care["by_annotator"])
    assert len(care["slow_items"]) == 20
    for row in care["by_annotator"]:
        assert row["pace"]["p"] is row["longest_run"]["length"] is None
        assert "order" in row["pace"]["reason"]
        assert "order" in row["longest_run"]["reason"]


def test_five_findings_of_each_project_and_no_two_alike(ws: Workspace) -> None:
    for project in PROJECTS:
        found = [finding.sentence for finding in top_findings(assess.assessment(ws, project))]
        assert len(found) == 5
        assert len(set(found)) == 5


def test_the_demo_leaves_other_folders_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Exception, match="holds something else than a demo"):
        demo.build(tmp_path)
    assert (tmp_path / "precious.txt").exists()


def test_scope_by_days_is_since_inclusive_until_exclusive(ws: Workspace) -> None:
    days = browse.days(ws, "tickets").groupby("day")["answers"].sum()
    first, last = days.index[2], days.index[5]
    scope = assess.scope_of(_at(first), _at(last))
    assert assess.section(ws, "tickets", "volume", scope)["annotations"] == days.iloc[2:5].sum()


def _at(day: str):
    from datetime import datetime

    return datetime.fromisoformat(day)


def test_a_draw_is_reproducible_and_offers_nothing_twice(own: Workspace, built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "twin")
    twin = open_workspace(tmp_path / "twin")
    first = sample.draw(own, "tickets", sample.Ask(rate=0.05), seed=7)
    again = sample.draw(twin, "tickets", sample.Ask(rate=0.05), seed=7)
    columns = ["annotation_id", "question", "pi", "stratum"]
    assert first.answers[columns].equals(again.answers[columns])
    # Every answer so far had its chance: what comes with a later import is offered next.
    assert sample.draw(own, "tickets", sample.Ask(rate=0.05), seed=8).id is None
    newer = json.loads((demo.SAMPLES / "support_tickets.json").read_text(encoding="utf-8"))[:3]
    for task in newer:
        task["id"] += 1_000_000
        for part in (*task["annotations"], *task["predictions"]):
            part["id"] += 1_000_000
            part["task"] = task["id"]
            part["reviews"] = []
            part["parent_prediction"] = None
    export = tmp_path / "newer.json"
    export.write_text(json.dumps(newer), encoding="utf-8")
    ingest.ingest(own, "tickets", export)
    second = sample.draw(own, "tickets", sample.Ask(rate=0.05), seed=8)
    assert second.size
    assert set(second.answers["item_id"]) <= {str(task["id"]) for task in newer}
    reviewed = set(browse.answers(own, "tickets", source="review", limit=10_000)["annotation_id"])
    assert not reviewed & set(first.answers["annotation_id"])


def test_levels_decide_the_share(own: Workspace) -> None:
    rows = {row["annotator"]: row for row in sample.plan(own, "tickets")["rows"]}
    shares = policy.get(own, "tickets").sampling
    for row in rows.values():
        assert row["rate"] == shares.rate(row["level"])
        assert row["to_draw"] >= max(5, -(-row["new_answers"] * row["rate"] * (1 - shares.by_risk) // 1))
    check.set_level(own, "tickets", "joana@example.org", "full", "new guideline", "lead")
    after = {row["annotator"]: row for row in sample.plan(own, "tickets")["rows"]}["joana@example.org"]
    assert after["to_draw"] == after["new_answers"]


def test_a_level_needs_a_reason_and_a_person(own: Workspace) -> None:
    with pytest.raises(InputError, match="why"):
        check.set_level(own, "tickets", "joana@example.org", "full", " ", "lead")
    with pytest.raises(NotFoundError, match="nobody"):
        check.set_level(own, "tickets", "nobody", "full", "because", "lead")
    with pytest.raises(InputError, match="level"):
        check.set_level(own, "tickets", "joana@example.org", "extreme", "because", "lead")


def test_weighted_rate_of_a_judged_sample(own: Workspace) -> None:
    """Every drawn answer judged by the planted truth: the drawn source stands apart, with its weights."""
    truth = json.loads((demo.SAMPLES / "support_tickets.truth.json").read_text(encoding="utf-8"))
    wrong = set(truth["wrong"])
    drawn = sample.draw(own, "tickets", sample.Ask(rate=0.05), seed=1)
    rows = [
        {"annotation_id": row.annotation_id, "verdict": "reject" if row.annotation_id in wrong else "accept"}
        for row in drawn.answers.itertuples()
    ]
    outcome = verdict.record(own, "tickets", rows, "rae")
    assert outcome.recorded == drawn.size
    assert not outcome.refused
    parts = {part["source"]: part for part in assess.section(own, "tickets", "errors")}
    assert set(parts) == {"gold", "review", "review, not drawn"}
    overall = parts["review"]["overall"]
    answers = drawn.answers.assign(wrong=drawn.answers["annotation_id"].isin(wrong))
    by_hand = (answers["wrong"] / answers["pi"]).sum() / (1 / answers["pi"]).sum()
    assert overall["value"] == pytest.approx(by_hand, abs=1e-12)
    assert overall["low"] < truth["totals"]["error_rate"] < overall["high"]


def test_verdicts_are_refused_row_by_row(own: Workspace) -> None:
    drawn = sample.draw(own, "tickets", sample.Ask(rate=0.05)).answers["annotation_id"].tolist()
    rows = [
        {"annotation_id": drawn[0], "verdict": "accept"},
        {"annotation_id": "no-such-id", "verdict": "accept"},
        {"annotation_id": drawn[1], "verdict": "fine"},
        {"annotation_id": drawn[2], "verdict": "reject", "error_type": "typo"},
        {"annotation_id": drawn[3], "verdict": "reject", "corrected_label": "no such label"},
        {"annotation_id": drawn[0], "verdict": "reject"},
        {"annotation_id": drawn[4], "verdict": ""},
        {"annotation_id": drawn[5], "verdict": "accept", "seconds": "-3"},
        {"annotation_id": drawn[6], "verdict": "reject", "corrected_label": "billing", "error_type": "wrong label"},
    ]
    outcome = verdict.record(own, "tickets", rows, "rae")
    assert outcome.recorded == 2
    reasons = dict(outcome.refused)
    assert set(reasons) == {2, 3, 4, 5, 6, 8}
    assert "no-such-id" in reasons[2]
    assert "no verdict" in reasons[3]
    assert "typo" in reasons[4]
    assert "no such label" in reasons[5]
    assert "row 1" in reasons[6]
    assert "seconds" in reasons[8]
    second = verdict.record(own, "tickets", rows[:1], "sam")
    assert second.recorded == 0
    assert "already judged: accept by rae" in second.refused[0][1]


def test_an_undone_verdict_opens_the_answer_again(own: Workspace) -> None:
    key = sample.draw(own, "tickets", sample.Ask(rate=0.05)).answers["annotation_id"].iloc[0]
    waiting = len(sample.queue(own, "tickets"))
    verdict.record(own, "tickets", [{"annotation_id": key, "verdict": "reject"}], "rae")
    assert len(sample.queue(own, "tickets")) == waiting - 1
    verdict.undo(own, "tickets", browse.verdict_log(own, "tickets")["review_id"].iloc[0], "rae")
    assert len(sample.queue(own, "tickets")) == waiting


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".json"])
def test_a_sheet_goes_out_and_back(own: Workspace, tmp_path: Path, suffix: str) -> None:
    from qc.workspace import sheet_files

    drawn = sample.draw(own, "tickets", sample.Ask(rate=0.02))
    path = tmp_path / f"sheet{suffix}"
    filled = sample.sheet(own, "tickets", drawn.id).assign(verdict="accept")
    path.write_bytes(sheet_files.written(filled.sample(frac=1, random_state=1), suffix))
    assert verdict.record_sheet(own, "tickets", path, "rae").recorded == drawn.size
    assert "annotator" not in filled.columns


def test_the_bootstrap_on_request_is_near_the_jackknife(ws: Workspace) -> None:
    document = assess.assessment(ws, "tickets")
    assess.add_bootstrap(ws, "tickets", Scope(), document)
    jsonschema.validate(document, SCHEMA)
    (entry,) = document["agreement"]
    made = {row["key"]: (row["items"], row["bootstrap"]) for row in entry["coefficients"]}
    assert made["cohen"][1] is None
    for key in ("percent", "alpha", "ac1"):
        items, drawn = made[key]
        assert drawn["value"] == pytest.approx(items["value"], abs=1e-9)
        assert [drawn["low"], drawn["high"]] == pytest.approx([items["low"], items["high"]], abs=3e-3)
    for row in entry["differences"]:
        assert row["bootstrap"]["value"] == pytest.approx(row["alpha_items"]["value"], abs=1e-9)
        assert (row["p_bootstrap"] < 0.05) == (row["p_items"] < 0.05)


def test_who_keeps_prelabels_unseen_gets_an_alert_and_nobody_else(own: Workspace) -> None:
    found = [alert for alert in check.run(own, "tickets").open if alert["rule"] == "rubber-stamping of pre-labels"]
    assert [alert["subject_key"] for alert in found] == ["efren@example.org"]
    assert found[0]["message"].startswith("efren@example.org keeps ")


def test_a_check_fires_once_per_episode(own: Workspace) -> None:
    before = check.run(own, "tickets")
    assert before.open
    again = check.run(own, "tickets")
    assert not again.opened
    assert not again.resolved
    assert {alert["id"] for alert in again.open} == {alert["id"] for alert in before.open}
    assert again.fails("warning")
    for alert in again.open:
        check.acknowledge(own, "tickets", alert["id"], "lead", "seen")
    assert not check.run(own, "tickets").fails("warning")


def test_alerts_carry_their_evidence(ws: Workspace) -> None:
    for alert in assess.section(ws, "tickets", "alerts"):
        evidence = alert["evidence"]
        assert evidence["value"] is not None
        assert evidence["threshold"] is not None
        assert evidence["n"] > 0
        assert alert["message"].endswith(".")


def test_gold_is_no_reviewer_to_be_corrected(ws: Workspace) -> None:
    """Every weather item has gold, so what escaped is known exactly: the wrong answers of the file."""
    cost = assess.section(ws, "weather", "cost")
    errors = assess.section(ws, "weather", "errors")[0]
    wrong = sum(row["errors"] for row in errors["by_annotator"])
    assert cost["errors_escaped"]["value"] == pytest.approx(wrong)
    assert cost["error_before"]["value"] == errors["overall"]["value"]


def test_nobody_samples_to_learn_what_ten_thousand_gold_answers_say(ws: Workspace) -> None:
    found = assess.section(ws, "polarity", "cost")
    assert (found["best"]["choice"], round(found["best"]["probability"], 3)) == ("ranked", 1.0)
    cost = {option["choice"]: option["cost"] for option in found["options"]}
    assert cost["ranked"] < cost["all"] < cost["none"]
    assert "estimate" not in cost


def test_where_nothing_was_reviewed_no_review_is_told_of(ws: Workspace) -> None:
    first, second, *_ = sentences(assess.section(ws, "polarity", "cost"))
    assert first == "Nothing was reviewed so far."
    assert second.startswith("10.7 % (10.1–11.3 %) of the answers are wrong: about 1,065 (1,006–1,127) errors are left")
    first, second, *_ = sentences(assess.section(ws, "tickets", "cost"))
    assert first.startswith("Review took ")
    assert "were wrong before review" in second


def test_overrides_are_counted_among_those_who_saw_the_label(ws: Workspace) -> None:
    truth = json.loads((demo.SAMPLES / "support_tickets.truth.json").read_text(encoding="utf-8"))["model"]
    model = assess.section(ws, "tickets", "models")[0]
    assert model["override_rate"]["n"] == truth["shown_answers"]
    assert model["override_rate"]["value"] == pytest.approx(truth["overridden"] / truth["shown_answers"])
    assert model["accepted_unchanged"]["value"] == pytest.approx(truth["unchanged"] / truth["shown_answers"])


def test_a_settlement_judges_the_answers(own: Workspace) -> None:
    row = browse.conflicts(own, "tickets").iloc[0]
    label = row["answers"][0]
    conflict.settle(own, "tickets", row["item_id"], row["question"], label, "the guideline says so", "lead")
    part = next(part for part in assess.section(own, "tickets", "errors") if part["source"] == "adjudication")
    assert part["overall"]["n"] == len(row["answers"])
    assert sum(entry["errors"] for entry in part["by_annotator"]) == sum(answer != label for answer in row["answers"])
    assert browse.conflicts(own, "tickets").set_index("item_id")["settled"][row["item_id"]] == label
    with pytest.raises(InputError, match="Nobody answered"):
        conflict.settle(own, "tickets", "no item", row["question"], label, "", "lead")


def test_what_gold_decides_is_no_conflict(ws: Workspace) -> None:
    assert browse.conflicts(ws, "weather").empty
    gold = set(browse.answers(ws, "tickets", source="gold", limit=10_000)["item_id"])
    assert not gold & set(browse.conflicts(ws, "tickets", limit=10_000)["item_id"])


def test_reviews_of_an_export_stand_for_their_annotators_answers(ws: Workspace) -> None:
    """By hand: each annotator's rate weighs as much as the answers, however many of them were reviewed."""
    part = next(part for part in assess.section(ws, "tickets", "errors") if part["source"] == "review")
    answers = {row["annotator"]: row["n"] for row in assess.section(ws, "tickets", "annotators")}
    rates = {row["annotator"]: row["errors"] / row["n"] for row in part["by_annotator"]}
    by_hand = sum(answers[name] * rate for name, rate in rates.items()) / sum(answers.values())
    naive = sum(row["errors"] for row in part["by_annotator"]) / sum(row["n"] for row in part["by_annotator"])
    assert part["overall"]["value"] == pytest.approx(by_hand, abs=1e-12)
    assert part["overall"]["value"] < naive - 0.01
    assert "random choice of each annotator's answers" in part["overall"]["method"]
    # Fewer than all were reviewed: nobody's interval shrinks to a point.
    assert all(row["rate"]["low"] < row["rate"]["high"] for row in part["by_annotator"])


def test_disagreement_is_what_agreement_leaves(ws: Workspace) -> None:
    for project in PROJECTS:
        percent = assess.section(ws, project, "agreement")[0]["percent"]
        disagreement = assess.section(ws, project, "cost")["disagreement_rate"]
        assert disagreement["value"] == pytest.approx(1 - percent["value"])
        assert (disagreement["low"], disagreement["high"]) == (
            pytest.approx(1 - percent["high"]),
            pytest.approx(1 - percent["low"]),
        )


def test_items_by_agreement_add_up_to_the_raw_agreement(ws: Workspace) -> None:
    for project in PROJECTS:
        part = assess.section(ws, project, "agreement")[0]
        degrees = part["items_by_agreement"]
        assert sum(row["items"] for row in degrees) == part["items_used"]
        mean = sum(row["items"] * row["agreement"] for row in degrees) / part["items_used"]
        assert mean == pytest.approx(part["percent"]["value"], abs=6e-4)


def test_work_is_counted_as_it_was_planted(ws: Workspace) -> None:
    """Answers and skips against the planted totals; hours against the durations of the single submissions."""
    truth = json.loads((demo.SAMPLES / "support_tickets.truth.json").read_text(encoding="utf-8"))
    rows = assess.section(ws, "tickets", "annotators")
    planted = truth["annotators"]
    assert {row["annotator"]: row["n"] for row in rows} == {name: who["answers"] for name, who in planted.items()}
    skipped = sum(row["skip_rate"]["value"] * row["skip_rate"]["n"] for row in rows)
    assert skipped == pytest.approx(truth["totals"]["skipped"])
    assert sum(row["skip_rate"]["n"] for row in rows) == truth["totals"]["answers"] + truth["totals"]["skipped"]
    answered = browse.answers(ws, "tickets", limit=100_000).drop_duplicates("annotation_id")
    hours = answered.groupby("annotator")["seconds"].sum() / 3600
    for row in rows:
        # Skips take a little time, too.
        assert hours[row["annotator"]] <= row["active_hours"] <= 1.05 * hours[row["annotator"]]


def test_only_judgements_after_a_change_of_level_count(own: Workspace) -> None:
    before = {row["subject"]["key"]: row for row in assess.section(own, "tickets", "levels")}
    assert before["hugo@example.org"]["evidence"]["n"] == 0
    check.set_level(own, "tickets", "bruno@example.org", "normal", "talked to him", "lead")
    after = {row["subject"]["key"]: row for row in assess.section(own, "tickets", "levels")}["bruno@example.org"]
    # All his gold is older than the decision: the same alarm does not propose the same raise again.
    assert after["proposed"] is None
    assert after["evidence"]["n"] == 0


def test_a_late_verdict_does_not_lower_the_threshold(own: Workspace) -> None:
    from qc.workspace.levels import chart_of

    lens = assess.view(own, "tickets")
    before = chart_of(lens, lens.frame("judged_sequence"))
    key = sample.draw(own, "tickets", sample.Ask(rate=0.05)).answers["annotation_id"].iloc[0]
    verdict.record(own, "tickets", [{"annotation_id": key, "verdict": "accept"}], "rae")
    lens = assess.view(own, "tickets")
    sequence = lens.frame("judged_sequence")
    assert chart_of(lens, sequence[sequence["at_ms"].notna()]) == before


def test_the_busiest_month_is_any_thirty_days() -> None:
    import numpy as np

    from qc.workspace.levels import busiest_month

    day = 86_400_000
    at = np.array([40, 1, 2, 29, 300, 33], dtype=np.int64) * day
    # From day 2 to day 32.4 two, from day 29 on three: 29, 33, 40.
    assert busiest_month(at) == 3
    assert busiest_month(at[:0]) == 0


def test_a_verdict_recomputes_nothing_about_agreement(own: Workspace) -> None:
    assess.assessment(own, "tickets")
    cache = own.root / "cache" / "tickets"
    before = {path.name for path in cache.glob("agreement-*")}
    key = sample.draw(own, "tickets", sample.Ask(rate=0.05)).answers["annotation_id"].iloc[0]
    verdict.record(own, "tickets", [{"annotation_id": key, "verdict": "reject"}], "rae")
    assess.assessment(own, "tickets")
    assert {path.name for path in cache.glob("agreement-*")} == before
    assert len(list(cache.glob("errors-*"))) > 1


def test_a_policy_that_cannot_work_is_refused(own: Workspace) -> None:
    from dataclasses import replace

    current = policy.get(own, "tickets")
    upside_down = replace(current, errors=replace(current.errors, target=0.2, limit=0.1))
    with pytest.raises(InputError, match="target"):
        policy.save(own, "tickets", upside_down, "lead")
    with pytest.raises(InputError, match="time zone"):
        policy.save(own, "tickets", replace(current, timezone="Mars/Olympus"), "lead")
    assert policy.get(own, "tickets") == current


def test_doctor_finds_a_healthy_workspace_and_equal_alphas(ws: Workspace) -> None:
    assert not [finding.line for finding in doctor.examine(ws) if finding.state == "bad"]
    checked = list(doctor.verify(ws))
    assert len(checked) == 3
    assert all(finding.state == "ok" for finding in checked)


def test_doctor_names_a_lake_that_lost_its_version(own: Workspace) -> None:
    shutil.rmtree(own.root / "lake" / "annotations")
    bad = [finding for finding in doctor.examine(own) if finding.state == "bad"]
    assert [finding.what for finding in bad] == ["annotations"]


def test_estimates_have_an_interval_or_a_reason(ws: Workspace) -> None:
    """Walks every Estimate of every sample."""
    seen = 0

    def walk(part: object) -> None:
        nonlocal seen
        if isinstance(part, dict):
            if {"value", "low", "high", "n", "reason"} <= part.keys():
                estimate = Estimate.from_json(part)
                assert (estimate.value is None) == bool(estimate.reason)
                if estimate.value is not None and estimate.low is not None:
                    assert estimate.low - 1e-12 <= estimate.value <= estimate.high + 1e-12
                seen += 1
            for entry in part.values():
                walk(entry)
        elif isinstance(part, list):
            for entry in part:
                walk(entry)

    for project in PROJECTS:
        walk(assess.assessment(ws, project))
        walk(assess.section(ws, project, "errors", Scope(sites=("no such site",))))
    assert seen > 1_000


def test_two_draws_at_once_do_not_offer_an_answer_twice(own: Workspace) -> None:
    from qc.store.samples import save_draw

    rows = sample.draw(own, "tickets", sample.Ask(rate=0.05), seed=3).answers
    taken = rows[list(sample.KEPT)].head(3).astype(object).to_dict("records")
    with pytest.raises(ConflictError, match="draw again"):
        save_draw(own.store, "tickets", 3, {}, "v", taken, "other")
