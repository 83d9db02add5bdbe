"""Verdicts in the audit, and everything it takes to judge them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from service.record import audit
from service.record.audit import Line
from service.record.basis import Basis, by_hash
from service.record.cases import with_members
from service.record.restatements import Figures, Restatement, figures_of
from service.record.zone_data import tzdata_version
from service.state.journals import pack
from service.state.knowledge import as_known
from sla_engine.model import Journal, Ref, Ticket, Verdict
from sla_engine.units import Instant, Millis

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sla_engine.terms import Policies

VERDICT, RESTATEMENT = "Verdict", "Restatement"


class Judgement(msgspec.Struct, frozen=True):
    """A verdict as the audit tells it, final or of a clock that was open then: under the policies
    of the basis `rules`, with everything else of the basis `basis`, both by their hashes; `inputs`
    is the hash over the history as it was known and both, empty where it cannot be judged again
    because the policies name a person whose place a pseudonym took. `events` are the ids of those
    that began its stretches."""

    policy: str
    clock: str
    cycle: int
    figures: Figures
    rules: str
    basis: str
    inputs: bytes
    tzdata: str
    events: tuple[str, ...]
    of: str | None = None  # lines of before it was told have none


class Terms(msgspec.Struct, frozen=True, tag="basis"):
    """A basis by its hash."""

    hash: str
    basis: Basis


class History(msgspec.Struct, frozen=True, tag="history"):
    """A ticket as it was known at an instant, packed; with the others of its case."""

    ref: Ref
    at: Instant
    ticket: bytes
    members: tuple[bytes, ...]
    skew: Millis


Record = Terms | History | Line
"""One piece of evidence; what a line follows from comes before it."""


def note_judged(
    db: Connection, now: Instant, verdicts: Iterable[tuple[Ref, Verdict, str, str, bytes]]
) -> None:
    """Into the audit: (whose, what, hashes of rules, basis and inputs) of those that became final,
    breached or breached no more."""
    rows = []
    for ref, verdict, rules, basis_, inputs in verdicts:
        events = tuple(dict.fromkeys(span.cause for span in verdict.spans))
        which = (verdict.policy, verdict.clock, verdict.cycle, figures_of(verdict))
        told = Judgement(*which, rules, basis_, inputs, tzdata_version(), events, verdict.of)
        rows.append(_row(now, ref, VERDICT, told, verdict.version, verdict.state))
    audit.append(db, rows)


def note_restated(db: Connection, restated: Iterable[Restatement]) -> None:
    """Into the audit: what was final and is another now, and why."""
    rows = [_row(one.at, one.ref, RESTATEMENT, one, "", "restated") for one in restated]
    audit.append(db, rows)


def _row(
    at: Instant, ref: Ref, kind: str, told: object, policies: str, outcome: str
) -> dict[str, object]:
    return {
        "at": at,
        "connection": ref.connection,
        "ticket": ref.id,
        "key": ref.key,
        "kind": kind,
        "deed": "",
        "change": msgspec.json.encode(told).decode(),
        "why": "",
        "policies": policies,
        "outcome": outcome,
        "message": "",
        "run": "",
        "remote_id": "",
    }


def records(db: Connection, policies: Policies) -> Iterator[Record]:
    """The whole audit, each verdict after its basis and its ticket as it was known then."""
    told: set[str] = set()
    last: tuple[Ref, Instant] | None = None
    for line in audit.lines(db):
        if line.kind == VERDICT and line.salt is not None:
            judgement = msgspec.json.decode(line.change, type=Judgement)
            for hash_ in (judgement.rules, judgement.basis):
                if hash_ not in told and (held := by_hash(db, hash_)) is not None:
                    told.add(hash_)
                    yield Terms(hash_, held)
            ref = Ref(line.connection, line.key, line.ticket)
            if last != (ref, line.at) and (history := _history(db, policies, ref, line.at)):
                last = (ref, line.at)
                yield history
        yield line


def versions_at(ticket: Ticket, at: Instant) -> tuple[Ticket, Ticket]:
    """The histories that a verdict of an instant may follow from. Where a clock stands still, as in
    the demo, what we wrote became known at the very instant of judging, and was not seen by it."""
    before = Journal(event for event in ticket.journal if event.at < at)
    return ticket, msgspec.structs.replace(ticket, journal=before)


def _history(db: Connection, policies: Policies, ref: Ref, at: Instant) -> History | None:
    ticket = as_known(db, ref, at)
    if ticket is None:
        return None
    (whole,) = with_members(db, policies, [ticket])
    members = [as_known(db, member.ref, at) for member in whole.members]
    return History(ref, at, pack(ticket), tuple(pack(m) for m in members if m), whole.skew)
