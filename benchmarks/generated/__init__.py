"""Self-evaluation tables made up by a seed: what they say (`forms`), how they are laid out (`layout`), and files of them.

form = make_form(seed)               # rows, facts, funds, goals: the gold
table = lay_out(form)                # cells on a grid, with merged cells, heads and page breaks
content = RENDERERS[".docx"](table)  # bytes of a file; WRITERS put tables between paragraphs
text = FLATTENERS["tabs"](table)     # what is left of the table where copying lost its ruling
"""

from __future__ import annotations

from benchmarks.generated.files import RENDERERS, WRITERS
from benchmarks.generated.flattened import FLATTENERS
from benchmarks.generated.forms import COLUMNS, STYLES, Form, Row, make_form
from benchmarks.generated.layout import Cell, Page, Table, lay_out

__all__ = [
    "COLUMNS",
    "FLATTENERS",
    "RENDERERS",
    "STYLES",
    "WRITERS",
    "Cell",
    "Form",
    "Page",
    "Row",
    "Table",
    "lay_out",
    "make_form",
]
