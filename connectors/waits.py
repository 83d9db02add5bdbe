"""How long a server asks us to wait, as it says it in half a dozen ways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connectors.base import Allowance
from sla_engine.units import Instant, Millis, from_datetime

SHORTEST, LONGEST = 1.0, 3600.0
"""Seconds. Quotas are by the hour; whoever asks for more is not believed."""

_DIGITS = re.compile(r"[0-9]{1,9}")
_ID_SEGMENT = re.compile(r"/(?:[0-9a-f]{32}|[0-9]+|[A-Z][A-Z0-9_]*-[0-9]+)(?=/|$)")
_ISSUE = re.compile(r"/issue/[^/]+")


def parse_http_date(text: str) -> Instant | None:
    """The instant of an HTTP date (`Fri, 20 Nov 2026 09:00:00 GMT`); None where it is not one."""
    try:
        moment = parsedate_to_datetime(text)
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def requested_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds from Retry-After (digits or a date), else X-RateLimit-Reset, within [1 s, 1 h].

    Dates count from the answer's own Date, so that our clock does not matter. None: not said, or
    in no form that can be trusted. Only ASCII digits are numbers: `float` would take "nan".
    """
    now = parse_http_date(headers.get("Date", ""))
    for header in ("Retry-After", "X-RateLimit-Reset"):
        seconds = _seconds(headers.get(header, "").strip(), now)
        if seconds is not None:
            return min(max(seconds, SHORTEST), LONGEST)
    return None


def _seconds(text: str, now: Instant | None) -> float | None:
    if _DIGITS.fullmatch(text):
        return float(text)
    moment = _moment(text)
    return None if moment is None or now is None else (moment - now) / 1000


def _moment(text: str) -> Instant | None:
    if re.fullmatch(r"[0-9]{10}", text):  # ServiceNow: X-RateLimit-Reset in seconds since 1970
        return Instant(int(text) * 1000)
    try:  # Jira Cloud: ISO 8601, at times without seconds
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_http_date(text)
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def exhausted_wait(headers: Mapping[str, str]) -> float:
    """Seconds until a spent bucket of Jira Data Center holds a token again; 0 where it is not spent
    (X-RateLimit-Remaining, -FillRate and -Interval-Seconds come with every answer there)."""
    numbers = [headers.get(f"X-RateLimit-{name}", "") for name in ("Remaining", "Interval-Seconds")]
    if numbers[0] != "0" or not _DIGITS.fullmatch(numbers[1]):
        return 0.0
    fill = headers.get("X-RateLimit-FillRate", "")
    rate = int(fill) if _DIGITS.fullmatch(fill) and int(fill) else 1
    return min(int(numbers[1]) / rate, LONGEST)


def allowance_of(headers: Mapping[str, str]) -> Allowance | None:
    """What X-RateLimit-Remaining and -Limit tell; None where there is neither. Jira tells both, its
    Cloud -Reset too; ServiceNow's rate rules tell -Limit and -Reset alone."""
    said = (headers.get(f"X-RateLimit-{name}", "").strip() for name in ("Remaining", "Limit"))
    left, of = (int(text) if _DIGITS.fullmatch(text) else None for text in said)
    if left is None and of is None:
        return None
    now = parse_http_date(headers.get("Date", ""))
    whole_in = _seconds(headers.get("X-RateLimit-Reset", "").strip(), now)
    return Allowance(left, of, None if whole_in is None else Millis(max(0, round(whole_in * 1000))))


def scope_of(method: str, path: str, reason: str) -> str:
    """What a 429 closes: everything (""), one kind of request, or writing to one ticket.

    `reason` is RateLimit-Reason: Jira's burst limit is per endpoint and method, its write limit per
    issue; a quota, or a 429 that gives no reason, closes everything.
    """
    everything, endpoint, ticket = scopes_of(method, path)
    scopes = {"jira-burst-based": endpoint, "jira-per-issue-on-write": ticket}
    return scopes.get(reason, everything)


def scopes_of(method: str, path: str) -> tuple[str, str, str]:
    """All scopes that a request belongs to, the widest first."""
    issue = _ISSUE.search(path)
    ticket = f"write {issue[0]}" if issue and method != "GET" else f"{method} {path}"
    return "", f"{method} {_ID_SEGMENT.sub('/*', path)}", ticket
