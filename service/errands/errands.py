"""Writes that a person ordered, outside a pass: tickets read anew in portions, then written to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec

from connectors.base import ConnectorError
from service.delivery.hearing import Hearing
from service.delivery.items import Done, Item
from service.delivery.outcome import PassReport, SourceReport, writes_of
from service.delivery.reconcile import reconcile
from service.passes.carrying import carry_out, told
from service.passes.pass_terms import Terms
from service.passes.pulling import begin
from service.setup.sources import Source
from service.state import keeping
from service.state.bugs import as_error
from service.state.failpoints import reach
from service.state.standing import arm, failed
from service.state.veils import veiled

if TYPE_CHECKING:
    from connectors.base import Connector
    from service.state.store import Store
    from sla_engine.model import Ref, Ticket
    from sla_engine.units import Instant

PORTION = 50
"""Tickets read at once: so little time passes between reading one and writing to it."""

Decide = Callable[[Sequence["Ref"], Mapping[str, "Ticket"]], Sequence[Item]]
"""From what was asked for, and the tickets found of it by id, to what shall be written."""


class Errand(msgspec.Struct, frozen=True):
    """What is wanted of one connection."""

    source: Source
    refs: tuple[Ref, ...]
    decide: Decide


def run_errands(
    store: Store, errands: Sequence[Errand], terms: Terms, run: str, now: Instant
) -> PassReport:
    """Carry errands out under a run's name; where that is "" only look, and change nothing, in the
    store neither. What goes wrong is in the report."""
    began = perf_counter()
    reports = tuple(_run(store, errand, terms, run, now) for errand in errands)
    return PassReport(now, reports, perf_counter() - began, run)


def _run(store: Store, errand: Errand, terms: Terms, run: str, now: Instant) -> SourceReport:
    source = errand.source
    report = SourceReport(source.name, source.system, source.mode)
    items: list[Item] = []
    done: list[Done] = []
    error: ConnectorError | None = None
    try:
        connector = _ready(store, source, terms, run, now)
        for start in range(0, len(errand.refs), PORTION):
            portion = _read(store, connector, errand, start, run, now)
            items += portion
            if run:
                done += carry_out(store, connector, portion, terms, run, now)
            if terms.stop() or (done and done[-1].error):
                break
    except Exception as anything:  # one connection never stops the others
        error = as_error(anything)
        if run:
            with store.write() as db:
                failed(db, source.name, error)
    report = msgspec.structs.replace(report, items=tuple(items), planned=writes_of(items))
    if run:
        report = told(store, report, done)
    return msgspec.structs.replace(report, error=error or report.error)


def _ready(store: Store, source: Source, terms: Terms, run: str, now: Instant) -> Connector:
    """The connection, with all that was in doubt read back."""
    doubts = begin(store, source, terms.policies.version, now).doubts if run else ()
    connector = source.connect()
    if run:
        hearing = Hearing(connector, now, terms.clock)
        reconcile(store, connector, doubts, terms.clock, terms.quiet, hearing)
        if source.mode == "write":
            with store.write() as db:
                arm(db, source.name, now)
    return connector


def _read(
    store: Store, connector: Connector, errand: Errand, start: int, run: str, now: Instant
) -> Sequence[Item]:
    refs = errand.refs[start : start + PORTION]
    found = connector.fetch(refs)
    if run:
        with store.write() as db:
            found = tuple(veiled(db, found))
            keeping.keep(db, found, now)
        reach("errand.after_read")
    return errand.decide(refs, {ticket.ref.id: ticket for ticket in found})
