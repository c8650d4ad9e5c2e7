"""Speed and care, as pages show them: of everybody, of one person, and the items that take long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from dashboard import behind, data, show
from dashboard.data import Selection
from qc.figures import estimate, number, pace_over_time, several

STYLES: Final = {
    "n": "count",
    "fast": "percent",
    "right_when_fast": "percent",
    "right_otherwise": "percent",
    "prelabels_kept": "percent",
    "kept_where_others_changed": "percent",
}
NOTE: Final = (
    "Fast is under a third of the time that the item takes the team; it is noted only where the fast answers are no "
    "better than guesses. Slow is never held against anybody. Of all that is noted about a team, at most 5 % is chance."
)


def show_team(chosen: Selection) -> None:
    """Everybody's speed and care, and the items that take long."""
    care = data.section(chosen, "care")
    people = care["by_annotator"]
    if not people:
        return
    opened = show.choice(
        "Speed and care",
        [_row(person) for person in people],
        key="care",
        styles=STYLES,
        note=f"{NOTE} Click a row to open the person.",
    )
    if opened is not None:
        behind.annotator_page(people[opened]["annotator"])
    if care["slow_items"]:
        picked = show.choice(
            "Hard items: people take longest",
            care["slow_items"],
            key="slow-items",
            styles={"seconds": "seconds", "n": "count", "q": "p"},
            note="Slower than a usual item beyond doubt, by the median of those who answered it (at least three). "
            "Click a row for its answers.",
        )
        if picked is not None:
            item = care["slow_items"][picked]["item_id"]
            behind.answers(chosen, f"Answers to {item}", key="slow-answers", item_ids=[item])


def show_person(chosen: Selection, who: str) -> None:
    """One person's speed and care, with what each figure rests on."""
    person = next((row for row in data.section(chosen, "care")["by_annotator"] if row["annotator"] == who), None)
    if person is None:
        return
    st.subheader("Speed and care", anchor=False)
    for flag in person["flags"]:
        st.text(f"{flag[:1].upper()}{flag[1:]}.")
    if not person["flags"]:
        st.text("Nothing that would speak of haste.")
    show.sentence("Answers in under a third of the time that the item takes the team", person["fast"], "percent")
    _guessing(person["rapid_guessing"])
    _run(person["longest_run"], person["unlike_others"])
    _prelabels(person["unchanged_prelabel"])
    pace = person["pace"]
    if pace["units"]:
        show.chart(
            "Pace",
            pace_over_time(pace["units"], person["pace_changes"]),
            pace["units"],
            key="one-pace",
            alt="Line with intervals: seconds on a usual item over time, with lines where the pace changed at once",
            styles={"seconds": "seconds"},
            note=_tested(pace),
        )
    else:
        st.text(f"Changes of pace: – ({pace['reason']})")


def _row(person: Mapping[str, Any]) -> dict[str, Any]:
    guessing, kept = person["rapid_guessing"], person["unchanged_prelabel"]
    return {
        "annotator": person["annotator"],
        "n": person["n"],
        "fast": person["fast"]["value"],
        "right_when_fast": guessing["agreement"]["value"],
        "right_otherwise": guessing["slower"]["value"],
        "longest_run": person["longest_run"]["length"],
        "prelabels_kept": kept["unchanged"]["value"],
        "kept_where_others_changed": kept["contested"]["value"],
        "changes_of_pace": len(person["pace_changes"]) if person["pace"]["p"] is not None else None,
        "noted": "; ".join(person["flags"]) or None,
    }


def _guessing(found: Mapping[str, Any]) -> None:
    if found["agreement"]["value"] is None:
        st.text(f"Guesses: – ({found['reason']})")
        return
    st.text(
        f"Of the answers {found['fast_when']}, right or as the others: {estimate(found['agreement'], 'percent')}; by "
        f"guessing {number(found['chance'], 'percent')}; of the other answers {estimate(found['slower'], 'percent')}"
        f"{_q(found)}"
    )


def _run(longest: Mapping[str, Any], unlike: Mapping[str, Any]) -> None:
    if longest["length"] is None:
        st.text(f"Longest run of one label: – ({longest['reason']})")
        return
    chance = longest["p_random_order"]
    shuffled = "under 0.001" if chance < 0.001 else f"{chance:.3f}"
    st.text(
        f"Longest run of one label: {longest['length']} times {longest['label']} in {several(longest['n'], 'answer')}; "
        f"the chance of such a run in random order is {shuffled}"
    )
    if unlike["length"] is not None:
        same = f", as others did in {number(unlike['same'], 'percent')}" if unlike["same"] is not None else ""
        st.text(f"Run least like the others: {unlike['length']} times {unlike['label']}{same}{_q(unlike)}")
    elif unlike["reason"]:
        st.text(f"Runs unlike the others: {unlike['reason']}")


def _prelabels(found: Mapping[str, Any]) -> None:
    if found["unchanged"]["value"] is None:
        st.text(f"Pre-labels kept: – ({found['reason']})")
        return
    team = f"; others kept {number(found['team'], 'percent')} of the same" if found["team"] is not None else ""
    st.text(f"Pre-labels kept as shown: {estimate(found['unchanged'], 'percent')}{team}{_q(found)}")
    if found["contested"]["value"] is not None:
        usual = found["team_contested"]
        beside = f"; the team's middle {number(usual, 'percent')}" if usual is not None else ""
        st.text(f"Of those that most of the others changed: {estimate(found['contested'], 'percent')}{beside}")


def _tested(pace: Mapping[str, Any]) -> str:
    if pace["p"] is None:
        return f"Changes are not tested: {pace['reason']}."
    sure = "a change all at once" if pace["q"] <= 0.05 else "no change all at once beyond doubt"
    return f"{several(pace['n'], 'timed answer')}, {sure}{_q(pace)}. Learning and slow drifts are no changes."


def _q(found: Mapping[str, Any]) -> str:
    return "" if found["q"] is None else f" (q = {found['q']:.3f})"
