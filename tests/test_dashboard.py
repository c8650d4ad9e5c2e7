"""Every page with and without a project, and what the dashboard promises about names, files and headers.

About 30 seconds on two cores: the sample project is read once, and each page runs once in Streamlit's own test harness.
"""

import ast
import asyncio
import io
import itertools
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import filters, server, show, tables
from dashboard.formulas import formula
from dashboard.navigation import PAGES
from qc.figures import plain
from qc.model import InputError
from qc.store.mappings import saved_mappings
from qc.workspace import assess, ingest, open_workspace
from qc.workspace.assess.coefficients import SOURCES

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_exports" / "support_tickets.json"


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    ingest.ingest(open_workspace(folder), "tickets", SAMPLE)
    return folder


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    open_workspace(folder)
    return folder


@pytest.fixture
def visit(monkeypatch):
    def open_page(workspace, file, **query):
        monkeypatch.setenv("QC_WORKSPACE", str(workspace))
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        return app if file == "overview" else app.switch_page(f"dashboard/pages/{file}.py").run()

    return open_page


def words(app):
    """All text on the page, without the backslashes that keep names from being Markdown."""
    shown = [*app.title, *app.subheader, *app.text, *app.caption, *app.markdown, *app.error, *app.metric]
    return " ".join(f"{getattr(part, 'label', '')} {part.value}" for part in shown).replace("\\", "")


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)
def test_page_with_a_sample_project(visit, sample, entry):
    app = visit(sample, entry.file)
    assert not app.exception
    assert not app.error
    assert app.title
    assert "nan" not in words(app).lower().split()


def test_the_cards_of_errors_name_what_they_rest_on(visit, sample):
    source = assess.section(open_workspace(sample), "tickets", "cost")["source"]
    said = words(visit(sample, "overview"))
    assert f"still in the data, estimated from {source}" in said
    assert f"by {source}, target" in said


def test_times_in_tables_are_given_room():
    frame = pd.DataFrame({"since": [None, "2026-11-22 09:15"], "day": ["2026-11-22", None], "why": ["late", "later"]})
    widths = {name: column["width"] for name, column in tables.columns(frame, {}).items()}
    assert widths == {"since": tables.TIME_WIDTH, "day": None, "why": None}


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)
def test_page_of_an_empty_workspace_says_what_to_do(visit, empty, entry):
    app = visit(empty, entry.file)
    assert not app.exception
    assert not app.error
    assert "no project yet" in words(app)
    assert "Upload an export" in words(app)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)
def test_a_filter_that_matches_nothing_is_no_error(visit, sample, entry):
    app = visit(sample, entry.file)
    if not app.date_input:
        pytest.skip("the sample has no dates")
    app.sidebar.date_input(key="from").set_value(app.sidebar.date_input(key="from").max)
    app.sidebar.date_input(key="to").set_value(app.sidebar.date_input(key="to").min)
    assert not app.run().exception
    assert not app.error


def test_every_page_has_an_entry_and_stays_small():
    files = {path.stem: path for path in (ROOT / "dashboard" / "pages").glob("*.py")}
    assert set(files) == {entry.file for entry in PAGES}
    assert max(len(path.read_text(encoding="utf-8").splitlines()) for path in files.values()) <= 120


def test_caches_are_keyed_by_scalars():
    """Streamlit hashes a sample of a large frame, and the text of one is cut: either would return stale figures."""
    cached = 0
    sources = [(ROOT / "dashboard" / name).read_text(encoding="utf-8") for name in ("data.py", "at_desk.py")]
    for node in itertools.chain(*(ast.parse(source).body for source in sources)):
        if isinstance(node, ast.FunctionDef):
            kinds = {
                ast.unparse(argument.annotation).split("[")[0]
                for argument in [*node.args.args, node.args.vararg, node.args.kwarg]
                # What begins with an underscore is no part of the key.
                if argument and not argument.arg.startswith("_")
            }
            assert "pd.DataFrame" not in kinds, node.name
            if "st.cache_data" in ast.unparse(node).split("def ")[0]:
                assert kinds <= {"str", "tuple"}, node.name
                cached += 1
    assert cached


def test_review_records_a_verdict(visit, tmp_path):
    workspace = open_workspace(tmp_path)
    ingest.ingest(workspace, "tickets", SAMPLE)
    app = visit(tmp_path, "checks")
    next(button for button in app.button if button.label == "Draw").click().run()
    assert not app.exception
    app = app.switch_page("dashboard/pages/review.py").run()
    before = app.get("progress")[0].proto.text
    app.button(key="review-reject").click().run()
    assert not app.exception
    assert not app.error
    after = app.get("progress")[0].proto.text
    assert before.startswith("0 recorded")
    assert after.startswith("1 recorded")


def test_an_upload_is_tried_then_read(visit, tmp_path):
    open_workspace(tmp_path)
    app = visit(tmp_path, "data")
    rows = "".join(f"i{at},ann{at % 3},{'ab'[at % 2]}\n" for at in range(30))
    app.file_uploader(key="upload").set_value(("answers.csv", b"item,annotator,label\n" + rows.encode(), "text/csv"))
    app.text_input(key="upload-project").set_value("fresh").run()
    next(button for button in app.button if button.label == "Try it").click().run()
    assert not app.exception
    assert "30 records" in words(app)
    assert open_workspace(tmp_path).projects() == []
    next(button for button in app.button if button.label == "Read it").click().run()
    assert not app.exception
    assert not app.error
    assert [project.slug for project in open_workspace(tmp_path).projects()] == ["fresh"]


def test_a_sheet_that_says_nothing_gets_a_mapping_to_edit(visit, tmp_path):
    open_workspace(tmp_path)
    app = visit(tmp_path, "data")
    rows = b"tweet,who,word\n" + b"".join(b"t%d,%s,x\n" % (at, who) for at in range(9) for who in (b"ann", b"ben"))
    app.file_uploader(key="upload").set_value(("odd.csv", rows, "text/csv"))
    app.text_input(key="upload-project").set_value("fresh").run()
    next(button for button in app.button if button.label == "Try it").click().run()
    assert not app.exception
    assert "No column names the item" in words(app)
    mapping = app.text_area(key="upload-mapping").value
    assert '"tweet" such as "t0"' in mapping
    for unknown, column in (('item_id = "?"', "tweet"), ('annotator = "?"', "who"), ('column = "?"', "word")):
        mapping = mapping.replace(unknown, unknown.replace("?", column))
    app.text_area(key="upload-mapping").set_value(mapping).run()
    next(button for button in app.button if button.label == "Try it").click().run()
    assert "18 records" in words(app)
    next(button for button in app.button if button.label == "Read it").click().run()
    assert not app.exception
    workspace = open_workspace(tmp_path)
    assert [body["columns"]["item_id"] for _, body in saved_mappings(workspace.store, "fresh")] == ["tweet"]
    # The next sheet of the same columns needs no mapping.
    again = ingest.ingest(workspace, "fresh", write_sheet(tmp_path, b"tweet,who,word\nt100,ann,y\n"))
    assert again.sentence.startswith("1 answer read")


def write_sheet(folder, content):
    path = folder / "more.csv"
    path.write_bytes(content)
    return path


def test_a_project_name_that_cannot_be_is_refused_in_a_sentence(visit, tmp_path):
    open_workspace(tmp_path)
    app = visit(tmp_path, "data")
    app.file_uploader(key="upload").set_value(("answers.csv", b"item,annotator,label\n1,a,b\n", "text/csv"))
    app.text_input(key="upload-project").set_value("../etc").run()
    next(button for button in app.button if button.label == "Read it").click().run()
    assert not app.exception
    assert len(app.error) == 1


def test_a_saved_policy_is_in_force_with_its_reason(visit, tmp_path):
    workspace = open_workspace(tmp_path)
    ingest.ingest(workspace, "tickets", SAMPLE)
    app = visit(tmp_path, "settings")
    next(box for box in app.number_input if box.label == "Target, %").set_value(4.0)
    app.text_input(key="policy-why").set_value("the client accepts four")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    assert not app.error
    assert workspace.policy("tickets").errors.target == pytest.approx(0.04)


def test_labels_and_how_they_are_measured_are_declared_in_the_settings(visit, tmp_path):
    workspace = open_workspace(tmp_path)
    ingest.ingest(workspace, "tickets", SAMPLE)
    app = visit(tmp_path, "settings")
    next(box for box in app.text_input if box.label == "Ordinal questions").set_value("severity")
    lines = 'severity, low, medium, high\ntopic, billing, "refund, late", other'
    next(box for box in app.text_area if box.label == "Labels of questions").set_value(lines)
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    assert not app.error
    said = workspace.policy("tickets").agreement
    assert said.ordinal == ("severity",)
    assert said.labels == {"topic": ("billing", "refund, late", "other"), "severity": ("low", "medium", "high")}
    again = visit(tmp_path, "settings")
    assert next(box for box in again.text_area if box.label == "Labels of questions").value == lines


def test_a_label_that_is_declared_twice_is_refused_in_a_sentence(visit, tmp_path):
    workspace = open_workspace(tmp_path)
    ingest.ingest(workspace, "tickets", SAMPLE)
    app = visit(tmp_path, "settings")
    next(box for box in app.text_area if box.label == "Labels of questions").set_value("topic, billing, billing")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    assert "each named once" in app.error[0].value
    assert not workspace.policy("tickets").agreement.labels


def test_a_policy_says_what_follows_before_it_is_saved(visit, tmp_path):
    workspace = open_workspace(tmp_path)
    ingest.ingest(workspace, "tickets", SAMPLE)
    app = visit(tmp_path, "settings")
    assert "false alarms a month" in words(app)
    next(box for box in app.selectbox if box.label == "Policy").set_value("lots")
    next(button for button in app.button if button.label == "Show what follows").click().run()
    assert not app.exception
    assert "MIL-STD-105E, inspection level II, AQL 2.5 %" in words(app)
    assert workspace.policy("tickets").levels.policy == "sequential"


def test_an_alert_is_acknowledged_at_once(visit, tmp_path):
    workspace = open_workspace(tmp_path)
    ingest.ingest(workspace, "tickets", SAMPLE)
    app = visit(tmp_path, "alerts")
    next(button for button in app.button if button.label == "Check now").click().run()
    assert not app.exception
    first = next(button for button in app.button if button.label == "Record")
    comment = first.key.replace("ack-", "comment-")
    app.text_input(key=comment).set_value("talked to them").run()
    app.button(key=first.key).click().run()
    assert not app.exception
    assert not app.error
    assert first.key not in {button.key for button in app.button}


def test_review_hides_who_answered(visit, sample):
    app = visit(sample, "checks")
    next(button for button in app.button if button.label == "Draw").click().run()
    names = set(app.sidebar.multiselect(key="annotators").options)
    app = app.switch_page("dashboard/pages/review.py").run()
    assert names
    assert not names & set(words(app).split())


HOSTILE = [
    "<script>alert(1)</script>",
    "![x](http://example.org/x.png)",
    "[x](javascript:alert(1))",
    ":red[loud] :material/home: :smile:",
    "a_b_c **bold** `code` $x^2$ ~gone~",
    "http://example.org www.example.org ann@example.org",
    "# heading",
    "1. list",
    "| a | b |",
    "line\nbreak",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_escaped_in_markdown(name):
    """Each sign that Markdown or Streamlit understands stands behind a backslash, and no address is left whole."""
    text = show.plain(name)
    bare = text.replace("\\\\", "")
    for sign in "`*_[]()#<>!|~$:":
        assert f"\\{sign}" in bare or sign not in bare
        assert bare.count(sign) == bare.count(f"\\{sign}")
    assert not any(address in text.replace("\\", "") for address in ("http://", "www.", "@example"))
    assert "\n" not in text
    assert text.replace("\\", "").replace("\u2060", "") == " ".join(name.split())


def test_csv_keeps_numbers_and_disarms_formulas():
    frame = pd.DataFrame(
        {
            "annotator": ["=HYPERLINK(1)", "+1", "-2", "@cmd", "\tx", "Ann", "plain = fine"],
            "rate": [-0.5, 1.25, 0.0, 2.0, 3.0, 4.0, 5.0],
            "n": [-1, 2, 3, 4, 5, 6, 7],
        }
    )
    back = pd.read_csv(io.BytesIO(tables.csv(frame)), encoding="utf-8-sig")
    assert list(back["annotator"]) == ["'=HYPERLINK(1)", "'+1", "'-2", "'@cmd", "'\tx", "Ann", "plain = fine"]
    assert list(back["rate"]) == list(frame["rate"])
    assert list(back["n"]) == list(frame["n"])


def test_csv_disarms_formulas_in_mixed_and_nested_columns():
    frame = tables.flat([{"a": ["=1+1", "b"], "b": 1}, {"a": "-1", "b": "=2"}])
    assert list(pd.read_csv(io.BytesIO(tables.csv(frame)), dtype=str)["b"]) == ["1", "'=2"]
    assert list(pd.read_csv(io.BytesIO(tables.csv(frame)))["a"]) == ["'=1+1, b", "'-1"]


def test_csv_headers_are_disarmed():
    assert tables.csv(pd.DataFrame({"=1+1": [1]})).decode("utf-8-sig").startswith("'=1+1")


def test_estimates_become_columns_and_keep_their_reason():
    known = {"value": 0.1, "low": 0.05, "high": 0.2, "n": 40, "unit": "answers", "method": "", "reason": None}
    unknown = {**known, "value": None, "low": None, "high": None, "reason": "nothing judged"}
    frame = tables.flat([{"name": "a", "rate": known}, {"name": "b", "rate": unknown}])
    assert list(frame.columns) == ["name", "rate", "rate_low", "rate_high", "rate_n", "rate_reason"]
    assert frame["rate_reason"][1] == "nothing judged"
    assert pd.isna(frame["rate"][1])


def test_policy_admits_only_the_script_in_the_page():
    """The hash of `x` is known from the specification's rule: base64 of the SHA-256 of the script's text."""
    policy = server.content_security_policy('<script src="a.js"></script><script>x</script>')
    assert "'sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE='" in policy
    assert policy.count("sha256-") == 1
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")


def test_headers_are_on_every_response():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    sent = []

    async def send(message):
        sent.append(message)

    # In a thread of its own: a browser driven in this one keeps an event loop running.
    with ThreadPoolExecutor(1) as alone:
        answer = server.SecurityHeaders(app, policy="default-src 'self'")
        alone.submit(lambda: asyncio.run(answer({"type": "http"}, None, send))).result()
    names = {name for name, _ in sent[0]["headers"]}
    wanted = {b"content-security-policy", b"x-content-type-options", b"referrer-policy", b"x-frame-options"}
    assert wanted <= names


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "qc.example.org"])
def test_another_address_is_refused_while_nobody_has_to_sign_in(host, tmp_path):
    with pytest.raises(InputError, match="no login is configured"):
        server.serve(tmp_path, host=host)


def test_a_port_in_use_is_refused_in_one_sentence(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"Port {port} is in use by another program; stop it or choose another"):
            server.serve(tmp_path, port=port)
    assert capsys.readouterr().out == ""


def test_the_command_ends_with_the_sentence_and_code_1(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "dashboard.server", "--workspace", str(tmp_path), "--port", str(port)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"qc: Port {port} is in use" in done.stderr
    assert "Errno" not in done.stderr


def test_an_address_of_another_machine_is_refused_in_a_sentence():
    """192.0.2.0/24 is reserved for documentation (RFC 5737), so no machine has it."""
    with pytest.raises(InputError, match=r"Port 8501 of 192\.0\.2\.7 cannot be opened"):
        server.listen("192.0.2.7", 8501)


KNOWN = {
    "question": ["tone"],
    "annotator": ["ann", "bob"],
    "batch": [],
    "site": [],
    "first_day": "2026-03-02",
    "last_day": "2026-03-09",
}


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("project", "nosuch", "There is no project nosuch in this workspace; this is Sentence polarity."),
        ("annotators", "nobody", "Filter annotators=nobody is unknown and was dropped."),
        ("site", "north", "Filter site=north is unknown and was dropped."),
        ("from", "yesterday", "Filter from=yesterday is no day of this data and was dropped."),
        ("to", "2026-03-10", "Filter to=2026-03-10 is no day of this data and was dropped."),
        ("project", "tone", None),
        ("annotators", "ann", None),
        ("from", "2026-03-02", None),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(key, value, sentence):
    linked = {name: [] for name in ("project", "question", "from", "to", "annotators", "batch", "site")}
    said = filters.unknown({**linked, key: [value]}, {"tone": "Sentence polarity"}, "tone", KNOWN)
    assert said == ([sentence] if sentence else [])


def test_a_link_to_nothing_says_so_on_the_page(visit, sample):
    app = visit(sample, "overview", project="nosuch", annotators="nobody")
    assert not app.exception
    said = " ".join(warning.value for warning in app.warning).replace("\\", "")
    assert "There is no project nosuch in this workspace; this is" in said
    assert "Filter annotators=nobody is unknown and was dropped." in said
    assert app.run().warning


@pytest.mark.parametrize("parts", ["team_parts", "person_parts"])
def test_a_verdict_stands_beside_the_interval_that_it_follows(parts):
    """A raw rate's interval may straddle the target where the shrunk one, which the verdict follows, does not."""
    tree = ast.parse((ROOT / "dashboard" / f"{parts}.py").read_text(encoding="utf-8"))
    drawn = [
        dict(zip((key.value for key in node.keys), map(ast.unparse, node.values), strict=True))
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict) and {"estimate", "status"} <= {getattr(key, "value", None) for key in node.keys}
    ]
    assert drawn
    assert all(row["estimate"].endswith("['shrunk']") for row in drawn)


@pytest.fixture
def decided(tmp_path):
    """Three people, ten items, one of them answered differently; that one has a known answer."""
    workspace = open_workspace(tmp_path)
    rows = [
        f"i{at},{who},{'b' if at == 0 and who == 'ann' else 'a'}" for at in range(10) for who in ("ann", "bob", "cy")
    ]
    (tmp_path / "answers.csv").write_text("\n".join(["item,annotator,label", *rows]) + "\n", encoding="utf-8")
    (tmp_path / "gold.csv").write_text("item,label\ni0,a\n", encoding="utf-8")
    ingest.ingest(workspace, "tone", tmp_path / "answers.csv", gold=tmp_path / "gold.csv")
    return tmp_path


def test_conflicts_that_gold_decides_are_an_honest_empty_state(visit, decided):
    app = visit(decided, "conflicts")
    assert not app.exception
    assert "Every item that people disagree on has a known answer (gold)." in words(app)


def test_no_adjustment_is_claimed_where_no_slope_is_shown(visit, decided):
    assert "Adjusted for" not in words(visit(decided, "fatigue"))


def test_where_no_shift_can_be_told_from_another_a_sentence_stands_for_the_chart(visit, sample):
    shown = words(visit(sample, "fatigue"))
    assert "Error rate by shift: – (nobody has judged answers both here and elsewhere)" in shown


def test_a_coefficient_is_bootstrapped_on_request(visit, sample):
    app = visit(sample, "agreement")
    assert "by bootstrap" not in words(app)
    app.toggle(key="bootstrap").set_value(True).run()
    assert not app.exception
    assert "For these annotators, by bootstrap: 0.77" in words(app)


def test_every_coefficient_has_a_formula_and_no_name_is_cut():
    assert all("…" not in plain(name) for name, _ in SOURCES.values())
    assert all(formula(key)[0].latex for key in SOURCES)
