"""Looking without touching: every ticket as kept, judged now, with what a pass would write."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import msgspec

from service.delivery.holds import Hold, find, weigh
from service.delivery.items import Item
from service.delivery.outcome import writes_of
from service.passes import impact
from service.passes.impact import Figures, Impact
from service.passes.looking import Lens
from service.passes.pulling import batches
from service.setup.sources import Source
from service.state import keeping
from service.state.failure import Failure
from service.state.standing import Standing, pulled, standing
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.state.store import Store
    from sla_engine.terms import Policies


class Survey(msgspec.Struct, frozen=True):
    """One connection: the tickets looked at, those that are open, those that would be written.
    `impact` where it was last judged by other policies; `hold` where a change of policies is not
    written yet."""

    tickets: int
    open: int
    items: tuple[Item, ...]
    failures: tuple[Failure, ...]
    pulled_at: Instant | None
    impact: Impact | None = None
    hold: Hold | None = None

    def held(self, now: Instant) -> Hold | None:
        """What a pass would have wait for a person's word, without a name where none weighed it
        yet."""
        if self.hold is None or self.hold.state == "held":
            return self.hold
        weighed = weigh(self.hold, writes_of(self.items), self.open, now)
        return weighed and msgspec.structs.replace(weighed, id="")


def refresh(store: Store, source: Source, now: Instant) -> None:
    """Keep what changed, as a pass does; judge nothing, arm nothing. ConnectorError where the
    system does not answer."""
    with store.write() as db:
        keeping.begin_anew(db, source.name, source.scope, now)
    batches(store, source, source.connect(), lambda: now, lambda: False)
    with store.write() as db:
        pulled(db, source.name, now)


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
    after = Figures()
    with store.read() as db:
        ids = keeping.ids(db, source.name)
        stands = standing(db, source.name)
        still_open = keeping.count(db, source.name)
        changed = stands.policies not in ("", policies.version)
        news = set(keeping.due(db, source.name, now)) if changed else set()
        lens = Lens(source.name, policies, now, stands.armed_at or now, channels)
        for start in range(0, len(ids), keeping.CHUNK):
            look = lens.look(db, ids[start : start + keeping.CHUNK])
            items += [item for item in look.items if item.changes]
            failures += look.failures.values()
            if changed:
                steady = [made for ref, made in look.verdicts.items() if ref.id not in news]
                after += impact.after(steady, now)
            progress(min(start + keeping.CHUNK, len(ids)), len(ids))
        made = None
        if changed:
            known = impact.before(db, source.name, now)
            made = Impact(stands.policies, known, after, len(news))
        hold = _hold(db, stands, source.name, policies.version, now, changed=changed)
    return Survey(len(ids), still_open, tuple(items), tuple(failures), stands.pulled_at, made, hold)


def _hold(
    db: Connection, stands: Standing, name: str, policies: str, now: Instant, *, changed: bool
) -> Hold | None:
    """What the next pass weighs, or has weighed."""
    if changed:
        return Hold(name, policies, "weighing", now) if stands.armed_at else None
    return find(db, name)
