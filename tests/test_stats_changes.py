"""What changed between two lists of regions; a second.

Expected values are by hand: shapes are small and their intersections over unions are fractions of whole numbers.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.stats.changes import Change, State, changes, edits
from qc.stats.rewritten import label_changes, order_changes, words


def box(x: float, y: float, w: float, h: float, label: str = "cat", **more: Any) -> dict[str, Any]:
    return {"kind": "boxes", "label": label, "x": x, "y": y, "w": w, "h": h, **more}


def span(begin: int, end: int, label: str = "name", **more: Any) -> dict[str, Any]:
    return {"kind": "spans", "label": label, "t_start": begin, "t_end": end, **more}


def states(found: list[Change]) -> list[str]:
    return [change.state.value for change in found]


def test_each_state_of_a_box_is_told() -> None:
    """IoU of the moved box: 90 over 110; of the relabelled one 1, of the last 50 over 150."""
    before = [box(0, 0, 10, 10), box(100, 0, 10, 10), box(200, 0, 10, 10), box(300, 0, 10, 10), box(400, 0, 10, 10)]
    after = [
        box(900, 0, 10, 10),
        box(401, 0, 10, 10, "dog"),
        box(300, 0, 10, 10, "dog"),
        box(201, 0, 10, 10),
        box(0, 0, 10, 10),
    ]
    found = changes(before, after)
    assert states(found) == ["kept", "removed", "moved", "relabelled", "moved and relabelled", "added"]
    assert [change.likeness for change in found] == [1, None, pytest.approx(9 / 11), 1, pytest.approx(9 / 11), None]
    assert found[2].before == (before[2],)
    assert found[2].after == (after[3],)


def test_two_hands_draw_the_same_where_they_differ_by_little() -> None:
    """95 over 105 is less than 0.95, and more than 0.9."""
    before, after = [box(0, 0, 10, 10)], [box(0.5, 0, 10, 10)]
    assert states(changes(before, after)) == ["kept"]
    assert states(changes(before, after, alike=0.95)) == ["moved"]


def test_another_label_needs_more_in_common_to_be_the_same_object() -> None:
    """50 over 150 in common: a shift with one label, two objects with two."""
    assert states(changes([box(0, 0, 10, 10)], [box(5, 0, 10, 10)])) == ["moved"]
    assert states(changes([box(0, 0, 10, 10)], [box(5, 0, 10, 10, "dog")])) == ["removed", "added"]
    assert states(changes([box(0, 0, 10, 10)], [box(3, 0, 10, 10, "dog")])) == ["moved and relabelled"]
    assert states(changes([box(0, 0, 10, 10)], [box(3.5, 0, 10, 10, "dog")])) == ["removed", "added"]
    assert states(changes([box(0, 0, 10, 10, None)], [box(0, 0, 10, 10, "")])) == ["kept"]


def test_a_label_in_common_counts_as_a_tenth_of_likeness() -> None:
    """Beside a box of 10: another label at 9/11 = 0.818, the same one at 8.4/11.6 = 0.724 or at 8.2/11.8 = 0.695."""
    other = box(0, 1, 10, 10, "dog")
    (taken, _) = changes([box(0, 0, 10, 10)], [other, box(1.6, 0, 10, 10)])
    assert taken.likeness == pytest.approx(8.4 / 11.6)
    (taken, _) = changes([box(0, 0, 10, 10)], [other, box(1.8, 0, 10, 10)])
    assert taken.likeness == pytest.approx(9 / 11)


def test_crowded_boxes_are_matched_by_the_greatest_sum() -> None:
    """The best pair taken first (8/12) would leave the other two apart: 7/13 twice is more than 8/12 alone."""
    before, after = [box(0, 0, 10, 1), box(5, 0, 10, 1)], [box(3, 0, 10, 1), box(8, 0, 10, 1)]
    assert states(changes(before, after)) == ["moved", "moved"]
    assert [change.likeness for change in changes(before, after)] == [pytest.approx(7 / 13)] * 2


def test_spans_and_intervals_are_the_same_with_their_ends_only() -> None:
    """A long span that ends one character later is moved, however alike: 100 of 101."""
    before = [span(0, 100), span(200, 210), span(200, 210, "place"), span(300, 300)]
    after = [span(0, 101), span(200, 210, "place"), span(300, 300)]
    found = changes(before, after)
    assert states(found) == ["moved", "removed", "kept", "kept"]
    assert found[0].likeness == pytest.approx(100 / 101)
    interval = {"kind": "intervals", "label": "speech", "sec_start": 1.0, "sec_end": 2.0}
    assert states(changes([interval], [interval | {"sec_end": 2.0004}])) == ["kept"]
    assert states(changes([interval], [interval | {"sec_end": 2.5}])) == ["moved"]
    assert states(changes([span(0, 2)], [span(2, 4)])) == ["removed", "added"]


def test_polygons_masks_lines_and_points_are_compared_in_their_own_way() -> None:
    square = {"kind": "polygons", "label": "a", "points": [0.0, 0, 10, 0, 10, 10, 0, 10]}
    half = square | {"points": [0.0, 0, 10, 0, 10, 5, 0, 5]}
    (change,) = changes([square], [half])
    assert (change.state, change.likeness) == (State.MOVED, pytest.approx(0.5))
    mask = {"kind": "masks", "label": "a", "mask_rle": [0, 50, 50], "mask_h": 10, "mask_w": 10}
    assert states(changes([mask], [dict(mask)])) == ["kept"]
    assert states(changes([square], [box(0, 0, 10, 10, "a")])) == ["kept"]
    line = {"kind": "polylines", "label": "a", "points": [0.0, 0, 100, 0]}
    assert states(changes([line], [dict(line)])) == ["kept"]
    pose = {"kind": "keypoints", "label": "a", "points": [0.0, 0, 50, 0, 50, 100, 0, 100]}
    assert states(changes([pose], [dict(pose)])) == ["kept"]
    assert states(changes([pose], [pose | {"points": [900.0, 900, 950, 900, 950, 999, 900, 999]}])) == [
        "removed",
        "added",
    ]


def test_a_turned_box_turns_about_its_centre() -> None:
    """A square turned by 90 degrees about its centre covers itself."""
    assert states(changes([box(10, 10, 8, 8)], [box(10, 10, 8, 8, rotation=90.0)])) == ["kept"]
    (change,) = changes([box(10, 10, 8, 4)], [box(10, 10, 8, 4, rotation=90.0)])
    assert change.likeness == pytest.approx(16 / 48)


def test_keyframes_of_a_track_and_parts_of_a_shape_are_one_object() -> None:
    track = [
        box(at, 0, 10, 10, kind="boxes", track_id="t", frame=frame, region_id=f"t{frame}")
        for at, frame in ((0, 0), (9, 9))
    ]
    later = [row | {"x": row["x"] + 1} for row in track]
    (change,) = changes(track, later)
    assert (change.state, len(change.before), change.likeness) == (State.MOVED, 2, pytest.approx(9 / 11))
    parts = [
        {"kind": "polygons", "label": "a", "points": points, "attributes": json.dumps({"part": at, "region": "r"})}
        for at, points in enumerate(([0.0, 0, 4, 0, 4, 4], [10.0, 0, 14, 0, 14, 4]))
    ]
    (change,) = changes(parts, parts)
    assert (change.state, len(change.after)) == (State.KEPT, 2)
    apart = [part | {"attributes": json.dumps({"region": "r"})} for part in parts]
    assert states(changes(apart, apart)) == ["kept"] * 2


def test_a_track_that_knows_its_times_alone_is_that_of_its_milliseconds() -> None:
    frames = [box(at, 0, 10, 10, track_id="t", frame=frame) for at, frame in ((0, 0), (0, 400))]
    times = [row | {"frame": None, "sec_start": row["frame"] / 1000} for row in frames]
    framed, timed = (changes(track, [track[0], track[1] | {"x": 8.0}]) for track in (frames, times))
    assert states(timed) == states(framed) == ["moved"]
    assert timed[0].likeness == framed[0].likeness


@pytest.mark.parametrize("told", ['["part"]', '"part"', "1", "null", "{", '{"visibility": 5}', '{"visibility": "12"}'])
def test_attributes_that_are_not_what_they_should_be_are_none(told: str) -> None:
    pose = {"kind": "keypoints", "label": "a", "points": [0.0, 0, 50, 0, 50, 100, 0, 100], "attributes": told}
    assert states(changes([pose], [dict(pose)])) == ["kept"]


def test_an_edited_region_is_the_same_however_far_it_was_moved() -> None:
    before = [box(0, 0, 10, 10, region_id="a"), box(50, 0, 10, 10, region_id="b"), box(70, 0, 10, 10, region_id="c")]
    after = [before[0] | {"x": 500.0}, before[1] | {"label": "dog"}, box(1, 1, 5, 5, region_id="new")]
    found = edits(before, after)
    assert states(found) == ["moved", "relabelled", "removed", "added"]
    assert found[0].likeness == 0
    near = [box(0, 0, 10, 10, region_id="a"), box(4, 0, 10, 10, region_id="b")]
    shifted = [row | {"x": row["x"] + 1} for row in near]
    assert [change.likeness for change in edits(near, shifted)] == [pytest.approx(9 / 11)] * 2
    tiny = edits([box(0, 0, 1000, 1000, region_id="a")], [box(0, 0, 1000, 1000.0001, region_id="a")])
    assert states(tiny) == ["moved"]
    assert 0.99999 < tiny[0].likeness < 1
    assert states(edits(before, before)) == ["kept"] * 3


def test_nothing_against_nothing_and_against_something() -> None:
    assert changes([], []) == []
    assert states(changes([], [span(0, 1)])) == ["added"]
    assert states(changes([box(0, 0, 1, 1)], [])) == ["removed"]


def test_a_region_without_a_place_is_there_on_its_own_side() -> None:
    bare = {"kind": "boxes", "label": "cat"}
    assert states(changes([bare], [bare])) == ["removed", "added"]
    half = {"kind": "spans", "label": "cat", "t_end": 4}
    assert states(changes([half], [half])) == ["removed", "added"]


def test_texts_differ_word_by_word() -> None:
    found = words("the quick  fox", "the slow fox ran")
    assert "".join(text for state, text in found if state is not State.ADDED) == "the quick  fox"
    assert "".join(text for state, text in found if state is not State.REMOVED) == "the slow fox ran"
    assert found[0] == (State.KEPT, "the ")


def test_labels_and_places() -> None:
    assert label_changes(["a", "b"], ["b", "c"]) == [
        (State.REMOVED, "a"),
        (State.KEPT, "b"),
        (State.ADDED, "c"),
    ]
    assert order_changes(["a", "b", "c"], ["a", "c"]) == [
        (State.KEPT, "a"),
        (State.REMOVED, "b"),
        (State.ADDED, "c"),
        (State.REMOVED, "c"),
    ]


ENDS = st.tuples(st.integers(0, 30), st.integers(0, 10), st.sampled_from("ab"))


@settings(max_examples=60, deadline=None)
@given(st.lists(ENDS, max_size=8), st.lists(ENDS, max_size=8))
def test_every_region_is_on_its_side_once(one: list[Any], other: list[Any]) -> None:
    before, after = ([span(b, b + n, label) for b, n, label in side] for side in (one, other))
    found = changes(before, after)
    key = lambda region: (region["t_start"], region["t_end"], region["label"])  # noqa: E731
    assert sorted(key(r) for c in found for r in c.before) == sorted(map(key, before))
    assert sorted(key(r) for c in found for r in c.after) == sorted(map(key, after))
    assert states(changes(before, before)) == ["kept"] * len(before)
