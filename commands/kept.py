"""One ticket as the store keeps it, by the word that people call it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from commands.session import FINDINGS, Session, end
from sla_engine.units import to_iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from reports.explanation import Known
    from reports.restated import OnRecord, Restated, Said
    from service.record.restatements import Figures, Restatement
    from sla_engine.cases import Key
    from sla_engine.model import Ticket, Verdict
    from sla_engine.terms import Policies
    from sla_engine.units import Instant


class Kept(NamedTuple):
    """A ticket, when its connection was last pulled, and when we last wrote to it; `known` where
    the ticket is as it was known before."""

    ticket: Ticket
    pulled_at: Instant | None
    written_at: Instant | None
    known: Known | None = None


def kept_ticket(session: Session, word: str, known_at: Instant | None = None) -> Kept:
    """The one ticket of that key or id; ends the command where there is none."""
    with session.store(writer=False) as store:
        from service.delivery.deeds import written_at
        from service.record.cases import with_members
        from service.state import keeping
        from service.state.standing import standing

        with store.read() as db:
            (one,) = with_members(db, session.policies, [_only(keeping.find(db, word), word)])
            kept = Kept(one, standing(db, one.ref.connection).pulled_at, written_at(db, one.ref))
            return kept if known_at is None else _as_known(db, kept, known_at)


def with_case_of(session: Session, draft: Policies, ticket: Ticket) -> Ticket:
    """The ticket with the case that it has by the links of a draft. Which tickets belong together
    is kept for the policies in force alone, so all are looked at where the links differ."""
    from service.state import keeping
    from sla_engine.kinship import children, with_members
    from sla_engine.mergers import kinships

    if kinships(draft) == kinships(session.policies) and draft.fields == session.policies.fields:
        return ticket
    found: dict[Key, list[Ticket]] = defaultdict(list)
    with session.store(writer=False) as store, store.read() as db:
        for one in session.settings.connections if kinships(draft) else ():
            ids = keeping.ids(db, one.name)
            for start in range(0, len(ids), keeping.CHUNK):
                some = keeping.load(db, one.name, ids[start : start + keeping.CHUNK])[0]
                for key, tickets in children(draft, some).items():
                    found[key] += tickets
    return with_members(draft, found, ticket)


def _as_known(db: Connection, kept: Kept, at: Instant) -> Kept:
    from reports.explanation import Known
    from service.state.knowledge import as_known

    then = as_known(db, kept.ticket.ref, at)
    if then is None:
        end(f"{kept.ticket.ref.key} was not known yet at {to_iso(at)}", FINDINGS)
    return kept._replace(ticket=then, known=Known(at, kept.ticket.journal))


def on_record(
    session: Session, ticket: Ticket, fresh: tuple[Verdict, ...], now: Instant
) -> tuple[tuple[Verdict, ...], OnRecord | None]:
    """The verdicts that hold where those of finished clocks were kept, and what the record says of
    them; None where it says nothing."""
    from reports.restated import OnRecord, Stands
    from service.record import restatements, verdicts
    from service.record.freezing import Past, cycle_of
    from sla_engine.words import clock_name

    with session.store(writer=False) as store, store.read() as db:
        frozen = verdicts.frozen(db, ticket.ref.connection, [ticket.ref.id])
        past = Past(session.policies, now)
        settled = past.settle(db, ticket, fresh, frozen.get(ticket.ref.id, ()))
        restated = restated_of(restatements.of_ticket(db, ticket.ref))
    today = {cycle_of(verdict): verdict for verdict in fresh}
    stands = [
        Stands(
            clock_name(one.clock) + (f" of {one.of}" if one.of else ""),
            one.version,
            None if cycle_of(one) not in today else _said(today[cycle_of(one)]),
        )
        for one in settled.verdicts
        if one.version != session.policies.version and today.get(cycle_of(one)) != one
    ]
    found = OnRecord(tuple(stands), tuple(restated))
    return settled.verdicts, found if stands or restated else None


def _said(figures: Figures | Verdict) -> Said:
    from reports.restated import Said

    return Said(*(getattr(figures, name) for name in Said.__struct_fields__))


def restated_of(found: Sequence[Restatement]) -> list[Restated]:
    """What is on record of changed verdicts, for reports."""
    from reports.restated import Cause, Restated

    return [
        Restated(
            one.at,
            one.ref.key,
            one.policy,
            one.clock,
            one.of,
            one.cycle,
            _said(one.old),
            None if one.new is None else _said(one.new),
            tuple(Cause(*msgspec.structs.astuple(cause)) for cause in one.causes),
        )
        for one in found
    ]


def _only(found: Sequence[Ticket], word: str) -> Ticket:
    """The ticket meant; ends the command where there is none, or one in several systems."""
    if not found:
        end(f'no ticket "{word}" is kept; sla run --once pulls what changed', FINDINGS)
    if len(found) > 1:
        where = ", ".join(ticket.ref.connection for ticket in found)
        end(f'"{word}" is in several connections ({where}): give the id instead', FINDINGS)
    return found[0]
