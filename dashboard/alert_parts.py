"""Alerts as the page shows them: a list, and one with its proof, its items, and what can be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import streamlit as st

from dashboard import behind, data, deciding, proofs, show
from dashboard.data import Selection
from dashboard.level_parts import decide
from dashboard.navigation import page
from dashboard.recheck_parts import earlier
from qc.figures import several

Alert = Mapping[str, Any]
STATES: Final = ("open", "acknowledged", "asleep", "resolved")
MOST_CARDS: Final = 20
# Where more is to be seen about what a rule speaks of.
PAGES: Final = {
    "agreement drop": ("agreement", "Agreement"),
    "fatigue rising": ("fatigue", "Fatigue"),
    "conflict backlog": ("conflicts", "Conflicts"),
    "review backlog": ("checks", "Spot checks"),
    "sample overdue": ("checks", "Spot checks"),
    "data problems": ("data", "Data"),
}


def state_of(alert: Alert) -> str:
    """Open, acknowledged, asleep (by somebody, until a time to come) or resolved."""
    until = alert.get("snoozed_until")
    if alert["state"] != "resolved" and until and datetime.fromisoformat(until) > datetime.now(UTC):
        return "asleep"
    return str(alert["state"])


def listed(chosen: Selection, alerts: Sequence[Alert]) -> None:
    """The alerts in one state at a time, of the rules asked for; each opens on its own."""
    counts = {state: sum(state_of(alert) == state for alert in alerts) for state in STATES}
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        labels = {state: f"{state} {counts[state]}" for state in STATES}
        state = st.segmented_control(
            "Shown", STATES, default="open", required=True, key="alert-states", format_func=labels.__getitem__
        )
    with right:
        rules = st.multiselect(
            "Rules", sorted({alert["rule"] for alert in alerts}), placeholder="All", key="alert-rules"
        )
    found = [alert for alert in alerts if state_of(alert) == state and (not rules or alert["rule"] in rules)]
    if not found:
        what = "No alert is open." if state == "open" and not rules else f"No alert of this kind is {state}."
        show.nothing(what, "Run a check after each import: Check now, or qc check on a schedule.")
    shown = 0
    for about in together(data.by_severity(found)):
        if shown >= MOST_CARDS:
            break
        shown += len(about)
        if len(about) == 1:
            _card(chosen, about[0])
            continue
        with st.container(border=True):
            st.subheader(show.plain(f"{len(about):,} alerts about {about[0]['subject']['key']}"), anchor=False)
            for alert in about:
                _card(chosen, alert)
    if len(found) > shown:
        st.caption(f"The first {shown} of {len(found):,}; the table below has all.")
    if alerts:
        _table(alerts)


def together(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """The alerts by whom or what they are about, in the order of the first about each."""
    about: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        about.setdefault((alert["subject"]["kind"], alert["subject"]["key"]), []).append(alert)
    return list(about.values())


def _card(chosen: Selection, alert: Alert) -> None:
    with st.container(border=True, key=f"card-{alert['id']}"):
        line, actions = st.columns([3, 2], vertical_alignment="center")
        with line:
            _badges(alert)
            st.text(alert["message"])
        with actions, st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
            st.button(
                "Proof and items", key=f"open-{alert['id']}", icon=":material/query_stats:", on_click=open_alert,
                args=(alert["id"],),
            )  # fmt: skip
            if alert["state"] == "open" and data.may(chosen, "acknowledge"):
                with st.popover("Acknowledge"):
                    st.text_input("What is being done about it?", key=f"comment-{alert['id']}")
                    seen = (alert["id"], alert["revision"])
                    _button("Record", f"ack-{alert['id']}", deciding.acknowledge, chosen, *seen)


def _badges(alert: Alert) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        show.status(alert["severity"])
        show.status(state_of(alert))
        owner = f" · {alert['owner']} looks after it" if alert.get("owner") else ""
        asleep = f" · asleep until {alert['snoozed_until'][:10]}" if state_of(alert) == "asleep" else ""
        since = alert["opened_at"][:10]
        found = str(alert["evidence"].get("found_at") or since)[:10]
        figures = f" · figures of {found}" if found > since else ""
        st.caption(show.plain(f"{alert['rule']} · since {since}{figures}{owner}{asleep}"))


def _table(alerts: Sequence[Alert]) -> None:
    with st.expander(f"Every alert so far: {len(alerts):,}", icon=":material/history:"):
        rows = [
            {
                "opened": alert["opened_at"][:16].replace("T", " "),
                "state": state_of(alert),
                "severity": alert["severity"],
                "rule": alert["rule"],
                "about": alert["subject"]["key"],
                "message": alert["message"],
                "owner": alert.get("owner"),
            }
            for alert in alerts
        ]
        picked = show.choice(
            "Alerts, the newest first", rows, key="alerts", note="Times are UTC. Click one to open it."
        )
    if picked is not None:
        open_alert(alerts[picked]["id"])
        st.rerun()


def open_alert(alert_id: str) -> None:
    """Show one alert: its address can be sent to others."""
    st.query_params["alert"] = alert_id


def close_alert() -> None:
    """Back to all of them."""
    st.query_params.pop("alert", None)


def one(chosen: Selection, alert: Alert) -> None:
    """What fired and why, what can be decided, the proof and the items."""
    subject = alert["subject"]
    st.button("All alerts", icon=":material/arrow_back:", on_click=close_alert, type="tertiary")
    st.title(f"{alert['rule'][:1].upper()}{alert['rule'][1:]}: {show.plain(subject['key'])}", anchor=False)
    _badges(alert)
    st.text(alert["message"])
    st.caption(show.plain(proofs.reason(alert)))
    if alert["rule"] in proofs.ON_LEVELS:
        decide(chosen, subject["kind"], subject["key"], (alert["id"], alert["revision"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        if alert["state"] != "resolved" and data.may(chosen, "acknowledge"):
            _life(chosen, alert)
        if subject["kind"] == "annotator" and st.button("This annotator", icon=":material/person:", key="alert-person"):
            behind.annotator_page(subject["key"])
        if subject["kind"] == "annotator":
            earlier(chosen, subject["key"], alert["id"])
        if alert["rule"] in PAGES:
            file, name = PAGES[alert["rule"]]
            st.page_link(page(file), label=name, icon=":material/arrow_forward:")
    proofs.proof(chosen, alert)
    if data.may(chosen, "individuals"):
        _said(chosen, alert)
    _items(chosen, alert)


def _life(chosen: Selection, alert: Alert) -> None:
    key, seen = alert["id"], alert["revision"]
    if alert["state"] == "open":
        with st.popover("Acknowledge", icon=":material/visibility:"):
            st.text_input("What is being done about it?", key=f"comment-{key}")
            _button("Record", f"ack-{key}", deciding.acknowledge, chosen, key, seen)
    with st.popover("Resolve", icon=":material/check_circle:"):
        st.text_input("How was it dealt with?", key=f"resolve-{key}")
        _button("Close the alert", f"done-{key}", deciding.resolve, chosen, key, seen)
    if state_of(alert) == "asleep":
        _button("Wake", f"wake-{key}", deciding.wake, chosen, key, seen)
    else:
        with st.popover("Snooze", icon=":material/snooze:"):
            st.segmented_control("For so many days", (1, 3, 7, 14), default=3, required=True, key=f"snooze-{key}")
            _button("Let it sleep", f"sleep-{key}", deciding.snooze, chosen, key, seen)
    with st.popover("Owner", icon=":material/person_check:"):
        st.text_input("Who looks after it?", value=alert.get("owner") or "", key=f"owner-{key}")
        _button("Save", f"assign-{key}", deciding.assign, chosen, key, seen)


def _said(chosen: Selection, alert: Alert) -> None:
    with st.container(border=True):
        said = data.alert_comments(chosen, alert["id"])
        st.subheader("What was said", anchor=False)
        for row in said:
            st.caption(show.plain(f"{row['actor']}, {row['at']:%Y-%m-%d %H:%M} UTC"))
            st.text(row["text"])
        if not said:
            st.caption("Nothing yet.")
        if data.may(chosen, "acknowledge"):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                st.text_input("Comment", key=f"say-{alert['id']}", placeholder="It stays on the record")
                _button("Add", f"add-{alert['id']}", deciding.comment, chosen, alert["id"])


def _items(chosen: Selection, alert: Alert) -> None:
    items = alert["evidence"].get("items") or []
    if not items:
        return
    subject = alert["subject"]
    who = (subject["key"],) if subject["kind"] == "annotator" else ()
    behind.items(chosen, f"Items behind the alert: {several(len(items), 'item')}", items, who=who, key="alert-items")


def _button(label: str, key: str, use: Any, *args: Any) -> None:
    st.button(label, key=key, on_click=use, args=args)
