"""The small words of the policy language: lengths, percentages, dates, steps, lists of texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import msgspec
from pydantic import BeforeValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from sla_engine.problems import did_you_mean
from sla_engine.units import Duration, parse_duration

LENGTHS = "write 15m, 4h, 1h30m or 2bd (business days)"


class NotYet(msgspec.Struct, frozen=True):
    """Marks a key that is read and checked, but refused for now."""


class NotEvaluated(msgspec.Struct, frozen=True):
    """Marks a key that is read and checked and has no effect so far, of which we warn."""


NOT_YET = NotYet()
NOT_EVALUATED = NotEvaluated()


class AtStep(msgspec.Struct, frozen=True):
    """When a step is reached: so much of the limit (or of the aim), plus an offset."""

    name: str
    percent: float = 100.0
    plus: Duration = Duration()
    minus: Duration = Duration()
    of_aim: bool = False


def mistake(code: str, what: str, mend: str = "") -> PydanticCustomError:
    """An error that pydantic carries for us to where the place is known."""
    return PydanticCustomError("sla", "{what}", {"code": code, "what": what, "mend": mend})


def word(
    read: Callable[[str], Any], schema: dict[str, Any], called: str
) -> tuple[PlainValidator, WithJsonSchema]:
    """The metadata of a type that is written as one text and read by `read`."""

    def of_text(value: object) -> object:
        if not isinstance(value, str):
            raise mistake("SLA103", f"{called} belongs here, not {kind_of(value)}")
        return read(value)

    return PlainValidator(of_text), WithJsonSchema(schema)


def kind_of(value: object) -> str:
    """What people call such a value."""
    return "a list" if isinstance(value, (list, tuple)) else "a map"


def _duration(text: str) -> Duration:
    length = parse_duration(text)
    if length is None:
        raise mistake("SLA104", f'"{text}" is not a duration', LENGTHS)
    return length


def _length_or_none(text: str) -> Duration | None:
    return None if text == "none" else _duration(text)


def _percentage(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?%", text) or float(text[:-1]) > 100:
        raise mistake("SLA106", f'"{text}" is not a percentage', "write 99.9%")
    return float(text[:-1])


def _date(text: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        mend = "there is no such day in the calendar"
        raise mistake("SLA109", f'"{text}" is not a date', mend) from None
    raise mistake("SLA109", f'"{text}" is not a date', "write it like 2026-10-01")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(text: str) -> str:
    if text not in _zones():
        mend = did_you_mean(text, sorted(_zones())) or "write an IANA name like Europe/Berlin"
        raise mistake("SLA111", f'there is no time zone "{text}"', mend)
    return text


_STEP = "write 75%, breach, breach + 2h, 30m left or aim"


def _at_step(text: str) -> AtStep:
    tight = " ".join(text.split())
    if tight in ("start", "stop"):
        raise mistake("SLA190", f"a step at {tight} is not supported yet", _STEP)
    if tight in ("breach", "aim"):
        return AtStep(tight, of_aim=tight == "aim")
    if found := re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,3})?) ?%", tight):
        return _percent_step(found[1])
    if found := re.fullmatch(r"breach ?\+ ?(.+)", tight):
        return AtStep(f"breach + {_close(found[1])}", plus=_duration(found[1]))
    if found := re.fullmatch(r"(.+) left", tight):
        return AtStep(f"{_close(found[1])} left", minus=_duration(found[1]))
    mend = did_you_mean(text, ("breach", "aim")) or _STEP
    raise mistake("SLA108", f'"{text}" is not a step', mend)


def _close(length: str) -> str:
    """`1h 30m` as `1h30m`: a deed's key has no blanks, so steps that differ in them are one."""
    return length.replace(" ", "")


def _percent_step(number: str) -> AtStep:
    if not float(number):
        raise mistake("SLA108", "0% is reached before anything happens", _STEP)
    return AtStep(f"{float(number):g}%", percent=float(number))


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise mistake("SLA103", f'"{text}" is not a whole number', "write 3")
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,9})?", text):
        raise mistake("SLA103", f'"{text}" is not a number', "write 2 or 0.5")
    return float(text)


def _switch(text: str) -> bool:
    if text not in ("true", "false"):
        raise mistake("SLA103", f'"{text}" is neither true nor false', "write true or false")
    return text == "true"


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_TEXT_SCHEMA = {"type": ["string", "number", "boolean"]}
_LENGTH = r"^(\d{1,9}(bd|mo|w|d|h|m|s) ?)+$"


def _text_schema(**more: object) -> dict[str, Any]:
    return {"type": "string", **more}


Text = Annotated[str, WithJsonSchema(_TEXT_SCHEMA)]
"""Any scalar, kept as it is written."""

Length = Annotated[
    Duration,
    *word(_duration, _text_schema(pattern=_LENGTH, examples=["15m", "1h30m", "2bd"]), "a duration"),
]
Promise = Annotated[
    Duration | None,
    *word(
        _length_or_none,
        _text_schema(pattern=f"{_LENGTH}|^none$", examples=["4h", "2bd", "none"]),
        "a duration or none",
    ),
]
Percentage = Annotated[
    float,
    *word(_percentage, _text_schema(pattern=r"^\d+(\.\d+)?%$", examples=["99.9%"]), "a percentage"),
]
Day = Annotated[
    date,
    *word(_date, _text_schema(pattern=r"^\d{4}-\d\d-\d\d$", examples=["2026-10-01"]), "a date"),
]
Zone = Annotated[str, *word(_zone, _text_schema(examples=["Europe/Berlin"]), "a time zone")]
Place = Annotated[
    str,
    *word(
        lambda text: text if text == "requester" else _zone(text),
        _text_schema(examples=["requester", "America/New_York"]),
        "a time zone",
    ),
]
At = Annotated[
    AtStep,
    *word(
        _at_step,
        _text_schema(examples=["75%", "breach", "breach + 2h", "30m left", "aim"]),
        "a step",
    ),
]
Whole = Annotated[int, *word(_whole, {"type": "integer"}, "a whole number")]
Number = Annotated[float, *word(_number, {"type": "number"}, "a number")]
Switch = Annotated[bool, *word(_switch, {"type": "boolean"}, "true or false")]
Yes = Annotated[
    Literal[True],
    *word(_switch, {"const": True}, "true"),
]


def one_or_more(item: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that may be a list of itself."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


Texts = Annotated[
    tuple[str, ...], BeforeValidator(_listed), WithJsonSchema(one_or_more(_TEXT_SCHEMA))
]
"""One text or several."""

Steps = Annotated[
    tuple[At, ...],
    BeforeValidator(_listed),
    WithJsonSchema(one_or_more(_text_schema(examples=["75%", "30m left"]))),
]
"""One step or several."""
