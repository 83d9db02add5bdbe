"""The state of every connection: how fresh, how far behind, what it may write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from reports import screen
from reports.held import Failing, Holding, held_json, render_held
from reports.json_values import JsonValue, iso
from reports.run_text import clock_text
from reports.words import count, number
from sla_engine.units import Instant, Millis, to_datetime
from sla_engine.words import duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


NAMED = 3
"""Missing tickets that are named; --json names all."""


class Source(msgspec.Struct, frozen=True):
    """One connection. `synced_at` is the last good pull, `failure` why the latest was not good;
    `limit` how old its data may be before that is a fault. At `counted_at` there were `counted`
    tickets; `rereads` are to be read again by now, `absent` (key, since) cannot be found."""

    name: str
    synced_at: Instant | None
    tried_at: Instant | None
    failure: str
    backlog: int
    writes_today: int
    mode: str
    tickets: int
    limit: Millis
    counted_at: Instant | None = None
    counted: int = 0
    rereads: int = 0
    absent: Sequence[tuple[str, Instant]] = ()


def render_status(
    sources: Sequence[Source],
    *,
    now: Instant,
    zone: ZoneInfo,
    policies: str,
    clocks: int,
    state: str,
    holding: Sequence[Holding] = (),
    failing: Sequence[Failing] = (),
) -> RenderableType:
    """The table, what holds writing back, what fails, and one line about the whole; `state` says
    where the state is and how large."""
    table = screen.table(
        ("Connection", "left"),
        ("Data age", "right"),
        ("Limit", "right"),
        ("Last sync", "left"),
        ("Tickets", "right"),
        ("Backlog", "right"),
        ("Writes today", "right"),
        ("Mode", "left"),
    )
    for source in sources:
        well = fresh(source, now) and not source.failure
        table.add_row(
            Text(f"{'●' if well else '▲'} {source.name}", style="green" if well else "yellow"),
            age_text(source, now),
            duration(source.limit),
            last_text(source, zone),
            number(source.tickets),
            number(source.backlog),
            number(source.writes_today),
            source.mode,
        )
    line = (
        f"Policies {policies} · {count(clocks, 'clock')} open · {state} · {tail_text(sources, now)}"
    )
    held = render_held(holding, failing, now=now, zone=zone)
    counts = [Text(line) for line in count_lines(sources, now)]
    step = [Text(said)] if (said := next_text(sources, now)) else []
    return Group(screen.indented(table), *held, Text(), *counts, Text(line), *step)


def count_lines(sources: Sequence[Source], now: Instant) -> list[str]:
    """When the tickets of each system were counted, and those that cannot be found."""
    return [_counted(sources, now), *(said for one in sources if (said := _absent(one)))]


def _counted(sources: Sequence[Source], now: Instant) -> str:
    """`Counted: jira/acme 1 204 open or recent, 3 h ago`; with what waits to be read again."""
    said = []
    for source in sources:
        words = f"{source.name} not yet"
        if source.counted_at is not None:
            ago = duration(Millis(max(0, now - source.counted_at)))
            words = f"{source.name} {number(source.counted)} open or recent, {ago} ago"
        late = f" ({number(source.rereads)} to be read again)" if source.rereads else ""
        said.append(words + late)
    return f"Counted: {' · '.join(said)}"


def _absent(source: Source) -> str:
    """Which tickets cannot be found; "" where all can."""
    if not source.absent:
        return ""
    named = [f"{key} since {to_datetime(at):%d %b}" for key, at in source.absent[:NAMED]]
    more = len(source.absent) - len(named)
    named += [f"{number(more)} more"] if more else []
    what = "deleted, moved or hidden from us"
    return f"Not found in {source.name}: {', '.join(named)} ({what})"


def tail_text(sources: Sequence[Source], now: Instant) -> str:
    """Old data, and failures even while what was read before is young enough."""
    stale = sum(not fresh(source, now) for source in sources)
    failing = sum(bool(source.failure) for source in sources)
    said = [f"{number(stale)} not fresh"] if stale else []
    said += [f"{number(failing)} failing"] if failing else []
    return f"connections: {', '.join(said)}" if said else "all connections fresh"


def next_text(sources: Sequence[Source], now: Instant) -> str:
    """What helps where a connection is not well; "" where all are."""
    if any(source.failure for source in sources):
        return "Next  sla doctor asks each system, now"
    if not all(fresh(source, now) for source in sources):
        return "Next  sla run keeps the data fresh; sla run --once pulls now"
    return ""


def fresh(source: Source, now: Instant) -> bool:
    """Whether its data are as young as they must be."""
    return source.synced_at is not None and now - source.synced_at <= source.limit


def age_text(source: Source, now: Instant) -> str:
    """`41 s`, or `never`."""
    return "never" if source.synced_at is None else duration(Millis(max(0, now - source.synced_at)))


def last_text(source: Source, zone: ZoneInfo) -> str:
    """When the last try was, and how it ended."""
    when = clock_text(source.tried_at, zone) if source.tried_at is not None else "not yet"
    return f"{when} {source.failure or 'ok'}" if source.tried_at is not None else when


def status_json(
    sources: Sequence[Source],
    *,
    now: Instant,
    policies: str,
    clocks: int,
    holding: Sequence[Holding] = (),
    failing: Sequence[Failing] = (),
) -> JsonValue:
    """The same for machines; ages in milliseconds, null where there was no sync yet."""
    return {
        "schema": 1,
        "now": iso(now),
        "policies": policies,
        "clocks_open": clocks,
        **held_json(holding, failing),
        "sources": [
            {
                "name": source.name,
                "fresh": fresh(source, now),
                "age": None if source.synced_at is None else now - source.synced_at,
                "limit": source.limit,
                "synced_at": iso(source.synced_at),
                "tried_at": iso(source.tried_at),
                "failure": source.failure or None,
                "tickets": source.tickets,
                "backlog": source.backlog,
                "writes_today": source.writes_today,
                "mode": source.mode,
                "counted_at": iso(source.counted_at),
                "counted": source.counted,
                "to_read_again": source.rereads,
                "not_found": [{"ticket": key, "since": iso(at)} for key, at in source.absent],
            }
            for source in sources
        ],
    }
