"""Sentences that a manager can repeat, each with its numbers, made of section `cost` and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from qc.figures import interval, number, probability, several

Section = Mapping[str, Any]

BEST: Final = {
    "none": "At these prices review costs more than the errors that it finds: checking nothing is cheapest",
    "estimate": "Cheapest is to check a random sample of {rate} and then, by what it shows, all or none of the rest",
    "ranked": "Cheapest is to review the riskiest {rate}",
    "all": "Cheapest is to review every answer: errors cost more than finding them",
}


def sentences(section: Section) -> list[str]:
    """What was spent and found, what is left, what to do, and what a change would save."""
    return [*_spent(section), *_left(section), *_best(section), *_pays(section), *_swap(section), *_week(section)]


def _spent(section: Section) -> Iterator[str]:
    if not section["cost_per_error_found"]["n"]:
        yield "Nothing was reviewed so far."
        return
    found = several(section["errors_found"], "error")
    stated = f"{section['errors_corrected']:,} with a correction on record"
    yield (
        f"Review took {section['review_hours']:,.2f} hours ({section['review_hours_from']}) and "
        f"{_money(section, section['review_cost'])} so far, and found {found}, {stated}."
    )


def _left(section: Section) -> Iterator[str]:
    before, after, escaped = (section[name] for name in ("error_before", "error_after", "errors_escaped"))
    if before["value"] is None or after["value"] is None:
        return
    wrong = (
        f"{_with(before, 'percent')} of the answers were wrong before review and {_with(after, 'percent')} are after it"
    )
    if not section["cost_per_error_found"]["n"]:
        wrong = f"{_with(after, 'percent')} of the answers are wrong"
    yield (
        f"{wrong}: about {_with(escaped, 'count')} errors are left, which cost "
        f"{_with(section['escaped_cost'], 'money', section['currency'])}."
    )


def _best(section: Section) -> Iterator[str]:
    best = section["best"]
    if best["choice"] is None:
        yield f"What review is worth cannot be told yet: {best['reason'] or 'judge a random sample first'}."
        return
    costs = {row["choice"]: row for row in section["options"]}
    chosen = costs.get(best["choice"])
    rate = number(chosen["rate"], "percent") if chosen else ""
    said = BEST[best["choice"]].format(rate=rate)
    if best["rate_low"] is not None and best["rate_low"] < best["rate_high"]:
        between = f"{number(best['rate_low'], 'percent')} to {number(best['rate_high'], 'percent')}"
        said += f" (any share from {between} costs at most 2 % more)"
    if chosen:
        others = [
            f"{_money(section, costs[name]['cost'])} {words}"
            for name, words in (("none", "without review"), ("all", "with full review"))
            if name != best["choice"]
        ]
        said += f": {_money(section, chosen['cost'])} for as many answers again, against {' and '.join(others)}"
    yield f"{said}. Probability that this is right: {probability(best['probability'])}."


def _pays(section: Section) -> Iterator[str]:
    even, full = section["break_even_rate"], section["full"]
    if even is not None:
        yield (
            f"A review pays where more than {number(even, 'percent')} of the answers are wrong."
            if even < 1
            else "No review pays at these prices, however many answers are wrong."
        )
    if full is not None and full["p_worse"] >= 0.05:
        yield (
            f"Reviewing everything would leave {_with(full['left'], 'percent')} wrong and spoil "
            f"{_with(full['spoilt'], 'percent')} that were right, if whatever is flagged is changed: probability that "
            f"it makes the work worse {probability(full['p_worse'])}."
        )


def _swap(section: Section) -> Iterator[str]:
    swap = section["swap"]
    if swap is not None:
        yield swap_sentence(section, swap)


def swap_sentence(section: Section, swap: Section) -> str:
    """The riskiest share in place of a random one: money saved on review, errors let through and what they cost."""
    saved, more, price = swap["saved"], swap["more"], section["escaped_price"]
    when = " a month" if section["month_answers"] is not None else f" for {several(swap['answers'], 'answer')}"
    money = f"saves {_money(section, saved)}" if saved >= 0 else f"costs {_money(section, -saved)} more"
    worth = f", worth {_money(section, abs(more['value']) * price)} at {_money(section, price)} each" if price else ""
    return (
        f"Review the riskiest {_share(swap['share'])} instead of a random {_share(swap['random'])}: {money}{when} on "
        f"review, and lets through {more_or_fewer(more)}{when}{worth}."
    )


def more_or_fewer(more: Section) -> str:
    """A difference of errors in words; where it may be either, the interval says so."""
    value, low, high = more["value"], more["low"], more["high"]
    if low > 0 or high < 0 or (low == high == 0):
        word = "more" if value >= 0 else "fewer"
        ends = sorted((abs(low), abs(high)))
        return f"{abs(value):,.0f} {word} errors ({ends[0]:,.0f}–{ends[1]:,.0f})"
    word = "more" if value >= 0 else "fewer"
    return f"{abs(value):,.0f} {word} errors (between {-low:,.0f} fewer and {high:,.0f} more)"


def _week(section: Section) -> Iterator[str]:
    week = section["week"]
    if week is None:
        return
    if not week["answers"]:
        yield "Of what nobody reviewed no answer is risky enough for a review to pay."
        return
    fits = "" if week["answers"] == week["worth_it"] else f" of {week['worth_it']:,} that are worth a review"
    yield (
        f"With {week['hours']:g} hours a week, review the {several(week['answers'], 'riskiest answer')}{fits}: that "
        f"finds {_with(week['errors'], 'count')} errors and is worth "
        f"{_with(week['benefit'], 'money', section['currency'])}."
    )


def _with(e: Section, style: Any, unit: str = "") -> str:
    between = interval(e, style, unit)
    return f"{number(e['value'], style, unit)}{f' ({between})' if between else ''}"


def _share(share: float) -> str:
    return f"{100 * share:.3g} %"


def _money(section: Section, amount: float) -> str:
    return number(amount, "money", section["currency"])
