"""Conflicts of every kind, how they are settled one by one and all alike, and the rulebook. About half a minute.

A project of our own: what is at odds is planted item by item.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from desk_project import PROJECT, opened

from qc.access import AccessError, Actor, Grant
from qc.model import ConflictError, InputError, NotFoundError
from qc.stats.stopped import MORE, RARER, TOO_LITTLE, UNCLEAR, before_and_after
from qc.store.audit import audit_trail
from qc.workspace import Workspace, assess, conflict, disputed, open_workspace, rulebook, sample, verdict
from qc.workspace.ingest import ingest
from qc.workspace.rulebook import Wording

HOSTILE = '<b>"=1+1</b> ![x](http://beacon.example/x.png)'
PEOPLE = ("ana", "bo", "cy")


def write(folder: Path, rows: list[tuple[str, str, str, str, str]], name: str = "answers.csv") -> Path:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(["item", "text", "annotator", "label", "submitted_at"])
        sheet.writerows(rows)
    return path


def answered(item: str, text: str, labels: str, day: str = "2026-03-02") -> list[tuple[str, str, str, str, str]]:
    """Three people's answers, a letter each."""
    names = {"c": "cat", "d": "dog", "f": "fox"}
    return [
        (item, text, who, names[letter], f"{day}T10:00:{at:02d}Z")
        for at, (who, letter) in enumerate(zip(PEOPLE, labels, strict=True))
    ]


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """Twelve items on which cat and dog stand against each other, three with a fox, some with the same text."""
    rows = [row for at in range(12) for row in answered(f"i{at}", f"text {at}", "ccd" if at % 2 else "dcd")]
    rows += answered("f1", "Text  1", "cff") + answered("f2", "other", "cdf") + answered("same", "calm", "ccc")
    work = open_workspace(tmp_path / "w")
    ingest(work, "pets", write(tmp_path, rows))
    return work


def places(frame: Any) -> set[str]:
    return set(frame["item_id"])


def test_people_at_odds_are_found_with_two_suggestions(ws: Workspace) -> None:
    found = disputed.conflicts(ws, "pets").set_index("item_id")
    assert places(found.reset_index()) == {*(f"i{at}" for at in range(12)), "f1", "f2"}
    assert set(found["between"].map(tuple)) == {("annotators",)}
    row = found.loc["i1"]
    assert (sorted(row["answers"]), row["majority"], row["suggestion"]) == (["cat", "cat", "dog"], "cat", "cat")
    assert row["majority_share"] == pytest.approx(2 / 3)
    assert 0.5 < row["probability"] < 1


def test_a_lead_settles_takes_back_and_settles_again(ws: Workspace) -> None:
    conflict.settle(ws, "pets", "i1", "label", "dog", "a tail", "lea", 0)
    with pytest.raises(ConflictError, match="The settlement of i1 was changed by lea a minute ago: look again"):
        conflict.settle(ws, "pets", "i1", "label", "cat", "no", "bo", 0)
    assert "i1" not in places(disputed.conflicts(ws, "pets", settled=False))
    assert places(disputed.conflicts(ws, "pets", settled=True)) == {"i1"}
    standing = conflict.standing(ws, "pets", "i1", "label")
    assert standing is not None
    assert (standing.label, standing.method, standing.revision, standing.together) == ("dog", "lead", 1, ())
    judged = next(part for part in assess.section(ws, "pets", "errors") if part["source"] == "adjudication")
    assert (judged["overall"]["n"], judged["overall"]["value"]) == (3, pytest.approx(2 / 3))
    with pytest.raises(ConflictError, match="look again"):
        conflict.take_back(ws, "pets", "label", ["i1"], "lea", [7])
    conflict.take_back(ws, "pets", "label", ["i1"], "lea", [1])
    assert conflict.revision(ws, "pets", "i1", "label") == 0
    assert not [part for part in assess.section(ws, "pets", "errors") if part["source"] == "adjudication"]
    with pytest.raises(NotFoundError, match="no settlement of i1"):
        conflict.take_back(ws, "pets", "label", ["i1"], "lea")
    conflict.settle(ws, "pets", "i1", "label", "cat", "after all", "lea", 0)
    assert conflict.revision(ws, "pets", "i1", "label") == 3
    acts = [row["action"] for row in reversed(audit_trail(ws.store, "pets"))]
    assert [act for act in acts if "settle" in act] == ["settle", "take back settlement", "settle"]


def test_alike_are_the_same_answers_and_the_same_text(ws: Workspace) -> None:
    found = disputed.alike(ws, "pets", "i1", "label").set_index("item_id")
    assert set(found.index) == {*(f"i{at}" for at in range(12) if at != 1), "f1"}
    assert found.loc["i2", "why"] == ["same answers"]
    assert found.loc["f1", "why"] == ["same text"]
    conflict.settle(ws, "pets", "i2", "label", "dog", "", "lea")
    assert "i2" not in disputed.alike(ws, "pets", "i1", "label")["item_id"].tolist()
    conflict.settle_all(ws, "pets", "label", [*set(found.index) - {"i2"}, "f2", "i1"], "dog", "", "lea")
    assert disputed.alike(ws, "pets", "i1", "label")["item_id"].tolist() == []


def test_all_alike_are_settled_each_with_a_row_or_none(ws: Workspace) -> None:
    rule = rulebook.write(ws, "pets", Wording("Tails", "A tail is a dog.", "label", ("cat", "dog"), "dog"), "", "lea")
    chosen = ["i1", "i3", "i5"]
    conflict.settle(ws, "pets", "i5", "label", "cat", "earlier", "bo")
    with pytest.raises(ConflictError, match="i5 was changed by bo"):
        conflict.settle_all(ws, "pets", "label", chosen, "dog", "the rule", "lea", rule)
    assert places(disputed.conflicts(ws, "pets", settled=True)) == {"i5"}
    conflict.settle_all(ws, "pets", "label", chosen, "dog", "the rule", "lea", rule, {"i5": 1})
    standing = conflict.standing(ws, "pets", "i3", "label")
    assert standing is not None
    assert (standing.method, standing.rule_id, dict(standing.together)) == ("rule", rule, {"i1": 1, "i3": 1, "i5": 2})
    assert [kept.settled for kept in rulebook.rules(ws, "pets")] == [3]
    conflict.take_back(ws, "pets", "label", ["i1", "i3"], "lea")
    assert [kept.settled for kept in rulebook.rules(ws, "pets")] == [1]


def test_a_vote_settles_what_more_than_half_said(ws: Workspace) -> None:
    assert conflict.settle_by_vote(ws, "pets", "label", ["i1", "i2", "f2"], "a vote", "lea") == 2
    found = disputed.conflicts(ws, "pets", settled=True).set_index("item_id")["settled"]
    assert found.to_dict() == {"i1": "cat", "i2": "dog"}
    with pytest.raises(InputError, match="more than half"):
        conflict.settle_by_vote(ws, "pets", "label", ["f2"], "a vote", "lea")


def test_what_cannot_be_settled_is_refused(ws: Workspace) -> None:
    with pytest.raises(InputError, match="Choose the label"):
        conflict.settle(ws, "pets", "i1", "label", " ", "", "lea")
    with pytest.raises(InputError, match="Nobody answered"):
        conflict.settle(ws, "pets", "no item", "label", "cat", "", "lea")
    rule = rulebook.write(ws, "pets", Wording("Other", "Something else.", "colour"), "", "lea")
    with pytest.raises(InputError, match="The rule is about 'colour'"):
        conflict.settle_all(ws, "pets", "label", ["i1"], "cat", "", "lea", rule)
    rulebook.retire(ws, "pets", rule, "wrong", "lea", 1)
    with pytest.raises(InputError, match="not in force"):
        conflict.settle_all(ws, "pets", "label", ["i1"], "cat", "", "lea", rule)


def test_comments_stay_in_order_and_on_the_trail(ws: Workspace) -> None:
    for text in ("look at the ears", HOSTILE):
        conflict.comment(ws, "pets", "i1", "label", text, "bo")
    assert [said.text for said in conflict.comments(ws, "pets", "i1", "label")] == ["look at the ears", HOSTILE]
    assert conflict.comments(ws, "pets", "i2", "label") == []
    assert [row["action"] for row in audit_trail(ws.store, "pets")][:2] == ["comment", "comment"]
    with pytest.raises(InputError, match="Write a comment"):
        conflict.comment(ws, "pets", "i1", "label", " \n", "bo")


def test_two_reviewers_at_odds_are_a_conflict(tmp_path: Path) -> None:
    """Both judged the same answers; on the first they differ, on the second both put another label in place."""
    from dataclasses import replace

    from qc.workspace import policy

    work = open_workspace(tmp_path / "w")
    calm = [row for at in range(8) for row in answered(f"i{at}", f"t{at}", "ccc")]
    ingest(work, "pets", write(tmp_path, [*calm, *answered("zoo", "zoo", "cdf")]))
    decided = work.policy("pets")
    both = replace(decided.sampling, twice=1.0)
    policy.save(work, "pets", replace(decided, sampling=both), "lea", "both look")
    drawn = sample.draw(work, "pets", sample.Ask(rate=1.0))
    rows = sample.sheet(work, "pets", drawn.id).sort_values("item_id").drop_duplicates("item_id").to_dict("records")

    def say(row: dict[str, Any], reviewer: str, label: str | None) -> dict[str, Any]:
        said = {"annotation_id": row["annotation_id"], "question": row["question"], "reviewer": reviewer}
        return (
            {**said, "verdict": "accept"} if label is None else {**said, "verdict": "reject", "corrected_label": label}
        )

    for_rex = [say(row, "rex", label) for row, label in zip(rows, (None, "dog", None), strict=False)]
    assert verdict.record(work, "pets", for_rex, "rex").recorded == 3
    for_sue = [say(row, "sue", label) for row, label in zip(rows, ("dog", "fox", None), strict=False)]
    assert verdict.record(work, "pets", for_sue, "sue").recorded == 3
    found = disputed.conflicts(work, "pets", between=["reviewers"]).set_index("item_id")
    assert found["between"].to_dict() == {rows[0]["item_id"]: ["reviewers"], rows[1]["item_id"]: ["reviewers"]}
    assert places(disputed.conflicts(work, "pets", between=["annotators"])) == {"zoo"}


def test_gold_and_models_at_odds_with_people_are_conflicts(tmp_path: Path) -> None:
    """Of the sentiments two people agree with gold and one does not; a model that errs is at odds with all."""
    work = opened(open_workspace(tmp_path / "w"), ("sentiment",), 5)
    assert disputed.conflicts(work, PROJECT).empty
    rows = [("g1", "t", who, "positive", "2026-03-02T10:00:00Z") for who in PEOPLE]
    rows += [("m1", "t", who, "positive", "2026-03-02T10:00:00Z") for who in PEOPLE]
    path = tmp_path / "more.jsonl"
    import json

    base = {"table": "annotations", "question": "sentiment", "kind": "single", "status": "submitted"}
    lines = [
        {
            **base,
            "item_id": item,
            "annotator": who,
            "role": "annotator",
            "annotation_id": f"{item}-{who}",
            "label": label,
        }
        for item, _, who, label, _ in rows
    ]
    lines.append(
        {**base, "item_id": "g1", "annotator": "gold", "role": "gold", "annotation_id": "gg", "label": "neutral"}
    )
    model = {"annotator": "tagger", "role": "model", "model": "tagger", "annotation_id": "mm", "score": 0.9}
    lines.append({**base, "item_id": "m1", **model, "label": "negative"})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    ingest(work, PROJECT, path)
    found = disputed.conflicts(work, PROJECT).set_index("item_id")
    assert found["between"].to_dict() == {"g1": ["gold"], "m1": ["model"]}
    assert found["majority"].to_dict() == {"g1": "positive", "m1": "positive"}
    # The fit behind the suggestion does not know the gold that it is to be held against.
    assert found.loc["g1", "suggestion"] == "positive"
    for kind in ("gold", "model"):
        assert len(disputed.conflicts(work, PROJECT, between=[kind])) == 1


def test_what_is_marked_is_settled_by_the_answer_that_is_right(tmp_path: Path) -> None:
    """Spans without gold: two people mark otherwise than the third; the final call holds regions of its own."""
    import json

    from desk_project import write as write_export

    export = write_export(tmp_path, tmp_path / "media", ("entities",), 2)
    lines = [line for line in export.read_text().splitlines() if json.loads(line).get("role") != "gold"]
    export.write_text("\n".join(lines) + "\n", encoding="utf-8")
    work = open_workspace(tmp_path / "w")
    ingest(work, PROJECT, export)
    found = disputed.conflicts(work, PROJECT)
    assert disputed.conflicts(opened(open_workspace(tmp_path / "known"), ("entities",), 2), PROJECT).empty
    assert places(found) == {"report-0", "report-1"}
    assert found["suggestion"].isna().all()
    ids = {who: key for key, who in conflict.answers(work, PROJECT, "report-0", "entities")}
    conflict.settle_as(work, PROJECT, "report-0", "entities", ids["ana"], "names only", "lea", 0)
    judged = next(part for part in assess.section(work, PROJECT, "errors") if part["source"] == "adjudication")
    rates = {row["annotator"]: row["rate"]["value"] for row in judged["by_annotator"]}
    assert rates == {"ana": 0.0, "bo": 1.0, "cy": 1.0}
    with pytest.raises(NotFoundError, match="look again"):
        conflict.settle_as(work, PROJECT, "report-0", "entities", "gone", "", "lea")


def test_a_rule_is_written_changed_and_retired_over_what_was_seen(ws: Workspace) -> None:
    wording = Wording(f" {HOSTILE}\n", "Line one.\nLine two.", "label", ("cat", "dog", "cat"), " dog ", ("i1",))
    key = rulebook.write(ws, "pets", wording, "asked often", "lea")
    (rule,) = rulebook.rules(ws, "pets")
    assert rule.wording == Wording(HOSTILE, "Line one.\nLine two.", "label", ("cat", "dog"), "dog", ("i1",))
    assert rule.speaks_of("label", ["dog"])
    assert not rule.speaks_of("label", ["fox"])
    assert not rule.speaks_of("colour", ["dog"])
    rulebook.write(ws, "pets", Wording("Ears", "Look at the ears.", "label"), "shorter", "ada", key, 1)
    with pytest.raises(ConflictError, match="The rule “Ears” was changed by ada a minute ago: look again"):
        rulebook.write(ws, "pets", wording, "no", "lea", key, 1)
    rulebook.add_example(ws, "pets", key, "i3", "lea")
    rulebook.add_example(ws, "pets", key, "i3", "lea")
    (rule,) = rulebook.rules(ws, "pets")
    assert (rule.revision, rule.wording.examples) == (3, ("i3",))
    rulebook.retire(ws, "pets", key, "obsolete", "lea", 3)
    (rule,) = rulebook.rules(ws, "pets")
    assert rule.retired
    assert not rule.speaks_of("label", ["dog"])
    acts = [row["action"] for row in reversed(audit_trail(ws.store, "pets")) if "rule" in row["action"]]
    assert acts == ["write rule", "change rule", "change rule", "retire rule"]
    for wrong in (Wording("", "x", "label"), Wording("x", " ", "label"), Wording("x", "x", "")):
        with pytest.raises(InputError, match="needs a title"):
            rulebook.write(ws, "pets", wrong, "", "lea")
    with pytest.raises(InputError, match="10,000 characters"):
        rulebook.write(ws, "pets", Wording("x", "x" * 10_001, "label"), "", "lea")
    with pytest.raises(NotFoundError, match="no rule nosuch"):
        rulebook.retire(ws, "pets", "nosuch", "", "lea")


def test_a_rule_is_held_against_what_came_before_and_after_it(ws: Workspace, tmp_path: Path) -> None:
    """Before: 13 of 14 items with a cat or a dog have the conflict (f1 has a fox for it). After: 2 of 20."""
    key = rulebook.write(ws, "pets", Wording("Tails", "A tail is a dog.", "label", ("cat", "dog"), "dog"), "", "lea")
    later = f"{datetime.now(UTC).year + 1}-03-02"
    rows = [row for at in range(20) for row in answered(f"n{at}", "", "ccd" if at < 2 else "ddd", later)]
    rows += [("across", "", "ana", "cat", "2026-03-02T10:00:00Z"), ("across", "", "bo", "dog", f"{later}T10:00:00Z")]
    ingest(ws, "pets", write(tmp_path, rows, "later.csv"))
    (rule,) = rulebook.rules(ws, "pets")
    assert rule.id == key
    effect = rulebook.effect(ws, "pets", rule)
    assert (effect.found.before.value, effect.found.before.n) == (pytest.approx(13 / 15), 15)
    assert (effect.found.after.value, effect.found.after.n) == (pytest.approx(2 / 20), 20)
    assert (effect.between, effect.untimed, effect.found.verdict) == (1, 0, RARER)
    assert effect.found.p is not None
    assert effect.found.p < 0.001


def test_before_and_after_says_no_more_than_it_knows() -> None:
    """Fisher's tea: 3 of 4 against 1 of 4 gives p = 34/70 two-sided (Agresti 2002, section 3.5.2)."""
    tea = before_and_after(3, 4, 1, 4)
    assert tea.p == pytest.approx(34 / 70)
    assert tea.verdict == TOO_LITTLE
    assert before_and_after(5, 20, 5, 20).verdict == UNCLEAR
    assert before_and_after(1, 40, 20, 40).verdict == MORE
    empty = before_and_after(5, 20, 0, 0)
    assert (empty.p, empty.verdict, empty.after.value) == (None, TOO_LITTLE, None)
    assert empty.fall.reason


def test_who_may_not_is_refused(ws: Workspace) -> None:
    reviewer = ws.acting_as(Actor("rex", frozenset({Grant("pets", "reviewer")})))
    conflict.comment(reviewer, "pets", "i1", "label", "a cat", "rex")
    assert not disputed.conflicts(reviewer, "pets").empty
    for act in (
        lambda: conflict.settle(reviewer, "pets", "i1", "label", "cat", "", "rex"),
        lambda: conflict.settle_by_vote(reviewer, "pets", "label", ["i1"], "", "rex"),
        lambda: conflict.take_back(reviewer, "pets", "label", ["i1"], "rex"),
        lambda: rulebook.write(reviewer, "pets", Wording("a", "b", "label"), "", "rex"),
    ):
        with pytest.raises(AccessError, match="may not settle conflicts"):
            act()


def test_several_labels_are_settled_as_the_set_or_order_that_they_are(tmp_path: Path) -> None:
    """Two of three people call all that is read as `travel, work` right, and put a, b, c in this order."""
    import json

    sets = {"ana": ["travel", "work"], "bo": ["travel", "work"], "cy": ["work"]}
    orders = {"ana": ["a; b", "c, d"], "bo": ["a; b", "c, d"], "cy": ["c, d", "a; b"]}
    lines = [
        {
            **{"table": "annotations", "item_id": f"{kind}-{at}", "question": kind, "kind": kind, "role": "annotator"},
            **{"annotation_id": f"{kind}-{at}-{who}", "annotator": who, "status": "submitted", "labels": given[who]},
            "submitted_at": "2026-03-02T10:00:00Z",
        }
        for kind, given in (("multi", sets), ("ranking", orders))
        for at in range(3)
        for who in given
    ]
    path = tmp_path / "several.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    work = open_workspace(tmp_path / "w")
    ingest(work, "p", path)
    for kind, read in (("multi", "travel, work"), ("ranking", "a; b, c, d")):
        assert disputed.conflicts(work, "p").set_index("item_id").loc[f"{kind}-0", "majority"] == read
        conflict.settle(work, "p", f"{kind}-0", kind, read, "by its label", "lea")
        conflict.settle_by_vote(work, "p", kind, [f"{kind}-1"], "by vote", "lea")
        conflict.settle_as(work, "p", f"{kind}-2", kind, f"{kind}-2-ana", "as it stands", "lea")
    judged = next(part for part in assess.section(work, "p", "errors") if part["source"] == "adjudication")
    rates = {row["annotator"]: (row["n"], row["errors"]) for row in judged["by_annotator"]}
    assert rates == {"ana": (6, 0), "bo": (6, 0), "cy": (6, 6)}
    rulebook.write(work, "p", Wording("Work", "Travel is work.", "multi", ("travel, work", "work")), "", "lea")
    (rule,) = rulebook.rules(work, "p")
    before = rulebook.effect(work, "p", rule).found.before
    assert (before.value, before.n) == (1.0, 3)


def test_a_label_is_known_again_and_what_is_no_label_settles_nothing(ws: Workspace, tmp_path: Path) -> None:
    conflict.settle(ws, "pets", "i1", "label", "Dog", "", "lea")
    assert disputed.conflicts(ws, "pets", settled=True)["settled"].tolist() == ["dog"]
    sets = opened(open_workspace(tmp_path / "sets"), ("topics",), 1)
    with pytest.raises(InputError, match="'wrok' is no label of 'topics'; use one of sport, travel, work"):
        conflict.settle(sets, PROJECT, "topic-0", "topics", "travel; wrok", "", "lea")
    drawn = opened(open_workspace(tmp_path / "drawn"), ("objects",), 1)
    with pytest.raises(InputError, match="are no labels: name the answer that is right"):
        conflict.settle(drawn, PROJECT, "objects-0", "objects", "cup", "", "lea")


def test_where_somebody_answered_nothing_a_label_can_still_be_right_and_so_can_nothing(tmp_path: Path) -> None:
    """Three people are asked for one mood of two items; cy answers neither, ana and bo call both good."""
    import json

    lines = [
        {
            **{"table": "annotations", "item_id": item, "question": "mood", "role": "annotator", "annotator": who},
            **{"annotation_id": f"{item}-{who}", "status": "submitted"},
            **({"kind": "none"} if who == "cy" else {"kind": "single", "label": "good"}),
        }
        for item in ("x", "y", "z")
        for who in PEOPLE
    ]
    path = tmp_path / "moods.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    work = open_workspace(tmp_path / "w")
    ingest(work, "p", path)
    row = {"annotation_id": "z-cy", "verdict": "reject", "corrected_label": "Good"}
    assert verdict.record(work, "p", [row], "rex").recorded == 1
    found = next(part for part in assess.section(work, "p", "errors") if part["source"].startswith("review"))
    assert [(cell["truth"], cell["given"]) for cell in found["confusion"]] == [("good", "(nothing marked)")]
    conflict.settle(work, "p", "x", "mood", "good", "", "lea")
    conflict.settle(work, "p", "y", "mood", "(nothing marked)", "", "lea")
    judged = next(part for part in assess.section(work, "p", "errors") if part["source"] == "adjudication")
    assert {row["annotator"]: row["errors"] for row in judged["by_annotator"]} == {"ana": 1, "bo": 1, "cy": 1}
