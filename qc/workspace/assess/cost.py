"""Section `cost`: what review cost and bought, and the cheapest way to review as much again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from qc.cost import Work, cost
from qc.model import CostPolicy, Estimate, undefined
from qc.stats.rates import ErrorRates, error_rates, sources, true_rate
from qc.stats.shrinkage import FALLBACK
from qc.workspace.assess import reviewers
from qc.workspace.assess.errors import judged
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object

NOTHING_JUDGED: Final = "nothing was judged, so the error rate is unknown"
# A weighted sample says most about the work; gold items were chosen by somebody.
PREFERRED: Final = ("review", "review, not drawn", "adjudication", "gold", "consensus")
ENOUGH: Final = 30


def section(lens: Lens) -> dict[str, Any]:
    """Money in the policy's currency."""
    volume = lens.frame("volume").iloc[0]
    effort = lens.frame("review_effort").iloc[0]
    work = Work(
        answers=int(volume["answers"]),
        reviewed=int(effort["reviews"]),
        errors_found=int(effort["errors"]),
        review_seconds=int(effort["spent_ms"] or 0) / 1000,
        timed=int(effort["timed"]),
    )
    best = best_source(lens)
    prices = _prices(lens, best)
    if best is None:
        before, posterior = undefined(NOTHING_JUDGED, unit="answers"), FALLBACK
    elif best.startswith("review"):
        found = rates_of(lens, best)
        before, posterior = true_rate(found.overall, prices.sensitivity, prices.specificity), found.posterior
    else:
        found = rates_of(lens, best)
        before, posterior = found.overall, found.posterior.reported(prices.sensitivity, prices.specificity)
    return plain_object(cost(work, before, posterior, _disagreement(lens), prices))


def _prices(lens: Lens, source: str | None) -> CostPolicy:
    """The policy's prices, with how well reviewers were found to see, where enough tells it, for what it supposes."""
    prices = lens.policy.cost
    known = reviewers.accuracy(lens, source if source is not None and source.startswith("review") else "review")
    if known is None or min(known[1].sensitivity_size, known[1].specificity_size) < ENOUGH:
        return prices
    seen, passed = known[1].sensitivity.value, known[1].specificity.value
    assert seen is not None
    assert passed is not None
    return replace(prices, sensitivity=seen, specificity=passed)


def best_source(lens: Lens) -> str | None:
    """The source that says most about the work: a drawn sample, if enough of it was judged; None without any."""
    sizes = {source: int(frame["n"].sum()) for source, frame in sources(judged(lens, "annotator")).items()}
    enough = [source for source in PREFERRED if sizes.get(source, 0) >= ENOUGH]
    return next(iter(enough or sorted(sizes, key=lambda source: -sizes[source])), None)


def rates_of(lens: Lens, source: str) -> ErrorRates:
    """The error rates of one source."""
    return error_rates(sources(judged(lens, "annotator"))[source], lens.policy.errors)


def best_rates(lens: Lens) -> ErrorRates | None:
    """The error rates of the best source."""
    source = best_source(lens)
    return rates_of(lens, source) if source else None


def _disagreement(lens: Lens) -> Estimate:
    """One less the raw agreement on the question with most items."""
    parts = lens.section("agreement")
    if not parts:
        return undefined("no question whose answers can be compared", unit="items")
    percent = Estimate.from_json(max(parts, key=lambda part: part["items_used"])["percent"])
    if percent.value is None:
        return percent
    low = None if percent.high is None else 1 - percent.high
    high = None if percent.low is None else 1 - percent.low
    return Estimate(1 - percent.value, low, high, percent.n, percent.unit, percent.method, percent.warning)
