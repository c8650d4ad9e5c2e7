"""Names for those who may not see names: the same person is always called the same, and nobody can tell who it is."""

from __future__ import annotations

import hmac
from typing import Final

# Without vowels no word can arise, and none of these signs is taken for another.
_SIGNS: Final = "23456789bcdfghjkmnpqrstvwxz"
_LENGTH: Final = 7


def pseudonym(secret: bytes, name: str) -> str:
    """A name such as `person-k7qf2mx` that only who holds the secret can compute (HMAC-SHA-256, RFC 2104).

    Equal secrets and names give equal pseudonyms. Among 1,000 people two share one with a chance of 1 in 20,000.
    """
    number = int.from_bytes(hmac.digest(secret, name.encode("utf-8", "surrogatepass"), "sha256"), "big")
    signs = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[place])
    return f"person-{''.join(signs)}"
