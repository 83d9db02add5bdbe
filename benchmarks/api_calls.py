"""API calls a changed ticket costs, counted by the sandbox: exact, and the same on every machine.

Every ticket has a past, was read before, and has now changed once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, table_of
from benchmarks.sites import SITES, Site
from connectors.base import Batch, Connector
from sandbox.request_log import RequestLog
from sla_engine.changes import AddComment, Change, SetFields, SetTicketFields, Why
from sla_engine.model import At, FieldValue, Ref, Ticket
from sla_engine.presets import PUBLISH
from sla_engine.units import Instant

NUMBERS = (10, 100, 1_000)
HOUR = 3_600_000
WRITTEN = 10
WHY = Why("for the benchmark")
DUE = Instant(1_800_000_000_000)


class Reads(NamedTuple):
    """Calls of one pull with so many changed tickets, of the first that read all of them, and of
    the next after an hour in which nothing happened."""

    tickets: int
    changed: int
    first: int
    idle: int


class Writes(NamedTuple):
    """Calls a ticket: for its fields, and for fields, comment and escalation at once."""

    fields: float
    all: float


def reads(site: Site, number: int) -> Reads:
    """Let so many tickets change, and count what it costs to read them, whole histories and all."""
    with site.begin() as running:
        connector, log = site.connect(running), site.log(running)
        _, _, cursor = _pull(connector, log, "")  # what a site is like is read once
        ids = [site.add(running, site.past) for _ in range(number)]
        running.clock.advance(HOUR)
        tickets, first, cursor = _pull(connector, log, cursor)
        _require(tickets, ids)
        for identity in ids:
            site.change(running, identity)
        running.clock.advance(HOUR)
        tickets, changed, cursor = _pull(connector, log, cursor)
        _require(tickets, ids)
        running.clock.advance(HOUR)
        _, _, cursor = _pull(connector, log, cursor)
        tickets, idle, _ = _pull(connector, log, cursor)
        _require(tickets, ())
        return Reads(number, changed, first, idle)


def _pull(connector: Connector, log: RequestLog, cursor: str) -> tuple[list[Ticket], int, str]:
    before = len(log)
    batches: list[Batch] = list(connector.pull(cursor))
    assert not any(batch.unreadable for batch in batches)
    tickets = [ticket for batch in batches for ticket in batch.tickets]
    return tickets, len(log) - before, batches[-1].cursor


def _require(tickets: Sequence[Ticket], ids: Sequence[str]) -> None:
    """No ticket is missing, and none has a hole in its history."""
    assert sorted(ticket.ref.id for ticket in tickets) == sorted(ids)
    assert not [ticket.incomplete for ticket in tickets if ticket.incomplete]


def writes(site: Site, number: int = WRITTEN) -> Writes:
    """What it costs to write to a ticket once the site is known."""
    with site.begin() as running:
        connector, log = site.connect(running), site.log(running)
        ids = [site.add(running, site.past) for _ in range(number)]
        refs = [ticket.ref for ticket in connector.fetch([Ref("", "", one) for one in ids])]
        _write(site, connector, refs[0], "Paused", "first")
        counts = [len(log)]
        for state, key in (("At risk", ""), ("Breached", "k")):
            for ref in refs:
                _write(site, connector, ref, state, key)
            counts.append(len(log))
        return Writes(*((b - a) / number for a, b in pairwise(counts)))


def _write(site: Site, connector: Connector, ref: Ref, state: str, key: str) -> None:
    """All our fields; a comment and an escalation too where there is a key for them."""
    values: dict[str, FieldValue] = {"due": At(DUE), "state": state, "summary": f"Now {state}"}
    published = PUBLISH["jira" if site.is_jira else "servicenow"].fields
    fields = tuple((name, values[what]) for name, what in published.items() if what in values)
    changes: list[Change] = [SetFields(ref, fields, WHY)]
    if key:
        changes.append(AddComment(ref, key, ("The promise is broken.",), WHY))
        changes.append(SetTicketFields(ref, f"{key}+", (("priority", "P1"),), WHY))
    outcomes = connector.write(ref, changes).outcomes
    assert {outcome.kind for outcome in outcomes} == {"confirmed"}, outcomes


def read_figures(site: Site, numbers: Sequence[int] = NUMBERS) -> list[Figure]:
    """The calls with so many changed tickets, and those of a pull after an hour of quiet."""
    found = [reads(site, number) for number in numbers]
    figures = [
        _judged(f"{site.name}: {one.tickets:,} changed", one.changed, site.most.get(one.tickets))
        for one in found
    ]
    idle = max(one.idle for one in found)
    return [*figures, _judged(f"{site.name}: nothing changed", idle, site.idle)]


def _judged(name: str, calls: int, most: int | None) -> Figure:
    if most is None:
        return Figure(name, str(calls))
    return Figure(name, str(calls), f"<= {most}", calls <= most)


def write_figures(site: Site) -> list[Figure]:
    """Calls a ticket for its fields, and with a comment and an escalation as well."""
    found = writes(site)
    return [
        Figure(f"{site.name}: our fields", f"{found.fields:g}", "1", found.fields == 1),
        Figure(
            f"{site.name}: fields, comment, escalation", f"{found.all:g}", "1 or 2", found.all <= 2
        ),
    ]


def tables(sites: Sequence[Site] = SITES, numbers: Sequence[int] = NUMBERS) -> Iterator[Table]:
    """What reading costs, and what writing."""
    title = "Calls of a pull, by how many of the tickets changed"
    yield table_of(title, [figure for site in sites for figure in read_figures(site, numbers)])
    figures = [figure for site in sites for figure in write_figures(site)]
    yield table_of("Calls that writing to a ticket costs", figures)


def main() -> None:
    """Print the tables."""
    console = Console(width=100)
    for table in tables():
        console.print(table)


if __name__ == "__main__":
    main()
