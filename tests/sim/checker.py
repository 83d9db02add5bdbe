"""What must hold at the end of every schedule, by arithmetic of its own: nothing here asks the
engine what should have been done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from service.delivery import deeds
from service.delivery.brakes import WRITES_A_DAY
from service.delivery.skew import HOLD
from service.delivery.telling import LATE
from service.state import keeping
from service.state.standing import standing
from sla_engine.model import At
from sla_engine.units import DAY, HOUR, Instant
from tests.service.desks import T0
from tests.sim.line import INDEX_LAG
from tests.sim.people import is_ours
from tests.sim.world import World

WARNING, BREACH = Instant(T0 + 3 * HOUR), Instant(T0 + 4 * HOUR)
COMMENT = "promise.resolution#1:breach"
ASSIGN = f"{COMMENT}:assign:tier2"


def wrongs(world: World) -> list[str]:
    """Everything that is wrong, in words."""
    return [*_twice(world), *_lost(world), *_stuck(world), *_untrue(world)]


def _twice(world: World) -> Iterator[str]:
    """I2: no comment and no assignment stands there more than once, and no message was sent once
    more but for one that was cut off."""
    for (identity, key), times in sorted(world.server.visible.items()):
        if times > 1:
            yield f"twice: {key} of {identity}, {times} times"
    told = Counter(line.partition(":")[0] for line in world.told if line != LATE)
    for key, times in sorted(told.items()):
        if times > 1 and not world.cut_off:
            yield f"twice: the message of {key}, {times} times"


def _lost(world: World) -> Iterator[str]:
    """I1: what was reached, and is true still, was said, unless the system refused it, a person
    decided otherwise, we came a day too late or had not heard of anything before."""
    with world.store.read() as db:
        armed_at = standing(db, "desk").armed_at
    if armed_at is None or (world.ended and armed_at > world.ended[0] + HOLD):
        yield f"lost: writing began at {armed_at} only"
    if armed_at is None or armed_at > BREACH:
        return
    for identity in world.server.versions:
        if identity in world.people.resolved or world.now <= BREACH:
            continue
        since = max(BREACH, world.people.reopened.get(identity, BREACH))
        said = world.server.visible[identity, COMMENT]
        in_time = _heard(world, since) < BREACH + DAY
        if not said and (identity, COMMENT) not in world.server.refused and in_time:
            yield f"lost: the comment at the breach of {identity}"
        if not any(f"SUP-{identity}:" in line for line in world.told):
            yield f"lost: the message at the breach of {identity}"
        if (identity, ASSIGN) not in world.server.refused:
            yield from _assigned(world, identity)


def _heard(world: World, since: Instant) -> Instant:
    """When the first complete pass was over that no lag kept from hearing what was so by then."""
    passes = zip(world.passed, world.ended, strict=True)
    return min((end for began, end in passes if began > since + INDEX_LAG), default=world.now)


def _assigned(world: World, identity: str) -> Iterator[str]:
    done = world.server.visible[identity, ASSIGN]
    overruled = world.people.reassigned.get(identity, T0) > BREACH
    if not done and not overruled:
        yield f"lost: the assignment of {identity}"
    if done and not overruled and not is_ours(world.server.ticket(identity), "assignee"):
        yield f"lost: the assignment of {identity} is undone"


def _stuck(world: World) -> Iterator[str]:
    """Everything came to an end, and a new process has nothing left to find out."""
    with world.store.read() as db:
        if doubts := deeds.counts(db, "desk").get("sending"):
            yield f"stuck: {doubts} in doubt"
        for kept in keeping.load(db, "desk", list(world.server.versions))[0]:
            if kept != world.server.ticket(kept.ref.id):
                yield f"stuck: {kept.ref.key} is kept in an old version"


def _untrue(world: World) -> Iterator[str]:
    """The fields say what is true, whoever changed them meanwhile."""
    for identity in world.server.versions:
        written = world.server.ticket(identity).written
        ended = world.people.resolved.get(identity)
        late = (ended or world.now) > BREACH
        state = str(written.get("SLA status"))
        expected = {(False, True): "Breached", (True, True): "Missed", (True, False): "Met"}
        given_up = (
            world.people.cleared[identity] >= WRITES_A_DAY - 1
        )  # whoever clears it so often means it
        if not given_up and not state.startswith(expected.get((ended is not None, late), "")):
            yield f"untrue: {identity} says {state}"
        due = written.get("SLA due")
        if ended is None and due != At(BREACH):
            yield f"untrue: {identity} is due {due}"
