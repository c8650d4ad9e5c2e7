"""What tools carry along with an item: batch, site and the like, tags, and what only its owners understand."""

from __future__ import annotations

from typing import Any, Final

from qc.model import Role
from qc.readers.fields import FACETS, as_list, at, facets, identity
from qc.readers.names import NAMES, plain
from qc.readers.reader import Options
from qc.readers.records import Row, to_json

_KNOWN: Final = frozenset(name for facet in (*FACETS, "tags") for name in NAMES[facet])
# Where people sat is nobody's business here.
_DROPPED: Final = frozenset({"ip", "ip_address", "latitude", "longitude", "lat", "lng", "lon", "geo", "geolocation"})


def described(meta: Row, record: Any, options: Options) -> Row:
    """Columns of an item from its metadata, or from where the mapping's paths say; the rest is kept as `meta`."""
    paths = options.mapping.columns if options.mapping else {}
    listed = at(record, paths["tags"]) if "tags" in paths else meta.get("tags")
    tags = [tag for entry in as_list(listed) if (tag := identity(entry))]
    rest = {name: value for name, value in meta.items() if plain(name) not in _KNOWN | _DROPPED}
    return {
        **facets(meta, record, paths),
        "tags": tags or None,
        "is_gold": options.role is Role.GOLD or None,
        "meta": to_json(rest),
    }
