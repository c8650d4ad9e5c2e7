"""The encoding of a sheet of a tool that does not always write UTF-8."""

from __future__ import annotations

import codecs
import re
from typing import Final

from qc.model import InputError
from qc.readers.reader import Options
from qc.readers.source import Source
from qc.readers.staging import Staging

NOT_UTF8: Final = (
    "The file is no UTF-8 text and was read as {encoding}; if letters look wrong, write another into the mapping, "
    'like `encoding = "cp1250"`'
)

_BEYOND: Final = re.compile(rb"[\x80-\xff]+")
_BLOCK: Final = 1 << 20


def encoding_of(source: Source, options: Options, staging: Staging) -> str | None:
    """The encoding that a mapping names, else None where the text is UTF-8 or what the file's mark says.

    Other texts are taken for Windows-1252 where they can be, else for Latin-1; the report notes it. Those whose letters
    beyond ASCII stand side by side, as no Western language writes them, are an InputError.
    """
    if options.mapping and options.mapping.encoding:
        return options.mapping.encoding
    binary = source.head.startswith((b"PAR1", b"PK\x03\x04"))
    if binary or source.encoding != "utf-8" or _fits(source, "utf-8"):
        return None
    if _is_foreign(source.head):
        raise InputError(
            f"{source.name} is neither UTF-8 nor Western text: write how it was saved at the head of a MAP.toml, like "
            'encoding = "cp1251" (Cyrillic), "cp1250" (Central European), "shift_jis" or "gb18030", and pass it with '
            "--map MAP.toml; or save the file as UTF-8."
        )
    encoding = "cp1252" if _fits(source, "cp1252") else "latin-1"
    staging.tally.note(NOT_UTF8.replace("{encoding}", encoding))
    return encoding


def _is_foreign(head: bytes) -> bool:
    """Whether most bytes beyond ASCII stand in runs of three or more."""
    beyond = sum(map(len, _BEYOND.findall(head)))
    return beyond > 0 and 2 * sum(len(run) for run in _BEYOND.findall(head) if len(run) > 2) > beyond


def _fits(source: Source, encoding: str) -> bool:
    """Whether all bytes are text of an encoding, but for a character that the end of a cut file parts."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with source.path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True
