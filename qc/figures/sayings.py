"""What models, comparisons, groups and drift amount to, in sentences that pages and reports share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from qc.figures.words import estimate, interval, number, ranged, several

Row = Mapping[str, Any]

KEYS: Final = {
    "period": "Periods",
    "guideline": "Guideline versions",
    "site": "Sites",
    "shift": "Shifts",
    "batch": "Batches",
    "tag": "Tags",
    "group": "What the export says of items",
    "model": "Models",
}
# With fewer people the interval of a site or shift rests on how a handful of them differ.
FEW_PEOPLE: Final = 10

# Reviews of answers that nobody drew stand apart by this name, where others were drawn.
_NOT_DRAWN: Final = "review, not drawn"


def said_by(source: str | None, errors: Sequence[Row]) -> str:
    """Who judged, in words; where some reviews were drawn and others not, which of the two."""
    if source == _NOT_DRAWN:
        return "reviews that nobody drew"
    drawn = source == "review" and any(part["source"] == _NOT_DRAWN for part in errors)
    return "a drawn sample" if drawn else source or "nothing yet"


def headline_errors(errors: Sequence[Row], source: str | None) -> Row | None:
    """Of the error rates by who judged the one to show first: what errors left are estimated from, where reviewed.

    source: of section `cost`. Else the one that rests on most judgements; None without any.
    """
    own = [part for part in errors if part["source"] == source and str(source).startswith("review")]
    people = [part for part in errors if part["source"] != "rules"]
    return max(own or people, key=lambda part: _judged(part["overall"]), default=None)


def _judged(overall: Row) -> int:
    return int(overall["n"]) if overall["value"] is not None else -1


def model_said(model: Row) -> Iterator[str]:
    """How right a model is beside what it says of itself, and whether it is better than the one before it."""
    told, says = model["accuracy"], model["mean_score"]
    if told["value"] is not None and says is not None:
        yield (
            f"{model['model']} is right in {ranged(told, 'percent')} of {told['n']:,} judged answers; its own "
            f"confidence is {number(says, 'percent')} on average{_sure(told, says)}."
        )
    before, gain = model["retrained"]["before"], model["retrained"]["difference"]
    if before is None:
        return
    if gain["value"] is None:
        yield f"Whether it is better than {before} is not known: {gain['reason']}."
        return
    sure = gain["low"] > 0 or gain["high"] < 0
    word = ("better" if gain["value"] > 0 else "worse") if sure else "not clearly different"
    than = "than" if sure else "from"
    yield f"On the same held-out items it is {word} {than} {before}: {estimate(gain, 'points')}."


def _sure(told: Row, says: float) -> str:
    if told["high"] is not None and says > told["high"]:
        return ", so it is too sure of itself"
    return ", so it is right more often than it says" if told["low"] is not None and says < told["low"] else ""


def routing_said(routing: Row) -> Iterator[str]:
    """What the thresholds do: the one for the target, the customary one, and the one that costs least."""
    found, goal = routing["at_target"], number(routing["target"], "percent")
    if found is None:
        yield f"For a target of {goal} people must look at everything: {routing['reason']} ({routing['n']:,} judged)."
    else:
        yield (
            f"So that at most {goal} of what passes unseen is wrong, people must look at what the model is less sure "
            f"of than {found['threshold']:.2f}: {_passes(found)}."
        )
    if routing["customary"] is not None:
        yield f"At the customary 0.70, {_passes(routing['customary'])}."
    least = routing["least_cost"]
    if least is None:
        return
    if least["threshold"] > 1:
        yield "At the prices in Settings it costs least when people look at every answer."
    else:
        yield f"At the prices in Settings a threshold of {least['threshold']:.2f} costs least: {_passes(least)}."


def _passes(found: Row) -> str:
    passing = number(found["passing"]["value"], "percent")
    if found["error"]["value"] is None:
        return f"{passing} of the answers pass unseen"
    judged = f"{found['error']['n']:,} judged"
    return (
        f"{passing} of the answers pass unseen, and of these {ranged(found['error'], 'percent')} are wrong ({judged})"
    )


def bias_said(found: Row) -> str:
    """Whether wrong pre-labels mislead the team."""
    bias = found["bias"]
    if bias["value"] is None:
        return f"Whether pre-labels mislead people is not known: {bias['reason']}."
    word = "Wrong pre-labels mislead the team" if bias["low"] > 0 else "No clear automation bias"
    return f"{word}: errors with one, less those expected unaided on such items: {estimate(bias, 'points')}."


def stamped_said(found: Row) -> Iterator[str]:
    """Whose wrong pre-labels survive more than their own errors explain."""
    for row in found["by_annotator"]:
        if row["verdict"] == "rubber-stamping":
            yield (
                f"{row['annotator']} leaves {ranged(row['survived'], 'percent')} of {row['shown_wrong']:,} wrong "
                f"pre-labels as they were, and errs more often than unaided on such items, by "
                f"{estimate(row['excess'], 'points')}: look at this work together."
            )


def standard_said(row: Row) -> str:
    """Whether a site or shift holds the standard of the others."""
    margin = 100 * row["standard"]["margin"]
    within = f"within {margin:g} point{'' if margin == 1 else 's'}"
    return {
        "holds the standard": f"{row['key']} holds the standard of the others {within}.",
        "does not hold the standard": f"{row['key']} does not hold the standard of the others {within}.",
    }.get(
        row["standard"]["verdict"],
        f"Whether {row['key']} holds the standard of the others {within} is not yet clear.",
    )


def width_said(rows: Sequence[Row]) -> str:
    """Why the intervals of sites or shifts are wide, and what narrows them; empty where they are not."""
    unsure = [row for row in rows if row["standard"]["verdict"] == "not yet clear" and row["error"]["low"] is not None]
    if not unsure:
        return ""
    widest = max(unsure, key=lambda row: row["error"]["high"] - row["error"]["low"])
    people, between = widest["fewest_people"], interval(widest["error"], "percent")
    if people < FEW_PEOPLE:
        where = "then" if widest["by"] == "shift" else "there"
        return (
            f"Why {widest['key']} spans {between}: only {several(people, 'person works', 'people work')} {where}, and "
            "people differ, so another team of that size could stand anywhere in it. More judgements of the same "
            "people narrow this little: a lead sees each of them on the page Annotators; for the rest, judge the "
            "answers of whoever joins."
        )
    return (
        f"Why {widest['key']} spans {between}: it rests on {several(widest['error']['n'], 'judged answer')} of people "
        "who differ. Judge more answers at random on the page Spot checks."
    )


def groups_said(part: Row) -> str:
    """Which groups of one key have more errors than the rest."""
    told = [row["key"] for row in part["groups"] if row["error"] and row["error"]["verdict"] == "worse than the rest"]
    if told:
        return f"More errors than the rest, by more than noise: {', '.join(told)}."
    if not any(row["error"] for row in part["groups"]):
        return f"No group has {part['least']:,} judged answers yet, so none is held against the rest."
    return "No group has more errors than the rest by more than noise."


def moved_by_batch(drift: Sequence[Row]) -> list[dict[str, Any]]:
    """By how much the labels of each batch moved, as rows for `dots`: in the order of the batches, with a status."""
    return [
        {
            "name": row["batch"],
            "estimate": {
                "value": row["labels"]["moved"],
                "low": None,
                "high": None,
                "n": row["items"],
                "unit": "items",
            },
            "status": "drifted" if row["labels"]["drifted"] else "like before",
            "place": -at,
        }
        for at, row in enumerate(drift)
    ]


def drift_said(drift: Sequence[Row]) -> str:
    """Which batches are not like those before them."""
    moved = [str(row["batch"]) for row in drift if row["labels"]["drifted"]]
    if moved:
        return f"The mix of labels moved in {', '.join(moved)}."
    many = "The batch that can be compared has" if len(drift) == 1 else f"None of {len(drift):,} batches has"
    return f"{many} a mix of labels that moved by {'no ' if len(drift) == 1 else ''}more than noise."


def new_said(row: Row, most: int = 5) -> list[str]:
    """What no earlier batch had, the first few."""
    return [f"{value['field']} {value['value']} ({value['items']:,})" for value in row["new"][:most]]
