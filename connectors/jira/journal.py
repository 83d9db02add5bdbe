"""An issue, its histories and its comments as a ticket with a journal."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from connectors.jira import text
from connectors.jira.fields import SYSTEM, Plan
from connectors.jira.present import Present, Site
from connectors.jira.story import Story
from connectors.jira.values import decoded, identities_of
from connectors.jira.wire import Comment, History, Issue, UnreadableError
from sla_engine.model import Actor, Event, Journal, Ref, Ticket

MARK_PROPERTY = "sla-sync"
"""The comment property that bears our key; the last line of the text bears it too, since an
embedded comment comes without properties."""


class Whole(msgspec.Struct, frozen=True):
    """All that was read of one issue. `hole` says why its histories or comments are not all there;
    `from_index`, that it comes from the search index, which may be older than its histories."""

    issue: Issue
    histories: tuple[History, ...]
    comments: tuple[Comment, ...] = ()
    hole: str = ""
    from_index: bool = False


def status_ids(whole: Whole) -> set[str]:
    """The statuses that the issue has now or came to, as far as it says so legibly."""
    try:
        now = identities_of(decoded(whole.issue.fields.get("status")))
    except (msgspec.DecodeError, RecursionError):
        now = frozenset()  # it is refused when its ticket is made
    items = (item for history in whole.histories for item in history.items)
    return {*now, *(one.to for one in items if one.to and one.field_id == "status")}


class Teller:
    """Makes tickets of issues, for one connection."""

    def __init__(self, connection: str, url: str, plan: Plan, site: Site) -> None:
        self._connection, self._url = connection, url
        self._plan, self._site = plan, site

    def ticket(self, whole: Whole) -> Ticket:
        """The ticket; UnreadableError where the issue makes no sense."""
        try:
            return self._ticket(whole)
        except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
            raise UnreadableError(str(error)[:200] or type(error).__name__) from None

    def _ticket(self, whole: Whole) -> Ticket:
        issue = whole.issue
        now = Present(issue, self._plan, self._site)
        story = Story(whole.histories, now, self._plan, self._site)
        events = list(story.events())
        events += [_said(comment, now.actor(comment.author)) for comment in whole.comments]
        return Ticket(
            ref=Ref(self._connection, issue.key, issue.id),
            system=SYSTEM,
            url=f"{self._url}/browse/{issue.key}",
            title=str(now.raw("summary") or ""),
            created_at=now.created_at,
            created_by=now.creator,
            initial={**now.values, **story.first, "system": SYSTEM, "number": issue.key},
            journal=Journal(events),
            updated_at=issue.updated or max([now.created_at, *(event.at for event in events)]),
            written=now.written,
            marks=_marks(whole.comments, self._site.own_id),
            incomplete=whole.hole,
            gaps=story.gaps(),
        )


def _said(comment: Comment, author: Actor) -> Event:
    """A comment as an event. In a service project `jsdPublic` tells whether the customer sees it;
    elsewhere a comment is internal if it is shown to a role or group alone."""
    public = comment.visibility is None if comment.jsd_public is None else comment.jsd_public
    return Event(
        comment.at,
        int(comment.id),
        "comment",
        None,
        "public" if public else "internal",
        author,
        f"comment {comment.id}",
    )


def _marks(comments: Iterable[Comment], own_id: str) -> frozenset[str]:
    """The keys that our own comments bear; others could only forge them."""
    own = [comment for comment in comments if comment.author and comment.author.id == own_id]
    return frozenset(key for comment in own for key in _keys(comment) if key)


def _keys(comment: Comment) -> tuple[str, ...]:
    borne = [
        str(part.value.get("key", ""))
        for part in comment.properties or ()
        if part.key == MARK_PROPERTY and isinstance(part.value, dict)
    ]
    return (*borne, text.mark_of(decoded(comment.body)))
