"""What a file that no reader takes looks like, in words."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from qc.readers.source import HEAD, Source

_TAIL: Final = 4096

# First bytes of files that people take for exports, and what to do with them.
_MISTAKEN: Final = (
    (b"PK\x03\x04", "a ZIP archive; unpack it"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as .xlsx or CSV"),
    (b"%PDF", "a PDF; export the data itself"),
    (b"SQLite format 3", "a SQLite database; export its table as CSV"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; pack it as zip"),
    (b"Rar!", "a RAR archive; pack it as zip"),
    (b"BZh", "compressed with bzip2; pack it with gzip"),
    (b"\xfd7zXZ", "compressed with xz; pack it with gzip"),
    (b"(\xb5/\xfd", "compressed with zstd; pack it with gzip"),
    (b"\x93NUMPY", "a NumPy array; export the answers themselves"),
    (b"\x80\x04", "a Python pickle, which is never opened; save it as JSON or Parquet"),
)
_EMPTY: Final = ("", "[]", "{}", "[{}]", "null")


def looks_like(found: Source) -> str:
    """What a file is, for a sentence that begins with its name and `is`."""
    for mark, words in _MISTAKEN:
        if found.head.startswith(mark):
            return words
    if not found.is_text:
        return "binary data of no known format"
    text = _bare(found)
    for sign, kind in (("[", "a JSON list"), ("{", "a JSON object or JSON lines"), ("<", "XML or HTML")):
        if text.startswith(sign):
            return f"{kind}, but of no known tool ({_excerpt(text)})"
    return f"text, but no table ({_excerpt(text)})"


def likely(found: Source) -> str:
    """What can be read of files of this sort, in words."""
    if not found.is_text:
        return "Of files that are no text, XLSX and Parquet are read"
    if _bare(found).startswith("<"):
        return "Of XML, CVAT's and INCEpTION's (UIMA CAS as XMI) is read"
    if _bare(found).startswith(("[", "{")):
        return "Of JSON, exports of many tools are read, and records of any make with --format records and a mapping"
    return "Of text, sheets (columns parted by , ; | or tabs), brat's .ann files and WebAnno's TSV are read"


def holds_nothing(found: Source) -> bool:
    """Whether a file is nothing but the frame of an export."""
    return found.size <= HEAD and "".join(_bare(found).split()) in _EMPTY


def is_cut_off(found: Source) -> bool:
    """Whether a JSON or XML file ends before what it began with does; JSON Lines end anywhere."""
    text = _bare(found)
    if text.startswith("<"):
        return _is_cut_xml(text, _tail(found))
    if not text.startswith(("[", "{")):
        return False
    if found.size > HEAD:
        return text.startswith("[") and not _tail(found).endswith("]")
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        return "truncated" in str(error)
    except RecursionError:
        return False
    return False


def _is_cut_xml(text: str, tail: str) -> bool:
    root = re.search(r"<([A-Za-z_][\w.:-]*)", text)
    return root is None or not tail.endswith((f"</{root[1]}>", "/>", "-->"))


def _bare(found: Source) -> str:
    return found.text().lstrip("\ufeff \r\n\t")


def _tail(found: Source) -> str:
    """The last characters, without space."""
    if found.size <= len(found.head):
        return found.text().rstrip()
    with found.path.open("rb") as file:
        file.seek(-_TAIL, 2)
        return file.read().decode(found.encoding.removesuffix("-sig"), "replace").rstrip()


def _excerpt(text: str) -> str:
    return "it begins " + repr(" ".join(text[:200].split())[:60])
