"""Which labels people confuse, who leans which way, which items are hardest, and why raw agreement misleads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from qc.stats.agreement import Agreement
from qc.stats.disagreement import Parted, certain, confusions, hardest, parted
from qc.stats.disagreement.parted import FAR, LEANING, PERSON, PREVALENT, UNUSED
from qc.workspace.assess.asked import AMOUNTS, Asked
from qc.workspace.assess.label_views import Leant, View
from qc.workspace.ingested import counted

MOST_CONFUSED: Final = 30
HARDEST: Final = 20


def confused(asked: Asked) -> list[dict[str, Any]]:
    """Pairs of labels that stand against each other, with both directions; none on a scale of numbers, or of orders."""
    if asked.level in AMOUNTS or asked.kind == "ranking":
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


def causes(asked: Asked, found: Agreement, seen: list[View], found_leanings: Leant) -> list[dict[str, Any]]:
    """Why raw and chance-corrected agreement part, where they do; then the leaning that is beyond doubt, if any."""
    why = parted(asked.patterns, found.percent.value, found.alpha.value, found.influence)
    rows = [] if why is None else [_row(why, asked.labels) | {"parts": True}]
    sure = certain([view.patterns for view in seen], found_leanings)
    if sure is not None:
        row = _row(sure[1], seen[sure[0]].names) | {"parts": False}
        if not any(all(row[key] == said[key] for key in ("cause", "annotator", "label")) for said in rows):
            rows.append(row)
    return rows


def _row(cause: Parted, names: Mapping[int, str]) -> dict[str, Any]:
    label, says = (None if code is None else names[code] for code in (cause.label, cause.says))
    return {
        "cause": cause.cause,
        "annotator": cause.annotator,
        "label": label,
        "says": says,
        "items": cause.items,
        "share": cause.share,
    }


def sentence(asked: Asked, found: Agreement, causes: list[dict[str, Any]]) -> str | None:
    """Why raw and chance-corrected agreement part, or why the latter is undefined, and who surely leans; no names.

    Of a scale without an order first that there is none.
    """
    raw, alpha = found.percent.value, found.alpha.value
    said = [_unplaced(asked.unplaced)] if asked.unplaced else []
    if raw is not None and alpha is None:
        said.append(f"{raw * 100:.0f} % raw; alpha is undefined: {found.alpha.reason}.")
    for cause in causes:
        words = _WORDS[cause["cause"]](cause)
        if not cause["parts"]:
            said.append(f"{words[0].upper()}{words[1:]}.")
        elif raw is not None and alpha is not None:
            more = _BY_CHANCE if cause["cause"] == UNUSED else ""
            said.append(f"{raw * 100:.0f} % raw, alpha {_signed(alpha)}: {words}{more}.")
    return " ".join(said) or None


def _unplaced(labels: tuple[str, ...]) -> str:
    more = "" if len(labels) == 1 else f" and {counted(len(labels) - 1, 'other label')}"
    return (
        f"Where “{labels[0]}”{more} should stand on the scale is not declared, so answers are compared as equal or "
        "not: declare the labels in their order on the page Settings."
    )


_BY_CHANCE: Final = "; on the rest agreement is to be expected by chance"


def _unused(cause: dict[str, Any]) -> str:
    items = f"{cause['items']:,} of the same items"
    return f"one annotator never uses “{cause['label']}”, which others gave to {items}"


def _leaning(cause: dict[str, Any]) -> str:
    return (
        f"one annotator says “{cause['says']}” where others say “{cause['label']}” on {cause['share'] * 100:.0f} % of "
        f"the {counted(cause['items'], 'item')} on which these two part them"
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
    LEANING: _leaning,
}


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
