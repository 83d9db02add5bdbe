"""Business time against its peers in one run: how fast, and how often right.

Monday to Friday 09-12 and 13-17 in London with England's holidays, 10,000 pairs from 2020 to 2026;
and every day 00-08, pairs on both sides of each of the 14 clock changes. The truth is brute force:
a table of every minute, looked up on the wall clock.
"""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import process_time
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.peers import PEERS, Hours, Peer, installed, ours, terms_of
from benchmarks.questions import (
    END,
    PAIRS,
    START,
    Asked,
    Length,
    Pair,
    Truth,
    change_pairs,
    main_pairs,
    night,
    office,
)
from sla_engine.calendars import Calendar, advance, elapsed
from sla_engine.units import DAY, HOUR, MINUTE, Instant, Millis

BUDGET = 1.0  # seconds a peer may take for one column; the slow answer fewer pairs

TEN_YEARS = Instant(START + 3195 * DAY)  # tables begin three months before and end a year after


class Row(NamedTuple):
    """One peer: microseconds an operation, and wrong answers of those it gave."""

    name: str
    elapsed: float
    due: float
    wrong: int
    asked: int
    wrong_at_changes: int
    asked_at_changes: int


def timed(ask: Callable[[], int]) -> float:
    """Least CPU seconds an answer over rounds that fit the budget; `ask` says how many it gave."""
    best, spent = float("inf"), 0.0
    while spent < BUDGET:
        begun = process_time()
        answers = ask()
        took = process_time() - begun
        best, spent = min(best, took / answers), spent + took
    return best


def speed(
    calendar: object,
    question: Callable[..., object],
    asked: Sequence[tuple[object, object]],
) -> float:
    """Microseconds an answer; slow ones are asked only what fits the budget."""
    begun = process_time()
    tried = 0
    for a, b in asked[:200]:
        question(calendar, a, b)
        tried += 1
        if process_time() - begun > BUDGET:
            break
    fitting = int(BUDGET / max(process_time() - begun, 1e-9) * tried)
    some = asked[: max(tried, min(len(asked), fitting))]

    def ask() -> int:
        for a, b in some:
            question(calendar, a, b)
        return len(some)

    return timed(ask) * 1e6


def wrong(peer: Peer, truth: Truth, pairs: Sequence[Pair], lengths: Sequence[Length]) -> int:
    """How many answers are not the truth; an exception is no answer either."""
    right = 0
    for pair in pairs:
        with suppress(Exception):
            right += _right_elapsed(peer, truth, pair)
    for length in lengths:
        with suppress(Exception):
            right += _right_due(peer, truth, length)
    return len(pairs) + len(lengths) - right


def _right_elapsed(peer: Peer, truth: Truth, pair: Pair) -> bool:
    found = peer.millis(peer.elapsed(peer.measures, peer.at(pair[0]), peer.at(pair[1])))
    return abs(found - truth.elapsed(pair)) < peer.exact


def _right_due(peer: Peer, truth: Truth, length: Length) -> bool:
    found = peer.instant(peer.due(peer.plans, peer.at(length[0]), peer.length(length[1])))
    # To the minute: what ends within a minute of closing may be due at the next opening.
    return abs(found - truth.due(length)) < peer.exact or (
        peer.exact > MINUTE and truth.elapsed((Instant(truth.due(length)), found)) < peer.exact
    )


def rows() -> list[Row]:
    """Ours, then each peer that is installed, between two runs of ours: the better one counts."""
    rng = random.Random(20261121)
    day, dark = main_pairs(rng), change_pairs(rng)
    truths = Truth(office()), Truth(night())
    found = []
    first = _row("sla-sync", ours, truths, day, dark)
    for name, make in PEERS.items():
        if installed(name):
            found.append(_row(f"{name} {installed(name)}", make, truths, day, dark))
    again = _row("sla-sync", ours, truths, day, dark)
    best = again._replace(elapsed=min(first.elapsed, again.elapsed), due=min(first.due, again.due))
    return [best, *found]


def _row(
    name: str,
    make: Callable[[Hours], Peer],
    truths: tuple[Truth, Truth],
    day: Asked,
    dark: Asked,
) -> Row:
    peer, other = make(office()), make(night())
    pairs = [(peer.at(a), peer.at(b)) for a, b in day[0]]
    lengths = [(peer.at(a), peer.length(length)) for a, length in day[1]]
    gc.collect()
    gc.freeze()
    per_elapsed = speed(peer.measures, peer.elapsed, pairs)
    per_due = speed(peer.plans, peer.due, lengths)
    some = PAIRS if max(per_elapsed, per_due) < 500 else 1_000
    return Row(
        name,
        per_elapsed,
        per_due,
        wrong(peer, truths[0], day[0][:some], day[1][:some]),
        2 * some,
        wrong(other, truths[1], *dark),
        2 * len(dark[0]),
    )


def peers_table(found: Sequence[Row]) -> Table:
    """Each row with how many times as long as ours it takes."""
    table = Table(title="Business time: µs an operation (CPU, one core), and wrong answers")
    for column in ("library", "elapsed", "", "due", "", "wrong", "at changes"):
        table.add_column(column, justify="left" if column == "library" else "right", no_wrap=True)
    mine = found[0]
    for row in found:
        table.add_row(
            row.name,
            f"{row.elapsed:,.2f}",
            _times(row.elapsed / mine.elapsed),
            f"{row.due:,.2f}",
            _times(row.due / mine.due),
            f"{row.wrong:,} of {row.asked:,}",
            f"{row.wrong_at_changes:,} of {row.asked_at_changes:,}",
        )
    for name in PEERS:
        if not installed(name):
            table.add_row(name, "not installed")
    return table


def _times(ratio: float) -> str:
    return f"{ratio:,.1f}×" if ratio < 100 else f"{ratio:,.0f}×"


def own_table() -> Table:
    """What else is promised of ours, as ratios and times."""
    table = Table(title="Business time: ours by itself")
    for column in ("figure", "measured", "target"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    rng = random.Random(7)
    peer = ours(office())
    starts = [Instant(rng.randrange(START, START + 180 * DAY)) for _ in range(PAIRS)]
    short, long = (
        speed(peer.measures, elapsed, [(a, Instant(a + days * DAY)) for a in starts])
        for days in (1, 6 * 365)
    )
    always = Calendar.from_mapping("24x7")
    quick = speed(always, elapsed, [(a, Instant(a + DAY)) for a in starts])
    table.add_row("elapsed over 6 years ÷ over a day", f"{long / short:.2f}×", "<= 1.3×")
    table.add_row("elapsed on 24x7, µs", f"{quick:.2f}", "")
    table.add_row("compile 10 years, ms", f"{compiling() * 1e3:.2f}", "<= 1")
    table.add_row("a calendar of 10 years, kB", f"{size(TEN_YEARS) / 1024:,.0f}", "")
    seconds, taken = a_thousand()
    table.add_row("1,000 calendars put to use, s", f"{seconds:.2f}", "<= 1")
    table.add_row("1,000 calendars put to use, MB", f"{taken:,.0f}", "<= 150")
    return table


def compiling() -> float:
    """Seconds to the first answer of a calendar that lays out ten years for it, its zone known."""
    versions = Calendar.from_mapping(terms_of(office())).versions

    def ask() -> int:
        elapsed(Calendar("", versions), START, TEN_YEARS)
        return 1

    return timed(ask)


def a_thousand() -> tuple[float, float]:
    """CPU seconds and MB of a thousand calendars, each asked about a ticket of this year."""
    versions = Calendar.from_mapping(terms_of(office())).versions
    begun = process_time()
    held = [Calendar(str(number), versions) for number in range(1_000)]
    for calendar in held:
        advance(calendar, END, Millis(8 * HOUR))
    return process_time() - begun, size(Instant(START + DAY)) * len(held) / 1e6


def size(end: Instant) -> int:
    """Bytes that a calendar takes once it was asked about the time from 2020 to `end`."""
    fresh = Calendar.from_mapping(terms_of(office()))
    tracemalloc.start()
    elapsed(fresh, START, end)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return taken


def main() -> None:
    """Print both tables."""
    console = Console(width=110)
    console.print(peers_table(rows()))
    console.print(own_table())


if __name__ == "__main__":
    main()
