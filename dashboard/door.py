"""What stands before the pages while people have to sign in: whose word counts, and where they wanted to go."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.people import PERSON_HEADER, SEAL
from qc.model.login import Login

LINK: Final = "qc_link"
LINK_SECONDS: Final = 600
LONGEST_LINK: Final = 2_000
# Streamlit sets it for who is signed in; its signature is checked by Streamlit, not here.
SIGNED_IN: Final = "_streamlit_user"


class NamedByProxy:
    """Takes a person's name from a header, from a trusted address alone, and hands it on where no client can write.

    A name that came twice counts as none: a proxy that adds its header to the client's would let anybody in.
    """

    def __init__(self, app: ASGIApp, login: Login) -> None:
        self.app = app
        self.login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the sealed name, or with none."""
        if scope["type"] in ("http", "websocket"):
            names = Headers(scope=scope).getlist(self.login.header)
            headers = MutableHeaders(raw=[*scope["headers"]])
            for name in (PERSON_HEADER, self.login.header):
                del headers[name]
            peer = scope["client"][0] if scope.get("client") else None
            if len(names) == 1 and names[0].strip() and self.login.trusts(peer):
                headers[PERSON_HEADER] = f"{SEAL} {names[0].strip()}"
            scope = {**scope, "headers": headers.raw}
        await self.app(scope, receive, send)


class KeepLink:
    """Leads people after they signed in to the page that they had asked for: the sign-in itself forgets it."""

    def __init__(self, app: ASGIApp, pages: frozenset[str]) -> None:
        self.app = app
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note in a cookie what somebody asks for who is not signed in; send them there once they are."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        path, query = scope["path"], scope["query_string"].decode("latin-1")
        cookies = _cookies(Headers(scope=scope).get("cookie", ""))
        signed_in = any(name == SIGNED_IN or name.startswith(f"{SIGNED_IN}_") for name in cookies)
        if path == "/" and not query and signed_in and LINK in cookies:
            wanted = unquote(cookies[LINK])
            answer = RedirectResponse(wanted if self._here(wanted) else "/")
            answer.delete_cookie(LINK, httponly=True, samesite="lax")
            await answer(scope, receive, send)
            return
        link = f"{path}?{query}" if query else path
        if signed_in or link == "/" or len(link) > LONGEST_LINK or not self._here(link):
            await self.app(scope, receive, send)
            return
        kept = f"{LINK}={quote(link, safe='')}; Max-Age={LINK_SECONDS}; Path=/; HttpOnly; SameSite=Lax"

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", kept)
            await send(message)

        await self.app(scope, receive, noted)

    def _here(self, link: str) -> bool:
        """Whether a link leads to a page of this dashboard, and nowhere else."""
        try:
            parts = urlsplit(link)
        except ValueError:
            return False
        plain = link.startswith("/") and not link.startswith(("//", "/\\")) and link.isprintable()
        return plain and not parts.scheme and not parts.netloc and parts.path.strip("/") in self.pages


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
