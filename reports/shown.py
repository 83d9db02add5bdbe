"""Our fields in a ticket: what it shows, and what it should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sla_engine.model import FieldValue, Ticket, Verdict
from sla_engine.plan import same
from sla_engine.terms import Policies
from sla_engine.wording import published

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.terms import Published


class Shown(NamedTuple):
    """A field of ours: what the ticket shows and what it should."""

    field: str
    kind: Published
    there: FieldValue
    wanted: FieldValue

    @property
    def same(self) -> bool:
        """As the plan sees it: what is the same is not written."""
        return same(self.there, self.wanted)


def shown_fields(
    policies: Policies, ticket: Ticket, verdicts: Sequence[Verdict], zone: ZoneInfo
) -> tuple[Shown, ...]:
    """Our fields in this ticket against what `publish:` says of its system."""
    terms = policies.publish.get(ticket.system)
    wanted = terms.fields if terms else {}
    return tuple(
        Shown(field, kind, ticket.written.get(field), published(kind, verdicts, zone))
        for field, kind in wanted.items()
    )
