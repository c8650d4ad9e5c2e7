"""Whose word counts at the door: a proxy's header from its address alone, and links that lead nowhere else.

Takes three seconds.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.datastructures import Headers

from dashboard import server
from dashboard.door import LINK, SIGNED_IN, KeepLink, NamedByProxy
from dashboard.people import PERSON_HEADER, SEAL
from qc.model import InputError
from qc.model.login import Login
from qc.settings import load

PROXY = Login("X-Forwarded-Email", ("127.0.0.1", "10.0.0.0/8"))


def through(door: Any, path: str = "/", query: str = "", peer: str | None = "127.0.0.1", **scope: Any) -> Any:
    """What the app behind the door saw, and what was sent: (scope or None, [messages])."""
    seen, sent = [], []

    async def app(inner: Any, _receive: Any, send: Any) -> None:
        seen.append(inner)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    asked = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in scope.pop("headers", ())],
        "client": (peer, 4711) if peer else None,
        **scope,
    }
    # In a thread of its own: a browser driven in this one keeps an event loop running.
    with ThreadPoolExecutor(1) as alone:
        alone.submit(lambda: asyncio.run(door(app)(asked, None, send))).result()
    return (seen[0] if seen else None), sent


def name_behind(**asked: Any) -> str | None:
    scope, _ = through(lambda app: NamedByProxy(app, PROXY), **asked)
    headers = Headers(scope=scope)
    assert "x-forwarded-email" not in headers
    return headers.get(PERSON_HEADER)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "10.9.8.7"])
def test_a_proxy_names_the_person(kind: str, peer: str) -> None:
    asked = {"peer": peer, "type": kind, "headers": [("X-Forwarded-Email", "ann@example.org")]}
    assert name_behind(**asked) == f"{SEAL} ann@example.org"


@pytest.mark.parametrize("peer", ["192.0.2.7", "::1", "11.0.0.1", None, "unix"])
def test_nobody_else_names_anybody(peer: str | None) -> None:
    assert name_behind(peer=peer, headers=[("X-Forwarded-Email", "ann@example.org")]) is None


def test_a_sealed_name_cannot_be_brought_along() -> None:
    assert name_behind(headers=[(PERSON_HEADER, f"{SEAL} ann@example.org")]) is None
    both = [(PERSON_HEADER, "x eve"), ("X-Forwarded-Email", "ann@example.org")]
    assert name_behind(headers=both) == f"{SEAL} ann@example.org"


@pytest.mark.parametrize("names", [[], [""], [" "], ["ann", "eve"]])
def test_no_name_and_two_names_are_nobody(names: list[str]) -> None:
    assert name_behind(headers=[("X-Forwarded-Email", name) for name in names]) is None


def keep(**asked: Any) -> tuple[Any, Headers]:
    scope, sent = through(lambda app: KeepLink(app, frozenset({"", "overview", "agreement"})), **asked)
    return scope, Headers(raw=sent[0]["headers"])


def test_a_link_is_kept_over_the_sign_in() -> None:
    scope, headers = keep(path="/agreement", query="project=tickets&site=a%20b")
    assert scope is not None
    kept = headers["set-cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept
    cookie = kept.split(";")[0]
    scope, headers = keep(headers=[("Cookie", f"{SIGNED_IN}=x; {cookie}")])
    assert scope is None
    assert headers["location"] == "/agreement?project=tickets&site=a%20b"
    assert f'{LINK}=""' in headers["set-cookie"]


@pytest.mark.parametrize(
    "link",
    [
        "//evil.example/agreement",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/nosuch",
        "agreement",
    ],
)
def test_a_forged_link_leads_to_the_start(link: str) -> None:
    scope, headers = keep(headers=[("Cookie", f"{SIGNED_IN}=x; {LINK}={quote(link, safe='')}")])
    assert scope is None
    assert headers["location"] == "/"


@pytest.mark.parametrize(
    ("path", "query", "cookie"),
    [
        ("/", "", ""),
        ("/_stcore/health", "a=1", ""),
        ("/agreement", "a=1", f"{SIGNED_IN}=x"),
        ("/agreement", "a" * 3000, ""),
    ],
)
def test_nothing_else_is_noted(path: str, query: str, cookie: str) -> None:
    scope, headers = keep(path=path, query=query, headers=[("Cookie", cookie)])
    assert scope is not None
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('header = "X-User"', "needs both"),
        ('proxies = ["127.0.0.1"]', "needs both"),
        ('header = "X User"\nproxies = ["127.0.0.1"]', "no header's name"),
        ('header = "X-User"\nproxies = ["everywhere"]', "no address or network"),
        ('header = "X-User"\nproxies = "127.0.0.1"', "needs both|no address"),
        ('user = "X-User"', "nothing else"),
    ],
)
def test_a_login_that_could_let_somebody_in_by_mistake_is_refused(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "qc.toml").write_text(f"[login]\n{table}\n", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load(tmp_path)


def test_a_login_is_read_from_the_workspace(tmp_path: Path) -> None:
    assert load(tmp_path).login == Login()
    (tmp_path / "qc.toml").write_text(
        '[login]\nheader = "X-Forwarded-Email"\nproxies = ["127.0.0.1", "10.0.0.0/8"]\n', encoding="utf-8"
    )
    assert load(tmp_path).login == PROXY


def test_two_logins_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "qc.toml").write_text('[login]\nheader = "X-User"\nproxies = ["127.0.0.1"]\n', encoding="utf-8")
    monkeypatch.setattr(server, "login_configured", lambda: True)
    with pytest.raises(InputError, match="Two logins"):
        server.serve(tmp_path)
