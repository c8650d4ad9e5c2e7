"""A report as one HTML file that asks nobody for anything: no script, no request, names are text."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from qc.reports.blocks import Headlines, Sentences, Table, shown
from qc.reports.views import Document

# Longer tables are cut in the file and whole in the tables beside it.
MOST_ROWS: Final = 60
_FOLDED_FROM: Final = 13
_CONTROLS: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "�")


def render(document: Document) -> str:
    """The file's text. Equal documents are equal texts."""
    style = _source("report.css")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return _environment().get_template("report.html").render(document=document, style=Markup(style), digest=digest)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("qc.reports", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    made.filters |= {"shown": shown}
    made.tests |= {"table": _is(Table), "headlines": _is(Headlines), "sentences": _is(Sentences), "numeric": _numeric}
    made.globals |= {"most": MOST_ROWS, "folded_from": _FOLDED_FROM, "drawn": Markup}
    return made


def _source(name: str) -> str:
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _printable(value: Any) -> Any:
    """Without the control characters that no page may hold; the rest is escaped afterwards."""
    return value.translate(_CONTROLS) if type(value) is str else value


def _is(kind: type) -> Any:
    return lambda block: isinstance(block, kind)


def _numeric(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
