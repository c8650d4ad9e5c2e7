"""What is planted: the team, its faults, the work and the model, all set by one frozen plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qc.model import InputError


@dataclass(frozen=True, slots=True)
class Site:
    """Where people work: a name and the zone of its clocks."""

    name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One simulated project; rates are shares of answers, slopes are per hour since the session began.

    `cast` gives the first annotators a character (see CHARACTERS), the others are ordinary. An item's
    difficulty multiplies everybody's error rate. After the share `guideline_after` of the days
    items carry the second guideline, which people at `misread_site` misread with chance `misread` on items of the
    confusable pair. Days count working days from 0.
    """

    seed: int = 8
    n_items: int = 2000
    annotators_per_item: int = 3
    n_annotators: int = 10
    sites: tuple[Site, ...] = (Site("cebu", "Asia/Manila"), Site("lisbon", "Europe/Lisbon"))
    start: date = date(2026, 3, 16)
    days: int = 15
    labels: tuple[str, ...] = ("billing", "delivery", "defect", "account", "praise")
    label_shares: tuple[float, ...] = (0.27, 0.23, 0.21, 0.17, 0.12)
    confusable: tuple[str, str] = ("delivery", "defect")
    confusion: float = 0.75
    difficulty: tuple[str, ...] = ("easy", "normal", "hard")
    difficulty_shares: tuple[float, ...] = (0.5, 0.35, 0.15)
    difficulty_factors: tuple[float, ...] = (0.4, 1.0, 3.0)
    cast: tuple[str, ...] = ("tiring", "tiring", "drifting", "sloppy", "hasty")
    error_rates: tuple[float, float] = (0.006, 0.025)
    fatigue_per_hour: float = 0.005
    strong_fatigue_per_hour: float = 0.09
    slowing_per_hour: float = 0.03
    sloppy_rate: float = 0.10
    drift_after: float = 2 / 3
    drift_rate: float = 0.25
    learning: float = 0.6
    learning_days: float = 3.0
    trust: float = 0.05
    hasty_trust: float = 0.6
    guidelines: tuple[str, str] = ("v1", "v2")
    guideline_after: float = 2 / 3
    misread_site: str = "lisbon"
    misread: float = 0.22
    seconds: float = 115.0
    session_hours: tuple[float, float] = (1.5, 3.5)
    attendance: float = 0.65
    skip_rate: float = 0.02
    repeat_rate: float = 0.04
    gold_share: float = 0.08
    review_share: float = 0.08
    tightened_share: float = 0.27
    sensitivity: float = 0.92
    specificity: float = 0.995
    model: str = "ticket-clf-1.2"
    shown_share: float = 0.5
    overconfidence: float = 0.04

    @property
    def drift_day(self) -> int:
        """The day on which drifting annotators change."""
        return round(self.drift_after * self.days)

    @property
    def guideline_day(self) -> int:
        """The day from which items carry the second guideline."""
        return round(self.guideline_after * self.days)

    def __post_init__(self) -> None:
        needed = self.annotators_per_item * len(self.sites)
        if self.n_annotators < needed:
            raise InputError(
                f"{self.n_annotators} annotators cannot give {self.annotators_per_item} answers per item "
                f"at each of {len(self.sites)} sites; plan at least {needed}."
            )
        if min(self.n_items, self.annotators_per_item, self.days) < 1:
            raise InputError("A plan needs at least one item, one answer per item and one day.")
        if self.seed < 0:
            raise InputError(f"The seed cannot be {self.seed}; give a whole number from 0 up.")
        if unknown := set(self.cast) - set(CHARACTERS):
            raise InputError(f"Nobody can be {sorted(unknown)[0]!r}; characters are {', '.join(CHARACTERS)}.")
        if len(self.labels) < 2 or len(self.labels) != len(self.label_shares):
            raise InputError("A plan needs at least two labels, and a share for each of them.")
        if not len(self.difficulty) == len(self.difficulty_shares) == len(self.difficulty_factors):
            raise InputError("Every difficulty needs a share of the items and a factor.")
        if not set(self.confusable) <= set(self.labels):
            raise InputError(f"The confusable pair {self.confusable} is not among the labels.")


@dataclass(frozen=True, slots=True)
class Annotator:
    """One person: `error_rate` once learned, `drift_rate` from the drift day on, `pace` a multiple of seconds."""

    email: str
    site: str
    character: str
    error_rate: float
    drift_rate: float
    fatigue_per_hour: float
    slowing_per_hour: float
    trust: float
    pace: float
    attendance: float
    session_hours: tuple[float, float]
    review_share: float


NAMES: Final = (
    "amihan",
    "bruno",
    "carlota",
    "dalisay",
    "efren",
    "filipa",
    "gloria",
    "hugo",
    "isagani",
    "joana",
    "kidlat",
    "leonor",
    "marikit",
    "nuno",
    "ofelia",
    "paulo",
    "quirino",
    "rita",
    "sinag",
    "tiago",
    "urduja",
    "vasco",
    "wilma",
    "xavier",
    "yumi",
    "zita",
)


def _ordinary(plan: Plan, person: Annotator) -> Annotator:
    return person


def _tiring(plan: Plan, person: Annotator) -> Annotator:
    """Full-time, without a break in the day, on tightened review."""
    return replace(
        person,
        error_rate=plan.error_rates[1],
        drift_rate=plan.error_rates[1],
        fatigue_per_hour=plan.strong_fatigue_per_hour,
        slowing_per_hour=2 * plan.slowing_per_hour,
        pace=1.2,
        attendance=1.0,
        session_hours=(3.4, 3.7),
        review_share=plan.tightened_share,
    )


def _drifting(plan: Plan, person: Annotator) -> Annotator:
    """One of the best until the drift day."""
    return replace(person, error_rate=plan.error_rates[0], drift_rate=plan.drift_rate)


def _sloppy(plan: Plan, person: Annotator) -> Annotator:
    return replace(person, error_rate=plan.sloppy_rate, drift_rate=plan.sloppy_rate)


def _hasty(plan: Plan, person: Annotator) -> Annotator:
    """Less than half the time, and most pre-labels taken as they are."""
    return replace(person, pace=0.4, trust=plan.hasty_trust)


CHARACTERS: Final[dict[str, Callable[[Plan, Annotator], Annotator]]] = {
    "ordinary": _ordinary,
    "tiring": _tiring,
    "drifting": _drifting,
    "sloppy": _sloppy,
    "hasty": _hasty,
}


def stream(plan: Plan, name: str) -> np.random.Generator:
    """An independent generator for each step, so that one step's draws never shift another's.

    Only `random()` is drawn from it; every other distribution is our own transform of these numbers, because NumPy
    may change its own between versions.
    """
    return np.random.default_rng([plan.seed, *name.encode()])


def order(draw: np.random.Generator, n: int) -> NDArray[np.intp]:
    """A random permutation of n."""
    return np.argsort(draw.random(n), kind="stable")


def pick(draw: np.random.Generator, weights: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """n indices drawn in proportion to `weights`."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(edges, draw.random(n), side="right"), len(weights) - 1)


def crew(plan: Plan) -> tuple[Annotator, ...]:
    """The team, dealt over the sites in turn; ordinary error rates are spread evenly over `plan.error_rates`."""
    draw = stream(plan, "crew")
    rates = np.linspace(*plan.error_rates, plan.n_annotators)[order(draw, plan.n_annotators)]
    paces = 0.85 + 0.3 * draw.random(plan.n_annotators)
    people = []
    for i in range(plan.n_annotators):
        name = NAMES[i] if i < len(NAMES) else f"annotator{i + 1:03d}"
        character = plan.cast[i] if i < len(plan.cast) else "ordinary"
        person = Annotator(
            email=f"{name}@example.org",
            site=plan.sites[i % len(plan.sites)].name,
            character=character,
            error_rate=float(rates[i]),
            drift_rate=float(rates[i]),
            fatigue_per_hour=plan.fatigue_per_hour,
            slowing_per_hour=plan.slowing_per_hour,
            trust=plan.trust,
            pace=float(paces[i]),
            attendance=plan.attendance,
            session_hours=plan.session_hours,
            review_share=plan.review_share,
        )
        people.append(CHARACTERS[character](plan, person))
    return tuple(people)


SUPPORT_TICKETS: Final = Plan()
