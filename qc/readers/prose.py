"""Labels told from sentences, where an export does not say which of the two a text is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 40
_WORDS: Final = 4


def is_prose(texts: Iterable[str]) -> bool:
    """Whether most of some answers are too long for labels.

    >>> is_prose(["positive", "negative"]), is_prose(["It pumps water.", "A pump moves fluids by mechanical action."])
    (False, True)
    """
    longs = [len(text) > _LONGEST or len(text.split()) > _WORDS or "\n" in text for text in texts]
    return 2 * sum(longs) >= len(longs) > 0
