"""The parts of Jira's JSON that we read, as typed values; all else is skipped while parsing."""

from __future__ import annotations

import msgspec

from sla_engine.units import Instant, parse_iso

_LATEST_SECONDS = 100_000_000_000
"""A number of `created` below this is seconds (5138 AD), above it milliseconds (since 1973)."""


class UnreadableError(ValueError):
    """One issue says something that we cannot make sense of; the others go on."""


class User(msgspec.Struct, frozen=True, rename="camel"):
    """Cloud knows people by accountId, Data Center by key and name."""

    account_id: str | None = None
    key: str | None = None
    name: str | None = None
    display_name: str | None = None
    account_type: str | None = None

    @property
    def id(self) -> str:
        return self.account_id or self.key or self.name or ""


_ITEM = {
    "from_": "from",
    "from_string": "fromString",
    "to_string": "toString",
    "field_id": "fieldId",
}


class Item(msgspec.Struct, frozen=True, rename=_ITEM):
    """One field's change within a history. Any of the four values may be missing or null."""

    field: str = ""
    field_id: str | None = None
    from_: str | None = None
    from_string: str | None = None
    to: str | None = None
    to_string: str | None = None


class History(msgspec.Struct, frozen=True):
    """One change of an issue: who, when, and one item for each field (or value) changed.

    `created` is ISO text in an issue's own changelog, a number in changelog/bulkfetch.
    """

    id: str | int
    created: str | int | float
    author: User | None = None
    items: tuple[Item, ...] = ()

    @property
    def at(self) -> Instant:
        return instant(self.created)


class Property(msgspec.Struct, frozen=True):
    key: str = ""
    value: object = None


class Comment(msgspec.Struct, frozen=True, rename="camel"):
    """`jsd_public` is there in service projects alone; `visibility` names a role or group."""

    id: str | int
    created: str | int | float
    author: User | None = None
    body: msgspec.Raw = msgspec.Raw(b"null")
    jsd_public: bool | None = None
    visibility: object = None
    properties: tuple[Property, ...] | None = None

    @property
    def at(self) -> Instant:
        return instant(self.created)


class CommentPage(msgspec.Struct, frozen=True, rename="camel"):
    """Comments inside an issue (Cloud: the newest 100 of `total`) or a page of them."""

    comments: tuple[Comment, ...] = ()
    start_at: int = 0
    total: int | None = None


class HistoryPage(msgspec.Struct, frozen=True, rename="camel"):
    """Histories inside an issue (`histories`), or a page of an issue's changelog (`values`)."""

    histories: tuple[History, ...] = ()
    values: tuple[History, ...] = ()
    start_at: int = 0
    total: int | None = None
    is_last: bool | None = None


class Issue(msgspec.Struct, frozen=True):
    """An issue as search, bulkfetch and GET give it; fields are read by their own types later."""

    id: str
    key: str = ""
    fields: dict[str, msgspec.Raw] = {}
    changelog: HistoryPage | None = None

    @property
    def updated(self) -> Instant | None:
        """When it last changed; a record may lack it."""
        return self.stamp("updated")

    def stamp(self, name: str) -> Instant | None:
        """The instant in a field, where it has one."""
        raw = self.fields.get(name)
        text = None if raw is None else msgspec.json.decode(raw)
        return instant(text) if isinstance(text, str | int | float) else None


class SearchPage(msgspec.Struct, frozen=True, rename="camel"):
    """A page of either search: Cloud has a token, Data Center a total."""

    issues: list[msgspec.Raw]
    next_page_token: str | None = None
    is_last: bool | None = None
    start_at: int = 0
    total: int | None = None


class IssueError(msgspec.Struct, frozen=True, rename="camel"):
    id: str | int | None = None
    error_message: str | None = None


class BulkPage(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of issue/bulkfetch."""

    issues: list[msgspec.Raw]
    issue_errors: list[msgspec.Raw] = []


class IssueHistories(msgspec.Struct, frozen=True, rename="camel"):
    """Some histories of one issue; more may be on other pages."""

    issue_id: str
    change_histories: tuple[History, ...] = ()


class HistoriesPage(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of changelog/bulkfetch."""

    issue_change_logs: list[msgspec.Raw] = []
    next_page_token: str | None = None


class Identity(msgspec.Struct, frozen=True, rename="camel"):
    """What is still legible of a row that is otherwise not."""

    id: str | int | None = None
    issue_id: str | None = None
    key: str | None = None

    @property
    def name(self) -> str:
        return str(self.key or self.id or self.issue_id or "an issue without id")


def identity_of(raw: msgspec.Raw) -> Identity:
    """Id and key of a row whose rest makes no sense."""
    try:
        return msgspec.json.decode(raw, type=Identity)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Identity()


def instant(created: str | int | float) -> Instant:
    """A time as Jira says it: ISO text, seconds or milliseconds; UnreadableError for other things.

    changelog/bulkfetch gives milliseconds on the sites that clients in production have met, while
    Atlassian's own example shows seconds.
    """
    if isinstance(created, str) and not created.isdecimal():
        at = parse_iso(created)
        if at is None:
            raise UnreadableError(f'"{created[:40]}" is no time')
        return at
    number = float(created)
    if not 0 <= number < 4e12:
        raise UnreadableError(f"{created} is no time")
    return Instant(int(number * 1000 if number < _LATEST_SECONDS else number))
