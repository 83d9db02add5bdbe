"""How everything stands, as `sla status` and the page of the service show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.session import Clock, Session, local_zone
from reports.held import Failing, Holding
from reports.status import Source as Row
from service.delivery import absences, deeds, withheld
from service.delivery.halting import halt
from service.passes import rereading
from service.record import verdicts
from service.state import keeping, quarantine
from service.state.standing import standing
from service.watch.health import usual_limit
from sla_engine.units import Instant, Millis, from_datetime, to_datetime

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.setup.settings import ConnectionSettings, Settings

HELD = "observe (restored)"


def page(session: Session, clock: Clock, who: str) -> str:
    """All of it as HTML, for whoever is signed in."""
    from reports.status_page import status_page

    settings, now = session.settings, clock()
    with session.store(writer=False) as store, store.read() as db:
        return status_page(
            [row(db, one, now, usual_limit(settings)) for one in settings.connections],
            holding_of(db, settings),
            failing_of(db, settings),
            now=now,
            zone=local_zone(),
            policies=session.policies.version,
            clocks=verdicts.tally(db, [one.name for one in settings.connections]).open,
            who=who,
        )


def row(db: Connection, one: ConnectionSettings, now: Instant, limit: Millis) -> Row:
    """One connection, by what the last passes left behind."""
    stands = standing(db, one.name)
    today = to_datetime(now, local_zone())
    midnight = from_datetime(today.replace(hour=0, minute=0, second=0, microsecond=0))
    return Row(
        name=one.name,
        synced_at=stands.pulled_at,
        tried_at=stands.tried_at,
        failure=f"{stands.error_code} {stands.error}".strip(),
        backlog=len(keeping.due(db, one.name, now)),
        writes_today=deeds.writes_since(db, one.name, midnight),
        mode=one.mode if stands.restored_at is None else HELD,
        tickets=keeping.count(db, one.name, open_only=False),
        limit=limit,
        counted_at=stands.counted_at,
        counted=stands.counted,
        rereads=rereading.backlog(db, one.name, now),
        absent=tuple((gone.ref.key, gone.since) for gone in absences.searched(db, one.name)),
    )


def holding_of(db: Connection, settings: Settings) -> list[Holding]:
    """What holds writing back: a person's word, and what the last pass met."""
    found = [
        Holding(one.name, held.reason, held.why, held.since, plan=held.plan)
        for one in settings.connections
        for held in withheld.noted(db, one.name)
    ]
    stop = halt(settings.file)
    return found if stop is None else [Holding("", "halted", stop.why, stop.since, stop.by), *found]


def failing_of(db: Connection, settings: Settings) -> list[Failing]:
    """The tickets that fail, the longest failing first."""
    return [
        Failing(
            one.connection,
            one.key,
            one.stage,
            one.what,
            one.since,
            one.failures,
            one.next_at,
            one.quarantined,
        )
        for one in quarantine.listed(db, [one.name for one in settings.connections])
    ]
