"""A process that reads pictures: they come on standard input, readings go out on standard output.

A question is `HEAD` (width, height) and the pixels; an answer is `ANSWER` (whether it is a reading, length) and its bytes,
or those of a sentence that says what went wrong. The process ends with its input.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
from typing import TYPE_CHECKING, BinaryIO

from extractor.ocr.values import Picture, to_json

if TYPE_CHECKING:
    from extractor.ocr.engine import Engine

HEAD = struct.Struct("<II")
ANSWER = struct.Struct("<?Q")


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the questions end."""
    engine, fault = _engine()
    while head := questions.read(HEAD.size):
        width, height = HEAD.unpack(head)
        picture = Picture(width, height, questions.read(3 * width * height))
        try:
            answer, is_reading = (to_json(engine.read(picture)), True) if engine else (fault.encode(), False)
        except Exception as error:  # whatever a page does to the engine, the next page is read
            answer, is_reading = f"{type(error).__name__}: {error}".encode(errors="replace"), False
        answers.write(ANSWER.pack(is_reading, len(answer)) + answer)
        answers.flush()


def _engine() -> tuple[Engine | None, str]:
    """The engine, or why there is none: a library of the system that is missing, for example."""
    try:
        from extractor.ocr.engine import Engine

        return Engine(), ""
    except Exception as error:
        return None, f"识别程序无法启动（{type(error).__name__}: {error}）"


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the asking process decides when to end
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever a library prints must not get between the answers
        serve(sys.stdin.buffer, answers)
