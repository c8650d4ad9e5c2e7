"""The encoding of a sheet of a tool that does not always write UTF-8."""

from __future__ import annotations

import codecs
from typing import Final

from qc.readers.reader import Options
from qc.readers.source import Source
from qc.readers.staging import Staging

NOT_UTF8: Final = "The file is no UTF-8 text and was read as {encoding}; name another encoding in a mapping"

_BLOCK: Final = 1 << 20


def encoding_of(source: Source, options: Options, staging: Staging) -> str | None:
    """The encoding that a mapping names, else None where the text is UTF-8 or what the file's mark says.

    Other texts are taken for Windows-1252 where they can be, else for Latin-1; the report notes it.
    """
    if options.mapping and options.mapping.encoding:
        return options.mapping.encoding
    if source.encoding != "utf-8" or _fits(source, "utf-8"):
        return None
    encoding = "cp1252" if _fits(source, "cp1252") else "latin-1"
    staging.tally.note(NOT_UTF8.replace("{encoding}", encoding))
    return encoding


def _fits(source: Source, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with source.path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
