"""What service.yaml says of an event log: where it lies and which column is what."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Columns(BaseModel):
    """Which column says what; canonical fields find their columns in the policies' `fields:`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticket: str = Field(description="The ticket's key.")
    at: str = Field(description="When the row's update happened.")
    created: str = Field("", description="When the ticket was created; else its first row.")
    created_by: str = Field("", description="Who created it; else the first row's actor.")
    actor: str = Field("", description="Who made the update.")
    title: str = Field("", description="One line about the ticket.")
    sequence: str = Field(
        "", description="A number that orders rows of one time; else their order in the file."
    )


class EventLogSettings(BaseModel):
    """One entry of `connections:` with `system: event_log`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["event_log"] = "event_log"
    path: Path = Field(description="The file; `.gz` is unpacked while reading.")
    format: Literal["auto", "csv", "jsonl"] = Field("auto", description="By suffix when auto.")
    delimiter: str = Field(",", min_length=1, max_length=1)
    columns: Columns
    date_format: str = Field("iso", description='"iso", or a pattern like "%d/%m/%Y %H:%M".')
    zone: str = Field("UTC", description="The zone of times that say none.")
    missing: tuple[str, ...] = Field(("?",), description="What stands for no value, besides empty.")
    new_states: tuple[str, ...] = ("New", "Open")
    done_states: tuple[str, ...] = ("Resolved", "Closed", "Canceled", "Cancelled", "Done")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'"{zone}" is no time zone; write it like "Europe/Berlin"') from None
        return zone

    @model_validator(mode="after")
    def _known_format(self) -> EventLogSettings:
        if self.format == "auto" and self.kind == "":
            raise ValueError(f'"{self.path.name}" ends in neither .csv nor .jsonl; say `format:`')
        return self

    @property
    def kind(self) -> str:
        """`csv` or `jsonl`; by the suffix below `.gz` when unsaid, "" where that tells nothing."""
        if self.format != "auto":
            return self.format
        suffix = Path(self.path.name.removesuffix(".gz")).suffix.lower()
        return {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}.get(suffix, "")
