"""Signing in, in a real browser: by a proxy's header and by an identity provider; roles end at the next click.

The provider is one of forty lines on loopback that signs everybody in as the same person. Takes a minute.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.sync_api import expect

from .conftest import ROOT, Visitor, qc, wait_for

REVIEWER, LEAD = "rae@example.org", "leo@example.org"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def serving(workspace, port, folder=ROOT):
    command = [sys.executable, "-m", "dashboard.server", "--workspace", str(workspace), "--port", str(port)]
    log = (workspace.parent / f"server-{port}.log").open("w")
    server = subprocess.Popen(command, cwd=folder, env=None, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@contextmanager
def browsing(chromium):
    """Makes people's browsers, and closes them before the server waits for their connections to end."""
    opened = []

    def person(**options):
        opened.append(chromium.new_context(**options))
        return opened[-1]

    try:
        yield person
    finally:
        for context in opened:
            context.close()


@pytest.fixture(scope="module")
def home(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("people") / "workspace"
    qc("ingest", ROOT / "sample_exports" / "support_tickets.json", "--project", "tickets", "--workspace", folder)
    qc("sample", "--project", "tickets", "--workspace", folder)
    return folder


def role(home, what, who, name):
    qc("people", what, "--project", "tickets", "--role", who, name, "--workspace", home)


def test_a_proxy_says_who_it_is_and_a_role_ends_at_the_next_click(chromium, home):
    (home / "qc.toml").write_text('[login]\nheader = "X-User"\nproxies = ["127.0.0.1"]\n', encoding="utf-8")
    role(home, "grant", "reviewer", REVIEWER)
    with serving(home, free_port()) as address, browsing(chromium) as people:
        stranger = Visitor(people().new_page(), address)
        stranger.open()
        expect(stranger.page.get_by_text("Your proxy did not say who you are.")).to_be_visible()
        expect(stranger.page.get_by_test_id("stSidebarNav")).to_have_count(0)

        rae = Visitor(people(extra_http_headers={"X-User": REVIEWER}).new_page(), address)
        rae.open("review")
        menu = rae.page.get_by_test_id("stSidebarNav")
        expect(menu.get_by_text("Spot checks")).to_be_visible()
        for hidden in ("Annotators", "Settings", "My work"):
            expect(menu.get_by_text(hidden, exact=True)).to_have_count(0)
        accept = rae.page.get_by_role("button", name="Accept")
        accept.click()
        expect(rae.page.get_by_text("1 recorded in this session")).to_be_visible()
        rae.open("annotators")
        expect(rae.page.get_by_text("may not see the names and figures of single people")).to_be_visible()
        rae.open("review")
        role(home, "revoke", "reviewer", REVIEWER)
        accept.click()
        expect(rae.page.get_by_text("ask a lead or an admin")).to_be_visible()
        expect(accept).to_have_count(0)
        assert stranger.complaints == rae.complaints == []


class Provider(BaseHTTPRequestHandler):
    """Discovery, authorisation, token and keys of OpenID Connect Core 1.0; says yes to everybody."""

    key = RSAKey.generate_key(2048, {"kid": "one"})
    nonces: ClassVar[dict[str, str]] = {}

    def log_message(self, *_):
        pass

    def do_GET(self):
        here = f"http://{self.headers['Host']}"
        path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/authorize":
            code = str(time.monotonic_ns())
            self.nonces[code] = asked["nonce"][0]
            self.send_response(302)
            back = f"{asked['redirect_uri'][0]}?code={code}&state={quote(asked['state'][0])}"
            self.send_header("Location", back)
            self.end_headers()
        elif path == "/keys":
            self.reply({"keys": [self.key.as_dict(private=False)]})
        else:
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            supported = {
                "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "subject_types_supported": ["public"],
            }
            self.reply({"issuer": here, **{name: f"{here}/{end}" for name, end in ends.items()}, **supported})

    def do_POST(self):
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        here, now = f"http://{self.headers['Host']}", int(time.time())
        claims = {"iss": here, "aud": "qc", "sub": "1", "iat": now, "exp": now + 600, "email": LEAD}
        claims["nonce"] = self.nonces.pop(asked["code"][0])
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        self.reply({"access_token": "x", "token_type": "Bearer", "id_token": token, "expires_in": 600})

    def reply(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_link_leads_to_its_page_after_the_sign_in(chromium, home, provider, tmp_path, monkeypatch):
    (home / "qc.toml").unlink(missing_ok=True)
    role(home, "grant", "lead", LEAD)
    port = free_port()
    secrets = {
        "redirect_uri": f"http://127.0.0.1:{port}/oauth2callback",
        "cookie_secret": "a secret of thirty-two signs or more",
        "client_id": "qc",
        "client_secret": "x",
        "server_metadata_url": f"{provider}/.well-known/openid-configuration",
    }
    (tmp_path / ".streamlit").mkdir()
    lines = [f'{name} = "{value}"' for name, value in secrets.items()]
    (tmp_path / ".streamlit" / "secrets.toml").write_text("[auth]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with serving(home, port, tmp_path) as address, browsing(chromium) as people:
        page = people().new_page()
        page.goto(f"{address}/agreement?project=tickets&site=cebu")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Agreement")).to_be_visible(timeout=60_000)
        assert urlsplit(page.url).path == "/agreement"
        assert parse_qs(urlsplit(page.url).query)["site"] == ["cebu"]
        expect(page.get_by_test_id("stSidebarNav").get_by_text("Annotators", exact=True)).to_be_visible()
        page.goto(address)
        expect(page.get_by_role("heading", name="What stands out")).to_be_visible(timeout=60_000)
        role(home, "revoke", "lead", LEAD)
        page.get_by_test_id("stSidebarNav").get_by_text("Annotators", exact=True).click()
        expect(page.get_by_text("ask a lead or an admin")).to_be_visible()
