"""Results ↔ the JSON contract: plain dictionaries, exact numbers as decimal strings, ids in text order."""

from __future__ import annotations

from extractor.output.reading import from_dict
from extractor.output.writing import encoded, to_dict, to_json

__all__ = ["encoded", "from_dict", "to_dict", "to_json"]
