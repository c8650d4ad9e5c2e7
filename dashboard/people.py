"""Who sits in front of the dashboard."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

import streamlit as st

from dashboard.show import plain
from qc.access import Actor, local
from qc.model import QcError
from qc.workspace import Workspace

NOBODY: Final = Actor("Nobody")

# The server vouches for a name that a proxy gave by putting this before it, which nobody outside the process knows.
PERSON_HEADER: Final = "X-QC-Person"
SEAL: Final = secrets.token_hex(16)


def login_configured() -> bool:
    """Whether secrets name an identity provider."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def signed_in(ws: Workspace) -> str | None:
    """The name of the login, None where nobody is signed in; without any login, the account on this machine."""
    if ws.settings.login.header:
        seal, _, name = (st.context.headers.get(PERSON_HEADER) or "").partition(" ")
        return name if hmac.compare_digest(seal.encode(), SEAL.encode()) else None
    if not login_configured():
        return local().name
    # Some providers say it in a word.
    if not st.user.is_logged_in or str(st.user.get("email_verified", True)).lower() == "false":
        return None
    return str(st.user.get("email") or "") or None


def reader(ws: Workspace) -> Actor:
    """Who reads, with the roles that the record holds now: with a login nobody is more than it says there."""
    name = signed_in(ws)
    if name is None:
        return NOBODY
    if not ws.settings.login.header and not login_configured():
        return local()
    try:
        return ws.person(name)
    except QcError:
        return NOBODY


def badge(ws: Workspace) -> None:
    """Who reads, below the filters, with a way out."""
    with st.sidebar:
        if not ws.settings.login.header and not login_configured():
            st.caption("No login is configured: whoever sits at this machine may do everything.")
            return
        st.caption(f"Signed in as {plain(ws.actor.name)}")
        if login_configured():
            st.button("Sign out", on_click=st.logout, icon=":material/logout:", width="stretch")


def sign_in(ws: Workspace) -> None:
    """What a reader sees who has to sign in first."""
    st.title("Annotation QC", anchor=False)
    if ws.settings.login.header:
        st.text(
            "Your proxy did not say who you are. Open this page through it, and ask its admin if that does not help."
        )
    elif st.user.is_logged_in:
        st.text("Your login names no e-mail address that was verified: ask the admin of your identity provider.")
        st.button("Sign out", on_click=st.logout)
    else:
        st.text("Sign in to see the work of your team.")
        st.button("Sign in", type="primary", on_click=st.login)
