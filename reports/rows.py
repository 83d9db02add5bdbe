"""All verdicts as rows, one a cycle of a clock: for spreadsheets, data frames and other programs.

Instants are ISO 8601 in UTC, durations whole seconds; what does not apply is empty (null in JSON).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

from reports.json_values import JsonValue, iso, json_text
from sla_engine.model import Ticket, Verdict
from sla_engine.units import Millis

COLUMNS = {
    "ticket": "its key",
    "policy": "the promise that applies",
    "clock": "what is measured",
    "cycle": "which run of the clock, counted from 1",
    "state": "running, paused, met, tolerated (over the aim), breached (over the limit), none, …",
    "target": "the limit, seconds of business time",
    "elapsed": "used so far or until the stop, seconds of business time",
    "started_at": "",
    "stopped_at": "",
    "due_at": "when the limit will be used up if nothing happens",
    "breached_at": "when it was used up",
    "of": "the team, or other value, whose clock it is",
    "type": "sla, ola or uc",
}
"""The columns in order and what they hold; they are stable API."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def row(ticket: Ticket, verdict: Verdict) -> dict[str, JsonValue]:
    """One verdict under the names of COLUMNS."""
    return {
        "ticket": ticket.ref.key,
        "policy": verdict.policy,
        "clock": verdict.clock,
        "cycle": verdict.cycle,
        "state": verdict.state,
        "target": _seconds(verdict.limit),
        "elapsed": _seconds(verdict.elapsed),
        "started_at": iso(verdict.started_at),
        "stopped_at": iso(verdict.stopped_at),
        "due_at": iso(verdict.due_at),
        "breached_at": iso(verdict.breached_at),
        "of": verdict.of,
        "type": verdict.type,
    }


def _seconds(length: Millis | None) -> int | None:
    return None if length is None else length // 1000


def write_csv(rows: Iterable[tuple[Ticket, Verdict]], file: TextIO) -> int:
    """RFC 4180 with a header line; returns how many rows. Texts that a spreadsheet would take for
    a formula get a single quote in front."""
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    written = 0
    for ticket, verdict in rows:
        writer.writerow(_safe(value) for value in row(ticket, verdict).values())
        written += 1
    return written


def _safe(value: JsonValue) -> str | int:
    if isinstance(value, int):
        return value
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_json(rows: Iterable[tuple[Ticket, Verdict]], file: TextIO) -> int:
    """One JSON array, a row a line, written as it comes; returns how many rows."""
    written = 0
    for ticket, verdict in rows:
        file.write("[\n" if not written else ",\n")
        file.write(json_text(row(ticket, verdict), indent=None))
        written += 1
    file.write("\n]\n" if written else "[]\n")
    return written
