"""What of a plan still holds: a ticket is written to only while all it was judged on is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from service.delivery.deeds import DeedState, name_of
from service.errands.plan_file import PlannedTicket, judged_on
from sla_engine.changes import Change, Deed, SetFields
from sla_engine.model import FieldValue, Ref, Ticket
from sla_engine.plan import same
from sla_engine.units import Instant

Fate = Literal["done", "stale", "doubt", "kept"]
"""done: it stands there already. stale: it is not true any more. doubt: it was begun and its end is
not known yet. kept: a deed that no revert takes back."""

_ENDED: Mapping[DeedState, tuple[Fate, str]] = {
    "done": ("done", "done already"),
    "skipped": ("done", "left out on purpose"),
    "dead": ("stale", "the system refused it before"),
    "cancelled": ("stale", "people decided otherwise"),
    "expired": ("stale", "it comes too late"),
    "sending": ("doubt", "begun before, and not seen yet: the next pass or apply reads it back"),
}


class Left(msgspec.Struct, frozen=True):
    """A change, or some fields of it, that is not written, and why."""

    ref: Ref
    change: Change
    fate: Fate
    why: str


class Looked(msgspec.Struct, frozen=True):
    """One planned ticket as it stands now: what is still to be done, and what is not."""

    going: tuple[Change, ...]
    left: tuple[Left, ...]


def look(
    planned: PlannedTicket,
    ticket: Ticket | None,
    deeds: Mapping[str, DeedState],
    made_at: Instant,
    now: Instant,
) -> Looked:
    """Hold a plan of `made_at` against the ticket as it was read just now; None where it cannot be
    read any more. `deeds` are those of this ticket that ended or began."""
    if ticket is None:
        return _outdated(planned.changes, "the ticket is gone or hidden from us")
    parts = [part for change in planned.changes for part in _parts(change)]
    found = [_fate(part, planned, ticket, deeds) for part in parts]
    left = tuple(one for one in found if isinstance(one, Left))
    going = joined([one for one in found if not isinstance(one, Left)])
    why = _moved_on(planned, ticket, made_at, now)
    if going and why:
        return Looked((), left + _outdated(going, why).left)
    return Looked(going, left)


def _outdated(changes: tuple[Change, ...], why: str) -> Looked:
    return Looked((), tuple(Left(change.ref, change, "stale", why) for change in changes))


def _parts(change: Change) -> Iterator[Change]:
    """Fields one by one: each may have been changed by people."""
    if not isinstance(change, SetFields):
        yield change
        return
    for field in change.fields:
        yield msgspec.structs.replace(change, fields=(field,))


def joined(parts: Sequence[Change]) -> tuple[Change, ...]:
    """Fields as one change again, so that they are one request."""
    fields = [part for part in parts if isinstance(part, SetFields)]
    pairs = tuple(pair for part in fields for pair in part.fields)
    first = [msgspec.structs.replace(fields[0], fields=pairs)] if fields else []
    return (*first, *(part for part in parts if not isinstance(part, SetFields)))


def _fate(
    part: Change, planned: PlannedTicket, ticket: Ticket, deeds: Mapping[str, DeedState]
) -> Change | Left:
    if isinstance(part, SetFields):
        return _field(part, planned.before, ticket)
    return _deed(part, ticket, deeds)


def _field(part: SetFields, before: Mapping[str, FieldValue], ticket: Ticket) -> Change | Left:
    ((name, wanted),) = part.fields
    stands = ticket.written.get(name)
    if same(stands, wanted):
        return Left(part.ref, part, "done", "stands there already")
    if not same(stands, before.get(name)):
        return Left(part.ref, part, "stale", "the field says something else by now")
    return part


def _deed(deed: Deed, ticket: Ticket, deeds: Mapping[str, DeedState]) -> Change | Left:
    if deed.key in ticket.marks:
        return Left(deed.ref, deed, "done", "done already")
    ended = deeds.get(name_of(deed))
    if ended is None:
        return deed
    return Left(deed.ref, deed, *_ENDED[ended])


def _moved_on(planned: PlannedTicket, ticket: Ticket, made_at: Instant, now: Instant) -> str:
    """Why a verdict of then says nothing about now; "" while it does."""
    if now < made_at:
        return "the plan is of a time that has not come"
    if judged_on(ticket) != planned.judged:
        return _news(ticket, made_at) or "the ticket changed since"
    if planned.holds_until is not None and now >= planned.holds_until:
        return "a clock reached its next step since"
    return ""


def _news(ticket: Ticket, made_at: Instant) -> str:
    """The newest thing that people did since, in words."""
    news = [e for e in ticket.journal if e.at > made_at and e.actor.kind != "self"]
    if not news:
        return ""
    last = news[-1]
    who = last.actor.name or last.actor.id or "somebody"
    if last.field == "comment":
        return f"{who} commented since"
    new = last.new if isinstance(last.new, str) else ", ".join(last.new or ("nothing",))
    return f"{who} set {last.field} to {new} since"
