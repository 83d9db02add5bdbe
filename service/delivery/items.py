"""What is planned for a ticket, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from connectors.base import ConnectorError, ForbiddenError, Outcome
from service.delivery.channels import SKIPPED
from service.delivery.deeds import DeedState
from service.state.bugs import BugError
from service.state.failure import Failure
from sla_engine.changes import Change, Notify, SetFields
from sla_engine.model import Ticket
from sla_engine.units import Instant

LEFT: dict[str, DeedState] = {SKIPPED: "skipped", "cancelled": "cancelled"}
"""By an outcome's code: left out for good, which is no failure."""

Results = tuple[tuple[Change, Outcome], ...]


class Item(msgspec.Struct, frozen=True):
    """A ticket, what it shall become, and when it falls due again if all goes well. `lapsed` are
    deeds that it comes too late for."""

    ticket: Ticket
    changes: tuple[Change, ...]
    next_at: Instant | None
    lapsed: tuple[Change, ...] = ()


def deeds_of(item: Item) -> Item:
    """The item without what only sets fields of ours."""
    deeds = tuple(change for change in item.changes if not isinstance(change, SetFields))
    return msgspec.structs.replace(item, changes=deeds)


def pairs(items: Iterable[Item]) -> list[tuple[Ticket, tuple[Change, ...]]]:
    """Each ticket with its changes, as the engine plans them."""
    return [(item.ticket, item.changes) for item in items]


class Done(msgspec.Struct, frozen=True):
    """What came of one ticket's changes, each beside its outcome, and the ticket as it is kept.
    After an `error` the connection is left alone for the rest of the pass. `again` where the
    ticket must be looked at again for the sake of these: something is left to do or to find out;
    `unread` where it could not be read, and nothing was tried, or something went wrong on our
    side: the `failure`."""

    ticket: Ticket
    results: Results
    error: ConnectorError | None = None
    again: bool = False
    unread: bool = False
    failure: Failure | None = None

    @property
    def troubles(self) -> tuple[Failure, ...]:
        """What was refused, in the system's words."""
        refused = tuple(
            Failure(self.ticket.ref.key, outcome.message or outcome.code, outcome.code, "write")
            for _, outcome in self.results
            if (outcome.kind == "rejected" and outcome.code not in LEFT)
            or outcome.code == BugError.code
        )
        return refused if self.failure is None else (*refused, self.failure)


def failed(change: Change, outcome: Outcome) -> bool:
    """Whether it was refused and is tried again later: fields, and whatever our account may not do
    in the ticket, because a right can be given back. Any other deed that is refused is dead."""
    if outcome.kind != "rejected" or isinstance(change, Notify):
        return False
    return isinstance(change, SetFields) or outcome.code == ForbiddenError.code


def has_notices(item: Item) -> bool:
    """Whether somebody is to be told outside the ticket."""
    return any(isinstance(change, Notify) for change in item.changes)
