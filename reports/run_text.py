"""The lines of a pass: who was asked, what was found, what was written, how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.words import count, number
from sla_engine.units import MINUTE, Instant, Millis, to_datetime
from sla_engine.words import duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def seconds_text(seconds: float) -> str:
    """`3.4 s`, `0.04 s`: two figures are enough."""
    return f"{seconds:.2f} s" if seconds < 0.1 else f"{seconds:.1f} s"


def clock_text(at: Instant, zone: ZoneInfo) -> str:
    """`10:53:02`."""
    return f"{to_datetime(at, zone):%H:%M:%S}"


def _line(when: str, who: str, what: str, requests: str, took: str = "") -> str:
    return f"{when} {who:<12} {what:<56} {requests:>12} {took:>7}".rstrip()


def pull_line(
    when: str,
    connection: str,
    *,
    tickets: int,
    changed: int,
    since: str,
    requests: int,
    seconds: float,
) -> str:
    """`10:53:02 jira/acme    pull     1 204 open, 37 changed since 10:52:01   6 requests`."""
    words = f"pull   {number(tickets):>7} open, {number(changed)} changed"
    words += f" since {since}" if since else ", for the first time"
    return _line(when, connection, words, count(requests, "request"), seconds_text(seconds))


def count_lines(when: str, connection: str, *, missed: int, absent: Sequence[str]) -> list[str]:
    """`10:53:02 jira/acme    count  2 tickets that no pull told of; SUP-7 cannot be found`; nothing
    where all is as it should be."""
    said = []
    if missed:
        said.append(f"count  {count(missed, 'ticket')} that no pull had told of")
    if absent:
        said.append(f"count  {_some(absent)} cannot be found; sla status")
    return [_line(when, connection, words, "") for words in said]


def rewritten_lines(when: str, connection: str, keys: Sequence[str]) -> list[str]:
    """`10:53:02 jira/acme    record SUP-7: its history was rewritten there`; nothing where none."""
    if not keys:
        return []
    whose = "its history was" if len(keys) == 1 else "their histories were"
    return [_line(when, connection, f"record {_some(keys)}: {whose} rewritten there", "")]


def _some(keys: Sequence[str]) -> str:
    others = f" and {number(len(keys) - 1)} more" if len(keys) > 1 else ""
    return f"{keys[0]}{others}"


def engine_line(when: str, *, tickets: int, clocks: int, transitions: int, seconds: float) -> str:
    """`10:53:03 engine       49 tickets, 93 clocks, 9 transitions   0.04 s`."""
    said = (count(tickets, "ticket"), count(clocks, "clock"), count(transitions, "transition"))
    return _line(when, "engine", ", ".join(said), "", seconds_text(seconds))


def record_lines(when: str, *, restated: int, standing: int) -> list[str]:
    """`10:53:03 record       2 finished clocks restated; why: sla status --restated`, and how many
    stand though the policies of today would judge them otherwise; nothing where there are none."""
    said = []
    if restated:
        said.append(f"{count(restated, 'finished clock')} restated; why: sla status --restated")
    if standing:
        said.append(f"{count(standing, 'finished clock')} judged by earlier policies, left as is")
    return [_line(when, "record", words, "") for words in said]


def write_line(
    when: str,
    connection: str,
    *,
    tickets: int,
    fields: int,
    comments: int,
    escalations: int,
    requests: int,
    observe: bool = False,
) -> str:
    """`10:53:05 jira/acme    write   6 tickets · 11 fields · 2 comments   9 requests`."""
    said = [count(tickets, "ticket")] if tickets else ["nothing to do"]
    said += [count(fields, "field")] if fields else []
    said += [count(comments, "comment")] if comments else []
    said += [count(escalations, "escalation")] if escalations else []
    verb = "would write" if observe else "write "
    return _line(when, connection, f"{verb} {' · '.join(said)}", count(requests, "request"))


def behind_line(when: str, connection: str) -> str:
    """`10:53:05 jira/acme    held   read anew after a restore; the next pass writes`."""
    return _line(when, connection, "held   read anew after a restore; the next pass writes", "")


def held_line(when: str, connection: str, plan: str) -> str:
    """`10:53:05 jira/acme    held   waits for sla approve k7m2qd`; by the limits without one."""
    why = f"waits for sla approve {plan}" if plan else "more than the limits of a pass allow"
    return _line(when, connection, f"held   {why}", "")


def reminder_line(when: str, policy: str, channel: str) -> str:
    """`10:53:05 policies     review of gold is due: told service-delivery`."""
    return _line(when, "policies", f"review of {policy} is due: told {channel}", "")


def done_line(
    *,
    seconds: float,
    clocks: int,
    breached: int,
    at_risk: int,
    next_ticket: str = "",
    next_in: Millis | None = None,
    failed: int = 0,
) -> str:
    """`✓ done in 3.4 s · 1 616 clocks open · 7 breached · 31 at risk · next SUP-231 due …`."""
    sign = f"! done in {seconds_text(seconds)}, {count(failed, 'failure')}" if failed else ""
    said = [
        sign or f"✓ done in {seconds_text(seconds)}",
        f"{count(clocks, 'clock')} open",
        f"{number(breached)} breached",
        f"{number(at_risk)} at risk",
    ]
    if next_ticket and next_in is not None:
        when = duration(Millis(next_in // MINUTE * MINUTE)) if next_in >= MINUTE else "a minute"
        said.append(f"next {next_ticket} due in {when}")
    return " · ".join(said)


def start_line(*, version: str, mode: str, every: float) -> str:
    """The first line of `sla run`."""
    meaning = "writes to tickets" if mode == "write" else "reads and computes, writes nothing"
    return f"sla {version} · mode {mode} ({meaning}) · every {every:g} s"


def sync_line(when: str, number_of: int, said: str, seconds: float) -> str:
    """`10:54:00 sync #1    jira/acme 37 changed · would write 7 tickets   3.4 s`."""
    return f"{when} {f'sync #{number_of}':<10} {said:<70} {seconds_text(seconds):>7}"


def stopping_line(when: str) -> str:
    """The last line of `sla run` after SIGINT or SIGTERM."""
    return f"{when} stopped. State is safe; nothing was half-written."
