"""Composes the rooms: document → tables, outline → candidates → mentions → records → findings → result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Protocol

from extractor import proposals, quantity, readers, rules, tables
from extractor.confidence import Calibration, legible
from extractor.errors import ModelError, damage_told
from extractor.findings import BUILT_IN, Rule, available, check, chosen
from extractor.link import LinkModel, link, parts
from extractor.quantity import Candidate, QuantityError
from extractor.segment import Outline, outline
from extractor.tagger import load_tagger
from extractor.text_order import in_text_order
from extractor.types import Document, Mention, ModelInfo, Problem, Quantity, Record, Result

PACKAGED = Path(__file__).parent / "models"  # in an installed wheel
CHECKOUT = Path(__file__).parent.parent / "models"  # in a checkout


class MentionFinder(Protocol):
    """Whatever turns a document into mentions; tests pass gold ones."""

    def tag(self, document: Document, outline: Outline, candidates: Sequence[Candidate]) -> list[Mention]: ...


@dataclass(frozen=True, slots=True)
class Extractor:
    """Reads documents and gives back results. Safe to share between threads; holds no state between documents."""

    tagger: MentionFinder
    link_model: LinkModel
    calibration: Calibration
    info: ModelInfo
    rules: tuple[Rule, ...] = field(default=BUILT_IN, repr=False)

    def with_rules(self, settings: Path) -> Extractor:
        """The same with rules switched off or given another tolerance. Raises RulesError where the file cannot be used."""
        return replace(self, rules=chosen(settings, self.rules))

    def extract(self, source: Path | str | bytes, *, name: str = "document") -> Result:
        """Extract from a file (path) or its content (bytes; ``name`` says where it comes from).

        Raises ReadError where the file cannot be read at all.
        """
        if isinstance(source, bytes):
            return self.extract_document(readers.read_bytes(source, name=name))
        return self.extract_document(readers.read(Path(source)))

    def extract_text(self, text: str, *, name: str = "text") -> Result:
        """Extract from a string."""
        return self.extract_document(readers.read_text(text, name=name))

    def extract_document(self, document: Document) -> Result:
        """Extract from a document that a reader made."""
        prose = read_prose(document, self.tagger, self.link_model)
        raw = prose.mentions
        quantities, problems = _quantities(document, raw)
        legibility = legible(document)
        read = [legibility(one.span) for one in raw]
        mentions = tuple(
            replace(one, confidence=self.calibration.of_mention(one) * sure) for one, sure in zip(raw, read, strict=True)
        )
        records = tuple(
            replace(one, confidence=self.calibration.of_record(one, raw) * prod(read[k] for k in one.mentions))
            for one in prose.records
        )
        if (n_parts := len(parts(raw, prose.outline))) > 1:
            problems.append(Problem("file", f"报告很长，分成 {n_parts} 部分处理；记录只在各部分之内关联，不跨部分，请核对原文"))
        result = Result(document, mentions, quantities, records, self.info, problems=(*document.problems, *problems))
        if prose.found:
            result = in_text_order(tables.joined(result, tables.read(document, prose.found, prose.outline.section_at)))

        def checked(given: Result) -> Result:
            return check(given, prose.outline, self.rules)

        return checked(proposals.with_proposals(result, checked))


@dataclass(frozen=True, slots=True)
class Prose:
    """What stands in a document outside the rows of its tables, with raw confidences."""

    outline: Outline
    found: Sequence[tables.TableRows]  # its tables
    mentions: Sequence[Mention]
    records: Sequence[Record]


def read_prose(document: Document, tagger: MentionFinder, link_model: LinkModel) -> Prose:
    """Mentions and records of a document's prose, that of goal blocks included."""
    found = tables.recognise(document)
    view = outline(document, tables.understood(found))
    mentions = tagger.tag(document, view, candidates(document.text, view))
    return Prose(view, found, mentions, link(document.text, mentions, view, link_model))


def candidates(text: str, outline: Outline) -> list[Candidate]:
    """What the grammar takes for possible values and no rule silences, in text order."""
    return rules.offered(text, outline, quantity.find(text))


def _quantities(document: Document, mentions: Sequence[Mention]) -> tuple[tuple[Quantity | None, ...], list[Problem]]:
    """The number of every value mention, None for names; what cannot be understood becomes a problem."""
    quantities: list[Quantity | None] = []
    problems: list[Problem] = []
    for mention in mentions:
        words = document.text[mention.span.start : mention.span.end]
        try:
            quantities.append(quantity.parse(words) if mention.label.is_value else None)
        except QuantityError as error:
            quantities.append(None)
            problems.append(Problem(f"characters {mention.span.start}-{mention.span.end}", str(error)))
    return tuple(quantities), problems


def model_directory(model: str) -> Path:
    """The directory of a model, by the name of a shipped one or by path."""
    for directory in (Path(model), PACKAGED / model, CHECKOUT / model):
        if (directory / "config.json").is_file():
            return directory
    shipped = sorted({path.parent.name for root in (PACKAGED, CHECKOUT) for path in root.glob("*/linker.json")})
    raise ModelError(
        f"no model '{model}': give a directory that train.py wrote, or one of: {', '.join(shipped) or 'none shipped'}"
    )


def load(model: str = "default") -> Extractor:
    """Load a model by name or directory, and the rules that are installed.

    Raises ModelError where the model is missing, incomplete or of another schema, RulesError where an installed rule is none.
    """
    directory = model_directory(model)
    return Extractor(
        tagger=load_tagger(directory),
        link_model=LinkModel.load(directory),
        calibration=Calibration.load(directory),
        info=model_info(model),
        rules=available(),
    )


def model_info(model: str = "default") -> ModelInfo:
    """A model's name and version, without loading it."""
    directory = model_directory(model)
    version = directory / "VERSION"
    with damage_told(version):
        words = version.read_text(encoding="utf-8").strip() if version.is_file() else "unversioned"
    return ModelInfo(directory.name, words)
