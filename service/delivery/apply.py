"""The one place that writes: one ticket's changes, intent kept before and the outcome after.

Killed at any point, the next pass finds either no intent, an intent to read back, or an outcome.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

import msgspec

from connectors.base import GONE, AuthError, Connector, ConnectorError, Outcome
from service.delivery import absences, deeds
from service.delivery.deeds import DeedState, Intent
from service.delivery.items import LEFT, Done, Item, Results, failed, has_notices
from service.delivery.promises import FRESH, SEND_WINDOW, overtaken, seen
from service.delivery.timekeeping import Clock
from service.state import keeping, quarantine
from service.state.bugs import BugError, as_error
from service.state.failpoints import reach
from service.state.failure import Failure
from service.state.journals import pack
from service.state.quarantine import BREAKDOWN
from service.state.store import Store, StoreError
from sla_engine.changes import (
    AddComment,
    Assign,
    Change,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
)
from sla_engine.model import FieldValue, Ticket
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

ENDS: dict[str, DeedState] = {"confirmed": "done", "rejected": "dead", "retryable": "planned"}

HELD_UP = Outcome("retryable", "the process was held up, and sent nothing")


class Applier(msgspec.Struct, frozen=True):
    """What applying needs besides the ticket: where to write, where to note it and under which run,
    the clock."""

    store: Store
    connector: Connector
    clock: Clock
    policies: str
    run: str

    def apply(self, item: Item, now: Instant) -> Done:
        """Carry out one ticket's changes, read at `now`, and keep what came of each. Notices are
        left to `telling`; until they are told, the ticket stays due."""
        try:
            return self._apply(item, now)
        except StoreError:
            raise
        except Exception as anything:  # what was begun is read back
            return self._given_up(item.ticket, as_error(anything), now)

    def _given_up(self, ticket: Ticket, error: ConnectorError, now: Instant) -> Done:
        failure = Failure(ticket.ref.key, error.what, error.code, "write")
        with self.store.write() as db:
            keeping.wake(db, [(ticket.ref, None)])
            quarantine.fail(db, ticket.ref, failure, now)
        return Done(ticket, (), unread=True, failure=failure)

    def _apply(self, item: Item, now: Instant) -> Done:
        reach("apply.before_intent")
        wanted = [c for c in item.changes if not isinstance(c, Notify)]
        ticket = self._fresh(item, wanted, now)
        if ticket is None:
            return Done(item.ticket, (), unread=True)  # due as before
        sent_at = self.clock()
        intents, left = self._intend(ticket, wanted, sent_at)
        reach("apply.after_intent")
        begun = {intent.name for intent in intents}
        going = [c for c in wanted if isinstance(c, SetFields) or c.key in begun]
        outcomes, updated_at, error = self._write(ticket, going, sent_at)
        reach("apply.after_write")
        results = tuple((c, outcomes[deeds.name_of(c)]) for c in going)
        again = any(o.kind in ("retryable", "doubtful") or failed(c, o) for c, o in results)
        done = Done(ticket, (*results, *left), error, again)
        done = self._note(item, done, {i.name: i for i in intents}, sent_at, updated_at, now)
        reach("apply.after_outcome")
        return done

    def _fresh(self, item: Item, wanted: Sequence[Change], now: Instant) -> Ticket | None:
        """The ticket, read once more where deeds rest on an old reading."""
        if self.clock() - now <= FRESH or all(isinstance(c, SetFields) for c in wanted):
            return item.ticket
        try:
            found = self.connector.fetch([item.ticket.ref])
        except ConnectorError:
            return None
        return found[0] if found else None

    def _intend(
        self, ticket: Ticket, wanted: Sequence[Change], sent_at: Instant
    ) -> tuple[tuple[Intent, ...], Results]:
        """The deeds that are ours to do, durable before anything is sent, and those that need no
        doing: they stand there already, or people decided otherwise since they were first meant."""
        own = [change for change in wanted if not isinstance(change, SetFields)]
        if not own:
            return (), ()
        going: list[Change] = []
        left: list[tuple[Change, Outcome]] = []
        with self.store.write() as db:
            tried = deeds.tried(db, ticket.ref)
            for change in own:
                meant = as_first_meant(change, tried.get(deeds.name_of(change)))
                if seen(meant, ticket):
                    deeds.close(db, meant, "done", sent_at, "stood there already")
                    left.append((change, Outcome("confirmed", "stood there already")))
                elif why := overtaken(meant, ticket):
                    deeds.close(db, meant, "cancelled", sent_at, why)
                    left.append((change, Outcome("rejected", why, code="cancelled")))
                else:
                    going.append(meant)
            intents = deeds.intend(db, going, sent_at)
            reach("apply.in_intent")
            return intents, tuple(left)

    def _write(
        self, ticket: Ticket, changes: Sequence[Change], sent_at: Instant
    ) -> tuple[dict[str, Outcome], Instant | None, ConnectorError | None]:
        """Outcomes by name. A connector that raises leaves it open which changes arrived."""
        if not changes:
            return {}, None, None
        if self.clock() - sent_at > SEND_WINDOW:
            return {deeds.name_of(c): HELD_UP for c in changes}, None, None
        try:
            written = self.connector.write(ticket.ref, changes)
        except Exception as anything:  # whatever it is, it may have arrived
            error = as_error(anything)
            unknown = Outcome("doubtful", error.what, code=error.code)
            stop = None if isinstance(error, BugError) else error
            return {deeds.name_of(c): unknown for c in changes}, None, stop
        named = zip(map(deeds.name_of, changes), written.outcomes, strict=True)
        refused = [o for o in written.outcomes if o.code == AuthError.code]
        locked_out = AuthError(refused[0].message) if refused else None
        return dict(named), written.updated_at, locked_out

    def _note(
        self,
        item: Item,
        done: Done,
        intents: dict[str, Intent],
        sent_at: Instant,
        updated_at: Instant | None,
        now: Instant,
    ) -> Done:
        """Outcomes, audit, the ticket as it stands now and its next instant: all or nothing. Where
        another worker knows more since this was planned, it is judged again."""
        with self.store.write() as db:
            kept = keeping.find_one(db, item.ticket.ref) or item.ticket
            under = {"policies": self.policies, "run": self.run}
            deeds.record(db, sent_at, done.results, before=item.ticket.written, **under)
            for change, outcome in done.results:
                intent = intents.get(deeds.name_of(change))
                if intent is None and outcome.kind == "doubtful":
                    deeds.intend(db, [change], sent_at)  # fields: to be read back like a deed
                elif intent is not None:
                    end(db, intent, outcome)
            stands = standing_now(kept, done.results, updated_at)
            reach("apply.in_outcome")
            keeping.rewrite(db, stands)
            ours = {deeds.name_of(change) for change, _ in done.results}
            ours |= {change.key for change in item.changes if isinstance(change, Notify)}
            more = disturbed(db, ours, item.ticket, kept)
            self._settle(db, item, done, now, more=more)
        return msgspec.structs.replace(done, ticket=stands, again=done.again or more)

    def _settle(self, db: Connection, item: Item, done: Done, now: Instant, *, more: bool) -> None:
        """When the ticket is looked at again: at once while something is left to do, or to tell.
        What was refused, or broke its system, is tried again later and later; other steps do not
        wait for it."""
        ref = item.ticket.ref
        if any(outcome.code == GONE for _, outcome in done.results):
            absences.doubt(db, ref)
        refused = [outcome for change, outcome in done.results if failed(change, outcome)]
        broken = [o for _, o in done.results if (o.kind, o.code) == ("doubtful", BREAKDOWN)]
        if trouble := refused or broken:
            why = Failure(ref.key, trouble[0].message, trouble[0].code, "write")
            fields = {name for outcome in refused for name in outcome.refused}
            quarantine.fail(db, ref, why, now, fields)
        waits = bool(broken) and quarantine.waits(db, ref, now)
        doubtful = not waits and any(o.kind == "doubtful" for _, o in done.results)
        unfinished = doubtful or any(o.kind == "retryable" for _, o in done.results)
        if unfinished or has_notices(item) or more:
            keeping.wake(db, [(ref, keeping.AT_ONCE)])
        elif trouble:
            keeping.wake(db, [(ref, item.next_at)])
        else:
            keeping.settle(db, [(ref, item.next_at)])


def disturbed(db: Connection, ours: Set[str], left: Ticket, kept: Ticket | None) -> bool:
    """Whether another worker heard more of a ticket than this one `left` there, or found out of
    a deed that was not `ours` to do that it is still to be done."""
    heard_more = kept is not None and pack(kept) != pack(left)
    return heard_more or not deeds.tried(db, left.ref).keys() <= ours


def end(db: Connection, intent: Intent, outcome: Outcome) -> None:
    """Keep how a try ended; one whose end is not known stays as it is."""
    if outcome.kind in ENDS:
        again = failed(intent.change, outcome)
        state = "planned" if again else LEFT.get(outcome.code, ENDS[outcome.kind])
        deeds.end(db, intent, state, remote_id=outcome.remote_id, message=outcome.message)


def as_first_meant(change: Change, before: Change | None) -> Change:
    """A deed that is planned once more, on what stood there when it was planned first."""
    if isinstance(before, Assign | Transition | SetTicketFields) and type(before) is type(change):
        return msgspec.structs.replace(change, stood=before.stood)
    return change


def standing_now(
    ticket: Ticket, results: Sequence[tuple[Change, Outcome]], updated_at: Instant | None
) -> Ticket:
    """The ticket with what was confirmed: our fields as we set them, the marks of our comments."""
    confirmed = [change for change, outcome in results if outcome.kind == "confirmed"]
    fields: dict[str, FieldValue] = dict(ticket.written)
    for change in confirmed:
        if isinstance(change, SetFields):
            fields.update(change.fields)
    marks = ticket.marks | {c.key for c in confirmed if isinstance(c, AddComment)}
    return msgspec.structs.replace(
        ticket,
        written=fields,
        marks=marks,
        updated_at=max(ticket.updated_at, updated_at or ticket.updated_at),
    )
