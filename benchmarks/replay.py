"""The engine at work: made-up tickets replayed under a policy from YAML, in full.

What a ticket costs is told in `elapsed` calls of the same run: of ours, asked what business_time
asks, and of the best peer's, in Rust, a yardstick that does not shrink when ours gets better.
Tickets and calls take turns, chunk by chunk, so that all see the same machine; of three rounds the
least counts, as what else the machine does can only add to it, and of all chunks the median.
"""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Sequence
from itertools import islice
from math import isnan, nan
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import process_time
from typing import NamedTuple

from rich.console import Console

from benchmarks.figures import Figure, at_most, table_of
from benchmarks.made_up import END, EVENTS, policies, tickets
from benchmarks.peers import Peer, installed, ours, timegrid
from benchmarks.questions import main_pairs, office
from sla_engine.evaluate import evaluate
from sla_engine.model import Ticket
from sla_engine.terms import Policies

TICKETS = 100_000
CHUNK = 2_000
ROUNDS = 3
PEER_CALLS = round(40 / 1.5)
"""T4 allows 40 calls of an `elapsed` that T1 wants 1.5 times as fast as the peer's."""

Pairs = Sequence[tuple[object, object]]


class Chunk(NamedTuple):
    """CPU seconds a ticket took, an `elapsed` call of ours, and the peer's where it is installed;
    verdicts and spans a ticket has."""

    ticket: float
    call: float
    peer: float
    verdicts: float
    spans: float


def replay(number: int) -> list[Chunk]:
    """Every chunk of so many tickets, after one that is not counted: tables fill as they are met,
    and calendars grow."""
    terms, source = policies(), tickets(number + CHUNK)
    peers = [make(office()) for make in (ours, timegrid) if make is ours or installed("timegrid")]
    chunks = []
    while some := list(islice(source, CHUNK)):
        chunks.append(_chunk(terms, some, peers))
    return chunks[1:]


def _chunk(terms: Policies, some: Sequence[Ticket], peers: Sequence[Peer]) -> Chunk:
    pairs = [_pairs(peer) for peer in peers]
    gc.collect()
    gc.freeze()
    rounds = [(_tickets(terms, some), *map(_calls, peers, pairs)) for _ in range(ROUNDS)]
    gc.unfreeze()
    found = [evaluate(terms, ticket, END) for ticket in some[:100]]
    ticket, call, *others = map(min, zip(*rounds, strict=True))
    return Chunk(
        ticket,
        call,
        others[0] if others else nan,
        sum(map(len, found)) / len(found),
        sum(len(verdict.spans) for verdicts in found for verdict in verdicts) / len(found),
    )


def _tickets(terms: Policies, some: Sequence[Ticket]) -> float:
    begun = process_time()
    for ticket in some:
        evaluate(terms, ticket, END)
    return (process_time() - begun) / len(some)


def _calls(peer: Peer, pairs: Pairs) -> float:
    elapsed, calendar = peer.elapsed, peer.measures
    begun = process_time()
    for a, b in pairs:
        elapsed(calendar, a, b)
    return (process_time() - begun) / len(pairs)


def _pairs(peer: Peer) -> Pairs:
    pairs, _ = main_pairs(random.Random(7))
    return [(peer.at(a), peer.at(b)) for a, b in pairs]


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
    ticket, call, peer = (median(chunk[which] for chunk in chunks) for which in range(3))
    return [
        *_ratios("`elapsed` calls of ours", [chunk.ticket / chunk.call for chunk in chunks], 40),
        *_ratios(
            "`elapsed` calls of timegrid",
            [chunk.ticket / chunk.peer for chunk in chunks],
            PEER_CALLS,
        ),
        at_most("µs a ticket (one core; T4: on a quiet machine)", ticket * 1e6, 40, "{:.1f}"),
        Figure("µs an `elapsed` call, ours and timegrid's", f"{call * 1e6:.2f} {peer * 1e6:.2f}"),
        Figure("tickets a second", f"{1 / ticket:,.0f}"),
        Figure("events a second", f"{EVENTS / ticket:,.0f}"),
        Figure("verdicts a ticket", f"{median(chunk.verdicts for chunk in chunks):.1f}"),
        Figure("spans a ticket", f"{median(chunk.spans for chunk in chunks):.1f}"),
        Figure("peak memory of the process, MB", f"{peak:,.0f}"),
        at_most(
            "bytes a ticket held in memory", bytes_a_ticket(min(number, 5_000)), 4_096, "{:,.0f}"
        ),
    ]


def _ratios(name: str, ratios: Sequence[float], most: float) -> list[Figure]:
    """The median, and from where to where it went; nan where the peer is not installed."""
    name = f"a ticket costs in {name}"
    if any(map(isnan, ratios)):
        return [Figure(name, "not installed")]
    span = f"{min(ratios):.1f}–{max(ratios):.1f}"
    return [at_most(name, median(ratios), most, "{:.1f}"), Figure("  from chunk to chunk", span)]


def main() -> None:
    """Print the table."""
    title = f"Replay of {TICKETS:,} made-up tickets of {EVENTS} events, 3 clocks, full spans"
    Console(width=100).print(table_of(title, replay_figures()))


if __name__ == "__main__":
    main()
