"""Names of files that every system can write, each once in its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]')  # on Windows or anywhere
RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|COM\d|LPT\d)(?:\.|$)", re.IGNORECASE)
LONGEST_NAME = 60  # characters: 180 bytes, and Windows' paths are short


def file_stem(source: str) -> str:
    """A name for what is made of a report: its file's own without the suffix, as every system can write it."""
    stem = FORBIDDEN.sub("_", PurePath(source.replace("\\", "/")).stem)[:LONGEST_NAME].strip(" .")
    return f"_{stem}" if not stem or RESERVED.match(stem) else stem


class Names:
    """Names given out, none twice; letters' case makes no difference on Windows."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}

    def of(self, source: str, ending: str) -> str:
        """The report's own name where it is free, else with a number."""
        stem = file_stem(source)
        number, name = 1, f"{stem}{ending}"
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem} ({number}){ending}"
        self._taken.add(name.casefold())
        return name
