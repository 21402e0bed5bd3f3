"""Working papers (审计工作底稿) as Word files, made from a template that an office can replace.

A template is a Word file with Jinja's marks, and a stranger's program: it runs in Jinja's sandbox, where it sees what
`contents` offers and nothing else. What reports say is text in it and stays text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from extractor import __version__
from extractor.cutouts import cutter
from extractor.errors import PaperError, reason
from extractor.file_names import Names
from extractor.readers.own import WRITTEN_BY
from extractor.spreadsheet import ILLEGAL
from extractor.types import Result, Span
from extractor.workpaper.contents import contents

if TYPE_CHECKING:
    from docxtpl import DocxTemplate, InlineImage
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATE = Path(__file__).parent / "template.docx"
WIDEST_PICTURE = 400  # points: the room that the shipped template has beside its captions
ENDING = " 审计工作底稿.docx"  # tells a paper from the report that it is about


class Picture:
    """A cut-out as a template may name it: it can be shown, and nothing of it can be reached."""

    __slots__ = ("_image",)

    def __init__(self, image: InlineImage) -> None:
        self._image = image


class WorkPapers:
    """Writes papers into ``folder``, made where missing, each under a name of its own; what stands there stays."""

    def __init__(self, folder: Path, template: Path = TEMPLATE) -> None:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        self._folder = folder
        self._template = template
        self._environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=plain)
        self._names = Names()

    def write(self, result: Result) -> Path:
        """Write the paper of one result and return where it is.

        Raises PaperError where the template cannot be used or the file cannot be written.
        """
        document = rendered(result, self._template, self._environment)
        path = self._folder / self._names.of(result.document.source, ENDING)
        stream = BytesIO()
        document.save(stream)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_new(path, stream.getvalue())
        except OSError as error:
            raise PaperError(f"{path}：写入失败（{reason(error)}）；请另选一个文件夹") from error
        return path


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet: people write into papers and templates, and nothing of that may be lost.

    Raises PaperError where it is there already, OSError where it cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise PaperError(f"{path}：已有此文件，没有覆盖；请另选一个文件夹或文件名，或先移走它") from error


def rendered(result: Result, template: Path, environment: Environment) -> DocxTemplate:
    """The template filled in with what a result says. Raises PaperError where it cannot be used."""
    from docx.shared import Pt
    from docxtpl import DocxTemplate, InlineImage

    with _faults_told(template):
        document = DocxTemplate(template)
        document.init_docx()  # opens it: what is no Word file is told here
    cut = cutter(result)

    def picture_of(spans: Sequence[Span]) -> Picture | None:
        found = cut(spans)
        if found is None:
            return None
        return Picture(InlineImage(document, BytesIO(found.jpeg), width=Pt(min(found.width, WIDEST_PICTURE))))

    said = contents(result, f"extractor {__version__}", picture_of)
    with _faults_told(template):
        document.render(said, environment, autoescape=True)
    document.docx.core_properties.category = WRITTEN_BY
    return document


def plain(value: object) -> Markup:
    """The value as characters of XML, whatever they are: no markup, nothing that docxtpl takes for a mark of its own.

    Pictures are our own, and stay what they are.
    """
    from markupsafe import Markup, escape

    if isinstance(value, Picture):
        return Markup(value._image)
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
