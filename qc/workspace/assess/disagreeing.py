"""Which labels people confuse, who leans which way, which items are hardest, and why raw agreement misleads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from qc.stats.agreement import Agreement
from qc.stats.disagreement import Parted, confusions, leanings, parted
from qc.stats.disagreement.parted import FAR, PERSON, PREVALENT, UNUSED
from qc.workspace.assess.asked import Asked

MOST_CONFUSED: Final = 30
MOST_LEANING: Final = 50


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


def hardest(asked: Asked) -> list[dict[str, Any]]:
    """The items that people agree on least, with everybody's answer."""
    names = asked.labels
    rows: pd.DataFrame = asked.of("hardest")
    return [
        {
            "item_id": str(answers["item_id"].iloc[0]),
            "agreement": float(answers["agreeing"].iloc[0] / answers["pairs"].iloc[0]),
            "answers": [
                {"annotator": who, "label": names[code]}
                for who, code in zip(answers["annotator"], answers["code"], strict=True)
            ],
        }
        for _, answers in rows.groupby("place", sort=True)
    ]


def why_parted(asked: Asked, found: Agreement) -> str | None:
    """One sentence on why raw and chance-corrected agreement part, or why the latter is undefined."""
    raw, alpha = found.percent.value, found.alpha.value
    if raw is None:
        return None
    if alpha is None:
        return f"{raw:.0%} raw; alpha is undefined: {found.alpha.reason}."
    cause = parted(asked.patterns, raw, alpha, found.influence)
    return f"{raw:.0%} raw, alpha {_signed(alpha)}: {_WORDS[cause.cause](asked, cause)}." if cause else None


def _unused(asked: Asked, cause: Parted) -> str:
    return (
        f"one annotator ({cause.annotator}) never uses “{_label(asked, cause)}”, which others gave to {cause.items:,} "
        "of the same items; on the rest agreement is to be expected by chance"
    )


def _person(_asked: Asked, cause: Parted) -> str:
    return f"one annotator ({cause.annotator}) differs from the others; without them alpha is {_signed(cause.share)}"


def _prevalent(asked: Asked, cause: Parted) -> str:
    return (
        f"one label, “{_label(asked, cause)}”, makes up {cause.share:.0%} of the answers, so most agreement on it is "
        "to be expected by chance"
    )


def _far(_asked: Asked, cause: Parted) -> str:
    return f"the {cause.share:.0%} of answers that differ lie far apart on the scale, and equal ones near each other"


_WORDS: Final[dict[str, Callable[[Asked, Parted], str]]] = {
    UNUSED: _unused,
    PERSON: _person,
    PREVALENT: _prevalent,
    FAR: _far,
}


def _label(asked: Asked, cause: Parted) -> str:
    return asked.labels[cause.label] if cause.label is not None else ""


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
