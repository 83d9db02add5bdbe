"""What a pass reads though no pull told of it: what failed before, what somebody rang for, what
differs when everything is counted, and its share of what is read again daily."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

import msgspec

from service.delivery import absences
from service.passes.census import count, is_due, probe
from service.passes.rereading import Reread, due, put_aside, reread, watched
from service.state import keeping, quarantine, standing
from service.state.failpoints import reach
from service.state.keeping import Unfit
from sla_engine.model import Ref
from sla_engine.units import Instant, Millis

if TYPE_CHECKING:
    from connectors.base import Connector
    from service.state.standing import Standing
    from service.state.store import Store


class News(msgspec.Struct, frozen=True):
    """The ids that a pull told of, the unreadable, and why, and those whose history was rewritten;
    `lost` as in Batch."""

    fresh: Set[str]
    unreadable: tuple[Unfit, ...] = ()
    rewritten: tuple[Ref, ...] = ()
    lost: bool = False


class Seen(msgspec.Struct, frozen=True):
    """What was read; the ids of those that rang, and how many tickets no pull had told of."""

    read: Reread = Reread()
    rung: Set[str] = frozenset()
    missed: int = 0


def look_around(
    store: Store,
    connector: Connector,
    before: Standing,
    news: News,
    rung: Set[str],
    now: Instant,
) -> Seen:
    """All of it. WentBackError and BlindError where the system cannot be believed."""
    told = {ref.id for ref, _ in news.unreadable}
    called = sorted(rung - news.fresh)
    with store.read() as db:
        failing = quarantine.to_read(db, connector.name, now)
        # Of those that rang only who is kept: the pull, which knows its scope, finds the new.
        known = keeping.refs(db, connector.name, called) if called else []
    failing = [(ref, why) for ref, why in failing if ref.id not in told]
    read = Reread(unreadable=_failing(store, connector, failing, now))
    heard = reread(store, connector, known, now)
    missed = 0
    if connector.census(now) is not None:  # else a pull misses nothing
        counted, missed = _counted(store, connector, before, news, now)
        read += counted + _share(store, connector, before, now)
    return Seen(read + heard, heard.fresh, missed)


def _failing(
    store: Store, connector: Connector, wanted: Sequence[Unfit], now: Instant
) -> tuple[Unfit, ...]:
    """Read once more what could not be read before; those that still cannot be read. Who is gone
    fails no more: if we keep it, it is looked for like others."""
    if not wanted:
        return ()
    found = connector.fetch([ref for ref, _ in wanted])
    reach("pull.after_reread")
    read = {name for one in found for name in (one.ref.id, one.ref.key)}
    left = [ref for ref, _ in wanted if not {ref.id, ref.key} & read]
    fates = connector.fates(left) if left else {}
    there = {ref for ref in left if ref.id in fates and fates[ref.id].kind == "there"}
    with store.write() as db:
        bad = (*keeping.keep(db, found, now), *(one for one in wanted if one[0] in there))
        put_aside(db, bad, now)
        for ref in set(left) - there:
            quarantine.cure(db, [ref])
            absences.doubt(db, ref)
    return bad


def _counted(
    store: Store, connector: Connector, before: Standing, news: News, now: Instant
) -> tuple[Reread, int]:
    """Where it is time, or a pull met nothing of what it must meet again. The first pull reads
    everything there is, and so counts it too."""
    if before.pulled_at is None:
        with store.write() as db:
            standing.counted(db, connector.name, now, watched(db, connector.name))
        return Reread(), 0
    read = probe(store, connector, now) if news.lost else Reread()
    found = count(store, connector, now) if news.lost or is_due(before, now) else None
    return (read + found.read, found.missed) if found else (read, 0)


def _share(store: Store, connector: Connector, before: Standing, now: Instant) -> Reread:
    with store.read() as db:
        refs = due(db, connector.name, now, Millis(now - (before.pulled_at or now)))
    return reread(store, connector, refs, now)
