"""What there is to tell of a ticket: the facts that every form of `explain` is made from."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from reports.restated import OnRecord
from sla_engine.model import Event, Journal, Ticket, Verdict
from sla_engine.outlook import Coming
from sla_engine.terms import Policies
from sla_engine.units import Instant


class InForce(msgspec.Struct, frozen=True):
    """What the policies in force say of the ticket that a draft is tried on; `draft` is the name
    of its file or folder."""

    draft: str
    version: str
    verdicts: tuple[Verdict, ...]


class Known(msgspec.Struct, frozen=True):
    """Since when what is told was known, and the journal as it is known today."""

    at: Instant
    today: Journal

    def learnt_since(self, journal: Journal, now: Instant) -> tuple[Event, ...]:
        """What had happened by `now` as is known today, and is not in the journal of then."""
        then = {_fact(event) for event in journal}
        return tuple(e for e in self.today if e.at <= now and _fact(e) not in then)


def _fact(event: Event) -> tuple[object, ...]:
    """An event but for its number, which a source may give anew."""
    return event.at, event.field, event.new, event.source_id


class Explanation(msgspec.Struct, frozen=True):
    """A ticket and its verdicts at `now`. `past` says that `now` is not the present, so that the
    ticket's fields cannot be compared with it. With `in_force` the policies are a draft; with
    `known` the ticket is as it was known then; `record` tells of finished clocks."""

    ticket: Ticket
    verdicts: Sequence[Verdict]
    policies: Policies
    now: Instant
    past: bool = False
    written_at: Instant | None = None
    coming: tuple[Coming, ...] = ()
    in_force: InForce | None = None
    known: Known | None = None
    record: OnRecord | None = None
