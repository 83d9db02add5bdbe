"""Days by a recurrence rule (RFC 5545): the first Sunday of a month, every other Friday."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sla_engine.calendars.mistakes import Fault

if TYPE_CHECKING:
    from dateutil.rrule import rrule

_KEYS = ("FREQ", "INTERVAL", "COUNT", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "BYWEEKNO",
         "BYYEARDAY", "WKST")  # fmt: skip
_SAID = {  # what says on which days, so that a rule without `from` needs no first day to be clear
    "DAILY": (),
    "WEEKLY": ("BYDAY",),
    "MONTHLY": ("BYDAY", "BYMONTHDAY"),
    "YEARLY": ("BYYEARDAY", "BYWEEKNO", "BYMONTH"),
}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- days of a wall clock, whatever its zone
_EXAMPLE = 'write it like "FREQ=MONTHLY;BYDAY=1SU"'


def unclear(rule: str, *, since: bool) -> Fault | None:
    """What is wrong with a rule; `since` that its first day is said."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if strange := [key for key in parts if key not in _KEYS]:
        hint = {"UNTIL": "write until: 2026-12-31 beside it", "DTSTART": "write from: 2026-01-01"}
        return Fault(f'"{strange[0]}" has no place in this rule', hint.get(strange[0], _EXAMPLE))
    needed = _SAID.get(parts.get("FREQ", ""))
    if needed is None:
        return Fault("a rule begins with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY", _EXAMPLE)
    if not since and (missing := _open(parts, needed)):
        return Fault(missing, "add from: 2026-01-01, the first day")
    try:
        next(iter(_rule(rule, _EPOCH)), None)
    except (ValueError, TypeError, IndexError) as error:
        return Fault(f'"{rule}" is not a rule: {error}', _EXAMPLE)
    return None


def _open(parts: dict[str, str], needed: tuple[str, ...]) -> str:
    """What only a first day would settle."""
    if counted := [key for key in ("INTERVAL", "COUNT") if key in parts]:
        return f"{counted[0]} counts from a first day"
    if needed and not any(key in parts for key in needed):
        return f"FREQ={parts['FREQ']} without {needed[0]} goes by the first day"
    return ""


def days_of(rule: str, since: int | None, low: int, high: int) -> list[int]:
    """The days in [low, high) on which the rule falls, from `since` on; all count from 1970-01-01.
    `unclear` has passed the rule."""
    first = low if since is None else since
    if high <= first:
        return []
    begin, end = (_EPOCH + timedelta(days=day) for day in (max(low, first), high - 1))
    found = _rule(rule, _EPOCH + timedelta(days=first)).between(begin, end, inc=True)
    return [(moment - _EPOCH).days for moment in found]


@lru_cache(maxsize=64)
def _rule(rule: str, start: datetime) -> rrule:
    from dateutil.rrule import rrulestr  # for those alone who use it

    found: rrule = rrulestr(rule, dtstart=start)
    return found
