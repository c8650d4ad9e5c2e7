"""Which labels people confuse, who leans which way, which items are hardest, and why raw agreement misleads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from qc.stats.agreement import Agreement
from qc.stats.disagreement import confusions, hardest, leanings, parted
from qc.stats.disagreement.parted import FAR, PERSON, PREVALENT, UNUSED
from qc.workspace.assess.asked import Asked

MOST_CONFUSED: Final = 30
MOST_LEANING: Final = 50
HARDEST: Final = 20


def confused(asked: Asked) -> list[dict[str, Any]]:
    """Pairs of labels that stand against each other, with both directions; none on a scale of numbers."""
    if asked.level == "interval":
        return []
    names = asked.labels
    return [
        {
            "label": names[row.label],
            "other": names[row.other],
            "items": row.items,
            "share": row.share,
            "mirror": row.mirror,
        }
        for row in confusions(asked.patterns, MOST_CONFUSED)
    ]


def leaning(asked: Asked) -> list[dict[str, Any]]:
    """Who says one label where others say another, and not the other way round."""
    if asked.level == "interval":
        return []
    names = asked.labels
    return [
        {
            "annotator": row.annotator,
            "says": names[row.says],
            "others_say": names[row.others_say],
            "n": row.n,
            "mirror": row.mirror,
            "share": row.share,
            "q": row.q,
        }
        for row in leanings(asked.patterns, MOST_LEANING)
    ]


def hardest_items(asked: Asked) -> list[dict[str, Any]]:
    """The items that people agree on least, with everybody's answer."""
    found = hardest(asked.ratings, HARDEST, asked.level != "nominal")
    items = asked.item_names([int(row.item) for row in found])
    people, labels = asked.people, asked.labels
    return [
        {
            "item_id": items[int(row.item)],
            "agreement": row.agreement,
            "answers": [
                {"annotator": people[who], "label": labels[code]}
                for who, code in zip(row.annotators.tolist(), row.codes.tolist(), strict=True)
            ],
        }
        for row in found
    ]


def causes(asked: Asked, found: Agreement) -> list[dict[str, Any]]:
    """Why raw and chance-corrected agreement part, where they do: none or one."""
    cause = parted(asked.patterns, found.percent.value, found.alpha.value, found.influence)
    if cause is None:
        return []
    label = None if cause.label is None else asked.labels[cause.label]
    who = cause.annotator
    return [{"cause": cause.cause, "annotator": who, "label": label, "items": cause.items, "share": cause.share}]


def sentence(found: Agreement, causes: list[dict[str, Any]]) -> str | None:
    """Why raw and chance-corrected agreement part, or why the latter is undefined; it names nobody."""
    raw, alpha = found.percent.value, found.alpha.value
    if raw is not None and alpha is None:
        return f"{raw * 100:.0f} % raw; alpha is undefined: {found.alpha.reason}."
    if raw is None or alpha is None or not causes:
        return None
    cause = causes[0]
    return f"{raw * 100:.0f} % raw, alpha {_signed(alpha)}: {_WORDS[cause['cause']](cause)}."


def _unused(cause: dict[str, Any]) -> str:
    return (
        f"one annotator never uses “{cause['label']}”, which others gave to {cause['items']:,} of the same items; on "
        "the rest agreement is to be expected by chance"
    )


def _person(cause: dict[str, Any]) -> str:
    return f"one annotator differs from the others; without this person alpha is {_signed(cause['share'])}"


def _prevalent(cause: dict[str, Any]) -> str:
    return (
        f"one label, “{cause['label']}”, makes up {cause['share'] * 100:.0f} % of answers, so most agreement on it is "
        "to be expected by chance"
    )


def _far(cause: dict[str, Any]) -> str:
    return f"the {cause['share'] * 100:.0f} % of pairs of answers that differ lie far apart on the scale"


_WORDS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    UNUSED: _unused,
    PERSON: _person,
    PREVALENT: _prevalent,
    FAR: _far,
}


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
