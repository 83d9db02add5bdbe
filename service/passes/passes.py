"""One pass: pull, keep, evaluate what changed or fell due, plan, limits, apply.

Connections fail apart from each other, tickets too. Everything is decided at one instant, `now`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec

from service.delivery import runs, withheld
from service.delivery.brakes import Brakes
from service.delivery.outcome import PassReport, SourceReport
from service.delivery.reminders import remind
from service.delivery.skew import fault_of, skew_of
from service.passes.carrying import carry_out, told
from service.passes.judging import Judged, judge
from service.passes.pass_terms import Terms
from service.passes.pulling import Pulled, held_back, pull
from service.passes.turns import in_turn
from service.passes.weighing import weighing
from service.record import cases
from service.record.retention import tidy
from service.setup.sources import Source
from service.state import keeping
from service.state.bugs import as_error
from service.state.failpoints import reach
from service.state.failure import Failure
from service.state.standing import failed
from service.state.store import Store, StoreError
from sla_engine.changes import Notify
from sla_engine.mergers import kinships
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection


class _Half(msgspec.Struct, frozen=True):
    """A connection between planning and applying; `asked` for, whatever is too much for an hour."""

    source: Source
    report: SourceReport
    pulled: Pulled | None
    asked: bool = False


def run_pass(store: Store, sources: Sequence[Source], terms: Terms, now: Instant) -> PassReport:
    """Run one pass. Nothing that goes wrong with a ticket or a connection is raised: it is in the
    report, and the next pass tries again."""
    began = perf_counter()
    halted = terms.halted()
    sources = [
        msgspec.structs.replace(source, mode="observe")
        if halted
        else held_back(store, source, terms.policies.version, force=terms.force)
        for source in sources
    ]
    halves = [_pulled(store, source, terms, now) for source in sources]
    halves = [  # after all that a case needs
        _apart(store, half, lambda half: _judged(store, half, terms, now)) for half in halves
    ]
    reach("pass.after_plan")
    run = ""
    if any(half.pulled and _may_write(half.report) for half in halves):
        with store.write() as db:
            run = runs.begin(db, "pass", terms.clock(), terms.policies.version).id
        reach("pass.after_run")
    halves = [
        _apart(store, half, lambda half: _written(store, half, terms, run, now)) for half in halves
    ]
    with store.write() as db:
        reports = tuple(withheld.noting(db, _final(half), now) for half in halves)
        for half in halves:
            _tidied(db, half, terms, now)
    reminded: tuple[Notify, ...] = ()
    if not terms.clock_fault and any(source.mode == "write" for source in sources):
        reminded = remind(store, terms.policies, terms.channels, terms.clock, now)
    return PassReport(now, reports, perf_counter() - began, run, reminded, halted or terms.halted())


def _final(half: _Half) -> SourceReport:
    """With what the system still grants after all that was asked of it."""
    if half.pulled is None:
        return half.report
    return msgspec.structs.replace(half.report, allowance=half.pulled.connector.allowance())


def _tidied(db: Connection, half: _Half, terms: Terms, now: Instant) -> None:
    """Let go what is too old, unless the clock may be wrong that says so."""
    doubted = terms.clock_fault or fault_of(half.report.skew)
    if half.pulled is not None and not doubted:
        tidy(db, half.source.name, terms.retention, now)


def _apart(store: Store, half: _Half, step: Callable[[_Half], _Half]) -> _Half:
    """Whatever goes wrong with one connection stops no other; with the store, all."""
    try:
        return step(half)
    except StoreError:
        raise
    except Exception as anything:  # a mistake of ours
        error = as_error(anything)
        with store.write() as db:
            failed(db, half.report.name, error)
        return _Half(half.source, msgspec.structs.replace(half.report, error=error), None)


def _pulled(store: Store, source: Source, terms: Terms, now: Instant) -> _Half:
    report = SourceReport(source.name, source.system, source.mode, behind=source.behind)
    began = perf_counter()
    pulled = None
    try:
        pulled = pull(
            store,
            source,
            terms.policies.version,
            now,
            clock=terms.clock,
            quiet=terms.quiet,
            stop=terms.stop,
            rung=terms.rung(source.name),
        )
        report = msgspec.structs.replace(report, skew=skew_of(pulled.connector, terms.clock()))
        if kinships(terms.policies):
            _note_cases(store, source, pulled, terms)
    except StoreError:
        raise
    except Exception as anything:  # one connection never stops the others
        pulled, error = None, as_error(anything)
        report = msgspec.structs.replace(report, error=error)
        with store.write() as db:
            failed(db, source.name, error)
    seconds = perf_counter() - began
    return _Half(source, msgspec.structs.replace(report, pull_seconds=seconds), pulled)


def _note_cases(store: Store, source: Source, pulled: Pulled, terms: Terms) -> None:
    """Keep which cases the tickets that are due belong to, and how their system's clock goes."""
    theirs = pulled.connector.check()
    with store.write() as db:
        cases.keep_clock(db, source.name, theirs, terms.clock())
        wanted = keeping.due(db, source.name, pulled.at)
        for start in range(0, len(wanted), keeping.CHUNK):
            some, _ = keeping.load(db, source.name, wanted[start : start + keeping.CHUNK])
            cases.note(db, terms.policies, some)
        reach("cases.in_note")
    reach("cases.after_note")


def _judged(store: Store, half: _Half, terms: Terms, now: Instant) -> _Half:
    if half.pulled is None:
        return half
    source, began = half.source, perf_counter()
    weighed = weighing(store, source.name, terms, now)
    judged = judge(
        store,
        source,
        half.pulled,
        terms.policies,
        doubted=bool(terms.clock_fault),
        channels=terms.channels.names,
        stop=terms.stop,
        progress=lambda done, of: terms.progress(source.name, "evaluate", done, of),
        most=weighed.most,
        refuses=weighed.refusal,
    )
    hold = weighed.hold
    held = hold if hold is not None and hold.state == "held" else None
    writes = source.mode == "write"
    report = msgspec.structs.replace(
        _told(half.report, half.pulled, judged),
        refused=held.words if held else judged.refused,
        held=held.id if held else "",
        clock_fault=(terms.clock_fault or fault_of(half.report.skew)) if writes else "",
        judge_seconds=perf_counter() - began,
    )
    asked = terms.force or (hold is not None and hold.state == "approved")
    return _Half(source, report, half.pulled, asked)


def _told(report: SourceReport, pulled: Pulled, judged: Judged) -> SourceReport:
    unreadable = tuple(Failure(ref.key, why, stage="read") for ref, why in pulled.unreadable)
    return msgspec.structs.replace(
        report,
        first=pulled.first,
        since=pulled.since,
        changed=pulled.changed,
        missed=pulled.missed,
        absent=pulled.absent,
        rewritten=pulled.rewritten,
        pull_requests=pulled.requests,
        waiting=pulled.waiting,
        judged=judged.tickets,
        clocks=judged.clocks,
        moved=judged.moved,
        restated=judged.restated,
        standing=judged.standing,
        items=judged.items,
        planned=judged.planned,
        failures=unreadable + judged.failures,
    )


def _may_write(report: SourceReport) -> bool:
    held_up = report.refused or report.clock_fault
    return bool(report.mode == "write" and report.items and not held_up)


def _written(store: Store, half: _Half, terms: Terms, run: str, now: Instant) -> _Half:
    report = half.report
    if half.pulled is None or not _may_write(report):
        return half
    began, before = perf_counter(), half.pulled.connector.requests()
    brakes = Brakes(store, report.name, now, asked=half.asked)
    done = carry_out(store, half.pulled.connector, in_turn(report.items), terms, run, now, brakes)
    report = msgspec.structs.replace(
        told(store, report, done),
        braked=tuple(sorted(brakes.held.items())),
        broken=tuple(sorted(brakes.broken.items())),
        barred=tuple(sorted(brakes.barred.items())),
        write_requests=half.pulled.connector.requests() - before,
        write_seconds=perf_counter() - began,
    )
    return _Half(half.source, report, half.pulled)
