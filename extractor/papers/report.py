"""One report as a page: what it says of itself, its findings, its money, its indicators, its text."""

from __future__ import annotations

from collections.abc import Iterator

from extractor.findings.terms import TOTAL_SCORES
from extractor.papers.evidence import EXPLANATIONS, concerns
from extractor.papers.indicators import COMPARED, LONGEST_BAR, STANDINGS, Standing
from extractor.papers.money import chart
from extractor.papers.original import flow, patches
from extractor.papers.paper import Paper, Value
from extractor.papers.rows import funds, groups, rows
from extractor.papers.template import page
from extractor.sheet import DOUBTFUL, LOW, ROLES, SEVERITIES, one_line, place_text
from extractor.stated import all_problems
from extractor.types import RuleCount

TOLD = (Standing.MET, Standing.OVER, Standing.UNDER)  # standings that every row tells


def paper_page(paper: Paper, *, overview: str = "") -> str:
    """The page of one report; ``overview`` is the overview's file name, one folder up, where there is one."""
    result = paper.result
    all_rows = list(rows(paper))
    return page(
        "paper.html.j2",
        "paper.js",
        paper=paper,
        result=result,
        document=result.document,
        subject=paper.subject,
        overview=overview,
        facts=list(_facts(paper)),
        chart=chart(paper.sums),
        concerns=list(concerns(paper)),
        groups=list(groups(all_rows)),
        funds=funds(all_rows),
        asked=_asked(result.checks),
        problems=[(place_text(problem.where), problem.message) for problem in all_problems(result)],
        pictured=sum(1 for one in result.document.pages or () if one.steps),
        patches={picture.number: list(patches(paper, picture.number)) for picture in paper.album.pictures},
        flow=flow(paper),
        compared=sum(paper.standings[standing] for standing in COMPARED),
        compared_standings=COMPARED,
        standings=STANDINGS,
        told=TOLD,
        severities=SEVERITIES,
        roles=ROLES,
        explanations=EXPLANATIONS,
        target_at=1 / LONGEST_BAR,
        low=LOW,
        doubtful=DOUBTFUL,
    )


def _facts(paper: Paper) -> Iterator[tuple[str, Value, str]]:
    """(name, words, own anchor) of what the form's head says, or else what the report tells of itself, and of its score."""
    text, subject = paper.result.document.text, paper.subject
    for number, fact in enumerate(paper.result.facts, start=1):
        yield fact.name, Value(one_line(text[fact.span.start : fact.span.end]), (f"i{number}",)), f"i{number}-told"
    if not paper.result.facts:
        for name, words in (("项目", subject.title), ("单位", subject.unit), ("年度", subject.year)):
            if words:
                yield name, Value(str(words), ()), ""
    scores = (record for record in paper.result.records if (record.name or "").endswith(TOTAL_SCORES) and record.achieved)
    if (total := next(scores, None)) is not None:
        yield "自评得分", paper.values(total.achieved[:1])[0], ""


def _asked(checks: tuple[RuleCount, ...]) -> list[RuleCount]:
    """The rules that had something to say, those that fail first."""
    asked = [check for check in checks if check.n_holds or check.n_fails or check.n_unknown]
    return sorted(asked, key=lambda check: not check.n_fails)
