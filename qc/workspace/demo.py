"""The demo: a fresh workspace from the sample exports, and what is most worth knowing of each project."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from qc.access import allowed
from qc.model import UnavailableError
from qc.workspace import assess, check, policy
from qc.workspace.findings import top_findings
from qc.workspace.ingest import ingest
from qc.workspace.opening import Workspace, open_workspace

SAMPLES: Final = Path(__file__).parents[2] / "sample_exports"
MARK: Final = ".qc-demo"


@dataclass(frozen=True, slots=True)
class Sample:
    """One project of the demo, with the target, limit and price of an escaped error that its lead would have set."""

    project: str
    name: str
    file: str
    target: float
    limit: float
    escaped_error: float


# A crowd without training errs far more often than a trained team.
PROJECTS: Final = (
    Sample("tickets", "Support tickets (simulated)", "support_tickets.json", 0.05, 0.12, 5.0),
    Sample("weather", "Weather sentiment", "weather_sentiment_amt.csv", 0.30, 0.50, 2.0),
    Sample("polarity", "Sentence polarity", "sentence_polarity_amt.csv", 0.12, 0.25, 10.0),
)


def build(folder: Path, progress: Callable[[float], None] = lambda _share: None) -> Workspace:
    """A new workspace with the sample exports, checked; a folder that is not an earlier demo is never touched."""
    if not SAMPLES.is_dir():
        raise UnavailableError("The sample exports are not beside this installation; run the demo from a checkout.")
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise UnavailableError(f"{folder} holds something else than a demo; name another folder with --workspace.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    ws = open_workspace(folder)
    # The dashboard opens at what changed last.
    for place, sample in enumerate(reversed(PROJECTS)):
        ingest(ws, sample.project, SAMPLES / sample.file, actor="demo", name=sample.name)
        default = ws.policy(sample.project)
        errors = replace(default.errors, target=sample.target, limit=sample.limit)
        cost = replace(default.cost, escaped_error=sample.escaped_error)
        decided = replace(default, errors=errors, cost=cost)
        policy.save(ws, sample.project, decided, "demo", "what this kind of work allows")
        check.run(ws, sample.project, actor="demo")
        progress((place + 1) / len(PROJECTS))
    return ws


@allowed("workspace")
def findings_text(ws: Workspace) -> Iterator[str]:
    """The five most important findings of each project, as lines for a terminal."""
    for project in ws.projects():
        yield ""
        yield project.name
        for place, finding in enumerate(top_findings(assess.assessment(ws, project.slug)), 1):
            yield f"  {place}. {finding.sentence}"
    yield ""
