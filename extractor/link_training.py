"""Fits the linker to annotated reports, and to the imperfect mentions a tagger finds in them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from extractor import trees
from extractor.aside import aside
from extractor.headings import chapter_of
from extractor.link import (
    LinkModel,
    Scorer,
    as_table,
    atoms_of,
    family_features,
    family_pairs,
    family_rows,
    joint_rows,
    matrix,
    pairs_of,
    part_table,
)
from extractor.link_features import (
    Atom,
    AtomView,
    Features,
    atom_view,
    name_candidates,
    pair_features,
    value_rows,
)
from extractor.link_scene import ENUMERATOR, Scene, scene
from extractor.segment import Outline, outline
from extractor.trees import Floats
from extractor.types import Document, Example, GoldMention, Label, Mention, Span

Judged = tuple[Sequence[Features], Sequence[bool]]  # rows, and whether each is right
MANY = 100  # reports, from which on a second process takes less time than it needs to begin


@dataclass(frozen=True, kw_only=True)
class LinkConfig:
    """How the linker is fitted; rates are shares of the mentions of a disturbed copy."""

    copies: int = 2  # disturbed copies of every report
    drop_rate: float = 0.04
    add_rate: float = 0.03
    move_rate: float = 0.06  # of names that lose or win a character at their front
    annexed: float = 0.3  # share of disturbed copies whose goals stand in an annex at the end
    wrong_per_right: int = 20  # of more wrong rows of a report a random share is learned from, weighing as much as all
    rounds: int = 150
    learning_rate: float = 0.08
    leaves: int = 15
    folds: int = 4  # the second look learns from a first look that has not seen the report
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What one report teaches: rows of features, whether each is right, and what it weighs; as arrays, since there are millions.

    table: ``(rows, features)``. right, weights: ``(rows,)``.
    """

    report: str
    features: tuple[str, ...]
    table: npt.NDArray[np.float32]
    right: npt.NDArray[np.bool_]
    weights: Floats


@dataclass(frozen=True, slots=True)
class Study:
    """One report, whole or disturbed: its mentions as gold has them; ``()`` are records of a mention that is none."""

    report: str
    view: Scene
    gold: tuple[GoldMention, ...]
    atoms: tuple[Atom, ...]

    def records(self, atom: Atom) -> frozenset[int]:
        """The records that an atom speaks of: those all its members share, else those of its values."""
        sets = [set(self.gold[member].records) for member in atom.members]
        shared = set.intersection(*sets)
        return frozenset(shared or set.union(*(set(self.gold[value].records) for value in atom.values), set()))


def fit(examples: Iterable[Example], config: LinkConfig = LinkConfig()) -> LinkModel:
    """Learn from annotated reports. The same examples and config give the same model.

    Parts and wholes are learned in a second process where the reports are many (see `aside` for what that needs).
    Raises ValueError where the examples hold too little to learn from, ModelError where the second process dies.
    """
    examples = list(examples)
    if len(examples) < MANY:
        studies = studied(examples, config)
        return LinkModel(**fit_records(studies, config), **fit_families(studies, config))
    with aside(families_of, examples, config) as families:
        return LinkModel(**fit_records(studied(examples, config), config), **families())


def families_of(examples: Sequence[Example], config: LinkConfig) -> dict[str, Scorer]:
    """The half of the linker that is learned in a second process."""
    return fit_families(studied(examples, config), config)


def studied(examples: Sequence[Example], config: LinkConfig) -> list[Study]:
    """Every example as it is and disturbed."""
    chance = random.Random(config.seed)
    studies = []
    for example in examples:
        view = outline(Document(example.name, "", example.text))
        studies.append(study(example, view))
        for _ in range(config.copies):
            told = annexed(example, view) if chance.random() < config.annexed else example
            seen = view if told is example else outline(Document(told.name, "", told.text))
            studies.append(study(disturbed(told, config, chance), seen))
    return studies


def fit_records(studies: Sequence[Study], config: LinkConfig) -> dict[str, Scorer]:
    """What tells which mentions are one record."""
    pairs = _taught(studies, judged_pairs, config)
    return {
        "value": learn(_taught(studies, judged_values, config), config),
        "pair": learn(pairs, config),
        "joint": learn(_taught_twice(studies, pairs, judged_pairs, config), config),
    }


def fit_families(studies: Sequence[Study], config: LinkConfig) -> dict[str, Scorer]:
    """What tells which record is a part of which."""
    parents = _taught(studies, judged_parents, config)
    return {
        "parent": learn(parents, config),
        "family": learn(_taught_twice(studies, parents, judged_parents, config), config),
    }


def _taught(studies: Sequence[Study], judge: Callable[[Study], Judged], config: LinkConfig) -> list[Lesson]:
    return [lesson(one, *judge(one), config) for one in studies]


def _taught_twice(
    studies: Sequence[Study], first: Sequence[Lesson], judge: Callable[[Study, Scorer], Judged], config: LinkConfig
) -> list[Lesson]:
    """Lessons after a first look that learned from ``first``, but not from those of the same report."""
    looks = looks_of(first, config)
    return [lesson(one, *judge(one, looks[one.report]), config) for one in studies]


def study(example: Example, view: Outline) -> Study:
    """Describe one report and group its mentions as gold does."""
    mentions = [Mention(mention.label, mention.span) for mention in example.mentions]
    seen = scene(example.text, mentions, view)
    chosen = {value: _gold_names(seen, example.mentions, value) for value in seen.values}
    return Study(example.name, seen, example.mentions, tuple(atoms_of(seen, chosen)))


def _gold_names(view: Scene, gold: Sequence[GoldMention], value: int) -> tuple[int, ...]:
    """Of every record of the value the nearest name of its paragraph."""
    nearest: dict[int, int] = {}
    for name in sorted(name_candidates(view, value), key=lambda name: abs(view.places[name].start - view.places[value].start)):
        for record in set(gold[name].records) & set(gold[value].records):
            nearest.setdefault(record, name)
    return tuple(sorted(set(nearest.values())))


def annexed(example: Example, view: Outline) -> Example:
    """The report with its chapter of goals as an annex behind all others, as many are published; as it is if it has none.

    What is said of goals after the results is rare in reports, so that the linker would not look for it there.
    """
    outermost = min((heading.level for heading in view.headings if heading.title and heading.words), default=0)
    for position, heading in enumerate(view.headings):
        words = heading.words
        if heading.level != outermost or words is None:
            continue
        chapter = chapter_of(example.text, view.headings, position)
        inside = [mention for mention in example.mentions if chapter.contains(mention.span)]
        labels = Counter(mention.label for mention in inside)
        is_last = chapter.end == len(example.text)
        if is_last or labels[Label.TARGET] < 3 or labels[Label.ACHIEVED] or inside[0].span.start < words.end:
            continue
        title = f"\n附件：{ENUMERATOR.sub('', heading.title)}"
        rest = example.text[: chapter.start] + example.text[chapter.end :] + title
        shifts = (0, len(rest) - words.end, -len(chapter))  # of what stands before, in and after the chapter
        moved = (
            replace(mention, span=Span(mention.span.start + shift, mention.span.end + shift))
            for mention in example.mentions
            for shift in [shifts[(mention.span.start >= chapter.start) + (mention.span.start >= chapter.end)]]
        )
        text = rest + example.text[words.end : chapter.end]
        return Example(example.name, text, tuple(sorted(moved, key=lambda mention: mention.span)))
    return example


def disturbed(example: Example, config: LinkConfig, chance: random.Random) -> Example:
    """The report with mentions lost, invented and clipped, as a tagger might; what it keeps is still gold."""
    kept = [_clipped(mention, config, chance) for mention in example.mentions if chance.random() >= config.drop_rate]
    for _ in range(int(config.add_rate * len(kept))):
        invented = _invented(example, kept, chance)
        if invented is not None:
            kept.append(invented)
    return Example(example.name, example.text, tuple(sorted(kept, key=lambda mention: mention.span)))


def _clipped(mention: GoldMention, config: LinkConfig, chance: random.Random) -> GoldMention:
    span = mention.span
    if mention.label.is_value or len(span) < 4 or chance.random() >= config.move_rate:
        return mention
    return GoldMention(mention.label, Span(span.start + chance.choice((1, 2)), span.end), mention.records, mention.parent)


def _invented(example: Example, taken: Sequence[GoldMention], chance: random.Random) -> GoldMention | None:
    """A mention of no record, beside a real one; None where there is no room."""
    if not taken:
        return None
    near = chance.choice(taken).span
    start = near.end + chance.randint(3, 30)
    span = Span(start, start + chance.randint(2, 8))
    words = example.text[span.start : span.end]
    if span.end > len(example.text) or "\n" in words or any(span.overlaps(mention.span) for mention in taken):
        return None
    label = Label.ACHIEVED if any(char.isdigit() for char in words) else Label.INDICATOR
    return GoldMention(label, span, ())


def judged_values(one: Study) -> Judged:
    """Every value with every name it may belong to."""
    pairs = [(name, value) for value in one.view.values for name in name_candidates(one.view, value)]
    rows = [row for value in one.view.values for row in value_rows(one.view, value)]
    return rows, [bool(set(one.gold[n].records) & set(one.gold[v].records)) for n, v in pairs]


def judged_pairs(one: Study, first_look: Scorer | None = None) -> Judged:
    """Every two atoms that could be one record; after a first look with what it thinks of each pair and its rivals."""
    views = _views(one)
    records = [one.records(atom) for atom in one.atoms]
    pairs = pairs_of(one.view, views)
    rows: Sequence[Features] = [pair_features(one.view, views[a], views[b]) for a, b in pairs]
    if first_look is not None:
        rows = joint_rows(views, rows, pairs, as_table(pairs, first_look.probability(rows), len(one.atoms)))
    return rows, [bool(records[a] & records[b]) for a, b in pairs]


def judged_parents(one: Study, first_look: Scorer | None = None) -> Judged:
    """Every atom that may be a part with the atoms before it; after a first look as for pairs."""
    views = _views(one)
    records = [one.records(atom) for atom in one.atoms]
    pairs = family_pairs(views)
    rows = family_rows(one.view, views, pairs)
    if first_look is not None:
        table = part_table(pairs, first_look.probability(rows), len(one.atoms))
        rows = [family_features(row, pairs, at, table) for at, row in enumerate(rows)]
    return rows, [_parent(one, one.atoms[part]) in records[at] for part, at in pairs]


def _parent(one: Study, atom: Atom) -> int | None:
    return one.gold[atom.name].parent if atom.name is not None else None


def _views(one: Study) -> list[AtomView]:
    return [atom_view(one.view, atom, at) for at, atom in enumerate(one.atoms)]


def lesson(one: Study, rows: Sequence[Features], judged: Sequence[bool], config: LinkConfig) -> Lesson:
    """The right rows and a random share of the wrong ones, weighing as much as all: most pairs of a report are plainly wrong."""
    right = np.array(judged, bool)
    wrong = np.flatnonzero(~right)
    share = min(1.0, config.wrong_per_right * max(1, right.sum()) / max(1, len(wrong)))
    is_kept = right.copy()
    is_kept[wrong] = np.random.default_rng((config.seed, len(rows))).random(len(wrong)) < share
    chosen = np.flatnonzero(is_kept)
    features = tuple(sorted(rows[0])) if rows else ()
    table = matrix([rows[int(at)] for at in chosen], features).astype(np.float32)
    return Lesson(one.report, features, table, right[chosen], np.where(right[chosen], 1.0, 1.0 / share))


def looks_of(lessons: Sequence[Lesson], config: LinkConfig) -> Mapping[str, Scorer]:
    """For every report the judgement of a first look that learned from other reports only."""
    reports = sorted({one.report for one in lessons})
    fold_of = {report: at % config.folds for at, report in enumerate(random.Random(config.seed).sample(reports, len(reports)))}
    looks = {
        fold: learn([other for other in lessons if fold_of[other.report] != fold] or lessons, config)
        for fold in set(fold_of.values())
    }
    return {report: looks[fold] for report, fold in fold_of.items()}


def learn(lessons: Sequence[Lesson], config: LinkConfig) -> Scorer:
    """Fit boosted trees to the rows of all lessons.

    Raises ValueError where they do not hold right and wrong ones.
    """
    lessons = [one for one in lessons if len(one.right)]
    n_rows, n_right = sum(len(one.right) for one in lessons), sum(int(one.right.sum()) for one in lessons)
    if not 0 < n_right < n_rows:
        raise ValueError(f"{n_rows} rows, {n_right} of them right: learning needs right and wrong ones")
    forest = trees.fit(
        np.concatenate([one.table for one in lessons]),
        np.concatenate([one.right for one in lessons]),
        np.concatenate([one.weights for one in lessons]),
        max_iter=config.rounds,
        learning_rate=config.learning_rate,
        max_leaf_nodes=config.leaves,
        min_samples_leaf=8,
        l2_regularization=1.0,
        random_state=config.seed,
    )
    return Scorer(lessons[0].features, forest)
