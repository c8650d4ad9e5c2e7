"""Reports that leave the house: one self-contained HTML file in three views, and its tables beside it."""

from qc.reports.html import render
from qc.reports.material import Material, Source
from qc.reports.pdf import pdf, printer
from qc.reports.pseudonyms import Pseudonyms, masked, pseudonyms
from qc.reports.tables import frames, tables_json
from qc.reports.views import VIEWS, Document, View, document, view

__all__ = [
    "VIEWS",
    "Document",
    "Material",
    "Pseudonyms",
    "Source",
    "View",
    "document",
    "frames",
    "masked",
    "pdf",
    "printer",
    "pseudonyms",
    "render",
    "tables_json",
    "view",
]
