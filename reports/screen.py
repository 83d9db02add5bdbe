"""Putting a screen on a terminal or into a text: width, colour, and symbols where they exist."""

from __future__ import annotations

import os
from io import StringIO
from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import ConsoleOptions, RenderableType

WIDTH = 100

# One character for one, so that nothing moves.
_ASCII = str.maketrans(
    {
        "✓": "v",
        "✗": "x",
        "●": "*",
        "▲": "!",
        "‖": "=",
        "█": "#",
        "░": ".",
        "▓": "%",
        "▏": "|",
        "─": "-",
        "━": "-",
        "→": ">",
        "·": "|",
        "–": "-",
        "—": "-",
        "…": "~",
        "×": "x",
        "’": "'",
        "“": '"',
        "”": '"',
        "Δ": "d",
        **dict(zip("▁▂▃▄▅▆▇", "1234567", strict=True)),
    }
)


_HARMFUL = dict.fromkeys(
    (*range(10), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
"""Control characters and those that turn the writing direction: a ticket's title may hold them."""


def harmless(words: str) -> str:
    """The words without what could steer a terminal or turn the writing direction."""
    return words.translate(_HARMFUL)


class _Harmless:
    """A screen whose texts cannot steer the terminal."""

    def __init__(self, screen: RenderableType) -> None:
        self._screen = screen

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for words, style, control in console.render(self._screen, options):
            yield Segment(harmless(words), style, control)


def console(file: TextIO, *, width: int | None = None) -> Console:
    """A console that heeds NO_COLOR, FORCE_COLOR, TERM and COLUMNS; 100 columns off a terminal."""
    if width is None and not file.isatty() and not os.environ.get("COLUMNS", "").isdecimal():
        width = WIDTH
    return Console(file=file, width=width, highlight=False, markup=False, emoji=False)


def text(screen: RenderableType, *, width: int = WIDTH) -> str:
    """The screen as plain text, without blanks at line ends."""
    out = StringIO()
    plain = Console(
        file=out, width=width, color_system=None, highlight=False, markup=False, emoji=False
    )
    plain.print(_Harmless(screen), crop=False)  # what does not fit is not lost
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def show(screen: RenderableType, file: TextIO) -> None:
    """Print for who looks: coloured on a terminal (or with FORCE_COLOR), plain into a pipe, ASCII
    where it must be."""
    out = console(file)
    if out.is_terminal and _encodes(file.encoding):
        out.print(_Harmless(screen), crop=False)
    else:
        file.write(fit(text(screen, width=out.width), file.encoding))


def fit(words: str, encoding: str | None) -> str:
    """The words in what the encoding has: symbols become ASCII of the same width."""
    if _encodes(encoding):
        return words
    known = words.translate(_ASCII)
    return known.encode(encoding or "ascii", "replace").decode(encoding or "ascii")


def _encodes(encoding: str | None) -> bool:
    try:
        "✓●‖░▓→".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def table(*columns: tuple[str, str]) -> Table:
    """An empty table in the house's style; a column is (heading, "left" or "right"). Show it with
    `indented`."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for heading, justify in columns:
        made.add_column(heading, justify="right" if justify == "right" else "left")
    return made


def indented(what: RenderableType, left: int = 2) -> Padding:
    """Two columns to the right."""
    return Padding(what, (0, 0, 0, left))


def pairs(rows: Iterable[tuple[str, str]], left: int = 2) -> Padding:
    """Labels and what they say, in two columns; long texts stay within theirs."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for label, said in rows:
        grid.add_row(label, said)
    return indented(grid, left)
