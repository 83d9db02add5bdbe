"""Who else is at work in the tickets: customers, agents, programs, whoever mends histories."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from connectors.memory import OURSELVES, MemoryConnector
from sla_engine.model import Actor, Event, Journal, Ticket
from sla_engine.units import HOUR, Instant
from tests.service.desks import ADA, T0
from tests.sim.fates import DONE_TO_THE_CLOSED, DONE_TO_THE_OPEN

if TYPE_CHECKING:
    from tests.sim.world import World

BOT = Actor("bot", "A bot", "staff")
CATEGORY = "status_category"


class People:
    """`resolved` tells when by today's word, `reopened` and `reassigned` when it was last done,
    `cleared` how often a field of ours was emptied."""

    def __init__(self, world: World) -> None:
        self.world, self.server = world, world.server
        self.resolved: dict[str, Instant] = {}
        self.reopened: dict[str, Instant] = {}
        self.reassigned: dict[str, Instant] = {}
        self.cleared: Counter[str] = Counter()

    def perhaps_act(self) -> None:
        """Perhaps somebody does something."""
        one = self.world.random.choice(list(self.server.versions))
        deeds = DONE_TO_THE_CLOSED if one in self.resolved else DONE_TO_THE_OPEN
        what = self.world.random.choice(("nothing",) * 8 + deeds)
        if what != "nothing":
            self.world.befall(what, one)
            self._act(one, what)

    def ring(self) -> frozenset[str]:
        """The ids for which somebody rings: of any tickets, whether or not they changed, or of
        none that there is. Most changes ring for nobody."""
        if not self.world.wild or self.world.random.random() > 0.1:
            return frozenset()
        self.world.befall("rung")
        known = list(self.server.versions)
        return frozenset(self.world.random.choices([*known, "invented"], k=len(known)))

    def _act(self, one: str, what: str) -> None:
        match what:
            case "comment" | "all at once":
                for other in [one] if what == "comment" else self.server.versions:
                    self.touch(other)
            case "reassign":
                self._event(one, "team", self.world.random.choice(("network", "desktop")))
                self.reassigned[one] = self.world.now
            case "resolve":
                self._event(one, CATEGORY, "done")
                self.resolved[one] = self.world.now
            case "clear":
                self._clear(one)
            case "reopen in history":
                self._mend(one, None)
                self.reopened[one] = self.world.now
                del self.resolved[one]
            case "backdate":
                earlier = self.resolved[one] - self.world.random.randrange(2 * HOUR)
                self.resolved[one] = Instant(max(T0 + 1, earlier))
                self._mend(one, self.resolved[one])

    def touch(self, one: str) -> None:
        """Somebody comments."""
        self._event(one, "comment", "public")

    def _event(self, one: str, field: str, new: str) -> None:
        self.server.change(one, lambda truth: truth.add_event(one, field, new, ADA))

    def _clear(self, one: str) -> None:
        """Another program empties a field of ours."""
        self.cleared[one] += 1
        ticket = self.server.ticket(one)
        emptied = {**ticket.written, "SLA status": None}

        def how(truth: MemoryConnector) -> None:
            truth.put(msgspec.structs.replace(ticket, written=emptied))
            truth.add_event(one, "labels", ("tidied",), BOT)

        self.server.change(one, how)

    def _mend(self, one: str, at: Instant | None) -> None:
        """The history says that it was resolved at another time, or never."""
        ticket = self.server.ticket(one)
        journal = Journal(_mended(event, at) for event in ticket.journal)
        told = msgspec.structs.replace(ticket, journal=journal, updated_at=self.world.now)
        self.server.change(one, lambda truth: truth.put(told))


def _mended(event: Event, at: Instant | None) -> Event:
    if event.field != CATEGORY:
        return event
    if at is None:
        return msgspec.structs.replace(event, field="labels", old=None, new=("mended",))
    return msgspec.structs.replace(event, at=at)


def is_ours(one: Ticket, field: str) -> bool:
    """Whether we were the last to set a field."""
    events = [event for event in one.journal if event.field == field]
    return bool(events) and events[-1].actor == OURSELVES
