"""Other people's business-time libraries behind one face, each fed in its own types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sla_engine.calendars import Calendar, advance, elapsed
from sla_engine.units import Instant, Millis, from_datetime, to_datetime

ZONE = ZoneInfo("Europe/London")
SPAN = (datetime(2019, 12, 1), datetime(2028, 1, 1))  # noqa: DTZ001 - a peer knows no zones


class Hours(NamedTuple):
    """What all are given: windows of whole hours on weekdays, and days off, in London."""

    days: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]
    off: tuple[date, ...]


class Peer(NamedTuple):
    """What each of the two questions is asked of, the questions, and what turns our instants and
    lengths into theirs and their answers into ours (not timed)."""

    measures: object
    elapsed: Callable[..., object]
    plans: object
    due: Callable[..., object]
    at: Callable[[Instant], object]
    length: Callable[[Millis], object]
    millis: Callable[..., float]
    instant: Callable[..., Instant]
    exact: Millis = Millis(1)


def terms_of(hours: Hours) -> Mapping[str, object]:
    """The calendar as a policy file says it."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    windows = " ".join(f"{start:02}:00-{end:02}:00" for start, end in hours.windows)
    return {
        "tz": "Europe/London",
        "hours": {names[day]: windows for day in hours.days},
        "holidays": {"add": [str(day) for day in hours.off]},
    }


def ours(hours: Hours) -> Peer:
    """This program."""
    calendar = Calendar.from_mapping(terms_of(hours))
    return Peer(calendar, elapsed, calendar, advance, _same, _same, float, Instant)


def timegrid(hours: Hours) -> Peer:
    """Rust, compiled; without zones, so it is given the wall clock."""
    lib = import_module("timegrid")
    days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
    calendar = lib.TimeGridCalendar.create()
    for day in hours.days:
        for start, end in hours.windows:
            calendar.add_open_rule(getattr(lib.DayOfWeek, days[day]), time(start), time(end))
    for off in hours.off:
        calendar.close(off)
    line = calendar.compile(*SPAN)
    return Peer(
        line,
        type(line).get_working_duration,
        calendar,
        type(calendar).add_work_duration,
        lambda at: to_datetime(at, ZONE).replace(tzinfo=None),
        _timedelta,
        _millis,
        lambda due: from_datetime(due.replace(tzinfo=ZONE)),
    )


def django_bizcal(hours: Hours) -> Peer:
    """Pure Python with zones."""
    lib = import_module("django_bizcal")
    windows = [(f"{start:02}:00", f"{end:02}:00") for start, end in hours.windows]
    calendar = lib.WorkingCalendar(
        tz="Europe/London",
        weekly_schedule=dict.fromkeys(hours.days, windows),
        day_overrides={off: [] for off in hours.off},
    )
    kind = type(calendar)
    return Peer(
        calendar,
        kind.business_time_between,
        calendar,
        kind.add_business_time,
        lambda at: to_datetime(at, ZONE),
        _timedelta,
        _millis,
        from_datetime,
    )


def businesstimedelta(hours: Hours) -> Peer:
    """Pure Python with zones by pytz."""
    lib, zone = import_module("businesstimedelta"), import_module("pytz").timezone("Europe/London")
    first, last = hours.windows[0], hours.windows[-1]
    rules = [lib.WorkDayRule(time(first[0]), time(last[1]), list(hours.days), tz=zone)]
    if first is not last:
        rules.append(lib.LunchTimeRule(time(first[1]), time(last[0]), list(hours.days), tz=zone))
    if hours.off:
        rules.append(lib.HolidayRule(list(hours.off), tz=zone))
    calendar = lib.Rules(rules)
    return Peer(
        calendar,
        type(calendar).difference,
        calendar,
        lambda _, a, length: a + length,
        lambda at: to_datetime(at).astimezone(zone),
        lambda length: lib.BusinessTimeDelta(calendar, timedelta=_timedelta(length)),
        lambda found: _millis(found.timedelta),
        from_datetime,
    )


def exchange_calendars(hours: Hours) -> Peer:
    """A table of all open minutes; to the minute."""
    lib, pandas = import_module("exchange_calendars"), import_module("pandas")
    first, last = hours.windows[0], hours.windows[-1]
    pause = first is not last
    said = {
        "name": "LONDON",
        "tz": ZONE,
        "weekmask": "".join("1" if day in hours.days else "0" for day in range(7)),
        "open_times": ((None, time(first[0])),),
        "close_times": ((None, time(last[1])),),
        "break_start_times": ((None, time(first[1])),) if pause else None,
        "break_end_times": ((None, time(last[0])),) if pause else None,
        "adhoc_holidays": [pandas.Timestamp(off) for off in hours.off],
    }
    calendar = type("London", (lib.ExchangeCalendar,), said)(*(day.date() for day in SPAN))
    minutes = calendar.minutes
    return Peer(
        calendar,
        type(calendar).minutes_distance,
        calendar,
        lambda _, a, number: minutes[minutes.searchsorted(a) + number - 1],
        lambda at: pandas.Timestamp(to_datetime(at)).floor("min"),
        lambda length: length // 60_000,
        lambda number: number * 60_000.0,
        lambda due: from_datetime(due.to_pydatetime() + timedelta(minutes=1)),
        Millis(120_000),
    )


PEERS: Mapping[str, Callable[[Hours], Peer]] = {
    "timegrid": timegrid,
    "exchange-calendars": exchange_calendars,
    "django-bizcal": django_bizcal,
    "businesstimedelta": businesstimedelta,
}


def installed(name: str) -> str:
    """The version of a peer that is there, "" where none is."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _same(value: object) -> object:
    return value


def _timedelta(length: Millis) -> timedelta:
    return timedelta(milliseconds=length)


def _millis(length: timedelta) -> float:
    return length / timedelta(milliseconds=1)
