"""Who sits in front of the dashboard."""

from __future__ import annotations

import getpass

import streamlit as st


def login_configured() -> bool:
    """Whether secrets name an identity provider; without one the dashboard serves one person on loopback."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def admitted() -> bool:
    """Whether the reader may go on; shows the way to sign in where they may not."""
    if not login_configured() or st.user.is_logged_in:
        return True
    st.title("Annotation QC")
    st.text("Sign in to see the work of your team.")
    st.button("Sign in", type="primary", on_click=st.login)
    return False


def actor() -> str:
    """The name under which decisions are recorded: the e-mail of the login, else the account on this machine."""
    if login_configured():
        return str(st.user.email)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"
