"""The working paper (审计工作底稿) of a report: a Word file made from a template that an office can replace."""

from __future__ import annotations

from extractor.workpaper.contents import contents, field_names
from extractor.workpaper.writing import TEMPLATE, WorkPapers, write_new

__all__ = ["TEMPLATE", "WorkPapers", "contents", "field_names", "write_new"]
