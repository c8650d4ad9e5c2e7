"""Rules that the answers of a project must keep: what a lead may ask of them, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from qc.model.errors import InputError

MOST_RULES: Final = 100

# What can be measured of a region (or of a written answer), and its unit.
MEASURES_OF_SIZE: Final[Mapping[str, str]] = {
    "width": "pixels wide",
    "height": "pixels high",
    "area": "pixels in area",
    "characters": "characters long",
    "seconds": "seconds long",
}
ANSWERED, EMPTY = "answered", "empty"


@dataclass(frozen=True, slots=True)
class When:
    """A condition: in the same submission, the answer to `question` holds one of `labels`."""

    question: str
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.question or not self.labels:
            raise InputError("A condition (when) names a question and at least one of its labels.")

    def __str__(self) -> str:
        return f"Where {self.question} is {_either(self.labels)}"


@dataclass(frozen=True, slots=True)
class Labels:
    """An answer, or each of its regions, holds only labels that are declared."""

    name: str
    question: str
    labels: tuple[str, ...]
    kind: str = field(default="labels", init=False)

    def __post_init__(self) -> None:
        if not self.labels:
            raise InputError(f"The rule {self.name!r} declares no label; say which labels are allowed.")

    @property
    def sentence(self) -> str:
        """What is asked."""
        return f"{self.question} holds no other label than {_either(self.labels)}."

    def fault(self, number: float | None, said: str | None) -> str:
        """What is wrong with an answer of which the measure found this."""
        return "a region has no label" if said is None else f"undeclared label {said!r}"


@dataclass(frozen=True, slots=True)
class Required:
    """Every submission answers a question, or every one that meets a condition."""

    name: str
    question: str
    when: When | None = None
    kind: str = field(default="required", init=False)

    @property
    def sentence(self) -> str:
        """What is asked."""
        if self.when is None:
            return f"Every submission answers {self.question}."
        return f"{self.when}, {self.question} is answered."

    def fault(self, number: float | None, said: str | None) -> str:
        """What is wrong with an answer."""
        return "not answered"


@dataclass(frozen=True, slots=True)
class Implies:
    """Where a condition is met, a question holds one of `labels`, or it is `then`: "answered" or "empty"."""

    name: str
    when: When
    question: str
    labels: tuple[str, ...] = ()
    then: str | None = None
    kind: str = field(default="implies", init=False)

    def __post_init__(self) -> None:
        if self.then not in (None, ANSWERED, EMPTY):
            raise InputError(
                f"The rule {self.name!r} cannot end in then = {self.then!r}; use {ANSWERED!r} or {EMPTY!r}."
            )
        if bool(self.labels) == (self.then is not None):
            raise InputError(f"The rule {self.name!r} needs either labels or then, and not both.")
        if self.question == self.when.question:
            raise InputError(f"The rule {self.name!r} must speak of two different questions.")

    @property
    def sentence(self) -> str:
        """What is asked."""
        if self.labels:
            return f"{self.when}, {self.question} is {_either(self.labels)}."
        return f"{self.when}, {self.question} is {'answered' if self.then == ANSWERED else 'left empty'}."

    def fault(self, number: float | None, said: str | None) -> str:
        """What is wrong with an answer."""
        if self.labels:
            return f"not {_either(self.labels)}"
        return "not answered" if self.then == ANSWERED else "answered"


@dataclass(frozen=True, slots=True)
class Count:
    """An answer holds a number of labels or regions, or of those with one label; a track counts once."""

    name: str
    question: str
    min: int | None = None
    max: int | None = None
    label: str | None = None
    kind: str = field(default="count", init=False)

    def __post_init__(self) -> None:
        _possible(self.name, self.min, self.max, least=0)

    @property
    def sentence(self) -> str:
        """What is asked."""
        what = "labels or regions" if self.label is None else f"of {self.label}"
        return f"{self.question} holds {_between(self.min, self.max)} {what}."

    def fault(self, number: float | None, said: str | None) -> str:
        """What is wrong with an answer."""
        return f"{number or 0:.0f} found"


@dataclass(frozen=True, slots=True)
class Size:
    """Every region (or written answer) has a size; one that cannot be measured in this way is not checked."""

    name: str
    question: str
    measure: str
    min: float | None = None
    max: float | None = None
    label: str | None = None
    kind: str = field(default="size", init=False)

    def __post_init__(self) -> None:
        if self.measure not in MEASURES_OF_SIZE:
            raise InputError(
                f"The rule {self.name!r} cannot measure {self.measure!r}; use one of {', '.join(MEASURES_OF_SIZE)}."
            )
        _possible(self.name, self.min, self.max, least=0)

    @property
    def sentence(self) -> str:
        """What is asked."""
        what = self.question if self.label is None else f"{self.label} in {self.question}"
        return f"{what} is {_between(self.min, self.max)} {MEASURES_OF_SIZE[self.measure]}."

    def fault(self, number: float | None, said: str | None) -> str:
        """What is wrong with an answer."""
        return f"{number or 0:g} {MEASURES_OF_SIZE[self.measure]}"


@dataclass(frozen=True, slots=True)
class Inside:
    """Every region lies inside its item, to half a pixel; items without width and height are not checked."""

    name: str
    question: str
    kind: str = field(default="inside", init=False)

    @property
    def sentence(self) -> str:
        """What is asked."""
        return f"The regions of {self.question} lie inside their item."

    def fault(self, number: float | None, said: str | None) -> str:
        """What is wrong with an answer."""
        return "a region reaches over the edge" if number == 1 else f"{number or 0:.0f} regions reach over the edge"


@dataclass(frozen=True, slots=True)
class Number:
    """The number that is given lies in a range."""

    name: str
    question: str
    min: float | None = None
    max: float | None = None
    kind: str = field(default="number", init=False)

    def __post_init__(self) -> None:
        _possible(self.name, self.min, self.max)

    @property
    def sentence(self) -> str:
        """What is asked."""
        return f"The number in {self.question} is {_between(self.min, self.max)}."

    def fault(self, number: float | None, said: str | None) -> str:
        """What is wrong with an answer."""
        return f"{number or 0:g}"


Rule = Labels | Required | Implies | Count | Size | Inside | Number
KINDS: Final[tuple[type[Rule], ...]] = (Labels, Required, Implies, Count, Size, Inside, Number)


def questions_of(rule: Rule) -> tuple[str, ...]:
    """The questions that a rule reads: the one that it is about, and that of its condition."""
    when = getattr(rule, "when", None)
    return (rule.question,) if when is None else (rule.question, when.question)


def distinct(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules, if there are not too many and each has a name of its own."""
    if len(rules) > MOST_RULES:
        raise InputError(f"A project can have {MOST_RULES} rules; these are {len(rules):,}.")
    names = [rule.name for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"Two rules have the name {twice[0]!r}; give each a name of its own.")
    return rules


def _possible(name: str, low: float | None, high: float | None, least: float | None = None) -> None:
    if low is None and high is None:
        raise InputError(f"The rule {name!r} needs min, max or both.")
    if low is not None and high is not None and low > high:
        raise InputError(f"The rule {name!r} has a min of {low:g} above its max of {high:g}; nothing could keep it.")
    if least is not None and high is not None and high < least:
        raise InputError(f"The rule {name!r} has a max of {high:g}; nothing could keep it.")


def _between(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at most {high:g}" if low is None else f"at least {low:g}"
    return f"exactly {low:g}" if low == high else f"{low:g} to {high:g}"


def _either(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} or {labels[-1]}"
