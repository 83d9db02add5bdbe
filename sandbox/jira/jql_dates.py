"""What JQL means by a date: epoch milliseconds, minutes in the account's zone, long from now."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sandbox.clock import moment_of
from sandbox.jira.jql_read import Call, JqlError, Operand

_RELATIVE = re.compile(r"([+-]?)((?:\d+[wdhmMy]\s*)+)")
_PART = re.compile(r"(\d+)([wdhmMy])")
_LENGTHS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "M": 30 * 86_400, "y": 365 * 86_400}
_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


class Present(NamedTuple):
    """When and for whom a query is asked."""

    now: int
    zone: ZoneInfo


def date_of(value: Operand, field: str, present: Present) -> int:
    """The instant that a value means; JqlError in Jira's words where it is no date.

    A quoted date has minutes and no seconds, and is read in the zone of the account that asks.
    """
    if isinstance(value, Call):
        return _function(value, present)
    text = value.text.strip()
    if not value.quoted and text.isdecimal():
        return int(text)
    if match := _RELATIVE.fullmatch(text):
        return present.now + (-1 if match[1] == "-" else 1) * _length(match[2])
    for form in _FORMATS:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007  # the zone is the next line's
        except ValueError:
            continue
        return _millis(moment.replace(tzinfo=present.zone))
    raise JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: "
        "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format "
        "e.g. '-5d', '4w 2d'."
    )


def _length(text: str) -> int:
    return sum(int(number) * _LENGTHS[unit] for number, unit in _PART.findall(text)) * 1000


def _function(call: Call, present: Present) -> int:
    local = moment_of(present.now).astimezone(present.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = {
        "now": local,
        "startofday": midnight,
        "endofday": midnight + timedelta(days=1, milliseconds=-1),
        "startofweek": midnight - timedelta(days=(local.weekday() + 1) % 7),
        "startofmonth": _month(midnight, call),
    }
    begin = begins.get(call.name.lower())
    if begin is None:
        raise JqlError(f"Unable to find JQL function '{call.name}({call.argument})'.")
    if not call.argument or call.name.lower() == "startofmonth":
        return _millis(begin)
    return _millis(begin) + _shift(call.argument)


def _month(midnight: datetime, call: Call) -> datetime:
    months = int(call.argument) if re.fullmatch(r"[+-]?\d+", call.argument) else 0
    index = midnight.year * 12 + midnight.month - 1 + months
    return midnight.replace(year=index // 12, month=index % 12 + 1, day=1)


def _shift(argument: str) -> int:
    if re.fullmatch(r"[+-]?\d+", argument):
        return int(argument) * _LENGTHS["d"] * 1000
    match = _RELATIVE.fullmatch(argument)
    if match is None:
        raise JqlError(f"Duration for function is invalid: '{argument}'.")
    return (-1 if match[1] == "-" else 1) * _length(match[2])


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
