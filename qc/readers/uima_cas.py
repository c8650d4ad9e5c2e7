"""UIMA CAS, of INCEpTION and others, as JSON or XMI: one document and one person a file, which is what is counted.

Needs the extra `uima` (dkpro-cassis), which also turns offsets into code points.
"""

from __future__ import annotations

import re
from typing import Any, Final

from qc.model import InputError
from qc.readers.drawings import Drawing
from qc.readers.fields import identity
from qc.readers.inception import label_of, place_of, short_names, stage
from qc.readers.numbers import number
from qc.readers.reader import Options
from qc.readers.records import Records, Row
from qc.readers.source import Source
from qc.readers.staging import Staging
from qc.readers.text_spans import Text, code_points
from qc.readers.values import begins

LONGEST: Final = 64 << 20
"""Bytes of the largest document that is decoded whole."""

RELATIONS: Final = "{n} relations, chains and links between spans are kept in `extra`"

_ANNOTATION: Final = "uima.tcas.Annotation"
_METADATA: Final = "de.tudarmstadt.ukp.clarin.webanno.api.type.CASMetadata"
# Made by machines when a document is imported, or bookkeeping; nobody annotated these.
_BUILT_IN: Final = re.compile(
    r"uima\..*|.*\.segmentation\.type\..*|.*\.metadata\.type\..*|.*\.webanno\.api\.type\..*|.*\.xml\.type\..*|.*\.pdf\..*"
)
_ENDS: Final = ("Governor", "Dependent")
_LINK: Final = "next"
# XML can name files and repeat itself without end.
_HOSTILE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def sniff(source: Source) -> int:
    """The two members of a CAS in JSON, or the root of one in XML."""
    text = source.text()
    if begins(source, "{"):
        return 95 if '"%TYPES"' in text or '"%FEATURE_STRUCTURES"' in text else 0
    return 95 if begins(source, "<") and "<xmi:XMI" in text and "uima" in text else 0


def read(source: Source, options: Options, staging: Staging) -> None:
    """Stages a document and the spans of its layers."""
    cas = _loaded(source)
    records = Records(options, staging)
    with records.record(1, source.text()):
        text = Text(cas.sofa_string if isinstance(cas.sofa_string, str) else None, code_points)
        about = _metadata(cas)
        place = place_of(source, identity(about.get("username")), identity(about.get("sourceDocumentName")))
        layers = [kind.name for kind in cas.typesystem.get_types() if _is_layer(cas, kind)]
        drawing = _drawing(cas, text, short_names(layers), layers)
        records.note(RELATIONS, len(drawing.extra.get("relations", ())))
        asked = [name for layer, name in short_names(layers).items() if _is_spans(cas.typesystem.get_type(layer))]
        changed = number(about.get("lastChangedOnDisk"))
        stage(records, place, options, text, drawing, asked, int(changed) if changed and changed > 0 else None)
    records.finish()
    staging.progress(1.0)


def _loaded(source: Source) -> Any:
    """The CAS; its types stand beside it where it is XMI. What the library cannot read is an InputError."""
    try:
        import cassis
    except ImportError:
        raise InputError(
            f"{source.name} is a UIMA CAS, which needs the extra `uima`: pip install 'annotation-qc[uima]'."
        ) from None
    content = _content(source)
    types = None
    if begins(source, "<"):
        beside = source.sibling("TypeSystem.xml")
        if beside is None:
            raise InputError(
                f"{source.name} is a UIMA CAS in XMI without its TypeSystem.xml beside it; "
                "keep the two together, or export UIMA CAS JSON."
            )
        types = _content(beside)
    try:
        if types is None:
            return cassis.load_cas_from_json(content.decode())
        system = cassis.load_typesystem(types.decode())
        return cassis.load_cas_from_xmi(content.decode(), typesystem=system, lenient=True)
    except MemoryError:
        raise
    except Exception as error:
        # The library has no error of its own: a file that is no CAS fails wherever it is first looked at.
        raise InputError(
            f"{source.name} is no readable UIMA CAS ({type(error).__name__}); it may be cut off: export it again."
        ) from None


def _content(source: Source) -> bytes:
    if source.size > LONGEST:
        raise InputError(f"{source.name} is a document of more than {LONGEST >> 20} MB; export it in parts.")
    with source.stream() as stream:
        content = (stream.readall() or b"").removeprefix(b"\xef\xbb\xbf")
    if begins(source, "<") and _HOSTILE.search(content):
        raise InputError(f"{source.name} declares entities or a document type, which no export does.")
    return content


def _metadata(cas: Any) -> Row:
    """What INCEpTION notes of the file: the person, the document, the last change."""
    for structure in cas.select_all_fs():
        if structure.type.name == _METADATA:
            return {name: getattr(structure, name, None) for name in _features(structure)}
    return {}


def _features(structure: Any) -> list[str]:
    return [feature.name for feature in structure.type.all_features]


def _is_layer(cas: Any, kind: Any) -> bool:
    return not _BUILT_IN.fullmatch(kind.name) and cas.typesystem.subsumes(_ANNOTATION, kind.name)


def _is_spans(kind: Any) -> bool:
    names = {feature.name for feature in kind.all_features}
    return _LINK not in names and not names.issuperset(_ENDS)


def _drawing(cas: Any, text: Text, names: dict[str, str], layers: list[str]) -> Drawing:
    drawing = Drawing()
    for structure in cas.select_all_fs():
        layer = structure.type.name
        if layer not in names:
            continue
        values = {
            name: f"{value}".lower() if isinstance(value, bool) else f"{value}"
            for name in _features(structure)
            if name not in ("begin", "end", "sofa")
            and isinstance(value := getattr(structure, name, None), str | int | float)
        }
        if not _is_spans(structure.type):
            ends = {
                name: _place(value)
                for name in _features(structure)
                if (value := getattr(structure, name, None)) is not None
            }
            drawing.extra.setdefault("relations", []).append({"layer": layer, **ends, **values})
            continue
        label = label_of(values, names[layer])
        region = text.span(structure.begin, structure.end, label)
        region["attributes"] = {name: value for name, value in values.items() if value != label}
        drawing.mark(region, names[layer])
    return drawing


def _place(value: Any) -> Any:
    """A span that another one points at, by its offsets."""
    if hasattr(value, "begin"):
        return [value.begin, value.end]
    return value if isinstance(value, str | int | float) else None
