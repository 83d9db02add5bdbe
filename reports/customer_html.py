"""The customer's page as one HTML file: no script, no request, printed on one sheet of A4."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.customer_stretches import KINDS
from reports.screen import harmless
from reports.timeline import weights
from sla_engine.units import to_datetime

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from reports.customer import CustomerPage, Promise
    from reports.ledger import Row

WIDTH = 680
LABEL = 58
"""The room that a label of the scale takes, in the units of WIDTH."""

_FOLDER = Path(__file__).parent / "templates"


class Block(msgspec.Struct, frozen=True):
    """A stretch as drawn: from `x`, `width` wide."""

    x: float
    width: float
    kind: str


class Label(msgspec.Struct, frozen=True):
    """A mark on the scale: the time, above it the day where that is another."""

    x: float
    time: str
    day: str
    anchor: str = "start"


class Picture(msgspec.Struct, frozen=True):
    """Where the time went; `due` is where the promise ran out."""

    blocks: tuple[Block, ...]
    labels: tuple[Label, ...]
    kinds: tuple[str, ...]
    due: float | None


def customer_html(page: CustomerPage) -> str:
    """The whole file. Texts of the ticket are escaped, and cannot turn the writing direction."""
    style = (_FOLDER / "ticket.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("ticket.html")
        .render(
            page=page,
            pictures=[picture(promise, page.zone) for promise in page.promises],
            width=WIDTH,
            kinds=KINDS,
            style=Markup(style),  # noqa: S704  # our own file
            style_hash=b64encode(sha256(style.encode()).digest()).decode(),
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda said: harmless(said) if type(said) is str else said,
    )


def picture(promise: Promise, zone: ZoneInfo) -> Picture:
    """The stretches of a promise on a line, to scale but for what does not count."""
    rows = [row for row in promise.rows if row.end > row.start]
    lengths = weights(rows)
    unit = WIDTH / (sum(lengths) or 1.0)
    blocks: list[Block] = []
    x = 0.0
    for row, length in zip(rows, lengths, strict=True):
        blocks.append(Block(round(x, 2), round(length * unit, 2), row.kind))
        x += length * unit
    kinds = tuple(dict.fromkeys(row.kind for row in rows))
    due = next((block.x for block in blocks if block.kind == "over"), None)
    return Picture(tuple(blocks), _labels(rows, blocks, zone), kinds, due)


def _labels(rows: Sequence[Row], blocks: Sequence[Block], zone: ZoneInfo) -> tuple[Label, ...]:
    """When stretches begin, where there is room, and when the last one ends."""
    labels: list[Label] = []
    after, day = -inf, ""
    for row, block in zip(rows, blocks, strict=True):
        if block.x >= after and block.x <= WIDTH - 2 * LABEL:
            local = to_datetime(row.start, zone)
            date = f"{local:%a} {local.day} {local:%b}"
            labels.append(Label(block.x, f"{local:%H:%M}", date if date != day else ""))
            after, day = block.x + LABEL, date
    if rows:
        local = to_datetime(rows[-1].end, zone)
        date = f"{local:%a} {local.day} {local:%b}"
        labels.append(Label(WIDTH, f"{local:%H:%M}", date if date != day else "", "end"))
    return tuple(labels)
