"""Item and session effects by alternating projections. About 3 s."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qc.stats.two_way import cross, recurring


def dense(items: np.ndarray, sessions: np.ndarray) -> np.ndarray:
    """A dummy column for every item and session."""
    return np.hstack([np.eye(items.max() + 1)[items], np.eye(sessions.max() + 1)[sessions]])


def dense_residuals(column: np.ndarray, items: np.ndarray, sessions: np.ndarray) -> np.ndarray:
    """Least squares on the dummies: what the projections must come to."""
    dummies = dense(items, sessions)
    return column - dummies @ np.linalg.lstsq(dummies, column, rcond=None)[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_residuals_are_those_of_dense_least_squares(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items, sessions = rng.integers(0, 40, 300), rng.integers(0, 15, 300)
    column = rng.normal(size=300) * 1000 + items
    assert_allclose(cross(items, sessions).residuals(column), dense_residuals(column, items, sessions), atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5), st.integers(-50, 50)), min_size=1, max_size=60))
def test_any_crossing_agrees_with_dense_least_squares(rows: list[tuple[int, int, int]]) -> None:
    items, sessions, column = (np.array(values) for values in zip(*rows, strict=True))
    column = column.astype(float)
    crossing = cross(items, sessions)
    assert_allclose(crossing.residuals(column), dense_residuals(column, items, sessions), atol=1e-6)
    assert crossing.rank == np.linalg.matrix_rank(dense(items, sessions))


def test_a_long_chain_of_sessions_converges() -> None:
    """Each session shares one item with the next: the slowest case for plain alternating projections."""
    links = np.arange(400)
    items, sessions = np.r_[links, links + 1], np.r_[links, links]
    column = np.random.default_rng(4).normal(size=800)
    assert_allclose(cross(items, sessions).residuals(column), dense_residuals(column, items, sessions), atol=1e-6)


def test_nothing_is_left_of_a_position_in_the_same_queue() -> None:
    """Everybody has the items in the same order, with sessions that begin anywhere: position is item plus session."""
    items = np.tile(np.arange(90), 4)
    sessions = np.concatenate([(np.arange(90) + shift) // 30 + 10 * who for who, shift in enumerate((0, 7, 13, 22))])
    starts = {session: items[sessions == session].min() for session in np.unique(sessions)}
    position = items - np.array([starts[session] for session in sessions])
    assert np.abs(cross(items, sessions).residuals(position.astype(float))).max() < 1e-6


def test_rows_alone_in_their_item_or_session_are_dropped_in_turn() -> None:
    # Item 2 is lonely; without it session 1 is; without that item 1 is; what is left is item 0 twice in session 0.
    items, sessions = np.array([0, 0, 1, 1, 2]), np.array([0, 0, 0, 1, 1])
    assert recurring(items, sessions).tolist() == [True, True, False, False, False]


def test_where_nothing_recurs_nothing_is_kept() -> None:
    assert not recurring(np.arange(10), np.repeat([0, 1], 5)).any()
    assert recurring(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)).tolist() == []
