"""How large drawn regions are and where they end, in pixels, whatever shape they have."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from qc.model import Kind

MEASURES: Final = ("width", "height", "area", "left", "top", "right", "bottom")
# Lines and points enclose nothing.
_OPEN: Final = [Kind.POLYLINES.value, Kind.KEYPOINTS.value]


def extents(shapes: Any, key: tuple[str, ...]) -> Any:
    """The key with width, height, area, left, top, right, bottom; regions that are no shapes have no row.

    shapes: columns of `regions`, one row per key. Boxes: their own sides before they are turned, and where their
    corners lie. Points: the box around them; the area (shoelace) is null of lines and key points. Masks: the box around
    their pixels, and how many there are.
    """
    return _boxes(shapes, key).union(_points(shapes, key), _masks(shapes, key))


def _boxes(shapes: Any, key: tuple[str, ...]) -> Any:
    rows = shapes.filter(_.w.notnull() & _.h.notnull() & _.x.notnull() & _.y.notnull())
    angle = _.rotation.coalesce(0.0).radians()
    rows = rows.mutate(
        across=(_.w * angle.cos()).abs() + (_.h * angle.sin()).abs(),
        down=(_.w * angle.sin()).abs() + (_.h * angle.cos()).abs(),
    )
    middle = _.x + _.w / 2, _.y + _.h / 2
    return rows.select(
        *key,
        width="w",
        height="h",
        area=_.w * _.h,
        left=middle[0] - _.across / 2,
        top=middle[1] - _.down / 2,
        right=middle[0] + _.across / 2,
        bottom=middle[1] + _.down / 2,
    )


def _points(shapes: Any, key: tuple[str, ...]) -> Any:
    rows = shapes.filter(_.points.notnull() & _.w.isnull()).select(*key, "kind", value="points")
    flat = rows.unnest("value", offset="place")
    across = _.place % 2 == 0
    corners = flat.group_by(*key, "kind", at=_.place // 2).agg(
        x=ibis.ifelse(across, _.value, None).max(), y=ibis.ifelse(across, None, _.value).max()
    )
    around = ibis.window(group_by=key, order_by="at")
    corners = corners.mutate(
        next_x=_.x.lead().over(around).coalesce(_.x.first().over(ibis.window(group_by=key, order_by="at"))),
        next_y=_.y.lead().over(around).coalesce(_.y.first().over(ibis.window(group_by=key, order_by="at"))),
    )
    found = corners.group_by(*key, "kind").agg(
        twice=(_.x * _.next_y - _.next_x * _.y).sum(),
        left=_.x.min(),
        top=_.y.min(),
        right=_.x.max(),
        bottom=_.y.max(),
    )
    found = found.mutate(
        width=_.right - _.left,
        height=_.bottom - _.top,
        area=ibis.ifelse(_.kind.isin(_OPEN), None, _.twice.abs() / 2),
    )
    return found.select(*key, *MEASURES)


def _masks(shapes: Any, key: tuple[str, ...]) -> Any:
    """Runs go down the columns of the image, and every second one is of the mask."""
    rows = shapes.filter(_.mask_rle.notnull() & (_.mask_h > 0)).select(*key, "mask_h", run="mask_rle")
    runs = rows.unnest("run", offset="place")
    before = ibis.window(group_by=key, order_by="place", preceding=None, following=0)
    runs = runs.mutate(end=_.run.sum().over(before))
    runs = runs.filter((_.place % 2 == 1) & (_.run > 0)).mutate(start=_.end - _.run, final=_.end - 1)
    runs = runs.mutate(first_column=_.start // _.mask_h, last_column=_.final // _.mask_h)
    # A run that goes on in the next column touches the lower edge and the upper one.
    wraps = _.last_column > _.first_column
    runs = runs.mutate(
        first_row=ibis.ifelse(wraps, 0, _.start % _.mask_h),
        last_row=ibis.ifelse(wraps, _.mask_h - 1, _.final % _.mask_h),
    )
    found = runs.group_by(*key).agg(
        area=_.run.sum().cast("float64"),
        left=_.first_column.min().cast("float64"),
        top=_.first_row.min().cast("float64"),
        right=_.last_column.max().cast("float64") + 1,
        bottom=_.last_row.max().cast("float64") + 1,
    )
    return found.mutate(width=_.right - _.left, height=_.bottom - _.top).select(*key, *MEASURES)
