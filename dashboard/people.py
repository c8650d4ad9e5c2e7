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
    """Whether the reader may see the project: somebody signed in, or nobody has to."""
    return not login_configured() or bool(st.user.is_logged_in)


def sign_in() -> None:
    """What a reader sees who has to sign in first."""
    st.title("Annotation QC", anchor=False)
    st.text("Sign in to see the work of your team.")
    st.button("Sign in", type="primary", on_click=st.login)


def actor() -> str:
    """The name under which decisions are recorded: the e-mail of the login, else the account on this machine."""
    if login_configured():
        return str(st.user.email)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"
