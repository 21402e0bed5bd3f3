"""JSON as tools export it, read without losing anything: what Python's own reader would drop or choke on is an error too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

MOST_DIGITS = 18  # of a number; ids and offsets have fewer


def loads(text: str) -> Any:
    """The only value of a text. Raises json.JSONDecodeError."""
    with _told(text, 0):
        return DECODER.decode(text)


def raw_decode(text: str, at: int) -> tuple[Any, int]:
    """The value that begins at a place, and where it ends. Raises json.JSONDecodeError."""
    with _told(text, at):
        return DECODER.raw_decode(text, at)


@contextmanager
def _told(text: str, at: int) -> Iterator[None]:
    """Whatever is wrong with the value that begins there, as the one error that tells line and column."""
    try:
        yield
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise json.JSONDecodeError("nested too deeply", text, at) from error
    except ValueError as error:
        raise json.JSONDecodeError(str(error), text, at) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {next(key for key in keys if keys.count(key) > 1)!r:.60} twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)
