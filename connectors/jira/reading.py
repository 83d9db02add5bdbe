"""What both kinds of Jira read alike: portions of issues, rows one by one, no page twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Protocol, TypeVar

import msgspec

from connectors.base import TransientError
from connectors.jira.cursor import Cursor
from connectors.jira.journal import Whole
from connectors.jira.wire import CommentPage, Issue, UnreadableError, identity_of
from sla_engine.units import Instant

PORTION = 1000
"""Issues that are made tickets of and kept together; the most that a bulk request takes."""

T = TypeVar("T")


class Portion(msgspec.Struct, frozen=True):
    """Some issues of a scan. `rows` are all that it met, changed or not, with their `updated`;
    everything changed up to `reached` has been met (None: only once the scan is over). The scan
    began at `began`, by the server's clock."""

    wholes: tuple[Whole, ...]
    rows: Mapping[str, Instant]
    unreadable: tuple[tuple[str, str], ...] = ()
    reached: Instant | None = None
    began: Instant | None = None


class Reader(Protocol):
    """Cloud's or Data Center's way of reading issues whole."""

    def changed(self, cursor: Cursor, low: Instant) -> Iterator[Portion]:
        """All issues changed at or after `low`, but those that the cursor has seen as they are;
        in portions, of which the last may be empty."""

    def by_ids(self, ids: Sequence[str]) -> tuple[Portion, ...]:
        """These issues from the records themselves; those that are gone or hidden are missing."""

    def there(self, ids: Sequence[str]) -> Set[str]:
        """Which of these, ids or keys, are there, whether or not they make sense."""

    def ids(self, since: Instant) -> Iterator[Sequence[str]]:
        """All issues of the scope that are not done, or changed since."""


class Rows:
    """Issues of several pages by id, in the order met; an issue met again is taken anew."""

    def __init__(self) -> None:
        self.issues: dict[str, Issue] = {}
        self.unreadable: dict[str, str] = {}

    def add(self, raws: Sequence[msgspec.Raw]) -> None:
        for raw in raws:
            issue = self.parsed(raw, Issue)
            if issue is not None:
                self.issues.pop(issue.id, None)
                self.issues[issue.id] = issue

    def parsed(self, raw: msgspec.Raw, kind: type[T]) -> T | None:
        """The row, or None where it makes no sense: noted with the reason."""
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.refuse(identity_of(raw).name, str(error))
        return None

    def refuse(self, name: str, why: str) -> None:
        self.unreadable[name] = why[:200]

    def updated(self) -> dict[str, Instant]:
        """When each issue last changed; those that do not tell are left out, and come again."""
        return self.stamps("updated")

    def stamps(self, name: str) -> dict[str, Instant]:
        """The instant in a field of each issue, as far as they tell."""
        found = {}
        for issue in list(self.issues.values()):
            try:
                at = issue.stamp(name)
            except (UnreadableError, msgspec.DecodeError) as error:
                self.refuse(issue.key or issue.id, str(error))
                del self.issues[issue.id]
            else:
                if at is not None:
                    found[issue.id] = at
        return found


IDLE = 3
"""Pages without a row that is new, one after the other; a page may well be empty in between."""


class Guard:
    """Ends a walk in which the server gives the same page again, be it under another token."""

    def __init__(self) -> None:
        self._met: set[str] = set()
        self._rows: set[int] = set()
        self._idle = 0

    def check(self, token: str) -> str:
        """The token, if it is new."""
        if token in self._met:
            raise _repeating()
        self._met.add(token)
        return token

    def take(self, rows: Sequence[msgspec.Raw]) -> None:
        """A page's rows: some of them must be new, or as they were not before, now and then."""
        new = {hash(bytes(row)) for row in rows} - self._rows
        self._rows |= new
        self._idle = 0 if new else self._idle + 1
        if self._idle == IDLE:
            raise _repeating()


def _repeating() -> TransientError:
    return TransientError("Jira repeats the same page for ever; the pull was ended")


def parts(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The ids in pieces of at most `size`."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def comments_of(issue: Issue) -> CommentPage:
    """The comments that came with the issue."""
    raw = issue.fields.get("comment")
    if raw is None:
        return CommentPage()
    return msgspec.json.decode(raw, type=CommentPage | None) or CommentPage()


def hole_in(what: str, total: int | None, got: int) -> str:
    """Why this is not all: the server counts more than it gave; "" where it does not."""
    return f"{got} of {total} {what} could be read" if (total or 0) > got else ""


def search_jql(scope: str, low: Instant) -> str:
    """Everything of the scope changed since `low`, in the order of change.

    A bare number is milliseconds since 1970 and means the same to every account, while a date in
    quotes would be read to the minute and in the time zone of the account. There is no upper bound:
    an issue that is touched every few minutes would for ever be beyond it.
    """
    parts = [*([scope] if scope else []), f"updated >= {low}"]
    return f"{' AND '.join(parts)} ORDER BY updated ASC, key ASC"


def census_jql(scope: str, since: Instant, low: Instant | None = None) -> str:
    """Everything of the scope that is not done, or changed `since`, and was made at or after `low`;
    in the order of creation, which no change ever changes."""
    parts = [*([scope] if scope else []), f"(statusCategory != Done OR updated >= {since})"]
    parts += [] if low is None else [f"created >= {low}"]
    return f"{' AND '.join(parts)} ORDER BY created ASC, key ASC"
