"""One shape out: the same box drawn in fourteen tools, and in a sheet, is the same row."""

import json

import pytest
from readers_staged import DATA, read, write

TOOLS = (
    "coco.json",
    "cvat_images_project.xml",
    "cvat_server.json",
    "encord_label_row.json",
    "kili_data.json",
    "labelbox_v1.json",
    "labelbox_v2.ndjson",
    "sagemaker_output.manifest",
    "sagemaker_worker_response.json",
    "scale_v1_task.json",
    "superannotate_image.json",
    "supervisely_ann.json",
    "v7_darwin.json",
)
BOX = (160.0, 240.0, 64.0, 24.0)


def label_studio() -> str:
    value = {"x": 25.0, "y": 50.0, "width": 10.0, "height": 5.0, "rotation": 0, "rectanglelabels": ["car"]}
    result = {
        "id": "r1",
        "from_name": "bbox",
        "to_name": "img",
        "type": "rectanglelabels",
        "original_width": 640,
        "original_height": 480,
        "value": value,
    }
    return json.dumps(
        [{"id": 1, "data": {"image": "1.jpg"}, "annotations": [{"id": 2, "completed_by": 3, "result": [result]}]}]
    )


@pytest.mark.parametrize("name", TOOLS)
def test_the_same_box_of_every_tool_is_the_same_row(name: str, tmp_path) -> None:
    staged = read(DATA / name, tmp_path)
    assert BOX in staged.rows("regions", "x", "y", "w", "h")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tasks.json", label_studio()),
        ("sheet.csv", "image,annotator,label,x,y,w,h\n1.jpg,a,car,160,240,64,24\n"),
        ("corners.csv", "image,annotator,label,xmin,ymin,xmax,ymax\n1.jpg,a,car,160,240,224,264\n"),
        ("cells.jsonl", '{"image": "1.jpg", "annotator": "a", "answer": [[[160, 240], [224, 264]]]}\n'),
    ],
)
def test_and_so_is_that_of_percentages_columns_and_cells(name: str, content: str, tmp_path) -> None:
    staged = read(write(tmp_path, name, content), tmp_path)
    assert staged.rows("regions", "kind", "x", "y", "w", "h") == [("boxes", *BOX)]
