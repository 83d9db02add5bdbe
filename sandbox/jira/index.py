"""What a search index that lags behind still shows."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.jira.model import Issue


def indexed(issues: Iterable[Issue], known_until: int) -> list[Issue]:
    """Issues as they were at that instant; younger ones are missing, older shadows forgotten."""
    return [
        shown
        for issue in issues
        if issue.created <= known_until and (shown := _as_of(issue, known_until))
    ]


def _as_of(issue: Issue, known_until: int) -> Issue:
    issue.shadows = [entry for entry in issue.shadows if entry[0] > known_until]
    return min(issue.shadows, key=lambda entry: entry[0])[1] if issue.shadows else issue
