"""The pages in a browser: no error, no request, links that jump, what it looks like on a screen and on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from extractor.papers import OVERVIEW, PAPERS, open_papers
from tests.results import report
from tests.test_papers import scanned, with_blocks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
SCREEN: ViewportSize = {"width": 1366, "height": 768}
A4 = (595, 842)  # points


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    with sync_api.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    with open_papers(folder) as papers:
        papers.add(with_blocks(report("<script>throw 1<script>.docx")))
        papers.add(scanned()[0])
        papers.fail("坏.pdf", "无法读取")
    return folder


class Watched:
    """An open page, and everything that went wrong on it."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.wrong: list[str] = []
        address = path.as_uri()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self.wrong.append(message.text))
        page.on("request", lambda request: None if request.url.startswith(address) else self.wrong.append(request.url))
        page.goto(address)

    def is_seen(self, selector: str) -> bool:
        """Whether the element stands inside the screen, once scrolling has come to rest."""
        within = "one => {const r = one.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight && r.width > 0}"
        element = self.page.locator(selector)
        self.page.wait_for_function(f"selector => ({within})(document.querySelector(selector))", arg=selector, timeout=5000)
        return bool(element.evaluate(within))


@pytest.fixture
def paper(browser: Browser, folder: Path) -> Iterator[Watched]:
    page = browser.new_page(viewport=SCREEN)
    (path,) = (path for path in (folder / PAPERS).iterdir() if "script" in path.name)
    yield Watched(page, path)
    page.close()


@pytest.fixture
def overview(browser: Browser, folder: Path) -> Iterator[Watched]:
    page = browser.new_page(viewport=SCREEN)
    yield Watched(page, folder / OVERVIEW)
    page.close()


def test_highlights_jump_to_their_record_and_back(paper: Watched) -> None:
    paper.page.click("#m6")
    assert paper.page.url.endswith("#r1")
    assert paper.is_seen("#r1")
    assert "lit" in (paper.page.get_attribute("#m2", "class") or "")  # all places of the record, not only the one clicked
    paper.page.click("#r1 a[href='#m7']")
    assert paper.page.url.endswith("#m7")
    assert paper.is_seen("#m7")
    paper.page.click("#m7 + a.flag")
    assert paper.page.url.endswith("#f1")
    assert paper.is_seen("#f1")
    assert paper.wrong == []


def test_a_report_fits_the_screen(paper: Watched) -> None:
    width, height = paper.page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]")
    assert (width, height) == (SCREEN["width"], SCREEN["height"])  # only its two halves scroll
    sheet, original = (paper.page.locator(one).bounding_box() for one in ("#sheet", "#original"))
    assert sheet and original
    assert sheet["x"] + sheet["width"] <= original["x"]
    assert min(sheet["height"], original["height"]) > 600
    assert paper.page.title() == "<script>throw 1<script>"
    assert paper.wrong == []


def test_the_overview_leads_to_the_papers_and_back(overview: Watched) -> None:
    assert overview.page.evaluate("document.scrollingElement.scrollWidth") == SCREEN["width"]
    assert overview.wrong == []
    overview.page.click(".first a")
    assert f"/{PAPERS}/" in overview.page.url
    overview.page.click("header .kicker a")
    assert overview.page.url.endswith(OVERVIEW)


def test_the_list_is_sorted_and_filtered(overview: Watched) -> None:
    names = overview.page.locator("#list tbody td:first-child a")
    overview.page.click("#list th:first-child")
    upwards = names.all_inner_texts()
    assert sorted(upwards) == ["<script>throw 1<script>", "报告"]
    overview.page.click("#list th:first-child")
    assert names.all_inner_texts() == upwards[::-1]
    overview.page.fill("#filter", "script")
    assert overview.page.locator("#list tbody tr:visible").count() == 1
    assert overview.wrong == []


def test_papers_print_on_a4(paper: Watched, overview: Watched) -> None:
    for watched in (paper, overview):
        printed = pypdfium2.PdfDocument(BytesIO(watched.page.pdf(prefer_css_page_size=True)))
        assert {(round(page.get_width()), round(page.get_height())) for page in printed} == {A4}
        assert len(printed) <= 4
        text = "".join(page.get_textpage().get_text_range() for page in printed)
        assert "疑点" in text
        printed.close()


def test_everything_works_without_scripts(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport=SCREEN, java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / PAPERS / "报告.html").as_uri())
    page.click("#m6")
    assert page.url.endswith("#r1")
    context.close()
