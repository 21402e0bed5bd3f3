"""The commands of annotators: ``extractor annotations import | export | check | agree | suggest``.

Results go to standard output, remarks and refusals to standard error. What annotation files hold is spoken of in English, as
in all of `extractor.annotations`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from extractor.annotations import agree as agreement
from extractor.annotations import check as checking
from extractor.annotations import label_studio, marks, validity
from extractor.annotations import suggest as suggesting
from extractor.annotations.collection import add, check_marked, check_new, draft_of_path
from extractor.annotations.drafts import Draft, draft_of
from extractor.annotations.formats import Format, read, write
from extractor.annotations.links import links
from extractor.errors import AnnotationError, ExtractorError
from extractor.files import find_files, known_suffixes
from extractor.terminal import errors_shown, printable, progress, say
from extractor.types import Document, Example, Result


class Engine(Protocol):
    """What `suggest` needs of a loaded model."""

    def extract_document(self, document: Document, /) -> Result: ...


commands = typer.Typer(name="annotations", help="标注报告：导入、导出、检查、一致性、下一批该标注什么。", no_args_is_help=True)
ModelOption = Annotated[str, typer.Option("--model", metavar="名称或目录", help="模型名称，或 train.py 写出的模型目录。")]
SourceArgument = Annotated[Path, typer.Argument(metavar="来源", help="标注文件或文件夹，格式自动识别。")]


@commands.command("import")
def import_(
    source: SourceArgument,
    into: Annotated[Path, typer.Option("--into", metavar="目录", help="标注报告所在的文件夹；没有则新建。")],
    predictions: Annotated[
        bool, typer.Option("--predictions", help="取 Label Studio 文件中模型的预标注，而不是人工标注。")
    ] = False,
) -> None:
    """把其他工具的标注报告转成我们的标记，加入文件夹；有一处不合规则就全部不加。"""
    with errors_shown():
        examples = read(source, predictions=predictions)
        check_marked(examples, source)
        add(examples, into)
    say(f"{len(examples)} reports added to {printable(into)}")
    doubts = Counter(remark.kind for remark in checking.remarks(examples, None))
    if doubts:
        told = ", ".join(f"{n} {kind}" for kind, n in doubts.items())
        say(f"doubtful in them: {told}; `extractor annotations check {printable(into)}` tells where")


@commands.command("export")
def export(
    source: SourceArgument,
    out: Annotated[Path, typer.Argument(metavar="目标", help="要写的文件或文件夹；不能已经存在。")],
    to: Annotated[Format, typer.Option("--format", metavar="格式", help=f"{'、'.join(Format)} 之一。")],
) -> None:
    """把标注报告写成其他工具的格式。"""
    with errors_shown():
        examples = read(source)
        write(examples, out, to)
    say(f"{len(examples)} reports written to {printable(out)}")
    n_tables = len(list(source.glob("*.table.json"))) if source.is_dir() else 0
    if n_tables:
        say(f"{n_tables} files *.table.json (rows of tables) have no place in that format and stay where they are")


@commands.command("check")
def check(
    context: typer.Context,
    source: SourceArgument,
    model: ModelOption = "default",
    no_model: Annotated[bool, typer.Option("--no-model", help="不用模型，不找可能漏标的值。")] = False,
) -> None:
    """找出标注中的错误和可疑之处。有文件不合规则时退出码为 1；可疑之处由人判断。"""
    with errors_shown():
        examples, broken = checking.read_all(source)
        if not examples and not broken:
            raise AnnotationError(f"{source}: no annotated report here")
        extract = None if no_model else context.obj(model).extract_text
        found = [*broken, *checking.remarks(examples, extract)]
    for remark in found:
        place = remark.report if remark.line is None else f"{remark.report}: line {remark.line}"
        typer.echo(f"{place}: {remark.kind}: {printable(remark.message)}")
    counts = ", ".join(f"{sum(remark.kind is kind for remark in found)} {kind}" for kind in checking.Kind)
    say(f"{len(examples)} reports checked: {counts}")
    if no_model:
        say("likely missed values were not looked for (--no-model)")
    if broken:
        raise typer.Exit(1)


@commands.command("agree")
def agree(
    first: Annotated[Path, typer.Argument(metavar="甲", help="一位标注者的标注文件或文件夹。")],
    second: Annotated[Path, typer.Argument(metavar="乙", help="另一位标注者对同样报告的标注。")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。")] = False,
) -> None:
    """两位标注者有多一致：标记、关联、记录的 F1，以及每一处不同。"""
    with errors_shown():
        found = agreement.agree(read(first), read(second))
    for path, names in ((first, found.only_first), (second, found.only_second)):
        if names:
            say(f"only in {printable(path)}, not compared: {', '.join(names)}")
    typer.echo(json.dumps(_agreement_json(found), ensure_ascii=False, indent=1) if as_json else _agreement_text(found))


@commands.command("suggest")
def suggest(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="目录", help="尚未标注的报告。")],
    out: Annotated[Path, typer.Option("--out", metavar="目录", help="写入预标注的文件夹；不能已经存在。")],
    n: Annotated[int, typer.Option("-n", min=1, metavar="份数", help="推荐多少份。")] = 20,
    annotated: Annotated[
        Path | None, typer.Option("--annotated", metavar="目录", help="已标注的报告，用来判断什么是新的。")
    ] = None,
    model: ModelOption = "default",
) -> None:
    """推荐最值得标注的报告，并写出模型的预标注：我们的标记和 Label Studio 文件。"""
    with errors_shown():
        check_new(out)  # before the model reads for minutes
        if not folder.exists():
            raise AnnotationError(f"{folder}: there is no such folder")
        texts = [example.text for example in read(annotated)] if annotated else []
        candidates = _candidates(list(find_files([folder], without=out)), context.obj(model), texts)
        if not candidates:
            raise AnnotationError(f"{folder}: no un-annotated report here; read are {', '.join(known_suffixes())}")
        chosen = list(suggesting.suggest(candidates, texts, n))
        with draft_of_path(out) as draft:
            _write_suggestions(chosen, draft)
    typer.echo("rank\treport\tworth\tdoubts per 1000 characters\tnew\tcharacters\tsource")
    for rank, one in enumerate(chosen, 1):
        its = one.candidate
        typer.echo(
            f"{rank}\t{its.draft.example.name}\t{one.worth:.3f}\t{its.doubt:.2f}\t{one.novelty:.0%}\t{its.n_characters}\t"
            f"{printable(its.source)}"
        )
    say(f"drafts to correct: {printable(out)} (marks, and label-studio.json with label-studio.xml)")


def _candidates(files: list[Path], engine: Engine, annotated: Iterable[str]) -> list[suggesting.Candidate]:
    """Every report that can be read and is new, with what the model finds in it; ``annotated`` are the texts that are not."""
    found: list[suggesting.Candidate] = []
    names: set[str] = set()
    known = dict.fromkeys(annotated, "annotated already")  # texts, and why they are left out
    with progress(files) as advance:
        for file in files:
            try:
                result = _read_new(file, engine, known)
            except ExtractorError as error:  # one bad file is no reason to leave the others
                say(f"left out: {printable(str(error))}")
            else:
                known[result.document.text] = f"the same text as {file}"
                names.add(name := _name(file, names))
                found.append(suggesting.candidate(str(file), draft_of(result, name)))
            advance(file)
    return found


def _read_new(file: Path, engine: Engine, known: Mapping[str, str]) -> Result:
    """What the model finds in a report. A known text is refused before the model, which is slow, reads it."""
    from extractor.readers import read as read_document

    document = read_document(file)
    if document.text in known:
        raise AnnotationError(f"{file}: {known[document.text]}")
    return engine.extract_document(document)


def _name(file: Path, taken: set[str]) -> str:
    """The file's name without its dots and outer blanks, with a number where another report has it."""
    stem = file.stem.replace(".", "-").strip() or "report"
    name, k = stem, 1
    while name in taken:
        k += 1
        name = f"{stem}-{k}"
    return name


def _write_suggestions(chosen: Sequence[suggesting.Suggestion], folder: Path) -> None:
    drafts = [one.candidate.draft for one in chosen]
    marks.write([draft.example for draft in _possible(drafts, _marked, "with our marks")], folder)
    label_studio.write_drafts(_possible(drafts, links, "for Label Studio"), folder / "label-studio.json")
    (folder / "label-studio.xml").write_text(label_studio.INTERFACE, encoding="utf-8")


def _marked(example: Example) -> str:
    """As our marks, once it is known that they can be read again."""
    validity.check(example, example.name)
    return marks.render(example)


def _possible(drafts: Sequence[Draft], attempt: Callable[[Example], object], where: str) -> list[Draft]:
    """The drafts that can be written so; of the others a line says why they cannot."""
    kept: list[Draft] = []
    for draft in drafts:
        try:
            attempt(draft.example)
        except AnnotationError as error:
            say(f"not written {where}: {printable(str(error))}")
        else:
            kept.append(draft)
    return kept


def _agreement_text(found: agreement.Agreement) -> str:
    """The figures as aligned lines, and below them every disagreement."""
    lines = [f"{len(found.reports)} reports in both", f"{'':16}{'F1':>8}{'both':>8}{'first':>8}{'second':>8}"]
    for name, count in found.scores.items():
        f1 = "–" if count.f1 is None else f"{count.f1:.4f}"
        lines.append(f"{name:16}{f1:>8}{count.tp:>8}{count.fn:>8}{count.fp:>8}")
    lines += (
        f"{one.report}: line {one.line}: {one.kind}: {one.first or 'nothing'} | {one.second or 'nothing'}"
        for one in found.disagreements
    )
    return "\n".join(lines)


def _agreement_json(found: agreement.Agreement) -> dict[str, Any]:
    return {
        "reports": found.reports,
        "scores": {
            name: {"f1": count.f1, "both": count.tp, "only_first": count.fn, "only_second": count.fp}
            for name, count in found.scores.items()
        },
        "disagreements": [asdict(one) for one in found.disagreements],
    }
