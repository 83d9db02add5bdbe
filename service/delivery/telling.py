"""Notices: one message a channel and pass, however many tickets it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from connectors.base import Outcome
from service.delivery import deeds
from service.delivery.apply import HELD_UP, disturbed, end
from service.delivery.channels import Channels
from service.delivery.items import Done, Item, Results
from service.delivery.promises import SEND_WINDOW, is_late
from service.delivery.timekeeping import Clock
from service.state import keeping
from service.state.bugs import BugError, as_error
from service.state.failpoints import reach
from service.state.store import Store
from sla_engine.changes import Notify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from service.delivery.deeds import Intent
    from sla_engine.model import Ref
    from sla_engine.units import Instant

SHOWN = 20
"""Tickets named in one message."""

LATE = "Reached more than 30 minutes ago, told only now:"


class Teller(msgspec.Struct, frozen=True):
    """What telling needs: the channels, and where to note what was told, under which run."""

    store: Store
    channels: Channels
    clock: Clock
    policies: str
    run: str

    def tell(self, items: Sequence[tuple[Item, Done]], now: Instant) -> Mapping[Ref, Results]:
        """Tell what these items want told, once the rest of each is done, and settle their tickets;
        by ticket what came of it."""
        messages: dict[str, list[Notify]] = {}
        for item in (item for item, done in items if not done.unread):
            for change in item.changes:
                if isinstance(change, Notify):
                    messages.setdefault(_apart(change, now), []).append(change)
        told: dict[Ref, Results] = {}
        for notices in messages.values():
            for notice, outcome in self._tell(notices, now):
                told[notice.ref] = (*told.get(notice.ref, ()), (notice, outcome))
        self._settle(items, told)
        return told

    def _tell(self, notices: Sequence[Notify], now: Instant) -> Sequence[tuple[Notify, Outcome]]:
        """One message: the intents, the sending, the outcome."""
        reach("tell.before_intent")
        sent_at = self.clock()
        with self.store.write() as db:
            begun = deeds.intend(db, notices, sent_at)
        intents = {(intent.ref, intent.name): intent for intent in begun}  # one step, many tickets
        going = [notice for notice in notices if (notice.ref, notice.key) in intents]
        if not going:
            return ()
        reach("tell.after_intent")
        if self.clock() - sent_at > SEND_WINDOW:
            outcome = HELD_UP
        else:
            title, text = message(going, now)
            outcome = self._send(msgspec.structs.replace(going[0], text=text), title)
        reach("tell.after_send")
        self._note(going, intents, outcome, sent_at)
        reach("tell.after_outcome")
        return [(notice, outcome) for notice in going]

    def _send(self, notice: Notify, title: str) -> Outcome:
        try:
            return self.channels.tell(notice, title)
        except Exception as anything:  # whatever a channel does, it may have told
            return Outcome("doubtful", as_error(anything).what, code=BugError.code)

    def _note(
        self,
        going: Sequence[Notify],
        intents: Mapping[tuple[Ref, str], Intent],
        outcome: Outcome,
        sent_at: Instant,
    ) -> None:
        with self.store.write() as db:
            for notice in going:
                end(db, intents[notice.ref, notice.key], outcome)
            under = {"policies": self.policies, "run": self.run}
            told = [(notice, outcome) for notice in going]
            deeds.record(db, sent_at, told, before={}, **under)

    def _settle(self, items: Sequence[tuple[Item, Done]], told: Mapping[Ref, Results]) -> None:
        """Tickets whose notices all ended are due again when something happens to them; those of
        which another worker knows more by now stay due."""
        ended = [
            (item, done)
            for item, done in items
            if item.ticket.ref in told
            and not done.again
            and all(outcome.kind != "retryable" for _, outcome in told[item.ticket.ref])
        ]
        if not ended:
            return
        with self.store.write() as db:
            keeping.settle(
                db,
                [
                    (item.ticket.ref, item.next_at)
                    for item, done in ended
                    if not _is_disturbed(db, done, told[item.ticket.ref])
                ],
            )
        reach("tell.after_settle")


def _is_disturbed(db: Connection, done: Done, told: Results) -> bool:
    ours = {deeds.name_of(change) for change, _ in (*done.results, *told)}
    return disturbed(db, ours, done.ticket, keeping.find_one(db, done.ticket.ref))


def _apart(notice: Notify, now: Instant) -> str:
    """What is told apart: programs take one notice each, and a page is an incident of its own,
    unless it comes late."""
    together = notice.way == "tell" or (notice.way == "page" and is_late(notice, now))
    return f"{notice.way} {notice.channel}" if together else f"{notice.ref.id} {notice.key}"


def message(notices: Sequence[Notify], now: Instant) -> tuple[str, str]:
    """Title and text; what comes late is said to."""
    if len(notices) == 1 and not is_late(notices[0], now):
        return f"SLA {notices[0].ref.key}", notices[0].text
    tickets = len({notice.ref for notice in notices})
    title = f"SLA {notices[0].ref.key}" if tickets == 1 else f"SLA: {tickets} tickets"
    fresh = [notice.text for notice in notices if not is_late(notice, now)]
    late = [notice.text for notice in notices if is_late(notice, now)]
    lines = [*fresh, *([LATE, *late] if late else [])]
    more = len(lines) - SHOWN - bool(late)
    if more > 0:
        lines = [*lines[:-more], f"... and {more} more"]
    return title, "\n".join(lines)
