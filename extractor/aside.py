"""A second process for half of the work, where threads would wait for each other."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar, TypeVarTuple, Unpack

from extractor.errors import ModelError

Given = TypeVarTuple("Given")
Made = TypeVar("Made")


@contextmanager
def aside(function: Callable[[Unpack[Given]], Made], *given: *Given) -> Iterator[Callable[[], Made]]:
    """Call a function in a second process; what is yielded waits for its result, or raises what the function raised.

    The function, what it is given and what it makes must be picklable, and a script that comes here needs the usual guard
    (``if __name__ == "__main__"``). Leaving the context ends the process, whether it is done or not. The result raises
    ModelError where the process died.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy threads of torch that hold locks
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(there, function, given), daemon=True)
    process.start()
    there.close()  # the second process holds the only end now: if it dies, waiting ends

    def result() -> Made:
        try:
            made, error = here.recv()
        except EOFError:
            process.join()
            raise ModelError(f"a second process of this program ended early ({process.exitcode}); memory may be short") from None
        if error is not None:
            raise error
        return made  # type: ignore[no-any-return]

    try:
        yield result
    finally:
        process.terminate()
        process.join()
        here.close()


def _run(there: Connection, function: Callable[..., Any], given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the first one ends this one
    try:
        there.send((function(*given), None))
    except Exception as error:
        there.send((None, error))
