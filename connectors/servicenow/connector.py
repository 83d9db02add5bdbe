"""A ServiceNow instance behind the Protocol that all ticket systems keep."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set

import msgspec

from connectors.base import Allowance, Batch, Connection, Fate, Finding, Use, Written
from connectors.http import Client
from connectors.servicenow.audited import Audited
from connectors.servicenow.auth import OAuth, lacking_word, server_of, way_in
from connectors.servicenow.batches import Batches
from connectors.servicenow.bulk import Ask, of_ids
from connectors.servicenow.census import census, fates
from connectors.servicenow.choices import Choices
from connectors.servicenow.columns import Columns, columns_of, lacking, unknown
from connectors.servicenow.cursors import read_cursor, write_cursor
from connectors.servicenow.drafts import Drafter
from connectors.servicenow.errors import inspect
from connectors.servicenow.examining import examine
from connectors.servicenow.gathering import Gatherer, Told
from connectors.servicenow.journals import Journals
from connectors.servicenow.names import Names
from connectors.servicenow.pages import Page, Rows
from connectors.servicenow.settings import ServiceNowSettings
from connectors.servicenow.stamps import write_stamp
from connectors.servicenow.tables import Tables
from connectors.servicenow.tickets import Maker
from connectors.servicenow.writing import Writer
from sla_engine.changes import Change
from sla_engine.model import Ref, Ticket
from sla_engine.units import Instant
from sla_engine.vocabulary import Vocabulary


def connect(
    connection: Connection,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> ServiceNow:
    """The connector of one `servicenow` entry; nothing is sent before the first call."""
    settings = ServiceNowSettings.model_validate(dict(connection.options))
    return ServiceNow(connection, settings, sleep, clock)


class ServiceNow:
    """One table of one instance.

    Tickets come by keyset on (sys_updated_on, sys_id), their histories from sys_audit and
    sys_journal_field in bulk. A history that does not lead to the current values, because rows are
    late, were never written, or are closed to us, makes a ticket incomplete rather than wrong; it
    is read again as long as it lies within the overlap.
    """

    system = "servicenow"

    def __init__(
        self,
        connection: Connection,
        settings: ServiceNowSettings,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self.name = connection.name
        self._settings = settings
        server = server_of(connection, settings)
        self._user = server.user
        if not server.user:
            raise lacking_word(connection.name, "user")
        auth = way_in(server, settings, sleep, clock)
        self._oauth = auth if isinstance(auth, OAuth) else None
        self._client = Client(
            server,
            auth,
            rate=settings.rate,
            sleep=sleep,
            clock=clock,
            inspect=inspect,
            renew=self._oauth.renew if self._oauth else None,
        )
        self._columns: Columns = columns_of(connection, settings)
        prepare = self._oauth.prepare if self._oauth else _nothing
        self._tables = Tables(self._client, prepare, Batches(self._client))
        names = Names(self._tables)
        self._choices = choices = Choices(self._tables, settings.table, self._columns.labelled)
        journals = Journals(
            self._tables,
            settings.table,
            self._user,
            others=settings.comments,
            ours=bool(connection.publish),
        )
        self._gatherer = Gatherer(self._tables, self._columns, names, journals, self._user)
        self._audited = Audited(self._tables, settings.table, self._columns)
        self._maker = Maker(
            self.name, self._user, settings, self._columns, names, choices, self._audited
        )
        drafter = Drafter(self._tables, settings.table, self._columns, choices, connection.fields)
        self._writer = Writer(self._client, settings.table, drafter, prepare)

    def check(self) -> Instant | None:
        """Read one ticket with every column that is needed; the server's clock."""
        page = self._tables.get(self._settings.table, self._settings.query, self._columns.read, 1)
        self._require(page)
        return self._client.server_time

    def examine(self, uses: Set[Use]) -> Iterator[Finding]:
        """By reading a row here and there: ServiceNow names no rights, it hides rows."""
        return examine(self._tables, self._settings, self._columns, uses)

    def vocabulary(self) -> Vocabulary:
        """The columns that we may read, and the choices of those that feed a field."""
        known = self._tables.get(self._settings.table, "", (), 1).rows
        columns = sorted(set(self._columns.canonical.values()))
        return Vocabulary(tuple(known[0]) if known else (), self._choices.lists(columns))

    def server_now(self) -> Instant | None:
        return self._client.server_now()

    def allowance(self) -> Allowance | None:
        return self._client.allowance

    def requests(self) -> int:
        """Requests for data and for tokens."""
        return self._client.sent + (self._oauth.sent if self._oauth else 0)

    def pull(self, cursor: str) -> Iterator[Batch]:
        """Tickets changed since the cursor, a batch for each page that has any.

        Pages come in order of change, so each batch's own cursor is right once it is kept, and a
        first pull of many tickets that breaks off goes on from there.
        """
        settings, state = self._settings, read_cursor(cursor)
        before, met = state, dict[str, str]()
        self._audited.lacking()  # asked once, before anything is made of the rows
        overlap = settings.overlap_millis
        pages = self._tables.sweep(
            settings.table, settings.query, self._columns.read, state.start(overlap), settings.page
        )
        held: Batch | None = None
        for page, position in pages:
            self._require(page)
            met |= {row["sys_id"]: row["sys_updated_on"] for row in page.rows}
            news = [row for row in page.rows if state.is_news(row)]
            told = self._gatherer.gather(news)
            tickets, unreadable = self._tickets(news, told)
            done = {ticket.ref.id for ticket in tickets if not (ticket.incomplete or ticket.gaps)}
            done -= {row["sys_id"] for row in news if self._is_fresh(row, told)}
            kept = [row for row in page.rows if row["sys_id"] in done or not state.is_news(row)]
            state = state.moved(position.updated_on, kept, overlap, self._client.server_time)
            bad = (*unreadable, *((Ref(self.name, "", ""), why) for why in page.bad))
            if tickets or bad:
                if held is not None:
                    yield held
                held = Batch(tuple(tickets), write_cursor(state), bad)
        rested = write_cursor(state.rested(overlap, self._client.server_time))
        last = held or Batch((), "")
        yield msgspec.structs.replace(last, cursor=rested, lost=before.lost(met))

    def _is_fresh(self, row: Mapping[str, str], told: Told) -> bool:
        """Whether the last update is so young, and so unexplained, that its audit rows may be on
        their way. Such a ticket is given as it looks, and read once more."""
        now = self._client.server_time
        if now is None or row["sys_updated_on"] < write_stamp(
            Instant(now - self._settings.lag_millis)
        ):
            return False
        if row.get("sys_mod_count") == "0" or row.get("sys_updated_by") == self._user:
            return False
        one = row["sys_id"]
        known = (*told.audit.get(one, ()), *told.entries.get(one, ()))
        return all(written["sys_created_on"] < row["sys_updated_on"] for written in known)

    def fetch(self, refs: Sequence[Ref]) -> tuple[Ticket, ...]:
        """These tickets from their records; the gone and the hidden are left out."""
        ask = Ask(self._settings.table, "sys_id", self._columns.read)
        found = of_ids(self._tables, ask, [ref.id for ref in refs])
        tickets, _ = self._tickets(found.rows, self._gatherer.gather(found.rows))
        by_id = {ticket.ref.id: ticket for ticket in tickets}
        return tuple(by_id[ref.id] for ref in refs if ref.id in by_id)

    def fates(self, refs: Sequence[Ref]) -> Mapping[str, Fate]:
        return fates(self._tables, self._settings.table, [ref.id for ref in refs])

    def census(self, since: Instant) -> Iterator[Sequence[str]]:
        by_state = self._columns.derives_category
        return census(self._tables, self._settings, since, by_state=by_state)

    def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
        """One PATCH for all changes; states are left to people, labels to mapped columns."""
        return self._writer.write(ref, changes)

    def _require(self, page: Page) -> None:
        names = lacking(self._columns, page.rows)
        if not names:
            return
        known = self._tables.get(self._settings.table, "", (), 1).rows
        raise unknown(self._settings.table, names, tuple(known[0]) if known else (), self._user)

    def _tickets(self, rows: Rows, told: Told) -> tuple[list[Ticket], list[tuple[Ref, str]]]:
        """The rows as tickets, and those that make no sense, and why."""
        tickets: list[Ticket] = []
        unreadable: list[tuple[Ref, str]] = []
        for row in rows:
            try:
                tickets.append(self._maker.ticket(row, told))
            except (ValueError, KeyError) as error:
                ref = Ref(self.name, row.get("number") or row["sys_id"], row["sys_id"])
                unreadable.append((ref, f"cannot be read: {error}"))
        return tickets, unreadable


def _nothing() -> None:
    """Where signing in needs no token."""
