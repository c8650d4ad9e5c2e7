"""A number with its uncertainty, or the reason why there is none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval; `value` is None exactly where `reason` says why.

    Rates and slopes are fractions, times are seconds. `n` counts `unit`s. `method` names the estimator and
    the level of the interval; `warning` says where the interval is known to be too narrow.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    unit: str = ""
    method: str = ""
    warning: str | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            raise ValueError("an Estimate has either a value or a reason")
        for number in (self.value, self.low, self.high):
            if number is not None and not isfinite(number):
                raise ValueError("an Estimate holds finite numbers; say why it is undefined instead")

    def __str__(self) -> str:
        if self.value is None:
            return f"– ({self.reason})"
        interval = "" if self.low is None or self.high is None else f" ({self.low:.3g}–{self.high:.3g})"
        return f"{self.value:.3g}{interval}, {self.n:,} {self.unit}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """The object E of the assessment's schema."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Estimate:
        """The Estimate behind an object E."""
        return cls(**data)


def undefined(reason: str, n: int = 0, unit: str = "", method: str = "") -> Estimate:
    """An Estimate without a value.

    >>> print(undefined("nothing judged"))
    – (nothing judged)
    """
    return Estimate(None, None, None, n, unit, method, reason=reason)
