"""A pass as lines on a screen and as JSON: what was pulled, found, written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from commands.failures import failures_json
from commands.session import local_zone
from reports.run_text import (
    behind_line,
    clock_text,
    count_lines,
    done_line,
    engine_line,
    held_line,
    pull_line,
    record_lines,
    reminder_line,
    rewritten_lines,
    write_line,
)
from reports.words import count
from service.record import verdicts
from service.state import keeping
from sla_engine.units import Instant, Millis, to_iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from service.delivery.outcome import PassReport, SourceReport


def lines(report: PassReport, db: Connection, now: Instant) -> list[str]:
    """`sla run --once`: a line for each pull, one for the engine, a line for each that writes."""
    zone = local_zone()
    when = clock_text(now, zone)
    reached = [source for source in report.sources if source.clocks or not source.error]
    said = [_pull_line(db, when, source) for source in reached]
    for source in reached:
        said += count_lines(when, source.name, missed=source.missed, absent=source.absent)
        said += rewritten_lines(when, source.name, source.rewritten)
    said.append(
        engine_line(
            when,
            tickets=sum(source.judged for source in reached),
            clocks=sum(source.clocks for source in reached),
            transitions=sum(source.moved for source in reached),
            seconds=sum(source.judge_seconds for source in reached),
        )
    )
    said += record_lines(
        when,
        restated=sum(source.restated for source in reached),
        standing=sum(source.standing for source in reached),
    )
    said += [held_line(when, source.name, source.held) for source in reached if source.refused]
    writers = [s for s in reached if s.mode == "write" or s.planned.tickets]
    said += [_write_line(when, source) for source in writers if not source.refused]
    said += [behind_line(when, source.name) for source in reached if source.behind is not None]
    said += [reminder_line(when, one.ref.key, one.channel) for one in report.reminded]
    return [*said, "", _done_line(report, db)]


def said_of(report: PassReport, resting: Mapping[str, str]) -> str:
    """`jira/acme 37 changed · snow/acme waits after SLA503 · would write 7 tickets`; `resting` are
    those that were left alone, by what they failed with."""
    said = [
        f"{source.name} {source.error.code}"
        if source.error
        else f"{source.name} {source.changed} changed"
        for source in report.sources
    ]
    said += [f"{name} waits after {code}" for name, code in resting.items()]
    said += [f"{s.name} {len(s.absent)} not found" for s in report.sources if s.absent]
    would = sum(s.planned.tickets for s in report.sources if s.mode == "observe")
    wrote = sum(s.written.tickets for s in report.sources)
    said += ["halted"] if report.halted else []
    said += [f"{s.name} held after a restore" for s in report.sources if s.behind is not None]
    said += [f"{s.name} {why}" for s in report.sources if (why := _held_back(s))]
    said += [f"would write {count(would, 'ticket')}"] if would else []
    said += [f"wrote {count(wrote, 'ticket')}"] if wrote else []
    said += [f"reminded of {count(len(report.reminded), 'review')}"] if report.reminded else []
    return " · ".join(said) or "every connection is left alone for now"


def _held_back(source: SourceReport) -> str:
    """What keeps something from being written, in a word."""
    if source.held:
        return f"waits for sla approve {source.held}"
    if source.refused:
        return "over the limits"
    if source.clock_fault and source.items:
        return "held for the clock"
    return "held back in part" if source.withheld else ""


def _pull_line(db: Connection, when: str, source: SourceReport) -> str:
    since = clock_text(source.since, local_zone()) if source.since is not None else ""
    return pull_line(
        when,
        source.name,
        tickets=keeping.count(db, source.name),
        changed=source.changed,
        since=since,
        requests=source.pull_requests,
        seconds=source.pull_seconds,
    )


def _write_line(when: str, source: SourceReport) -> str:
    observe = source.mode == "observe"
    writes = source.planned if observe else source.written
    return write_line(
        when,
        source.name,
        tickets=writes.tickets,
        fields=writes.fields,
        comments=writes.comments,
        escalations=writes.escalations,
        requests=source.write_requests,
        observe=observe,
    )


def _done_line(report: PassReport, db: Connection) -> str:
    names = [source.name for source in report.sources]
    tally = verdicts.tally(db, names)
    coming = verdicts.next_due(db, report.now)
    failed = sum(len(source.failures) + bool(source.error) for source in report.sources)
    return done_line(
        seconds=report.seconds,
        clocks=tally.open,
        breached=tally.breached,
        at_risk=tally.at_risk,
        next_ticket=coming.key if coming else "",
        next_in=Millis(coming.at - report.now) if coming else None,
        failed=failed,
    )


def pass_json(report: PassReport) -> dict[str, object]:
    """The same for machines; durations in seconds."""
    return {
        "schema": 1,
        "now": to_iso(report.now),
        "seconds": round(report.seconds, 3),
        "exit_code": report.exit_code(),
        "run": report.run or None,
        "halted": report.halted or None,
        "reminded": [{"policy": n.ref.key, "channel": n.channel} for n in report.reminded],
        "connections": [_source_json(source) for source in report.sources],
    }


def _source_json(source: SourceReport) -> dict[str, object]:
    return {
        "name": source.name,
        "system": source.system,
        "mode": source.mode,
        "changed": source.changed,
        "missed": source.missed,
        "not_found": list(source.absent),
        "rewritten": list(source.rewritten),
        "judged": source.judged,
        "clocks": source.clocks,
        "transitions": source.moved,
        "restated": source.restated,
        "standing": source.standing,
        "planned": msgspec.to_builtins(source.planned),
        "written": msgspec.to_builtins(source.written),
        "behind_since": None if source.behind is None else to_iso(source.behind),
        "in_doubt": source.waiting,
        "left": source.left,
        "requests": {"pull": source.pull_requests, "write": source.write_requests},
        **failures_json(source),
    }
