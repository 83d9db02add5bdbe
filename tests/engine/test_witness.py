"""Tickets made from conditions: every kind that these can tell apart, and none that cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.conditions import All, Condition, FieldTest, Not, Some, holds
from sla_engine.model import Value
from sla_engine.presets import FIELDS
from sla_engine.witness import MOST, all_of_them, shown, tickets

VALUES = ("a", "b", "c")

TESTS = st.builds(
    FieldTest,
    st.sampled_from(("team", "project", "labels")),
    one_of=st.lists(st.sampled_from(VALUES), min_size=1, max_size=2).map(tuple),
    negated=st.booleans(),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: Some(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=4,
)
SINGLE = st.sampled_from((None, *VALUES, "d"))


@given(CONDITIONS, CONDITIONS, SINGLE, SINGLE, SINGLE)
def test_whatever_a_ticket_passes_some_made_ticket_passes_too(
    one: Condition, other: Condition, team: str | None, project: str | None, label: str | None
) -> None:
    ticket: dict[str, Value] = {"team": team, "project": project, "labels": label}
    verdict = (holds(one, ticket), holds(other, ticket))
    made = list(tickets((one, other), {}))
    assert verdict in {(holds(one, made_up), holds(other, made_up)) for made_up in made}


def test_no_ticket_has_fields_of_two_systems() -> None:
    asks = (FieldTest("project", one_of=("A",)), FieldTest("table", one_of=("incident",)))
    assert all(len(ticket) < 2 for ticket in tickets(asks, FIELDS))


def test_of_several_labels_two_may_stand_together() -> None:
    asks = tuple(FieldTest("labels", one_of=(value,)) for value in VALUES)
    assert {"labels": ("a", "c")} in list(tickets(asks, {}))
    assert {"team": ("a", "c")} not in list(tickets((FieldTest("team", one_of=VALUES),), FIELDS))


def test_a_search_that_cannot_end_is_known_before() -> None:
    fields = [f"f{number}" for number in range(8)]
    wide = [FieldTest(field, one_of=VALUES) for field in fields]
    assert all_of_them(wide[:2])
    assert not all_of_them(wide)
    assert sum(1 for _ in tickets(wide, {})) == MOST


@pytest.mark.parametrize(
    ("ticket", "words"),
    [
        ({}, "any ticket"),
        ({"project": "A", "labels": ("x", "y")}, "{project: A, labels: [x, y]}"),
    ],
)
def test_a_ticket_is_shown_as_policies_write_it(ticket: dict[str, Value], words: str) -> None:
    assert shown(ticket) == words
