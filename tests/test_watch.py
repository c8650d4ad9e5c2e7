"""A watched folder: what arrives is taken in once, whole, in order, and nothing is lost when the watcher is killed.

Each export is a small sheet. Takes two minutes, most of it for processes that are killed on purpose.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qc.model import ConflictError, InputError
from qc.model.notify import Channel, Notify
from qc.notify import Delivery, Message
from qc.store.audit import Wanted, audit_trail
from qc.store.imports import imports
from qc.workspace import Workspace, open_workspace, report
from qc.workspace import ingest as ingesting
from qc.workspace import notify as messages
from qc.workspace import watch as watching
from qc.workspace.check import Checked
from qc.workspace.incoming import alone
from qc.workspace.watch import Line, Wish, once, watch

HEAD = "item,annotator,label,gold\n"


def sheet(answers: dict[str, str], wrong: int = 0) -> str:
    """A sheet of the answers of ann and bob; bob errs in the first `wrong` items."""
    rows = [f"{item},ann,{label},{label}" for item, label in answers.items()]
    rows += [f"{item},bob,{'x' if n < wrong else label},{label}" for n, (item, label) in enumerate(answers.items())]
    return HEAD + "\n".join(rows) + "\n"


def some(begin: int, n: int = 10) -> dict[str, str]:
    return {f"i{at:03d}": "ab"[at % 2] for at in range(begin, begin + n)}


def at_once(_seconds: float) -> bool:
    return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exports"
    made.mkdir()
    return made


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "workspace")


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what is about files: a check takes seconds, and finds nothing in so few answers."""

    def nothing(ws: Workspace, project: str, *_: object) -> Checked:
        ws.store.project(project)
        return Checked((), (), (), (), date(2026, 3, 2))

    monkeypatch.setattr(watching.check, "run", nothing)


def put(folder: Path, name: str, text: str, age: int = 0) -> Path:
    """A file that was changed some seconds ago."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    then = 1_800_000_000 - age
    os.utime(path, (then, then))
    return path


def told(lines: list[Line], name: str) -> list[str]:
    return [line.text for line in lines if line.text.startswith(f"{name}: ")]


def run(
    ws: Workspace, folder: Path, wish: Wish | None = None, goes_on: Callable[[float], bool] = at_once
) -> list[Line]:
    return list(once(ws, "own", folder, wish or Wish(), goes_on))


def labels(ws: Workspace) -> dict[tuple[str, str], str]:
    return {(row["item_id"], row["annotator"]): row["label"] for row in answers(ws) if row["current"]}


def answers(ws: Workspace) -> list[dict[str, Any]]:
    columns = ("item_id", "annotator", "label", "revision", "current", "role")
    rows: list[dict[str, Any]] = (
        ws.snapshot("own").rows(lambda facts: facts.annotations.select(*columns)).to_dict("records")
    )
    return [row for row in rows if row["role"] == "annotator"]


def wanted(*parts: dict[str, str]) -> dict[tuple[str, str], str]:
    return {(item, who): label for part in parts for item, label in part.items() for who in ("ann", "bob")}


@pytest.mark.usefixtures("unchecked")
def test_what_lies_there_is_taken_in_once(ws: Workspace, folder: Path) -> None:
    put(folder, "monday.csv", sheet(some(0)), age=60)
    put(folder, "tuesday.csv", sheet(some(10)))
    first = run(ws, folder)
    assert [line.text.split(":")[0] for line in first[:2]] == ["monday.csv", "tuesday.csv"]
    assert labels(ws) == wanted(some(0), some(10))
    again = run(ws, folder)
    assert not told(again, "monday.csv")
    assert not told(again, "tuesday.csv")
    assert len(imports(ws.store, "own")) == 2


@pytest.mark.usefixtures("unchecked")
def test_a_file_that_is_being_written_waits(ws: Workspace, folder: Path) -> None:
    whole = sheet(some(0))
    path = put(folder, "a.csv", whole[:40])

    def writing(seconds: float) -> bool:
        if seconds:
            put(folder, "a.csv", path.read_text("utf-8") + whole[len(path.read_text("utf-8")) :][:60], age=-1)
        return True

    assert told(run(ws, folder, goes_on=writing), "a.csv") == ["a.csv: is still being written; the next run reads it"]
    assert not imports_of(ws)
    put(folder, "a.csv", whole)
    run(ws, folder)
    assert labels(ws) == wanted(some(0))


@pytest.mark.usefixtures("unchecked")
def test_a_file_that_is_gone_when_it_is_read_stops_nothing(ws: Workspace, folder: Path) -> None:
    gone, name = put(folder, "a.csv", sheet(some(0)), age=60), "b.csv"
    put(folder, name, sheet(some(10)))

    def taken_away(seconds: float) -> bool:
        if not seconds:
            gone.unlink(missing_ok=True)
        return True

    lines = run(ws, folder, goes_on=taken_away)
    assert told(lines, "a.csv") == [
        "a.csv: a.csv cannot be read: No such file or directory; tried again at the next look"
    ]
    assert next(line for line in lines if line.text.startswith("a.csv")).failed
    assert labels(ws) == wanted(some(10))
    put(folder, "a.csv", sheet(some(0)))
    run(ws, folder)
    assert labels(ws) == wanted(some(0), some(10))


@pytest.mark.usefixtures("unchecked")
def test_a_folder_that_is_closed_is_named_and_tried_again(
    ws: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the tests may be allowed everything, so that the system's refusal is played."""
    put(folder, "a.csv", sheet(some(0)))
    (folder / "closed").mkdir()
    refusal = PermissionError(13, "Permission denied")
    digest = watching.bundle_digest

    def refused(path: Path) -> str:
        if path.name == "closed":
            raise refusal
        return digest(path)

    monkeypatch.setattr(watching.bundle_digest.__module__ + ".os.access", lambda path, _mode: False)
    monkeypatch.setattr(watching, "bundle_digest", refused)
    assert told(run(ws, folder), "closed") == [f"closed: {refusal}; tried again at the next look"]
    assert labels(ws) == wanted(some(0))


def imports_of(ws: Workspace) -> list[dict[str, Any]]:
    return imports(ws.store, "own")


@pytest.mark.usefixtures("unchecked")
def test_a_half_file_is_refused_until_the_rest_arrives(ws: Workspace, folder: Path) -> None:
    """A tree of JSON that ends in the middle, as an upload that stands still leaves it."""
    whole = "[" + ",".join(f'{{"item":"{i}","annotator":"ann","label":"{x}"}}' for i, x in some(0).items()) + "]"
    put(folder, "a.json", whole[: len(whole) // 2])
    refused = [line for line in run(ws, folder) if line.text.startswith("a.json")]
    assert [line.failed for line in refused] == [True]
    assert "refused until it changes" in refused[0].text
    assert not told(run(ws, folder), "a.json")
    assert len(audit_trail(ws.store, "own", Wanted(actions=("watch",)))) == 1
    put(folder, "a.json", whole, age=-5)
    run(ws, folder)
    assert labels(ws) == {(item, "ann"): label for item, label in some(0).items()}


@pytest.mark.usefixtures("unchecked")
def test_a_refused_file_is_tried_again_with_other_settings(ws: Workspace, folder: Path, tmp_path: Path) -> None:
    put(folder, "a.csv", "one,two\n1,2\n")
    assert any(line.failed for line in run(ws, folder))
    mapping = tmp_path / "MAP.toml"
    mapping.write_text("nonsense = [", encoding="utf-8")
    wish = Wish({"mapping": mapping})
    assert told(run(ws, folder, wish), "a.csv")
    assert not told(run(ws, folder, wish), "a.csv")
    mapping.write_text("nonsense = {", encoding="utf-8")
    assert told(run(ws, folder, wish), "a.csv")


@pytest.mark.usefixtures("unchecked")
def test_a_file_that_comes_back_changed_is_a_newer_version(ws: Workspace, folder: Path) -> None:
    first, second = some(0), {**some(0), "i000": "b", "i010": "a"}
    put(folder, "a.csv", sheet(first))
    run(ws, folder)
    put(folder, "a.csv", sheet(second), age=-10)
    run(ws, folder)
    assert labels(ws) == wanted(second)
    put(folder, "a.csv", sheet(second), age=-20)
    assert not told(run(ws, folder), "a.csv")
    put(folder, "a.csv", sheet(first), age=-30)
    run(ws, folder)
    assert labels(ws) == wanted({**second, **first})
    assert [entry["source"] for entry in imports_of(ws)] == ["a"] * 3


@pytest.mark.usefixtures("unchecked")
def test_a_copy_of_an_older_version_does_not_undo_the_newer(ws: Workspace, folder: Path) -> None:
    put(folder, "a-2026-03-01.csv", sheet(some(0)), age=60)
    put(folder, "a-2026-03-02.csv", sheet({**some(0), "i000": "b"}))
    run(ws, folder)
    put(folder, "copy.csv", sheet(some(0)), age=-10)
    assert told(run(ws, folder), "copy.csv") == ["copy.csv: the same file as a-2026-03-01.csv"]
    assert labels(ws) == wanted({**some(0), "i000": "b"})


@pytest.mark.usefixtures("unchecked")
def test_what_is_no_export_is_left_alone(ws: Workspace, folder: Path, tmp_path: Path) -> None:
    secret = put(tmp_path, "secret.csv", sheet(some(0)))
    (folder / "link.csv").symlink_to(secret)
    for name in (".hidden.csv", "a.csv.part", "a.csv~", "picture.png", "b.crdownload"):
        put(folder, name, sheet(some(0)))
    put(folder, "empty.csv", "")
    inside = open_workspace(folder / "workspace")
    lines = list(once(inside, "own", folder, Wish(report=folder / "report.html"), at_once))
    assert [line.text for line in lines] == ["own: nothing to check before a first export is taken in"]


@pytest.mark.usefixtures("unchecked")
def test_a_folder_in_it_is_one_export(ws: Workspace, folder: Path) -> None:
    part = folder / "round-1"
    part.mkdir()
    put(part, "a.csv", sheet(some(0)))
    put(part, "b.csv", sheet(some(10)))
    run(ws, folder)
    assert labels(ws) == wanted(some(0), some(10))
    put(part, "c.csv", sheet(some(20)), age=-10)
    run(ws, folder)
    assert labels(ws) == wanted(some(0), some(10), some(20))
    assert {entry["source"] for entry in imports_of(ws)} == {"round-1"}


@pytest.mark.usefixtures("unchecked")
def test_a_folder_has_one_watcher(ws: Workspace, folder: Path) -> None:
    with alone(ws.root, folder.resolve()), pytest.raises(ConflictError, match="Another qc watch looks after"):
        run(ws, folder)
    run(ws, folder)


def test_what_could_never_work_is_refused_at_the_start(ws: Workspace, folder: Path) -> None:
    for wish, where, why in (
        (Wish(notify=True), folder, "No channel is set"),
        (Wish(report=Path("report.doc")), folder, "ends in"),
        (Wish(), folder / "missing", "cannot be read"),
    ):
        with pytest.raises(InputError, match=why):
            run(ws, where, wish)


@pytest.mark.usefixtures("unchecked")
def test_a_watcher_looks_again_and_outlives_its_folder(ws: Workspace, folder: Path) -> None:
    put(folder, "a.csv", sheet(some(0)))
    looks = 0

    def goes_on(seconds: float) -> bool:
        nonlocal looks
        looks += seconds > 0
        if looks == 3 and seconds:
            folder.rename(folder.with_name("away"))
        if looks == 5 and seconds:
            folder.with_name("away").rename(folder)
            put(folder, "b.csv", sheet(some(10)))
        return looks < 8

    lines = list(watch(ws, "own", folder, Wish(), 1.0, goes_on))
    assert len(told(lines, "a.csv")) == len(told(lines, "b.csv")) == 1
    assert sum("cannot be read" in line.text for line in lines) == 1
    assert labels(ws) == wanted(some(0), some(10))


@pytest.mark.usefixtures("unchecked")
def test_a_reader_that_is_stopped_with_its_watcher_does_not_blame_the_file(
    ws: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "a.csv", sheet(some(0)))
    stopping = []

    def stopped(*_: object, **__: object) -> None:
        stopping.append(True)
        raise InputError("The reader ended.")

    with monkeypatch.context() as patch:
        patch.setattr(watching, "ingest", stopped)
        lines = run(ws, folder, goes_on=lambda _seconds: not stopping)
    assert "interrupted" in told(lines, "a.csv")[0]
    assert told(run(ws, folder), "a.csv")
    assert labels(ws) == wanted(some(0))


def test_the_report_follows_the_data_and_nothing_else(ws: Workspace, folder: Path, tmp_path: Path) -> None:
    wish = Wish(report=tmp_path / "report.html")
    put(folder, "a.csv", sheet(some(0)))
    assert any("written" in line.text for line in run(ws, folder, wish))
    assert not any("written" in line.text for line in run(ws, folder, wish))
    put(folder, "b.csv", sheet(some(10)))
    assert any("written" in line.text for line in run(ws, folder, wish))
    kept = (tmp_path / "report.html").read_bytes()
    report.write(ws, "own", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == kept


# Killed with SIGKILL, and started again.

STEPS = ("read", "in the lake", "published", "noted", "checked", "told", "reported")
BEFORE: dict[str, tuple[Any, str]] = {
    "in the lake": (ingesting, "publish"),
    "published": (watching.incoming, "note"),
    "noted": (watching.check, "run"),
    "checked": (watching.messages, "deliver"),
    "told": (watching, "write_report"),
    "reported": (watching.os, "utime"),
}
CHANNEL = Notify((Channel("team", "json://localhost", "warning"),))


def post(box: Path) -> Callable[..., list[Delivery]]:
    def send(channels: list[Channel], message: Message) -> list[Delivery]:
        with box.open("a", encoding="utf-8") as file:
            file.write(f"{message.title}\n")
        return [Delivery(each.name, True) for each in channels]

    return send


def go(root: Path, dies: str) -> None:
    """One run of a watcher that is gone at a step."""
    os.environ["OMP_NUM_THREADS"] = "1"
    ws = open_workspace(root / "workspace")
    ws.settings = ws.settings.__class__(**{**fields_of(ws.settings), "notify": CHANNEL})
    messages.send = post(root / "box")  # type: ignore[assignment]

    def gone(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if dies == "read":
        ingesting.stage, staged = (lambda *given: (staged(*given), gone())[0]), ingesting.stage
    elif dies:
        where, name = BEFORE[dies]
        setattr(where, name, gone)
    run(ws, root / "exports", Wish(notify=True, report=root / "report.html"))


def fields_of(settings: Any) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_watcher_loses_nothing_and_does_nothing_twice(tmp_path: Path, folder: Path, step: str) -> None:
    put(folder, "a.csv", sheet(some(0, 60), wrong=30), age=60)
    put(folder, "b.csv", sheet(some(60, 10)))
    killed = subprocess.run(
        [sys.executable, __file__, str(tmp_path), step],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "send", post(tmp_path / "box"))
        go(tmp_path, "")
        go(tmp_path, "")
    ws = open_workspace(tmp_path / "workspace")
    assert sorted(labels(ws)) == sorted(wanted(some(0, 70)))
    assert sorted((entry["source"], entry["new"]) for entry in imports_of(ws)) == [("a", 180), ("b", 30)]
    assert all(row["revision"] == 1 for row in answers(ws))
    noted = [entry["object"] for entry in audit_trail(ws.store, "own", Wanted(actions=("watch",)))]
    assert sorted(noted) == ["file a.csv", "file b.csv"]
    box = (tmp_path / "box").read_text("utf-8").splitlines()
    assert sum("new alert" in title for title in box) == 1
    assert sum("week" in title for title in box) <= 1
    report.write(ws, "own", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "report.html").read_bytes()


def test_a_watcher_stops_cleanly_when_asked(tmp_path: Path, folder: Path) -> None:
    put(folder, "a.csv", sheet(some(0)))
    command = [sys.executable, "-m", "qc.cli", "watch", str(folder), "--project", "own", "--every", "1"]
    with subprocess.Popen(
        [*command, "--workspace", str(tmp_path / "workspace")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ends = time.monotonic() + 240
        for line in process.stdout:
            if "alerts open" in line or time.monotonic() > ends:
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(120) == 0
    assert "Stopped; what is in is in" in rest
    run(open_workspace(tmp_path / "workspace"), folder)


if __name__ == "__main__":
    go(Path(sys.argv[1]), sys.argv[2])
