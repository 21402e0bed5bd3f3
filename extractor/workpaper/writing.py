"""Working papers (审计工作底稿) as Word files, made from a template that an office can replace.

A template is a Word file with Jinja's marks, and a stranger's program: it runs in Jinja's sandbox, where it sees what
`contents` offers and nothing else. What reports say is text in it and stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from extractor import __version__
from extractor.cutouts import cutter
from extractor.errors import PaperError, reason
from extractor.spreadsheet import ILLEGAL
from extractor.types import Result, Span
from extractor.workpaper.contents import contents

if TYPE_CHECKING:
    from docxtpl import DocxTemplate
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATE = Path(__file__).parent / "template.docx"
WIDEST_PICTURE = 400  # points: the room that the shipped template has beside its captions
LONGEST_NAME = 80  # characters of a file's name: more is too long for some file systems in UTF-8
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


class Papers:
    """Writes papers into ``folder``, made where missing, each under a name of its own."""

    def __init__(self, folder: Path, template: Path = TEMPLATE) -> None:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        self._folder = folder
        self._template = template
        self._environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=plain)
        self._names: set[str] = set()

    def write(self, result: Result) -> Path:
        """Write the paper of one result and return where it is.

        Raises PaperError where the template cannot be used or the file cannot be written.
        """
        document = rendered(result, self._template, self._environment)
        path = self._folder / self._name(result.document.source)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            document.save(path)
        except OSError as error:
            raise PaperError(f"{path}：写入失败（{reason(error)}）；请在其他程序中关闭它，或另选一个文件夹") from error
        return path

    def _name(self, source: str) -> str:
        """The report's name, with a number where another one has it: files of one name stand in many folders."""
        stem = ILLEGAL.sub("", NOT_IN_NAMES.sub("_", PurePath(source).stem))[:LONGEST_NAME].strip(" .") or "报告"
        name, number = f"{stem}.docx", 1
        while name.casefold() in self._names:
            number += 1
            name = f"{stem} ({number}).docx"
        self._names.add(name.casefold())
        return name


def rendered(result: Result, template: Path, environment: Environment) -> DocxTemplate:
    """The template filled in with what a result says. Raises PaperError where it cannot be used."""
    from docx.shared import Pt
    from docxtpl import DocxTemplate, InlineImage

    with _faults_told(template):
        document = DocxTemplate(template)
        cut = cutter(result)

        def picture_of(spans: Sequence[Span]) -> InlineImage | None:
            found = cut(spans)
            return found and InlineImage(document, BytesIO(found.jpeg), width=Pt(min(found.width, WIDEST_PICTURE)))

        document.render(contents(result, f"extractor {__version__}", picture_of), environment, autoescape=True)
    return document


def plain(value: object) -> Markup:
    """The value as characters of XML, whatever they are: no markup, nothing that docxtpl takes for a mark of its own.

    Pictures are our own, and stay what they are.
    """
    from docxtpl import InlineImage
    from markupsafe import Markup, escape

    if isinstance(value, InlineImage):
        return Markup(value)
    words = ILLEGAL.sub("", "" if value is None else str(value))
    return Markup(str(escape(words)).replace("{", "&#123;").replace("}", "&#125;"))


@contextmanager
def _faults_told(template: Path) -> Iterator[None]:
    """Whatever a template's own marks or a file that is none raise becomes a PaperError that names it."""
    from jinja2 import TemplateSyntaxError, UndefinedError
    from jinja2.exceptions import SecurityError

    try:
        yield
    except UndefinedError as error:
        hint = "可用的名称见 docs/workpaper.md"
        raise PaperError(f"{template}：模板中有不认识的名称（{reason(error)}）；{hint}") from error
    except TemplateSyntaxError as error:
        raise PaperError(f"{template}：模板中的标记写错（{reason(error)}）；标记写作 {{{{ 名称 }}}} 或 {{% … %}}") from error
    except SecurityError as error:
        raise PaperError(f"{template}：模板中有不允许的操作（{reason(error)}）；只能使用所给的名称") from error
    except Exception as error:  # no Word file at all, or an expression of the template's own that fails
        raise PaperError(f"{template}：不能用作模板（{reason(error)}）；应为带有标记的 .docx 文件") from error
