"""What others call: a picture to its reading, by memory where it was read before, else by one of the processes."""

from __future__ import annotations

from collections.abc import Callable

from extractor.ocr.cache import Cache, cache_folder
from extractor.ocr.engine import engine_version
from extractor.ocr.values import PageReading, Picture
from extractor.ocr.workers import shared_workers

Read = Callable[[Picture], PageReading]


def page_reader() -> tuple[Read, int]:
    """What reads pictures for the whole program, and how many of them side by side."""
    workers = shared_workers()
    return remembering(workers.read), workers.n_processes


def remembering(read_anew: Read) -> Read:
    """A function for several threads. It raises OcrError; a page that failed is not remembered."""
    cache = Cache(cache_folder(), engine_version())

    def read(picture: Picture) -> PageReading:
        digest = picture.digest()
        known = cache.find(digest)
        if known is None:
            known = read_anew(picture)
            cache.keep(digest, known)
        return known

    return read
