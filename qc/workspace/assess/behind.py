"""Digests of large sections, which a check reads instead of them."""

from __future__ import annotations

from typing import Any, Final

from qc.workspace.assess.lens import Lens

# Of each test of speed and care: what it notes, and where the number of answers behind it stands.
CARE: Final = {
    "rapid_guessing": ("guesses", ("agreement", "n")),
    "unchanged_prelabel": ("keeps", ("unchanged", "n")),
    "unlike_others": ("repeats", ("length",)),
}
MOST_WEEKS: Final = 26


def weekly_agreement(lens: Lens) -> list[dict[str, Any]]:
    """Per question the last week's agreement less that of the week before, and the weeks up to it.

    question, name (of the coefficient), change E and p (paired by item), last, and weeks[] {period, value, low, high,
    n}; only questions with two weeks.
    """
    found = []
    for part in lens.section("agreement"):
        change = next((row for row in part["differences"] if row["by"] == "week"), None)
        if change is None:
            continue
        name, figure, by = _followed(part)
        found.append(
            {
                "question": part["question"],
                "name": name,
                "change": change[f"{by}_items"],
                "p": change["p_items" if by == "alpha" else "p_percent_items"],
                "weeks": [_week(row, figure) for row in part["by_period"][-MOST_WEEKS:]],
            }
        )
    return found


def careless(lens: Lens) -> list[dict[str, Any]]:
    """Per annotator, of each test of speed and care: sentence (None: says nothing), n and q."""
    return [
        {"annotator": person["annotator"], "tests": {test: _said(person, test) for test in CARE}}
        for person in lens.section("care")["by_annotator"]
    ]


def _said(person: dict[str, Any], test: str) -> dict[str, Any]:
    noted, place = CARE[test]
    n: Any = person[test]
    for step in place:
        n = n[step]
    sentences = dict(zip(person["noted"], person["flags"], strict=True))
    return {"sentence": sentences.get(noted), "n": n or 0, "q": person[test]["q"]}


def _followed(part: dict[str, Any]) -> tuple[str, str, str]:
    """What is followed from week to week: its name, where a week has it and where a difference does.

    What people draw, mark and write is told by how near two answers are.
    """
    if "f1" in part:
        return "F1", "f1", "percent"
    return (
        ("words in common", "percent", "percent")
        if part["kind"] == "text"
        else (part["headline"]["name"], "alpha", "alpha")
    )


def _week(row: dict[str, Any], figure: str) -> dict[str, Any]:
    return {"period": row["period"], **{name: row[figure][name] for name in ("value", "low", "high", "n")}}
