"""What an office reads: one page per report and an overview of the run, each a single HTML file that needs nothing else."""

from __future__ import annotations

from extractor.papers.folder import OVERVIEW, PAPERS, Papers, earlier_papers, open_papers, written_anew

__all__ = ["OVERVIEW", "PAPERS", "Papers", "earlier_papers", "open_papers", "written_anew"]
