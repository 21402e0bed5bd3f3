"""The reports of one training: those learned from and those only measured, kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from extractor.annotations import divide, load_all
from extractor.annotations.collection import check_marked
from extractor.annotations.formats import Format, format_of
from extractor.errors import AnnotationError
from extractor.types import Example


@dataclass(frozen=True, slots=True)
class Corpus:
    """``added`` are the names of the learned reports that do not come with the project.

    twins: by the name of a learned report what OCR reads from scans of it.
    """

    learned: tuple[Example, ...]
    measured: tuple[Example, ...]
    added: tuple[str, ...] = ()
    twins: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)


def read(annotations: Path, added: Sequence[Path] = ()) -> Corpus:
    """The collection (``reports/``, ``heldout.txt``, ``twins/``) and the reports of further folders, which are all learned from.

    Raises AnnotationError where a folder is missing, empty, in another format or without a single mark, a report is broken or
    there twice or the twin of a held-out one, none is held out, or a twin is that of no learned report.
    """
    own = load_all(annotations / "reports")
    more = [(folder, example) for folder in added for example in _added(folder)]
    _check_unique([*((annotations / "reports", example) for example in own), *more])
    held_out = annotations / "heldout.txt"
    if not held_out.is_file():
        raise AnnotationError(f"{held_out}: not here; it names the reports that are only measured, one a line")
    learned, measured = divide(own, held_out)
    if not learned or not measured:
        raise AnnotationError(
            f"{held_out}: {len(learned)} reports are learned from and {len(measured)} measured; both need one at least"
        )
    _check_twins(more, frozenset(example.name for example in measured))
    names = [example.name for example in learned]
    return Corpus(
        learned=(*learned, *(example for _, example in more)),
        measured=tuple(measured),
        added=tuple(example.name for _, example in more),
        twins=_twins(annotations / "twins", names),
    )


def _twins(folder: Path, learned: Sequence[str]) -> dict[str, tuple[Example, ...]]:
    """The twins of a folder by the reports they are twins of; none where there is no folder."""
    found: dict[str, tuple[Example, ...]] = {}
    for twin in load_all(folder) if folder.is_dir() else ():
        source = _source(twin)
        if source not in learned:
            raise AnnotationError(f"{folder}: '{twin.name}' is the twin of no learned report; NAME-SCAN is, where NAME is one")
        found[source] = (*found.get(source, ()), twin)
    return found


def _source(twin: Example) -> str:
    """The report that a twin is named after: NAME of NAME-SCAN; empty where the name is no twin's."""
    return twin.name.rpartition("-")[0]


def _added(folder: Path) -> list[Example]:
    """The reports of a folder with our marks. Plain texts, as brat's are, would teach that nothing is to be found in them."""
    if format_of(folder) is not Format.MARKS or not folder.is_dir():
        raise AnnotationError(
            f"{folder}: no folder of reports with our marks; `extractor annotations import {folder} --into DIR` makes one"
        )
    examples = load_all(folder)
    check_marked(examples, folder)
    return examples


def _check_twins(more: Iterable[tuple[Path, Example]], measured: AbstractSet[str]) -> None:
    """Refuse twins of held-out reports: their words are those that are measured, but for what OCR misread."""
    for folder, example in more:
        source = _source(example)
        if source in measured:
            raise AnnotationError(
                f"{folder}: report '{example.name}' is named as the twin of the held-out '{source}', which is only measured; "
                "give it another name if it is none"
            )


def _check_unique(placed: Iterable[tuple[Path, Example]]) -> None:
    """Names tell reports apart; a text that stands twice might be learned from and measured."""
    names: dict[str, Path] = {}
    texts: dict[str, str] = {}
    for folder, example in placed:
        if example.name in names:
            raise AnnotationError(
                f"{folder}: report '{example.name}' is also in {names[example.name]}; every report needs a name of its own"
            )
        if example.text in texts:
            raise AnnotationError(
                f"{folder}: report '{example.name}' has the same text as '{texts[example.text]}'; every report counts once"
            )
        names[example.name], texts[example.text] = folder, example.name
