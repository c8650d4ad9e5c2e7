"""Serves the dashboard: Streamlit's ASGI app, behind headers that let it load nothing from elsewhere."""

from __future__ import annotations

import argparse
import base64
import errno
import hashlib
import ipaddress
import os
import re
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import streamlit as st
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from dashboard.door import KeepLink, NamedByProxy
from dashboard.people import login_configured
from qc.model import InputError, QcError
from qc.model.login import Login
from qc.workspace.serve import login_of

_SCRIPT = Path(__file__).parent.parent / "streamlit_app.py"
_PAGES = Path(__file__).parent / "pages"
_INDEX = Path(st.__file__).parent / "static" / "index.html"
_INLINE: Final = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def content_security_policy(index: str) -> str:
    """The policy for a page: everything from here, and of inline scripts only those of Streamlit's own `index`."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in _INLINE.findall(index)]
    scripts = " ".join(["'self'", "'wasm-unsafe-eval'", *(f"'sha256-{digest}'" for digest in hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'"
    )


class SecurityHeaders:
    """Adds the security headers to every HTTP response."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the head of its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, completed)


async def healthz(_: Request) -> JSONResponse:
    """Says that the process serves."""
    return JSONResponse({"status": "ok"})


async def to_start(request: Request) -> RedirectResponse:
    """The first page has no address of its own in Streamlit; its name leads to the root, with the same query."""
    query = request.url.query
    return RedirectResponse(f"/?{query}" if query else "/")


def application(login: Login) -> st.App:
    """The ASGI application of this process, behind the door that the workspace's login asks for."""
    policy = content_security_policy(_INDEX.read_text(encoding="utf-8"))
    doors = []
    if login.header:
        doors.append(Middleware(NamedByProxy, login=login))
    elif login_configured():
        doors.append(Middleware(KeepLink, pages=frozenset({"", *(path.stem for path in _PAGES.glob("*.py"))})))
    return st.App(
        _SCRIPT,
        routes=[Route("/healthz", healthz), Route("/overview", to_start)],
        middleware=[Middleware(SecurityHeaders, policy=policy), *doors],
    )


def serve(workspace: Path, host: str = "127.0.0.1", port: int = 8501) -> None:
    """Serve a workspace until stopped.

    InputError for an address others can reach while nobody has to sign in, and for one that cannot be listened on.
    """
    login = login_of(workspace)
    if login.header and login_configured():
        raise InputError("Two logins are configured: keep [login] in qc.toml or [auth] in .streamlit/secrets.toml.")
    if not _loopback(host) and not login.header and not login_configured():
        raise InputError(
            f"{host} can be reached from other machines, and no login is configured: keep --host 127.0.0.1, or name "
            "an identity provider under [auth] in .streamlit/secrets.toml or a proxy under [login] in qc.toml."
        )
    os.environ["QC_WORKSPACE"] = str(workspace)
    listening = listen(host, port)
    app = application(login)
    if _loopback(host) and not login.header and not login_configured():
        # A page elsewhere must not reach this one by giving its own name the address 127.0.0.1.
        config.set_option("server.allowedHosts", ["localhost", "127.0.0.1", "[::1]", "::1"])
    shown = f"[{host}]" if ":" in host else host
    print(f"Annotation QC at http://{shown}:{port} (stop with Ctrl+C)", flush=True)
    with suppress(KeyboardInterrupt):
        # The address of the peer is what a proxy is trusted by: no header may put another in its place.
        asked = uvicorn.Config(app, log_level="warning", server_header=False, proxy_headers=False)
        uvicorn.Server(asked).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on the address; InputError, with what to do, where that cannot be."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"Port {port} is in use by another program; stop it or choose another with --port."
            ) from error
        raise InputError(
            f"Port {port} of {host} cannot be opened ({error.strerror}); choose another with --port or --host."
        ) from error


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main() -> None:
    """`python -m dashboard.server --workspace FOLDER --host ADDRESS --port N`."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.server", description=__doc__)
    parser.add_argument("--workspace", type=Path, default=Path(os.environ.get("QC_WORKSPACE", "./qc-workspace")))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    chosen = parser.parse_args()
    try:
        serve(chosen.workspace, chosen.host, chosen.port)
    except QcError as error:
        sys.exit(f"qc: {error}")


if __name__ == "__main__":
    main()
