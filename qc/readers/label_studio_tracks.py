"""Label Studio's video: boxes that move, as one row per keyframe, and ranges of frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qc.model import Kind
from qc.readers.label_studio_values import NotUnderstoodError, Region, numbers_of, size_of
from qc.readers.numbers import number
from qc.readers.shapes import about_corner

NO_SIZE: Final = "{n} keyframes stand in percent of a video of unknown size: their boxes are in `attributes`"
NO_RATE: Final = "{n} ranges of frames have no seconds, as nothing says how many frames a second has"

_BOX: Final = ("x", "y", "width", "height")


def track(result: Mapping[str, Any]) -> list[Region]:
    """One row per keyframe; frames count from 0, and `enabled: false` is outside.

    Without the size of the video the box is kept in percent, in `attributes`.
    """
    value, identity = result["value"], result.get("id")
    sequence = value.get("sequence")
    if not isinstance(sequence, list) or not sequence or not isinstance(identity, str):
        raise NotUnderstoodError
    rows: dict[int, Region] = {}
    for entry in sequence:
        (frame,) = numbers_of(entry, "frame")
        if frame < 1 or frame != int(frame):
            raise NotUnderstoodError
        place = int(frame) - 1
        columns = {"track_id": identity, "frame": place, "outside": entry.get("enabled") is False}
        columns |= {"sec_start": number(entry.get("time"))}
        remark = None
        x, y, w, h = numbers_of(entry, *_BOX)
        turn = number(entry.get("rotation")) or 0.0
        if size := size_of(result):
            across, down = size[0] / 100, size[1] / 100
            box = about_corner(x * across, y * down, w * across, h * down, turn)
            columns |= {name: box[name] for name in ("x", "y", "w", "h", "rotation")}
        else:
            columns["attributes"] = {"percent": [x, y, w, h]} | ({"rotation": turn} if turn else {})
            remark = NO_SIZE
        # Of two keyframes at one frame the last one stands.
        rows[place] = Region(Kind.TRACKS, columns, f"@{place}", remark)
    return [rows[place] for place in sorted(rows)]


def ranges(result: Mapping[str, Any]) -> list[Region]:
    """Ranges of frames, first and last included, as intervals in seconds where the rate of frames is known."""
    value = result["value"]
    stretches = value.get("ranges")
    if not isinstance(stretches, list) or not stretches:
        raise NotUnderstoodError
    rate = frame_rate(value)
    found = []
    for part, stretch in enumerate(stretches):
        first, last = numbers_of(stretch, "start", "end")
        if first < 1 or last < first:
            raise NotUnderstoodError
        columns: dict[str, Any] = {"frame": int(first) - 1}
        columns["attributes"] = {"first_frame": int(first) - 1, "last_frame": int(last) - 1}
        if len(stretches) > 1:
            columns["attributes"] |= {"region": result.get("id"), "part": part}
        if rate:
            columns |= {"sec_start": (first - 1) / rate, "sec_end": last / rate}
        suffix = f"/{part}" if len(stretches) > 1 else ""
        found.append(Region(Kind.INTERVALS, columns, suffix, None if rate else NO_RATE))
    return found


def frame_rate(value: Mapping[str, Any]) -> float | None:
    """Frames a second, where a value states how many frames and seconds its video has."""
    frames, seconds = number(value.get("framesCount")), number(value.get("duration"))
    return frames / seconds if frames and seconds and frames > 0 and seconds > 0 else None
