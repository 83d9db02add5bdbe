"""The second half of a pass: what changed or fell due is evaluated, and the writing planned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from service import deeds, keeping, verdicts
from service.apply import Item
from service.outcome import Failure
from sla_engine.changes import SetFields
from sla_engine.evaluate import evaluate, next_change
from sla_engine.plan import plan

if TYPE_CHECKING:
    from service.pulling import Pulled, Source
    from service.store import Store
    from sla_engine.model import Ref, Ticket, Verdict
    from sla_engine.terms import Policies
    from sla_engine.units import Instant


class Judged(msgspec.Struct, frozen=True):
    """The tickets looked at, their clock cycles, those of a new state, and what to write."""

    tickets: int = 0
    clocks: int = 0
    moved: int = 0
    items: tuple[Item, ...] = ()
    failures: tuple[Failure, ...] = ()


def judge(
    store: Store,
    source: Source,
    pulled: Pulled,
    policies: Policies,
    now: Instant,
    *,
    channels: Collection[str],
    stop: Callable[[], bool],
    progress: Callable[[int, int], None],
) -> Judged:
    """Evaluate everything due in one connection and keep its verdicts. A ticket that is as it
    shall be is settled here, one with changes when they are applied."""
    with store.read() as db:
        wanted = keeping.due(db, source.name, now)
    bench = _Bench(store, source, pulled.armed_at, channels, policies, now)
    total = Judged()
    for start in range(0, len(wanted), keeping.CHUNK):
        total = _joined(total, bench.judge(wanted[start : start + keeping.CHUNK]))
        progress(min(start + keeping.CHUNK, len(wanted)), len(wanted))
        if stop():
            break
    return msgspec.structs.replace(total, items=_reread(bench, pulled, total.items))


def _joined(one: Judged, other: Judged) -> Judged:
    return Judged(
        *(a + b for a, b in zip(*map(msgspec.structs.astuple, (one, other)), strict=True))
    )


class _Bench(msgspec.Struct, frozen=True):
    store: Store
    source: Source
    since: Instant
    channels: Collection[str]
    policies: Policies
    now: Instant

    def judge(self, ids: Sequence[str]) -> Judged:
        with self.store.read() as db:
            tickets, unfit = keeping.load(db, self.source.name, ids)
            done = deeds.settled(db, self.source.name, ids)
        found: dict[Ref, tuple[Verdict, ...]] = {}
        items: list[Item] = []
        failures = {ref: Failure(ref.key, why) for ref, why in unfit}
        for ticket in tickets:
            try:
                found[ticket.ref], item = self._one(ticket, done.get(ticket.ref.id, ()))
                items.append(item)
            except Exception as error:
                what = f"{type(error).__name__}: {error}"
                failures[ticket.ref] = Failure(ticket.ref.key, what)
        changed = tuple(item for item in items if item.changes)
        clocks, moved = self._keep(found, items, failures)
        return Judged(len(ids), clocks, moved, changed, tuple(failures.values()))

    def _one(self, ticket: Ticket, done: Collection[str]) -> tuple[tuple[Verdict, ...], Item]:
        judged = evaluate(self.policies, ticket, self.now)
        changes = plan(
            self.policies,
            ticket,
            judged,
            self.now,
            done=done,
            since=self.since,
            channels=self.channels,
        )
        return judged, Item(ticket, changes, next_change(judged))

    def _keep(
        self,
        found: Mapping[Ref, tuple[Verdict, ...]],
        items: Sequence[Item],
        failures: Mapping[Ref, Failure],
    ) -> tuple[int, int]:
        observed = self.source.mode == "observe"
        with self.store.write() as db:
            counts = verdicts.replace(db, self.source.name, found)
            settled = [i for i in items if observed or not i.changes]
            keeping.settle(db, ((item.ticket.ref, item.next_at) for item in settled))
            for ref in failures:
                keeping.fail(db, ref, self.now, None)
        return counts


def _reread(bench: _Bench, pulled: Pulled, items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, those with deeds planned anew on the ticket as it is now, unless it was read in
    this pass. Where that fails, they stay due and are left out."""
    old = [i for i in items if i.ticket.ref.id not in pulled.fresh and _has_deeds(i)]
    if not old or bench.source.mode == "observe":
        return tuple(items)
    skipped = {item.ticket.ref.id for item in old}
    kept = tuple(item for item in items if item.ticket.ref.id not in skipped)
    try:
        tickets = pulled.connector.fetch([item.ticket.ref for item in old])
    except Exception:  # the next pull tells what ails it
        return kept
    with bench.store.write() as db:
        keeping.keep(db, tickets)
    return kept + bench.judge([ticket.ref.id for ticket in tickets]).items


def _has_deeds(item: Item) -> bool:
    return any(not isinstance(change, SetFields) for change in item.changes)
