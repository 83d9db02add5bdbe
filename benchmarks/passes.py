"""What a pass costs where nearly nothing changed: it shall not grow with the open tickets.

Two desks, one ten times as large as the other, each over a store of its own; in turn a hundred
customers of one and of the other speak, and a pass reads, judges, keeps and writes their tickets.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import NamedTuple

import msgspec
from rich.console import Console
from sqlalchemy import text

from benchmarks.figures import Figure, at_most, table_of
from benchmarks.made_up import END, open_tickets, policies
from connectors.memory import MemoryConnector
from service.delivery.outcome import SourceReport
from service.passes.pass_terms import Terms
from service.passes.passes import run_pass
from service.setup.sources import Source
from service.state.store import Store, open_store
from sla_engine.changes import SetFields
from sla_engine.evaluate import evaluate
from sla_engine.model import Ref, Ticket
from sla_engine.plan import Limits, plan
from sla_engine.terms import Policies

SIZE = 10_000
TIMES = 10
CHANGED = 100
ROUNDS = 15
NAME = "bench"


class Cost(NamedTuple):
    """Of one pass, in seconds: CPU, wall, and of the wall what was not writing."""

    cpu: float
    wall: float
    reading: float


class Desk:
    """Open tickets behind a connector, each kept, judged and written to in a first pass."""

    def __init__(self, store: Store, terms: Policies, numbers: Sequence[int]) -> None:
        self.store, self.tickets = store, len(numbers)
        held = (_written(terms, ticket) for ticket in open_tickets(numbers, END))
        self.connector = MemoryConnector(NAME, held, system="jira")
        self.connector.now = END
        limits = Limits(comments=CHANGED, escalations=CHANGED, at_least=CHANGED)
        self._terms = Terms(terms, lambda: END, limits=limits)
        self.run()

    def run(self) -> SourceReport:
        """One pass, always at the same instant, so that nothing falls due by itself."""
        source = Source(NAME, "jira", "write", "all", lambda: self.connector)
        (report,) = run_pass(self.store, [source], self._terms, END).sources
        assert not report.error, report.error
        assert not report.failures, report.failures
        return report

    def cost(self, numbers: Sequence[int]) -> tuple[Cost, SourceReport]:
        """Of a pass after the customers of these tickets spoke, and what that pass tells."""
        for identity in map(str, numbers):
            (ticket,) = self.connector.fetch([Ref(NAME, "", identity)])
            self.connector.add_event(identity, "comment", "public", ticket.created_by)
        gc.collect()
        begun, cpu = perf_counter(), process_time()
        report = self.run()
        spent = process_time() - cpu, perf_counter() - begun
        again = self.run()  # our own writes come back: they are no news
        assert again.judged == 0, again
        return Cost(*spent, report.pull_seconds + report.judge_seconds), report

    def bytes_a_ticket(self) -> float:
        """The size of the whole store, indexes and verdicts too, shared out among the tickets."""
        with self.store.read() as db:
            pages, size = (
                db.execute(text(f"PRAGMA {what}")).scalar_one()
                for what in ("page_count", "page_size")
            )
        return float(pages * size) / self.tickets


def _written(terms: Policies, ticket: Ticket) -> Ticket:
    """The ticket with our fields as they shall be, so that the first pass has nothing to write."""
    changes = plan(terms, ticket, evaluate(terms, ticket, END), END)
    fields = [pair for change in changes if isinstance(change, SetFields) for pair in change.fields]
    return msgspec.structs.replace(ticket, written=dict(fields))


@contextmanager
def two_desks(size: int, times: int) -> Iterator[tuple[Desk, Desk]]:
    """A desk so many times as large, and one that has every so-manieth of its tickets."""
    terms = policies()
    numbers = range(size * times)
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        small, large = (
            Desk(stack.enter_context(open_store(f"{folder}/{name}.db", writer=True)), terms, some)
            for name, some in (("small", numbers[::times]), ("large", numbers))
        )
        yield small, large


def pass_figures(
    size: int = SIZE, times: int = TIMES, changed: int = CHANGED, rounds: int = ROUNDS
) -> list[Figure]:
    """Passes over both desks by turns, the same tickets of both; each time others."""
    chosen = random.Random(7).sample(range(0, size * times, times), changed * (rounds + 1))
    with two_desks(size, times) as desks:
        gc.collect()
        gc.freeze()
        told = [
            [desk.cost(chosen[start : start + changed]) for desk in desks]
            for start in range(0, len(chosen), changed)
        ][1:]
        gc.unfreeze()
        held = desks[1].bytes_a_ticket()
    reports = [report for row in told for _, report in row]
    assert {(report.changed, report.judged) for report in reports} == {(changed, changed)}
    small, large = (_medians([row[which][0] for row in told]) for which in range(2))
    return [
        _compared("a pass, CPU", small.cpu, large.cpu, promised=True),
        _compared("a pass, on the wall", small.wall, large.wall),
        _compared("of it reading and judging, on the wall", small.reading, large.reading),
        Figure("tickets written to", f"{sum(r.written.tickets for r in reports) / len(reports):g}"),
        at_most("bytes a ticket kept in the store", held, 4_000, "{:,.0f}"),
    ]


def _medians(costs: Sequence[Cost]) -> Cost:
    return Cost(*map(median, zip(*costs, strict=True)))


def _compared(name: str, small: float, large: float, *, promised: bool = False) -> Figure:
    measured = f"{large * 1e3:,.1f} ms ÷ {small * 1e3:,.1f} ms = {large / small:.2f}×"
    return Figure(name, measured, *(("<= 1.3×", large <= 1.3 * small) if promised else ()))


def main() -> None:
    """Print the table."""
    title = f"A pass with {CHANGED} changed tickets: {SIZE * TIMES:,} open ÷ {SIZE:,} open"
    Console(width=100).print(table_of(title, pass_figures()))


if __name__ == "__main__":
    main()
