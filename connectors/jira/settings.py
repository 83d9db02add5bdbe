"""What service.yaml says of a Jira: where it is, which projects, how politely."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from connectors.server import check_url
from sla_engine.units import Millis, parse_duration

ProjectKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]+$")]


class JiraSettings(BaseModel):
    """One connection to Jira Cloud or Jira Data Center; the token is never part of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["jira"] = "jira"
    deployment: Literal["cloud", "data_center"] = "cloud"
    url: str = Field(description="The site as people open it: https://acme.atlassian.net")
    api_base: str = Field(
        default="",
        description="Where the API is, if elsewhere: service accounts and scoped tokens use "
        "https://api.atlassian.com/ex/jira/<cloudId>",
    )
    user: str = Field(default="", description="E-mail address of the account (Cloud)")
    projects: tuple[ProjectKey, ...] = Field(default=(), description="Keys; empty: all we may see")
    jql: str = Field(default="", description="A further restriction, without ORDER BY")
    overlap: str = Field(default="15m", description="How far every pull looks back again")
    rate: float = Field(default=20.0, ge=0, le=100, description="Requests a second; 0: no limit")
    comments: bool = Field(default=True, description="Whether comments are read")

    @field_validator("url", "api_base")
    @classmethod
    def _is_address(cls, url: str) -> str:
        return check_url(url) if url else ""

    @field_validator("jql")
    @classmethod
    def _has_no_order(cls, jql: str) -> str:
        if "order by" in " ".join(jql.lower().split()):
            raise ValueError("leave ORDER BY out; pulls go by the time of change")
        return jql.strip()

    @field_validator("overlap")
    @classmethod
    def _is_length(cls, overlap: str) -> str:
        length = parse_duration(overlap)
        if length is None or length.business_days or length.months or length.millis <= 0:
            raise ValueError(f'"{overlap}" is no length of time; write it like "5m"')
        return overlap

    @property
    def base(self) -> str:
        """Where requests go."""
        return self.api_base or self.url

    @property
    def looks_back(self) -> Millis:
        """The overlap as a length."""
        length = parse_duration(self.overlap)
        assert length is not None  # the validator has seen to it
        return length.millis

    @property
    def scope(self) -> str:
        """The JQL of what this connection is about, without a time; "" where it is everything."""
        parts = []
        if self.projects:
            keys = ", ".join(f'"{key}"' for key in self.projects)
            parts.append(f"project in ({keys})")
        if self.jql:
            parts.append(f"({self.jql})")
        return " AND ".join(parts)
