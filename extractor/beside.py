"""Training variety for targets beside their results: "89.5%" becomes "89.5%，年初目标为85%".

Most targets stand in a chapter of their own, so that few reports teach how one is named again beside its result. Here a
result is told with the target of its own record, taken from elsewhere in the report.
"""

from __future__ import annotations

import random
from dataclasses import replace

from extractor.headings import SENTENCE_END
from extractor.types import Example, GoldMention, Label, Span

FORMS = (
    "（目标{}）",
    "（计划{}）",
    "（任务数{}）",
    "(目标{})",
    "，目标{}",
    "，年初目标为{}",
    "，年度目标值是{}",
    "，对应的目标值为{}",
    "，计划{}",
    "，计划数为{}",
    "，任务是{}",
    "，控制数为{}",
    "，达到{}的目标",
    "，未达到{}的目标",
    "，完成{}的年度任务",
    "，超过{}的计划",
    "，低于{}的计划",
    "，落后于计划的{}",
    "，离{}的目标还有差距",
    "，好于{}的预期",
    "，符合{}的要求",
    "，未突破{}的控制线",
    "，低于标准{}",
)
STOPS = "，。；,;\n"


def compared(example: Example, dice: random.Random, *, chance: float = 0.15) -> Example:
    """A copy in which some results are followed by their target, as a further mention of their record."""
    targets = {record: mention for mention in example.mentions if mention.label is Label.TARGET for record in mention.records}
    pieces: list[str] = []
    mentions: list[GoldMention] = []
    at = shift = 0
    for mention in example.mentions:
        mentions.append(_shifted(mention, shift))
        target = targets.get(mention.records[0]) if len(mention.records) == 1 else None
        if target is None or not _can_follow(example, mention, target) or dice.random() >= chance:
            continue
        before, after = dice.choice(FORMS).split("{}")
        words = example.text[target.span.start : target.span.end]
        start = mention.span.end + shift + len(before)
        mentions.append(replace(target, span=Span(start, start + len(words)), records=mention.records))
        pieces += example.text[at : mention.span.end], before, words, after
        at = mention.span.end
        shift += len(before) + len(words) + len(after)
    return Example(example.name, "".join((*pieces, example.text[at:])), tuple(mentions))


def _can_follow(example: Example, result: GoldMention, target: GoldMention) -> bool:
    """Whether the result ends its clause and its target stands in another sentence."""
    if result.label is not Label.ACHIEVED or example.text[result.span.end : result.span.end + 1] not in STOPS:
        return False
    first, second = sorted((result.span, target.span), key=lambda span: span.start)
    return SENTENCE_END.search(example.text, first.end, second.start) is not None


def _shifted(mention: GoldMention, by: int) -> GoldMention:
    return replace(mention, span=Span(mention.span.start + by, mention.span.end + by))
