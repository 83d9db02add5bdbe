"""An issue's fields as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from connectors.jira.fields import Plan
from connectors.jira.metadata import Status
from connectors.jira.people import actor_of
from connectors.jira.values import decoded, identities_of, value_of, written_value
from connectors.jira.wire import Issue, UnreadableError, User, instant
from sla_engine.model import NOBODY, Actor, FieldValue, Value
from sla_engine.units import Instant


class Site(Protocol):
    """What has to be known of the site besides the issue."""

    @property
    def own_id(self) -> str: ...
    @property
    def statuses(self) -> Mapping[str, Status]: ...
    def project_key(self, identity: str) -> str | None: ...


class Present:
    """Reads one issue's fields; UnreadableError or ValueError where they make no sense."""

    def __init__(self, issue: Issue, plan: Plan, site: Site) -> None:
        self._issue, self._plan, self._site = issue, plan, site
        reporter = self.user("reporter")
        self._requesters = {reporter.id} if reporter else set()
        self.values: dict[str, Value] = {
            name: value_of(self.raw(field.id), field) for name, field in plan.canonical.items()
        }
        self.values["status_category"] = self._category()

    def raw(self, field: str) -> object:
        """A field's JSON as plain objects."""
        return decoded(self._issue.fields.get(field))

    def user(self, field: str) -> User | None:
        raw = self._issue.fields.get(field)
        return None if raw is None else msgspec.json.decode(raw, type=User | None)

    def actor(self, user: User | None) -> Actor:
        """An account in its role towards this issue."""
        return actor_of(user, self._site.own_id, self._requesters)

    @property
    def creator(self) -> Actor:
        return self.actor(self.user("creator")) if "creator" in self._issue.fields else NOBODY

    @property
    def created_at(self) -> Instant:
        mapped = self.raw(self._plan.created.id) if self._plan.created else None
        said = mapped or self.raw("created")
        if not isinstance(said, str | int | float):
            raise UnreadableError("it does not say when it was created")
        return instant(said)

    @property
    def written(self) -> dict[str, FieldValue]:
        """Our own fields, by the names that `publish:` calls them."""
        return {
            name: written_value(self.raw(field.id), field)
            for name, field in self._plan.published.items()
        }

    def _category(self) -> str | None:
        statuses = self._site.statuses
        known = (statuses[one] for one in identities_of(self.raw("status")) if one in statuses)
        return next((status.category for status in known), None)
