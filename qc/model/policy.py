"""What a project has decided: rates, thresholds, prices, and how its labels are to be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from math import isfinite
from typing import Any, get_type_hints

from qc.model.errors import InputError
from qc.model.facts import ERROR_TYPES
from qc.model.rule_text import rules_from
from qc.model.validation import Rule, distinct

LEVELS = ("reduced", "normal", "tightened", "full")
# What makes an answer worth a look, the weightiest first; `qc.sampling` says how strongly each speaks.
RISKS = ("low confidence", "low agreement", "hard item", "rare label", "new guideline", "new annotator")
LEVEL_POLICIES = ("sequential", "lots", "manual")
# What may have a review level; annotators always have one.
LEVEL_SUBJECTS = ("annotator", "batch", "site", "question")
LOTS = ("answers", "batch")
# Reviewers by what goes up to them; an answer that went up is offered to its tier and to those above.
TIERS = ("reviewer", "senior", "lead")


@dataclass(frozen=True, slots=True)
class SamplingPolicy:
    """Shares of new answers to check at each review level, and how they are drawn.

    `min_per_annotator`: the least that the lot takes of each annotator within `window_days`. `by_risk`: the part of
    a level's share that is drawn by risk, not by lot. `route_below`: labels of models less sure than this all go to
    review; 0 for none. `route`: of RISKS those for which every answer goes to review. `twice`: the part of what is
    drawn that two people judge, none seeing what the other found.
    """

    reduced: float = 0.02
    normal: float = 0.05
    tightened: float = 0.20
    full: float = 1.0
    min_per_annotator: int = 5
    window_days: int = 7
    by_risk: float = 0.3
    route_below: float = 0.70
    route: tuple[str, ...] = ()
    twice: float = 0.05

    def __post_init__(self) -> None:
        if not 0 <= self.by_risk < 1:
            raise InputError("policy.sampling.by_risk must lie from 0 to below 1: charts see only what goes by lot.")
        if not (0 <= self.route_below <= 1 and 0 <= self.twice <= 1):
            raise InputError("policy.sampling.route_below and policy.sampling.twice must lie between 0 and 1.")
        if self.window_days < 1:
            raise InputError("policy.sampling.window_days must be at least 1.")
        if unknown := sorted(set(self.route) - set(RISKS)):
            raise InputError(f"policy.sampling.route knows {', '.join(RISKS)}; not {unknown[0]!r}.")

    def rate(self, level: str) -> float:
        """The share checked at a level."""
        return float(
            {"reduced": self.reduced, "normal": self.normal, "tightened": self.tightened, "full": self.full}[level]
        )


@dataclass(frozen=True, slots=True)
class ErrorPolicy:
    """Error rates, as reviewers report them, that steer verdicts, levels and alerts.

    `target` (p0) is what verdicts compare with, `limit` (p1) what must be noticed. `false_alarms_per_month` is what
    the team will bear over all annotators at the volume of its busiest month, or at `judged_per_month` where that is
    more.
    """

    target: float = 0.02
    limit: float = 0.06
    false_alarms_per_month: float = 1.0
    judged_per_month: float = 500.0
    certainty: float = 0.95
    min_judged: int = 30
    lower_below: float = 0.20
    min_to_lower: int = 60
    minor_is_error: bool = False
    judge_by_consensus: bool = False
    automatic: bool = True


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """How review levels move, and of what: `policy` is one of LEVEL_POLICIES, `subjects` are of LEVEL_SUBJECTS.

    `window`: the last so many drawn answers say whether review may be lowered. For lots: a lot is `lot_size`
    consecutive answers of the subject, or what it has of one batch; `aql` in percent and the level of `inspection` as
    in MIL-STD-105E.
    """

    policy: str = "sequential"
    subjects: tuple[str, ...] = ("annotator",)
    window: int = 300
    lot: str = "answers"
    lot_size: int = 500
    aql: float = 2.5
    inspection: str = "II"

    def __post_init__(self) -> None:
        if self.policy not in LEVEL_POLICIES:
            raise InputError(f"policy.levels.policy is one of {', '.join(LEVEL_POLICIES)}, not {self.policy!r}.")
        if "annotator" not in self.subjects or not set(self.subjects) <= set(LEVEL_SUBJECTS):
            raise InputError(f"policy.levels.subjects are annotator and any of {', '.join(LEVEL_SUBJECTS[1:])}.")
        if self.lot not in LOTS:
            raise InputError(f"policy.levels.lot is one of {', '.join(LOTS)}, not {self.lot!r}.")
        if self.window < 1 or self.lot_size < 2:
            raise InputError("policy.levels.window must be at least 1 answer and policy.levels.lot_size at least 2.")


@dataclass(frozen=True, slots=True)
class AgreementPolicy:
    """How labels are measured: `ordinal`, `interval` and `ratio` name questions, `labels` declares theirs in order.

    Questions that are not named are measured as their kind says. `drop`: the fall of alpha that is worth an alert.
    """

    ordinal: tuple[str, ...] = ()
    interval: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drop: float = 0.10
    ratio: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = (*self.ordinal, *self.interval, *self.ratio)
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise InputError(f"A question has one level of measurement; {twice[0]!r} is named for two.")
        for question, labels in self.labels.items():
            texts = isinstance(labels, tuple) and all(isinstance(label, str) and label for label in labels)
            if not question or not texts or not labels or len(set(labels)) < len(labels):
                raise InputError(f"policy.agreement.labels needs different labels for {question!r}, each named once.")


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """How answers are judged: `error_types` is the checklist of what may be wrong.

    `blind`: who gave an answer and what is known to be right are told after the verdict. A pause of more than
    `idle_seconds` while somebody judges counts as one of that length.
    """

    error_types: tuple[str, ...] = ERROR_TYPES
    blind: bool = True
    idle_seconds: float = 120.0

    def __post_init__(self) -> None:
        named = all(isinstance(name, str) and name and name == name.strip().lower() for name in self.error_types)
        if not named or not self.error_types or len(set(self.error_types)) < len(self.error_types):
            raise InputError("policy.review.error_types must be different names in lower case, such as 'missed'.")
        if self.idle_seconds <= 0:
            raise InputError("policy.review.idle_seconds must be above 0; 120 are two minutes.")


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """How work is handed out at the review desk, and what goes up from tier to tier.

    `claim_minutes`: how long an item is kept for somebody who does nothing. `disagreement`: the tier that judges once
    more where two reviewers differ. Answers with one of the labels, and those of one of the batches, go to their tier
    at once.
    """

    claim_minutes: float = 15.0
    disagreement: str = "senior"
    senior_labels: tuple[str, ...] = ()
    senior_batches: tuple[str, ...] = ()
    lead_labels: tuple[str, ...] = ()
    lead_batches: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.claim_minutes <= 0:
            raise InputError("policy.queue.claim_minutes must be above 0; 15 are a quarter of an hour.")
        if self.disagreement not in TIERS[1:]:
            raise InputError(f"policy.queue.disagreement is one of {', '.join(TIERS[1:])}, not {self.disagreement!r}.")

    def tier(self, labels: Collection[str], batch: str | None) -> str:
        """The lowest tier that may judge an answer with these labels in this batch."""
        if not set(labels).isdisjoint(self.lead_labels) or batch in self.lead_batches:
            return "lead"
        return "senior" if not set(labels).isdisjoint(self.senior_labels) or batch in self.senior_batches else TIERS[0]


@dataclass(frozen=True, slots=True)
class FatiguePolicy:
    """Sessions end at a gap; a slope within ± `margin` (errors per answer and hour) counts as flat.

    `shifts`: the hours of the day at which shifts begin, in order.
    """

    gap_minutes: float = 30.0
    margin: float = 0.01
    seconds_margin: float = 0.05
    strata: int = 5
    min_judged: int = 200
    false_discovery: float = 0.05
    shifts: tuple[int, ...] = (6, 14, 22)

    def __post_init__(self) -> None:
        hours = all(isinstance(hour, int) and not isinstance(hour, bool) and 0 <= hour < 24 for hour in self.shifts)
        if not hours or not self.shifts or list(self.shifts) != sorted(set(self.shifts)):
            raise InputError(f"policy.fatigue.shifts must be hours from 0 to 23 in order, not {self.shifts}.")

    @property
    def shift_names(self) -> dict[int, str]:
        """What each shift is called, by the hour at which it begins: "06–14"."""
        ends = (*self.shifts[1:], self.shifts[0])
        return {begin: f"{begin:02d}–{end:02d}" for begin, end in zip(self.shifts, ends, strict=True)}


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """What is worth an alert, and how alerts behave; rules are named as `qc.alerts.RULES` names them.

    `muted` rules never speak, findings of `info` and `critical` ones have that severity. Limits of what waits:
    `conflicts` and `reviews` (items, answers), `review_days` and `draw_days`. `reviewers_differ`: the share of twice
    reviewed answers that may be judged differently. `mix_shift` and `skip_rise`: the least shares of answers that
    matter; `bad_data` the share of rows that may have a problem. `weekly_digest`: a summary goes out once a week.
    """

    cool_down_days: int = 7
    muted: tuple[str, ...] = ()
    info: tuple[str, ...] = ()
    critical: tuple[str, ...] = ()
    conflicts: int = 200
    reviews: int = 500
    review_days: int = 7
    draw_days: int = 14
    reviewers_differ: float = 0.10
    mix_shift: float = 0.10
    skip_rise: float = 0.05
    bad_data: float = 0.01
    weekly_digest: bool = False

    def severity(self, rule: str, otherwise: str) -> str:
        """What a finding of a rule counts as."""
        return "critical" if rule in self.critical else "info" if rule in self.info else otherwise


@dataclass(frozen=True, slots=True)
class CostPolicy:
    """Prices in one currency; `review_minutes` is used where review times were not measured.

    An error that escapes costs what `by_label` says of its label, else what `by_severity` says, else `escaped_error`.
    `hours_a_week` is what there is for review.
    """

    currency: str = "EUR"
    reviewer_wage: float = 30.0
    annotator_wage: float = 20.0
    review_minutes: float = 1.0
    escaped_error: float = 10.0
    sensitivity: float = 0.9
    specificity: float = 0.99
    false_flag: float = 1.0
    hours_a_week: float = 20.0
    by_severity: Mapping[str, float] = field(default_factory=dict)
    by_label: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (0 <= self.sensitivity <= 1 and 0 <= self.specificity <= 1):
            raise InputError("policy.cost.sensitivity and policy.cost.specificity must lie between 0 and 1.")
        single = (self.reviewer_wage, self.annotator_wage, self.review_minutes, self.escaped_error, self.false_flag)
        for price in (*single, self.hours_a_week, *self.by_severity.values(), *self.by_label.values()):
            if isinstance(price, bool) or not isinstance(price, int | float) or not (isfinite(price) and price >= 0):
                raise InputError(f"policy.cost has prices, minutes and hours of 0 or more, not {price!r}.")


@dataclass(frozen=True, slots=True)
class ComparePolicy:
    """What counts as a difference between parts of the work, and what as too little to tell.

    `margin`: by how much the error rate of a site or version may be higher and still hold the standard. `least`:
    judged answers below which a group is not tested; `effect`: gaps smaller than this are not flagged, however sure;
    `false_discovery`: the share of flags that may be false. `period_days`: how long this period and the last are.
    """

    margin: float = 0.01
    least: int = 30
    effect: float = 0.02
    false_discovery: float = 0.05
    period_days: int = 28

    def __post_init__(self) -> None:
        if not (0 < self.margin < 1 and 0 <= self.effect < 1 and 0 < self.false_discovery < 1):
            raise InputError("policy.compare: margin, effect and false_discovery must lie between 0 and 1.")
        if self.least < 2 or self.period_days < 1:
            raise InputError("policy.compare: least must be at least 2 and period_days at least 1.")


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a project lead can set; stored append-only in the record, one revision per change."""

    timezone: str = "UTC"
    sampling: SamplingPolicy = SamplingPolicy()
    errors: ErrorPolicy = ErrorPolicy()
    levels: LevelPolicy = LevelPolicy()
    agreement: AgreementPolicy = field(default_factory=AgreementPolicy)
    review: ReviewPolicy = ReviewPolicy()
    queue: QueuePolicy = QueuePolicy()
    fatigue: FatiguePolicy = FatiguePolicy()
    cost: CostPolicy = CostPolicy()
    alerts: AlertPolicy = AlertPolicy()
    compare: ComparePolicy = ComparePolicy()
    validation: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        distinct(self.validation)

    def to_json(self) -> dict[str, Any]:
        """Plain data, as the record stores it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Policy:
        """The policy behind plain data; an unknown or mistyped setting is an InputError that names it."""
        policy: Policy = _build(cls, data, "policy")
        return policy


def _build(cls: Any, data: Mapping[str, Any], where: str) -> Any:
    hints = get_type_hints(cls)
    known = {f.name for f in fields(cls)}
    if unknown := set(data) - known:
        raise InputError(f"{where} has no setting {sorted(unknown)[0]!r}; it knows {', '.join(sorted(known))}.")
    values: dict[str, Any] = {}
    for name, value in data.items():
        hint = hints[name]
        if name == "validation":
            values[name] = rules_from(value)
        elif is_dataclass(hint):
            values[name] = _build(hint, value, f"{where}.{name}")
        elif hint is float and isinstance(value, int | float) and not isinstance(value, bool):
            values[name] = float(value)
        elif isinstance(value, list | tuple):
            values[name] = tuple(value)
        elif isinstance(value, Mapping):
            values[name] = {key: _entry(entry, f"{where}.{name}.{key}") for key, entry in value.items()}
        elif isinstance(hint, type) and isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
            values[name] = value
        else:
            raise InputError(f"{where}.{name} cannot be {value!r}.")
    return cls(**values)


def _entry(value: Any, where: str) -> Any:
    if isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise InputError(f"{where} cannot be {value!r}.")
