"""Mentions → records: values to the names beside them, then groups of one report that speak of the same thing.

Three steps, each scored by boosted trees: `local_atoms` gives every value its name (or none, or several), `joined` puts
together what is one record wherever it stands, `wholes` finds the record that a record is a part of.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from extractor import trees
from extractor.errors import ModelError, damage_told
from extractor.link_features import (
    FAR,
    WHOLES_BEFORE,
    Atom,
    AtomView,
    Features,
    atom_view,
    may_join,
    name_candidates,
    pair_features,
    parent_features,
    summing_runs,
    value_rows,
)
from extractor.link_scene import ALIKE, Scene, scene
from extractor.schema import fund_role
from extractor.segment import Outline
from extractor.trees import Floats, Forest
from extractor.types import Label, Mention, Record, RecordKind

VERSION = 1  # of the files; raised when the features change their meaning
SETTINGS, ARRAYS = "linker.json", "linker.npz"
STEPS = ("value", "pair", "joint", "parent", "family")
# Respects in which a pair is compared with its rivals.
CLAIMS = ("titles", "openings", "ratio", "same_period", "agrees", "votes")
PART = 0.5  # probability from which an atom is a part of another
RIVAL = 0.2  # first-look probability from which a pair is a rival
MOST_MENTIONS = 800  # of a part that is linked as one; a report of 30 pages has fewer
NEVER = 9.0  # distance of two atoms that cannot be one record; more than any average of the others can outweigh


@dataclass(frozen=True, slots=True)
class Scorer:
    """A forest and the names of its columns."""

    features: tuple[str, ...]
    forest: Forest

    def probability(self, rows: Sequence[Features]) -> Floats:
        """``(rows,)`` probabilities; unknown features are ignored."""
        return self.forest.probability(matrix(rows, self.features))


def matrix(rows: Sequence[Features], features: Sequence[str]) -> Floats:
    """``(rows, features)``, columns in the order given."""
    return np.array([[row[name] for name in features] for row in rows], np.float64).reshape(len(rows), len(features))


@dataclass(frozen=True, slots=True)
class LinkModel:
    """What the linker learned, one scorer per step of ``STEPS``."""

    value: Scorer
    pair: Scorer
    joint: Scorer
    parent: Scorer
    family: Scorer

    def save(self, directory: Path) -> None:
        """Write ``linker.json`` and ``linker.npz``; numbers only, no pickle."""
        directory.mkdir(parents=True, exist_ok=True)
        features = {step: getattr(self, step).features for step in STEPS}
        (directory / SETTINGS).write_text(json.dumps({"version": VERSION, "features": features}, indent=1), encoding="utf-8")
        trees.save(directory / ARRAYS, {step: getattr(self, step).forest for step in STEPS})

    @classmethod
    def load(cls, directory: Path) -> LinkModel:
        """Read what `save` wrote. Raises ModelError where it is missing, incomplete or of another version."""
        with damage_told(f"{directory}: no readable linker ({SETTINGS}, {ARRAYS})"):
            settings = json.loads((directory / SETTINGS).read_text(encoding="utf-8"))
            forests = trees.load(directory / ARRAYS, STEPS)
            version = settings["version"]
            scorers = {step: Scorer(tuple(settings["features"][step]), forests[step]) for step in STEPS}
        if version != VERSION:
            raise ModelError(f"{directory}: linker of version {version}, this program reads version {VERSION}; train it again")
        return cls(**scorers)


def link(text: str, mentions: Sequence[Mention], outline: Outline, model: LinkModel) -> list[Record]:
    """Group the mentions of one report into records, in order of first appearance.

    mentions: in text order, never overlapping. Names that no value speaks of are in no record; every value is in one.
    """
    records: list[Record] = []
    for part in parts(mentions, outline):
        found = _link(text, mentions[part.start : part.stop], outline, model)
        n_before = len(records)
        records += [record.moved(part.start.__add__, n_before.__add__) for record in found]
    return records


def parts(mentions: Sequence[Mention], outline: Outline) -> list[range]:
    """Positions of mentions that are linked together: all of a usual report, runs of chapters of a very long one.

    Comparing everything with everything would take the square of a report's length in time and memory.
    """
    borders = [0]
    while len(mentions) - borders[-1] > MOST_MENTIONS:
        chapters = [outline.section_at(mentions[k].span.start)[:1] for k in range(borders[-1], borders[-1] + MOST_MENTIONS + 1)]
        changes = (k for k in range(MOST_MENTIONS, MOST_MENTIONS // 2, -1) if chapters[k] != chapters[k - 1])
        borders.append(borders[-1] + next(changes, MOST_MENTIONS))
    return [range(start, end) for start, end in pairwise([*borders, len(mentions)])]


def _link(text: str, mentions: Sequence[Mention], outline: Outline, model: LinkModel) -> list[Record]:
    if not mentions:
        return []
    view = scene(text, mentions, outline)
    atoms = local_atoms(view, model.value)
    views = [atom_view(view, atom, at) for at, atom in enumerate(atoms)]
    groups, certainty = joined(view, views, model)
    parents = wholes(view, views, model)
    drafts = [(group, sure) for group, sure in zip(groups, certainty, strict=True) if any(atoms[at].values for at in group)]
    return _records(view, mentions, atoms, drafts, parents)


# ── Values and names ─────────────────────────────────────────────────────────────────────────────────────────────────


def local_atoms(view: Scene, scorer: Scorer) -> list[Atom]:
    """Every name with the values that speak of it and every value without one, by first character."""
    candidates = [(name, value) for value in view.values for name in name_candidates(view, value)]
    scores = scorer.probability([row for value in view.values for row in value_rows(view, value)])
    likely: dict[int, dict[int, float]] = {value: {} for value in view.values}
    for (name, value), score in zip(candidates, scores, strict=True):
        likely[value][name] = float(score)
    chosen = {value: _names_of(view, likely[value]) for value in view.values}
    _keep_money_apart(view, chosen, likely)
    return atoms_of(view, chosen, likely)


def _names_of(view: Scene, scores: dict[int, float]) -> tuple[int, ...]:
    """The likeliest name, and with it other names of its sentence that are likely too."""
    best = max(scores, key=lambda name: scores[name], default=None)
    if best is None or scores[best] < 0.5:
        return ()
    own = view.places[best]
    likely = [name for name, score in scores.items() if score >= 0.5 and view.places[name].sentence == own.sentence]
    others = {view.places[name].core: name for name in likely}
    return tuple(sorted({**others, own.core: best}.values()))


def _keep_money_apart(view: Scene, chosen: dict[int, tuple[int, ...]], likely: dict[int, dict[int, float]]) -> None:
    """Of a name's values keep only public money or only the others, whichever holds the surer one."""
    owners: dict[int, list[int]] = {}
    for value, names in chosen.items():
        for name in names:
            owners.setdefault(name, []).append(value)
    for name, values in owners.items():
        surest = max(values, key=lambda value: likely[value][name])
        is_money = view.places[surest].label is Label.AMOUNT
        for value in values:
            if (view.places[value].label is Label.AMOUNT) is not is_money:
                chosen[value] = tuple(other for other in chosen[value] if other != name)


def atoms_of(view: Scene, chosen: dict[int, tuple[int, ...]], likely: dict[int, dict[int, float]] | None = None) -> list[Atom]:
    """The atoms of a given choice of names for every value; without ``likely`` they are certain."""
    certainty = {value: _certainty(names, likely[value] if likely else {}) for value, names in chosen.items()}
    named = [
        Atom(name, values, min((certainty[value] for value in values), default=1.0))
        for name in view.names
        for values in [tuple(value for value in view.values if name in chosen[value])]
    ]
    bare = [Atom(None, (value,), certainty[value]) for value in view.values if not chosen[value]]
    return sorted([*named, *bare], key=lambda atom: atom.first)


def _certainty(names: tuple[int, ...], scores: dict[int, float]) -> float:
    if not scores:
        return 1.0
    return min((scores[name] for name in names), default=1.0 - max(scores.values()))


# ── One record in several places ─────────────────────────────────────────────────────────────────────────────────────


def pairs_of(view: Scene, views: Sequence[AtomView]) -> list[tuple[int, int]]:
    """Positions of all pairs of atoms that could be one record."""
    return [
        (a, b)
        for b in range(len(views))
        for a in range(b)
        if (views[a].values or views[b].values) and may_join(view, views[a].atom, views[b].atom)
    ]


def joint_rows(
    views: Sequence[AtomView], rows: Sequence[Features], pairs: Sequence[tuple[int, int]], table: Floats
) -> list[Features]:
    """The first rows with what the first look thought of each pair, its rivals and its neighbours.

    table: ``(atoms, atoms)``, the first look's probabilities, symmetric, 0 for pairs that cannot be.
    """
    told = zip(rows, _votes(views, rows, pairs), _nearness(views, rows, pairs), strict=True)
    rows = [{**row, "votes": votes, **nearness} for row, votes, nearness in told]
    claims = {claim: as_table(pairs, np.array([row[claim] for row in rows]), len(table)) for claim in CLAIMS}
    likely = table >= RIVAL
    return [
        {**row, **_rivals(table, a, b), **{f"{claim}_ahead": _ahead(claims[claim], likely, a, b) for claim in CLAIMS}}
        for row, (a, b) in zip(rows, pairs, strict=True)
    ]


def _votes(views: Sequence[AtomView], rows: Sequence[Features], pairs: Sequence[tuple[int, int]]) -> list[int]:
    """For every pair how many pairs between the section of one side and the chapter of the other have a rate that comes out.

    Goals of three years and of one stand in lists of the same names; some results tell which of them they are measured by.
    """
    sections = [view.anchor.section for view in views]
    sums: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    for row, (a, b) in zip(rows, pairs, strict=True):
        if row["agrees"]:
            sums.update(((sections[a], sections[b][:1]), (sections[a][:1], sections[b])))
    return [sums[sections[a], sections[b][:1]] + sums[sections[a][:1], sections[b]] for a, b in pairs]


def _nearness(views: Sequence[AtomView], rows: Sequence[Features], pairs: Sequence[tuple[int, int]]) -> list[Features]:
    """For every pair how its goal stands among goals of the same name for other years or other bodies.

    nearer_by_a, nearer_by_b: how much nearer to each other its values are than those of either side's best other match.
    nearer_places: in what share of such contests goals of this place were nearest to results of that chapter; -1 without any.
    """
    matches: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for row, (a, b) in zip(rows, pairs, strict=True):
        if row["partial"] >= ALIKE and row["nearest"] < FAR and _is_contest(views[a], views[b]):
            matches[a].append((row["nearest"], b))
            matches[b].append((row["nearest"], a))
    won: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    held: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    for one, others in matches.items():
        places = {views[other].anchor.section for _, other in others}
        if Label.ACHIEVED not in views[one].labels or len(places) < 2:
            continue
        chapter = views[one].anchor.section[:1]
        held.update((chapter, place) for place in places)
        won[chapter, views[min(others)[1]].anchor.section] += 1

    def lead(one: int, other: int, nearest: float) -> float:
        return min((near for near, rival in matches[one] if rival != other), default=FAR) - nearest if one in matches else 0.0

    told: list[Features] = []
    for row, (a, b) in zip(rows, pairs, strict=True):
        result, goal = (a, b) if Label.ACHIEVED in views[a].labels else (b, a)
        contest = views[result].anchor.section[:1], views[goal].anchor.section
        told.append(
            {
                "nearer_by_a": lead(a, b, row["nearest"]),
                "nearer_by_b": lead(b, a, row["nearest"]),
                "nearer_places": won[contest] / held[contest] if held[contest] else -1.0,
                "contests": min(held[contest], 20),
            }
        )
    return told


def _is_contest(a: AtomView, b: AtomView) -> bool:
    """Whether one side tells goals alone and the other results."""
    return any(one.labels == {Label.TARGET} and Label.ACHIEVED in other.labels for one, other in ((a, b), (b, a)))


def _ahead(claim: Floats, likely: npt.NDArray[np.bool_], a: int, b: int) -> float:
    """How far the pair is ahead of the likely rivals of either side in one respect; negative where it is behind."""
    rivals = [claim[one, other] for one, own in ((a, b), (b, a)) for other in np.flatnonzero(likely[one]) if other != own]
    return float(claim[a, b] - max(rivals, default=0.0))


def _rivals(table: Floats, a: int, b: int) -> Features:
    size = len(table)
    rivals_a, rivals_b = table[a].copy(), table[b].copy()
    rivals_a[b] = rivals_b[a] = 0.0

    def near(da: int, db: int) -> float:
        return float(table[a + da, b + db]) if 0 <= a + da < size and 0 <= b + db < size and a + da != b + db else 0.0

    return {
        "first_look": float(table[a, b]),
        "rival_a": float(rivals_a.max()),
        "rival_b": float(rivals_b.max()),
        "rival_a_before_b": float(rivals_a[a + 1 : b].max(initial=0.0)),
        "rival_b_before": float(rivals_b[:a].max(initial=0.0)),
        "rival_b_between": float(rivals_b[a + 1 : b].max(initial=0.0)),
        "rivals_a": float(rivals_a.sum()),
        "rivals_b": float(rivals_b.sum()),
        "support": float(np.minimum(rivals_a, rivals_b).max()),
        "conflict": float((np.maximum(rivals_a, rivals_b) - np.minimum(rivals_a, rivals_b)).max()),
        "before_both": near(-1, -1),
        "after_both": near(1, 1),
        "around": max(near(da, db) for da in (-2, -1, 1, 2) for db in (-2, -1, 1, 2)),
    }


def joined(view: Scene, views: Sequence[AtomView], model: LinkModel) -> tuple[list[list[int]], list[float]]:
    """Groups of atoms (by position) that are one record each, and how sure each group is."""
    pairs = pairs_of(view, views)
    if not pairs:
        return [[at] for at in range(len(views))], [one.atom.certainty for one in views]
    first = [pair_features(view, views[a], views[b]) for a, b in pairs]
    table = as_table(pairs, model.pair.probability(first), len(views))
    second = joint_rows(views, first, pairs, table)
    table = as_table(pairs, model.joint.probability(second), len(views))
    groups = clusters(table, pairs)
    return groups, [_group_certainty(group, table, views) for group in groups]


def as_table(pairs: Sequence[tuple[int, int]], scores: Floats, size: int) -> Floats:
    """``(size, size)`` symmetric, 0 where no pair is."""
    table = np.zeros((size, size))
    if pairs:
        rows, columns = np.array(pairs).T
        table[rows, columns] = table[columns, rows] = scores
    return table


def clusters(table: Floats, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Groups whose average pair is likelier one record than not; pairs that cannot be are never together."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    size = len(table)
    distance = np.full((size, size), NEVER)
    for a, b in pairs:
        distance[a, b] = distance[b, a] = 1.0 - table[a, b]
    np.fill_diagonal(distance, 0.0)
    numbers = fcluster(linkage(squareform(distance, checks=False), "average"), 0.5, "distance")
    groups: dict[int, list[int]] = {}
    for position, number in enumerate(numbers):
        groups.setdefault(int(number), []).append(position)
    return sorted(groups.values())


def _group_certainty(group: Sequence[int], table: Floats, views: Sequence[AtomView]) -> float:
    """The weakest of: its atoms, each atom's best tie inside, the best tie it rejects outside."""
    inside = set(group)
    outside = [at for at in range(len(table)) if at not in inside]
    ties = [max(float(table[at, other]) for other in group if other != at) for at in group] if len(group) > 1 else [1.0]
    rejected = float(table[np.ix_(group, outside)].max(initial=0.0))
    atoms = float(np.prod([views[at].atom.certainty for at in group]))
    return atoms * min(ties) * (1.0 - rejected)


# ── Parts and wholes ─────────────────────────────────────────────────────────────────────────────────────────────────


def whole_candidates(views: Sequence[AtomView], part: int) -> range:
    """Positions of the atoms among which the whole of ``part`` is sought."""
    return range(max(0, part - WHOLES_BEFORE), part)


def family_pairs(views: Sequence[AtomView]) -> list[tuple[int, int]]:
    """(part, whole) positions of all named atoms with the atoms before them that hold a value."""
    return [(part, at) for part, one in enumerate(views) if one.name for at in whole_candidates(views, part) if views[at].values]


def family_rows(view: Scene, views: Sequence[AtomView], pairs: Sequence[tuple[int, int]]) -> list[Features]:
    """The first look at every pair of `family_pairs`."""
    sums = summing_runs(views)
    return [parent_features(view, views[part], views[at], sums) for part, at in pairs]


def family_features(first: Features, pairs: Sequence[tuple[int, int]], at: int, table: Floats) -> Features:
    """A pair's features with what the first look thought of it, its rivals and the part's neighbours.

    table: ``(atoms, atoms)``, rows are parts, columns wholes, 0 where no pair is.
    """
    part, whole = pairs[at]
    rivals = table[part].copy()
    rivals[whole] = 0.0
    return {
        **first,
        "first_look": float(table[part, whole]),
        "rival": float(rivals.max()),
        "before_too": float(table[part - 1, whole]) if part else 0.0,
        "after_too": float(table[part + 1, whole]) if part + 1 < len(table) else 0.0,
        "after_next_too": float(table[part + 2, whole]) if part + 2 < len(table) else 0.0,
        "siblings": float(table[:, whole].sum()),
        "whole_is_part": float(table[whole].max()),
    }


def wholes(view: Scene, views: Sequence[AtomView], model: LinkModel) -> dict[int, int]:
    """The atom that each part is a part of, by position; atoms that are no part are absent."""
    pairs = family_pairs(views)
    if not pairs:
        return {}
    first = family_rows(view, views, pairs)
    table = part_table(pairs, model.parent.probability(first), len(views))
    second = [family_features(features, pairs, at, table) for at, features in enumerate(first)]
    table = part_table(pairs, model.family.probability(second), len(views))
    best = table.argmax(axis=1)
    return {part: int(whole) for part, whole in enumerate(best) if table[part, whole] >= PART}


def part_table(pairs: Sequence[tuple[int, int]], scores: Floats, size: int) -> Floats:
    """``(size, size)``, rows are parts, columns wholes, 0 where no pair is."""
    table = np.zeros((size, size))
    if pairs:
        rows, columns = np.array(pairs).T
        table[rows, columns] = scores
    return table


# ── Records ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _records(
    view: Scene,
    mentions: Sequence[Mention],
    atoms: Sequence[Atom],
    drafts: Sequence[tuple[list[int], float]],
    parents: dict[int, int],
) -> list[Record]:
    record_of = {at: number for number, (group, _) in enumerate(drafts) for at in group}
    records = []
    for number, (group, certainty) in enumerate(drafts):
        members = sorted({member for at in group for member in atoms[at].members})
        by_label = {label: tuple(m for m in members if mentions[m].label is label) for label in Label}
        names = [view.places[m].words for m in by_label[Label.INDICATOR]]
        is_fund = bool(by_label[Label.AMOUNT])
        wanted = {record_of.get(parents[at]) for at in group if at in parents} - {number, None}
        values = [m for m in members if mentions[m].label.is_value]
        anchor = view.places[values[-1]]
        records.append(
            Record(
                kind=RecordKind.FUND if is_fund else RecordKind.PERFORMANCE,
                indicators=by_label[Label.INDICATOR],
                targets=by_label[Label.TARGET],
                achieved=by_label[Label.ACHIEVED],
                amounts=by_label[Label.AMOUNT],
                parent=min((one for one in wanted if one is not None), default=None),
                name=max(names, key=len, default=None),
                role=fund_role(names) if is_fund else None,
                period=anchor.period,
                section=anchor.section,
                confidence=certainty * float(np.prod([mentions[m].confidence for m in members])),
            )
        )
    return records
