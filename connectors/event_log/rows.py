"""The file as rows: CSV or JSON lines, packed or not, every bad line named and stepped over."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from operator import itemgetter
from typing import TextIO

import msgspec

from connectors.base import PermanentError
from connectors.event_log.cursors import Tally
from connectors.event_log.settings import EventLogSettings
from sla_engine.model import Value
from sla_engine.problems import did_you_mean

Cells = tuple[Value, ...]
"""One row's values, in the order of the columns asked for; None where the log has no value."""


def read_rows(
    settings: EventLogSettings,
    columns: Sequence[str],
    tally: Tally | None = None,
    only: Container[str] | None = None,
) -> Iterator[tuple[int, Cells | str]]:
    """(line number, cells), or (line number, why the line cannot be read), in file order.

    `tally` counts the lines as they pass; `only` leaves out the rows of other tickets. Raises
    PermanentError where the file cannot be opened, is damaged, or lacks a column.
    """
    parse = _csv_rows if settings.kind == "csv" else _json_rows
    line = 0
    try:
        with _open(settings) as text:
            counted = tally.count(text) if tally else text
            for row in parse(counted, settings, columns, only):
                line = row[0]
                yield row
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(settings, f"{error}, after line {line}") from error


def unreadable(settings: EventLogSettings, why: str) -> PermanentError:
    """The error for a file that is not there or not whole."""
    return PermanentError(
        f"cannot read the event log {settings.path.name}",
        (
            ("path", str(settings.path)),
            ("because", why),
            ("effect", "its tickets keep their last values"),
        ),
    )


@contextmanager
def _open(settings: EventLogSettings) -> Iterator[TextIO]:
    with ExitStack() as stack:
        raw = stack.enter_context(settings.path.open("rb"))
        packed = settings.path.suffix == ".gz"
        plain = stack.enter_context(gzip.GzipFile(fileobj=raw)) if packed else raw
        yield io.TextIOWrapper(plain, encoding="utf-8-sig", errors="replace", newline="")


def _csv_rows(
    text: Iterable[str],
    settings: EventLogSettings,
    columns: Sequence[str],
    only: Container[str] | None,
) -> Iterator[tuple[int, Cells | str]]:
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=settings.delimiter)
    header = next(reader, [])
    _require(settings, header, columns)
    pick = itemgetter(*map(header.index, columns))
    key = header.index(settings.columns.ticket)
    kept: dict[str, Value] = {"": None, **dict.fromkeys(settings.missing)}
    if only is not None:
        asked = lines.asked(settings.delimiter, key, kept, only)
        reader = csv.reader(asked, delimiter=settings.delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield lines.number, str(error)
            continue
        if len(row) != len(header):
            if row:
                yield lines.number, f"has {len(row)} cells, the header has {len(header)}"
            continue
        if only is not None and _another(kept.get(row[key], row[key]), only):
            continue
        yield lines.number, tuple([kept.setdefault(cell, cell) for cell in pick(row)])


class _Lines:
    """The lines of a text; `number` is that of the last."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text = iter(text)
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.number += 1
        return line

    def asked(
        self, delimiter: str, key: int, kept: Mapping[str, Value], only: Container[str]
    ) -> Iterator[str]:
        """Without those of other tickets, as far as they can be told before they are taken apart:
        until the first quote, each line is a row."""
        plain = True
        for line in self:
            plain = plain and '"' not in line
            cells = line.split(delimiter, key + 1) if plain else []
            if len(cells) < key + 2 or not _another(kept.get(cells[key], cells[key]), only):
                yield line


def _require(settings: EventLogSettings, header: Sequence[str], columns: Sequence[str]) -> None:
    lacking = [column for column in columns if column not in header]
    if not lacking:
        return
    hint = did_you_mean(lacking[0], header) or f"it has {', '.join(header)}"
    names = ", ".join(f'"{column}"' for column in lacking)
    raise PermanentError(
        f"the event log {settings.path.name} has no column {names}",
        (("path", str(settings.path)), ("fix", hint)),
    )


def _json_rows(
    text: Iterable[str],
    settings: EventLogSettings,
    columns: Sequence[str],
    only: Container[str] | None,
) -> Iterator[tuple[int, Cells | str]]:
    decode = msgspec.json.Decoder(dict[str, object]).decode
    missing = {"", *settings.missing}
    ticket = settings.columns.ticket
    kept: dict[Value, Value] = {}
    for line, record in enumerate(text, 1):
        if record.isspace():
            continue
        try:
            found = decode(record)
        except (msgspec.DecodeError, RecursionError) as error:
            yield line, f"is no JSON object: {error}"
            continue
        if only is not None and _another(_value(found.get(ticket), missing), only):
            continue
        cells = (_value(found.get(column), missing) for column in columns)
        yield line, tuple([kept.setdefault(cell, cell) for cell in cells])


def _another(key: Value, only: Container[str]) -> bool:
    """Whether a row is of a ticket not asked for; one that names none is told of by who reads."""
    return isinstance(key, str) and key not in only


def _value(found: object, missing: set[str]) -> Value:
    match found:
        case None:
            return None
        case str():
            return None if found in missing else found
        case bool():
            return "true" if found else "false"
        case list():
            return tuple(str(part) for part in found) or None
        case _:
            return str(found)


def header_of(settings: EventLogSettings) -> tuple[str, ...]:
    """The names of the columns; of JSON lines, the keys of the first record."""
    try:
        with _open(settings) as text:
            if settings.kind == "csv":
                return tuple(next(csv.reader(text, delimiter=settings.delimiter), ()))
            first = next((record for record in text if not record.isspace()), "{}")
            return tuple(msgspec.json.decode(first, type=dict[str, object]))
    except (OSError, EOFError, zlib.error, csv.Error, msgspec.DecodeError) as error:
        raise unreadable(settings, str(error)) from error
