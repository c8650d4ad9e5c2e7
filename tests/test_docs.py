"""What the README promises exists, and what exists is in the README."""

import re
from pathlib import Path

import pytest

from dashboard.navigation import PAGES
from qc.alerts import RULES
from qc.cli import main
from qc.readers import READERS, Mapping
from qc.readers.mapping import COLUMNS
from qc.readers.question import KINDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_format_has_its_line(reader) -> None:
    assert f"| `{reader.name}` |" in README


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_alert_rule_has_its_line(rule) -> None:
    assert f"| {rule.name} |" in README
    assert rule.false_alarms in README


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_alert_rule_is_explained(rule) -> None:
    assert f"| {rule.name} |" in (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_is_shown(command: str) -> None:
    assert re.search(rf"\b(qc {command}|make {command})\b", README)


def test_every_file_that_the_documents_name_exists() -> None:
    for text in (README, ARCHITECTURE):
        for name in re.findall(r"`((?:docs|qc|dashboard|tests|sample_exports)/[\w./]*)`", text):
            assert (ROOT / name).exists(), name
        for name in re.findall(r"\]\((docs/[\w./]+)\)", text):
            assert (ROOT / name).exists(), name


def test_every_page_of_the_dashboard_is_in_a_file() -> None:
    assert {path.stem for path in (ROOT / "dashboard" / "pages").glob("*.py")} == {page.file for page in PAGES}


def test_no_index_address_in_the_pins() -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in pins
    assert "@" not in pins


MAPPING = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", MAPPING, re.DOTALL))
def test_every_mapping_that_is_shown_can_be_read(text: str) -> None:
    mapping = Mapping.from_toml(text)
    assert Mapping.from_toml(mapping.to_toml()) == mapping


def test_every_column_and_kind_of_a_mapping_is_shown() -> None:
    assert [name for name in (*COLUMNS, *KINDS) if f"`{name}`" not in MAPPING] == []
