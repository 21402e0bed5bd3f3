"""Evaluation records from budget performance self-evaluation reports (绩效自评报告).

``load()`` gives an extractor; its ``extract(path_or_bytes)`` and ``extract_text(text)`` give a frozen `types.Result`.
"""

# No `from __future__ import annotations` here: the name would hide the module `extractor.annotations`.
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractor.pipeline import Extractor

__version__ = "0.1.0"


def load(model: str = "default") -> "Extractor":
    """Load a shipped model by name, or a model directory.

    Raises ModelError where it is missing, incomplete or of another schema.
    """
    # Imported here so that `import extractor` and `extractor --help` stay instant.
    from extractor.pipeline import load

    return load(model)
