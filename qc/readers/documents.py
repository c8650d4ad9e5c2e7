"""A JSON file that is one object: decoded whole, within bounds."""

from __future__ import annotations

from typing import Any

import msgspec

from qc.model import InputError
from qc.readers.decoding import decoded
from qc.readers.source import Source


def document(source: Source) -> Any:
    """The JSON value that a file holds; a file that is cut off, too large, too deep or no JSON is an InputError."""
    largest = source.limits.document_mb
    if source.size > largest << 20:
        raise InputError(
            f"{source.name} is one JSON object of more than {largest:,} MB; export it in parts, "
            "or raise the limit `document_mb`."
        )
    with source.stream() as stream:
        text = b"".join(iter(lambda: stream.read(-1), b""))
    try:
        return decoded(text.removeprefix(b"\xef\xbb\xbf"), source.emptied)
    except RecursionError:
        raise InputError(f"{source.name} nests deeper than any export does.") from None
    except msgspec.MsgspecError as error:
        fault = f"{error}".removeprefix("JSON is malformed: ").rstrip(".")
        raise InputError(f"{source.name} is no readable JSON ({fault}); it may be cut off: export it again.") from None
