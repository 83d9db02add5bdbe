"""Deadlines as written: a date field, or a time of day with the day that is meant."""

from __future__ import annotations

import re

from sla_engine.calendars.hours import WEEKDAYS
from sla_engine.document import Node
from sla_engine.policy.promises import DueCell
from sla_engine.resolving.scope import Scope, check_field
from sla_engine.terms import Deadline
from sla_engine.units import HOUR, MINUTE, Millis

_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORDS = re.compile(
    r"(?P<hours>[0-9]{1,2}):(?P<minutes>[0-9]{2}) +"
    r"(?:(?P<today>today)|(?P<next>next business day)|in (?P<days>[0-9]{1,3}) business days?"
    rf"|(?P<weekday>{'|'.join((*_FULL, *WEEKDAYS))}))"
)
_WRITE = (
    "write a date field, 17:00 today, 17:00 next business day, 17:00 in 3 business days or "
    "17:00 friday"
)


def deadline(scope: Scope, written: DueCell, node: Node) -> Deadline | None:
    """The deadline; None where it makes no sense, which is then noted."""
    text, extends = " ".join(written.due.split()).lower(), written.pause == "extend"
    where = node.where_of("due")
    if not re.search(r"[\s:]", text):
        check_field(scope, written.due, where)
        return Deadline(written.due, extends=extends)
    found = _WORDS.fullmatch(text)
    if found is None or int(found["hours"]) * 60 + int(found["minutes"]) > 24 * 60:
        scope.error(where, f'"{written.due}" is not a deadline', _WRITE, "SLA144")
        return None
    time = Millis(int(found["hours"]) * HOUR + int(found["minutes"]) * MINUTE)
    if found["weekday"]:
        weekday = [day[:3] for day in _FULL].index(found["weekday"][:3])
        return Deadline(time=time, weekday=weekday, extends=extends)
    days = 1 if found["next"] else int(found["days"] or 0)
    if found["days"] and not days:
        scope.error(where, "0 business days are today", "write 17:00 today", "SLA144")
    return Deadline(time=time, days=days, extends=extends)
