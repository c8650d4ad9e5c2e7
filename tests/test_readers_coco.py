"""COCO annotations and results (about 15 s).

Expected rows were derived by hand from the format's documentation; the box is left 160, top 240, 64 by 24 pixels on an
image of 640 by 480. Where shapes are drawn in bulk they are compared with `qc.readers.shapes`, which draws one by one.
"""

import copy
import json
import random
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readers_staged import DATA, NOW, Staged, check, write

from qc.model import InputError, Role
from qc.readers import Mapping, Options, coco, coco_plan, shapes
from qc.readers.child import parse
from qc.readers.coco_faults import NO_JSON, UNREADABLE
from qc.readers.coco_rows import EMPTY, TWICE
from qc.readers.coco_shapes import Drawn, annotation_type, boxes, polygons
from qc.readers.decoding import NOT_FINITE
from qc.readers.elements import members
from qc.readers.report import told
from qc.readers.shapes import BadShapeError
from qc.readers.source import source
from qc.readers.spool import Spool

TINY = json.loads((DATA / "coco.json").read_text())
CRANE, TRUCK = {"id": 1, "name": "crane"}, {"id": 7, "name": "truck"}


def staged(path: Path, folder: Path, **options: Any) -> Staged:
    (folder / "staged").mkdir(exist_ok=True)
    found = Staged(parse(path, "coco", Options(NOW, **options), folder / "staged", lambda _: None), folder / "staged")
    check(found)
    return found


def export(folder: Path, *annotations: Any, images: Any = None, name: str = "x.json", **options: Any) -> Staged:
    """Annotations on images 1 and 2, categories crane (1) and truck (7)."""
    images = [picture(1), picture(2)] if images is None else images
    content = {"images": images, "annotations": list(annotations), "categories": [CRANE, TRUCK]}
    return staged(write(folder, name, json.dumps(content)), folder, **options)


def picture(number: Any, **members: Any) -> dict[str, Any]:
    return {"id": number, "file_name": f"{number}.jpg", "width": 640, "height": 480, **members}


def drawn(image: Any, number: Any = 1, **members: Any) -> dict[str, Any]:
    return {"id": number, "image_id": image, "category_id": 1, "bbox": [160, 240, 64, 24], **members}


def test_the_tiny_file_gives_exactly_these_rows(tmp_path: Path) -> None:
    found = staged(DATA / "coco.json", tmp_path)
    shared = {"item_id": "0001.jpg", "annotation_id": "0001.jpg/ann_a", "annotator": "ann_a", "role": "annotator"}
    shared |= {"status": "submitted", "source_pos": 1}
    assert found.rows("annotations") == [
        shared | {"question": question, "kind": question} for question in ("boxes", "polygons", "masks", "keypoints")
    ]
    shared = {"annotation_id": "0001.jpg/ann_a", "label": "crane", "source_pos": 1}
    first = shared | {"region_id": "1", "attributes": '{"occluded":false}'}
    crowd = shared | {"region_id": "2", "attributes": '{"iscrowd":true}'}
    ring = [160.0, 240.0, 224.0, 240.0, 224.0, 264.0, 160.0, 264.0]
    assert found.rows("regions") == [
        first | {"question": "boxes", "kind": "boxes", "x": 160.0, "y": 240.0, "w": 64.0, "h": 24.0},
        crowd | {"question": "boxes", "kind": "boxes", "x": 0.0, "y": 0.0, "w": 2.0, "h": 2.0},
        first | {"question": "polygons", "kind": "polygons", "points": ring},
        crowd | {"question": "masks", "kind": "masks", "mask_rle": [0, 2, 478, 2, 306718], "mask_h": 480,
                 "mask_w": 640},
        first | {"question": "keypoints", "kind": "keypoints", "points": [170.0, 250.0, 0.0, 0.0],
                 "attributes": '{"occluded":false,"names":["hook","cab"],"visibility":[2,0]}'},
    ]  # fmt: skip
    assert found.rows("items") == [
        {"item_id": "0001.jpg", "media": "image", "uri": "0001.jpg", "width": 640, "height": 480, "is_gold": False,
         "meta": '{"date_captured":0}', "source_pos": 1}
    ]  # fmt: skip
    assert (found.report.read, found.report.accepted) == (1, 1)
    assert found.report.notes == (told(coco.LENT, 1), told(TWICE, 2))


def test_a_file_is_one_persons_or_merged_or_gold(tmp_path: Path) -> None:
    for options, name, person, role in (
        ({"annotator": "anna"}, "x.json", "anna", "annotator"),
        ({}, "ann_bob.json", "bob", "annotator"),
        ({}, "Annotator-Eve.coco.json", "Eve", "annotator"),
        ({"annotator": "anna"}, "ann_bob.json", "anna", "annotator"),
        ({}, "instances_val2017.json", "consensus", "consensus"),
        ({"role": Role.GOLD}, "x.json", "gold", "gold"),
        ({"role": Role.GOLD, "annotator": "lead"}, "x.json", "lead", "gold"),
    ):
        found = export(tmp_path, drawn(1), images=[picture(1)], name=name, **options)
        assert found.rows("annotations", "annotator", "role") == [(person, role)]
        assert found.rows("items", "is_gold") == [(role == "gold",)]
        assert any("--annotator NAME" in note for note in found.report.notes) == (role == "consensus")
        assert ("gold" in found.report.missing) == (role != "gold")


def test_a_folder_may_name_the_person(tmp_path: Path) -> None:
    (tmp_path / "ann_eve").mkdir()
    found = coco._named(source(write(tmp_path / "ann_eve", "instances.json", "{}"), tmp_path), Options(NOW))
    assert found == "eve"
    (tmp_path / "annotations").mkdir()
    found = coco._named(source(write(tmp_path / "annotations", "instances.json", "{}"), tmp_path), Options(NOW))
    assert found is None


def test_annotations_may_name_several_people(tmp_path: Path) -> None:
    """On image 1 two people are named; on image 2 one, who also gets what names nobody; on image 3 nobody."""
    found = export(
        tmp_path,
        *(drawn(1, number, annotator=who) for number, who in enumerate(("anna", "bob", "anna"))),
        *(drawn(2, 10), drawn(2, 11, annotator="bob"), drawn(3, 12)),
        images=[picture(number) for number in (1, 2, 3, 4)],
    )
    assert found.rows("annotations", "item_id", "annotator", "role") == [
        ("1.jpg", "anna", "annotator"),
        ("1.jpg", "bob", "annotator"),
        ("2.jpg", "bob", "annotator"),
        ("3.jpg", "consensus", "consensus"),
    ]
    assert sorted(found.rows("regions", "annotation_id", "region_id")) == [
        ("1.jpg/anna", "0"),
        ("1.jpg/anna", "2"),
        ("1.jpg/bob", "1"),
        ("2.jpg/bob", "10"),
        ("2.jpg/bob", "11"),
        ("3.jpg/consensus", "12"),
    ]
    assert any("no annotation and nobody is named" in note for note in found.report.notes)


def test_a_mapping_says_where_person_item_and_batch_stand(tmp_path: Path) -> None:
    mapping = Mapping(columns={"annotator": "attributes.by", "item_id": "id", "batch": "extra.batch"})
    picture_ = picture(1, extra={"batch": "B1"})
    found = export(tmp_path, drawn(1, attributes={"by": "anna"}), images=[picture_], mapping=mapping)
    assert found.rows("annotations", "item_id", "annotator") == [("1", "anna")]
    assert found.rows("items", "item_id", "batch") == [("1", "B1")]
    with pytest.raises(InputError, match="cannot stand at 'image_id'"):
        export(tmp_path, drawn(1), mapping=Mapping(columns={"annotator": "image_id"}))


def test_images_without_annotations_were_seen_and_left_empty(tmp_path: Path) -> None:
    found = export(tmp_path, drawn(1), annotator="anna")
    assert sorted(found.rows("annotations", "item_id", "question", "kind")) == [
        ("1.jpg", "boxes", "boxes"),
        ("2.jpg", "boxes", "none"),
    ]
    found = export(tmp_path, annotator="anna")
    assert found.rows("annotations", "question", "kind") == [("boxes", "none")] * 2


def test_parts_of_a_polygon_are_rows_of_one_object(tmp_path: Path) -> None:
    rings = [[0, 0, 9, 0, 9, 9], [20, 20, 29, 20, 29, 29]]
    found = export(
        tmp_path,
        drawn(1, 5, bbox=[], segmentation=rings, attributes={"a": 1}),
        drawn(1, 6, bbox=[], segmentation=[rings[0]]),
    )
    assert found.rows("regions", "region_id", "attributes") == [
        ("5/0", '{"a":1,"region":"5","part":0}'),
        ("5/1", '{"a":1,"region":"5","part":1}'),
        ("6", None),
    ]


def test_an_object_that_reaches_over_the_edge_is_cut_and_counted_once(tmp_path: Path) -> None:
    """Its box, and both parts of its outline, reach 16 pixels over the right edge of 640."""
    rings = [[600, 10, 656, 10, 656, 40], [600, 60, 656, 60, 656, 90]]
    found = export(tmp_path, drawn(1, bbox=[600, 10, 56, 80], segmentation=rings), drawn(1, 2), annotator="anna")
    assert told(shapes.CUT, 1) in found.report.notes
    assert told(TWICE, 1) in found.report.notes
    assert [row["w"] for row in found.rows("regions") if row["kind"] == "boxes"] == [40, 64]
    assert {max(row["points"]) for row in found.rows("regions") if row["kind"] == "polygons"} == {640}


def test_run_lengths_plain_and_compressed_are_the_same(tmp_path: Path) -> None:
    """3 by 3 pixels, counts 1, 2, 1, 2, 3: the fourth as a difference of 0, the fifth of 2."""
    for counts in ([1, 2, 1, 2, 3], "12102"):
        found = export(tmp_path, drawn(1, segmentation={"size": [3, 3], "counts": counts}))
        row = next(row for row in found.rows("regions") if row["kind"] == "masks")
        assert (row["mask_rle"], row["mask_h"], row["mask_w"]) == ([1, 2, 1, 2, 3], 3, 3)


def test_captions_are_answers_of_their_own(tmp_path: Path) -> None:
    found = export(tmp_path, *({"id": n, "image_id": 1, "caption": f"text {n}"} for n in (1, 2)), annotator="anna")
    assert found.rows("annotations", "annotation_id", "question", "kind", "text") == [
        ("1.jpg/anna/1", "caption", "text", "text 1"),
        ("1.jpg/anna/2", "caption", "text", "text 2"),
        ("2.jpg/anna", "caption", "none", None),
    ]


def test_a_category_without_a_shape_is_a_tag(tmp_path: Path) -> None:
    tags = [{"id": n, "image_id": 1, "category_id": n, "segmentation": [], "bbox": []} for n in (7, 1, 7, 9)]
    found = export(tmp_path, *tags, annotator="anna")
    assert found.rows("annotations", "item_id", "question", "kind", "labels") == [
        ("1.jpg", "tags", "multi", ["9", "crane", "truck"]),
        ("2.jpg", "tags", "none", None),
    ]
    assert any("category that the file does not list" in note for note in found.report.notes)


def test_key_points_of_which_none_is_marked_are_none(tmp_path: Path) -> None:
    found = export(tmp_path, drawn(1, keypoints=[0] * 6, num_keypoints=0), drawn(1, 2, keypoints=[1, 2, 1]))
    rows = [row for row in found.rows("regions") if row["kind"] == "keypoints"]
    assert [(row["region_id"], row["points"], row["attributes"]) for row in rows] == [
        ("2", [1, 2], '{"visibility":[1]}')
    ]


def test_a_file_is_known_by_its_first_list_alone(tmp_path: Path) -> None:
    """What is looked at may end inside the first list."""
    for content, sure in (
        ({"images": [picture(1)]}, True),
        ({"annotations": [drawn(1)]}, True),
        ({"categories": [CRANE]}, False),
        ([{"image_id": 1, "bbox": [1, 2, 3, 4]}], False),
        ({"images": 5, "annotations": "image_id"}, False),
    ):
        rank = coco.sniff(source(write(tmp_path, "x.json", json.dumps(content))))
        assert (rank > 50) == sure


def test_members_that_are_not_cocos_are_kept(tmp_path: Path) -> None:
    found = export(tmp_path, drawn(1, track_id=4, attributes={"a": None}), drawn(1, 2, truncated=True))
    assert found.rows("regions", "attributes") == [('{"a":null,"track_id":4}',), ('{"truncated":true}',)]
    assert any("track_id, truncated" in note for note in found.report.notes)


def test_images_of_one_name_are_told_apart(tmp_path: Path) -> None:
    images = [picture(1, file_name="a.jpg"), picture(2, file_name="a.jpg"), picture(3), {"id": 4}]
    found = export(tmp_path, drawn(1), drawn("2"), images=images, annotator="anna")
    assert [item for (item,) in found.rows("items", "item_id")] == ["a.jpg#1", "a.jpg#2", "3.jpg", "4"]
    assert found.rows("regions", "annotation_id") == [("a.jpg#1/anna",), ("a.jpg#2/anna",)]


def test_the_order_of_the_file_does_not_matter(tmp_path: Path) -> None:
    annotations = [drawn(image, number) for number, image in enumerate((1, 2, 1, 2, 2, 1))]
    content = {"categories": [CRANE], "annotations": annotations, "images": [picture(1), picture(2)]}
    known = None
    for order in (list(content), list(content)[::-1], ["annotations", "images", "categories"]):
        text = json.dumps({name: content[name] for name in order})
        found = staged(write(tmp_path, "x.json", text), tmp_path, annotator="anna")
        known = known or found.rows("regions")
        assert found.rows("regions") == known
    random.Random(1).shuffle(annotations)
    found = export(tmp_path, *annotations, annotator="anna")
    assert sorted(found.rows("regions", "annotation_id", "region_id")) == sorted(
        (row["annotation_id"], row["region_id"]) for row in known or ()
    )


def test_results_are_of_a_model_and_find_names_beside_them(tmp_path: Path) -> None:
    results = [
        {"image_id": 2, "category_id": 7, "bbox": [1, 2, 3, 4], "score": 0.25},
        {"image_id": 1, "category_id": 1, "bbox": [160, 240, 64, 24], "score": 0.75},
        {"image_id": 2, "category_id": 1, "bbox": [5, 6, 7, 8], "score": 0.5},
    ]
    path = write(tmp_path, "results.json", json.dumps(results))
    found = staged(path, tmp_path, annotator="yolo")
    assert coco.sniff(source(path)) > 50
    assert found.rows("annotations", "item_id", "annotator", "role", "model", "kind") == [
        ("2", "yolo", "model", "yolo", "boxes"),
        ("1", "yolo", "model", "yolo", "boxes"),
    ]
    assert coco.UNNAMED in found.report.notes
    content = {"images": [picture(1), picture(2), picture(3)], "annotations": [], "categories": [CRANE, TRUCK]}
    write(tmp_path, "instances.json", json.dumps(content))
    found = staged(path, tmp_path)
    assert found.rows("annotations", "annotation_id", "annotator", "role") == [
        ("1.jpg/model", "model", "model"),
        ("2.jpg/model", "model", "model"),
    ]
    assert found.rows("regions", "annotation_id", "region_id", "label", "x", "score") == [
        ("1.jpg/model", "1", "crane", 160, 0.75),
        ("2.jpg/model", "1", "truck", 1, 0.25),
        ("2.jpg/model", "2", "crane", 5, 0.5),
    ]
    assert found.rows("items", "item_id", "width") == [("1.jpg", 640), ("2.jpg", 640)]
    assert found.report.notes == (coco.NO_MODEL,)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"bbox": [1, 2, 3]}, "a box lacks a number"),
    ({"bbox": [1, 2, 3, 1e300]}, "a box lacks a number"),
    ({"bbox": [1, 2, 3, None]}, "a box lacks a number"),
    ({"bbox": [1, True, 3, 4]}, "a box lacks a number"),
    ({"bbox": [1, "2", 3, 4]}, "a box lacks a number"),
    ({"bbox": [1, 2, 3, float("nan")]}, "a box lacks a number"),
    ({"bbox": [1, 2, float("-inf"), 3]}, "a box lacks a number"),
    ({"bbox": [160, 240, -64, 24]}, "a box has a negative width or height"),
    ({"bbox": [160, 240, 64, -24]}, "a box has a negative width or height"),
    ({"segmentation": [[1, 2, 3, 4, 5, float("nan")]]}, "a point lacks a number"),
    ({"keypoints": [1, float("inf"), 2]}, "a point lacks a number"),
    ({"bbox": [700, 2, 3, 3]}, "a shape lies outside its image"),
    ({"segmentation": [[1, 2, 3, 4]]}, "a polygon has fewer than three points"),
    ({"segmentation": [[1, 2, 3, 4, 5, 6, 7]]}, "a point lacks a number"),
    ({"segmentation": [[-9, 2, -3, 4, -5, 6]]}, "a shape lies outside its image"),
    ({"segmentation": [[1, 2, 3, 4, 5, -1e300]]}, "a point lacks a number"),
    ({"segmentation": {"size": [3, 3], "counts": [8]}}, "a mask's length does not fit its image"),
    ({"segmentation": {"size": [3, 3], "counts": "?"}}, "a mask's length does not fit its image"),
    ({"segmentation": {"size": [3, 3], "counts": "é"}}, "a mask's run lengths cannot be read"),
    ({"segmentation": {"size": [0, 3], "counts": [8]}}, "a mask's image has no possible size"),
    ({"keypoints": [1, 2]}, "a point lacks a number"),
    ({"bbox": [], "category_id": None}, EMPTY),
    *(
        ({name: value}, UNREADABLE)
        for name, value in (
            ("bbox", "box"), ("bbox", {}), ("segmentation", [1, 2, 3]), ("segmentation", {"size": 3}), ("id", {}),
            ("category_id", [1]), ("score", "high"), ("caption", 7), ("keypoints", [[1, 2, 2]]), ("id", 1.5),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("members_", "reason"), BAD)
def test_a_bad_annotation_quarantines_its_image_and_no_other(
    tmp_path: Path, members_: dict[str, Any], reason: str
) -> None:
    found = export(tmp_path, drawn(1), drawn(1, 2, **members_), drawn(2), annotator="anna")
    assert found.report.reasons == {reason: 1}
    assert (found.report.read, found.report.accepted) == (2, 1)
    assert {item for (item,) in found.rows("annotations", "item_id")} == {"2.jpg"}
    assert found.rows("regions", "annotation_id") == [("2.jpg/anna",)]
    assert json.dumps(members_)[1:9] in found.rows("quarantine", "excerpt")[0][0]


def test_a_bad_annotation_is_shown_by_its_number_and_id(tmp_path: Path) -> None:
    bad = {"segmentation": [[1.5] * 200, [1, 2]], "id": 17, "image_id": 2, "category_id": 1}
    found = export(tmp_path, drawn(1), bad, annotator="anna")
    assert found.rows("quarantine", "line", "reason") == [(2, "a polygon has fewer than three points")]
    assert found.rows("quarantine", "excerpt")[0][0].startswith('annotation 17: {"segmentation": [[1.5, ')


def test_an_image_with_an_annotation_that_is_no_json_was_not_left_empty(tmp_path: Path) -> None:
    content = json.dumps(TINY | {"images": [picture(1), picture(2)], "annotations": [drawn(1), drawn(2, 7)]})
    path = write(tmp_path, "x.json", content.replace('"id": 7, "image_id"', '"id": 7, x, "image_id"'))
    found = staged(path, tmp_path, annotator="anna")
    assert found.rows("annotations", "item_id") == [("1.jpg",)]
    assert found.report.reasons == {NO_JSON: 1}
    assert found.rows("quarantine", "line") == [(2,)]
    path = write(tmp_path, "x.json", content.replace('"id": 7, "image_id"', '"id": 7, x, "image"'))
    assert staged(path, tmp_path, annotator="anna").report.reasons == {NO_JSON: 1}


def test_numbers_that_are_not_finite_cost_no_annotation_where_nothing_needs_them(tmp_path: Path) -> None:
    found = export(tmp_path, drawn(1, area=float("nan"), score=float("inf")), drawn(2), annotator="anna")
    assert (found.report.read, found.report.quarantined) == (2, 0)
    assert found.rows("regions", "x", "score") == [(160.0, None), (160.0, None)]
    assert [note for note in found.report.notes if "NaN" in note] == [told(NOT_FINITE, 1)]


def test_a_file_without_a_list_of_images_counts_none_as_missing(tmp_path: Path) -> None:
    found = export(tmp_path, drawn(1), images=[])
    assert not [note for note in found.report.notes if "nobody is named who saw" in note]


def test_what_belongs_to_no_image_is_quarantined_by_itself(tmp_path: Path) -> None:
    images = [picture(1), picture(1), {"file_name": "x"}, 7, None]
    strays = [drawn(9), drawn(None), drawn({}), {"id": 1}, [], "no", 5, drawn(1.5)]
    found = export(tmp_path, drawn(1), *strays, images=images, annotator="anna")
    assert found.rows("items", "item_id") == [("1.jpg",)]
    assert found.rows("annotations", "item_id", "kind") == [("1.jpg", "boxes")]
    assert found.report.reasons == {coco.STRAY: 5, NO_JSON: 3, coco_plan.TWICE: 1, coco_plan.NAMELESS: 3}
    assert found.report.read == 13


def test_ids_that_come_twice_stay_apart(tmp_path: Path) -> None:
    found = export(tmp_path, drawn(1, 5), drawn(1, "5"), drawn(1, 5), drawn(1, None))
    assert [name for (name,) in found.rows("regions", "region_id")] == ["5", "5'", "5''", "4"]


def test_categories_may_be_of_any_number_and_annotations_of_any_order(tmp_path: Path) -> None:
    found = export(tmp_path, drawn(1, category_id="7"), drawn(1, 2, category_id=None), annotator="a")
    assert found.rows("regions", "label") == [("truck",), (None,)]


@pytest.mark.parametrize("content", [
    "{", '{"images": [{]}', '{"annotations": [{"id": 1}', '{"images": [], "annotations": [{"a": "', "[{}",
    '{"a": [{}],}', '{"images": [{}] "annotations": []}', "[[[[", '{"a": ' + "[" * 100_000, '{"images": [{}]} {}',
    '{"a": [{}], 5}',
    '[{"image_id": 1}, 5,]', '{"images": [{}]]', "[]]",
])  # fmt: skip
def test_json_that_is_no_coco_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"x\.json"):
        staged(write(tmp_path, "x.json", content), tmp_path)


def test_a_cut_file_is_always_told(tmp_path: Path) -> None:
    content = (DATA / "coco.json").read_bytes().rstrip()
    for cut in range(1, len(content), 7):
        with pytest.raises(InputError):
            staged(write(tmp_path, "x.json", content[:cut]), tmp_path)


def test_any_value_may_be_anything(tmp_path: Path) -> None:
    """One value of the tiny file at a time is replaced; what comes of it is rows, quarantine or a refusal."""
    wrong: tuple[Any, ...] = (None, True, -1, 1.5, 10**30, "", "😀", [], {}, [[]], [None], {"a": {}}, [{"id": [1]}])
    dice = random.Random(3)

    def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [path, *(place for key, child in inner for place in places(child, (*path, key)))]

    for path in places(TINY)[1:]:
        changed = copy.deepcopy(TINY)
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = dice.choice(wrong)
        staged(write(tmp_path, "x.json", json.dumps(changed)), tmp_path)


NUMBERS = st.floats(-900, 900, allow_nan=False).map(lambda value: round(value, 2))


def chunk(annotations: list[dict[str, Any]], width: int, height: int) -> Drawn:
    type_ = annotation_type(())
    found = [type_(**annotation) for annotation in annotations]
    sizes = (np.full(len(found), float(width)), np.full(len(found), float(height)))
    return Drawn(found, [None] * len(found), *sizes)


@settings(max_examples=60)
@given(st.lists(st.lists(NUMBERS, min_size=4, max_size=4), max_size=8), st.integers(0, 700), st.integers(1, 500))
def test_boxes_in_bulk_are_those_drawn_one_by_one(values: list[list[float]], width: int, height: int) -> None:
    drawn_ = chunk([{"bbox": value} for value in values], width, height)
    regions = boxes(drawn_)
    rows = {
        place: [regions.columns[name][row].as_py() for name in "xywh"]
        for row, place in enumerate(regions.places.tolist())
    }
    remarks: list[str | None] = []
    for place, value in enumerate(values):
        try:
            one = shapes.box(*value)
            remarks.append(shapes.fit(one, width, height) if width else None)
        except BadShapeError:
            assert drawn_.faults[place] == (shapes.NEGATIVE if min(value[2:]) < 0 else shapes.OUTSIDE)
            continue
        assert place not in drawn_.faults
        assert rows[place] == [one[name] for name in "xywh"]
    assert drawn_.remarks[shapes.FLAT] >= remarks.count(shapes.FLAT)
    assert len(drawn_.cut) >= remarks.count(shapes.CUT)


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.lists(NUMBERS, min_size=4, max_size=9), min_size=1, max_size=3), max_size=6),
    st.integers(0, 700),
    st.integers(1, 500),
)
def test_polygons_in_bulk_are_those_drawn_one_by_one(values: list[Any], width: int, height: int) -> None:
    drawn_ = chunk([{"segmentation": value} for value in values], width, height if width else 0)
    regions = polygons(drawn_)
    found: dict[int, list[Any]] = {}
    for row, place in enumerate(regions.places.tolist()):
        found.setdefault(place, []).append(regions.columns["points"][row].as_py())
    for place, rings in enumerate(values):
        try:
            rows = [shapes.polygon(ring) for ring in rings]
            for one in rows:
                if width:
                    shapes.fit(one, width, height)
        except BadShapeError:
            assert place in drawn_.faults
            continue
        assert place not in drawn_.faults
        assert found[place] == [one["points"] for one in rows]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.dictionaries(st.text(max_size=3), st.integers(), max_size=3)),
                max_size=12), st.integers(1, 40))  # fmt: skip
def test_members_are_found_wherever_the_blocks_end(found: list[tuple[str, dict[str, int]]], size: int) -> None:
    content = {name: [value for own, value in found if own == name] for name in "abc"} | {"info": {"x": [{"y": 1}]}}

    class Slow:
        def __init__(self, text: bytes) -> None:
            self.text = text

        def read(self, _: int = -1, /) -> bytes:
            block, self.text = self.text[:size], self.text[size:]
            return block

    cut = list(members(Slow(json.dumps(content, indent=1).encode()), "x"))
    assert [(name, json.loads(value)) for name, value in cut if name] == [
        (name, value) for name in "abc" for value in content[name]
    ]


def test_a_spool_gives_back_in_any_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    records = [bytes([65 + n]) * (n + 1) for n in range(20)]
    spool.add(records[:7])
    spool.add(records[7:])
    assert spool.lengths().tolist() == list(range(1, 21))
    order = np.random.default_rng(1).permutation(20)
    assert spool.take(order) == [records[n] for n in order]
    assert spool.take(order[:0]) == []
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_many_annotations_in_any_order_take_little_memory(tmp_path: Path) -> None:
    """60,000 boxes, shuffled: each image keeps its own, in a tenth of what they would take as objects."""
    images = [picture(number) for number in range(2_000)]
    numbers = list(range(60_000))
    random.Random(1).shuffle(numbers)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = export(tmp_path, *(drawn(n % 2_000, n) for n in numbers), images=images, annotator="anna")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert found.report.rows["regions"] == 60_000
    assert found.report.rows["annotations"] == 2_000
    owners = found.rows("regions", "annotation_id", "region_id")
    assert all(owner == f"{int(name) % 2_000}.jpg/anna" for owner, name in owners)
    assert grown < 400
