"""Section `cost`: what review cost and bought, and the cheapest way to review as much again."""

from __future__ import annotations

from typing import Any, Final

from qc.cost import Cost, Evidence, Judged, Riskiest, Work, cost, cut, places
from qc.cost.cells import ALL_ALIKE, FEWEST_JUDGED, NOT_JUDGED
from qc.model import Estimate, undefined
from qc.sampling import risks
from qc.stats.agreement import agreement
from qc.stats.hajek import groups
from qc.stats.rates import sources
from qc.stats.reviewers import Accuracy
from qc.stats.shrinkage import FALLBACK
from qc.workspace.assess import cost_parts, reviewers
from qc.workspace.assess.agreement import COMPARABLE, ENTRIES
from qc.workspace.assess.asked import Asked
from qc.workspace.assess.cost_words import sentences
from qc.workspace.assess.judged import ENOUGH, best_source, rates_of, with_design
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.plain import plain_object

NOTHING_JUDGED: Final = "nothing was judged, so the error rate is unknown"
MONTH_MS: Final = 365.25 / 12 * 86_400_000
# Less time than this says little of a month.
SHORTEST_MS: Final = 7 * 86_400_000


def section(lens: Lens) -> dict[str, Any]:
    """Money in the policy's currency."""
    source = best_source(lens)
    known = evidence(lens, source)
    found = cost(known, lens.policy.cost)
    return said(found, cost_parts.parts(lens, source, known, found))


def said(found: Cost, parts: dict[str, Any]) -> dict[str, Any]:
    """The section as plain data, with the sentences that follow from it."""
    whole = {**plain_object(found), **parts}
    return {**whole, "sentences": sentences(whole)}


def evidence(lens: Lens, source: str | None) -> Evidence:
    """What is known of the work and of its reviewers, whatever the prices."""
    volume = lens.frame("volume").iloc[0]
    effort = lens.frame("review_effort").iloc[0]
    work = Work(
        answers=int(volume["answers"]),
        reviewed=int(effort["reviews"]),
        errors_found=int(effort["errors"]),
        review_seconds=int(effort["spent_ms"] or 0) / 1000,
        timed=int(effort["timed"]),
        corrected=int(effort["corrected"]),
    )
    rate = Judged(undefined(NOTHING_JUDGED, unit="answers"), 0.0, FALLBACK)
    if source is not None:
        found = rates_of(lens, source)
        rate = Judged(found.overall, found.worth, found.posterior, source.startswith("review"))
    return Evidence(
        work,
        rate,
        _disagreement(lens),
        _month(volume, work.answers),
        _seen(lens, source),
        cost_parts.error_price(lens, source),
        _cells(lens, source),
    )


def _seen(lens: Lens, source: str | None) -> tuple[str, Accuracy] | None:
    """How well reviewers were found to see, where enough tells it; None where the policy's word is taken."""
    known = reviewers.accuracy(lens, source if source is not None and source.startswith("review") else "review")
    if known is None or min(known[1].sensitivity_size, known[1].specificity_size) < ENOUGH:
        return None
    return known


def _month(volume: Any, answers: int) -> float | None:
    first, last = volume["first_ms"], volume["last_ms"]
    if first != first or last != last or first is None or last is None or last - first < SHORTEST_MS:
        return None
    return float(answers * MONTH_MS / (last - first))


def _cells(lens: Lens, source: str | None) -> Riskiest:
    """How errors lie by risk: cells that end at set shares of the answers, each with what was judged in it."""
    everything = lens.frame("risk_counts")
    frame = with_design(lens, lens.frame("risk_judged"))
    rows = sources(frame).get(source or "")
    if rows is None or int(rows["n"].sum()) < FEWEST_JUDGED:
        return Riskiest(reason=NOT_JUDGED.format(FEWEST_JUDGED))
    risk = risks(everything)["risk"]
    limits = cut(risk, everything["answers"])
    if len(limits) < 2:
        return Riskiest(reason=ALL_ALIKE)

    def counts(measure: str) -> tuple[int, ...]:
        table = lens.frame(measure)
        cell = places(risks(table)["risk"], limits)
        total = table["answers"].groupby(cell).sum()
        return tuple(int(total.get(place, 0)) for place in range(len(limits)))

    by_cell = {
        int(group.key): group
        for group in groups(rows.assign(cell=places(risks(rows)["risk"], limits)), "cell", "answers")
    }
    size = [by_cell[place].informative_as if place in by_cell else 0.0 for place in range(len(limits))]
    rate = [(by_cell[place].rate.value or 0.0) if place in by_cell else 0.0 for place in range(len(limits))]
    wrong = tuple(share * n for share, n in zip(rate, size, strict=True))
    return Riskiest(
        counts("risk_counts"), counts("risk_waiting"), tuple(size), wrong, tuple(limits.tolist()), reason=None
    )


def _disagreement(lens: Lens) -> Estimate:
    """One less the raw agreement on the question with most items that two people answered."""
    shared = _percents(lens)
    if not shared:
        return undefined("no question whose answers can be compared", unit="items")
    percent = max(shared, key=lambda part: part[0])[1]
    if percent.value is None:
        return percent
    low = None if percent.high is None else 1 - percent.high
    high = None if percent.low is None else 1 - percent.low
    return Estimate(1 - percent.value, low, high, percent.n, percent.unit, percent.method, percent.warning)


def _percents(lens: Lens) -> list[tuple[int, Estimate]]:
    """Items used and raw agreement of each question, as in section `agreement`.

    Which takes much longer for what else it says: it is asked only where other answers than labels are compared.
    """
    questions = lens.frame("questions")
    if not set(questions["kind"]) & (ENTRIES.keys() - set(COMPARABLE)):
        asked = [Asked(lens, str(row.question), str(row.kind)) for row in questions.itertuples() if row.kind in ENTRIES]
        found = [agreement(one.patterns, one.level, one.declared) for one in asked]
        return [(one.items_used, one.percent) for one in found]
    return [(part["items_used"], Estimate.from_json(part["percent"])) for part in lens.section("agreement")]
