"""The exceptions of this package, one base and one class per kind of trouble.

ExtractorError
├── ReadError              a file that cannot be turned into a document
│   ├── UnsupportedFormat  its kind is not one we read
│   └── OwnFile            this program wrote it: it is no report
├── ModelError             a model directory that is missing, incomplete or of another schema
├── ResultsError           a folder of results, or a question to it, that cannot be used
├── PaperError             a template for working papers that cannot be used, or a paper that cannot be written
├── RulesError             a file of settings for the rules, or a user's rule, that cannot be used
└── AnnotationError        a marked report that breaks the format

Every message is one sentence that says where, what is wrong and what is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class ExtractorError(Exception):
    """Base of every error a user can cause or mend."""


class ReadError(ExtractorError):
    """The file cannot be turned into a document."""


class UnsupportedFormat(ReadError):
    """The file's kind is not one of those we read."""


class OwnFile(ReadError):
    """The file is one that this program wrote, and no report."""


class ModelError(ExtractorError):
    """The model directory is missing, incomplete or was made for another label set."""


class ResultsError(ExtractorError):
    """Results that a run wrote, or what is asked of them, cannot be used."""


class PaperError(ExtractorError):
    """A template for working papers cannot be used, or a paper cannot be written."""


class RulesError(ExtractorError):
    """The rules' settings, or a user's own rule, cannot be used."""


class AnnotationError(ExtractorError):
    """An annotated report breaks the format."""


def reason(error: BaseException) -> str:
    """What a library's error says, in one line."""
    said = error.strerror if isinstance(error, OSError) else str(error)
    if isinstance(error, KeyError):
        said = f"{said} is missing"
    lines = (said or "").strip().splitlines()
    return lines[0] if lines else type(error).__name__


@contextmanager
def damage_told(what: object) -> Iterator[None]:
    """Whatever goes wrong while a file of a model is read becomes a ModelError that names it.

    Libraries raise what they like for a half-written file: bare Exceptions, zip errors, errors of their own.
    """
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"{what}: missing or damaged ({reason(error)}); a model directory is what train.py writes") from error
