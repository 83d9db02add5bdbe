"""A soak: a desk that never rests, the service beside it, and what is there at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure, at_most
from sandbox.running import start
from sla_engine.units import Instant, to_iso
from tests.soak.desk import Desk
from tests.soak.figures import Kept, figures
from tests.soak.process import MB, Sample, Service, service

Progress = Callable[[int, Sample], None]


def soak(
    folder: Path, updates: int, turns: int, tickets: int, progress: Progress = lambda *_: None
) -> list[Figure]:
    """So many updates in so many turns, one after each pass; the figures of it."""
    now = time.time_ns() // 1_000_000  # a process of its own has no other clock
    with start(now=now, empty=True) as running, service(folder, running.jira_url) as process:
        desk = Desk(running, tickets)
        samples = _passes(desk, process, updates // turns, turns, progress)
        seen_at = Instant(running.clock.now())
        samples += _quiet(process)
        wrong = desk.wrong(seen_at)
        codes = [process.stop(), process.command("audit", "verify")]
    for one in wrong[:20]:
        print(one)
    lines = sum(one.written for one in samples) + len(desk.resolved) + len(desk.late)
    before = process.state.stat().st_size
    codes.append(process.command("purge", "--yes", "--before", to_iso(seen_at)))
    return [
        *figures(samples, Kept(len(running.jira.issues), desk.updates, lines)),
        at_most("tickets that do not say what they should", len(wrong), 0, "{:,.0f}"),
        at_most("exit codes of run, audit verify, purge", sum(codes), 0, "{:,.0f}"),
        Figure("state, then purged (MB)", _sizes(before, process.state)),
    ]


def _passes(
    desk: Desk, process: Service, updates: int, turns: int, progress: Progress
) -> list[Sample]:
    samples = []
    for sample in process.passes():
        samples.append(sample)
        progress(desk.turns, sample)
        if desk.turns == turns:
            break
        desk.turn(updates)
    return samples


def _quiet(process: Service) -> list[Sample]:
    """Passes until one has nothing to read and nothing to write any more."""
    samples = []
    for sample in process.passes():
        samples.append(sample)
        if not sample.changed and not sample.written:
            break
    return samples


def _sizes(before: int, state: Path) -> str:
    return f"{before / MB:,.1f}, then {state.stat().st_size / MB:,.1f}"
