"""What the site remembers of an issue: fields as stored, histories, comments, properties."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Stored = str | int | float | tuple[str, ...] | dict[str, Any] | None
"""Ids for what has ids (options, users, statuses), epoch ms for instants, a tuple for several."""


class Item(NamedTuple):
    """One changed field of a history; `from_`/`to` are ids, the texts what people read."""

    field_id: str
    field: str
    kind: str  # "jira" or "custom"
    from_: str | None
    from_text: str | None
    to: str | None
    to_text: str | None


class History(NamedTuple):
    id: int
    at: int
    author: str  # a person's id; "" where the account is gone
    items: tuple[Item, ...]


@dataclass
class Comment:
    id: int
    author: str
    created: int
    updated: int
    body: str | dict[str, Any]
    properties: dict[str, Any] = field(default_factory=dict)
    visibility: dict[str, str] | None = None
    editor: str = ""

    @property
    def internal(self) -> bool:
        """Whether customers do not see it. A `visibility` does not hide it from them."""
        said = self.properties.get("sd.public.comment")
        return isinstance(said, dict) and said.get("internal") is True


@dataclass
class Issue:
    id: int
    key: str
    created: int
    updated: int
    fields: dict[str, Stored]
    histories: list[History] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    old_keys: tuple[str, ...] = ()
    shadows: list[tuple[int, Issue]] = field(default_factory=list)
    """(when, how it was until then): what a search index that lags still shows."""

    def snapshot(self) -> Issue:
        """A copy that later writes leave as it is."""
        comments = [copy.copy(comment) for comment in self.comments]
        return Issue(
            self.id, self.key, self.created, self.updated, dict(self.fields),
            list(self.histories), comments, dict(self.properties), self.old_keys,
        )  # fmt: skip

    @property
    def number(self) -> int:
        """The number in its key, for sorting."""
        return int(self.key.rsplit("-", 1)[1])

    def text(self, name: str) -> str:
        """A field that holds an id or a text; "" where it is empty."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""
