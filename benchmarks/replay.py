"""The engine at work: made-up tickets replayed under a policy from YAML, in full.

What a ticket costs is told in `elapsed` calls of the same run: tickets and calls take turns, chunk
by chunk, so that both see the same machine; of three rounds the least counts, as what else the
machine does can only add to it, and of all chunks the median.
"""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Sequence
from itertools import islice
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import process_time
from typing import NamedTuple

from rich.console import Console

from benchmarks.figures import Figure, at_most, table_of
from benchmarks.made_up import END, EVENTS, START, YEAR, policies, tickets
from sla_engine.calendars import Calendar, elapsed
from sla_engine.evaluate import evaluate
from sla_engine.model import Ticket
from sla_engine.terms import Policies
from sla_engine.units import DAY, MINUTE, Instant

TICKETS = 100_000
CHUNK = 2_000
PAIRS = 10_000
ROUNDS = 3

Pairs = Sequence[tuple[Instant, Instant]]


class Chunk(NamedTuple):
    """CPU seconds a ticket and an `elapsed` call took; verdicts and spans a ticket has."""

    ticket: float
    call: float
    verdicts: float
    spans: float


def replay(number: int) -> list[Chunk]:
    """Every chunk of so many tickets, after one that is not counted: tables fill as they are met,
    and calendars grow."""
    terms, source, pairs = policies(), tickets(number + CHUNK), _pairs()
    chunks = []
    while some := list(islice(source, CHUNK)):
        chunks.append(_chunk(terms, some, pairs))
    return chunks[1:]


def _chunk(terms: Policies, some: Sequence[Ticket], pairs: Pairs) -> Chunk:
    gc.collect()
    gc.freeze()
    calendar = terms.calendars["office"]
    rounds = [(_tickets(terms, some), _calls(calendar, pairs)) for _ in range(ROUNDS)]
    gc.unfreeze()
    found = [evaluate(terms, ticket, END) for ticket in some[:100]]
    ticket, call = map(min, zip(*rounds, strict=True))
    return Chunk(
        ticket,
        call,
        sum(map(len, found)) / len(found),
        sum(len(verdict.spans) for verdicts in found for verdict in verdicts) / len(found),
    )


def _tickets(terms: Policies, some: Sequence[Ticket]) -> float:
    begun = process_time()
    for ticket in some:
        evaluate(terms, ticket, END)
    return (process_time() - begun) / len(some)


def _calls(calendar: Calendar, pairs: Pairs) -> float:
    begun = process_time()
    for a, b in pairs:
        elapsed(calendar, a, b)
    return (process_time() - begun) / len(pairs)


def _pairs() -> Pairs:
    rng = random.Random(7)
    starts = [START + rng.randrange(YEAR) for _ in range(PAIRS)]
    return [(Instant(a), Instant(a + rng.randrange(MINUTE, 90 * DAY))) for a in starts]


def bytes_a_ticket(number: int) -> float:
    """What holding tickets costs, strings and numbers of their own included."""
    list(tickets(10))
    tracemalloc.start()
    held = list(tickets(number, seed=2))
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / len(held)


def replay_figures(number: int = TICKETS) -> list[Figure]:
    """What the replay cost."""
    chunks = replay(number)
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    ticket, call = (median(chunk[which] for chunk in chunks) for which in range(2))
    ratios = sorted(chunk.ticket / chunk.call for chunk in chunks)
    return [
        at_most("`elapsed` calls a ticket costs", median(ratios), 40, "{:.1f}"),
        Figure("  from chunk to chunk", f"{ratios[0]:.1f}–{ratios[-1]:.1f}"),
        at_most("µs a ticket (one core; T4: on a quiet machine)", ticket * 1e6, 40, "{:.1f}"),
        Figure("µs an `elapsed` call, same run", f"{call * 1e6:.2f}"),
        Figure("tickets a second", f"{1 / ticket:,.0f}"),
        Figure("events a second", f"{EVENTS / ticket:,.0f}"),
        Figure("verdicts a ticket", f"{median(chunk.verdicts for chunk in chunks):.1f}"),
        Figure("spans a ticket", f"{median(chunk.spans for chunk in chunks):.1f}"),
        Figure("peak memory of the process, MB", f"{peak:,.0f}"),
        at_most(
            "bytes a ticket held in memory", bytes_a_ticket(min(number, 5_000)), 4_096, "{:,.0f}"
        ),
    ]


def main() -> None:
    """Print the table."""
    title = f"Replay of {TICKETS:,} made-up tickets of {EVENTS} events, 3 clocks, full spans"
    Console(width=100).print(table_of(title, replay_figures()))


if __name__ == "__main__":
    main()
