"""The first half of a pass for one connection: read what is in doubt, pull, keep."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Set
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from connectors.base import Connector
from service import holds, keeping, quarantine
from service.bugs import as_error
from service.failpoints import reach
from service.failure import Failure
from service.keeping import Unfit
from service.reconcile import reconcile
from service.skew import told_by
from service.sources import Source
from service.standing import Standing, arm, failed, pulled, stand, standing
from service.store_errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.apply import Clock
    from service.store import Store
    from sla_engine.units import Instant, Millis


class Pulled(msgspec.Struct, frozen=True):
    """What a pull brought. `at` is when the pass began, by the system's clock if ours is far off;
    `fresh` are the ids read just now; `first` is the first pass that may
    write, in which every ticket is to be brought up to date."""

    connector: Connector
    at: Instant
    requests: int
    fresh: Set[str]
    waiting: int
    unreadable: tuple[Unfit, ...]
    since: Instant | None
    armed_at: Instant
    first: bool


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
    """Everything that changed in one system, kept; ConnectorError where that fails, with what was
    kept before it left as it is. The tickets that `rung` are read from their records too."""
    before = begin(store, source, policies, now)
    reach("pull.after_begin")
    try:
        connector = source.connect()

        @cache  # as soon as the system answered, and then the same for all of the pass
        def heard() -> Instant:
            return told_by(connector, now, clock())

        requests = connector.requests()
        waiting = reconcile(store, connector, clock, quiet, heard)
        fresh, unreadable = batches(store, source, connector, heard, stop)
        at = heard()
        unreadable += again(store, connector, {ref.id for ref, _ in unreadable}, at)
        more, unfit = read_rung(store, connector, rung - fresh, at)
    except StoreError:
        raise
    except Exception as anything:  # one connection never stops the others
        error = as_error(anything)
        with store.write() as db:
            failed(db, source.name, error)
        raise error from anything
    if not stop():
        with store.write() as db:
            pulled(db, source.name, at)
            if source.mode == "write":
                arm(db, source.name, at)
        reach("pull.after_complete")
    return Pulled(
        connector,
        at,
        connector.requests() - requests,
        fresh | more,
        waiting,
        unreadable + unfit,
        before.pulled_at,
        before.armed_at or at,
        source.mode == "write" and before.armed_at is None,
    )


def held_back(store: Store, source: Source, policies: str, *, force: bool) -> Source:
    """The same; in mode observe while the store is behind the tickets, and, without `force`, while
    what these policies want waits for a person's word."""
    with store.read() as db:
        behind = standing(db, source.name).restored_at
        hold = holds.find(db, source.name)
    held = hold is not None and (hold.state, hold.policies) == ("held", policies) and not force
    if source.mode == "observe" or (behind is None and not held):
        return source
    return msgspec.structs.replace(source, mode="observe", behind=behind)


def begin(store: Store, source: Source, policies: str, now: Instant) -> Standing:
    """Note the try, and what of it changes the reading of every ticket: the policies, the mode,
    the scope. How it stood before is the answer."""
    with store.write() as db:
        before = standing(db, source.name)
        keeping.begin_anew(db, source.name, source.scope, now)
        if (before.policies, before.mode) != (policies, source.mode):
            keeping.all_due(db, source.name)
        if before.armed_at and before.policies not in ("", policies):
            holds.keep(db, holds.Hold(source.name, policies, "weighing", now))
        changed = {"system": source.system, "mode": source.mode, "policies": policies}
        stand(db, msgspec.structs.replace(before, **changed, tried_at=now))
    return before


def batches(
    store: Store,
    source: Source,
    connector: Connector,
    heard: Callable[[], Instant],
    stop: Callable[[], bool],
) -> tuple[Set[str], tuple[Unfit, ...]]:
    """Keep what changed, batch by batch, as `heard` at an instant; the ids read, and which are
    unreadable, and why."""
    fresh: set[str] = set()
    unreadable: list[Unfit] = []
    with store.read() as db:
        cursor = keeping.cursor(db, source.name, source.scope)
    for batch in connector.pull(cursor):
        reach("pull.after_page")
        with store.write() as db:
            unfit = keeping.keep(db, batch.tickets, heard())
            read = {ticket.ref.id for ticket in batch.tickets}
            bad = (*unfit, *(one for one in batch.unreadable if one[0].id not in read))
            put_aside(db, bad, heard())
            reach("pull.in_page")
            keeping.keep_cursor(db, source.name, source.scope, batch.cursor)
        reach("pull.after_commit")
        fresh.update(ticket.ref.id for ticket in batch.tickets)
        unreadable += [*unfit, *batch.unreadable]
        if stop():
            break
    reach("pull.after_pages")
    return fresh, tuple(unreadable)


def again(
    store: Store, connector: Connector, told: Collection[str], now: Instant
) -> tuple[Unfit, ...]:
    """Read once more what could not be read before, but for what was `told` just now; those that
    still cannot be read."""
    with store.read() as db:
        wanted = quarantine.to_read(db, connector.name, now)
    wanted = [(ref, why) for ref, why in wanted if ref.id not in told]
    if not wanted:
        return ()
    found = connector.fetch([ref for ref, _ in wanted])
    reach("pull.after_reread")
    read = {name for one in found for name in (one.ref.id, one.ref.key)}
    still = [(ref, why) for ref, why in wanted if not {ref.id, ref.key} & read]
    with store.write() as db:
        bad = (*keeping.keep(db, found, now), *still)
        put_aside(db, bad, now)
    return bad


def read_rung(
    store: Store, connector: Connector, rung: Set[str], now: Instant
) -> tuple[Set[str], tuple[Unfit, ...]]:
    """Keep these tickets as their records say; the ids read and what could not be kept. Asked for
    are only those that we keep already: a new one is found by the pull, which knows its scope."""
    with store.read() as db:
        refs = keeping.refs(db, connector.name, sorted(rung)) if rung else []
    if not refs:
        return frozenset(), ()
    found = connector.fetch(refs)
    with store.write() as db:
        bad = keeping.keep(db, found, now)
        put_aside(db, bad, now)
    return frozenset(ticket.ref.id for ticket in found), bad


def put_aside(db: Connection, unreadable: Iterable[Unfit], now: Instant) -> None:
    """They fail, until they are read."""
    for ref, why in unreadable:
        quarantine.fail(db, ref, Failure(ref.key, why, stage="read"), now)
