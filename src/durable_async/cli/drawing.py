"""How blocks are drawn. Invariant: the same text in both ways; a terminal adds colour and fits
it to its width, a file gets lines as long as they are.

Whatever colour means on this terminal is rich's to say: it knows NO_COLOR, TERM and FORCE_COLOR.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, TextIO, assert_never

from durable_async.cli.blocks import Block, Cell, Fields, Note, Style, Table

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

__all__ = ["draw"]

STYLES: Final[dict[Style, str]] = {
    "": "",
    "strong": "bold",
    "faint": "dim",
    "good": "green",
    "bad": "red",
    "warning": "yellow",
    "active": "cyan",
}

GAP: Final = "  "

ROOM: Final = 100
"""Columns of a terminal below which optional columns of a table are left out."""


def draw(blocks: Sequence[Block], stream: TextIO) -> None:
    """Write the blocks, an empty line between them."""
    if stream.isatty():
        _draw_richly(blocks, stream)
    else:
        stream.write("\n".join(_plain_block(block) for block in blocks))


# ---- for files and pipes ---------------------------------------------------------------------


def _plain_block(block: Block) -> str:
    match block:
        case Table():
            return _lines(_plain_table(block))
        case Fields():
            return _lines(_plain_fields(block))
        case Note():
            return _lines(" " * block.indent + line for line in block.text.text.split("\n"))
        case _:
            assert_never(block)


def _plain_table(table: Table) -> Iterable[str]:
    titles = [column.title for column in table.columns]
    rows = [titles, *([_one_line(cell.text) for cell in row] for row in table.rows)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield GAP.join(_padded(text, width) for text, width in zip(row, widths, strict=True))


def _plain_fields(fields: Fields) -> Iterable[str]:
    if fields.title is not None:
        yield fields.title.text
    name_width = max((_width(name) for name, _ in fields.rows), default=0)
    for name, cell in fields.rows:
        first, *others = cell.text.split("\n")
        yield GAP + _padded(name, name_width) + GAP + first
        for line in others:
            yield " " * (name_width + 2 * len(GAP)) + line


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns that the text takes: East Asian characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
        if not unicodedata.combining(character)
    )


# ---- for terminals ---------------------------------------------------------------------------


def _draw_richly(blocks: Sequence[Block], stream: TextIO) -> None:
    from rich.console import Console

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    for index, block in enumerate(blocks):
        if index:
            console.print()
        console.print(_rich_block(block, console))


def _rich_block(block: Block, console: Console) -> RenderableType:
    match block:
        case Table():
            return _rich_table(block, console)
        case Fields():
            return _rich_fields(block)
        case Note():
            from rich.padding import Padding

            return Padding(_rich_text(block.text), (0, 0, 0, block.indent), expand=False)
        case _:
            assert_never(block)


def _rich_table(table: Table, console: Console) -> RenderableType:
    from rich import box
    from rich.table import Table as RichTable

    drawn = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    shown = [
        index
        for index, column in enumerate(table.columns)
        if not column.optional or console.width >= ROOM
    ]
    for index in shown:
        column = table.columns[index]
        drawn.add_column(column.title, no_wrap=column.whole, overflow="fold")
    for row in table.rows:
        drawn.add_row(*(_rich_text(row[index]) for index in shown))
    return drawn


def _rich_fields(fields: Fields) -> RenderableType:
    from rich.console import Group
    from rich.table import Table as RichTable

    grid = RichTable.grid(padding=(0, 2))
    grid.add_column(width=0)  # the indent of what has a title
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, cell in fields.rows:
        grid.add_row("", name, _rich_text(cell))
    return grid if fields.title is None else Group(_rich_text(fields.title), grid)


def _rich_text(cell: Cell) -> RenderableType:
    from rich.text import Text

    return Text(cell.text, style=STYLES[cell.style], overflow="fold")
