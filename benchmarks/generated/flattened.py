"""Generated tables as text, where copying lost the ruling: the words of the cells in reading order, and little else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.generated.layout import Table


def tabs(table: Table) -> str:
    """A row a line with tabs between cells; cells below a merged one are lost, so later cells move to the left."""
    return "\n".join("\t".join(words) for words in _rows(table))


def lines(table: Table) -> str:
    """A cell a line; empty cells are lost."""
    return "\n".join(word for words in _rows(table) for word in words if word)


def blanks(table: Table) -> str:
    """A row a line with blanks between cells; empty cells are lost."""
    return "\n".join(" ".join(filter(None, words)) for words in _rows(table))


def paragraph(table: Table) -> str:
    """Everything in one paragraph with blanks between cells."""
    return " ".join(word for words in _rows(table) for word in words if word)


def _rows(table: Table) -> Iterator[list[str]]:
    """The words of the cells that begin in each row, without the line breaks inside them."""
    page = table.joined()
    for row in range(page.n_rows):
        yield ["".join(cell.text.split("\n")) for cell in page.cells if cell.row == row]


FLATTENERS: dict[str, Callable[[Table], str]] = {"tabs": tabs, "lines": lines, "blanks": blanks, "paragraph": paragraph}
