"""Fits the linker to annotated reports, and to the imperfect mentions a tagger finds in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extractor import trees
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
from extractor.trees import Floats
from extractor.types import Document, Example, GoldMention, Label, Mention, Span

Judged = tuple[Sequence[Features], Sequence[bool]]  # rows, and whether each is right


@dataclass(frozen=True, kw_only=True)
class LinkConfig:
    """How the linker is fitted; rates are shares of the mentions of a disturbed copy."""

    copies: int = 1  # disturbed copies of every report
    drop_rate: float = 0.04
    add_rate: float = 0.03
    move_rate: float = 0.06  # of names that lose or win a character at their front
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
    """Learn from annotated reports. The same examples and config give the same model."""
    chance = random.Random(config.seed)
    studies = []
    for example in examples:
        view = outline(Document(example.name, "", example.text))
        studies.append(study(example, view))
        studies += [study(disturbed(example, config, chance), view) for _ in range(config.copies)]

    def taught(given: Callable[[Study], Judged]) -> list[Lesson]:
        return [lesson(one, *given(one), config) for one in studies]

    def twice(first: Sequence[Lesson], given: Callable[[Study, Scorer], Judged]) -> list[Lesson]:
        looks = looks_of(first, config)
        return [lesson(one, *given(one, looks[one.report]), config) for one in studies]

    pairs, parents = taught(judged_pairs), taught(judged_parents)
    return LinkModel(
        value=learn(taught(judged_values), config),
        pair=learn(pairs, config),
        joint=learn(twice(pairs, judged_pairs), config),
        parent=learn(parents, config),
        family=learn(twice(parents, judged_parents), config),
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
