"""brat, WebAnno TSV and UIMA CAS: a document and a person a file (about 6 s).

Expected rows were derived by hand from the documented formats. The tiny text is "The pump failed twice.": pump stands
at 4 to 8, failed at 9 to 15, twice at 16 to 21.
"""

import builtins
import importlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from conftest import require
from readers_staged import DATA, NOW, Staged, check, read, write

from qc.model import InputError
from qc.readers import Options
from qc.readers.child import parse

SPANS = ("region_id", "label", "t_start", "t_end", "quote")


@pytest.fixture
def cassis() -> Any:
    require(importlib.util.find_spec("cassis"), "dkpro-cassis (the extra `uima`)")
    return importlib.import_module("cassis")


def told(path: Path, folder: Path, **options: Any) -> Staged:
    folder = folder / "told"
    folder.mkdir(exist_ok=True)
    staged = Staged(parse(path, None, replace(Options(NOW), **options), folder, lambda _: None), folder)
    check(staged)
    return staged


def bundle(folder: Path, files: Mapping[str, str]) -> Path:
    path = folder / "export.zip"
    with ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def standoff(folder: Path, text: str | None, *lines: str) -> Staged:
    files = {"anna/d.ann": "\n".join(lines)} | ({"anna/d.txt": text} if text is not None else {})
    return told(bundle(folder, files), folder)


def test_brat_tiny(tmp_path: Path) -> None:
    staged = read(DATA / "brat", tmp_path)
    assert staged.rows("annotations", "item_id", "question", "annotation_id", "annotator", "role", "kind") == [
        ("doc1", "entities", "doc1/anna", "anna", "annotator", "spans"),
        ("doc1", "entities", "doc1/ben", "ben", "annotator", "spans"),
    ]
    assert staged.rows("regions", *SPANS, "attributes") == [
        ("T1", "PART", 4, 8, "pump", '{"normalizations":["Wikidata:Q134574"],"notes":["sure?"]}'),
        ("T2/0", "EVENT", 9, 15, "failed", '{"region":"T2","part":0,"Negation":[true]}'),
        ("T2/1", "EVENT", 16, 21, "twice", '{"region":"T2","part":1,"Negation":[true]}'),
        ("T1", "COMPONENT", 4, 8, "pump", None),
    ]
    kept = json.loads(staged.rows("annotations", "extra")[0][0])
    assert kept == {"relations": ["R1\tAffects Arg1:T2 Arg2:T1"], "equivalences": ["*\tEquiv T1 T2"]}
    assert staged.rows("items", "item_id", "text") == [("doc1", "The pump failed twice.\n")]
    assert (staged.report.format, staged.report.notes) == ("brat", ())


def test_brat_counts_line_ends_as_they_are(tmp_path: Path) -> None:
    staged = standoff(tmp_path, "one\r\ntwo", "T1\tN 5 8\ttwo")
    assert staged.rows("regions", *SPANS) == [("T1", "N", 5, 8, "two")]
    assert staged.report.notes == ()


def test_brat_without_marks_is_nothing_to_mark(tmp_path: Path) -> None:
    staged = standoff(tmp_path, "one two")
    assert staged.rows("annotations", "annotator", "status", "kind") == [("anna", "submitted", "none")]
    assert any("count as nothing to mark" in note for note in staged.report.notes)


def test_brat_alone_names_nobody(tmp_path: Path) -> None:
    path = DATA / "brat" / "ben" / "doc1.ann"
    assert told(path, tmp_path).rows("annotations", "annotator", "role") == [("consensus", "consensus")]
    assert told(path, tmp_path, annotator="Ben").rows("annotations", "annotator", "role") == [("Ben", "annotator")]


def test_brat_spans_that_quote_other_words(tmp_path: Path) -> None:
    staged = standoff(tmp_path, "one two", "T1\tN 4 7\tone", "T2\tN 0 3;4 7\tone too", "E1\tN:T1 Arg:T2")
    attributes = [json.loads(row[0]) for row in staged.rows("regions", "attributes")]
    assert [found["quote_differs"] for found in attributes] == [True, True, True]
    assert "3 spans quote other words than stand at their place in the text" in staged.report.notes
    assert staged.rows("annotations", "extra") == [('{"events":["E1\\tN:T1 Arg:T2"]}',)]
    staged = standoff(tmp_path, None, "T1\tN 4 7\ttwo")
    assert staged.rows("regions", *SPANS) == [("T1", "N", 4, 7, "two")]
    assert any(note.startswith("1 span stands in texts that are not in the export") for note in staged.report.notes)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("T2\tN 4\ttwo", "a line is none of brat's"),
        ("nonsense", "a line is none of brat's"),
        ("T2\tN 4 99\ttwo", "a span ends after its text"),
        ("T2\tN 7 4\ttwo", "a span has no possible start and end"),
        ("T1\tN 4 7\ttwo", "two marks have one id"),
    ],
)
def test_a_bad_line_puts_the_whole_document_into_quarantine(line: str, reason: str, tmp_path: Path) -> None:
    staged = standoff(tmp_path, "one two", "T1\tN 0 3\tone", line)
    assert staged.rows("quarantine", "line", "reason", "excerpt") == [(2, reason, line)]
    assert (staged.report.read, staged.rows("annotations"), staged.rows("regions")) == (1, [], [])


HEADER = (
    "#FORMAT=WebAnno TSV 3.3\n#T_SP=custom.Part|value|sure\n#T_SP=custom.Flag|\n#T_RL=custom.Of|how|BT_custom.Part\n"
)


def tsv(*rows: str, text: str = "A pump failed.") -> str:
    return HEADER + f"\n\n#Text={text}\n" + "".join(f"{row}\t\n" for row in rows)


def test_webanno_tiny(tmp_path: Path) -> None:
    staged = told(DATA / "webanno.tsv", tmp_path, annotator="Anna")
    assert staged.rows("annotations", "item_id", "question", "annotator", "kind", "annotation_id") == [
        ("webanno", "Part", "Anna", "spans", "webanno/Anna")
    ]
    assert staged.rows("regions", *SPANS) == [("1", "PART", 4, 8, "pump"), ("2", "EVENT", 9, 21, "failed twice")]
    assert staged.rows("items", "text") == [("The pump failed twice.",)]


def test_webanno_layers_stacks_escapes_and_relations(tmp_path: Path) -> None:
    staged = told(
        write(tmp_path, "d.tsv", tsv(
            r"1-1	0-1	A	_	_	_	_	_",
            r"1-2	2-6	pump	X\|Y[1]|Z[2]	yes[1]|*[2]	_	of	1-1[0_1]",
            r"1-2.1	2-4	pu	\*	_	*	_	_",
            r"1-3	7-13	failed	Z[2]	*[2]	_	_	_",
        )),
        tmp_path,
        annotator="Anna",
    )  # fmt: skip
    assert staged.rows("regions", "question", *SPANS, "attributes") == [
        ("Part", "1", "X|Y", 2, 6, "pump", '{"sure":"yes"}'),
        ("Part", "2", "Z", 2, 13, "pump failed", None),
        ("Part", "3", "*", 2, 4, "pu", None),
        # A layer without features says no more than that it is there.
        ("Flag", "1", "Flag", 2, 4, "pu", None),
    ]
    kept = json.loads(staged.rows("annotations", "extra")[0][0])["layers"]
    assert kept == [{"custom.Of": [{"at": "1-2", "how": "of", "BT_custom.Part": "1-1[0_1]"}]}]


def test_webanno_layers_without_spans_are_nothing_to_mark(tmp_path: Path) -> None:
    staged = told(write(tmp_path, "d.tsv", tsv("1-1\t0-1\tA\t_\t_\t_\t_\t_")), tmp_path)
    assert staged.rows("annotations", "question", "kind") == [("Part", "none"), ("Flag", "none")]


def test_webanno_sentences_keep_their_places(tmp_path: Path) -> None:
    content = tsv("1-1\t0-2\tOn\tX\t*\t_\t_\t_", text="On") + (
        "\n#Text=two\\tthree\n#Text=four\n2-1\t5-8\ttwo\t_\t_\t_\t_\t_\t\n2-2\t9-14\tthree\tX\t*\t_\t_\t_\t\n"
    )
    staged = told(write(tmp_path, "d.tsv", content), tmp_path)
    assert staged.rows("items", "text") == [("On   two\tthree\nfour",)]
    assert staged.rows("regions", "t_start", "t_end", "quote") == [(0, 2, "On"), (9, 14, "three")]


def project(state: str) -> dict[str, str]:
    documents = [{"name": "doc1.txt", "user": "anna", "state": state}]
    return {
        "exportedproject.json": json.dumps({"annotation_documents": documents}),
        "event.log": (DATA / "inception_event.log").read_text(),
    }


def test_an_archive_of_inception_tells_people_states_and_times(tmp_path: Path) -> None:
    tiny = (DATA / "webanno.tsv").read_text()
    files = {
        "annotation/doc1.txt/anna.tsv": tiny,
        "annotation/doc1.txt/INITIAL_CAS.tsv": tiny,
        "curation/doc1.txt/CURATION_USER.tsv": tiny,
    }
    staged = told(bundle(tmp_path, files | project("FINISHED")), tmp_path)
    assert staged.rows("annotations", "item_id", "annotator", "role", "status", "submitted_at", "tz_source") == [
        # 1772442050000 ms: 9 s after the first answer of the Prodigy file.
        ("doc1.txt", "anna", "annotator", "submitted", datetime(2026, 3, 2, 9, 0, 50, tzinfo=UTC), "epoch"),
        ("doc1.txt", "CURATION_USER", "adjudicator", "submitted", None, None),
    ]
    assert not any("seconds" in row for row in staged.rows("annotations"))
    assert any(note.startswith("1 file holds documents as they were before") for note in staged.report.notes)


@pytest.mark.parametrize(
    ("state", "status"), [("IN-PROGRESS", ["draft"]), ("NEW", []), ("LOCKED", ["skipped"]), ("odd", ["submitted"])]
)
def test_the_state_of_a_document(state: str, status: list[str], tmp_path: Path) -> None:
    files = {"p/annotation/doc1.txt/anna.tsv": (DATA / "webanno.tsv").read_text()}
    files |= {f"p/{name}": content for name, content in project(state).items()}
    staged = told(bundle(tmp_path, files), tmp_path)
    assert [row[0] for row in staged.rows("annotations", "status")] == status


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (tsv("1-1\t0-1\tA\t_"), "a line is no token with its offsets and cells"),
        (tsv("1-1\t1-0\tA\t_\t_\t_\t_\t_"), "a line is no token with its offsets and cells"),
        (tsv("1-1\t999999999-999999999\tA\t_\t_\t_\t_\t_"), "a sentence stands far beyond the one before"),
        ("#FORMAT=WebAnno TSV 3.3\n#T_SP=\n", "a layer in the header has no name"),
    ],
)
def test_a_bad_line_of_webanno(content: str, reason: str, tmp_path: Path) -> None:
    staged = told(write(tmp_path, "d.tsv", content), tmp_path)
    assert staged.report.reasons == {reason: 1}
    with pytest.raises(InputError, match=r"export it as WebAnno TSV v3\.3"):
        told(write(tmp_path, "d.tsv", content.replace("TSV 3", "TSV 2")), tmp_path)


def test_uima_tiny_in_json_and_in_xmi(cassis: Any, tmp_path: Path) -> None:
    path = DATA / "inception_cas.json"
    staged = read(path, tmp_path)
    assert staged.rows("annotations", "item_id", "question", "annotator", "role", "kind", "updated_at") == [
        ("doc1.txt", "Part", "anna", "annotator", "spans", datetime(2026, 3, 2, 9, 0, 50, tzinfo=UTC))
    ]
    assert staged.rows("regions", *SPANS) == [("1", "PART", 4, 8, "pump")]
    cas = cassis.load_cas_from_json(path.read_text())
    folder = tmp_path / "xmi"
    folder.mkdir()
    write(folder, "anna.xmi", cas.to_xmi())
    with pytest.raises(InputError, match=r"without its TypeSystem\.xml"):
        told(folder / "anna.xmi", tmp_path)
    write(folder, "TypeSystem.xml", cas.typesystem.to_xml())
    again = told(folder / "anna.xmi", tmp_path)
    assert again.rows("annotations") == staged.rows("annotations")
    assert again.rows("regions") == staged.rows("regions")


@pytest.mark.usefixtures("cassis")
def test_uima_of_an_archive_is_of_its_path(tmp_path: Path) -> None:
    files = {"curation/d.txt/CURATION_USER.json": (DATA / "inception_cas.json").read_text()}
    staged = told(bundle(tmp_path, files), tmp_path)
    assert staged.rows("annotations", "item_id", "annotator", "role") == [("d.txt", "CURATION_USER", "adjudicator")]


def test_uima_without_the_extra_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "cassis":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"needs the extra `uima`: pip install 'annotation-qc\[uima\]'"):
        read(DATA / "inception_cas.json", tmp_path)


@pytest.mark.parametrize("sign", ["<!DOCTYPE x>", '<!ENTITY a "b">'])
def test_xmi_that_declares_entities_is_refused(sign: str, cassis: Any, tmp_path: Path) -> None:
    cas = cassis.load_cas_from_json((DATA / "inception_cas.json").read_text())
    write(tmp_path, "TypeSystem.xml", cas.typesystem.to_xml())
    content = cas.to_xmi().replace("<xmi:XMI", f"{sign}<xmi:XMI", 1)
    with pytest.raises(InputError, match="declares entities"):
        told(write(tmp_path, "anna.xmi", content), tmp_path)
