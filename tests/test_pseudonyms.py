"""Pseudonyms are stable, keyed and apart; their secret is made once per project. Takes two seconds."""

from __future__ import annotations

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qc.model import NotFoundError
from qc.pseudonyms import pseudonym
from qc.store import open_store
from qc.store.people import pseudonym_secret


def test_a_pseudonym_is_made_of_the_hmac() -> None:
    """By the definition: the HMAC of RFC 2104 with SHA-256, its last seven digits in base 27, least first."""
    signs = "23456789bcdfghjkmnpqrstvwxz"
    number = int(hmac.new(b"secret", b"ana@example.org", hashlib.sha256).hexdigest(), 16)
    wanted = "".join(signs[number // 27**place % 27] for place in range(7))
    assert pseudonym(b"secret", "ana@example.org") == f"person-{wanted}"


def test_names_are_told_apart_and_secrets_too() -> None:
    names = [f"person {number}" for number in range(1_000)]
    assert len({pseudonym(b"one", name) for name in names}) == 1_000
    assert not {pseudonym(b"one", name) for name in names} & {pseudonym(b"two", name) for name in names}


@pytest.mark.parametrize("name", ["", "=1+1", "<script>", "a\nb", "\ud800", "Ünï", "\u202eabc"])
def test_hostile_names_become_harmless(name: str) -> None:
    assert pseudonym(b"secret", name).removeprefix("person-").isalnum()


def test_a_project_has_one_secret_however_many_ask_at_once(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'qc.db'}")
    store.add_project("one", None, "lead")
    store.add_project("two", None, "lead")
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: pseudonym_secret(store, "one"), range(16)))
    assert len(found) == 1
    assert len(next(iter(found))) == 32
    assert pseudonym_secret(store, "two") not in found
    with pytest.raises(NotFoundError):
        pseudonym_secret(store, "none")
    store.engine.dispose()
