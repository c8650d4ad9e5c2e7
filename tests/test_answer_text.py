"""What people write as the right answer, and what the record keeps of it: cases of our own. A second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.model import InputError
from qc.workspace.answer_text import columns, joined, labels, written

KNOWN = ("travel", "work", "shoes, men", "3")


@given(st.lists(st.text(min_size=1, max_size=8).filter(lambda label: label != "(nothing marked)"), max_size=5))
def test_labels_are_kept_apart_whatever_is_in_them(parts: list[str]) -> None:
    assert labels(joined(parts)) == parts


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("multi", "work, travel", "travel; work"),
        ("multi", "work;travel", "travel; work"),
        ("multi", "Work | TRAVEL", "travel; work"),
        ("multi", "shoes, men", "shoes, men"),
        ("multi", "shoes, men; work", "shoes, men; work"),
        ("multi", "(nothing marked)", "(nothing marked)"),
        ("multi", '["work"]', "work"),
        ("ranking", "b, a, c", "b; a; c"),
        ("ranking", "x, y; z", "x, y; z"),
        ("single", "TRAVEL", "travel"),
        ("ordinal", "3", "3"),
        ("number", "2.50", "2.50"),
        ("text", " any words ", "any words"),
    ],
)
def test_it_is_kept_as_it_was_meant(kind: str, text: str, kept: str) -> None:
    assert written("topics", kind, text, KNOWN) == kept


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("multi", "work, leisure", "'work, leisure' is no label of 'topics'; use one of 3, shoes, men, travel, work"),
        ("multi", "work; leisure", "'leisure' is no label"),
        ("single", "traval", "'traval' is no label"),
        ("number", "many", "'many' is no number"),
    ],
)
def test_what_nobody_knows_is_refused(kind: str, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        written("topics", kind, text, KNOWN)


def test_an_answer_is_known_again_as_people_read_it() -> None:
    """Read as `a, b, c`: nobody can tell where the first label ends, but who gave it can."""
    assert columns("multi", written("q", "multi", "a, b, c", ["a, b", "c"], {"a, b, c": ["a, b", "c"]})) == {
        "labels": ["a, b", "c"],
        "label": None,
    }
