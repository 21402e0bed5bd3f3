"""Whether the text that a PDF page brings along can be trusted, and what is taken where OCR read the page as well."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from itertools import pairwise

from extractor.readers.lines import Glyph, Placer, rotated
from extractor.readers.sheets import Sheet

UNKNOWN = "\ufffd"
GARBLED = 0.3  # share of characters without a meaning from which on a text is useless
STRANGE = 0.15  # share of characters that Chinese reports do not use from which on a text is dubious
FEW = 100  # characters: less than this on a page that is a picture may be all but the page's text
PICTURE = 0.5  # share of a page under one picture from which on the page is a picture
AGREES = 0.85  # share of pairs of characters in common from which on two readings are the same text
READABLE = 0.6  # mean confidence under which OCR convicts no text


class Doubt(Enum):
    """Why a page's own text is not simply taken."""

    MISSING = "该页没有文字层"
    GARBLED = "文字层的字符无法辨认"
    STRANGE = "文字层疑似乱码"
    HIDDEN = "文字层是图像下隐藏的识别结果"
    SPARSE = "文字层只有少量文字"


def doubt_of(text: str, *, covered: float, is_hidden: bool) -> Doubt | None:
    """text: of the page, without blanks or with. covered: share of the page under one picture."""
    visible = [character for character in text if not character.isspace()]
    if not visible:
        return Doubt.MISSING
    if sum(map(_is_meaningless, visible)) > GARBLED * len(visible):
        return Doubt.GARBLED
    if sum(map(_is_strange, visible)) > STRANGE * len(visible):
        return Doubt.STRANGE
    if covered >= PICTURE and is_hidden:
        return Doubt.HIDDEN
    return Doubt.SPARSE if covered >= PICTURE and len(visible) < FEW else None


def chosen(layer: Sheet, doubt: Doubt, scanned: Sequence[Sheet]) -> list[Sheet]:
    """The sheets of a page: by its own text, or by what OCR read. Which, and why, is told in the page's steps."""
    if doubt is Doubt.MISSING:
        return list(scanned)
    found = _text(scanned)
    own = _text([layer])
    if doubt is Doubt.GARBLED:
        return _with_step(scanned, f"{doubt.value}，改用文字识别", trouble=None) if found else _untold(scanned)
    agreement = agreement_of(own, found)
    if agreement >= AGREES:
        return _with_step([_ruled(layer, scanned)], f"{doubt.value}；与文字识别相符（{agreement:.0%}），采用文字层", trouble=None)
    if doubt is Doubt.SPARSE:
        more = len(found) > 2 * len(own)
        return _with_step(scanned, f"{doubt.value}，改用文字识别", trouble=None) if more else [layer]
    if _confidence(scanned) < READABLE:
        return _with_step([layer], f"{doubt.value}", trouble=f"{doubt.value}，图像也不清晰，暂用文字层；请对照原件")
    told = f"{doubt.value}，与页面图像只有 {agreement:.0%} 相符，未予采信，改用文字识别"
    return _with_step(scanned, told, trouble=told)


def agreement_of(one: str, other: str) -> float:
    """The share of pairs of neighbouring characters that two texts have in common, in whatever order their lines stand."""
    pairs, others = Counter(pairwise(one)), Counter(pairwise(other))
    return (pairs & others).total() / max(1, pairs.total(), others.total())


def _ruled(layer: Sheet, scanned: Sequence[Sheet]) -> Sheet:
    """A page's own text with the ruling lines that its picture shows, levelled as they are."""
    placer = scanned[0].placer
    if len(scanned) > 1 or not scanned[0].rules or layer.rules or replace(placer, skew=0.0) != layer.placer:
        return layer
    glyphs = tuple(_levelled(glyph, placer) for glyph in layer.glyphs)
    return replace(layer, glyphs=glyphs, rules=scanned[0].rules, placer=placer)


def _levelled(glyph: Glyph, placer: Placer) -> Glyph:
    middle_x, middle_y = (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2
    x, y = rotated(middle_x, middle_y, -placer.skew, placer.width / 2, placer.height / 2)
    right, down = x - middle_x, y - middle_y
    return replace(
        glyph,
        left=glyph.left + right,
        right=glyph.right + right,
        top=glyph.top + down,
        bottom=glyph.bottom + down,
        baseline=glyph.baseline + down,
    )


def _untold(scanned: Sequence[Sheet]) -> list[Sheet]:
    """A page whose text means nothing and on which OCR found none either: the picture may be blank, the page is not."""
    told = f"{Doubt.GARBLED.value}，文字识别也没有读到文字"
    return [replace(sheet, troubles=sheet.troubles or (told,)) for sheet in scanned]


def _with_step(sheets: Sequence[Sheet], step: str, *, trouble: str | None) -> list[Sheet]:
    page = replace(sheets[0].page, steps=(step, *sheets[0].page.steps))
    troubles = (*((trouble,) if trouble else ()), *sheets[0].troubles)
    first = replace(sheets[0], page=page, troubles=troubles)
    return [first, *(replace(sheet, page=page) for sheet in sheets[1:])]


def _text(sheets: Sequence[Sheet]) -> str:
    return "".join(glyph.text for sheet in sheets for glyph in sheet.glyphs if not glyph.text.isspace())


def _confidence(sheets: Sequence[Sheet]) -> float:
    told = [glyph.confidence for sheet in sheets for glyph in sheet.glyphs if glyph.confidence is not None]
    return sum(told) / len(told) if told else 0.0


def _is_meaningless(character: str) -> bool:
    """A character that a font gives without saying what it is."""
    return character == UNKNOWN or unicodedata.category(character) == "Co"


def _is_strange(character: str) -> bool:
    """A letter or character that is neither Latin nor among the thousands of Chinese ones that reports are written with.

    GB 2312 is the set: text decoded by a wrong table turns into accented letters, Greek, Korean or rare characters.
    """
    if character.isascii() or unicodedata.category(character)[0] not in "LS":
        return False
    return not _is_in_gb2312(character) or character in ACCENTED


def _is_in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


ACCENTED = frozenset("àáèéêìíòóùúüāēěīńňōūǎǐǒǔǖǘǚǜ")  # in GB 2312 for pinyin, which reports do not use
