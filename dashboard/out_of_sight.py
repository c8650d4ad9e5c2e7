"""How long the browser tab was hidden: the browser knows it, and tells when the tab is seen again."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

_PACKAGE: Final = "annotation-qc"
_NAME: Final = "out_of_sight"
_HERE: Final = Path(__file__).parent


def seconds(key: str) -> float:
    """What the tab has told just now; 0 where it told nothing, or what is no time."""
    told: Any = (st.session_state.get(key) or {}).get("away")
    return float(told) if isinstance(told, int | float) and math.isfinite(told) and told > 0 else 0.0


def listen(key: str, act: Callable[[], None]) -> None:
    """Run `act` each time the tab is seen again; `seconds` then says how long it was not."""
    # The script must come as a file from here: the page's policy allows no script that is written into it.
    manager = get_bidi_component_manager()
    name = f"{_PACKAGE}.{_NAME}"
    if manager.get_component_asset_root(name) is None:
        manager.register_from_manifest(ComponentManifest(_PACKAGE, "1", [ComponentConfig(_NAME, "components")]), _HERE)
    st.components.v2.component(name, js=f"{_NAME}.js")(key=key, on_away_change=act, height=1)
