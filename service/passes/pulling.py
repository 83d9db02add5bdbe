"""The first half of a pass for one connection: read what is in doubt, pull, keep."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import TYPE_CHECKING

import msgspec

from connectors.base import Connector
from service.delivery import absences, deeds, holds
from service.delivery.deeds import Intent
from service.delivery.hearing import Hearing
from service.delivery.reconcile import reconcile
from service.passes.refreshing import News, Seen, look_around
from service.passes.rereading import put_aside
from service.record.zone_data import tzdata_version
from service.setup.sources import Source
from service.state import keeping, knowledge
from service.state.failpoints import reach
from service.state.keeping import Unfit
from service.state.lineage import stranger
from service.state.standing import Standing, arm, pulled, restored_at, stand, standing
from sla_engine.model import Ref
from sla_engine.units import Instant, Millis

if TYPE_CHECKING:
    from connectors.base import Batch
    from service.delivery.timekeeping import Clock
    from service.state.store import Store


class Pulled(msgspec.Struct, frozen=True):
    """What a pull brought: `changed` tickets, as far as it was told. `at` is when the pass began,
    by the system's clock if ours is far off; `fresh` are the ids read just now; `first` is the
    first pass that may write, in which every ticket is to be brought up to date. `missed` tickets
    no pull had told of; `absent` ones cannot be found, the history of `rewritten` ones is not what
    it was."""

    connector: Connector
    at: Instant
    requests: int
    changed: int
    fresh: Set[str]
    waiting: int
    unreadable: tuple[Unfit, ...]
    since: Instant | None
    armed_at: Instant
    first: bool
    missed: int
    absent: tuple[str, ...]
    rewritten: tuple[str, ...]


def pull(
    store: Store,
    source: Source,
    policies: str,
    now: Instant,
    *,
    clock: Clock,
    quiet: Millis,
    stop: Callable[[], bool],
    rung: Set[str] = frozenset(),
) -> Pulled:
    """Everything that changed in one system, kept. Whatever goes wrong is raised, and what was kept
    before it stays. The tickets that `rung` are read from their records too."""
    begun = begin(store, source, policies, now)
    before = begun.before
    reach("pull.after_begin")
    connector = source.connect()
    hearing = Hearing(connector, now, clock)
    requests = connector.requests()
    waiting = reconcile(store, connector, begun.doubts, clock, quiet, hearing)
    news = batches(store, source, connector, begun.cursor, hearing, stop)
    with store.read() as db:
        at = hearing.onward(db)
    seen = Seen() if stop() else look_around(store, connector, before, news, rung, at)
    with store.write() as db:
        at = hearing.onward(db)
        if not stop():
            pulled(db, source.name, at)
            if source.mode == "write":
                arm(db, source.name, at)
        absences.give_up(db, source.name, at)
        absent = absences.searched(db, source.name)
    reach("pull.after_complete")
    return Pulled(
        connector,
        at,
        connector.requests() - requests,
        len(news.fresh | seen.rung),
        news.fresh | seen.read.fresh,
        waiting,
        news.unreadable + seen.read.unreadable,
        before.pulled_at,
        before.armed_at or at,
        source.mode == "write" and before.armed_at is None,
        seen.missed,
        tuple(one.ref.key for one in absent),
        tuple(ref.key for ref in dict.fromkeys(news.rewritten + seen.read.rewritten)),
    )


def held_back(store: Store, source: Source, policies: str, *, force: bool) -> Source:
    """The same; in mode observe while the store is behind the tickets, and, without `force`, while
    what these policies want waits for a person's word."""
    with store.read() as db:
        behind = restored_at(db, source.name)
        hold = holds.find(db, source.name)
    held = hold is not None and (hold.state, hold.policies) == ("held", policies) and not force
    if source.mode == "observe" or (behind is None and not held):
        return source
    return msgspec.structs.replace(source, mode="observe", behind=behind)


class Begun(msgspec.Struct, frozen=True):
    """How a connection stood `before` this try, what is in doubt, and where its last pull ended."""

    before: Standing
    doubts: tuple[Intent, ...]
    cursor: str


def begin(store: Store, source: Source, policies: str, now: Instant) -> Begun:
    """Note the try, and what of it changes the reading of every ticket: the policies, the time zone
    data, the mode, the scope."""
    zones = tzdata_version()
    with store.write() as db:
        before = standing(db, source.name)
        keeping.begin_anew(db, source.name, source.scope, now)
        moved = before.tzdata not in ("", zones)
        if moved or (before.policies, before.mode) != (policies, source.mode):
            keeping.all_due(db, source.name)
        if before.armed_at and (moved or before.policies not in ("", policies)):
            holds.keep(db, holds.Hold(source.name, policies, "weighing", now))
        changed = {"system": source.system, "mode": source.mode, "policies": policies}
        changed |= {"tzdata": zones}
        stand(db, msgspec.structs.replace(before, **changed, tried_at=now))
        doubts = tuple(deeds.in_doubt(db, source.name))
        return Begun(before, doubts, keeping.cursor(db, source.name, source.scope))


def batches(
    store: Store,
    source: Source,
    connector: Connector,
    cursor: str,
    hearing: Hearing,
    stop: Callable[[], bool],
) -> News:
    """Keep what changed since the cursor, batch by batch."""
    fresh: set[str] = set()
    unreadable: list[Unfit] = []
    rewritten: list[Ref] = []
    lost = False
    for batch in connector.pull(cursor):
        reach("pull.after_page")
        lost = lost or batch.lost
        if batch.tickets or batch.unreadable or batch.cursor != cursor:
            unfit, contradicted = _kept(store, source, hearing, cursor, batch)
            cursor = batch.cursor
            fresh.update(ticket.ref.id for ticket in batch.tickets)
            unreadable += [*unfit, *batch.unreadable]
            rewritten += contradicted
        if stop():
            break
    reach("pull.after_pages")
    return News(fresh, tuple(unreadable), tuple(rewritten), lost)


def _kept(
    store: Store, source: Source, hearing: Hearing, cursor: str, batch: Batch
) -> tuple[tuple[Unfit, ...], list[Ref]]:
    """The tickets that cannot be kept, and those whose history was rewritten."""
    refs = [ticket.ref for ticket in batch.tickets]
    read = {ref.id for ref in refs}
    with store.write() as db:
        at = hearing.onward(db)
        strange = stranger(db, source.name, batch.tickets, at)
        if strange is None:
            unfit = keeping.keep(db, batch.tickets, at)
            put_aside(db, (*unfit, *(one for one in batch.unreadable if one[0].id not in read)), at)
            rewritten = knowledge.contradicted(db, refs, at)
            reach("pull.in_page")
            keeping.move_cursor(db, source.name, source.scope, cursor, batch.cursor)
    if strange is not None:
        raise strange
    reach("pull.after_commit")
    return unfit, rewritten
