"""Messages arrive once, as plain text, and no secret stands anywhere. A loopback server stands for the channels."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from qc.access import AccessError, Actor, Grant
from qc.cli import main
from qc.model import InputError, NotFoundError
from qc.model.notify import Channel, Notify
from qc.model.policy import AlertPolicy, Policy
from qc.notify import Message, harmless, plain, send
from qc.store.alerts import comments, move_alert, open_alert, open_alerts, snooze_alert
from qc.store.audit import audit_trail
from qc.store.deliveries import MOST_TRIES, claim, deliveries, finish
from qc.store.policies import save_policy
from qc.workspace import Workspace, check, notify, open_workspace

# Apprise looks at all of its plugins, of which some use what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SECRET = "T0PSECRET"


class Hook:
    """A server that keeps what it is sent, and can be told to refuse."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str]]] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((self.path, json.loads(body)))
                self.send_response(hook.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def do_GET(self) -> None:
                hook.got.append((self.path, {}))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/{SECRET}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    yield server
    server.close()


@pytest.fixture
def ws(tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("QC_TEST_HOOK", hook.url)
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / "qc.toml").write_text(
        '[notify]\nlink = "http://127.0.0.1:8501/"\n'
        '[notify.channels.team]\nurl = "env:QC_TEST_HOOK"\n'
        '[notify.channels.boss]\nurl = "env:QC_TEST_HOOK"\nleast = "critical"\n'
    )
    opened = open_workspace(folder)
    opened.store.add_project("tickets", "Tickets", "lead")
    yield opened
    opened.store.engine.dispose()


def alert(key: str, severity: str = "warning", message: str = "Ann errs.") -> dict[str, object]:
    return {
        "episode": f"rule|annotator|{key}|",
        "rule": "error rate above target",
        "severity": severity,
        "subject_kind": "annotator",
        "subject_key": key,
        "message": message,
        "evidence": {"value": 0.1, "threshold": 0.02, "n": 100, "items": []},
    }


def test_an_alert_is_sent_once_to_every_channel_that_wants_it(ws: Workspace, hook: Hook) -> None:
    open_alerts(ws.store, "tickets", [alert("a"), alert("b", "info"), alert("c", "critical")], "check")
    sent = notify.deliver(ws, "tickets")
    assert sent.sentence == "Sent to boss, team."
    assert [body["title"] for _, body in hook.got] == [
        "Annotation QC: 1 new alert in Tickets",
        "Annotation QC: 2 new alerts in Tickets",
    ]
    assert hook.got[1][1]["message"].splitlines() == [
        "critical: Ann errs.",
        "warning: Ann errs.",
        "http://127.0.0.1:8501/alerts?project=tickets",
    ]
    assert "&alert=" in hook.got[0][1]["message"]
    assert notify.deliver(ws, "tickets").sentence == "Nothing new to send."
    open_alert(ws.store, "tickets", alert("d"), "check")
    assert notify.deliver(ws, "tickets").sentence == "Sent to team."
    assert len(hook.got) == 3


def test_what_failed_is_tried_again_and_then_given_up(ws: Workspace, hook: Hook) -> None:
    open_alert(ws.store, "tickets", alert("a"), "check")
    hook.status = 500
    failed = notify.deliver(ws, "tickets")
    assert failed.sentence == (
        "Channel team (json) refused the message or could not be reached; it is tried again at the next check."
    )
    hook.status = 200
    assert notify.deliver(ws, "tickets").sentence == "Sent to team."
    assert [(row["channel"], row["ok"], row["tries"]) for row in deliveries(ws.store, "tickets")] == [("team", True, 2)]
    for _ in range(MOST_TRIES):
        assert claim(ws.store, "tickets", ["x"], "team", "check") == ["x"]
        finish(ws.store, "tickets", ["x"], "team", "is down", "check")
    assert claim(ws.store, "tickets", ["x"], "team", "check") == []


def test_two_checks_at_once_do_not_send_twice(ws: Workspace) -> None:
    assert claim(ws.store, "tickets", ["a", "b"], "team", "one") == ["a", "b"]
    assert claim(ws.store, "tickets", ["a", "b", "c"], "team", "other") == ["c"]


def test_a_redirect_is_not_followed(ws: Workspace, hook: Hook) -> None:
    hook.status = 302
    assert not send([Channel("team", hook.url)], Message("t", ("x",)))[0].ok
    assert len(hook.got) == 1


def test_a_sleeping_or_acknowledged_alert_is_not_sent_before_it_wakes(ws: Workspace, hook: Hook) -> None:
    first, second = open_alerts(ws.store, "tickets", [alert("a"), alert("b")], "check")
    later = datetime.now(UTC) + timedelta(hours=2)
    check.snooze(ws, "tickets", first, later, "lead", "on Monday")
    check.acknowledge(ws, "tickets", second, "lead")
    assert notify.deliver(ws, "tickets").sentence == "Nothing new to send."
    assert notify.deliver(ws, "tickets", now=later + timedelta(minutes=1)).sentence == "Sent to team."
    assert [row["text"] for row in comments(ws.store, "tickets", first)] == ["on Monday"]


def test_quiet_hours_let_messages_wait(ws: Workspace, hook: Hook) -> None:
    object.__setattr__(ws.settings.notify, "quiet_from", time(20))
    object.__setattr__(ws.settings.notify, "quiet_until", time(7))
    open_alert(ws.store, "tickets", alert("a"), "check")
    save_policy(ws.store, "tickets", Policy(timezone="Asia/Manila"), "lead", "")
    # 23:30 in Manila, UTC+8, and then 08:30.
    assert notify.deliver(ws, "tickets", now=datetime(2026, 3, 2, 15, 30, tzinfo=UTC)).sentence == (
        "Quiet hours: messages wait until 07:00; the next check sends them."
    )
    assert hook.got == []
    assert notify.deliver(ws, "tickets", now=datetime(2026, 3, 3, 0, 30, tzinfo=UTC)).sentence == "Sent to team."


def test_a_digest_goes_out_once_a_day_and_by_policy_once_a_week(ws: Workspace, hook: Hook) -> None:
    _kept, gone = open_alerts(ws.store, "tickets", [alert("a", "critical"), alert("b")], "check")
    move_alert(ws.store, "tickets", gone, "resolved", "lead")
    now = datetime.now(UTC)
    assert notify.digest(ws, "tickets", now=now).sentence == "Sent to boss, team."
    assert notify.digest(ws, "tickets", now=now).sentence == "Nothing new to send."
    lines = hook.got[0][1]["message"].splitlines()
    assert lines[0] == "1 alert open or acknowledged; in seven days 2 new, 1 resolved, 0 changes of review levels."
    assert lines[1:3] == ["1 × error rate above target", "critical: Ann errs."]
    assert notify.weekly_digest(ws, "tickets").deliveries == ()
    save_policy(ws.store, "tickets", Policy(alerts=AlertPolicy(weekly_digest=True)), "lead", "")
    monday = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert len(notify.weekly_digest(ws, "tickets", now=monday).deliveries) == 2
    assert notify.weekly_digest(ws, "tickets", now=monday + timedelta(days=6)).deliveries == ()
    assert len(notify.weekly_digest(ws, "tickets", now=monday + timedelta(days=7)).deliveries) == 2


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<!channel>", "‹!channel›"),
        ("@here", "＠here"),
        ("*b* _i_ `c` ~s~", "∗b∗ ＿i＿ ˋcˋ ∼s∼"),
        ("[x](https://evil.com)", "［x］(https:\u2060//evil.\u2060com)"),
        ("anno_01", "anno_01"),
        ("<a href='x'>", "‹a href='x'›"),
        ("a\nb\x00c\u202ed\u200be", "a bcde"),
        ("5.5 % at 12:30", "5.5 % at 12:30"),
        ("x" * 1000, "x" * 499 + "…"),
    ],
)
def test_names_are_plain_text(name: str, shown: str) -> None:
    assert plain(name) == shown


def test_a_hostile_name_arrives_harmless(ws: Workspace, hook: Hook) -> None:
    open_alert(ws.store, "tickets", alert("x", message="<!channel> see [here](http://evil.com) @all errs."), "check")
    notify.deliver(ws, "tickets")
    said = hook.got[0][1]["message"].splitlines()[0]
    assert not set("<>@[]*`") & set(said)
    assert "evil.com" not in said


def test_no_secret_stands_anywhere(
    ws: Workspace, hook: Hook, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").disabled = False
    open_alert(ws.store, "tickets", alert("a", "critical"), "check")
    hook.status = 403
    said = [notify.deliver(ws, "tickets").sentence, str(notify.test(ws, "tickets", "team", "lead"))]
    said += [repr(ws.settings), str(notify.channels(ws, "tickets")), str(deliveries(ws.store, "tickets"))]
    said += [str(audit_trail(ws.store, "tickets")), *capsys.readouterr()]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("urllib3")]
    assert not [text for text in (*said, *ours) if SECRET in text]
    assert notify.channels(ws, "tickets")[1]["scheme"] == "json"


def test_a_test_message_goes_to_one_channel_and_is_on_the_trail(ws: Workspace, hook: Hook) -> None:
    assert notify.test(ws, "tickets", "team", "lead").ok
    assert hook.got[0][1]["message"].startswith("This is a test from lead. Alerts of Tickets arrive here.")
    assert audit_trail(ws.store, "tickets")[0]["action"] == "test channel"
    with pytest.raises(NotFoundError, match=r"no channel 'nobody'"):
        notify.test(ws, "tickets", "nobody", "lead")
    reviewer = ws.acting_as(Actor("rita", frozenset({Grant("tickets", "reviewer")})))
    with pytest.raises(AccessError):
        notify.test(reviewer, "tickets", "team", "rita")


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("env:QC_NOT_SET", "channel team has no address: set the variable QC_NOT_SET, such as slack://… or json://…"),
        (SECRET, "channel team has no address: write its address in qc.toml, such as slack://… or json://…"),
        (f"nope://{SECRET}", "channel team: its nope address is not understood; see docs/alerts.md"),
    ],
)
def test_an_address_that_cannot_be_says_what_to_do(address: str, problem: str) -> None:
    (found,) = send([Channel("team", address)], Message("t", harmless(["x"])))
    assert (found.ok, found.problem) == (False, problem)


@pytest.mark.parametrize(
    "table",
    [
        [],
        {"chanels": {}},
        {"channels": []},
        {"channels": {"Team!": {"url": SECRET}}},
        {"channels": {"team": {"adress": SECRET}}},
        {"channels": {"team": {"url": SECRET, "least": "loud"}}},
        {"channels": {"team": {"url": 1}}},
        {"link": "javascript:alert(1)"},
        {"quiet_from": "20:00"},
        {"quiet_from": "late", "quiet_until": "07:00"},
    ],
)
def test_settings_that_cannot_be_are_refused_without_repeating_them(table: object) -> None:
    with pytest.raises(InputError) as refused:
        Notify.from_table(table)
    assert SECRET not in str(refused.value)


def test_hours_within_a_day_are_quiet_too() -> None:
    noon = Notify.from_table({"quiet_from": "12:00", "quiet_until": "13:00"})
    assert [noon.quiet(datetime(2026, 3, 2, hour, 30)) for hour in (11, 12, 13)] == [False, True, False]


def test_without_a_channel_the_command_says_so(tmp_path: Path) -> None:
    opened = open_workspace(tmp_path / "none")
    opened.store.add_project("tickets", None, "lead")
    with pytest.raises(InputError, match="No channel is set"):
        notify.deliver(opened, "tickets")
    opened.store.engine.dispose()
    help_text = CliRunner().invoke(main, ["check", "--help"]).output
    assert "--notify" in help_text
    assert "--digest" in help_text


def test_people_talk_about_an_alert_and_hand_it_over(ws: Workspace) -> None:
    key = open_alert(ws.store, "tickets", alert("a"), "check")
    check.assign(ws, "tickets", key, " mara ", "lead")
    check.comment(ws, "tickets", key, "I look at it.", "mara")
    assert [(row["seq"], row["actor"], row["text"]) for row in check.comments(ws, "tickets", key)] == [
        (1, "mara", "I look at it.")
    ]
    with pytest.raises(InputError, match="in the future"):
        check.snooze(ws, "tickets", key, datetime.now(UTC) - timedelta(hours=1), "lead")
    with pytest.raises(NotFoundError):
        check.assign(ws, "tickets", "nothing", "mara", "lead")
    until = datetime.now(UTC) + timedelta(hours=1)
    snooze_alert(ws.store, "tickets", key, until, "lead", None)
    check.wake(ws, "tickets", key, "lead")
    check.resolve(ws, "tickets", key, "lead", "done")
    actions = [row["action"] for row in reversed(audit_trail(ws.store, "tickets"))]
    assert actions[-6:] == ["open alert", "assign", "comment", "snooze", "wake", "resolved"]
