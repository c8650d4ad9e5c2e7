"""Where a workspace is, and what its qc.toml and the environment may say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qc.model import InputError
from qc.model.limits import DEFAULTS
from qc.settings import folder, load


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORKSPACE", "RECORD", "LAKE", "ENGINE", "THREADS"):
        monkeypatch.delenv(f"QC_{name}", raising=False)


def test_the_workspace_is_the_argument_else_the_environment_else_a_folder_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert folder(None) == tmp_path / "qc-workspace"
    monkeypatch.setenv("QC_WORKSPACE", str(tmp_path / "env"))
    assert folder(None) == tmp_path / "env"
    assert folder(Path("given")) == tmp_path / "given"


def test_without_a_file_everything_lies_in_the_workspace(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.record == f"sqlite:///{tmp_path / 'qc.db'}"
    assert settings.lake == str(tmp_path / "lake")
    assert settings.engine == "duckdb"


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "qc.toml").write_text('record = "postgresql+psycopg://db/qc"\nengine = "spark"\n')
    assert load(tmp_path).record == "postgresql+psycopg://db/qc"
    monkeypatch.setenv("QC_ENGINE", "duckdb")
    assert load(tmp_path).engine == "duckdb"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lakes = 1", "unknown setting 'lakes'"),
        ("engine = 'mysql'", "no engine 'mysql'"),
        ("threads = 0", "threads cannot be"),
        ("engine = ", "not valid TOML"),
        ("limits = 1", "limits must be a table"),
        ("[limits]\nmembrs = 1", "unknown limit 'membrs'; known are memory_mb, seconds"),
        ("[limits]\nmembers = 0", "The limit members cannot be 0; set a whole number above 0"),
        ("[limits]\nmembers = 1.5", "The limit members cannot be 1.5"),
        ("[limits]\nseconds = true", "The limit seconds cannot be True"),
        ("[limits]\nmemory_mb = 99999999999", "The limit memory_mb cannot be 99999999999"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "qc.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        load(tmp_path)


def test_limits_come_from_the_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(tmp_path).limits == DEFAULTS
    (tmp_path / "qc.toml").write_text("[limits]\nmembers = 7\nseconds = 9\n")
    monkeypatch.setenv("QC_LIMITS_SECONDS", "11")
    assert load(tmp_path).limits == replace(DEFAULTS, members=7, seconds=11)
