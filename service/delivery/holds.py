"""Changed policies that would write to many tickets at once wait for a person's word.

A pass weighs what the new policies want. Where that is too much, it writes nothing, and so do those
that follow, as if in mode observe, until the plan is approved or the policies change again.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import bindparam, delete, select, update

from service.delivery.outcome import Writes
from service.delivery.shares import Share, shares
from service.state.dialects import upsert
from service.state.schema import HOLDS
from sla_engine.units import DAY, Instant, Millis

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from service.delivery.shares import Tally

AT_LEAST, SHARE = 25, 0.02
"""So many tickets, or this share of the open ones, may follow a change of policies unasked."""

_ONE = select(HOLDS).where(HOLDS.c.connection == bindparam("of"))

MOST_SHARES = 5
"""Projects and policies named in words; the record names all."""

APPROVED_FOR = Millis(DAY)

State = Literal["weighing", "held", "approved"]


class Hold(msgspec.Struct, frozen=True):
    """`tickets` and what follows are what the plan would write, where `of` tickets are open; closed
    ones may be among those written to. `policies` is the version that wants it. `id` is "" until it
    is weighed."""

    connection: str
    policies: str
    state: State
    since: Instant
    id: str = ""
    of: int = 0
    tickets: int = 0
    fields: int = 0
    comments: int = 0
    escalations: int = 0
    approved_at: Instant | None = None
    shares: tuple[Share, ...] = ()

    @property
    def words(self) -> str:
        """What waits, with the numbers."""
        return (
            "the policies or time zone data changed, and would now write to "
            f"{grouped(self.tickets)} tickets ({grouped(self.of)} are open): "
            f"{grouped(self.fields)} fields, {grouped(self.comments)} comments, "
            f"{grouped(self.escalations)} escalations; "
            f"{grouped(most(self.of))} may be written to unasked{self._divided()}"
        )

    def _divided(self) -> str:
        """`; support in SUP: 28, operations in OPS: 2`."""
        said = [
            f"{one.policy or 'no policy'}{one.project and f' in {one.project}'}: "
            f"{grouped(one.tickets)}"
            for one in self.shares[:MOST_SHARES]
        ]
        more = len(self.shares) - len(said)
        said += [f"{more} more"] * bool(more)
        return f"; {', '.join(said)}" if said else ""


def grouped(number: int) -> str:
    """`48 210`."""
    return f"{number:_}".replace("_", " ")


def most(tickets: int) -> int:
    """How many of so many open tickets changed policies may write to unasked."""
    return max(AT_LEAST, int(tickets * SHARE))


def find(db: Connection, connection: str) -> Hold | None:
    """What waits, or was approved, for a connection."""
    row = db.execute(_ONE, {"of": connection}).mappings().first()
    return _hold(row) if row else None


def waiting(db: Connection) -> list[Hold]:
    """Everything that waits for a word."""
    rows = select(HOLDS).where(HOLDS.c.state == "held").order_by(HOLDS.c.connection)
    return [_hold(row) for row in db.execute(rows).mappings()]


def _hold(row: RowMapping) -> Hold:
    return Hold(**{**row, "shares": msgspec.json.decode(row["shares"], type=tuple[Share, ...])})


def keep(db: Connection, hold: Hold) -> None:
    """Instead of what was known for its connection."""
    shares = msgspec.json.encode(hold.shares).decode()
    upsert(db, HOLDS, [{**msgspec.structs.asdict(hold), "shares": shares}])


def lift(db: Connection, connection: str) -> None:
    """Nothing waits any more."""
    db.execute(delete(HOLDS).where(HOLDS.c.connection == connection))


def approve(db: Connection, name: str, at: Instant) -> bool:
    """A person's word: the plan of this id may be carried out. False where it does not wait."""
    this = update(HOLDS).where(HOLDS.c.id == name, HOLDS.c.state == "held")
    return db.execute(this.values(state="approved", approved_at=at)).rowcount == 1


def allowed(hold: Hold, tickets: int, now: Instant) -> int:
    """To how many tickets may be written while this holds, where so many are open. An approval is
    good for a day, and for as many as it said, give or take what may go unasked."""
    said = hold.tickets if hold.state == "approved" else 0
    in_time = hold.approved_at is not None and now < hold.approved_at + APPROVED_FOR
    return most(tickets) + (said if in_time else 0)


def weigh(hold: Hold, wanted: Writes, tickets: int, now: Instant, divided: Tally) -> Hold | None:
    """What becomes of a hold when this much is wanted: None where it may be written now."""
    if wanted.tickets <= allowed(hold, tickets, now):
        return None
    held = Hold(
        hold.connection,
        hold.policies,
        "held",
        hold.since,
        of=tickets,
        tickets=wanted.tickets,
        fields=wanted.fields,
        comments=wanted.comments,
        escalations=wanted.escalations,
        shares=shares(divided),
    )
    return msgspec.structs.replace(held, id=_name(held))


def _name(hold: Hold) -> str:
    """Six characters that stand for exactly this: another number of tickets has another name."""
    said = msgspec.json.encode(hold, order="deterministic")
    return b32encode(sha256(said).digest()).decode().lower()[:6]
