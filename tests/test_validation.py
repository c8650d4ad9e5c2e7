"""Rules as a lead writes them: what is understood, what is refused, and that nothing is lost on the way."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.model import InputError, Policy, Rule
from qc.model.rule_text import from_toml, rules_from, to_toml
from qc.model.validation import KINDS, Count, Implies, Inside, Labels, Number, Required, Size, When, questions_of

EXAMPLES: tuple[tuple[Rule, str], ...] = (
    (Labels("a", "topic", ("billing", "delivery")), "topic holds no other label than billing or delivery."),
    (Required("b", "why"), "Every submission answers why."),
    (Required("c", "why", When("topic", ("other",))), "Where topic is other, why is answered."),
    (Implies("d", When("spam", ("yes",)), "why", ("ads", "fraud")), "Where spam is yes, why is ads or fraud."),
    (Implies("e", When("spam", ("no", "?")), "why", then="empty"), "Where spam is no or ?, why is left empty."),
    (Implies("f", When("spam", ("yes",)), "why", then="answered"), "Where spam is yes, why is answered."),
    (Count("g", "topic", 1, 3), "topic holds 1 to 3 labels or regions."),
    (Count("h", "boxes", max=1, label="plate"), "boxes holds at most 1 of plate."),
    (Size("i", "boxes", "width", 10, 400.5), "boxes is 10 to 400.5 pixels wide."),
    (Size("j", "why", "characters", min=3, label="PER"), "PER in why is at least 3 characters long."),
    (Inside("k", "boxes"), "The regions of boxes lie inside their item."),
    (Number("l", "age", 7, 7), "The number in age is exactly 7."),
)
RULES = tuple(rule for rule, _ in EXAMPLES)


@pytest.mark.parametrize(("rule", "sentence"), EXAMPLES, ids=lambda value: getattr(value, "name", ""))
def test_a_rule_says_what_it_asks(rule: Rule, sentence: str) -> None:
    assert rule.sentence == sentence
    assert rule.question in questions_of(rule)


def test_every_kind_is_read_and_written() -> None:
    assert {type(rule) for rule in RULES} == set(KINDS)
    assert from_toml(to_toml(RULES)) == RULES
    policy = Policy(validation=RULES)
    assert Policy.from_json(orjson.loads(orjson.dumps(policy.to_json()))) == policy


def test_a_policy_without_rules_is_read_as_before() -> None:
    stored = Policy().to_json()
    del stored["validation"]
    assert Policy.from_json(stored) == Policy()


SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


@given(st.text(SIGNS, min_size=1, max_size=30), st.text(SIGNS, max_size=30).filter(str.strip))
def test_any_text_survives(label: str, name: str) -> None:
    rules = (Labels(name, label, (label, "x")),)
    assert from_toml(to_toml(rules)) == rules


def block(**given: Any) -> dict[str, Any]:
    return {"name": "r", "kind": "labels", "question": "q", "labels": ["a"]} | given


REFUSED = {
    "no table": (["labels"], "Rule 1 is no table"),
    "no name": ([block(name=" ")], "Rule 1 needs a name"),
    "long name": ([block(name="n" * 81)], "Rule 1 needs a name"),
    "kind": ([block(kind="label")], "has the kind 'label'; use one of labels, required"),
    "no kind": ([{"name": "r"}], "has the kind None"),
    "strange word": ([block(lables=["a"])], "does not know 'lables'; it knows name, question, labels"),
    "no question": ([{"name": "r", "kind": "inside"}], "lacks 'question'"),
    "empty question": ([block(question="")], "names no question"),
    "no labels": ([block(labels=[])], "declares no label"),
    "labels in one text": ([block(labels="a")], "write a list such as"),
    "label of a number": ([block(labels=[1])], "write a text in quotes"),
    "no sign": ([block(labels=["a\0"])], "write a text in quotes"),
    "same name": ([block(), block(question="p")], "Two rules have the name 'r'"),
    "no range": ([{"name": "r", "kind": "number", "question": "q"}], "needs min, max or both"),
    "turned range": (
        [{"name": "r", "kind": "number", "question": "q", "min": 2, "max": 1}],
        "min of 2 above its max of 1",
    ),
    "less than nothing": ([{"name": "r", "kind": "count", "question": "q", "max": -1}], "nothing could keep it"),
    "no number": ([{"name": "r", "kind": "number", "question": "q", "min": float("nan")}], "write a number"),
    "huge": ([{"name": "r", "kind": "number", "question": "q", "min": 10**400}], "write a number"),
    "truth": ([{"name": "r", "kind": "count", "question": "q", "min": True}], "write a whole number"),
    "half": ([{"name": "r", "kind": "count", "question": "q", "min": 1.5}], "write a whole number"),
    "measure": ([{"name": "r", "kind": "size", "question": "q", "measure": "depth", "min": 1}], "use one of width"),
    "when": ([{"name": "r", "kind": "required", "question": "q", "when": "p"}], "write { question"),
    "half a when": ([{"name": "r", "kind": "required", "question": "q", "when": {"question": "p"}}], "lacks 'labels'"),
    "nothing follows": (
        [{"name": "r", "kind": "implies", "question": "q", "when": {"question": "p", "labels": ["a"]}}],
        "either labels or then",
    ),
    "what follows": (
        [{"name": "r", "kind": "implies", "question": "q", "when": {"question": "p", "labels": ["a"]}, "then": "gone"}],
        "use 'answered' or 'empty'",
    ),
    "itself": (
        [
            {
                "name": "r",
                "kind": "implies",
                "question": "p",
                "when": {"question": "p", "labels": ["a"]},
                "then": "empty",
            }
        ],
        "two different questions",
    ),
    "too many": ([block(name=f"r{number}") for number in range(101)], "can have 100 rules; these are 101"),
    "no list": ("abc", "two brackets"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(case: str) -> None:
    entries, sentence = REFUSED[case]
    with pytest.raises(InputError) as refused:
        rules_from(entries)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[rule]\n", "not TOML"),
        ("[rule]\nname = 'r'\n", "two brackets"),
        ("[[rules]]\nname = 'r'\n", "do not know 'rules'"),
        ("x = " + "[" * 5000, "not TOML"),
    ],
)
def test_text_that_holds_no_rules_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        from_toml(text)


def test_no_text_is_no_rules() -> None:
    assert from_toml("") == ()
    assert to_toml(()) == ""


def test_a_policy_refuses_two_rules_of_one_name() -> None:
    with pytest.raises(InputError, match="Two rules have the name"):
        Policy(validation=(Inside("r", "a"), Inside("r", "b")))
