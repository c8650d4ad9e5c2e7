"""Reports as PDF: printed by a Chromium that is cut off, equal bytes of equal texts; half a minute."""

from __future__ import annotations

import re
import shutil
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import require

from qc.cli import main
from qc.model import InputError, UnavailableError
from qc.reports import pdf, printer
from qc.workspace import Workspace, open_workspace, report
from qc.workspace.ingest import ingest

NAME = "Zoë <b>Quill</b>"


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("printed")
    rows = [f"i{n},{who},{'ab'[(n * k) % 2]},a" for n in range(12) for k, who in enumerate((NAME, "ben"), 1)]
    sheet = folder / "answers.csv"
    sheet.write_text("item,annotator,label,gold\n" + "\n".join(rows) + "\n", encoding="utf-8")
    opened = open_workspace(folder / "workspace")
    ingest(opened, "own", sheet)
    return opened


@pytest.fixture
def chromium() -> None:
    require(any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "Chromium")


@pytest.mark.browser
@pytest.mark.usefixtures("chromium")
def test_a_report_is_printed_beside_its_page_and_twice_the_same(ws: Workspace, tmp_path: Path) -> None:
    done = report.write(ws, "own", [tmp_path / "r.html", tmp_path / "r.pdf"], "lead", hide_names=True)
    assert done.sentence == f"{tmp_path / 'r.html'} and {tmp_path / 'r.pdf'} written."
    first = (tmp_path / "r.pdf").read_bytes()
    assert first.startswith(b"%PDF")
    assert first.rstrip().endswith(b"%%EOF")
    report.write(ws, "own", tmp_path / "again.PDF", "lead", hide_names=True)
    assert (tmp_path / "again.PDF").read_bytes() == first
    # What stands beside the pages says neither when nor where it was printed.
    assert re.findall(rb"Date \(D:(\d{14})", first) == [b"20000101000000"] * 2
    assert b"qc-print" not in first
    assert b"Quill" not in first
    assert b"Quill" not in (tmp_path / "r.html").read_bytes()


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and what it was asked for."""
    paths: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(204)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"localhost:{server.server_port}", paths
    server.shutdown()
    server.server_close()


@pytest.mark.browser
@pytest.mark.usefixtures("chromium")
def test_a_page_that_asks_is_printed_without_an_answer(asked: tuple[str, list[str]]) -> None:
    """A page without a policy of its own, as no report is."""
    address, paths = asked
    assert pdf(f"<!doctype html><title>x</title><p>x<img src='http://{address}/picture.png'>").startswith(b"%PDF")
    assert paths == []


def test_without_chromium_it_is_said_before_anything_is_computed(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("QC_CHROMIUM", raising=False)
    with pytest.raises(UnavailableError, match="A PDF needs Chromium, and none was found"):
        report.write(ws, "own", tmp_path / "r.pdf", progress=lambda _share: pytest.fail("it began"))
    said = CliRunner().invoke(main, ["report", "--workspace", str(ws.root), "--project", "own", "--pdf", "r.pdf"])
    assert said.exit_code == 1
    assert said.stderr.count("\n") == 1
    with pytest.raises(InputError, match=r"ends in \.html or \.pdf"):
        report.write(ws, "own", tmp_path / "r.doc")
    for words in ([], ["--pdf", "r.html"]):
        assert CliRunner().invoke(main, ["report", "--project", "own", *words]).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_chromium_that_prints_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("QC_CHROMIUM", str(broken))
    assert printer() == str(broken)
    with pytest.raises(UnavailableError, match="did not print the report"):
        pdf("<p>x</p>")
