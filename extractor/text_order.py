"""A result in the order of its text."""

from __future__ import annotations

from dataclasses import replace

from extractor.types import Finding, Result, Span


def in_text_order(result: Result) -> Result:
    """The same result with mentions, records and findings sorted by where they begin; positions follow."""
    starts = [mention.span for mention in result.mentions]
    mentions = sorted(range(len(starts)), key=lambda position: starts[position])
    end = Span(len(result.document.text), len(result.document.text) + 1)  # for what stands nowhere in the text
    record_starts = [min((starts[mention] for mention in record.mentions), default=end) for record in result.records]
    records = sorted(range(len(record_starts)), key=lambda position: record_starts[position])

    def finding_start(finding: Finding) -> Span:
        places = [*(starts[mention] for mention in finding.mentions), *finding.spans]
        places += [record_starts[record] for record in finding.records]
        return min(places, default=end)

    move = {old: new for new, old in enumerate(mentions)}
    move_record = {old: new for new, old in enumerate(records)}
    return replace(
        result,
        mentions=tuple(result.mentions[position] for position in mentions),
        quantities=tuple(result.quantities[position] for position in mentions),
        records=tuple(result.records[position].moved(move.__getitem__, move_record.__getitem__) for position in records),
        findings=tuple(
            replace(
                finding,
                records=tuple(move_record[record] for record in finding.records),
                mentions=tuple(move[mention] for mention in finding.mentions),
            )
            for finding in sorted(result.findings, key=finding_start)
        ),
    )
