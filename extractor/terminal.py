"""What all commands share: sentences on standard error, our errors as one of them, a bar of progress."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from extractor.errors import ExtractorError

if TYPE_CHECKING:
    from rich.console import Console


def say(message: str) -> None:
    """One sentence for people."""
    typer.echo(message, err=True)


def printable(words: str | Path) -> str:
    """The words as every console can show them: no halves of characters, no control characters."""
    text = str(words).encode("utf-8", errors="replace").decode("utf-8")
    return "".join(character if character.isprintable() else "�" for character in text)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Our own errors become a line on standard error and exit status 1; anything else is a bug and keeps its traceback."""
    try:
        yield
    except ExtractorError as error:
        say(f"extractor: {printable(str(error))}")
        raise typer.Exit(1) from None
    except OSError as error:  # each report's own are met where it is read: this is the disk that is written to
        say(f"extractor: 无法写入结果（{printable(str(error))}）")
        raise typer.Exit(1) from None


@contextmanager
def progress(files: list[Path]) -> Iterator[Callable[[Path], None]]:
    """A bar that grows by the bytes of finished files; nothing where standard error is no terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    sizes = {file: os.path.getsize(file) if os.path.isfile(file) else 0 for file in files}
    columns = (
        TextColumn("已读 {task.fields[n_files]}/" + f"{len(files)} 个文件"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("剩余"),
        TimeRemainingColumn(),
    )
    console = _console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=max(1, sum(sizes.values())), n_files=0)
        finished = 0

        def advance(file: Path) -> None:
            nonlocal finished
            finished += 1
            bar.update(task, advance=sizes[file], n_files=finished)

        yield advance


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)
