"""Readings of pages that were read before, one file each, below a folder that the user may name and clear.

What is kept is the text of the users' reports, so files and folders are for their owner only. Nothing here ever fails a
reading: an entry that is missing, damaged or of another version is simply no entry, and a disk that cannot be written to
keeps nothing.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from extractor.ocr.values import PageReading, from_json, to_json

VARIABLE = "EXTRACTOR_CACHE"  # names the folder; empty: keep nothing
LONGEST = 50 * 2**20  # bytes of an unpacked entry; a page has some ten thousand


@dataclass(frozen=True, slots=True)
class Cache:
    """``folder`` is None where nothing is to be kept. ``version`` names what reads: entries of others are not seen."""

    folder: Path | None
    version: str

    def find(self, digest: str) -> PageReading | None:
        """The reading of the picture with this digest."""
        path = self._path(digest)
        if path is None:
            return None
        unpacking = zlib.decompressobj()
        try:
            content = unpacking.decompress(path.read_bytes(), LONGEST)
            return from_json(content) if unpacking.eof else None  # its end bears a checksum
        except (OSError, ValueError, zlib.error):
            return None

    def keep(self, digest: str, reading: PageReading) -> None:
        """Write under another name first, so that an interruption leaves no half of an entry."""
        path = self._path(digest)
        if path is None:
            return
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(zlib.compress(to_json(reading)))
                os.replace(draft, path)
            except BaseException:
                with suppress(OSError):
                    os.unlink(draft)
                raise

    def _path(self, digest: str) -> Path | None:
        return self.folder and self.folder / self.version / digest[:2] / digest


def cache_folder() -> Path | None:
    """Where readings are kept: what the environment names, else the system's place for such files; None: nowhere."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) / "ocr" if named else None
    try:
        return _system_folder() / "jixiao-extractor" / "ocr"
    except RuntimeError:  # a user without a home
        return None


def _system_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def measured(folder: Path) -> tuple[int, int]:
    """How many readings a folder holds, of all versions, and their bytes."""
    sizes = [path.stat().st_size for path in folder.glob("*/[0-9a-f][0-9a-f]/*") if path.is_file()]
    return len(sizes), sum(sizes)


def cleared(folder: Path) -> tuple[int, int]:
    """Remove the readings of all versions, and nothing that does not look like one; how many they were, and their bytes."""
    before = measured(folder)
    for shelf in [*folder.glob("*/[0-9a-f][0-9a-f]")]:
        shutil.rmtree(shelf, ignore_errors=True)
    for path in (*folder.glob("*"), folder):
        with suppress(OSError):
            path.rmdir()
    left = measured(folder)
    return before[0] - left[0], before[1] - left[1]
