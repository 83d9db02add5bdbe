"""One schedule, from its seed alone: when passes run, when they are paused, killed or met by
another worker, what people do meanwhile, how each request ends. One thread, no real time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random

import msgspec

from service.delivery.channels import Channel, Channels
from service.passes.pass_terms import Terms
from service.passes.passes import run_pass
from service.setup.sources import Source
from service.state import failpoints
from service.state.schema import METADATA
from service.state.store import Store
from sla_engine.plan import Limits
from sla_engine.terms import Action, Policies, Step
from sla_engine.units import DAY, HOUR, MINUTE, SECOND, Instant, Millis
from tests.service.desks import FIELDS, T0, policies, ticket
from tests.sim.fates import AWAY, SENDS, WELL
from tests.sim.line import GRAIN, Line
from tests.sim.people import People
from tests.sim.server import Server

UNLIMITED = Limits(comments=10_000, escalations=10_000, at_least=10_000)
STAYS_AWAY = dict(
    zip(AWAY, ((2 * HOUR, 40 * HOUR), (2 * DAY, 5 * DAY), (60 * DAY, 120 * DAY)), strict=True)
)
HOURS = ((3 * HOUR, (0, 1, 2)), (4 * HOUR, (1, 2, 3, 5)))
"""The wild hours: around the warning and around the breach, with one of these numbers of passes."""


class Crash(BaseException):
    """The process is gone: nothing below may answer for it."""


def promise() -> Policies:
    """Four hours; a comment at 75 %; at the breach a comment, a new team and a message."""
    made = policies()
    (one,) = made.policies
    do = (Action("comment", ""), Action("assign", "tier2"), Action("notify", "duty"))
    steps = (one.steps[0], Step("breach", 100, Millis(0), do=do))
    told = made.publish["memory"]
    assert dict(told.fields) == FIELDS
    return msgspec.structs.replace(
        made,
        policies=(msgspec.structs.replace(one, steps=steps),),
        publish=dict.fromkeys(GRAIN, told),
    )


class World:
    """`trace` tells what happened, in order: two runs of one seed have the same. `met` counts the
    faults, `off` is how wrong our clock is, `passed` and `ended` when the complete passes began and
    ended, `cut_off` how often a message was disturbed between its intent and its outcome."""

    def __init__(self, seed: int, store: Store, terms: Policies) -> None:
        self.random = Random(seed)  # no secret
        self.store, self.policies = store, terms
        self.now = T0
        self.off = 0
        self.trace: list[str] = []
        self.met: Counter[str] = Counter()
        self.wild = True
        self.telling: set[int] = set()
        self.cut_off = 0
        self.passes = 0
        self.told: list[str] = []
        self.passed: list[Instant] = []
        self.ended: list[Instant] = []
        self.system = self.random.choice(list(GRAIN))
        tickets = [ticket(number) for number in range(1, self.random.choice((1, 1, 2, 3)) + 1)]
        self.server = Server(
            self, [msgspec.structs.replace(one, system=self.system) for one in tickets]
        )
        self.people = People(self)
        self.depth = 0

    # What chance decides

    def within(self, most: int) -> int:
        return self.random.randrange(1, most) if self.wild else 1

    def pick(self, what: str, fates: Sequence[str]) -> str:
        fate = self.random.choice(fates) if self.wild else WELL
        if fate != WELL:
            self.befall(f"{what} {fate}")
        return fate

    def crash_perhaps(self) -> None:
        if self.wild and self.random.random() < 0.01:
            self._crash("crash")

    def _crash(self, how: str) -> None:
        self.befall(how)
        self._disturb()
        self.telling.discard(self.depth)
        raise Crash

    def _disturb(self) -> None:
        self.cut_off += self.depth in self.telling

    def befall(self, fault: str, *whom: str) -> None:
        self.met[fault] += 1
        self.note(fault, *whom)

    def note(self, *words: str) -> None:
        self.trace.append(f"{self.now - T0} {' '.join(words)}")

    # Time

    def clock(self) -> Instant:
        """What our machine takes the time to be."""
        return Instant(self.now + self.off)

    def advance(self, by: int) -> None:
        """Time passes; what the server delayed is carried out in its time."""
        until = Instant(self.now + by)
        while (at := self.server.next_before(until)) is not None:
            self.now = at
            self.server.catch_up()
        self.now = until

    def reached(self, point: str) -> None:
        """At a fail-point: on it goes, or it is killed or paused, another worker comes first, or
        somebody does something to a ticket."""
        self._watch_telling(point)
        if not self.wild:
            return
        chance = self.random.random()
        if chance < 0.02:
            self._crash(f"killed at {point}")
        if ".in_" in point:
            return  # a transaction is open: nobody else gets at the store
        if chance < 0.035:
            self.befall("paused", point)
            self._disturb()
            self.advance(self.within(20 * MINUTE))
        elif chance < 0.05:
            self.befall("meanwhile", point)
            self.people.perhaps_act()
        if chance < 0.035 and self.depth == 0:
            self.befall("another worker")
            self.depth += 1
            self.run_pass()
            self.depth -= 1

    def _watch_telling(self, point: str) -> None:
        """Between these two a message that is disturbed may be sent once more."""
        if point == "tell.after_intent":
            self.telling.add(self.depth)
        elif point == "tell.after_outcome":
            self.telling.discard(self.depth)

    # The service

    def run_pass(self) -> None:
        """A pass by a worker of its own."""
        line = Line(self, self.server, self.system)
        source = Source("desk", self.system, "write", "all", lambda: line)
        channels = Channels({"duty": Channel(lambda: "json://duty")}, self._send)
        rung = self.people.ring()
        terms = Terms(
            self.policies, self.clock, limits=UNLIMITED, channels=channels, rung=lambda _: rung
        )
        began = self.now
        self.note("pass")
        self.passes += 1
        try:
            report = run_pass(self.store, [source], terms, self.clock())
        except Crash:
            return
        if not any(one.error or one.clock_fault for one in report.sources):
            self.passed.append(began)
            self.ended.append(self.now)

    def _send(self, _address: str, _title: str, text: str) -> bool:
        fate = self.pick("send", SENDS)
        self.crash_perhaps()
        if fate == "refused":
            return False
        self.told += text.splitlines()
        self.crash_perhaps()
        return True

    # The schedule

    def live(self) -> None:
        """Wild hours around the warning and the breach, then calm until nothing can be under way
        any more."""
        self.run_pass()
        for start, passes in HOURS:
            self.advance(max(0, T0 + start + self.within(4 * MINUTE) - self.now))
            if start > 3 * HOUR and self.random.random() < 0.06:
                self._stay_away()
            for _ in range(self.random.choice(passes)):
                self.people.perhaps_act()
                self._set_clock()
                self.run_pass()
                self.people.perhaps_act()
                self.advance(self.random.choice((20 * SECOND, MINUTE, 4 * MINUTE, 12 * MINUTE)))
        self.wild, self.off = False, 0
        for wait in (11 * MINUTE, 11 * MINUTE, MINUTE):
            self.advance(wait)
            self.run_pass()

    def _stay_away(self) -> None:
        how = self.random.choice(AWAY)
        self.befall(how)
        self.advance(self.random.randrange(*STAYS_AWAY[how]))

    def _set_clock(self) -> None:
        """Perhaps our clock is set wrong, or right again."""
        chance = self.random.random()
        if chance < 0.02:
            self.befall("clock a little off")
            self.off = self.random.randrange(-4 * MINUTE, 4 * MINUTE)
        elif chance < 0.04:
            self.befall("clock far off")
            self.off = self.random.choice((-1, 1)) * self.random.randrange(6 * MINUTE, 400 * DAY)
        elif chance < 0.4:
            self.off = 0

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
