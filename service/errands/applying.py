"""A plan of a file carried out: every ticket held against what it was judged on, then written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from connectors.base import Outcome
from service.delivery import deeds, runs
from service.delivery.items import Item
from service.delivery.outcome import PassReport
from service.errands.errands import Errand, run_errands
from service.errands.plan_file import Plan, PlannedTicket, judged_on
from service.errands.staleness import Left, joined, look
from service.state.failpoints import reach
from service.state.keeping import AT_ONCE
from sla_engine.changes import Change, SetFields

if TYPE_CHECKING:
    from service.passes.pass_terms import Terms
    from service.setup.sources import Source
    from service.state.store import Store
    from sla_engine.model import Ref, Ticket
    from sla_engine.units import Instant


class Applied(msgspec.Struct, frozen=True):
    """What was written (or, of a look alone, would be), and what was left and why."""

    report: PassReport
    left: tuple[Left, ...]


def planned(item: Item, says: Sequence[str]) -> PlannedTicket:
    """An item as a plan keeps it."""
    fields = [name for c in item.changes if isinstance(c, SetFields) for name, _ in c.fields]
    return PlannedTicket(
        ref=item.ticket.ref,
        judged=judged_on(item.ticket),
        before={name: item.ticket.written.get(name) for name in fields},
        changes=item.changes,
        holds_until=item.next_at,
        says=tuple(says),
    )


def apply_plan(
    store: Store,
    sources: Sequence[Source],
    plan: Plan,
    terms: Terms,
    now: Instant,
    *,
    dry: bool,
) -> Applied:
    """Write what of a plan still holds; `dry` only looks. A plan applied again, as after a kill,
    goes on under the run that it began."""
    again, name = None, ""
    if not dry:
        with store.write() as db:
            again = runs.of_plan(db, plan.sha256)
            run = again or runs.begin(db, "apply", terms.clock(), plan.policies, plan.sha256)
        name = run.id
        reach("applying.after_begin")
    left: list[Left] = []
    errands = []
    for source in sources:
        wanted = {p.ref.id: p for p in plan.tickets if p.ref.connection == source.name}
        if wanted:
            refs = tuple(one.ref for one in wanted.values())
            desk = _Desk(store, source.name, wanted, plan.now, now, again, left)
            errands.append(Errand(source, refs, desk.decide))
    report = run_errands(store, errands, terms, name, now)
    return Applied(report, tuple(left))


class _Desk(msgspec.Struct, frozen=True):
    """What deciding on one connection's tickets needs. `left` collects; `again` is the run that was
    broken off before."""

    store: Store
    connection: str
    wanted: Mapping[str, PlannedTicket]
    made_at: Instant
    now: Instant
    again: runs.Run | None
    left: list[Left]

    def decide(self, refs: Sequence[Ref], found: Mapping[str, Ticket]) -> list[Item]:
        with self.store.read() as db:
            ended = deeds.settled(db, self.connection, [ref.id for ref in refs])
        items: list[Item] = []
        for ref in refs:
            planned, ticket = self.wanted[ref.id], found.get(ref.id)
            looked = look(planned, ticket, ended.get(ref.id, {}), self.made_at, self.now)
            self.left.extend(looked.left)
            if ticket and looked.going:
                items.append(Item(ticket, looked.going, AT_ONCE))
            if self.again:
                self._adopt(planned, [one.change for one in looked.left if one.fate == "done"])
        return items

    def _adopt(self, planned: PlannedTicket, done: Sequence[Change]) -> None:
        """What arrived before its outcome could be kept belongs to the run that sent it."""
        assert self.again is not None
        seen = Outcome("confirmed", "seen in the ticket when the plan was applied again")
        with self.store.write() as db:
            deeds.record(
                db,
                self.again.began_at,
                [
                    (change, seen)
                    for change in joined(done)
                    if not deeds.confirmed_since(db, change, self.made_at)
                ],
                before=planned.before,
                policies=self.again.policies,
                run=self.again.id,
            )
            reach("applying.in_adoption")
