"""Where alerts are sent, and a button that tries it."""

import streamlit as st

from dashboard import data, show
from dashboard.data import Selection
from qc.model import QcError
from qc.workspace import notify


def _test(project: str, channel: str) -> None:
    try:
        st.session_state["channel-tested"] = notify.test(data.workspace(), project, channel, data.actor())
    except QcError as error:
        st.session_state["channel-error"] = error


def channels(chosen: Selection) -> None:
    """The channels of the workspace, each with its last delivery and a test; nothing for who may not test them."""
    if not data.may(chosen, "notify"):
        return
    st.subheader("Channels", anchor=False)
    if error := st.session_state.pop("channel-error", None):
        show.failed(error)
    if tested := st.session_state.pop("channel-tested", None):
        if tested.ok:
            st.success(f"The test message went to {tested.channel}.", icon=":material/check:")
        else:
            st.error(show.plain(f"{tested.problem}."), icon=":material/error:")
    known = notify.channels(data.workspace(), chosen.project)
    if not known:
        show.nothing(
            "Alerts are sent nowhere.",
            "Name a channel in [notify.channels] of qc.toml: Slack, e-mail, a webhook; docs/alerts.md shows how.",
        )
        return
    st.text("Each alert goes once to every channel that wants its severity, when qc check --notify runs.")
    for channel in known:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            last = channel["last"]
            st.text(f"{channel['name']} ({channel['scheme'] or 'no address'}), from {channel['least']} on")
            if channel["missing"]:
                st.caption(show.plain(f"{channel['missing']}."))
            elif last is not None:
                how = "arrived" if last["ok"] else "failed"
                st.caption(show.plain(f"last message {how} {last['at']:%Y-%m-%d %H:%M} UTC"))
            st.button(
                f"Test {channel['name']}",
                key=f"test-{channel['name']}",
                on_click=_test,
                args=(chosen.project, channel["name"]),
                disabled=channel["missing"] is not None,
                icon=":material/send:",
            )
