"""Twelve names that nobody should have, as annotators, labels, items, comments, reasons and rules, on every page and in
every file: no script runs, nothing is fetched, no cell is a formula, no line breaks. Two minutes on two idle cores.
"""

import csv
import io
import json
import re
import tomllib

import pytest
from openpyxl import load_workbook

from dashboard.navigation import PAGES
from qc.cli import main
from qc.model import InputError
from qc.store.samples import draws
from qc.workspace import (
    audit,
    browse,
    check,
    conflict,
    export,
    open_workspace,
    people,
    report,
    rulebook,
    sample,
    training,
    validation,
    verdict,
)
from qc.workspace.ingest import ingest

from .conftest import Visitor, served

BEACON = "beacon.example"
NAMES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    f"![x](http://{BEACON}/x.png)",
    f"[press](javascript:alert(1)) http://{BEACON}/bare",
    "\u202egnp.exe \u2066turned\u2069",
    f'=HYPERLINK("http://{BEACON}","x")',
    "@SUM(1+1)",
    "+1+1",
    "\uff0d1+1",
    'line\nbreak, "quoted"; \'; DROP TABLE audit; --',
    ":red[loud] $x^2$ `code` :material/home: **bold** {{7*7}}",
    '"><svg onload=alert(1)>\x07\u200bzero',
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBER = re.compile(r"[+-]?[\d.,]+(e[+-]?\d+)?")


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    """Each name annotates, labels, is an item, and stands in every text that people may write."""
    opened = open_workspace(tmp_path_factory.mktemp("hostile") / "workspace")
    path = opened.root.parent / f"answers {NAMES[6]}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "annotator", "label", "gold", "site", "batch", "text", "submitted_at"])
        for at in range(48):
            item, site = f"{NAMES[at % 12]} {at // 12}", NAMES[at % 3]
            for person in range(5):
                who, label = NAMES[(at + person) % 12], NAMES[(at + (person == 4) * 5) % 12]
                day = f"2026-03-{1 + at // 5:02d}T10:{at:02d}:{person:02d}Z"
                gold = NAMES[at % 12] if at % 4 == 0 else ""
                rows.writerow([item, who, label, gold, site, NAMES[at % 12], NAMES[(at + 1) % 12], day])
    ingest(opened, "names", path, name=NAMES[2], actor=NAMES[0])
    rules = "".join(
        f'[[rule]]\nname = {json.dumps(name[:30])}\nkind = "labels"\nquestion = "label"\nlabels = ["a"]\n'
        for name in NAMES[:4]
    )
    assert len(tomllib.loads(rules)["rule"]) == 4
    validation.set_rules(opened, "names", rules, NAMES[1], NAMES[2])
    check.run(opened, "names", actor=NAMES[3])
    drawn = sample.draw(opened, "names", sample.Ask(rate=0.5), actor=NAMES[4])
    waiting = sample.queue(opened, "names").to_dict("records")
    judged = [
        {
            "annotation_id": row["annotation_id"],
            "question": row["question"],
            "verdict": "reject",
            "comment": name,
            "reviewer": name,
        }
        for row, name in zip(waiting, NAMES, strict=False)
    ]
    assert drawn.id is not None
    assert verdict.record(opened, "names", judged, NAMES[5]).recorded == len(NAMES)
    for place, row in browse.conflicts(opened, "names").head(6).iterrows():
        conflict.settle(
            opened, "names", row["item_id"], row["question"], NAMES[place], NAMES[11 - place], NAMES[place + 6]
        )
    for place, name in enumerate(NAMES):
        wording = rulebook.Wording(name, NAMES[11 - place], "label", NAMES[:4], name, (name, NAMES[place - 1]))
        rulebook.write(opened, "names", wording, name, name)
        row = browse.conflicts(opened, "names").iloc[place]
        conflict.comment(opened, "names", row["item_id"], row["question"], name, name)
    for name in NAMES[:4]:
        people.grant(opened, "names", name.replace("\n", " "), "lead", name)
    return opened


@pytest.fixture(scope="module")
def site(chromium, ws):
    with served(ws.root) as url:
        yield url


@pytest.fixture
def guest(chromium, site):
    context = chromium.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True, timezone_id="UTC")
    seen = Visitor(context.new_page(), site)
    yield seen
    context.close()
    assert seen.complaints == []


def nothing_lives(page):
    """No element of the page came from a name, and none leads or points elsewhere."""
    alive = page.evaluate(
        """beacon => [...document.querySelectorAll('script, img, svg, a, iframe, object, embed')].filter(one =>
            /alert\\(1\\)/.test(one.textContent) && one.tagName === 'SCRIPT'
            || [...one.attributes].some(a => a.value.includes(beacon) || /^javascript:/i.test(a.value))
            || one.hasAttribute('onload') || one.hasAttribute('onerror')).map(one => one.outerHTML)""",
        BEACON,
    )
    assert alive == []


def inert(cell):
    return not str(cell).startswith(FORMULA) or NUMBER.fullmatch(str(cell)) is not None


def check_csv(content):
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len({len(row) for row in rows}) <= 1, "a line is broken"
    assert [cell for row in rows for cell in row if not inert(cell)] == []


def check_xlsx(content):
    for sheet in load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                assert not isinstance(cell.value, str) or inert(cell.value), cell.value


def check_json(content):
    json.loads(content)


def check_lines(content):
    for line in content.decode().split("\n"):
        if line:
            json.loads(line)


def check_html(content):
    text = content.decode()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "<svg onload" not in text
    assert not re.search(rf"""(?:src|href|url)\s*[=(]\s*["']?\s*(?:javascript:|https?://{BEACON})""", text)


SUFFIXES = {"csv": ".csv", "jsonl": ".jsonl", "label-studio": ".json", "coco": ".json", "spacy": ".jsonl"}
CHECKS = {".csv": check_csv, ".xlsx": check_xlsx, ".json": check_json, ".jsonl": check_lines, ".html": check_html}


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)
def test_no_name_lives_on_a_page_or_in_its_files(guest, entry):
    guest.open("" if entry.file == "overview" else entry.file, "names")
    nothing_lives(guest.page)
    for table in guest.page.get_by_test_id("stDataFrame").all()[:1]:
        # Behind a row may stand more: the rows are drawn on a canvas, below the header, right of the box that ticks.
        table.scroll_into_view_if_needed()
        box = guest.still(table)
        guest.page.mouse.click(box["x"] + 90, box["y"] + 52)
        guest.settle()
        nothing_lives(guest.page)
    for button in guest.page.get_by_role("button", name="CSV").all():
        if button.is_visible():
            with guest.page.expect_download(timeout=60_000) as got:
                # Not with the mouse: the tools of a table that it is over may lie on the button.
                button.dispatch_event("click")
            with open(got.value.path(), "rb") as file:
                check_csv(file.read())


@pytest.mark.parametrize("name", NAMES, ids=range(12))
def test_no_name_lives_as_a_heading_or_in_an_address(guest, name):
    from urllib.parse import quote

    guest.page.goto(f"{guest.address}/annotator?project=names&who={quote(name)}&site={quote(name)}")
    guest.page.get_by_role("heading", level=1).wait_for(timeout=120_000)
    guest.settle()
    nothing_lives(guest.page)


def test_no_cell_of_a_file_is_a_formula_and_no_line_breaks(ws, tmp_path):
    draw = draws(ws.store, "names")[0]["id"]
    files = {f"sheet{suffix}": sample.sheet_file(ws, "names", draw, suffix) for suffix in (".csv", ".xlsx", ".json")}
    files |= {f"audit{suffix}": audit.file(ws, "names", suffix) for suffix in (".csv", ".xlsx", ".json")}
    files |= {f"{view}.html": report.html(ws, "names", view) for view in report.views(ws, "names")}
    report.write(ws, "names", tmp_path / "report.html", "lead", tables=tmp_path)
    export.export_facts(ws, "names", tmp_path / "facts.jsonl")
    files |= {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    for what in training.SELECTIONS:
        for form in training.FORMS:
            try:
                files[f"{what}-{form}{SUFFIXES[form]}"] = training.take(ws, "names", what, form).content
            except InputError:
                # This form has nothing of that to hold.
                continue
    assert {f".{name.rsplit('.', 1)[1]}" for name in files} == set(CHECKS)
    assert len(files) > 20
    broken = []
    for name, content in files.items():
        try:
            CHECKS[f".{name.rsplit('.', 1)[1]}"](content)
        except (AssertionError, ValueError) as error:
            broken.append(f"{name}: {str(error)[:300]}")
    assert broken == []


@pytest.mark.parametrize(
    "command", [["audit"], ["assess"], ["check"], ["people", "list"], ["doctor"], ["rules"]], ids=lambda words: words[0]
)
def test_no_name_breaks_a_line_of_a_terminal(ws, command):
    from click.testing import CliRunner

    project = [] if command == ["doctor"] else ["--project", "names"]
    said = CliRunner().invoke(main, [*command, *project, "--workspace", str(ws.root)]).output
    assert said
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", said)
    assert not [line for line in said.splitlines() if line.startswith("break,")]
