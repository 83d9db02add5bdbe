"""Looking without touching: every ticket as kept, judged now, with what a pass would write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import msgspec

from service.delivery.hearing import Hearing
from service.delivery.holds import Hold, find, weigh
from service.delivery.items import Item
from service.delivery.outcome import writes_of
from service.delivery.shares import Tally, tally
from service.passes import impact
from service.passes.impact import Impact
from service.passes.looking import Lens
from service.passes.pulling import batches
from service.setup.sources import Source
from service.state import keeping
from service.state.failure import Failure
from service.state.standing import pulled, standing
from sla_engine.units import Instant

if TYPE_CHECKING:
    from service.state.store import Store
    from sla_engine.terms import Policies


class Survey(msgspec.Struct, frozen=True):
    """One connection: the tickets looked at, those that are open, those that would be written.
    `impact` and `hold` where a change of policies is not written yet."""

    tickets: int
    open: int
    items: tuple[Item, ...]
    failures: tuple[Failure, ...]
    pulled_at: Instant | None
    impact: Impact | None = None
    hold: Hold | None = None
    divided: Tally = msgspec.field(default_factory=Counter)

    def held(self, now: Instant) -> Hold | None:
        """What a pass would have wait for a person's word, without a name where none weighed it
        yet."""
        if self.hold is None or self.hold.state == "held":
            return self.hold
        weighed = weigh(self.hold, writes_of(self.items), self.open, now, self.divided)
        return weighed and msgspec.structs.replace(weighed, id="")


def refresh(store: Store, source: Source, now: Instant) -> None:
    """Keep what changed, as a pass does; judge nothing, arm nothing. ConnectorError where the
    system does not answer."""
    with store.write() as db:
        keeping.begin_anew(db, source.name, source.scope, now)
        cursor = keeping.cursor(db, source.name, source.scope)
    connector = source.connect()
    hearing = Hearing(connector, now, lambda: now)
    batches(store, source, connector, cursor, hearing, lambda: False)
    with store.write() as db:
        pulled(db, source.name, hearing.onward(db))


def survey(
    store: Store,
    source: Source,
    policies: Policies,
    now: Instant,
    *,
    channels: Collection[str] = (),
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Survey:
    """Judge every ticket kept of one connection, changing nothing anywhere."""
    items: list[Item] = []
    failures: list[Failure] = []
    divided: Tally = Counter()
    with store.read() as db:
        ids = keeping.ids(db, source.name)
        stands = standing(db, source.name)
        still_open = keeping.count(db, source.name)
        hold = find(db, source.name)
        figures = impact.comparing(db, stands, policies, now, held=hold is not None)
        lens = Lens(source.name, policies, now, stands.armed_at or now, channels)
        for start in range(0, len(ids), keeping.CHUNK):
            look = lens.look(db, ids[start : start + keeping.CHUNK])
            changed = [item for item in look.items if item.changes]
            items += changed
            divided += tally(changed, look.verdicts)
            failures += look.failures.values()
            if figures is not None:
                tickets = (item.ticket for item in look.items)
                figures.add(tickets, look.verdicts)
            progress(min(start + keeping.CHUNK, len(ids)), len(ids))
    if stands.policies not in ("", policies.version):
        hold = Hold(source.name, policies.version, "weighing", now) if stands.armed_at else None
    made = figures.impact if figures is not None else None
    return Survey(
        len(ids), still_open, tuple(items), tuple(failures), stands.pulled_at, made, hold, divided
    )
