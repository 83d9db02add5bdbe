"""The one place that writes: one ticket's changes, intent kept before and the outcome after.

Killed at any point, the next pass finds either no intent, an intent to read back, or an outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from connectors.base import AuthError, Connector, ConnectorError, Outcome
from service import deeds, keeping
from service.bugs import BugError, as_error
from service.channels import SKIPPED, Channels
from service.deeds import DeedState, Intent
from service.failpoints import reach
from service.failure import Failure
from service.store import Store
from sla_engine.changes import AddComment, Change, Notify, SetFields
from sla_engine.model import FieldValue, Ticket
from sla_engine.units import Instant

Clock = Callable[[], Instant]
"""The time as it goes: for stamps on what is sent, never for a verdict."""

ENDS: dict[str, DeedState] = {"confirmed": "done", "rejected": "dead", "retryable": "planned"}


class Item(msgspec.Struct, frozen=True):
    """A ticket, what it shall become, and when it falls due again if all goes well."""

    ticket: Ticket
    changes: tuple[Change, ...]
    next_at: Instant | None


class Done(msgspec.Struct, frozen=True):
    """What came of one ticket's changes, each beside its outcome. After an `error` the connection
    is left alone for the rest of the pass."""

    ticket: Ticket
    results: tuple[tuple[Change, Outcome], ...]
    error: ConnectorError | None = None

    @property
    def troubles(self) -> tuple[Failure, ...]:
        """What was refused, in the system's words."""
        return tuple(
            Failure(self.ticket.ref.key, outcome.message or outcome.code, outcome.code)
            for _, outcome in self.results
            if (outcome.kind == "rejected" and outcome.code != SKIPPED)
            or outcome.code == BugError.code
        )


class Applier(msgspec.Struct, frozen=True):
    """What applying needs besides the ticket: where to write, where to note it and under which run,
    the clock."""

    store: Store
    connector: Connector
    channels: Channels
    clock: Clock
    policies: str
    run: str

    def apply(self, item: Item, now: Instant) -> Done:
        """Carry out one ticket's changes and keep what came of each."""
        reach("apply.before_intent")
        sent_at = self.clock()
        intents = self._intend([c for c in item.changes if not isinstance(c, SetFields)], sent_at)
        reach("apply.after_intent")
        begun = {intent.name for intent in intents}
        going = [c for c in item.changes if isinstance(c, SetFields) or c.key in begun]
        outcomes, updated_at, error = self._write(item.ticket, going)
        outcomes |= self._tell([c for c in going if isinstance(c, Notify)])
        reach("apply.after_write")
        done = Done(item.ticket, tuple((c, outcomes[deeds.name_of(c)]) for c in going), error)
        self._note(item, done, {i.name: i for i in intents}, sent_at, updated_at, now)
        reach("apply.after_outcome")
        return done

    def _intend(self, wanted: Sequence[Change], sent_at: Instant) -> tuple[Intent, ...]:
        """The deeds that are ours to do, durable before anything is sent."""
        if not wanted:
            return ()
        with self.store.write() as db:
            return deeds.intend(db, wanted, sent_at)

    def _write(
        self, ticket: Ticket, going: Sequence[Change]
    ) -> tuple[dict[str, Outcome], Instant | None, ConnectorError | None]:
        """Outcomes by name. A connector that raises leaves it open which changes arrived."""
        changes = [c for c in going if not isinstance(c, Notify)]
        if not changes:
            return {}, None, None
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

    def _tell(self, notices: Sequence[Notify]) -> dict[str, Outcome]:
        return {notice.key: self.channels.tell(notice) for notice in notices}

    def _note(
        self,
        item: Item,
        done: Done,
        intents: dict[str, Intent],
        sent_at: Instant,
        updated_at: Instant | None,
        now: Instant,
    ) -> None:
        """Outcomes, audit, the ticket as it stands now and its next instant: all or nothing."""
        ref = item.ticket.ref
        with self.store.write() as db:
            for change, outcome in done.results:
                deeds.record(
                    db,
                    sent_at,
                    change,
                    outcome,
                    before=item.ticket.written,
                    policies=self.policies,
                    run=self.run,
                )
                intent = intents.get(deeds.name_of(change))
                if intent is None and outcome.kind == "doubtful":
                    deeds.intend(db, [change], sent_at)  # fields: to be read back like a deed
                elif intent is not None and outcome.kind in ENDS:
                    state = "skipped" if outcome.code == SKIPPED else ENDS[outcome.kind]
                    said = {"remote_id": outcome.remote_id, "message": outcome.message}
                    deeds.end(db, intent, state, **said)
            keeping.rewrite(db, standing_now(item.ticket, done.results, updated_at))
            kinds = {(type(change), outcome.kind) for change, outcome in done.results}
            if (SetFields, "rejected") in kinds:
                keeping.fail(db, ref, now, item.next_at)
            elif any(kind == "retryable" for _, kind in kinds):
                keeping.settle(db, [(ref, keeping.AT_ONCE)])
            else:
                keeping.settle(db, [(ref, item.next_at)])


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
