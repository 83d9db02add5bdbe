"""The whole incident log of a real company (UCI data set 498), read and judged as `sla evaluate`
does: how fast, in how much memory, and how often as its own ServiceNow recorded.

The data are no part of this product: where they are absent the table says so.
"""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import process_time
from typing import NamedTuple

import yaml
from rich.console import Console

from benchmarks.figures import Figure, table_of
from connectors.base import Connection
from connectors.event_log import connect
from sla_engine.evaluate import evaluate
from sla_engine.policy_files import load
from sla_engine.units import DAY, Instant

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "config" / "examples" / "uci"
SHARED = Path(os.environ.get("SLA_SHARED", ROOT.parent / "shared"))
LOG = SHARED / "data" / "uci" / "incident_event_log.csv.gz"
AGREE, OF = 24_905, 24_918
"""The rest of what was recorded follows from no policy: the same history, another verdict."""


class Replayed(NamedTuple):
    """Whether each ticket kept its promise by our account; how much was read, and what it cost."""

    met: dict[str, bool]
    events: int
    seconds: float
    judging: float


def replay(path: Path) -> Replayed:
    """Read the log and judge each ticket a day after its last update."""
    policies, problems = load(EXAMPLE / "policies")
    assert not problems, problems
    (options,) = yaml.safe_load((EXAMPLE / "event_log.yaml").read_text("utf-8"))[
        "connections"
    ].values()
    options |= {"path": str(path)}
    connector = connect(Connection("uci", "event_log", options, lambda _: None, policies.fields))
    met: dict[str, bool] = {}
    events, judging, begun = 0, 0.0, process_time()
    for batch in connector.pull(""):
        before = process_time()
        for ticket in batch.tickets:
            (verdict,) = evaluate(policies, ticket, Instant(ticket.updated_at + DAY))
            met[ticket.ref.key] = verdict.state == "met"
            events += len(ticket.journal)
        judging += process_time() - before
    return Replayed(met, events, process_time() - begun, judging)


def recorded(path: Path) -> dict[str, bool]:
    """What ServiceNow said of each ticket in the end."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return {row["number"]: row["made_sla"] == "true" for row in csv.DictReader(lines)}


def log_figures(path: Path = LOG) -> list[Figure]:
    """What the replay of a log cost and found."""
    if not path.exists():
        return [Figure("skipped: the data set is absent (SLA_SHARED says where it is)", "")]
    found = replay(path)
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    truth, tickets = recorded(path), len(found.met)
    agreed = sum(found.met.get(number) == kept for number, kept in truth.items())
    least = len(truth) * AGREE // OF
    reading = found.seconds - found.judging
    return [
        Figure("tickets, events", f"{tickets:,}, {found.events:,}"),
        Figure("tickets a second, read and judged", f"{tickets / found.seconds:,.0f}"),
        Figure("events a second, read and judged", f"{found.events / found.seconds:,.0f}"),
        Figure("µs a ticket to read", f"{reading / tickets * 1e6:,.0f}"),
        Figure("µs a ticket to judge", f"{found.judging / tickets * 1e6:,.0f}"),
        Figure("peak memory of the process, MB", f"{peak:,.0f}"),
        Figure(
            "verdicts as ServiceNow recorded them",
            f"{agreed:,} of {len(truth):,}",
            f">= {least:,}",
            agreed >= least,
        ),
    ]


def main() -> None:
    """Print the table."""
    Console(width=100).print(table_of("Replay of a company's incident log", log_figures()))


if __name__ == "__main__":
    main()
