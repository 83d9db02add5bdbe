"""A small desk for the service's tests: tickets, a promise, the memory connector, a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import msgspec

from connectors.memory import MemoryConnector
from service.delivery.channels import Channels
from service.passes.pass_terms import Terms
from service.passes.passes import run_pass
from service.setup.sources import Mode, Source
from service.state.store import Store, open_store
from sla_engine.calendars import Calendar
from sla_engine.conditions import ALWAYS, FieldTest
from sla_engine.model import Actor, Journal, Ref, Ticket
from sla_engine.plan import Limits
from sla_engine.terms import (
    Action,
    Choice,
    ClockTerms,
    Policies,
    Policy,
    PublishTerms,
    Step,
    Target,
)
from sla_engine.units import HOUR, Duration, Instant, Millis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.base import Connector
    from service.delivery.outcome import PassReport, SourceReport

T0 = Instant(1_790_000_000_000)
"""When the desk opens: Mon 21 Sep 2026, in UTC."""

ADA = Actor("ada", "Ada Lovelake", "staff")
CLEO = Actor("cleo", "Cleo Brine", "customer")

FIELDS = {"SLA status": "state", "SLA due": "due", "SLA summary": "summary", "SLA missed": "missed"}


FOUR_HOURS = Millis(4 * HOUR)


def policies(limit: Millis = FOUR_HOURS, version: str = "v1") -> Policies:
    """Resolve within four hours, round the clock; a comment at 75 % and at the breach."""
    round_the_clock = Calendar.from_mapping("24x7")
    resolution = ClockTerms(
        "resolution",
        Choice(default=Target(Duration(limit))),
        None,
        FieldTest("status_category", one_of=("done",)),
        calendar=Choice(default=round_the_clock),
    )
    steps = (
        Step("75%", 75, Millis(0), do=(Action("comment", ""),)),
        Step("breach", 100, Millis(0), do=(Action("comment", ""), Action("assign", "tier2"))),
    )
    promise = Policy("promise", ALWAYS, (resolution,), steps=steps)
    publish = {"memory": PublishTerms(FIELDS)}  # type: ignore[arg-type]  # the words are Published
    return Policies((promise,), publish=publish, version=version)


def breaking_for(priority: str) -> Policies:
    """The same promise, over which the engine stumbles at tickets of one priority."""
    sound = policies()
    promise = sound.policies[0]
    clock = promise.clocks[0]
    target = clock.targets.default
    rows = {priority: Choice(default=Target(Duration("four")))}  # type: ignore[arg-type]  # on purpose
    targets = Choice(("priority",), rows, target)
    clock = msgspec.structs.replace(clock, targets=targets)
    broken = msgspec.structs.replace(promise, clocks=(clock,))
    return msgspec.structs.replace(sound, policies=(broken,), version="broken")


def ticket(number: int, created_at: Instant = T0, connection: str = "desk") -> Ticket:
    """An open ticket without history."""
    return Ticket(
        Ref(connection, f"SUP-{number}", str(number)),
        "memory",
        f"https://desk.example/SUP-{number}",
        f"Printer {number} is on fire",
        created_at,
        CLEO,
        {"status": "Open", "status_category": "new", "priority": "P2"},
        Journal(),
        created_at,
    )


class Desk:
    """Connections over one store, passed over at instants of the test's choosing."""

    def __init__(self, store: Store, *connectors: Connector) -> None:
        self.store = store
        self.connectors = connectors
        self.now = T0
        self.policies = policies()
        self.mode: Mode = "write"
        self.scope = "all"
        self.limits = Limits(at_least=1000, comments=1000, escalations=1000)
        self.force = False
        self.channels = Channels()
        self.clock_fault = ""
        self.stop: Callable[[], bool] = lambda: False
        self.halted: Callable[[], str] = lambda: ""
        self.rung: Mapping[str, Set[str]] = {}

    def run(self, now: int | None = None) -> PassReport:
        """A pass at `now`, which is the desk's time from then on."""
        self.now = Instant(self.now if now is None else now)
        for connector in self.connectors:
            if isinstance(connector, MemoryConnector):
                connector.now = self.now
        sources = [
            Source(c.name, c.system, self.mode, self.scope, lambda c=c: c)  # type: ignore[misc]  # a default binds
            for c in self.connectors
        ]
        terms = Terms(
            self.policies,
            lambda: self.now,
            limits=self.limits,
            channels=self.channels,
            force=self.force,
            clock_fault=self.clock_fault,
            stop=self.stop,
            halted=self.halted,
            rung=lambda name: self.rung.get(name, frozenset()),
        )
        return run_pass(self.store, sources, terms, self.now)

    def run_one(self, now: int | None = None) -> SourceReport:
        """A pass over the one connection there is."""
        (report,) = self.run(now).sources
        return report


def in_a_file(folder: Path) -> str:
    """A file in the folder."""
    return str(folder / "state.db")


KEPT: ContextVar[Callable[[Path], str]] = ContextVar("KEPT", default=in_a_file)
"""Where the states of this test are kept; see the fixture `each_backend`."""


def state_at(folder: Path) -> str:
    """Where the state that belongs to a folder is."""
    return KEPT.get()(folder)


@contextmanager
def desk_over(path: Path, tickets: Iterable[Ticket] = ()) -> Iterator[tuple[Desk, MemoryConnector]]:
    """A desk with one memory connection, over a new store in a folder."""
    connector = MemoryConnector("desk", tickets)
    with open_store(state_at(path), writer=True) as store:
        yield Desk(store, connector), connector


def renamed(old: Ticket, connection: str) -> Ticket:
    """The same ticket in another connection."""
    ref = msgspec.structs.replace(old.ref, connection=connection)
    return msgspec.structs.replace(old, ref=ref)
