"""Small frames that are kept in the workspace between processes, so that a check need not open the lake."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import orjson

from qc import __version__
from qc.model import EVERYTHING, Policy, Scope

if TYPE_CHECKING:
    import pandas as pd

    from qc.workspace.opening import Snapshot

# What `qc check` and the filters of every page ask for: aggregates, and judged answers as codes and short texts.
KEPT: Final = frozenset(
    {
        ("annotator_names", ()),
        ("clock", ()),
        ("conflict_counts", ()),
        ("days", ()),
        ("durations", ()),
        ("judged_counts", ("annotator",)),
        ("judged_sequence", ()),
        ("judged_sorts", ()),
        ("label_days", ()),
        ("labels", ()),
        ("left_out", ()),
        ("offered", ()),
        ("present", ("day",)),
        ("present", ("hour",)),
        ("present", ("shift",)),
        ("present", ("tag",)),
        ("questions", ()),
        ("skip_days", ()),
        ("volume", ()),
        ("workload", ()),
    }
)
_OF_RECORD: Final = ("reviews", "draws")


def kept(
    snapshot: Snapshot,
    name: str,
    scope: Scope,
    policy: Policy,
    by: tuple[str, ...],
    compute: Callable[[], pd.DataFrame],
) -> pd.DataFrame:
    """The frame of a measure: from the workspace's cache where it is one of KEPT, of everything, and unchanged."""
    if scope != EVERYTHING or (name, by) not in KEPT:
        return compute()
    import pandas as pd
    import pyarrow as pa

    folder = snapshot.ws.root / "cache" / snapshot.project / "frames"
    stem = "-".join((type(snapshot).__name__.lower(), name, *by))
    path = folder / f"{stem}.{_digest(snapshot, name, policy)}.arrow"
    try:
        with pa.OSFile(str(path), "rb") as file:
            return pa.ipc.open_file(file).read_pandas()
    except (FileNotFoundError, pa.ArrowInvalid):
        frame = compute()
    folder.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}")
    table = pa.Table.from_pandas(pd.DataFrame(frame), preserve_index=False)
    with pa.OSFile(str(scratch), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    scratch.replace(path)
    for old in folder.glob(f"{stem}.*.arrow"):
        if old != path:
            old.unlink(missing_ok=True)
    return frame


def _digest(snapshot: Snapshot, name: str, policy: Policy) -> str:
    """Equal for equal frames: of the parts of the record and of the policy that the measure reads."""
    from qc.measures import measure

    known = measure(name)
    revisions = snapshot.ws.store.revisions(snapshot.project)
    parts = ("lake", *(part for part in _OF_RECORD if part in known.reads))
    settings = policy.to_json()
    key = [
        __version__,
        known.columns,
        {part: revisions[part] for part in parts},
        {setting: settings[setting] for setting in (*known.settings, "timezone")},
    ]
    return blake2b(orjson.dumps(key, option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()
