"""Section `cost`: what review cost and bought, and the cheapest way to review as much again."""

from __future__ import annotations

from typing import Any, Final

from qc.cost import Work, cost
from qc.model import Estimate, undefined
from qc.stats.rates import ErrorRates, error_rates, sources
from qc.stats.shrinkage import FALLBACK
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
    found = best_rates(lens)
    rate = found.overall if found else undefined(NOTHING_JUDGED, unit="answers")
    posterior = found.posterior if found else FALLBACK
    return plain_object(cost(work, rate, posterior, _disagreement(lens), lens.policy.cost))


def best_rates(lens: Lens) -> ErrorRates | None:
    """The error rates of the source that says most about the work: a drawn sample, if enough of it was judged."""
    by_source = sources(judged(lens, "annotator"))
    sizes = {source: int(frame["n"].sum()) for source, frame in by_source.items()}
    ranked = [source for source in PREFERRED if sizes.get(source, 0) >= ENOUGH] or sorted(
        sizes, key=lambda s: -sizes[s]
    )
    return error_rates(by_source[ranked[0]], lens.policy.errors) if ranked else None


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
