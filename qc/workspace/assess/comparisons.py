"""Sections `comparisons` and `fairness`: two parts of the work held against each other, and groups beside the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any, Final

from qc.model import Estimate, undefined
from qc.stats.comparison import (
    Gap,
    cost_side,
    difference,
    error_side,
    estimate,
    gaps,
    median_side,
    paired_answers,
    standard,
)
from qc.stats.comparison.gaps import adjust, flagged
from qc.stats.comparison.holding import told
from qc.stats.multiple import holm
from qc.workspace.assess.lens import Lens
from qc.workspace.assess.parts import PERIOD, Parts
from qc.workspace.assess.plain import plain_object, plain_rows
from qc.workspace.assess.splits import FEWEST_ITEMS

FIGURES: Final = ("error", "agreement", "seconds", "cost")
MOST_VERSIONS: Final = 6
MOST_SITES: Final = 4
MOST_GROUPS: Final = 25
GROUPS: Final = ("site", "shift", "guideline", "batch", "tag", "group")
MODEL: Final = "model"
# Nobody is behind the errors of models.
ANYBODY: Final = 1_000
MOST_AGREED: Final = 10
NOT_AGREED: Final = f"agreement is compared for the {MOST_AGREED} largest groups"
NOT_OF_MODELS: Final = "models are compared by their errors on the same items"


def section(lens: Lens) -> list[dict[str, Any]]:
    """The last period beside the one before, each guideline version beside the one before it, sites and models by twos.

    p-values are adjusted over all of these, figure by figure.
    """
    rows = [*_periods(lens), *_versions(lens), *_sites(lens), *_models(lens)]
    return plain_rows([{**row, "sentence": sentence(row)} for row in adjusted(rows)])


def pair(lens: Lens, by: str, first: str, second: str) -> dict[str, Any]:
    """Two parts of one's own choice; nothing else is compared, so p is as it is."""
    row = adjusted([_compared(Parts(lens, by), first, second)])[0]
    return plain_object({**row, "sentence": sentence(row)})


def names(lens: Lens) -> dict[str, list[str]]:
    """What may be compared: the parts by each key that has two or more."""
    found = {key: Parts(lens, key).names for key in (PERIOD, *GROUPS)}
    return {key: [str(name) for name in parts] for key, parts in found.items() if len(parts) > 1}


def fairness(lens: Lens) -> list[dict[str, Any]]:
    """Per key the groups beside the rest of the work: errors and agreement, and whether a gap is more than noise."""
    return [entry for key in GROUPS if (entry := _groups(Parts(lens, key)))]


def sentence(row: dict[str, Any]) -> str:
    """What a manager can repeat."""
    error, proof = row["error"], row["standard"]
    gap = error["difference"]
    first, second = (
        row["first"],
        row["second"][:1].upper() + row["second"][1:] if row["by"] == PERIOD else row["second"],
    )
    if gap.value is None:
        return f"{second} and {first} cannot be compared by their errors: {gap.reason}."
    way = "more" if gap.value >= 0 else "fewer"
    said = (
        f"{second}: {_percent(error['second'].value)} errors, {_points(abs(gap.value))} {way} than {first} "
        f"({_signed(gap.low)} to {_signed(gap.high)})."
    )
    margin = _points(proof["margin"])
    return {
        "holds the standard": f"{said} It holds the standard of {first} within {margin}.",
        "does not hold the standard": f"{said} It does not hold the standard of {first} within {margin}.",
    }.get(proof["verdict"], f"{said} Whether it holds the standard of {first} within {margin} is not yet clear.")


def adjusted(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with p-values that hold for all of them at once (Holm), and verdicts that follow from these."""
    for figure in FIGURES:
        _adjust([row[figure] for row in rows], "p", "p_adjusted")
    proofs = [row["standard"] for row in rows]
    _adjust(proofs, "p", "p_adjusted")
    _adjust(proofs, "p_worse", "p_worse_adjusted")
    for proof in proofs:
        proof["verdict"] = told(proof["p_adjusted"], proof["p_worse_adjusted"])
    return list(rows)


def _adjust(parts: Sequence[dict[str, Any]], name: str, into: str) -> None:
    found = iter(holm([part[name] for part in parts if part[name] is not None]).tolist())
    for part in parts:
        part[into] = None if part[name] is None else next(found)


def _periods(lens: Lens) -> Iterator[dict[str, Any]]:
    parts = Parts(lens, PERIOD)
    if len(parts.names) == len(parts.periods):
        yield _compared(parts, *parts.periods)


def _versions(lens: Lens) -> Iterator[dict[str, Any]]:
    """In the order in which they came into use."""
    parts = Parts(lens, "guideline")
    given = lens.frame("given_parts", ("guideline",))
    began = given[given["guideline"].notna()].groupby("guideline")["day"].min()
    known = set(parts.names)
    order = [name for name in sorted(began.index, key=lambda name: (began[name], name)) if name in known]
    for first, second in pairwise(order[-MOST_VERSIONS:]):
        yield _compared(parts, first, second)


def _sites(lens: Lens) -> Iterator[dict[str, Any]]:
    """The largest; the larger of two is the standard."""
    parts = Parts(lens, "site")
    for first, second in combinations(parts.names[:MOST_SITES], 2):
        yield _compared(parts, first, second)


def _models(lens: Lens) -> Iterator[dict[str, Any]]:
    frame = lens.frame("models_beside").groupby(["a", "b"], as_index=False)[["n", "wrong_a", "wrong_b", "both"]].sum()
    for row in frame.itertuples():
        both, n = int(row.both), int(row.n)
        only_a, only_b = int(row.wrong_a) - both, int(row.wrong_b) - both
        first, second = paired_answers(both, only_a, only_b, n - both - only_a - only_b, "items")
        gap, p = difference(first, second)
        unknown = undefined(NOT_OF_MODELS, n, "items")
        none = _of(unknown, unknown, unknown, None)
        yield {
            "by": MODEL,
            "first": str(row.a),
            "second": str(row.b),
            "source": "known answers",
            "question": None,
            "answers": {"first": n, "second": n},
            "fewest_people": ANYBODY,
            "error": _of(estimate(first), estimate(second), gap, p),
            **dict.fromkeys(("agreement", "seconds", "cost"), none),
            "standard": plain_object(standard(first, second, lens.policy.compare.margin)),
        }


def _compared(parts: Parts, first: Any, second: Any) -> dict[str, Any]:
    judged = [error_side(parts.judged.row(name)) for name in (first, second)]
    paces = [parts.pace(name) for name in (first, second)]
    wage = parts.lens.policy.cost.annotator_wage
    agreed = _of(parts.agreement(first), parts.agreement(second), *parts.agreement_difference(first, second))
    return {
        "by": parts.key,
        "first": str(first),
        "second": str(second),
        "source": parts.source,
        "question": parts.asked and parts.asked.question,
        "answers": {"first": parts.answers(first), "second": parts.answers(second)},
        "fewest_people": min(parts.at_work(first), parts.at_work(second)),
        "error": _sides(judged),
        "agreement": agreed,
        "seconds": _sides([median_side(pace) for pace in paces]),
        "cost": _sides([cost_side(pace, wage) for pace in paces]),
        "standard": plain_object(standard(judged[0], judged[1], parts.lens.policy.compare.margin)),
    }


def _sides(sides: Sequence[Any]) -> dict[str, Any]:
    return _of(estimate(sides[0]), estimate(sides[1]), *difference(sides[0], sides[1]))


def _of(first: Estimate, second: Estimate, gap: Estimate, p: float | None) -> dict[str, Any]:
    return {"first": first, "second": second, "difference": gap, "p": p}


def _groups(parts: Parts) -> dict[str, Any]:
    """The largest groups of one key; nothing where there are fewer than two, or one tag is all that there is."""
    if len(parts.names) < (1 if parts.key == "tag" else 2):
        return {}
    policy = parts.lens.policy.compare
    judged = {
        gap.key: gap
        for gap in gaps(parts.judged, parts.everything, policy.least, policy.effect, policy.false_discovery)
    }
    chosen = parts.names[:MOST_GROUPS]
    least = max(FEWEST_ITEMS, policy.least)
    agreed = [_agreed(parts, key, least) for key in chosen[:MOST_AGREED]]
    untold = undefined(NOT_AGREED, 0, "items")
    agreed += [(untold, untold, untold, None)] * (len(chosen) - len(agreed))
    adjusted_p = adjust([row[-1] for row in agreed])
    rows = [
        {
            "key": str(key),
            "answers": parts.answers(key),
            "fewest_people": parts.at_work(key),
            "error": _gap(judged[key]) if key in judged else None,
            "agreement": {
                "rate": own,
                "rest": rest,
                "gap": gap,
                "p": p,
                "p_adjusted": q,
                "verdict": flagged(gap, q, policy.effect, policy.false_discovery, more_is="better than the rest"),
            },
        }
        for key, (own, rest, gap, p), q in zip(chosen, agreed, adjusted_p, strict=True)
    ]
    return plain_object(
        {
            "by": parts.key,
            "source": parts.source,
            "least": policy.least,
            "groups": rows,
            "left_out": max(0, len(parts.names) - MOST_GROUPS),
        }
    )


def _agreed(parts: Parts, key: Any, least: int) -> tuple[Estimate, Estimate, Estimate, float | None]:
    if parts.shared_items(key) < least:
        unknown = undefined(f"fewer than {least} items that two people answered", 0, "items")
        return unknown, unknown, unknown, None
    return parts.agreement_apart(key)


def _gap(gap: Gap) -> dict[str, Any]:
    return {name: getattr(gap, name) for name in ("rate", "rest", "gap", "p", "p_adjusted", "verdict")}


def _percent(value: float) -> str:
    return f"{value * 100:.1f} %"


def _points(value: float) -> str:
    said = f"{value * 100:.1f}".removesuffix(".0")
    return f"{said} point{'' if said == '1' else 's'}"


def _signed(value: float | None) -> str:
    return "?" if value is None else f"{value * 100:+.1f}".replace("-", "−")
