"""The numbers by which the linker compares two things of a report.

Three descriptions, each a flat mapping from a feature's name to a number: a value and a name it may belong to
(`value_features`), two groups of mentions that may be one record (`pair_features`), a part and its whole (`parent_features`).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from extractor.link_scene import CUES, ENUMERATOR, LIST_GAP, Place, Scene, comes_of
from extractor.types import Label, Period

Features = dict[str, float]

NAMES_BEFORE = 8  # names of its paragraph that a value may belong to
NAMES_AFTER = 4
WHOLES_BEFORE = 16  # atoms before a part among which its whole is sought
FAR = 9.0  # as the logarithm of a ratio: values that cannot be compared
RUN_REACH = 16  # atoms after a whole among which parts that add up to it are sought

# What speaks for a name and is compared with what speaks for its rivals.
CLAIMS = ("is_partner", "paired", "explained_here", "explained", "kinds_equal")

# ── A value and a name ───────────────────────────────────────────────────────────────────────────────────────────────


def name_candidates(scene: Scene, value: int) -> list[int]:
    """The names a value may belong to: the nearest of its paragraph, before and after."""
    own = scene.places[value]
    cut = bisect_left(scene.names, value)
    near = [*scene.names[max(0, cut - NAMES_BEFORE) : cut], *scene.names[cut : cut + NAMES_AFTER]]
    return [name for name in near if abs(scene.places[name].paragraph - own.paragraph) <= 1 and _reach(scene.places[name], own)]


def _reach(name: Place, value: Place) -> bool:
    """A name of the paragraph before or after must be near."""
    return name.paragraph == value.paragraph or abs(name.start - value.start) <= 120


def value_rows(scene: Scene, value: int) -> list[Features]:
    """The features of a value with each of its `name_candidates`, and what its other candidates have to say for themselves."""
    rows = [value_features(scene, name, value) for name in name_candidates(scene, value)]
    for row in rows:
        for claim in CLAIMS:
            row[f"other_{claim}"] = max((other[claim] for other in rows if other is not row), default=0.0)
    return rows


def value_features(scene: Scene, name: int, value: int) -> Features:
    """Whether ``value`` speaks of ``name``."""
    n, v = scene.places[name], scene.places[value]
    first, second = sorted((name, value))
    gap = scene.between(name, value)
    inside = range(first + 1, second)
    after_name = [k for k in _following(scene, name) if scene.places[k].is_value]
    own = scene.places[after_name[0]] if after_name else None
    features: Features = {
        "before": float(name < value),
        "gap": min(len(gap), 200),
        "names_between": sum(not scene.places[k].is_value for k in inside),
        "values_between": sum(scene.places[k].is_value for k in inside),
        "same_kind_between": sum(scene.places[k].label is v.label and scene.places[k].kind == v.kind for k in inside),
        "same_label_between": sum(scene.places[k].label is v.label for k in inside),
        "clauses_between": abs(v.clause - n.clause),
        "sentences_between": abs(v.sentence - n.sentence),
        "open_bracket": _depth(gap),
        "colon_between": float("：" in gap or ":" in gap),
        "semicolon_between": float("；" in gap or ";" in gap),
        "comma_between": sum(gap.count(mark) for mark in "，,"),
        "stop_between": gap.count("。"),
        "de_ends_gap": float(gap.endswith("的")),
        "name_confidence": n.confidence,
        "value_confidence": v.confidence,
        "name_length": len(n.core),
        "name_count": scene.name_counts[n.core],
        "name_has_next_value": float(own is not None and after_name[0] == name + 1),
        "name_value_gap": min(own.start - n.end, 60) if own is not None else 99,
        "name_value_same_kind": float(own is not None and own.kind == v.kind and own.label is v.label),
        "name_value_same_label": float(own is not None and own.label is v.label),
        "paragraphs_between": v.paragraph - n.paragraph,
        "line_breaks": gap.count("\n"),
        "is_partner": float(scene.partners.get(value) == name),
        "has_partner": float(value in scene.partners),
        "explained_here": float(scene.explains(scene.own_values[name], value)),
        "explained": float(scene.explains(scene.kin_values[name], value)),
        **_two_lists(n, v, gap),
        **_value_words(scene, v),
        **_cues("gap", gap),
        **_cues("pre", scene.text[max(0, v.start - 8) : v.start]),
        **_cues("post", scene.text[v.end : v.end + 6]),
        **_cues("lead", scene.text[max(0, n.start - 6) : n.start]),
    }
    features |= _kinds(n, v)
    features |= _neighbour("previous", scene.places[value - 1] if value else None, v)
    features |= _neighbour("next", scene.places[value + 1] if value + 1 < len(scene.places) else None, v)
    return features


def _neighbour(side: str, other: Place | None, v: Place) -> Features:
    """Whether the mention beside the value is a name of its paragraph, and how far off it is; 99 where there is none."""
    if other is None:
        return {f"{side}_is_name": 0.0, f"{side}_gap": 99}
    gap = v.start - other.end if side == "previous" else other.start - v.end
    return {f"{side}_is_name": float(not other.is_value and other.paragraph == v.paragraph), f"{side}_gap": min(gap, 99)}


def _following(scene: Scene, name: int) -> Iterator[int]:
    """The values after a name up to the next name."""
    for position in range(name + 1, len(scene.places)):
        if not scene.places[position].is_value or scene.places[position].paragraph != scene.places[name].paragraph:
            return
        yield position


def _depth(gap: str) -> int:
    """Brackets opened and not closed in the words between; negative where more are closed."""
    return sum(map(gap.count, "（(")) - sum(map(gap.count, "）)"))


def _two_lists(n: Place, v: Place, gap: str) -> Features:
    return {
        "name_list": n.list_length,
        "value_list": v.list_length,
        "name_at": n.list_at,
        "value_at": v.list_at,
        "list_shift": n.list_at - v.list_at,
        "lists_equal": float(n.list_length == v.list_length),
        "paired": float(n.list_length == v.list_length > 1 and n.list_at == v.list_at),
        "unpaired": float(n.list_length == v.list_length > 1 and n.list_at != v.list_at),
        "name_from_end": n.list_length - n.list_at,
        "gap_is_list": float(LIST_GAP.fullmatch(gap) is not None),
    }


def _value_words(scene: Scene, v: Place) -> Features:
    return {
        "is_target": float(v.label is Label.TARGET),
        "is_amount": float(v.label is Label.AMOUNT),
        "is_change": float(v.is_change),
        "is_point": float("百分点" in v.words),
        "year_offset": v.year_offset,
        "year_is_stated": float(v.year_is_stated),
        "section": v.section_class,
    }


def _kinds(n: Place, v: Place) -> Features:
    return {
        "name_kind": n.kind,
        "value_kind": v.kind,
        "kinds_equal": float(n.kind == v.kind),
        "name_kindless": float(n.kind == 0),
    }


def _cues(place: str, words: str) -> Features:
    return _named(place, _cues_of(words))


def _cues_of(words: str) -> Features:
    return {name: float(pattern.search(words) is not None) for name, pattern in CUES.items()}


def _named(place: str, cues: Features) -> Features:
    return {f"{place}_{name}": cue for name, cue in cues.items()}


# ── Two groups of mentions ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Atom:
    """A name with the values beside it, or a value without a name: the least part of a record. Integers are mentions."""

    name: int | None
    values: tuple[int, ...]
    certainty: float = 1.0

    @property
    def members(self) -> tuple[int, ...]:
        return self.values if self.name is None else (self.name, *self.values)

    @property
    def first(self) -> int:
        return min(self.members)


def may_join(scene: Scene, a: Atom, b: Atom) -> bool:
    """Whether two groups can be one record at all: money stays with money, and names share a character or a sentence."""
    labels_a = {scene.places[value].label for value in a.values}
    labels_b = {scene.places[value].label for value in b.values}
    if labels_a and labels_b and (Label.AMOUNT in labels_a) != (Label.AMOUNT in labels_b):
        return False
    if a.name is None or b.name is None:
        return True
    one, other = scene.places[a.name], scene.places[b.name]
    if one.sentence == other.sentence or set(one.core) & set(other.core):
        return True
    kinds_a, kinds_b = ({scene.places[value].kind for value in atom.values} for atom in (a, b))
    return len(labels_a) == len(labels_b) == 1 and labels_a != labels_b and bool(kinds_a & kinds_b)


@dataclass(frozen=True)
class AtomView:
    """What `pair_features` needs of one atom, computed once."""

    atom: Atom
    at: int
    anchor: Place
    name: str
    name_kind: int
    labels: frozenset[Label]
    kinds: frozenset[int]
    values: tuple[Place, ...]
    lead: Features  # the cues in the words before it
    is_unique: bool

    @property
    def year_offset(self) -> int:
        return min((value.year_offset for value in self.values), default=self.anchor.year_offset)


def atom_view(scene: Scene, atom: Atom, at: int) -> AtomView:
    """``at`` is the atom's position among the report's atoms."""
    anchor = scene.places[atom.first]
    name = scene.places[atom.name] if atom.name is not None else None
    values = tuple(scene.places[value] for value in atom.values)
    return AtomView(
        atom,
        at,
        anchor,
        name.core if name is not None else "",
        name.kind if name is not None else 0,
        frozenset(value.label for value in values),
        frozenset(value.kind for value in values if not value.is_change),
        values,
        _cues_of(scene.text[max(0, anchor.start - 14) : anchor.start]),
        name is not None and scene.name_counts[name.core] == 1,
    )


def pair_features(scene: Scene, a: AtomView, b: AtomView) -> Features:
    """Whether two groups, ``a`` before ``b``, are one record."""
    from rapidfuzz import fuzz

    gap = scene.text[a.anchor.end : b.anchor.start] if b.anchor.start - a.anchor.end < 80 else ""
    length = max(1, len(scene.text))
    features: Features = {
        "chars": math.log1p(max(0, b.anchor.start - a.anchor.end)),
        "atoms_between": b.at - a.at,
        "paragraphs_between": min(b.anchor.paragraph - a.anchor.paragraph, 60),
        "sentences_between": min(b.anchor.sentence - a.anchor.sentence, 60),
        "clauses_between": min(b.anchor.clause - a.anchor.clause, 60),
        "a_at": a.anchor.start / length,
        "b_at": b.anchor.start / length,
        "a_section": a.anchor.section_class,
        "b_section": b.anchor.section_class,
        "same_section": float(a.anchor.section == b.anchor.section),
        "same_leaf": float(a.anchor.section[-1:] == b.anchor.section[-1:]),
        "shared_path": _shared_path(a.anchor.section, b.anchor.section),
        "a_year": a.year_offset,
        "b_year": b.year_offset,
        "same_year": float(a.year_offset == b.year_offset),
        "same_period": float(_period(a) == _period(b)),
        "openings": fuzz.ratio(a.anchor.opening, b.anchor.opening),
        "titles": fuzz.partial_ratio(_title(a), _title(b)),
        "explained_a": _explained(scene, a, b),
        "explained_b": _explained(scene, b, a),
        "a_named": float(bool(a.name)),
        "b_named": float(bool(b.name)),
        "a_stated": float(any(value.year_is_stated for value in a.values)),
        "b_stated": float(any(value.year_is_stated for value in b.values)),
        "gap_is_list": float(LIST_GAP.fullmatch(gap) is not None),
        "open_bracket": _depth(gap),
        **_compared(a, b),
        **_labels(a, b),
        **_names(scene, a, b),
        **_sizes(a, b),
        **_named("a_lead", a.lead),
        **_named("b_lead", b.lead),
    }
    return features


def _compared(a: AtomView, b: AtomView) -> Features:
    """Whether a rate or a difference told on one side comes of a value of each side, one a target, the other a result."""
    agree = comparable = 0
    for one in a.values:
        for other in b.values:
            if {one.label, other.label} != {Label.TARGET, Label.ACHIEVED} or one.is_change or other.is_change:
                continue
            for rate in (*a.values, *b.values):
                if rate is one or rate is other:
                    continue
                comes = comes_of(rate, one, other)
                comparable += comes is not None
                agree += bool(comes)
    return {"agrees": float(agree > 0), "disagrees": float(comparable > 0 and not agree)}


def _period(view: AtomView) -> Period | None:
    return next((value.period for value in view.values), None)


def _title(view: AtomView) -> str:
    """The innermost heading without its number: what names a project where one report speaks of several."""
    return ENUMERATOR.sub("", "".join(view.anchor.section[-1:]))


def _explained(scene: Scene, bare: AtomView, other: AtomView) -> float:
    """Whether a value without a name comes of the numbers of the other's name."""
    if bare.atom.name is not None:
        return 0.0
    return float(any(scene.explains(_pool(scene, other), value) for value in bare.atom.values))


def _pool(scene: Scene, view: AtomView) -> Sequence[int]:
    return scene.kin_values[view.atom.name] if view.atom.name is not None else view.atom.values


def _shared_path(a: Sequence[str], b: Sequence[str]) -> int:
    return next((depth for depth, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


def _labels(a: AtomView, b: AtomView) -> Features:
    features: Features = {}
    for side, view in (("a", a), ("b", b)):
        features[f"{side}_target"] = float(Label.TARGET in view.labels)
        features[f"{side}_achieved"] = float(Label.ACHIEVED in view.labels)
        features[f"{side}_amount"] = float(Label.AMOUNT in view.labels)
        features[f"{side}_values"] = len(view.values)
        features[f"{side}_change"] = float(any(value.is_change for value in view.values))
        features[f"{side}_kind"] = min(view.kinds, default=0)
    features["both_target"] = features["a_target"] * features["b_target"]
    features["both_achieved"] = features["a_achieved"] * features["b_achieved"]
    return features


def _names(scene: Scene, a: AtomView, b: AtomView) -> Features:
    from rapidfuzz import fuzz

    one, other = a.name, b.name
    both = bool(one and other)
    common = _common(one, other)
    pairs_one, pairs_other = _pairs(one), _pairs(other)
    either = len(pairs_one | pairs_other)
    return {
        "equal": float(both and one == other),
        "ratio": fuzz.ratio(one, other) if both else -1.0,
        "partial": fuzz.partial_ratio(one, other) if both else -1.0,
        "subset": fuzz.token_set_ratio(" ".join(one), " ".join(other)) if both else -1.0,
        "bigrams": len(pairs_one & pairs_other) / either if either else 0.0,
        "contains": float(both and (one in other or other in one)),
        "a_extra": len([char for char in one if char not in other]) if both else -1,
        "b_extra": len([char for char in other if char not in one]) if both else -1,
        "prefix": common[0],
        "suffix": common[1],
        "a_length": len(one),
        "b_length": len(other),
        "a_count": scene.name_counts[one] if one else 0,
        "b_count": scene.name_counts[other] if other else 0,
        "name_kinds": float(a.name_kind == b.name_kind),
        "a_name_kind": a.name_kind,
        "b_name_kind": b.name_kind,
        "title_holds_a": float(bool(one) and any(one in title for title in b.anchor.section)),
        "title_like_b": _like_titles(other, b),
        "a_like_b_title": _like_titles(one, b),
    }


def _like_titles(name: str, view: AtomView) -> float:
    """How much a name is like the headings above an atom, 0 to 100; -1 without a name."""
    from rapidfuzz import fuzz

    return max((fuzz.partial_ratio(name, title) for title in view.anchor.section[-2:]), default=0.0) if name else -1.0


def _common(one: str, other: str) -> tuple[int, int]:
    """Lengths of the common beginning and the common ending."""
    shorter = min(len(one), len(other))
    prefix = next((k for k in range(shorter) if one[k] != other[k]), shorter)
    suffix = next((k for k in range(shorter) if one[-1 - k] != other[-1 - k]), shorter)
    return prefix, suffix


def _pairs(words: str) -> set[str]:
    return {words[k : k + 2] for k in range(len(words) - 1)}


def _sizes(a: AtomView, b: AtomView) -> Features:
    """How the values compare: units shared, equal values, the nearest ratio of two values of one unit."""
    nearest = FAR
    equal = same_label_equal = 0
    units = 0
    for one in a.values:
        for other in b.values:
            if one.quantity is None or other.quantity is None or one.quantity.unit != other.quantity.unit:
                continue
            if one.is_change or other.is_change:
                continue
            units += 1
            low, high = sorted((abs(float(one.quantity.low)), abs(float(other.quantity.low))))
            nearest = min(nearest, math.log(high / low) if low > 0 else (0.0 if high == 0 else 8.0))
            equal += low == high
            same_label_equal += low == high and one.label is other.label
    return {
        "units": units,
        "kinds_shared": len(a.kinds & b.kinds),
        "kinds_differ": float(bool(a.kinds and b.kinds) and not a.kinds & b.kinds),
        "nearest": nearest,
        "equal_values": equal,
        "equal_labelled": same_label_equal,
    }


# ── A part and its whole ─────────────────────────────────────────────────────────────────────────────────────────────


def parent_features(scene: Scene, part: AtomView, whole: AtomView, run_sums: Mapping[int, frozenset[int]]) -> Features:
    """Whether ``part`` is a part of ``whole``, which stands before it.

    run_sums: what `summing_runs` found.
    """
    gap = scene.text[whole.anchor.end : part.anchor.start][-400:]
    last = scene.text[max(whole.anchor.end, part.anchor.start - 10) : part.anchor.start]
    return {
        "atoms_between": part.at - whole.at,
        "paragraphs_between": min(part.anchor.paragraph - whole.anchor.paragraph, 9),
        "sentences_between": min(part.anchor.sentence - whole.anchor.sentence, 9),
        "clauses_between": min(part.anchor.clause - whole.anchor.clause, 30),
        "chars": min(part.anchor.start - whole.anchor.end, 400),
        "open_bracket": _depth(gap),
        "colon": float("：" in gap or ":" in gap),
        "list_at": part.anchor.list_at,
        "list_length": part.anchor.list_length,
        "adds_up": float(part.at in run_sums.get(whole.at, ())),
        "part_adds_up": float(any(part.at in run for run in run_sums.values())),
        "whole_adds_up": float(whole.at in run_sums),
        **_labels(whole, part),
        **_names(scene, whole, part),
        **_sizes(whole, part),
        "smaller": _share(part, whole),
        **_cues("gap", gap),
        **_cues("last", last),
        **_named("whole_lead", whole.lead),
    }


def summing_runs(views: Sequence[AtomView]) -> dict[int, frozenset[int]]:
    """For every atom the atoms after it, at least two of its unit in a row, that add up to it."""
    found: dict[int, frozenset[int]] = {}
    for whole, view in enumerate(views):
        for value in view.values:
            run = _run_that_sums(views[whole + 1 : whole + 1 + RUN_REACH], value)
            if run:
                found[whole] = run
    return found


def _run_that_sums(views: Sequence[AtomView], whole: Place) -> frozenset[int]:
    if whole.quantity is None or whole.is_change or whole.quantity.low <= 0:
        return frozenset()
    total = float(whole.quantity.low)
    parts = [
        (view.at, abs(float(value.quantity.low)))
        for view in views
        for value in view.values
        if value.label is whole.label and not value.is_change
        if value.quantity is not None and value.quantity.unit == whole.quantity.unit
    ]
    for first in range(min(4, len(parts))):
        size = 0.0
        for last in range(first, len(parts)):
            size += parts[last][1]
            if last > first and abs(size - total) <= 0.0006 * total:
                return frozenset(at for at, _ in parts[first : last + 1])
            if size > total * 1.001:
                break
    return frozenset()


def _share(part: AtomView, whole: AtomView) -> float:
    """The part's value over the whole's, where both have one of the same unit; else -1."""
    for one in part.values:
        for other in whole.values:
            if one.quantity is None or other.quantity is None or one.quantity.unit != other.quantity.unit:
                continue
            if other.quantity.low:
                return min(9.0, abs(float(one.quantity.low / other.quantity.low)))
    return -1.0
