"""Pages read side by side, each in a process of its own with one thread; answers come in the order of the questions.

The processes start with the first page, stay for the next files and end with the program. They are plain programs and no
`multiprocessing`, so that a caller's script needs no guard, and one that hangs or crashes costs its page only.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Timer
from typing import TypeVar

from extractor.ocr.values import PageReading, Picture, from_json
from extractor.ocr.worker import ANSWER, HEAD

VARIABLE = "EXTRACTOR_OCR_PROCESSES"
MOST = 4  # processes unless the user names more: each takes a core and half a gigabyte
PATIENCE = 600.0  # seconds for one page: some hundred times what one takes on an idle machine
ROOT = Path(__file__).parents[2]
# The package is this one, whatever else is installed; for all others its folder is not on the path.
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from extractor.ocr.worker import main; del sys.path[0]; main()"

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class OcrError(Exception):
    """A picture could not be read; the message is Chinese and says why."""


class Process:
    """One reading process; not for two threads at once."""

    def __init__(self) -> None:
        """Raises OcrError where the system starts none."""
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM, str(ROOT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
        except OSError as error:
            raise OcrError("无法启动识别程序") from error

    def read(self, picture: Picture) -> PageReading:
        """Raises OcrError; after one that says so the process is gone."""
        overdue = Timer(PATIENCE, self._process.kill)
        overdue.start()
        try:
            is_reading, answer = self._asked(picture)
        except (OSError, EOFError, ValueError):  # the last where its pipes are closed
            late = not overdue.is_alive()
            self.stop()
            why = f"超过 {PATIENCE:.0f} 秒未完成" if late else "识别程序意外退出"
            raise OcrError(why) from None
        finally:
            overdue.cancel()
        if not is_reading:
            raise OcrError(f"识别出错：{answer.decode(errors='replace')}")
        try:
            return from_json(answer)
        except ValueError as error:
            raise OcrError("识别结果无法理解") from error

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream:
                    stream.close()
        self._process.kill()
        self._process.wait()

    def _asked(self, picture: Picture) -> tuple[bool, bytes]:
        questions, answers = self._process.stdin, self._process.stdout
        if questions is None or answers is None:
            raise EOFError
        questions.write(HEAD.pack(picture.width, picture.height))
        questions.write(picture.pixels)
        questions.flush()
        is_reading, length = ANSWER.unpack(_exactly(answers.read(ANSWER.size), ANSWER.size))
        return is_reading, _exactly(answers.read(length), length)


class Workers:
    """Up to ``n_processes`` processes, started when needed."""

    def __init__(self, n_processes: int) -> None:
        self.n_processes = n_processes
        self._idle: LifoQueue[Process] = LifoQueue()

    def read(self, picture: Picture) -> PageReading:
        """Raises OcrError."""
        try:
            process = self._idle.get_nowait()
        except Empty:
            process = Process()
        try:
            return process.read(picture)
        finally:
            if process.is_alive:
                self._idle.put(process)

    def stop(self) -> None:
        """End the processes that are idle."""
        while True:
            try:
                self._idle.get_nowait().stop()
            except Empty:
                return


def in_order(ask: Callable[[Question], Answer], questions: Iterable[Question], *, n_threads: int) -> Iterator[Answer]:
    """Answers in the order of the questions. Few questions are taken ahead, so that memory does not grow with their number."""
    with ThreadPoolExecutor(n_threads) as pool:
        waiting: deque[Future[Answer]] = deque()
        try:
            for question in questions:
                waiting.append(pool.submit(ask, question))
                if len(waiting) > n_threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def processes_wanted() -> int:
    """What the environment names, else as many as there are cores for us, up to MOST."""
    named = os.environ.get(VARIABLE, "")
    if named.isdigit() and int(named) > 0:
        return int(named)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST)


def _exactly(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise EOFError
    return content


_shared: list[Workers] = []  # at most one: processes are worth keeping for the next file


def shared_workers() -> Workers:
    """The program's own workers; those of another number of processes are ended."""
    wanted = processes_wanted()
    if _shared and _shared[0].n_processes != wanted:
        _shared.pop().stop()
    if not _shared:
        _shared.append(Workers(wanted))
        atexit.register(_shared[0].stop)
    return _shared[0]
