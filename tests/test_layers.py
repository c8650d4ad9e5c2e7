"""Imports only run with the arrows of docs/architecture.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PURE = {"model", "stats"}
ALLOWED: dict[str, set[str]] = {
    "model": set(),
    "settings": {"model"},
    "readers": {"model"},
    "writers": {"model"},
    "lake": {"model"},
    "backends": {"model"},
    "engine": {"model", "lake", "backends"},
    "judge": {"model"},
    "measures": {"model", "judge"},
    "stats": {"model"},
    "sampling": PURE,
    "levels": PURE,
    "alerts": PURE,
    "notify": {"model"},
    "cost": PURE,
    "store": {"model"},
    "pseudonyms": set(),
    "access": {"model", "store"},
    "figures": {"model"},
    "simulate": {"model"},
    "reports": {"model", "figures", "writers", "pseudonyms"},
    "cli": {"model", "workspace"},
}
EVERY_PART = {*ALLOWED, "workspace"}
PLOTLY = {"figures"}


def imports(path: Path) -> set[str]:
    """Absolute dotted names that a module imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "qc").parts[0].removesuffix(".py")


def qc_parts(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("qc.")} & EVERY_PART


MODULES = sorted(path for path in (ROOT / "qc").rglob("*.py") if part_of(path) != "__init__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_qc_imports_follow_the_layers(path: Path) -> None:
    part, names = part_of(path), imports(path)
    assert part in EVERY_PART, f"{path} belongs to no part of docs/architecture.md"
    if part != "workspace":
        assert qc_parts(names) - {part} <= ALLOWED[part]
    roots = {name.split(".")[0] for name in names}
    assert not roots & {"streamlit", "dashboard"}
    assert part in PLOTLY or "plotly" not in roots
    assert not any(name.startswith("statsmodels.api") for name in names)
    if "krippendorff" in roots:
        assert path.name == "doctor.py"


PAGES = sorted((ROOT / "dashboard").rglob("*.py"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_dashboard_asks_only_the_workspace(path: Path) -> None:
    assert qc_parts(imports(path)) <= {"workspace", "access", "figures", "model"}


def test_only_the_dashboard_and_the_router_know_streamlit() -> None:
    router = imports(ROOT / "streamlit_app.py")
    assert {name.split(".")[0] for name in router} <= {"dashboard", "streamlit", "__future__"}
