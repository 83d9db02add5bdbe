"""What went wrong in a pass, told so that people can mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reports.errors import error_json, render_error
from reports.held import MENDS
from reports.words import count

if TYPE_CHECKING:
    from connectors.base import ConnectorError
    from service.delivery.outcome import PassReport, SourceReport
    from service.state.failure import Failure

FORBIDDEN = "SLA403"

SHOWN = 10
"""Tickets named on the screen; --json names all."""


def told(report: PassReport) -> Iterator[str]:
    """A block of text for each trouble, connection by connection."""
    if report.halted:
        facts = (("reason", report.halted), ("fix", "sla resume, once it is well again"))
        yield render_error("SLA318", "writing is halted", facts, effect="No ticket was changed.")
    for source in report.sources:
        if source.error is not None:
            yield error_text(source.error, effect(source, report.sources))
        if source.clock_fault and source.items:
            fix = "let this machine and the system keep time by NTP; sla doctor compares"
            yield _refused("SLA316", source, fix, source.clock_fault)
        if source.held:
            fix = f"look at it with sla plan, then sla approve {source.held}; or undo the change"
            yield _refused("SLA308", source, fix)
        elif source.refused:
            fix = "look at it with sla plan, then raise the limit or run with --force"
            yield _refused("SLA306", source, fix)
        if source.braked:
            yield render_error("SLA319", f"{source.name} is held back", _braked(source))
        yield from _stopped(source)
        yield from _tickets(source)


def _stopped(source: SourceReport) -> Iterator[str]:
    """What is not tried any more since it went wrong too often."""
    facts = [("reason", f"{why}; {count(number, 'ticket')}") for why, number in source.broken]
    fixes = [("fix", MENDS["breaker"])] if facts else []
    barred = [
        ("field", f"{why}; {count(number, 'ticket')}") for why, number in source.barred if number
    ]
    fixes += [("fix", MENDS["fields"])] if barred else []
    if fixes:
        what = f"{source.name}: what went wrong too often is not tried any more"
        yield render_error("SLA325", what, [*facts, *barred, *fixes])


def _braked(source: SourceReport) -> list[tuple[str, str]]:
    facts = [("reason", f"{why}; {count(number, 'ticket')}") for why, number in source.braked]
    return [*facts, ("fix", "look at sla plan; what waits is done when there is room again")]


def _refused(code: str, source: SourceReport, fix: str, why: str = "") -> str:
    facts = (("connection", source.name), ("fix", fix))
    return render_error(code, why or source.refused, facts, effect="No ticket was changed.")


def error_text(error: ConnectorError, effect: str = "") -> str:
    """The error's own lines and what it did to tickets."""
    return render_error(error.code, error.what, error.facts, effect=effect)


def effect(source: SourceReport, sources: Sequence[SourceReport]) -> str:
    """What the failure of one connection meant for its tickets and for the others."""
    changed = source.written.tickets
    own = f"{changed} tickets were written before." if changed else "No ticket was changed"
    others = [other.name for other in sources if other is not source and other.error is None]
    if changed:
        own += f" {source.left} are left for the next pass"
    return f"{own}; {', '.join(others)} went on." if others else f"{own.rstrip('.')}."


def _tickets(source: SourceReport) -> Iterator[str]:
    closed = [one for one in source.failures if one.code == FORBIDDEN]
    for project in dict.fromkeys(map(_project, closed)):
        yield _closed(source, project, [one for one in closed if _project(one) == project])
    others = [one for one in source.failures if one.code != FORBIDDEN]
    if not others:
        return
    facts = [(one.key, one.what) for one in others[:SHOWN]]
    more = len(others) - len(facts)
    if more:
        facts.append(("…", f"and {more} more; all: --json"))
    facts.append(("fix", "sla status lists them; sla retry TICKET once it is mended"))
    what = f"{len(others)} tickets of {source.name} failed; the others went on"
    if len(others) == 1:
        what = f"one ticket of {source.name} failed; the others went on"
    yield render_error("SLA305", what, facts)


def _project(failure: Failure) -> str:
    """What is closed together: the project of a key, the tickets of a table."""
    return failure.key.partition("-")[0].rstrip("0123456789")


def _closed(source: SourceReport, project: str, failures: Sequence[Failure]) -> str:
    tickets = len({one.key for one in failures})
    written = source.written.tickets
    skipped = f"{tickets} {'ticket' if tickets == 1 else 'tickets'} of {project}"
    fix = f"give our account the right to edit, comment and assign in {project}"
    others = f"{written} others of {source.name} were written"
    facts = (("skipped", f"{skipped}; {others}"), ("fix", f"{fix}; the next passes try again"))
    return render_error(FORBIDDEN, failures[0].what, facts)


def failures_json(source: SourceReport) -> dict[str, object]:
    """The same for machines."""
    error = source.error
    return {
        "error": None if error is None else error_json(error.code, error.what, error.facts),
        "refused": source.refused or None,
        "held": source.held or None,
        "clock_fault": source.clock_fault or None,
        "held_back": dict(source.braked),
        "stopped": dict(source.broken),
        "barred_fields": dict(source.barred),
        "failures": [
            {"ticket": one.key, "what": one.what, "code": one.code or None}
            for one in source.failures
        ],
    }
