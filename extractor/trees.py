"""Boosted decision trees as plain arrays: evaluated with numpy, stored without pickle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

Floats = npt.NDArray[np.float64]
BLOCK = 2048  # rows walked down all trees at once, to bound memory
FIELDS = ("feature", "threshold", "left", "right", "value", "roots", "baseline")


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """All trees of one binary classifier, their nodes in one row.

    feature, threshold, left, right, value: ``(nodes,)``; a leaf is its own left and right child.
    roots: ``(trees,)``, the first node of every tree. baseline: ``(1,)``, the log-odds before the first tree.
    """

    feature: npt.NDArray[np.int32]
    threshold: Floats
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: Floats
    roots: npt.NDArray[np.int32]
    baseline: Floats

    def probability(self, rows: Floats) -> Floats:
        """rows: ``(rows, features)`` without NaN. Returns ``(rows,)``, the probability of the positive class."""
        blocks = [self._log_odds(rows[first : first + BLOCK]) for first in range(0, len(rows), BLOCK)]
        probability: Floats = 1.0 / (1.0 + np.exp(-np.concatenate([np.zeros(0), *blocks])))
        return probability

    def _log_odds(self, rows: Floats) -> Floats:
        at = np.repeat(self.roots[None, :], len(rows), axis=0)
        row = np.arange(len(rows))[:, None]
        while True:
            goes_left = rows[row, self.feature[at]] <= self.threshold[at]
            after = np.where(goes_left, self.left[at], self.right[at])
            if (after == at).all():
                break
            at = after
        log_odds: Floats = self.baseline[0] + self.value[at].sum(axis=1)
        return log_odds

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The fields by name; the inverse of `from_arrays`."""
        return {name: getattr(self, name) for name in FIELDS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Forest:
        """Rebuild a forest. Raises KeyError where a field is missing."""
        return cls(*(arrays[name] for name in FIELDS))


def save(path: Path, forests: Mapping[str, Forest]) -> None:
    """Write forests by their names as one ``.npz``."""
    arrays: dict[str, Any] = {f"{name}.{field}": one.arrays()[field] for name, one in forests.items() for field in FIELDS}
    np.savez_compressed(path, **arrays)


def load(path: Path, names: Iterable[str]) -> dict[str, Forest]:
    """The forests of these names that `save` wrote. Raises KeyError, OSError or ValueError where the file is not that."""
    with np.load(path, allow_pickle=False) as arrays:
        return {name: Forest.from_arrays({field: arrays[f"{name}.{field}"] for field in FIELDS}) for name in names}


def fit(table: npt.NDArray[np.float32], right: npt.NDArray[np.bool_], weights: Floats | None = None, **settings: Any) -> Forest:
    """Boost trees on a table ``(rows, features)`` of which ``right`` says what to tell.

    settings: those of scikit-learn's HistGradientBoostingClassifier. One thread, so that the same rows give the same trees.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        model = HistGradientBoostingClassifier(early_stopping=False, **settings).fit(table, right, sample_weight=weights)
    return from_sklearn(model)


def from_sklearn(model: HistGradientBoostingClassifier) -> Forest:
    """Copy the trees out of a fitted binary classifier.

    scikit-learn offers no public view of these trees; a test holds the copy against its own probabilities.
    """
    features, thresholds, lefts, rights, values, roots = [], [], [], [], [], []
    size = 0
    for (tree,) in model._predictors:
        nodes = tree.nodes
        own = np.arange(len(nodes))
        is_leaf = nodes["is_leaf"].astype(bool)
        features.append(np.where(is_leaf, 0, nodes["feature_idx"]))
        thresholds.append(np.where(is_leaf, 0.0, nodes["num_threshold"]))
        lefts.append(np.where(is_leaf, own, nodes["left"]) + size)
        rights.append(np.where(is_leaf, own, nodes["right"]) + size)
        values.append(np.where(is_leaf, nodes["value"], 0.0))
        roots.append(size)
        size += len(nodes)
    return Forest(
        np.concatenate(features).astype(np.int32),
        np.concatenate(thresholds),
        np.concatenate(lefts).astype(np.int32),
        np.concatenate(rights).astype(np.int32),
        np.concatenate(values),
        np.array(roots, np.int32),
        np.asarray(model._baseline_prediction, np.float64).reshape(1),
    )
