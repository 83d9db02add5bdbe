"""Whether what a pass wants may be written at once: what changed policies want needs a person's
word where it is much, everything else keeps to the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from service.delivery import holds
from service.delivery.brakes import Brakes
from service.delivery.holds import Hold
from service.delivery.items import deeds_of, pairs
from service.passes.pass_terms import Terms
from service.state import keeping
from service.state.failpoints import reach
from service.state.store import Store
from sla_engine.plan import refusal
from sla_engine.units import Instant

if TYPE_CHECKING:
    from service.passes.judging import Judged


class Weighing(msgspec.Struct):
    """One connection in one pass: the change of policies that is not written yet, if there is one,
    and then how many tickets are open. Weighing it may end it, or have it wait."""

    store: Store
    connection: str
    terms: Terms
    now: Instant
    hold: Hold | None = None
    tickets: int = 0

    @property
    def most(self) -> int | None:
        """Where changes to more tickets than this are planned, none is written; None where that
        depends on what they are."""
        if self.hold is None or self.terms.force or self.terms.clock_fault:
            return None
        return holds.allowed(self.hold, self.tickets, self.now)

    def refusal(self, judged: Judged) -> str:
        """Why this must not be written now; "" where it may. Nothing is weighed by a clock that
        jumped."""
        if self.terms.clock_fault:
            return ""
        return self._by_limits(judged) if self.hold is None else self._by_word(self.hold, judged)

    def _by_limits(self, judged: Judged) -> str:
        items = [deeds_of(item) for item in judged.items]
        if self.terms.force or not any(item.changes for item in items):
            return ""
        with self.store.read() as db:
            tickets = keeping.count(db, self.connection)
        refused = refusal(pairs(items), tickets, self.terms.limits)
        if refused:
            brakes = Brakes(self.store, self.connection, self.now)  # what waits anyway is no reason
            refused = refusal(pairs(map(brakes.held_in, items)), tickets, self.terms.limits)
        return refused

    def _by_word(self, hold: Hold, judged: Judged) -> str:
        """What was approved is over when all is written."""
        held = None
        if not self.terms.force:
            held = holds.weigh(hold, judged.planned, self.tickets, self.now, judged.divided)
        reach("hold.before_commit")
        with self.store.write() as db:
            if held is not None:
                holds.keep(db, held)
                self.hold = held
            elif self.terms.force or self._is_over(hold, judged):
                holds.lift(db, hold.connection)
                self.hold = None
        reach("hold.after_commit")
        return held.words if held is not None else ""

    def _is_over(self, hold: Hold, judged: Judged) -> bool:
        return (hold.state == "weighing" or not judged.items) and not self.terms.stop()


def weighing(store: Store, connection: str, terms: Terms, now: Instant) -> Weighing:
    """How it stands before anything is judged."""
    with store.read() as db:
        hold = holds.find(db, connection)
        tickets = keeping.count(db, connection) if hold is not None else 0
    return Weighing(store, connection, terms, now, hold, tickets)
