"""WebAnno TSV 3, of INCEpTION and WebAnno: one document and one person a file; the document is what is counted."""

from __future__ import annotations

from typing import Final

from qc.model import InputError
from qc.readers.drawings import Drawing
from qc.readers.inception import label_of, place_of, short_names, stage
from qc.readers.reader import Options
from qc.readers.records import Records
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, utf16
from qc.readers.webanno_lines import Parsed, attributes_of, parsed

UNKNOWN: Final = "{n} relations, chains and links between spans are kept as they stand in `extra`"

_FORMAT: Final = "#FORMAT=WebAnno TSV "
_SPANS: Final = "T_SP"


def sniff(source: Source) -> int:
    """The first line names the format."""
    return 95 if source.text().lstrip("\ufeff").startswith(_FORMAT) else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages a document and the spans of its layers."""
    with source.stream() as stream:
        content = (stream.readall() or b"").decode(errors="replace").removeprefix("\ufeff")
    if not content.startswith(_FORMAT + "3"):
        raise InputError(f"{source.name} is not in version 3 of WebAnno TSV; export it as WebAnno TSV v3.3.")
    records = Records(options, staging)
    with records.record(1, content):
        found = parsed(content.split("\n"))
        text = Text(found.text, utf16)
        names = short_names([layer.name for layer in found.layers])
        drawing = _drawing(found, text, names)
        records.note(UNKNOWN, sum(map(len, found.rest.values())))
        asked = [names[layer.name] for layer in found.layers if layer.make == _SPANS]
        stage(records, place_of(source), options, text, drawing, asked, None)
    records.finish()
    staging.progress(1.0)


def _drawing(found: Parsed, text: Text, names: dict[str, str]) -> Drawing:
    drawing = Drawing()
    for layer, spans in found.spans.items():
        for span in spans:
            label = label_of(span.values, names[layer])
            quote = span.words[0] if len(span.words) == 1 else None
            region = text.span(span.start, span.end, label, quote)
            region["attributes"] = (region.get("attributes") or {}) | attributes_of(span, label)
            drawing.mark(region, names[layer])
    if found.rest:
        drawing.extra |= {"layers": [found.rest]}
    return drawing
