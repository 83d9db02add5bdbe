"""Calendars as they are written. Their meaning is read by `calendars.py`; this is their shape."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sla_engine.policy.conditions import Model, arm
from sla_engine.policy.words import Day, Length, Text, Texts, Zone


class Holidays(Model):
    """The days on which a calendar is closed."""

    called = "holidays"

    import_: Texts | None = Field(None, alias="import", examples=["DE-BE", "US"])
    """Public holidays of countries and regions: DE-BE, US, GB-ENG."""
    ics: Text | None = Field(None, examples=["holidays/plant.ics"])
    """An iCalendar file below the policies, named from this file: its whole days."""
    add: dict[str, Text] | tuple[Day, ...] | None = None
    """Days of your own, with their reasons."""
    remove: tuple[Day, ...] | None = None
    """Imported days on which you work."""


class CalendarTerms(Model):
    """When business is open."""

    called = "a calendar"

    tz: Zone | None = None
    """The time zone by its IANA name."""
    hours: Text | dict[str, Text] | None = Field(
        None, examples=["mon-fri 09:00-17:00", {"mon-thu": "08:00-18:00", "fri": "08:00-16:00"}]
    )
    """Opening hours, for all days or by days; several intervals a day; may cross midnight."""
    day: Length | None = None
    """What 1bd is; needed where days differ in length."""
    holidays: Text | tuple[Text, ...] | Holidays | None = None
    """The days on which it is closed."""
    special: dict[str, Text] | None = None
    """Dates with other hours, or closed."""
    effective: Day | None = None
    """From this day on; a list of calendars under one name holds its versions."""
    extends: Text | None = None
    """A calendar whose keys this one inherits."""
    union: tuple[Text, ...] | None = None
    """Open whenever one of these is."""
    minus: tuple[Text, ...] | None = None
    """Closed whenever one of these is open."""


class CalendarBy(Model):
    """A calendar chosen by the value of a field."""

    model_config = ConfigDict(extra="allow")
    called = "a choice of calendars"
    __pydantic_extra__: dict[str, Text] = Field(init=False)

    by: Text
    """The field whose value chooses."""
    default: Text | None = None
    """The calendar for every other value."""

    @property
    def rows(self) -> dict[str, str]:
        """The calendar for each value."""
        return self.model_extra or {}


class _LikeCalendar:
    """Gives the JSON Schema of a calendar to a map that `calendars` itself will read and judge."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(CalendarTerms.__pydantic_core_schema__)


Inline = Annotated[dict[str, Any], _LikeCalendar]
"""A calendar in full, at the place where it is used."""


def _calendar_shape(value: object) -> str:
    if isinstance(value, str):
        return "<text>"
    chooses = isinstance(value, CalendarBy) or (isinstance(value, dict) and "by" in value)
    return "<by>" if chooses else "<inline>"


CalendarChoice = Annotated[
    Annotated[Text, arm("text")]
    | Annotated[CalendarBy, arm("by")]
    | Annotated[Inline, arm("inline")],
    Discriminator(_calendar_shape),
]
"""A calendar's name, a calendar in short, one in full, or a choice by the value of a field."""

Versions = CalendarTerms | tuple[CalendarTerms, ...] | Text
"""One calendar, or its versions."""
