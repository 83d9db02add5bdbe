"""The second half of a pass: what changed or fell due is evaluated, and the writing planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import msgspec

from service.delivery import deeds
from service.delivery.items import Item, deeds_of
from service.delivery.outcome import Writes, writes_of
from service.delivery.shares import Tally, tally
from service.passes.looking import Lens, Look, failure_of
from service.passes.rereading import BlindError, WentBackError, reread
from service.record import evidence, restatements, verdicts
from service.record.basis import note
from service.state import keeping, quarantine
from service.state.failpoints import reach
from service.state.failure import Failure
from service.state.store_errors import StoreError
from sla_engine.model import Ref

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.passes.pulling import Pulled
    from service.setup.sources import Source
    from service.state.store import Store
    from sla_engine.terms import Policies


TOO_LATE = "its step was reached more than 24 hours before it could be said"


class Judged(msgspec.Struct, frozen=True):
    """The tickets looked at, their clock cycles, those of a new state, finished ones restated or
    standing though they would come out otherwise today, and what to write. Where nothing of that is
    to be written in this pass, it is counted, and no item is kept."""

    tickets: int = 0
    clocks: int = 0
    moved: int = 0
    restated: int = 0
    standing: int = 0
    planned: Writes = Writes()
    items: tuple[Item, ...] = ()
    failures: tuple[Failure, ...] = ()
    refused: str = ""
    divided: Tally = msgspec.field(default_factory=Counter)


def judge(
    store: Store,
    source: Source,
    pulled: Pulled,
    policies: Policies,
    *,
    doubted: bool,
    channels: Collection[str],
    stop: Callable[[], bool],
    progress: Callable[[int, int], None],
    most: int | None,
    refuses: Callable[[Judged], str],
) -> Judged:
    """Evaluate everything due in one connection and keep its verdicts. A ticket that is as it
    shall be is settled here, one with changes when they are applied. Unless there are changes to
    more than `most` tickets, or `refuses` has a reason against writing this much, tickets with
    deeds are read once more. By a clock that is `doubted` nothing is settled, nor too late."""
    with store.read() as db:
        wanted = keeping.due(db, source.name, pulled.at)
    lens = Lens(source.name, policies, pulled.at, pulled.armed_at, channels)
    bench = _Bench(store, source, lens, doubted)
    total = Judged()
    for start in range(0, len(wanted), keeping.CHUNK):
        total = _joined(total, bench.judge(wanted[start : start + keeping.CHUNK]))
        if source.mode == "observe" or (most is not None and total.planned.tickets > most):
            total = msgspec.structs.replace(total, items=())
        progress(min(start + keeping.CHUNK, len(wanted)), len(wanted))
        if stop():
            break
    if source.mode == "observe":
        return total
    if refused := refuses(total):
        return msgspec.structs.replace(total, refused=refused, items=())
    items = _reread(bench, pulled, total.items)
    return msgspec.structs.replace(total, planned=writes_of(items), items=items)


def _joined(one: Judged, other: Judged) -> Judged:
    return Judged(
        *(a + b for a, b in zip(*map(msgspec.structs.astuple, (one, other)), strict=True))
    )


class _Bench(msgspec.Struct, frozen=True):
    store: Store
    source: Source
    lens: Lens
    doubted: bool

    def judge(self, ids: Sequence[str]) -> Judged:
        """These; one whose verdicts cannot be kept is found by halves, and the others are."""
        try:
            return self._judge(ids)
        except StoreError:
            raise
        except Exception as error:  # whatever it is, it is one ticket's
            if len(ids) > 1:
                half = len(ids) // 2
                return _joined(self.judge(ids[:half]), self.judge(ids[half:]))
            return self._given_up(ids[0], error)

    def _given_up(self, identity: str, error: Exception) -> Judged:
        with self.store.write() as db:
            ref = Ref(self.source.name, keeping.key_of(db, self.source.name, identity), identity)
            failure = failure_of(ref, error)
            keeping.wake(db, [(ref, None)])
            quarantine.fail(db, ref, failure, self.lens.now)
        return Judged(1, failures=(failure,))

    def _judge(self, ids: Sequence[str]) -> Judged:
        observed = self.source.mode == "observe"
        reach("judge.before_look")
        with self.store.write() as db:  # what another worker hears meanwhile is not settled away
            look = self.lens.look(db, ids)
            reach("judge.in_look")
            clocks, moved = self._keep(db, look)
            reach("judge.in_verdicts")
            if not observed and not self.doubted:
                late = [change for item in look.items for change in item.lapsed]
                deeds.expire(db, late, self.lens.now, TOO_LATE)
            settled = [item for item in look.items if observed or not item.changes]
            if self.doubted:
                settled = []
            keeping.settle(db, ((item.ticket.ref, item.next_at) for item in settled))
            keeping.wake(db, [(ref, None) for ref in look.failures])
            for ref, failure in look.failures.items():
                quarantine.fail(db, ref, failure, self.lens.now)
        reach("judge.after_commit")
        changed = tuple(item for item in look.items if item.changes)
        restated = sum(len(one.restated) for one in look.settled.values())
        standing = sum(one.standing for one in look.settled.values())
        failures = tuple(look.failures.values())
        found = (clocks, moved, restated, standing, writes_of(changed))
        divided = tally(changed, look.verdicts)
        return Judged(len(ids), *found, changed, failures, divided=divided)

    def _keep(self, db: Connection, look: Look) -> tuple[int, int]:
        """Their verdicts instead of the last ones, and on record what was restated."""
        restated = [one for holds in look.settled.values() for one in holds.restated]
        restatements.record(db, restated)
        evidence.note_restated(db, restated)
        seal = verdicts.Seal(
            self.lens.now,
            note(db, self.lens.policies, self.lens.now),
            {item.ticket.ref: item.ticket for item in look.items},
            {(ref, cycle): by for ref, h in look.settled.items() for cycle, by in h.rules.items()},
        )
        judged = {ref: holds.verdicts for ref, holds in look.settled.items()}
        return verdicts.replace(db, self.source.name, judged, seal)


def _reread(bench: _Bench, pulled: Pulled, items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, those with deeds planned anew on the ticket as it is now, unless it was read in
    this pass. Where that fails, they stay due and are left out; who is gone has none any more."""
    old = [i for i in items if i.ticket.ref.id not in pulled.fresh and deeds_of(i).changes]
    if not old:
        return tuple(items)
    refs = [item.ticket.ref for item in old]
    kept = tuple(item for item in items if item.ticket.ref not in refs)
    try:
        reread(bench.store, pulled.connector, refs, bench.lens.now)
    except (WentBackError, BlindError):  # nothing that was planned holds
        return ()
    except Exception:  # the next pull tells what ails it
        return kept
    reach("judge.after_reread")
    return kept + bench.judge([ref.id for ref in refs]).items
