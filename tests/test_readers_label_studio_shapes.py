"""Label Studio's drawn, heard and filmed results (about 5 s).

Expected values were worked out by hand from the documented meaning of each type; the box is left 160, top 240, 64 by 24
pixels on an image of 640 by 480, as in the exports of all tools.
"""

import base64
import io
import json
from collections.abc import Sequence
from itertools import groupby
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from readers_staged import DATA, Staged, read, write

from qc.readers.label_studio_masks import painted, pictured
from qc.readers.label_studio_questions import Questions
from qc.readers.label_studio_regions import Place
from qc.readers.label_studio_results import answers
from qc.readers.shapes import BadShapeError

SIZE = {"original_width": 640, "original_height": 480}


def result(type_: str, value: dict[str, Any], name: str = "q", identity: str = "r", **more: Any) -> dict[str, Any]:
    return {"id": identity, "from_name": name, "to_name": "x", "type": type_, "value": value, **more}


def marked(*results: dict[str, Any]) -> list[dict[str, Any]]:
    """The regions of a submission, with question and kind."""
    found, strange = answers(results, Place(), Questions())
    assert strange == []
    return [
        {"question": answer.question, "kind": answer.kind.value}
        | {name: value for name, value in region.columns.items() if value is not None}
        for answer in found
        for region in answer.regions
    ]


def export(folder: Path, *results: dict[str, Any], data: dict[str, Any] | None = None, **members: Any) -> Staged:
    submission = {"id": 1, "completed_by": 5, "created_at": "2026-03-02T09:00:00Z", "result": list(results), **members}
    task = {"id": 1, "data": data or {"image": "a.png"}, "annotations": [submission]}
    return read(write(folder, "tasks.json", json.dumps([task])), folder)


def test_the_tiny_results_as_regions() -> None:
    results = json.loads((DATA / "label_studio_results.json").read_text())
    found, strange = answers(results, Place(), Questions())
    assert strange == []
    by_name = {answer.question: answer for answer in found}
    box = by_name["bbox"].regions[0].columns
    assert [box[name] for name in ("x", "y", "w", "h")] == pytest.approx([160, 240, 64, 24])
    # The fixture paints columns 2 to 4 of rows 1 and 2 of an image of 8 by 4: two pixels in each of three columns of 4.
    rust = by_name["brush"].regions[0].columns
    assert (rust["mask_rle"], rust["mask_h"], rust["mask_w"]) == ([9, 2, 2, 2, 2, 2, 13], 4, 8)
    track = [region.columns for region in by_name["box"].regions]
    assert [(row["region_id"], row["track_id"], row["frame"], row["outside"]) for row in track] == [
        ("r10@0", "r10", 0, False),
        ("r10@39", "r10", 39, True),
    ]
    assert track[0]["attributes"] == {"percent": [10, 20, 5, 5]}
    assert [row["sec_start"] for row in track] == [0.033, 1.33]


def packed(values: Sequence[int], widths: Sequence[int]) -> list[int]:
    """The documented packing, written down bit by bit: runs of 3 and more as runs, the rest as rows of words."""
    bits = f"{len(values):032b}{7:05b}" + "".join(f"{width - 1:04b}" for width in widths)

    def block(run: int, length: int) -> str:
        index = next(place for place, width in enumerate(widths) if length <= 1 << width)
        return f"{run}{index:02b}{length - 1:0{widths[index]}b}"

    loose: list[int] = []

    def flush() -> str:
        text = block(0, len(loose)) + "".join(f"{value:08b}" for value in loose) if loose else ""
        loose.clear()
        return text

    for value, group in groupby(values):
        length = len(list(group))
        if length < 3:
            loose += [value] * length
        else:
            bits += flush() + block(1, length) + f"{value:08b}"
    bits += flush()
    bits += "0" * (-len(bits) % 8)
    return [int(bits[place : place + 8], 2) for place in range(0, len(bits), 8)]


@given(st.integers(1, 9), st.integers(1, 9), st.data())
@settings(max_examples=60, deadline=None)
def test_a_painted_mask_is_the_alpha_of_its_image(width: int, height: int, data: st.DataObject) -> None:
    channels = st.lists(st.sampled_from([0, 0, 0, 1, 255]), min_size=4 * width * height, max_size=4 * width * height)
    image = np.array(data.draw(channels)).reshape(height, width, 4)
    found = painted(packed(image.ravel().tolist(), (3, 4, 8, 16)), width, height)
    assert (found == (image[:, :, 3] > 0)).all()


@pytest.mark.parametrize(
    "rle",
    [[], [0, 0, 0, 128], [0, 0, 0, 128, 57, 27, 254], [255] * 40, ["a"], [1000], None, "AAAA", [0, 0, 0, 4, 0]],
)
def test_a_mask_that_is_none_is_refused(rle: Any) -> None:
    with pytest.raises(BadShapeError):
        painted(rle, 8, 4)
    for width, height in ((0, 4), (-8, -4), (1 << 20, 1 << 20)):
        with pytest.raises(BadShapeError):
            painted([0, 0, 0, 128, 57, 27, 254, 39, 0, 183, 255, 132, 192, 45, 255, 226, 176, 0], width, height)


def url(image: Image.Image, form: str = "PNG") -> str:
    file = io.BytesIO()
    image.save(file, form)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def test_a_bitmask_is_what_is_not_transparent() -> None:
    """Black pixels on a transparent ground: column 1, rows 1 and 2 of an image 3 wide and 4 high."""
    image = Image.new("RGBA", (3, 4), (0, 0, 0, 0))
    for row in (1, 2):
        image.putpixel((1, row), (0, 0, 0, 255))
    size = {"original_width": 3, "original_height": 4}
    (region,) = marked(result("bitmasklabels", {"imageDataURL": url(image), "bitmasklabels": ["a"]}, **size))
    assert (region["kind"], region["label"], region["mask_rle"]) == ("masks", "a", [5, 2, 5])
    assert (region["mask_h"], region["mask_w"]) == (4, 3)
    for wrong in (url(image, "GIF"), url(Image.new("L", (3, 4))), url(image)[:60], "http://x/a.png", None, 3):
        with pytest.raises(BadShapeError):
            pictured(wrong, (3, 4))
    with pytest.raises(BadShapeError):
        pictured(url(image), (4, 3))


def test_an_ellipse_is_the_polygon_on_it() -> None:
    """Centre (320, 120), radii 64 and 24 pixels: the first point lies to the right, the ninth below."""
    value = {"x": 50, "y": 25, "radiusX": 10, "radiusY": 5, "rotation": 0, "ellipselabels": ["a"]}
    (region,) = marked(result("ellipselabels", value, **SIZE))
    assert region["kind"] == "polygons"
    assert region["points"][:2] == pytest.approx([384, 120])
    assert region["points"][16:18] == pytest.approx([320, 144])
    assert region["points"][2:4] == pytest.approx([320 + 64 * cos(pi / 16), 120 + 24 * sin(pi / 16)])
    assert region["attributes"] == {"shape": "ellipse"}


def test_a_video_of_known_size_has_boxes_in_pixels() -> None:
    box = {"x": 25, "y": 50, "width": 10, "height": 5, "rotation": 0}
    value = {"framesCount": 9, "labels": ["car"], "sequence": [{"frame": 3, "enabled": True, **box}]}
    (region,) = marked(result("videorectangle", value, **SIZE))
    assert [region[name] for name in ("x", "y", "w", "h")] == pytest.approx([160, 240, 64, 24])
    assert (region["kind"], region["frame"], region["label"], region["outside"]) == ("tracks", 2, "car", False)


def test_the_length_of_a_video_stands_with_its_item(tmp_path: Path) -> None:
    box = {"x": 25, "y": 50, "width": 10, "height": 5}
    value = {"framesCount": 9, "labels": ["car"], "sequence": [{"frame": 1, **box}]}
    staged = export(tmp_path, result("videorectangle", value), data={"video": "a.mp4"})
    assert staged.rows("items", "media", "n_frames", "width") == [("video", 9, None)]
    assert staged.report.notes == (
        "1 keyframe stands in percent of a video of unknown size: their boxes are in `attributes`",
    )


def test_ranges_of_frames_are_seconds_where_the_rate_is_known() -> None:
    """30 frames in 3 seconds: frames 1 to 10 are the first second, 11 to 11 a tenth of one."""
    ranges = [{"start": 1, "end": 10}, {"start": 11, "end": 11}]
    told = {"ranges": ranges, "timelinelabels": ["run"], "framesCount": 30, "duration": 3}
    rows = marked(result("timelinelabels", told))
    assert [(row["region_id"], row["kind"], row["label"]) for row in rows] == [
        ("r/0", "intervals", "run"),
        ("r/1", "intervals", "run"),
    ]
    assert [row[name] for row in rows for name in ("sec_start", "sec_end")] == pytest.approx([0, 1, 1, 1.1])
    (row,) = marked(result("timelinelabels", {"ranges": ranges[:1], "timelinelabels": ["run"]}))
    assert row["attributes"] == {"first_frame": 0, "last_frame": 9}
    assert "sec_start" not in row


def test_sound_and_series_are_intervals() -> None:
    sound = result("labels", {"start": 1, "end": 2.5, "channel": 1, "labels": ["speech"]}, original_length=9.5)
    series = result("timeserieslabels", {"start": 3, "end": 4, "instant": False, "timeserieslabels": ["up"]}, "s", "t")
    dates = {"start": "2026-03-02T09:00:00Z", "end": "2026-03-02T09:00:30Z", "timeserieslabels": ["up"]}
    rows = marked(sound, series, result("timeserieslabels", dates, "d", "u"))
    assert [(row["kind"], row["sec_start"], row["sec_end"]) for row in rows] == [
        ("intervals", 1, 2.5),
        ("intervals", 3, 4),
        ("intervals", 1772442000, 1772442030),
    ]
    assert rows[0]["attributes"] == {"channel": 1}


@pytest.mark.parametrize("type_", ["hypertextlabels", "paragraphlabels"])
def test_html_and_dialogues_have_global_offsets(type_: str) -> None:
    value = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 1, "endOffset": 5, "text": "pump"}
    value |= {"globalOffsets": {"start": 14, "end": 18}, type_: ["PART"]}
    (row,) = marked(result(type_, value))
    assert (row["kind"], row["t_start"], row["t_end"], row["quote"], row["label"]) == ("spans", 14, 18, "pump", "PART")
    del value["globalOffsets"]
    assert answers([result(type_, value)], Place(), Questions())[1] == [type_]


def test_labels_over_shapes_of_two_kinds_are_two_questions(tmp_path: Path) -> None:
    box = {"x": 25, "y": 50, "width": 10, "height": 5, "labels": ["car"]}
    lane = {"points": [[10, 10], [20, 10], [20, 30]], "labels": ["lane"]}
    bare = {name: value for name, value in box.items() if name != "labels"}
    found = (
        result("rectangle", bare, "shape", "a", **SIZE),
        result("labels", box, "tag", "a", **SIZE),
        result("labels", lane, "tag", "b", **SIZE),
    )
    staged = export(tmp_path, *found)
    assert staged.rows("annotations", "question", "kind") == [("tag/boxes", "boxes"), ("tag/polygons", "polygons")]
    assert staged.rows("regions", "question", "region_id") == [("tag/boxes", "a"), ("tag/polygons", "b")]


def test_ids_are_unique_within_a_question(tmp_path: Path) -> None:
    box = {"x": 25, "y": 50, "width": 10, "height": 5, "rectanglelabels": ["car"]}
    twice = [result("rectanglelabels", box | {"x": 25 + place}, **SIZE) for place in range(3)]
    assert export(tmp_path, *twice).rows("regions", "region_id") == [("r",), ("r/2",), ("r/3",)]


def test_shapes_are_cut_at_the_edge_of_their_image(tmp_path: Path) -> None:
    boxes = [
        result("rectanglelabels", {"x": 95, "y": 50, "width": 10, "height": 5, "rectanglelabels": ["a"]}, **SIZE),
        result("rectanglelabels", {"x": 200, "y": 5, "width": 1, "height": 1, "rectanglelabels": ["a"]}, **SIZE),
    ]
    staged = export(tmp_path, boxes[0])
    assert staged.rows("regions", "x", "w") == [pytest.approx((608, 32))]
    assert staged.report.notes == ("1 shape reached over the edge of their image and was cut at it",)
    assert export(tmp_path, *boxes).report.reasons == {"a shape lies outside its image": 1}


def test_relations_and_messages_are_kept_and_not_strange(tmp_path: Path) -> None:
    mood = result("choices", {"choices": ["a"]}, "mood")
    relation = {"type": "relation", "from_id": "r", "to_id": "s", "direction": "right", "labels": ["of"]}
    chat = result("chatmessage", {"chatmessage": {"role": "user", "content": "hi"}}, "chat", "m")
    staged = export(tmp_path, mood, relation, chat)
    assert [json.loads(row) for (row,) in staged.rows("annotations", "extra")] == [[relation, chat]]
    assert staged.report.notes == ()
    staged = export(tmp_path, chat)
    assert [(*row[:2], json.loads(row[2])) for row in staged.rows("annotations", "question", "kind", "extra")] == [
        ("chat", "none", [chat])
    ]


def test_buckets_of_a_ranker_say_where_each_entry_lies(tmp_path: Path) -> None:
    staged = export(tmp_path, result("ranker", {"ranker": {"good": ["m1", "m2"], "bad": ["m3"]}}))
    assert staged.rows("annotations", "kind", "labels") == [("multi", ["bad/m3", "good/m1", "good/m2"])]


def test_the_prediction_that_was_shown_stands_for_one_that_is_left_out(tmp_path: Path) -> None:
    shown = {"id": 9, "model_version": "clf", "score": 0.5, "result": [result("choices", {"choices": ["a"]}, "mood")]}
    staged = export(tmp_path, result("choices", {"choices": ["b"]}, "mood"), prediction=shown, parent_prediction=9)
    assert staged.rows("annotations", "annotation_id", "role", "label", "score", "parent") == [
        ("1", "annotator", "b", None, "prediction 9"),
        ("prediction 9", "model", "a", 0.5, None),
    ]
    assert staged.report.read == 1


def test_a_history_tells_what_was_fixed_in_place(tmp_path: Path) -> None:
    before, after = (result("choices", {"choices": [label]}, "mood") for label in "ab")
    review = {"id": 66, "accepted": True, "created_by": 31, "created_at": "2026-03-02T10:00:00Z"}
    review |= {"previous_annotation_history": 880, "fixed_annotation_history": 881}
    history = [{"id": 880, "result": [before]}, {"id": 881, "result": [after]}]
    staged = export(tmp_path, after, reviews=[review], history=history)
    assert staged.rows("annotations", "annotation_id", "role", "label", "parent") == [
        ("1", "annotator", "a", None),
        ("review 66", "reviewer", "b", "1"),
    ]
    assert staged.rows("reviews", "verdict", "corrected_annotation_id") == [("reject", "review 66")]
    assert staged.report.notes == ()


def test_who_is_not_named_is_told_or_named_by_the_user(tmp_path: Path) -> None:
    mood = result("choices", {"choices": ["b"]}, "mood")
    staged = export(tmp_path, mood, completed_by=None)
    assert staged.rows("annotations", "annotator") == [(None,)]
    assert "1 submission does not say who gave them" in staged.report.notes[0]


def test_tags_of_an_item_are_those_of_its_answers(tmp_path: Path) -> None:
    staged = export(tmp_path, result("choices", {"choices": ["b"]}, "mood"), data={"text": "x", "tags": ["a", "b"]})
    assert staged.rows("annotations", "tags") == staged.rows("items", "tags") == [(["a", "b"],)]
