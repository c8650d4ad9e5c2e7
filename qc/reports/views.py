"""The three views of a report: what each shows, in its own order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from qc.model import InputError
from qc.reports import sections
from qc.reports.blocks import Section, Table
from qc.reports.material import Material

Chapter = Callable[[Material], Section]


@dataclass(frozen=True, slots=True)
class View:
    """A reader's view; `about` says what it shows, `individuals` whether it speaks of single people."""

    name: str
    title: str
    about: str
    chapters: tuple[Chapter, ...]
    individuals: bool = False


VIEWS: Final = (
    View(
        "lead",
        "Report for the project lead",
        "agreement, errors, fatigue, care, models, comparisons, sites, drift, levels and alerts, people by name",
        (
            sections.summary,
            sections.agreement,
            sections.rates,
            sections.fatigue,
            sections.care,
            sections.models,
            sections.prelabels,
            sections.comparisons,
            sections.groups,
            sections.sites,
            sections.drift,
            sections.levels,
            sections.alerts,
        ),
        individuals=True,
    ),
    View(
        "qa",
        "Report for quality assurance",
        "samples, error types, confusion, gold, conflicts, models, groups, drift and the state of the data",
        (
            sections.summary,
            sections.samples,
            sections.rates,
            sections.error_types,
            sections.confusion,
            sections.gold,
            sections.conflicts,
            sections.models,
            sections.prelabels,
            sections.groups,
            sections.drift,
            sections.data,
        ),
    ),
    View(
        "manager",
        "Report for managers",
        "cost, errors before and after review, the trend, models, comparisons, groups, sites and shifts",
        (
            sections.summary,
            sections.cost,
            sections.trend,
            sections.models,
            sections.prelabels,
            sections.comparisons,
            sections.groups,
            sections.sites,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report before it becomes a file: its chapters, and the facts that let it be made again."""

    title: str
    subtitle: str
    view: str
    sections: tuple[Section, ...]
    about: tuple[tuple[str, str], ...]
    policy: tuple[tuple[str, str], ...]

    def tables(self) -> Iterator[Table]:
        """All tables in the order of the report."""
        for section in self.sections:
            yield from section.tables()


def view(name: str) -> View:
    """A view by its name; InputError names those that exist."""
    for each in VIEWS:
        if each.name == name:
            return each
    raise InputError(f"There is no view {name!r}; use one of {', '.join(each.name for each in VIEWS)}.")


def document(material: Material, chosen: View) -> Document:
    """The report on an assessment in a view; the material of one without individuals has none to begin with."""
    chapters = tuple(chapter(material) for chapter in chosen.chapters)
    source, scope = material.source, material.assessment["scope"]
    about = (
        ("Project", f"{source.name} ({source.project})"),
        ("View", chosen.name),
        ("Scope", _scope(scope)),
        ("Data version", source.data_version),
        ("Time of the data version", source.as_of or "–"),
        ("Days are those of", str(material.assessment["policy"]["timezone"])),
        ("Tool", source.tool),
        ("Seeds of the draws", ", ".join(map(str, source.seeds)) or "no sample was drawn"),
        ("SHA-256 of the inputs", source.digest),
        ("SHA-256 of the figures", _digest(chapters)),
        ("Made again by", source.command),
    )
    return Document(
        source.name, chosen.title, chosen.name, chapters, about, tuple(_flat(material.assessment["policy"], ""))
    )


def _scope(scope: Mapping[str, Any]) -> str:
    words = {"question": "question", "batches": "batches", "sites": "sites", "annotators": "annotators"}
    said = [f"{words[name]} {_text(scope[name])}" for name in words if scope[name]]
    said += [f"from {scope['since']}"] if scope["since"] else []
    said += [f"before {scope['until']}"] if scope["until"] else []
    return ", ".join(said) or "everything"


def _flat(policy: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, value in policy.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_text(entry) for entry in value) or "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_text(entry)}" for name, entry in value.items() if entry is not None) or "none"
    return "–" if value is None else str(value)


def _digest(chapters: tuple[Section, ...]) -> str:
    """Of every number and sentence, and not of how they are drawn."""
    said = [[(block.__class__.__name__, _plain(block)) for block in chapter.blocks] for chapter in chapters]
    return sha256(json.dumps(said, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def _plain(block: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(block).items() if name != "chart"}
