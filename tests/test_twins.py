"""Scan twins: how a report is printed, how gold is carried over to what OCR read, and what may be learned from."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
import reportlab
from hypothesis import given
from hypothesis import strategies as st

from extractor.annotations import parse, render
from extractor.twins.alignment import Alignment, aligned, carried
from extractor.twins.paper import LIGHT, Faces, FontError, printed, scanned
from extractor.twins.twin import Twin, is_twin, learnable, named, source_name
from extractor.twins.typesetting import CLOSING, HEIGHT, LEFT, OPENING, RIGHT, WIDTH, Character, Face, Style, text_of, typeset
from extractor.types import Document, Example, Span

LATIN = str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")
FACES = Faces(dict.fromkeys(Face, (LATIN, 0)))


def measure(text: str, face: Face) -> float:
    """As in most fonts: Latin characters and blanks take half a size."""
    return 0.5 if text.isascii() else 1.0


def rows(pages: list[tuple[Character, ...]]) -> list[str]:
    """The printed lines without page numbers."""
    found: dict[tuple[int, float], str] = {}
    for number, page in enumerate(pages):
        for one in page:
            if one.baseline < HEIGHT - 90:
                found[number, one.baseline] = found.get((number, one.baseline), "") + one.text
    return list(found.values())


@given(st.text(st.sampled_from("预算执行率，。（）“”12.5% \n一、"), min_size=1, max_size=400), st.sampled_from([12.0, 16.0]))
def test_every_character_is_printed_once_in_order(text: str, size: float) -> None:
    printed_text = "".join(rows(typeset(text, measure, Style(size, 1.6 * size))))
    assert printed_text == "".join(text.split())


def test_lines_end_as_in_print() -> None:
    text = "全年安排项目资金（含上年结转）2,385.4万元，支出2,300.15万元，执行率为96.4%；" * 12
    lines = rows(typeset(f"标题\n\n{text}", measure, Style(16.0, 28.0)))
    assert len(lines) > 10
    for above, below in pairwise(lines):
        assert below[0] not in CLOSING
        assert above[-1] not in OPENING
        assert not (above[-1].isdigit() and below[0].isdigit()), "a number was broken"


def test_text_stays_on_the_page_and_titles_in_its_middle() -> None:
    pages = typeset("某县财政局\n\n一、概况\n" + "资金使用规范。" * 400, measure, Style(16.0, 28.0))
    assert len(pages) > 3
    for one in (one for page in pages for one in page):
        assert LEFT - 0.1 <= one.x <= WIDTH - RIGHT + one.size
        assert one.baseline <= HEIGHT
    title = [one for one in pages[0] if one.face is Face.TITLE]
    assert abs((title[0].x + title[-1].x + title[-1].size) / 2 - (LEFT + WIDTH - RIGHT) / 2) < 1
    assert [one.face for one in pages[0] if one.text == "概"] == [Face.CHAPTER]
    assert text_of(pages).endswith(f"-{len(pages)}-")


def test_the_same_seed_gives_the_same_scan() -> None:
    pages = typeset("Budget 128.5", FACES.width, Style(14.0, 24.0))
    first, again, other = (scanned(pages, FACES, LIGHT, random.Random(seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert first.startswith(b"%PDF")


def test_a_page_is_a4_at_its_resolution() -> None:
    picture = printed((Character("B", 100.0, 200.0, 14.0, Face.BODY),), FACES, 72)
    assert picture.size == (595, 842)
    left, top, right, bottom = picture.convert("L").point(lambda value: 255 - value).getbbox()
    assert 99 <= left < right <= 114 and 185 <= top < bottom <= 201


def test_a_missing_font_is_told() -> None:
    with pytest.raises(FontError, match=r"^nowhere\.ttf: no such font; the package extractor\.twins says what to install"):
        Faces(dict.fromkeys(Face, ("nowhere.ttf", 0))).width("预", Face.BODY)


# Alignment


def moved(one: str, other: str, words: str) -> str | None:
    start = one.index(words)
    span = aligned(one, other).moved(Span(start, start + len(words)))
    return None if span is None else other[span.start : span.end]


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ("全年支出1O0万元，", "1O0万元"),  # misread
        ("全年支出１００ 万\n元,", "１００ 万\n元"),  # other widths, a line end
        ("全年支出100方元，", "100方元"),
        ("- 3 -\n全年支出100万元，", "100万元"),  # something more before it
        ("全年支出0万元，", "0万元"),  # half of it lost
        ("全年支出", None),
        ("全年支出元，", None),
    ],
)
def test_words_are_found_again(other: str, found: str | None) -> None:
    assert moved("全年支出100万元，", other, "100万元") == found


@given(st.text(st.sampled_from("预算12 \n"), max_size=40), st.text(st.sampled_from("预算12 \n"), max_size=40))
def test_an_alignment_leads_back(one: str, other: str) -> None:
    there = aligned(one, other)
    assert there.back().back() == there
    assert list(there.places.values()) == sorted(there.places.values())
    assert aligned(one, one) == Alignment({at: at for at, character in enumerate(one) if not character.isspace()})


def twin_of(marked: str, read: str) -> Twin:
    source = parse(marked, "r1")
    alignment = aligned(source.text, read)
    return Twin(source, Document("r1.pdf", "", read), alignment, *carried(source, read, alignment))


def test_gold_is_carried_over_and_losses_are_counted() -> None:
    twin = twin_of("{I1|培训}{T1|100人}，{I2|建房}{A2|3座}", "培训1O0人，")
    assert [read_words(twin.example, at) for at in range(len(twin.example.mentions))] == ["培训", "1O0人"]
    assert twin.n_lost == 2


def read_words(example: Example, position: int) -> str:
    span = example.mentions[position].span
    return example.text[span.start : span.end]


@pytest.mark.parametrize(
    ("marked", "read", "learned"),
    [
        ("{I1|培训}{T1|100人}。", "培训10\n0人。\n- 1 -", "{I1|培训}{T1|100人}。\n- 1 -"),  # a mark stays within one line
        ("{I1|培训}{T1|100人}（旧）", "培训100人{旧}", "{I1|培训}{T1|100人}（旧）"),
        ("{I1|培训}{T1|7人}，{I2<1|其中}{A2|3人}", "培训人，其中3人", "培训人，{I2|其中}{A2|3人}"),  # a value without its number
    ],
)
def test_what_is_learned_can_be_written_down(marked: str, read: str, learned: str) -> None:
    example = learnable(twin_of(marked, read))
    assert render(example) == learned
    assert parse(learned, "r1") == example


def test_twins_are_known_by_their_names() -> None:
    example = parse("{I1|培训}{T1|7人}", "r1")
    assert named(example, "light") == "r1-light"
    assert is_twin(Example("r1-hard", "", ())) and not is_twin(example)
    assert source_name(named(example, "light")) == source_name(example.name) == example.name
    assert source_name("三-hardly") == "三-hardly"
