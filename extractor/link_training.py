"""Fits the linker to annotated reports, and to the imperfect mentions a tagger finds in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

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
from extractor.link_scene import Scene, scene
from extractor.segment import Outline, outline
from extractor.trees import Floats, from_sklearn
from extractor.types import Document, Example, GoldMention, Label, Mention, Span


@dataclass(frozen=True, kw_only=True)
class LinkConfig:
    """How the linker is fitted; rates are shares of the mentions of a disturbed copy."""

    copies: int = 1  # disturbed copies of every report
    drop_rate: float = 0.04
    add_rate: float = 0.03
    move_rate: float = 0.06  # of names that lose or win a character at their front
    wrong_per_right: int = 30  # of more wrong rows than this a random share is learned from, weighing as much as all
    rounds: int = 150
    learning_rate: float = 0.08
    leaves: int = 15
    folds: int = 4  # the second look learns from a first look that has not seen the report
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Lesson:
    """Rows of one report for one step, and whether each is right."""

    report: str
    rows: list[Features]
    right: list[bool]


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
    """Learn from annotated reports. The same examples and config give the same model."""
    chance = random.Random(config.seed)
    studies = []
    for example in examples:
        view = outline(Document(example.name, "", example.text))
        studies.append(study(example, view))
        studies += [study(disturbed(example, config, chance), view) for _ in range(config.copies)]
    pairs = [pair_lesson(one) for one in studies]
    parents = [parent_lesson(one) for one in studies]
    return LinkModel(
        value=learn([value_lesson(one) for one in studies], config),
        pair=learn(pairs, config),
        joint=learn(list(second_lessons(studies, pairs, _joint_lesson, config)), config),
        parent=learn(parents, config),
        family=learn(list(second_lessons(studies, parents, _family_lesson, config)), config),
    )


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


def value_lesson(one: Study) -> Lesson:
    """Every value with every name it may belong to."""
    pairs = [(name, value) for value in one.view.values for name in name_candidates(one.view, value)]
    rows = [row for value in one.view.values for row in value_rows(one.view, value)]
    return Lesson(one.report, rows, [bool(set(one.gold[n].records) & set(one.gold[v].records)) for n, v in pairs])


def pair_lesson(one: Study) -> Lesson:
    """Every two atoms that could be one record."""
    views = _views(one)
    records = [one.records(atom) for atom in one.atoms]
    pairs = pairs_of(one.view, views)
    rows = [pair_features(one.view, views[a], views[b]) for a, b in pairs]
    return Lesson(one.report, rows, [bool(records[a] & records[b]) for a, b in pairs])


def parent_lesson(one: Study) -> Lesson:
    """Every atom that may be a part with the atoms before it."""
    views = _views(one)
    records = [one.records(atom) for atom in one.atoms]
    pairs = family_pairs(views)
    right = [_parent(one, one.atoms[part]) in records[at] for part, at in pairs]
    return Lesson(one.report, family_rows(one.view, views, pairs), right)


def _parent(one: Study, atom: Atom) -> int | None:
    return one.gold[atom.name].parent if atom.name is not None else None


def _views(one: Study) -> list[AtomView]:
    return [atom_view(one.view, atom, at) for at, atom in enumerate(one.atoms)]


def _joint_lesson(one: Study, lesson: Lesson, look: Scorer) -> Lesson:
    pairs = pairs_of(one.view, _views(one))
    table = as_table(pairs, look.probability(lesson.rows), len(one.atoms))
    return Lesson(lesson.report, joint_rows(lesson.rows, pairs, table), lesson.right)


def _family_lesson(one: Study, lesson: Lesson, look: Scorer) -> Lesson:
    pairs = family_pairs(_views(one))
    table = part_table(pairs, look.probability(lesson.rows), len(one.atoms))
    return Lesson(lesson.report, [family_features(row, pairs, at, table) for at, row in enumerate(lesson.rows)], lesson.right)


def second_lessons(
    studies: Sequence[Study], lessons: Sequence[Lesson], again: Callable[[Study, Lesson, Scorer], Lesson], config: LinkConfig
) -> Iterator[Lesson]:
    """The lessons with the judgement of a first look that learned from other reports only."""
    reports = sorted({one.report for one in studies})
    fold_of = {report: at % config.folds for at, report in enumerate(random.Random(config.seed).sample(reports, len(reports)))}
    looks: dict[int, Scorer] = {}
    for one, lesson in zip(studies, lessons, strict=True):
        fold = fold_of[one.report]
        if fold not in looks:
            looks[fold] = learn([other for other in lessons if fold_of[other.report] != fold] or lessons, config)
        yield again(one, lesson, looks[fold])


def learn(lessons: Sequence[Lesson], config: LinkConfig) -> Scorer:
    """Fit boosted trees to the rows of all lessons.

    Raises ValueError where they do not hold right and wrong ones.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    rows = list(chain.from_iterable(lesson.rows for lesson in lessons))
    right: npt.NDArray[np.bool_] = np.array(list(chain.from_iterable(lesson.right for lesson in lessons)), bool)
    if len(np.unique(right)) < 2:
        raise ValueError(f"{len(rows)} rows, {int(right.sum())} of them right: learning needs right and wrong ones")
    chosen, weights = _thinned(right, config)
    features = tuple(sorted(rows[0]))
    table: Floats = matrix([rows[at] for at in chosen], features)
    trees = HistGradientBoostingClassifier(
        max_iter=config.rounds,
        learning_rate=config.learning_rate,
        max_leaf_nodes=config.leaves,
        min_samples_leaf=8,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=config.seed,
    )
    with threadpool_limits(1):
        trees.fit(table, right[chosen], sample_weight=weights)
    return Scorer(features, from_sklearn(trees))


def _thinned(right: npt.NDArray[np.bool_], config: LinkConfig) -> tuple[npt.NDArray[np.intp], Floats]:
    """Positions of the rows to learn from, in order, and their weights: most pairs of a report are plainly wrong."""
    is_kept = np.ones(len(right), bool)
    wrong = np.flatnonzero(~right)
    share = min(1.0, config.wrong_per_right * right.sum() / len(wrong))
    is_kept[wrong] = np.random.default_rng(config.seed).random(len(wrong)) < share
    chosen = np.flatnonzero(is_kept)
    return chosen, np.where(right[chosen], 1.0, 1.0 / share)
