"""Review levels as the page Alerts & levels shows them, and what can be decided about each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import data, deciding, person_parts, show
from dashboard.data import Selection
from qc.figures import number, several, statistics_against_threshold
from qc.model import LEVELS
from qc.workspace.lots import by_batch

Standing = Mapping[str, Any]


def decide(chosen: Selection, kind: str, key: str, alert: tuple[str, int] | None = None) -> None:
    """What the evidence asks for, and the buttons: approve it, set another level, undo the latest change.

    alert: the id and revision of the one that asks for it.
    """
    standing = next(
        (row for row in data.section(chosen, "levels") if row["subject"] == {"kind": kind, "key": key}), None
    )
    if standing is None:
        return
    place = f"decide-{alert[0] if alert else key}"
    seen = standing["revision"]
    with st.container(border=True, key="decision"):
        st.subheader("Decision", anchor=False)
        st.text(_asked(chosen, standing))
        if not data.may(chosen, "levels"):
            st.caption("A lead or an admin decides.")
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            if standing["proposed"]:
                st.button(
                    f"Approve: {standing['proposed']}", key=f"{place}-approve", type="primary",
                    icon=":material/check:", on_click=deciding.approve,
                    args=(chosen, kind, key, standing["proposed"], seen, alert),
                )  # fmt: skip
            with st.popover("Set another level", icon=":material/tune:"):
                st.session_state[f"{place}-who"] = key
                st.selectbox("Level", LEVELS, index=LEVELS.index(standing["level"]), key=f"{place}-to")
                st.text_input("Reason", key=f"{place}-why", placeholder="Stands in the record")
                st.button(
                    "Set", key=f"{place}-set", on_click=deciding.override, args=(chosen, kind, place, {key: seen})
                )
            if standing.get("undoable"):
                with st.popover("Undo the latest change", icon=":material/undo:"):
                    st.text_input("Reason", key=f"{place}-undo", placeholder="Stands in the record")
                    args = (chosen, kind, key, place, seen)
                    st.button("Undo", key=f"{place}-undone", on_click=deciding.undo, args=args)


def _asked(chosen: Selection, standing: Standing) -> str:
    policy, share = data.current_policy(chosen), number(standing["rate"], "percent")
    now = f"Review is {standing['level']}: {share} of new answers are checked."
    if by_batch(policy):
        size = f"{policy.levels.lot_size:,}"
        now = f"Review is {standing['level']}: each batch is drawn by its own plan, {share} of one of {size} answers."
    if standing["proposed"]:
        return f"{now} The evidence asks for {standing['proposed']}."
    return f"{now} The evidence asks for no change now."


def waiting(chosen: Selection, levels: Sequence[Standing]) -> None:
    """Changes that wait for a lead, where the policy does not act alone."""
    asked = [row for row in levels if row["proposed"]]
    if not asked or data.current_policy(chosen).errors.automatic:
        return
    st.subheader(f"{several(len(asked), 'change')} of level waiting for a lead", anchor=False)
    for row in asked:
        subject = row["subject"]
        with st.container(border=True):
            line, action = st.columns([4, 1], vertical_alignment="center")
            line.text(f"{_named(subject)}: {row['reason']}")
            if data.may(chosen, "levels"):
                action.button(
                    f"Approve: {row['proposed']}", key=f"approve-{subject['kind']}-{subject['key']}",
                    on_click=deciding.approve,
                    args=(chosen, subject["kind"], subject["key"], row["proposed"], row["revision"]),
                )  # fmt: skip


def standing_levels(chosen: Selection, levels: Sequence[Standing]) -> None:
    """Levels in force of every kind of subject, with a filter; a row opens its chart and its history."""
    kinds = sorted({row["subject"]["kind"] for row in levels})
    with st.container(horizontal=True):
        kind = show.pick("Levels of", kinds, "level-kind") if len(kinds) > 1 else kinds[0]
        names = ["all", *(level for level in LEVELS if any(row["level"] == level for row in levels))]
        wanted = show.pick("Level", names, "level-level") if len(names) > 2 else "all"
    shown = [row for row in levels if row["subject"]["kind"] == kind and wanted in ("all", row["level"])]
    names = {row["subject"]["key"] for row in shown}
    near = [row for row in data.nearness(chosen, kind) if row["name"] in names]
    if near:
        clicked = show.chart(
            "How near to an alarm",
            statistics_against_threshold(near),
            near,
            key="cusum",
            alt="Bars: each subject's control chart statistic as a share of its alarm threshold",
            note="The control chart of the randomly drawn answers judged since the level last changed. Click a bar to "
            "see the whole chart.",
        )
        if clicked:
            st.session_state["level-opened"] = clicked[0]
    picked = show.choice(
        "Levels in force",
        [{kind: row["subject"]["key"], **_row(row, {each["name"]: each for each in near})} for row in shown],
        key="levels",
        styles={"checked": "percent", "evidence": "plain", "alarm_at": "plain"},
        note="Click a row to see its control chart and every change.",
        order=(kind, "level", "checked", "asked_for", "evidence", "alarm_at", "judged", "since", "why"),
    )
    if picked is not None:
        st.session_state["level-opened"] = shown[picked]["subject"]["key"]
    opened = st.session_state.get("level-opened")
    if opened in {row["subject"]["key"] for row in shown}:
        st.subheader(show.plain(_named({"kind": kind, "key": opened})), anchor=False)
        decide(chosen, kind, opened)
        person_parts.level_chart(chosen, kind, opened)


def _row(standing: Standing, near: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    chart = near.get(standing["subject"]["key"], {})
    return {
        "level": standing["level"],
        "checked": standing["rate"],
        "asked_for": standing["proposed"],
        "evidence": chart.get("statistic"),
        "alarm_at": chart.get("threshold"),
        "judged": chart.get("n"),
        "since": standing["since"][:16].replace("T", " ") if standing["since"] else None,
        "why": standing["reason"],
    }


def by_hand(chosen: Selection, levels: Sequence[Standing]) -> None:
    """Any subject's level, set with a reason."""
    with st.expander("Set a level by hand"):
        kinds = sorted({row["subject"]["kind"] for row in levels})
        kind = show.pick("Of", kinds, "level-of") if len(kinds) > 1 else kinds[0]
        with st.form("set-level", border=False):
            who, level, why = st.columns([2, 1, 3])
            seen = {row["subject"]["key"]: row["revision"] for row in levels if row["subject"]["kind"] == kind}
            who.selectbox(kind.capitalize(), list(seen), key="level-who")
            level.selectbox("Level", LEVELS, key="level-to")
            why.text_input("Reason", key="level-why", placeholder="Stands in the record")
            st.form_submit_button("Set level", on_click=deciding.override, args=(chosen, kind, "level", seen))


def _named(subject: Mapping[str, str]) -> str:
    return subject["key"] if subject["kind"] == "annotator" else f"{subject['kind']} {subject['key']}"
