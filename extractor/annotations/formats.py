"""Which format annotations are in; reading and writing any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from extractor.annotations import brat, conll, docbin, doccano, hf_datasets, label_studio, marks
from extractor.annotations.collection import draft_of_path
from extractor.annotations.validity import check
from extractor.errors import AnnotationError
from extractor.types import Example

Read = Callable[[Path], Iterator[tuple[str, Example]]]  # each report with its place in the source
Write = Callable[[Sequence[Example], Path], None]


class Format(StrEnum):
    MARKS = "marks"
    DOCCANO = "doccano"
    LABEL_STUDIO = "label-studio"
    BRAT = "brat"
    DOCBIN = "docbin"
    CONLL = "conll"
    DATASETS = "datasets"


READERS: dict[Format, Read] = {
    Format.MARKS: marks.read,
    Format.DOCCANO: doccano.read,
    Format.LABEL_STUDIO: label_studio.read,
    Format.BRAT: brat.read,
    Format.DOCBIN: docbin.read,
    Format.DATASETS: hf_datasets.read,
}
WRITERS: dict[Format, Write] = {
    Format.MARKS: marks.write,
    Format.DOCCANO: doccano.write,
    Format.LABEL_STUDIO: label_studio.write,
    Format.BRAT: brat.write,
    Format.DOCBIN: docbin.write,
    Format.CONLL: conll.write,
    Format.DATASETS: hf_datasets.write,
}
SUFFIXES = {".txt": Format.MARKS, ".jsonl": Format.DOCCANO, ".json": Format.LABEL_STUDIO, ".spacy": Format.DOCBIN}
READABLE = (
    "read are .txt files with our marks, doccano's .jsonl, Label Studio's .json, spaCy's .spacy, "
    "and folders: of marked .txt, of brat's .txt and .ann, of a saved dataset; a .zip is unpacked first"
)


def format_of(path: Path) -> Format:
    """The format of a file by its suffix, of a folder by what lies in it."""
    try:
        is_there = path.exists()
    except OSError as error:  # such as a folder above it that is closed, or a name that is too long
        raise AnnotationError(f"{str(path)[:200]}: cannot be opened ({error.strerror}); {READABLE}") from error
    if not is_there:
        raise AnnotationError(f"{path}: there is no such file or folder; {READABLE}")
    if not path.is_dir():
        if path.suffix.lower() not in SUFFIXES:
            raise AnnotationError(f"{path}: annotations of a kind {path.suffix!r} are not known; {READABLE}")
        return SUFFIXES[path.suffix.lower()]
    if (path / "dataset_info.json").is_file():
        return Format.DATASETS
    if (path / "dataset_dict.json").is_file():
        raise AnnotationError(f"{path}: a dataset of several splits; name the folder of one of them")
    return Format.BRAT if marks.files_in(path, ".ann") else Format.MARKS


def read(path: Path, *, predictions: bool = False) -> list[Example]:
    """All reports of a file or folder in any format, checked, in its order.

    predictions: take the drafts that a model left in a Label Studio file instead of what people annotated.
    Raises AnnotationError for what cannot be read, two reports of one name, or no report at all.
    """
    kind = format_of(path)
    if predictions and kind is not Format.LABEL_STUDIO:
        raise AnnotationError(f"{path}: holds no predictions; only Label Studio's .json does")
    found = label_studio.read(path, predictions=True) if predictions else READERS[kind](path)
    places: dict[str, str] = {}
    examples: list[Example] = []
    for where, example in found:
        check(example, where)
        if example.name in places:
            raise AnnotationError(f"{where}: report {example.name!r} comes a second time (first in {places[example.name]})")
        places[example.name] = where
        examples.append(example)
    if not examples:
        raise AnnotationError(f"{path}: no annotated report here; {READABLE}")
    return examples


def write(examples: Sequence[Example], path: Path, kind: Format) -> None:
    """Write all reports to a new file or folder, which appears only when it is complete."""
    with draft_of_path(path) as draft:
        WRITERS[kind](examples, draft)
