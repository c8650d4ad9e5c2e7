"""The benchmark of drawn objects works on a few images, and its loop finds the same F1 (about 3 s)."""

from __future__ import annotations

import pytest
from benchmarks.drawn import OVERLAP, SHAPES, agreement, beside, loop, places, table


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_compared(name: str) -> None:
    images = 3
    of = places(images)
    shape, make = SHAPES[name]
    columns = make(of)
    f1, found = agreement(table(of, shape, columns), images)
    assert f1[0].value is not None
    assert 0.3 < f1[0].value < 0.95
    assert found.alpha.value is not None
    if name in OVERLAP and name != "masks":
        assert loop(of, name, columns, images) == pytest.approx(f1[0].value)
        assert len(beside(of, name, columns, images, 1.0)) == 2
