"""Planned items carried out on one connection, in order, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from connectors.base import Connector
from service.delivery.apply import Applier
from service.delivery.brakes import Brakes
from service.delivery.items import Done, Item, Results
from service.delivery.outcome import SourceReport, writes_done
from service.delivery.telling import Teller
from service.passes.pass_terms import Terms
from service.passes.turns import had_enough
from service.state.standing import failed
from service.state.store import Store
from sla_engine.units import Instant


def carry_out(
    store: Store,
    connector: Connector,
    items: Sequence[Item],
    terms: Terms,
    run: str,
    now: Instant,
    brakes: Brakes | None = None,
) -> list[Done]:
    """Apply items in order, until all are done, the system fails or we are told to stop; without
    what must wait by then."""
    version = terms.policies.version
    applier = Applier(store, connector, terms.clock, version, run)
    going: list[Item] = []
    done: list[Done] = []
    for number, item in enumerate(items, start=1):
        if terms.stop() or terms.halted() or (done and done[-1].error):
            break
        going.append(brakes.held_in(item) if brakes else item)
        done.append(applier.apply(going[-1], now))
        if brakes:
            brakes.learn(done[-1])
        if enough := had_enough(done):
            done[-1] = msgspec.structs.replace(done[-1], error=enough)
        terms.progress(connector.name, "write", number, len(items))
    teller = Teller(store, terms.channels, terms.clock, version, run)
    if terms.halted():
        return done
    heard = teller.tell(list(zip(going, done, strict=True)), now)
    return [_heard(one, heard.get(one.ticket.ref, ())) for one in done]


def _heard(one: Done, told: Results) -> Done:
    return msgspec.structs.replace(one, results=one.results + told)


def told(store: Store, report: SourceReport, done: Sequence[Done]) -> SourceReport:
    """The report with what became of its items."""
    error = done[-1].error if done else None
    if error:
        with store.write() as db:
            failed(db, report.name, error)
    return msgspec.structs.replace(
        report,
        written=writes_done(done),
        left=len(report.items) - len(done),
        error=error,
        failures=report.failures + tuple(what for one in done for what in one.troubles),
    )
