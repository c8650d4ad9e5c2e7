"""Text offsets: UTF-16 code units, as browsers count, to code points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Code points from `start` to `end` (exclusive); `agrees` is False where the text there is not the quoted one.

    `beyond` is True where the span ends after every text that it may stand in.
    """

    start: int
    end: int
    agrees: bool
    beyond: bool = False


def code_points(text: str, units: int) -> int:
    """How many code points the first `units` UTF-16 code units of a text make.

    >>> code_points("😀 ok", 3)
    2
    """
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "replace"))


def span(start: int, end: int, quote: str | None, texts: Iterable[str]) -> Span:
    """A span of UTF-16 units in the first of some texts where it reads as quoted, else in the first text.

    Where only code points fit the quote they are kept as they are. Without any text the offsets are taken as they come.
    """
    found: Span | None = None
    beyond = True
    for text in texts:
        if max(text, default="") <= "\uffff":
            converted, past = (start, end), end > len(text)
        else:
            converted = (code_points(text, start), code_points(text, end))
            past = end > len(text.encode("utf-16-le", "surrogatepass")) // 2
        beyond &= past
        for left, right in dict.fromkeys((converted, (start, end))):
            if not past and (quote is None or _same(text[left:right], quote)):
                return Span(left, right, True)
        found = found or Span(*converted, False)
    return found._replace(beyond=beyond) if found else Span(start, end, quote is None)


def _same(text: str, quote: str) -> bool:
    """Equal, but for line breaks, which Label Studio quotes as a backslash and an n."""
    return text == quote or text.replace("\n", "\\n") == quote
