"""Reports: three views of planted work by twelve people with hostile names; about a minute on two cores."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from qc.cli import main
from qc.figures import estimate
from qc.model import InputError, Scope
from qc.reports import VIEWS, Material, Pseudonyms, Source, document, masked, pseudonyms, render, tables_json
from qc.reports.blocks import Sentences
from qc.reports.sections import alerts, summary
from qc.workspace import Workspace, assess, check, open_workspace, report
from qc.workspace.ingest import ingest
from qc.workspace.plant import plant
from qc.workspace.sight import team_only

# Some are part of others, some of common words; the last is a plain word of the tool's own sentences, and a number.
HOSTILE = (
    "<script>alert(1)</script>",
    "![x](http://example.org/x.png)",
    '<img src="http://example.org/y.png" onerror="alert(2)">',
    '=HYPERLINK("http://example.org";"x")',
    "\u202egnp.exe",
    "two\nlines",
    "Ann",
    "Anna",
    "Anna B.",
    "</style></svg>{{ 7*7 }}&amp;",
    "+49 30 1234",
    "errors",
)
TELLING = HOSTILE[:-1]
ALLOWED = re.compile(
    "html|head|meta|title|style|body|header|main|section|nav|ol|ul|li|a|h[123]|p|b|div|dl|dt|dd|span|figure|figcaption|"
    "details|summary|table|thead|tbody|tr|th|td|svg|path|rect|circle|text"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    planted = plant(folder / "planted", 3, 500, len(HOSTILE), 6)
    text = planted.export.read_text(encoding="utf-8")
    people = json.loads(planted.truth.read_text(encoding="utf-8"))["annotators"]
    for name, hostile in zip(sorted(people), HOSTILE, strict=True):
        text = text.replace(json.dumps(name), json.dumps(hostile))
    export = folder / "hostile.json"
    export.write_text(text, encoding="utf-8")
    ws = open_workspace(folder / "workspace")
    ingest(ws, "hostile", export, name="Tickets of <b>all</b>")
    check.run(ws, "hostile")
    ingest(ws, "planted", planted.export)
    check.run(ws, "planted")
    return folder / "workspace"


@pytest.fixture(scope="module")
def ws(built: Path) -> Workspace:
    return open_workspace(built)


def written(ws: Workspace, folder: Path, view: str, **options: object) -> dict[str, bytes]:
    """The files of a report by their names."""
    folder.mkdir(exist_ok=True)
    report.write(ws, "hostile", folder / "report.html", view, tables=folder / "tables", **options)
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def files(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, bytes]]:
    """The files of a view, with names or without, made once."""

    @cache
    def of(view: str, hide_names: bool = False) -> dict[str, bytes]:
        return written(ws, tmp_path_factory.mktemp(view), view, hide_names=hide_names)

    return of


class Elements(HTMLParser):
    """What a browser would make of a file: its elements and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("hide_names", [False, True], ids=["names", "pseudonyms"])
def test_nothing_in_a_report_runs_or_asks(files, view, hide_names: bool) -> None:
    text = files(view.name, hide_names)["report.html"].decode()
    for tag, attributes in Elements(text).found:
        assert ALLOWED.fullmatch(tag)
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset")]
        assert (attributes.get("href") or "#").startswith("#")
    assert "default-src 'none'" in text


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_equal_inputs_are_equal_bytes(built: Path, tmp_path: Path, view) -> None:
    shutil.copytree(built, tmp_path / "own")
    ws = open_workspace(tmp_path / "own")
    first = written(ws, tmp_path / "first", view.name, hide_names=True)
    other = tmp_path / "other.csv"
    other.write_text("item,annotator,label\n1,x,a\n1,y,b\n", encoding="utf-8")
    ingest(ws, "unrelated", other)
    shutil.rmtree(ws.root / "cache")
    assert written(open_workspace(tmp_path / "own"), tmp_path / "second", view.name, hide_names=True) == first


def test_a_new_decision_is_another_report(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "own")
    ws = open_workspace(tmp_path / "own")
    before = written(ws, tmp_path / "first", "lead")["report.html"]
    check.set_level(ws, "hostile", "Ann", "full", "Anna and Ann disagree", "a lead")
    after = written(ws, tmp_path / "second", "lead")["report.html"]
    digests = [re.search(rb"SHA-256 of the inputs</th><td[^>]*>([0-9a-f]{64})", text) for text in (before, after)]
    assert digests[0][1] != digests[1][1]
    hidden = written(ws, tmp_path / "third", "lead", hide_names=True)
    assert b"disagree" in hidden["report.html"]
    assert not told(hidden)


def told(files: dict[str, bytes]) -> list[tuple[str, str]]:
    """Which raw name stands in which file, as it is or escaped in any of the ways that the formats have."""
    found = []
    for file, content in files.items():
        texts = [content.decode("utf-8-sig")] if not file.endswith(".xlsx") else list(cells(content))
        for text in texts:
            for name in TELLING:
                ways = {name, escape(name), escape(name, quote=False), json.dumps(name)[1:-1], " ".join(name.split())}
                ways |= {json.dumps(name, ensure_ascii=False)[1:-1], name.replace('"', '""')}
                if any(re.search(rf"(?<![^\W_]){re.escape(way)}(?![^\W_])", text) for way in ways):
                    found.append((file, name))
    return found


def cells(content: bytes) -> list[str]:
    book = load_workbook(io.BytesIO(content))
    return [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_with_pseudonyms_no_name_is_anywhere(files, view) -> None:
    hidden = files(view.name, True)
    assert told(hidden) == []
    if view.individuals:
        assert hidden["report.html"].count(b"person-") > len(HOSTILE)


# Words of the tool's own sentences, numbers like its counts, parts of each other and of both.
WORDS = ("errors", "rate", "answers", "of", "the team", "judged", "5", "12", "an", "ann", "annotator", "review")


def test_with_pseudonyms_a_report_says_nothing_that_depends_on_names(ws: Workspace) -> None:
    """The same work by people of other names, masked by the same pseudonyms, gives the same bytes."""
    whole = assess.assessment(ws, "planted")
    people = [row["annotator"] for row in whole["annotators"]]
    assert whole["alerts"]
    assert len(people) == len(WORDS)
    calm = tuple(f"Q{place}Q" for place in range(len(people)))
    assert len({of_people(whole, people, names) for names in (calm, WORDS, HOSTILE)}) == 1


def of_people(whole: dict, people: list[str], names: tuple[str, ...]) -> str:
    """The lead's report on an assessment in which the people are called otherwise."""
    text = json.dumps(whole, ensure_ascii=False)
    for person, name in zip(people, names, strict=True):
        text = text.replace(person, json.dumps(name, ensure_ascii=False)[1:-1])
    hidden = Pseudonyms({name: f"person-{place}" for place, name in enumerate(names)}, b"secret")
    source = Source("planted", "Planted", "1", None, "test", "-", (), "-")
    return render(document(Material(masked(json.loads(text), hidden, {}), source), VIEWS[0]))


# What a site, a shift, a batch, a version, a label, a model, an error type or a tag may be called: like somebody.
NAMESAKES = ("zoe", "yuri", "xenia", "wanda", "viktor", "ulla", "tomas", "sven", "rosa", "petra", "olaf")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_what_is_called_like_somebody_has_no_name_either(ws: Workspace, view) -> None:
    """Every word of the data becomes the name of a person: names as plain as these stand in no word of the tool."""
    whole = assess.assessment(ws, "planted")
    foreign = {row["key"] for part in whole["fairness"] for row in part["groups"] if part["by"] != "shift"}
    foreign |= {row["key"] for part in whole["errors"] for name in ("label", "type") for row in part[f"by_{name}"]}
    foreign |= {row["model"] for row in whole["models"]} | {part["question"] for part in whole["agreement"]}
    assert {"cebu", "lisbon"} < foreign
    people = dict(zip(sorted(foreign), NAMESAKES * 9, strict=False))
    longest = sorted(people, key=lambda word: (-len(word), word))
    every = re.compile("|".join(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])" for word in longest))

    def renamed(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {name: renamed(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [renamed(inner, key) for inner in value]
        own = not isinstance(value, str) or key in ("annotator", "reviewer")
        return value if own else every.sub(lambda word: people[word.group()], value)

    told = {name: renamed(part) for name, part in whole.items() if name not in ("policy", "levels", "alerts")}
    hidden = Pseudonyms({name: f"person-{place}" for place, name in enumerate(NAMESAKES)}, b"secret")
    shown = masked({**whole, **told, "alerts": []}, hidden, {})
    source = Source("planted", "Planted", "1", None, "test", "-", (), "-")
    made = document(Material(shown if view.individuals else team_only(shown), source), view)
    text = render(made) + json.dumps(tables_json(made))
    found = re.finditer(rf"(?i)(?<![^\W_])(?:{'|'.join(NAMESAKES)})(?![^\W_])", text)
    assert [text[max(0, at.start() - 60) : at.end() + 20] for at in found] == []


def test_whole_names_are_replaced_and_parts_of_words_are_not() -> None:
    people = Pseudonyms({"Ann": "P1", "Anna": "P2", "Anna B.": "P3", "17": "P4", "rate": "P5", "(x)": "P6"}, b"secret")
    text = "Ann, Anna and Anna B. met (x); Annabel did not: ann_Ann_17, rate 17."
    assert people.in_text(text) == "P1, P2 and P3 met P6; Annabel did not: ann_P1_17, P5 17."
    assert people.in_sentence("The rate of Ann") == "The rate of P1"
    assert people.in_id("batch-7") == "batch-7"
    assert people.in_id("photos/ANNA/3.jpg").startswith("item-")
    assert people.in_id("photos/ANNA/3.jpg") != people.in_id("photos/ANNA/4.jpg")


def test_pseudonyms_are_stable_and_keyed() -> None:
    first, again = pseudonyms(["Ann", "Bo"], b"secret"), pseudonyms(["Ann", "Cy"], b"secret")
    assert first.of("Ann") == again.of("Ann") != pseudonyms(["Ann"], b"another").of("Ann")
    assert "secret" not in repr(first)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_only_the_lead_reads_of_individuals(files, view) -> None:
    named = told(files(view.name))
    assert ({name for _, name in named} == set(TELLING)) if view.individuals else named == []


def test_the_numbers_are_those_of_the_assessment(ws: Workspace, files) -> None:
    made = files("lead")
    text = unescape(made["report.html"].decode())
    whole = assess.assessment(ws, "hostile")
    stated = json.loads(made["tables.json"])
    for part in whole["errors"]:
        assert estimate(part["overall"], "percent") in text
        for row in part["by_annotator"]:
            assert estimate(row["shrunk"], "percent") in text
    assert estimate(whole["agreement"][0]["alpha"]) in text
    rows = {row["coefficient"]: row["agreement"] for row in stated["tables"]["coefficients"]["rows"]}
    assert rows["alpha, for such a team"] == whole["agreement"][0]["alpha"]
    with_n = list(csv.DictReader(io.StringIO(made["coefficients.csv"].decode("utf-8-sig"))))
    assert all(int(row["agreement_n"]) > 0 for row in with_n)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_chart_stands_above_its_table(files, view) -> None:
    text = files(view.name)["report.html"].decode()
    figures = re.findall(r"<figure>(.*?)</figure>", text, re.DOTALL)
    assert sum("<svg" in figure for figure in figures) >= 3
    assert all("<table>" in figure for figure in figures)
    assert text.count("<svg") == sum("<svg" in figure for figure in figures)


def test_no_cell_of_a_table_is_a_formula(files) -> None:
    made = files("lead")
    starts = ("=", "+", "@", "\t", "\r")
    for name, content in made.items():
        if name.endswith(".csv"):
            rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
            assert not [cell for row in rows for cell in row if cell.startswith(starts)]
    assert not [cell for cell in cells(made["tables.xlsx"]) if cell.startswith(starts)]


def test_what_cannot_be_written_is_said_and_leaves_nothing(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.html"):
        report.write(ws, "hostile", tmp_path / "report.docx")
    with pytest.raises(InputError, match="cannot be written"):
        report.write(ws, "hostile", tmp_path / "missing" / "report.html")
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        report.write(ws, "hostile", tmp_path / "report.html", tables=tmp_path / "taken")
    with pytest.raises(InputError, match="no view"):
        report.write(ws, "hostile", tmp_path / "report.html", "director")
    with pytest.raises(InputError, match="speaks of the team"):
        report.write(ws, "hostile", tmp_path / "report.html", "qa", scope=Scope(annotators=("Ann",)))
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".part")]


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two projects of one and of two answers."""
    folder = tmp_path_factory.mktemp("sparse")
    ws = open_workspace(folder / "workspace")
    for project, rows in (("alone", ""), ("two", "1,x,a\n")):
        (folder / f"{project}.csv").write_text(f"item,annotator,label\n2,y,b\n{rows}", encoding="utf-8")
        ingest(ws, project, folder / f"{project}.csv")
    return ws


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("project", ["alone", "two"])
def test_a_report_on_almost_nothing_says_why(sparse: Workspace, tmp_path: Path, view, project: str) -> None:
    report.write(sparse, project, tmp_path / "report.html", view.name)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "nan" not in text.lower().split()
    assert "None" not in text


def test_a_report_on_a_period_without_answers_says_so(sparse: Workspace, tmp_path: Path) -> None:
    """An alert is not of the period: it is headed as what is open now."""
    row = {"severity": "warning", "state": "open", "rule": "limit", "message": "m", "opened_at": "2026-03-01T00:00:00Z"}
    evidence = {"value": 0.2, "threshold": 0.1, "n": 9, "low": None, "high": None}
    alert = {**row, "id": "a1", "subject": {"kind": "project", "key": "two"}, "evidence": evidence}
    whole = assess.assessment(sparse, "two", Scope(since=date(2030, 1, 1)))
    source = Source("two", "two", "1", None, "t", "0", (), "qc report")
    material = Material({**whole, "alerts": [alert]}, source, findings=("m",))
    said = [sentence for block in summary(material).blocks if isinstance(block, Sentences) for sentence in block.lines]
    assert said == [
        "No answer lies within the period and the filters of this report, so there are no figures.",
        *("Open now, whatever the period:", "m"),
    ]
    (listed,) = alerts(material).tables()
    assert listed.title == "Alerts that are open or acknowledged now, whatever the period"


def test_a_site_of_two_people_is_for_the_lead_only(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "workspace")
    people = [("far", name) for name in "ab"] + [("near", name) for name in "cdefg"]
    rows = [
        f"{item},{name},{'xy'[(item + ord(name)) % 7 == 0]},{site},x" for item in range(40) for site, name in people
    ]
    export = tmp_path / "sites.csv"
    export.write_text("item,annotator,label,site,gold\n" + "\n".join(rows) + "\n", encoding="utf-8")
    ingest(ws, "sites", export)
    for each in VIEWS:
        report.write(ws, "sites", tmp_path / "report.html", each.name, tables=tmp_path / each.name)
        tables = json.loads((tmp_path / each.name / "tables.json").read_bytes())["tables"]
        named = {row.get("key") for name, part in tables.items() if "site" in name for row in part["rows"]}
        assert ("far" in named) is each.individuals
        assert each.name == "qa" or "near" in named


def test_the_command_says_what_it_wrote_and_what_it_could_not(sparse: Workspace, tmp_path: Path) -> None:
    asked = ["report", "--workspace", str(sparse.root), "--out", str(tmp_path / "two.html")]
    done = CliRunner().invoke(main, [*asked, "--project", "two", "--view", "manager"])
    assert (done.exit_code, done.output) == (0, f"{tmp_path / 'two.html'} written.\n")
    lost = CliRunner().invoke(main, [*asked, "--project", "three"])
    assert lost.exit_code == 1
    assert "There is no project 'three'" in lost.output
