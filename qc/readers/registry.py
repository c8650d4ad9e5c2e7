"""The formats that can be read."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Final

from qc.model import InputError
from qc.readers import (
    appen,
    appen_aggregated,
    argilla,
    brat,
    canonical,
    coco,
    crowdkit,
    cvat,
    cvat_server,
    datasaur,
    doccano,
    encord,
    json_records,
    kili,
    label_studio,
    label_studio_csv,
    label_studio_min,
    labelbox,
    labelbox_v1,
    lighttag,
    mturk,
    prodigy,
    sagemaker,
    sagemaker_workers,
    scale,
    superannotate,
    supervisely,
    table,
    toloka,
    uima_cas,
    v7,
    webanno,
)
from qc.readers.looks import likely, looks_like
from qc.readers.reader import Reader
from qc.readers.source import Source, source

READERS: Final[tuple[Reader, ...]] = (
    Reader("canonical", "Annotation QC's own JSON Lines", canonical.sniff, canonical.read),
    Reader("coco", "COCO JSON: annotations or results", coco.sniff, coco.read),
    Reader("cvat", "CVAT XML for images or video", cvat.sniff, cvat.read),
    Reader("cvat_server", "CVAT server JSON: jobs, annotations, issues", cvat_server.sniff, cvat_server.read),
    Reader("label_studio", "Label Studio JSON", label_studio.sniff, label_studio.read),
    Reader("label_studio_min", "Label Studio JSON-MIN", label_studio_min.sniff, label_studio_min.read),
    Reader("label_studio_csv", "Label Studio CSV or TSV", label_studio_csv.sniff, label_studio_csv.read),
    Reader("encord", "Encord JSON label rows", encord.sniff, encord.read),
    Reader("kili", "Kili JSON", kili.sniff, kili.read),
    Reader("labelbox", "Labelbox NDJSON (export v2)", labelbox.sniff, labelbox.read),
    Reader("labelbox_v1", "Labelbox JSON (export v1)", labelbox_v1.sniff, labelbox_v1.read),
    Reader("superannotate", "SuperAnnotate JSON", superannotate.sniff, superannotate.read),
    Reader("supervisely", "Supervisely JSON", supervisely.sniff, supervisely.read),
    Reader("v7", "V7 Darwin JSON", v7.sniff, v7.read),
    Reader("argilla", "Argilla records", argilla.sniff, argilla.read),
    Reader("brat", "brat standoff", brat.sniff, brat.read),
    Reader("datasaur", "Datasaur JSON", datasaur.sniff, datasaur.read),
    Reader("doccano", "doccano JSON Lines", doccano.sniff, doccano.read),
    Reader("lighttag", "LightTag JSON", lighttag.sniff, lighttag.read),
    Reader("prodigy", "Prodigy JSON Lines", prodigy.sniff, prodigy.read),
    Reader("scale", "Scale tasks", scale.sniff, scale.read),
    Reader("uima_cas", "UIMA CAS as JSON or XMI (INCEpTION)", uima_cas.sniff, uima_cas.read),
    Reader("webanno", "WebAnno TSV 3 (INCEpTION, WebAnno)", webanno.sniff, webanno.read),
    Reader("appen", "Appen full report", appen.sniff, appen.read),
    Reader("appen_aggregated", "Appen aggregated report", appen_aggregated.sniff, appen_aggregated.read),
    Reader("crowdkit", "crowd-kit table", crowdkit.sniff, crowdkit.read),
    Reader("mturk", "Mechanical Turk batch results", mturk.sniff, mturk.read),
    Reader("sagemaker_manifest", "SageMaker Ground Truth output manifest", sagemaker.sniff, sagemaker.read),
    Reader("sagemaker_workers", "SageMaker worker response", sagemaker_workers.sniff, sagemaker_workers.read),
    Reader("toloka", "Toloka assignments TSV", toloka.sniff, toloka.read),
    Reader("records", "JSON or JSON Lines of records", json_records.sniff, json_records.read),
    Reader("table", "Sheet: CSV, TSV, XLSX or Parquet", table.sniff, table.read),
)
ALL: Final = "the table of formats in README.md names all"
SURE: Final = 50
"""From this rank on a reader knows a file by a signature; below, it only looks like one of its own."""


def reader(name: str) -> Reader:
    """The reader of a format by its name; an unknown one is an InputError."""
    for known in READERS:
        if known.name == name:
            return known
    alike = get_close_matches(name.casefold(), [known.name for known in READERS], 2, 0.6)
    meant = f"perhaps {' or '.join(repr(known) for known in alike)} is meant; " if alike else ""
    raise InputError(f"There is no format {name!r}: {meant}{ALL}.")


def recognise(path: Path) -> Reader:
    """The reader that is surest of a file; an InputError says what the file looks like when none is."""
    found = source(path)
    rank, best = ranked(found)
    if not rank:
        raise InputError(strange(found))
    return best


def ranked(found: Source) -> tuple[int, Reader]:
    """How sure the surest reader is of a file, 0 where none knows it, and that reader."""
    return max(((known.sniff(found), known) for known in READERS), key=lambda rank: rank[0])


def strange(found: Source) -> str:
    """What is to be said of a file that no reader knows."""
    return f"{found.name} is {looks_like(found)}. {likely(found)}; {ALL}."
