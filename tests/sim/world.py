"""One schedule, from its seed alone: when passes run, when they are paused, killed or met by
another worker, what people do meanwhile, how each request ends. One thread, no real time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from random import Random

import msgspec

from connectors.memory import OURSELVES
from service import failpoints
from service.channels import Channel, Channels
from service.passes import Terms, run_pass
from service.schema import METADATA
from service.sources import Source
from service.store import Store
from sla_engine.model import Actor, Ticket
from sla_engine.plan import Limits
from sla_engine.terms import Action, Policies, Step
from sla_engine.units import HOUR, MINUTE, SECOND, Instant, Millis
from tests.service.desks import ADA, T0, policies, ticket
from tests.sim.server import Line, Server, reverted

BOT = Actor("bot", "A bot", "staff")
UNLIMITED = Limits(comments=10_000, escalations=10_000, at_least=10_000)


class Crash(BaseException):
    """The process is gone: nothing below may answer for it."""


def promise() -> Policies:
    """Four hours; a comment at 75 %; at the breach a comment, a new team and a message."""
    made = policies()
    (one,) = made.policies
    do = (Action("comment", ""), Action("assign", "tier2"), Action("notify", "duty"))
    steps = (one.steps[0], Step("breach", 100, Millis(0), do=do))
    return msgspec.structs.replace(made, policies=(msgspec.structs.replace(one, steps=steps),))


class World:
    """`trace` tells what happened, in order: two runs of one seed have the same."""

    def __init__(self, seed: int, store: Store, terms: Policies) -> None:
        self.random = Random(seed)  # no secret
        self.store, self.policies = store, terms
        self.now = T0
        self.trace: list[str] = []
        self.wild = True
        self.disturbed = 0
        self.told: list[str] = []
        self.passed: list[Instant] = []
        self.resolved: dict[str, Instant] = {}
        self.reassigned: dict[str, Instant] = {}
        count = self.random.choice((1, 1, 2, 3))
        self.server = Server(self, [ticket(number) for number in range(1, count + 1)])
        self.reverts: Counter[str] = Counter()
        self.depth = 0

    # What chance decides

    def within(self, most: int) -> int:
        return self.random.randrange(1, most) if self.wild else 1

    def pick(self, what: str, fates: Sequence[str]) -> str:
        fate = self.random.choice(fates) if self.wild else fates[0]
        if fate != fates[0]:
            self.note(what, fate)
        return fate

    def crash_perhaps(self) -> None:
        if self.wild and self.random.random() < 0.01:
            self.note("crash")
            self.disturbed += 1
            raise Crash

    def note(self, *words: str) -> None:
        self.trace.append(f"{self.now - T0} {' '.join(words)}")

    @property
    def digest(self) -> str:
        return sha256("\n".join(self.trace).encode()).hexdigest()

    # Time

    def advance(self, by: int) -> None:
        """Time passes; what the server delayed is carried out in its time."""
        until = Instant(self.now + by)
        while (at := self.server.next_before(until)) is not None:
            self.now = at
            self.server.catch_up()
        self.now = until

    def reached(self, _point: str) -> None:
        """At a fail-point: on it goes, or it is killed or paused, or another worker comes first."""
        if not self.wild:
            return
        chance = self.random.random()
        if chance < 0.02:
            self.note("killed", _point)
            self.disturbed += 1
            raise Crash
        if chance < 0.05:
            self.note("paused", _point)
            self.disturbed += 1
            self.advance(self.within(20 * MINUTE))
        if chance < 0.04 and self.depth == 0:
            self.depth += 1
            self.run_pass()
            self.depth -= 1

    # The service, its surroundings

    def run_pass(self) -> bool:
        """A pass by a worker of its own; whether it came to its end, with every connection read."""
        line = Line(self, self.server)
        source = Source("desk", "memory", "write", "all", lambda: line)
        channels = Channels({"duty": Channel(lambda: "json://duty")}, self.send)
        terms = Terms(self.policies, lambda: self.now, limits=UNLIMITED, channels=channels)
        began = self.now
        self.note("pass")
        try:
            report = run_pass(self.store, [source], terms, began)
        except Crash:
            return False
        if any(one.error for one in report.sources):
            return False
        self.passed.append(began)
        return True

    def send(self, _address: str, _title: str, text: str) -> bool:
        fate = self.pick("send", ("taken",) * 6 + ("refused",))
        self.crash_perhaps()
        if fate == "refused":
            return False
        self.told += text.splitlines()
        self.crash_perhaps()
        return True

    def happen(self) -> None:
        """Perhaps somebody does something."""
        one = self.random.choice(list(self.server.versions))
        what = self.random.choice(("nothing",) * 8 + ("comment", "reassign", "resolve", "revert"))
        if what == "nothing":
            return
        self.note(what, one)
        truth = self.server.truth
        truth.now = self.now
        match what:
            case "comment":
                truth.add_event(one, "comment", "public", ADA)
            case "reassign":
                truth.add_event(one, "team", self.random.choice(("network", "desktop")), ADA)
                self.reassigned[one] = self.now
            case "resolve" if one not in self.resolved:
                truth.add_event(one, "status_category", "done", ADA)
                self.resolved[one] = self.now
            case "revert":
                self.reverts[one] += 1
                truth.put(reverted(self.server.ticket(one), "SLA status"))
                truth.add_event(one, "labels", ("tidied",), BOT)
        self.server.change(one)

    def live(self) -> None:
        """The whole schedule: wild hours around the warning and the breach, then calm until nothing
        can be under way any more."""
        self.run_pass()
        for start, passes in ((3 * HOUR - 2 * MINUTE, 3), (4 * HOUR - 2 * MINUTE, 6)):
            self.advance(max(0, T0 + start + self.within(4 * MINUTE) - self.now))
            if start > 3 * HOUR and self.random.random() < 0.03:
                self.advance(self.random.randrange(20, 40) * HOUR)
            for _ in range(passes):
                self.happen()
                self.run_pass()
                self.happen()
                self.advance(self.random.choice((20 * SECOND, MINUTE, 4 * MINUTE, 12 * MINUTE)))
        self.wild = False
        for wait in (11 * MINUTE, 11 * MINUTE, MINUTE):
            self.advance(wait)
            self.run_pass()

    @contextmanager
    def watched(self) -> Iterator[None]:
        failpoints.watchers.append(self.reached)
        try:
            yield
        finally:
            failpoints.watchers.remove(self.reached)


def forget(store: Store) -> None:
    """An empty store, without the cost of a new one."""
    with store.write() as db:
        for table in METADATA.tables.values():
            db.execute(table.delete())


def live(seed: int, store: Store, terms: Policies) -> World:
    """A world that has been lived through."""
    forget(store)
    world = World(seed, store, terms)
    with world.watched():
        world.live()
    return world


def is_ours(one: Ticket, field: str) -> bool:
    """Whether we were the last to set a field."""
    events = [event for event in one.journal if event.field == field]
    return bool(events) and events[-1].actor == OURSELVES
