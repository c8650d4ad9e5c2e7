"""A JSON file that is one object: decoded whole, within bounds."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from qc.model import InputError
from qc.readers.source import Source

LENGTH: Final = 256 << 20
"""Bytes of the largest object that is decoded whole."""


def document(source: Source) -> Any:
    """The JSON value that a file holds; a file that is cut off, too large, too deep or no JSON is an InputError."""
    if source.size > LENGTH:
        raise InputError(f"{source.name} is one JSON object of more than {LENGTH >> 20} MB; export it in parts.")
    with source.stream() as stream:
        text = stream.read(-1)
        while block := stream.read(-1):
            text += block
    try:
        return msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise InputError(f"{source.name} nests deeper than any export does.") from None
    except msgspec.MsgspecError as error:
        fault = f"{error}".removeprefix("JSON is malformed: ").rstrip(".")
        raise InputError(f"{source.name} is no readable JSON ({fault}); it may be cut off: export it again.") from None
