"""Promises that somebody wanted to look at again by now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sla_engine.document import Node
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem
from sla_engine.units import DAY, Duration, parse_duration

REVIEWED = {"policies": "policy", "objectives": "objective", "contracts": "contract"}


def overdue_reviews(subject: Subject) -> Iterator[Problem]:
    """A warning for each review whose day has passed, or that has no day."""
    for section, called in REVIEWED.items():
        for name, node, _ in subject.entries(section):
            review = node.child("review")
            if review is not None and review.entries:
                yield from _overdue(subject.today, f'{called} "{name}"', node, review)


def _overdue(today: date, called: str, node: Node, review: Node) -> Iterator[Problem]:
    after = _later(today, parse_duration(_text(review, "every")))
    if review.child("next") is None:
        what = f"the review of {called} has no day"
        yield found("warning", "SLA211", node.key_of("review"), what, f"add next: {after}")
        return
    try:
        due = date.fromisoformat(_text(review, "next"))
    except ValueError:
        return  # told while reading
    if due < today:
        late = (today - due).days
        what = f"the review of {called} was due on {due}, {late} day{'s' * (late > 1)} ago"
        who = _names(review.child("by")) or _text(node, "owner")
        plan = _text(review, "plan")
        mend = "look at it" + (f" with {who}" if who else "") + (f" ({plan})" if plan else "")
        where = review.where_of("next")
        yield found("warning", "SLA211", where, what, f"{mend}, then write next: {after}")


def _text(node: Node, key: str) -> str:
    child = node.child(key)
    return (child.text if child else None) or ""


def _names(node: Node | None) -> str:
    if node is None:
        return ""
    return node.text or ", ".join(item.text or "" for item in node.items or ())


def _later(today: date, length: Duration | None) -> date:
    """The day of the next review: half a year on where nothing else is said."""
    months = 6 if length is None else length.months
    days = 0 if length is None else length.millis // DAY + length.business_days
    years, month = divmod(today.month - 1 + months, 12)
    return date(today.year + years, month + 1, min(today.day, 28)) + timedelta(days)
