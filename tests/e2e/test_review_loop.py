"""The loop that the product serves, in a real browser: work gets worse, the lead is called and decides, it gets better.

A week of good work; a week in which one person errs in every third answer; the alert that a check sends to a webhook;
the lead who follows its link, sees the proof and the items, and approves; the next sample, which takes four times as
much of that person; good work, after which the lead lets the level sink again. Takes two minutes on two free cores,
most of it the twenty commands.
"""

from __future__ import annotations

import csv
import json
import os
import re
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import expect
from review_loop import PEOPLE, WORSE, fill, write_wave

from qc.workspace import open_workspace, policy

from .conftest import ROOT, Visitor, wait_for

PROJECT = "mail"
ANSWERS = 240
# The least that must be judged before a level sinks is 60 by lot: 20 % of 500, of which 7 in 10 go by lot.
GOOD_ANSWERS = 500
SECRET = "hook-S3CRET"


class Hook:
    """A webhook on this machine: it keeps what it is sent."""

    def __init__(self):
        self.bodies = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                hook.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_args):
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/{SECRET}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Team:
    """The commands that somebody at a terminal gives, and what they brought."""

    def __init__(self, folder, hook):
        self.folder, self.workspace = folder, folder / "workspace"
        self.environment = {**os.environ, "QC_LOOP_HOOK": hook.url}
        self.wave = 0

    def qc(self, *arguments, exits=(0,)):
        command = [sys.executable, "-m", "qc.cli", *map(str, arguments), "--project", PROJECT]
        done = subprocess.run(
            [*command, "--workspace", str(self.workspace)],
            cwd=ROOT, capture_output=True, text=True, check=False, env=self.environment,
        )  # fmt: skip
        assert done.returncode in exits, done.stderr
        assert SECRET not in done.stdout + done.stderr
        return done.stdout + done.stderr

    def work(self, answers, *, bad):
        """A week of everybody's work arrives."""
        export = write_wave(self.folder / f"week-{self.wave}.csv", self.wave, answers, bad=bad)
        self.wave += 1
        self.qc("ingest", export)

    def sample(self, *options):
        """The sheet of the next sample, and how many answers of each person stand on it."""
        sheet = self.folder / f"sheet-{self.wave}.csv"
        self.qc("sample", "--out", sheet, *options)
        with sheet.open(newline="", encoding="utf-8-sig") as file:
            rows = [row["item_id"] for row in csv.DictReader(file)]
        # Names must not sway a verdict: only the items tell whose answers these are.
        people = [who for at, who in enumerate(PEOPLE) for item in set(rows) if item.split("-")[1] == str(at)]
        return sheet, {who: people.count(who) for who in PEOPLE}

    def review(self, sheet):
        """Fill the sheet in by the truth and record it."""
        found = fill(sheet)
        self.qc("review", sheet)
        return found

    def check(self):
        """The check that a scheduler would make, with messages; it exits 1 while a warning is open."""
        return self.qc("check", "--notify", exits=(0, 1))


@pytest.fixture
def hook():
    server = Hook()
    yield server
    server.close()


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def team(chromium, tmp_path, hook, port):
    """A workspace with a webhook, whose levels wait for a lead, after a first week of good work."""
    found = Team(tmp_path, hook)
    found.workspace.mkdir()
    (found.workspace / "qc.toml").write_text(
        f'[notify]\nlink = "http://127.0.0.1:{port}"\n[notify.channels.lead]\nurl = "env:QC_LOOP_HOOK"\n'
    )
    found.work(ANSWERS, bad=False)
    opened = open_workspace(found.workspace)
    decided = opened.policy(PROJECT)
    waiting = replace(decided, errors=replace(decided.errors, automatic=False))
    policy.save(opened, PROJECT, waiting, "lea", "a lead decides on levels")
    opened.store.engine.dispose()
    return found


@pytest.fixture
def lead(chromium, team, port):
    """The lead's browser, before the server on that workspace."""
    log = (team.folder / "server.log").open("w")
    command = [sys.executable, "-m", "dashboard.server", "--workspace", str(team.workspace), "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    wait_for(address, server)
    context = chromium.new_context(viewport={"width": 1360, "height": 1000}, timezone_id="UTC")
    visitor = Visitor(context.new_page(), address)
    yield visitor
    context.close()
    server.terminate()
    server.wait(20)
    log.close()
    assert visitor.complaints == []


def follow(visitor, link):
    """Open a link as a mail or chat program would."""
    visitor.page.goto(link)
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible(timeout=120_000)
    visitor.settle()


def sent(hook, words):
    """The last message that the webhook got, which must hold these words."""
    assert hook.bodies, "nothing was sent"
    body = hook.bodies[-1]
    assert words in body["message"], body
    return body["message"]


# Twenty processes and a browser on a machine that others use, too.
@pytest.mark.timeout(1_200)
def test_from_worse_work_to_a_decision_and_back(team, hook, lead):
    page = lead.page

    # A good week: nobody is called.
    sheet, _ = team.sample("--rate", "0.15")
    team.review(sheet)
    team.check()
    assert not any("review goes" in body["message"] for body in hook.bodies)

    # The next export holds worse work of one person; what is drawn of it at the usual rate shows it.
    team.work(ANSWERS, bad=True)
    sheet, drawn = team.sample("--rate", "0.15")
    assert max(drawn.values()) <= 1.5 * min(drawn.values())
    assert team.review(sheet)["reject"] > 0
    told = team.check()
    assert "review goes from normal to tightened" in told
    message = sent(hook, "review goes from normal to tightened")
    assert team.qc("check", "--notify", exits=(0, 1)).count("Nothing new to send") == 1

    # The lead opens the link, and from the list, where several alerts came in one message, the one on the level.
    link = re.search(r"http://127\.0\.0\.1:\d+/\S+", message).group()
    follow(lead, link)
    opening = page.locator("[class*='st-key-card-']").filter(has_text="raise review level")
    if "alert=" not in link:
        opening.get_by_role("button", name="Proof and items").click()
    expect(lead.heading(re.compile("^Raise review level: "))).to_be_visible(timeout=30_000)
    lead.settle()
    expect(page).to_have_url(re.compile("alert="))
    deep = page.url

    # The proof as a chart, the items behind it, and what is asked of the lead.
    expect(page.locator(".st-key-annotator-chart-cusum-chart .main-svg").first).to_be_visible(timeout=60_000)
    expect(page.locator(".st-key-annotator-chart-cusum-chart")).to_contain_text("alarm")
    expect(lead.heading(re.compile(r"^Items behind the alert: \d+ items?"))).to_be_visible()
    expect(page.locator(".st-key-alert-items-table").get_by_test_id("stDataFrame")).to_be_visible()
    expect(page.get_by_text("The evidence asks for tightened.")).to_be_visible()

    # The address of one alert can be sent on: it opens the same in a fresh window.
    follow(lead, deep)
    expect(lead.heading(re.compile("^Raise review level: "))).to_be_visible()

    # The lead approves.
    page.get_by_role("button", name="Approve: tightened").click()
    expect(page.get_by_text("Review is tightened: 20.0 % of new answers are checked.")).to_be_visible(timeout=60_000)
    lead.settle()
    expect(page.get_by_text("Approved: review is tightened.")).to_be_visible()
    expect(lead.heading("Changes of the review level")).to_be_visible()

    # Good work again; the levels alone decide what is drawn of it: a fifth of that person, a twentieth of the others.
    team.work(GOOD_ANSWERS, bad=False)
    sheet, drawn = team.sample()
    assert 0.17 * GOOD_ANSWERS <= drawn[WORSE] <= 0.25 * GOOD_ANSWERS
    assert all(0.03 * GOOD_ANSWERS <= drawn[who] <= 0.08 * GOOD_ANSWERS for who in PEOPLE if who != WORSE)
    team.review(sheet)
    assert "review goes from tightened to normal" in team.check()

    # The lead sees what waits, and lets the level sink.
    follow(lead, f"{lead.address}/alerts?project={PROJECT}")
    expect(lead.heading(re.compile("1 change of level waiting for a lead"))).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Approve: normal").click()
    lead.settle()
    expect(lead.heading(re.compile("waiting for a lead"))).to_have_count(0)

    # From now on that person is drawn as everybody is.
    team.work(ANSWERS, bad=False)
    _, drawn = team.sample()
    assert drawn[WORSE] <= 0.09 * ANSWERS
