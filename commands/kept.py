"""One ticket as the store keeps it, by the word that people call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from commands.session import FINDINGS, Session, end
from sla_engine.units import to_iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from reports.explanation import Known
    from reports.restated import Restated
    from service.restatements import Figures, Restatement
    from sla_engine.model import Ticket
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
        from service import keeping
        from service.cases import with_members
        from service.deeds import written_at
        from service.standing import standing

        with store.read() as db:
            (one,) = with_members(db, session.policies, [_only(keeping.find(db, word), word)])
            kept = Kept(one, standing(db, one.ref.connection).pulled_at, written_at(db, one.ref))
            return kept if known_at is None else _as_known(db, kept, known_at)


def _as_known(db: Connection, kept: Kept, at: Instant) -> Kept:
    from reports.explanation import Known
    from service.knowledge import as_known

    then = as_known(db, kept.ticket.ref, at)
    if then is None:
        end(f"{kept.ticket.ref.key} was not known yet at {to_iso(at)}", FINDINGS)
    return kept._replace(ticket=then, known=Known(at, kept.ticket.journal))


def restated_of(found: Sequence[Restatement]) -> list[Restated]:
    """What is on record of changed verdicts, for reports."""
    from reports.restated import Cause, Restated, Said

    def said(figures: Figures) -> Said:
        return Said(*(getattr(figures, name) for name in Said.__struct_fields__))

    return [
        Restated(
            one.at,
            one.ref.key,
            one.policy,
            one.clock,
            one.of,
            one.cycle,
            said(one.old),
            None if one.new is None else said(one.new),
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
