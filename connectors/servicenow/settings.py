"""What service.yaml says of a ServiceNow instance."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.server import check_url
from sla_engine.units import Millis, parse_duration

_STATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "incident": (("1",), ("6", "7", "8")),
    "change_request": (("-5",), ("3", "4")),
    "task": (("1",), ("3", "4", "7")),
}
"""Table -> codes of `state` that are new, and that are done, on a base instance."""


class ServiceNowSettings(BaseModel):
    """One entry of `connections:` with `system: servicenow`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["servicenow"] = "servicenow"
    url: str = Field(description="https://acme.service-now.com")
    table: str = Field("incident", pattern="^[a-z][a-z0-9_]*$")
    query: str = Field("", description="An encoded query that further limits the tickets.")
    auth: Literal["oauth", "basic", "api_key"] = "oauth"
    user: str = Field("", description="The user name of our account: what it does is ours.")
    client_id: str = Field("", description="Of the OAuth application registry, for `auth: oauth`.")
    page: int = Field(2_000, ge=1, le=10_000, description="Tickets asked for at once.")
    overlap: str = Field("15m", description="How far every pull reads back behind the last one.")
    lag: str = Field("10s", description="How late sys_audit may be; more where it is lazy.")
    comments: bool = Field(True, description="Whether other people's comments are read at all.")
    rate: float = Field(5.0, gt=0, description="Requests a second at most.")
    new_states: tuple[str, ...] = Field((), description="Codes of state that are `new`.")
    done_states: tuple[str, ...] = Field((), description="Codes of state that are `done`.")

    @field_validator("url")
    @classmethod
    def _safe_url(cls, url: str) -> str:
        return check_url(url)

    @field_validator("overlap", "lag")
    @classmethod
    def _fixed_length(cls, text: str) -> str:
        length = parse_duration(text)
        if length is None or length.business_days or length.months:
            raise ValueError(f'"{text}" is not a fixed duration; write 90s, 2m or 1h')
        return text

    @field_validator("query")
    @classmethod
    def _one_branch(cls, query: str) -> str:
        bad = re.search(r"(?:^|\^)(NQ|EQ|ORDERBY|GROUPBY)", query)
        if bad:
            raise ValueError(
                f"{bad[1]} cannot stand in `query`: our own paging conditions are joined to it"
            )
        return query.strip("^ ")

    @property
    def overlap_millis(self) -> Millis:
        return _millis(self.overlap)

    @property
    def lag_millis(self) -> Millis:
        return _millis(self.lag)

    def category(self, code: str) -> str | None:
        """`new`, `in_progress` or `done` by the code of `state`; None where there is none."""
        if not code:
            return None
        if code in self.done_codes:
            return "done"
        return "new" if code in (self.new_states or self._usual[0]) else "in_progress"

    @property
    def done_codes(self) -> tuple[str, ...]:
        """The codes of `state` that are `done`."""
        return self.done_states or self._usual[1]

    @property
    def _usual(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return _STATES.get(self.table, _STATES["task"])


def _millis(text: str) -> Millis:
    length = parse_duration(text)
    return length.millis if length else Millis(0)
