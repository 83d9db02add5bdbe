"""What a pass comes to: its exit code, its counts."""

from __future__ import annotations

import pytest

from connectors.base import AuthError, ForbiddenError, PermanentError, UnreachableError
from service.delivery.items import Item
from service.delivery.outcome import PassReport, SourceReport, Writes, exit_code, writes_of
from service.state.failure import Failure
from sla_engine.changes import AddComment, Assign, SetFields, Why
from tests.service.desks import T0, ticket

GOOD = SourceReport("jira", "jira", "write")
PARTLY = SourceReport("jira", "jira", "write", failures=(Failure("SUP-1", "torn"),))
REFUSED = SourceReport("jira", "jira", "write", refused="too much")
AUTH = SourceReport("snow", "servicenow", "write", error=AuthError("no"))
AWAY = SourceReport("snow", "servicenow", "write", error=UnreachableError("away"))
ODD = SourceReport("snow", "servicenow", "write", error=PermanentError("odd"))


@pytest.mark.parametrize(
    ("sources", "code"),
    [
        ((), 0),
        ((GOOD,), 0),
        ((PARTLY,), 3),
        ((GOOD, AUTH), 3),
        ((AUTH,), 4),
        ((AUTH, AWAY), 4),
        ((AWAY,), 5),
        ((ODD,), 3),
        ((REFUSED, AWAY), 6),
    ],
    ids=lambda value: "+".join(s.name for s in value) if isinstance(value, tuple) else value,
)
def test_exit_codes(sources: tuple[SourceReport, ...], code: int) -> None:
    assert PassReport(T0, sources).exit_code() == code


def test_a_forbidden_project_is_a_matter_of_permission() -> None:
    assert exit_code([ForbiddenError("closed"), UnreachableError("away")]) == 4


def test_what_counts_as_what() -> None:
    why, ref = Why("because"), ticket(1).ref
    fields = SetFields(ref, (("a", "1"), ("b", None)), why)
    comment = AddComment(ref, "k", ("late",), why)
    assign = Assign(ref, "k:assign", "tier2", why)
    items = [Item(ticket(1), (fields, comment, assign), None), Item(ticket(2), (fields,), None)]
    assert writes_of(items) == Writes(tickets=2, fields=4, comments=1, escalations=1)
