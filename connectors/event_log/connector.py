"""Tickets out of an event log, by the same Protocol as those of a server."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence, Set
from itertools import islice

from connectors.base import Batch, Connection, Fate, Finding, Outcome, Use, Written
from connectors.event_log.cursors import Cursor, Tally, look, read_cursor, write_cursor
from connectors.event_log.dates import reader
from connectors.event_log.history import Gathered, Row, actor, events, gather
from connectors.event_log.layout import NOT_THERE, Layout, lay_out
from connectors.event_log.rows import header_of, read_rows, unreadable
from connectors.event_log.settings import EventLogSettings
from sla_engine.changes import Change
from sla_engine.model import Journal, Ref, Ticket, Value
from sla_engine.terms import FieldTerms
from sla_engine.units import Instant
from sla_engine.vocabulary import Vocabulary

BATCH = 1_000


def connect(connection: Connection) -> EventLog:
    """The connector of one `event_log` entry; the first call that needs the file opens it."""
    settings = EventLogSettings.model_validate(dict(connection.options))
    return EventLog(connection.name, settings, connection.fields)


class EventLog:
    """Keeps the promise of `Connector` over a file.

    An unchanged file is an idle pull. One that grew brings the tickets that its new lines tell of,
    whole; one that was rewritten brings all. The fields of a ticket at its creation are those of
    its first row.
    """

    system = "event_log"

    def __init__(
        self, name: str, settings: EventLogSettings, fields: Mapping[str, FieldTerms]
    ) -> None:
        self.name = name
        self._settings = settings
        self._fields = fields
        self._read_date = reader(settings.date_format, settings.zone)
        self._categories: dict[Value, str] = {
            **dict.fromkeys(settings.new_states, "new"),
            **dict.fromkeys(settings.done_states, "done"),
        }

    def check(self) -> None:
        """See that the file can be opened and has the columns it should; a file has no clock."""
        layout = self._layout()
        next(read_rows(self._settings, layout.columns), None)

    def examine(self, uses: Set[Use]) -> Iterator[Finding]:
        """Nobody may do too much to a file that is only read."""
        names = header_of(self._settings)
        yield Finding("ok", "columns", f"{len(names)}, those that are named are there")
        if uses:
            said = "an event log cannot be written"
            yield Finding("ok", "writing", f"{said}; mode write does nothing here")

    def server_now(self) -> None:
        """A file has no clock."""

    def allowance(self) -> None:
        """A file may be read at will."""

    def requests(self) -> int:
        """Nothing is sent anywhere."""
        return 0

    def vocabulary(self) -> Vocabulary:
        """The columns; a log has no lists of values."""
        return Vocabulary(header_of(self._settings))

    def pull(self, cursor: str) -> Iterator[Batch]:
        """Tickets with new lines, a thousand at a time; bad new lines come with the first batch."""
        before, here = read_cursor(cursor), self._look()
        if before.look == here:
            yield Batch((), cursor)
            return
        tally = Tally(before.lines)
        layout, found = self._read(None, tally)
        known = before.lines if tally.total_then == before.total else 0
        after = write_cursor(Cursor(here, tally.lines, tally.total))
        keys = found.touched_after(known)
        bad = self._bad(found, known)
        tickets = (self._ticket(layout, found, key) for key in keys)
        for _ in range(BATCH, len(keys), BATCH):
            yield Batch(tuple(islice(tickets, BATCH)), cursor, bad)
            bad = ()
        yield Batch(tuple(tickets), after, bad)

    def whole(self, only: Container[str] | None) -> Iterator[Batch]:
        """All tickets, or those with these ids, a thousand at a time, whatever was read before."""
        layout, found = self._read(only)
        bad = self._bad(found, 0)
        keys = iter(found.rows)
        while some := tuple(islice(keys, BATCH)):
            yield Batch(tuple(self._ticket(layout, found, key) for key in some), "", bad)
            bad = ()
        if bad:
            yield Batch((), "", bad)

    def _bad(self, found: Gathered, known: int) -> tuple[tuple[Ref, str], ...]:
        """What cannot be read behind a line, by the ticket that it tells of."""
        return tuple(
            (Ref(self.name, key, key), why)
            for key, lines in found.bad.items()
            for line, why in lines
            if line > known
        )

    def fetch(self, refs: Sequence[Ref]) -> tuple[Ticket, ...]:
        """These tickets out of the file as it is now."""
        layout, found = self._read({ref.id for ref in refs})
        return tuple(self._ticket(layout, found, ref.id) for ref in refs if ref.id in found.rows)

    def fates(self, refs: Sequence[Ref]) -> Mapping[str, Fate]:  # noqa: ARG002 -- of all alike
        """A line that is gone from a file leaves no trace."""
        return {}

    def census(self, since: Instant) -> None:
        """A file that changed in any way is read anew."""

    def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
        """Refused: a log is what happened, and nobody lives in it."""
        refusal = Outcome("rejected", f"{ref.key}: an event log cannot be written", code="SLA400")
        return Written((refusal,) * len(changes))

    def _layout(self) -> Layout:
        return lay_out(self._settings, self._fields, header_of(self._settings))

    def _read(
        self, only: Container[str] | None, tally: Tally | None = None
    ) -> tuple[Layout, Gathered]:
        layout = self._layout()
        lines = read_rows(self._settings, layout.columns, tally, only)
        return layout, gather(lines, layout, self._read_date)

    def _look(self) -> str:
        try:
            return look(self._settings.path)
        except OSError as error:
            raise unreadable(self._settings, str(error)) from error

    def _category(self, status: Value) -> Value:
        return None if status is None else self._categories.get(status, "in_progress")

    def _ticket(self, layout: Layout, found: Gathered, key: str) -> Ticket:
        rows = found.rows[key]
        bad = [why for _, why in found.bad.get(key, ())]
        created_at = rows[0].at
        if said := _cell(rows[0], layout.created):
            try:
                created_at = self._read_date(said)
            except ValueError as error:
                bad.append(f"line {rows[0].line}: {error}")
        by = layout.created_by if layout.created_by != NOT_THERE else layout.actor
        return Ticket(
            ref=Ref(self.name, key, key),
            system=self.system,
            url="",
            title=_cell(rows[-1], layout.title),
            created_at=created_at,
            created_by=actor(rows[0].cells, by),
            initial=self._initial(layout, rows),
            journal=Journal(events(rows, layout, self._category)),
            updated_at=rows[-1].at,
            incomplete=f"the log cannot be read at {bad[0]}" if bad else "",
        )

    def _initial(self, layout: Layout, rows: Sequence[Row]) -> dict[str, Value]:
        fields: dict[str, Value] = {"system": self.system}
        for name, place in zip(layout.names, layout.places, strict=True):
            fields[name] = rows[-1 if name in layout.timeless else 0].cells[place]
        if "status" in fields:
            fields.setdefault("status_category", self._category(fields["status"]))
        return fields


def _cell(row: Row, place: int) -> str:
    """The text in that cell; "" where there is none."""
    cell = None if place == NOT_THERE else row.cells[place]
    return cell if isinstance(cell, str) else ""
