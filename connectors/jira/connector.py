"""Jira as a connector: pulls and fetches whole tickets, hands changes to the writer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

import msgspec

from connectors.base import Allowance, Batch, ConnectorError, Fate, Finding, Use, Written
from connectors.http import Client
from connectors.jira.cloud import CloudReader
from connectors.jira.cursor import Cursor, digest, read_cursor
from connectors.jira.data_center import DataCenterReader
from connectors.jira.examining import examine
from connectors.jira.fields import SYSTEM, make_plan
from connectors.jira.journal import Teller, Whole, status_ids
from connectors.jira.metadata import Metadata
from connectors.jira.reading import Portion, Reader
from connectors.jira.settings import JiraSettings
from connectors.jira.vocabulary import vocabulary
from connectors.jira.wire import UnreadableError
from connectors.jira.writing import Writer, outcome_of
from sla_engine.changes import Change
from sla_engine.model import Ref, Ticket
from sla_engine.terms import FieldTerms
from sla_engine.units import Instant
from sla_engine.vocabulary import Vocabulary

MARGIN = 5000
"""Milliseconds: a scan began at most so long before the Date of the server's first answer."""


class Parts(msgspec.Struct, frozen=True):
    """What is worked out once, from the site's fields."""

    reader: Reader
    teller: Teller
    writer: Writer
    digest: str


class JiraConnector:
    """One Jira, Cloud or Data Center. Its fields, statuses and our own account are read once."""

    system = SYSTEM

    def __init__(
        self,
        name: str,
        settings: JiraSettings,
        client: Client,
        terms: Mapping[str, FieldTerms],
        publish: Sequence[str],
    ) -> None:
        self.name = name
        self._settings, self._client = settings, client
        self._terms, self._publish = terms, publish
        self._site = Metadata(client)
        self._made: Parts | None = None
        self._unknown: set[str] = set()

    def check(self) -> Instant | None:
        self._site.myself()
        return self._client.server_time

    def examine(self, uses: Set[Use]) -> Iterator[Finding]:
        plan = make_plan(self._site.fields, self._terms, self._publish)
        return examine(self._client, self._site, self._settings, plan, uses)

    def vocabulary(self) -> Vocabulary:
        self._site.myself()  # first: to a bad token many a site looks like an empty one
        return vocabulary(self._client, self._site, self._settings.projects)

    def pull(self, cursor: str) -> Iterator[Batch]:
        parts = self._parts
        before = read_cursor(cursor, parts.digest)
        low = before.start(self._settings.looks_back)
        rows: dict[str, Instant] = {}
        for portion, over in _marking_the_last(parts.reader.changed(before, low)):
            rows |= portion.rows
            lost = over and before.lost(rows)
            if lost and not rows:
                self._site.myself()  # what was there must be met again: are we still let in?
            reached = max(rows.values(), default=before.at) if over else portion.reached
            after = self._advanced(before, reached, rows, portion.began)
            if over and portion.began is not None:
                after = after.rest(Instant(portion.began - MARGIN), self._settings.looks_back)
            batch = self._batch(portion, after)
            yield msgspec.structs.replace(batch, lost=lost) if lost else batch

    def fetch(self, refs: Sequence[Ref]) -> tuple[Ticket, ...]:
        found = (self._told(whole, {}) for whole in self._again([ref.id for ref in refs]))
        return tuple(ticket for ticket in found if ticket is not None)

    def fates(self, refs: Sequence[Ref]) -> Mapping[str, Fate]:
        """Jira tells nobody of what was deleted."""
        there = self._parts.reader.there([ref.id for ref in refs]) if refs else ()
        return {identity: Fate("there") for identity in there}

    def census(self, since: Instant) -> Iterator[Sequence[str]]:
        self._site.myself()  # first: to a bad token many a site looks like an empty one
        yield from self._parts.reader.ids(since)

    def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
        try:
            writer = self._parts.writer
        except ConnectorError as error:
            return Written((outcome_of(error),) * len(changes))
        return writer.write(ref, changes)

    def server_now(self) -> Instant | None:
        return self._client.server_now()

    def allowance(self) -> Allowance | None:
        return self._client.allowance

    def requests(self) -> int:
        return self._client.sent

    @property
    def _parts(self) -> Parts:
        if self._made is None:
            self._made = self._make_parts()
        return self._made

    def _make_parts(self) -> Parts:
        settings, site = self._settings, self._site
        site.myself()  # first: to a bad token many a site looks like an empty one
        plan = make_plan(site.fields, self._terms, self._publish)
        kind = CloudReader if settings.deployment == "cloud" else DataCenterReader
        return Parts(
            kind(self._client, settings.scope, plan, settings.comments),
            Teller(self.name, settings.url, plan, site),
            Writer(self._client, settings.deployment, plan, site, self._terms),
            digest(settings.scope, str(settings.comments), *sorted(plan.asked)),
        )

    def _advanced(
        self,
        before: Cursor,
        reached: Instant | None,
        rows: Mapping[str, Instant],
        began: Instant | None,
    ) -> Cursor:
        """The cursor once all up to `reached` is kept. It never passes the begin of the scan: what
        changed meanwhile may have been missed. Without `reached` it stays where it was."""
        if reached is None:
            return before
        sure = reached if began is None else min(reached, Instant(began - MARGIN))
        return before.advanced(sure, rows, self._settings.looks_back)

    def _batch(self, portion: Portion, cursor: Cursor) -> Batch:
        self._learn_statuses(portion.wholes)
        unreadable = dict(portion.unreadable)
        told = {whole.issue.id: self._told(whole, unreadable) for whole in portion.wholes}
        # What the search index gave may be older than its histories: ask the records themselves.
        stale = [
            whole.issue.id
            for whole in portion.wholes
            if whole.from_index
            and (ticket := told[whole.issue.id])
            and (ticket.incomplete or ticket.gaps)
        ]
        for whole in self._again(stale):
            told[whole.issue.id] = self._told(whole, unreadable)
        tickets = tuple(ticket for ticket in told.values() if ticket is not None)
        bad = tuple((Ref(self.name, one, one), why) for one, why in unreadable.items())
        return Batch(tickets, cursor.text(), bad)

    def _learn_statuses(self, wholes: Sequence[Whole]) -> None:
        """Reads the statuses again if one is met that is new since."""
        met = {one for whole in wholes for one in status_ids(whole)}
        unknown = met - self._site.statuses.keys() - self._unknown
        if unknown:
            self._unknown |= unknown  # a deleted one is asked for once
            self._site.refresh_statuses()

    def _told(self, whole: Whole, unreadable: dict[str, str]) -> Ticket | None:
        try:
            return self._parts.teller.ticket(whole)
        except UnreadableError as error:
            unreadable[whole.issue.key or whole.issue.id] = str(error)
            return None

    def _again(self, ids: Sequence[str]) -> list[Whole]:
        portions = self._parts.reader.by_ids(ids) if ids else ()
        return [whole for portion in portions for whole in portion.wholes]


def _marking_the_last(portions: Iterator[Portion]) -> Iterator[tuple[Portion, bool]]:
    """Each portion, and whether it is the last."""
    before: Portion | None = None
    for portion in portions:
        if before is not None:
            yield before, False
        before = portion
    if before is not None:
        yield before, True
