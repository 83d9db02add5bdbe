"""An answer of the Table API as a page of rows."""

from __future__ import annotations

import msgspec

from connectors.envelope import Answer

Rows = list[dict[str, str]]


class _Link(msgspec.Struct):
    """A reference as some instances give it although links are excluded."""

    value: str | None = None


_row = msgspec.json.Decoder(dict[str, str | int | float | bool | _Link | None])


class _Reply(msgspec.Struct):
    result: list[msgspec.Raw]


class Page(msgspec.Struct, frozen=True):
    """Rows as they came. `total` is the server's own count of matches, None where not asked;
    `bad` tells of rows that are no rows."""

    rows: Rows
    total: int | None = None
    bad: tuple[str, ...] = ()


def page_of(answer: Answer, counted: bool) -> Page:
    """The page; what is no row in it is told apart."""
    rows: Rows = []
    bad: list[str] = []
    for raw in answer.into(_Reply).result:
        try:
            rows.append({name: _text(cell) for name, cell in _row.decode(raw).items()})
        except (msgspec.DecodeError, RecursionError) as error:
            bad.append(str(error)[:200])
    said = answer.headers.get("X-Total-Count", "")
    total = int(said) if counted and said.isascii() and said.isdigit() else None
    return Page(rows, total, tuple(bad))


def _text(cell: str | int | float | bool | _Link | None) -> str:
    match cell:
        case str():
            return cell
        case None:
            return ""
        case _Link(value):
            return value or ""
        case bool():
            return "true" if cell else "false"
    return str(cell)
