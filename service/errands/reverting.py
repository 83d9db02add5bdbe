"""A run undone: the fields it set say again what they said before, unless somebody changed them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from service.delivery import runs
from service.delivery.items import Item
from service.errands.applying import Applied
from service.errands.errands import Errand, run_errands
from service.errands.staleness import Left
from service.state.failpoints import reach
from service.state.keeping import AT_ONCE
from sla_engine.changes import Change, SetFields, Why
from sla_engine.plan import same

if TYPE_CHECKING:
    from service.passes.pass_terms import Terms
    from service.setup.sources import Source
    from service.state.store import Store
    from sla_engine.model import FieldValue, Ref, Ticket
    from sla_engine.units import Instant

KEPT = {
    "AddComment": "comments are never deleted",
    "Notify": "a message cannot be called back",
}
"""Why a deed stays; every other one is people's to undo, who may have built on it."""


class Undo(msgspec.Struct, frozen=True):
    """One ticket of a run: what each field said before, and what the run left in it."""

    ref: Ref
    fields: Mapping[str, tuple[FieldValue, FieldValue]]


def undoing(entries: Sequence[runs.Entry]) -> tuple[dict[tuple[str, str], Undo], list[Left]]:
    """What a run's writes came to, by (connection, ticket id), and the deeds that stay."""
    undos: dict[tuple[str, str], Undo] = {}
    stay: list[Left] = []
    for entry in runs.arrived(entries):
        ref, change = entry.ref, entry.change
        if not isinstance(change, SetFields):
            kept = KEPT.get(type(change).__name__, "people may have built on it")
            said = f" ({entry.remote_id})" if entry.remote_id else ""
            stay.append(Left(ref, change, "kept", f"{kept}{said}"))
            continue
        at = (ref.connection, ref.id)
        known = dict(undos[at].fields) if at in undos else {}
        for name, after in change.fields:
            first = known[name][0] if name in known else entry.before.get(name)
            known[name] = (first, after)
        undos[at] = Undo(ref, known)
    return undos, stay


def revert(
    store: Store,
    sources: Sequence[Source],
    run: runs.Run,
    terms: Terms,
    now: Instant,
    *,
    dry: bool,
) -> Applied:
    """Restore what a run changed, under a run of its own; `dry` only looks."""
    with store.read() as db:
        undos, left = undoing(runs.entries(db, run.id))
    name = ""
    if not dry:
        with store.write() as db:
            name = runs.begin(db, "revert", terms.clock(), terms.policies.version, run.id).id
        reach("revert.after_begin")
    errands = []
    for source in sources:
        wanted = {one.ref.id: one for (of, _), one in undos.items() if of == source.name}
        if wanted:
            terms_of = terms.policies.publish.get(source.system)
            known = terms_of.fields if terms_of else ()
            desk = _Desk(store, run.id, wanted, known, left)
            refs = tuple(one.ref for one in wanted.values())
            errands.append(Errand(source, refs, desk.decide))
    report = run_errands(store, errands, terms, name, now)
    return Applied(report, tuple(left))


class _Desk(msgspec.Struct, frozen=True):
    """What deciding on one connection's tickets needs; `left` collects."""

    store: Store
    run: str
    wanted: Mapping[str, Undo]
    published: Collection[str]
    left: list[Left]

    def decide(self, refs: Sequence[Ref], found: Mapping[str, Ticket]) -> list[Item]:
        items: list[Item] = []
        for ref in refs:
            parts = list(self._parts(self.wanted[ref.id], found.get(ref.id)))
            self.left.extend(part for part in parts if isinstance(part, Left))
            pairs = tuple(part for part in parts if not isinstance(part, Left))
            if pairs:
                change: Change = SetFields(ref, pairs, Why(f"undo of {self.run}"))
                items.append(Item(found[ref.id], (change,), AT_ONCE))
        return items

    def _parts(self, undo: Undo, ticket: Ticket | None) -> Iterator[tuple[str, FieldValue] | Left]:
        for name, (before, after) in undo.fields.items():
            change = SetFields(undo.ref, ((name, before),), Why(f"undo of {self.run}"))
            stands = ticket.written.get(name) if ticket else None
            if ticket is None:
                yield Left(undo.ref, change, "stale", "the ticket is gone or hidden from us")
            elif name not in self.published:
                yield Left(undo.ref, change, "stale", "the policies publish this field no more")
            elif same(stands, before):
                yield Left(undo.ref, change, "done", "says what it said before already")
            elif same(stands, after):
                yield name, before
            else:
                yield Left(undo.ref, change, "stale", self._since(undo.ref, name, stands))

    def _since(self, ref: Ref, name: str, stands: FieldValue) -> str:
        with self.store.read() as db:
            last = runs.last_value(db, ref, name)
        if last and same(last[1], stands):
            return f"run {last[0]} wrote it since"
        return "somebody changed it since"
