"""Conditions: which values pass which test, and how conditions are put together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.conditions import (
    ALWAYS,
    NEVER,
    All,
    Condition,
    EventTest,
    FieldTest,
    Not,
    Some,
    holds,
    passes,
)
from sla_engine.model import Value


def asking(**terms: object) -> FieldTest:
    return FieldTest("f", **terms)  # type: ignore[arg-type]  # the tables below state any of them


@pytest.mark.parametrize(
    ("terms", "passing", "failing"),
    [
        pytest.param({}, ["x", ("x",), None, ""], [], id="no test at all"),
        pytest.param(
            {"one_of": ("a", "b")},
            ["a", "b", ("x", "b"), ("a",)],
            ["c", "A", "", None, (), ("x", "y"), "ab"],
            id="one of",
        ),
        pytest.param(
            {"matches": ("svc-*", "b?t")},
            ["svc-", "svc-mail", "bot", ("x", "bat")],
            ["SVC-x", "boot", "a-svc-b", None, ("x",), ""],
            id="globs",
        ),
        pytest.param({"matches": ("*",)}, ["x", ""], [None, ()], id="any value"),
        pytest.param(
            {"one_of": ("ab", "b"), "matches": ("a*",)},
            ["ab", ("b", "ax")],
            ["b", "ax", None],
            id="both of them, each by any member",
        ),
        pytest.param({"is_set": True}, ["x", "", ("x",)], [None, ()], id="set"),
        pytest.param({"is_set": False}, [None, ()], ["x", ("x",)], id="empty"),
        pytest.param({"gte": 2.0}, ["2", "2.0", "3", ("1", "2")], ["1.99", "x", None], id="gte"),
        pytest.param({"gt": 2.0}, ["2.01", "3"], ["2", "1", "x", None], id="gt"),
        pytest.param({"lte": 2.0}, ["2", "-1", ("9", "1")], ["2.01", "x", None], id="lte"),
        pytest.param({"lt": 2.0}, ["1.99", "-7"], ["2", "3", "x", None, ()], id="lt"),
        pytest.param({"gte": 0.0}, ["0", "1"], ["-1", None], id="zero is a bound"),
        pytest.param(
            {"gt": 1.0, "lt": 3.0}, ["2"], ["1", "3", "0", "4", "x"], id="a range of numbers"
        ),
        pytest.param({"one_of": ("2",), "lt": 3.0}, ["2"], ["1", "4"], id="value and number"),
        pytest.param(
            {"one_of": ("a",), "negated": True}, ["b", None, ()], ["a", ("a", "b")], id="not"
        ),
        pytest.param({"is_set": True, "negated": True}, [None], ["x"], id="not set"),
        pytest.param({"lt": 3.0, "negated": True}, ["3", "x", None], ["2"], id="not below"),
    ],
)
def test_values_pass_a_test(
    terms: dict[str, object], passing: list[Value], failing: list[Value]
) -> None:
    assert [value for value in passing if not passes(asking(**terms), value)] == []
    assert [value for value in failing if passes(asking(**terms), value)] == []


YES, NO = FieldTest("a", one_of=("1",)), FieldTest("a", one_of=("2",))


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        (YES, True),
        (NO, False),
        (FieldTest("b"), True),
        (FieldTest("b", is_set=True), False),
        (All((YES, YES)), True),
        (All((YES, NO)), False),
        (Some((NO, YES)), True),
        (Some((NO, NO)), False),
        (Not(YES), False),
        (Not(NO), True),
        (Not(Some((NO, All((YES, Not(NO)))))), False),
        (ALWAYS, True),
        (NEVER, False),
    ],
)
def test_conditions_are_put_together(condition: Condition, answer: bool) -> None:
    assert holds(condition, {"a": "1"}) is answer


def test_events_are_asked_of_who_knows_them_and_are_false_otherwise() -> None:
    said = EventTest("comment", "public")
    asked: list[EventTest] = []

    def happened(event: EventTest) -> bool:
        asked.append(event)
        return event == said

    assert holds(Some((EventTest("assigned"), said)), {}, happened)
    assert holds(All((said, Not(EventTest("assigned")))), {}, happened)
    assert EventTest("assigned") in asked
    assert not holds(said, {})
    assert holds(Not(said), {})


fields = st.fixed_dictionaries({"a": st.sampled_from(["1", "2", None]), "b": st.just(("1", "3"))})
tests = st.builds(
    FieldTest,
    st.sampled_from(["a", "b", "c"]),
    one_of=st.sampled_from([(), ("1",), ("2", "3")]),
    is_set=st.sampled_from([None, True, False]),
    negated=st.booleans(),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: Some(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=8,
)


@given(conditions, conditions, fields)
def test_not_turns_and_into_or(one: Condition, other: Condition, values: dict[str, Value]) -> None:
    neither = holds(Not(Some((one, other))), values)
    assert neither == holds(All((Not(one), Not(other))), values)
    assert holds(Not(Not(one)), values) == holds(one, values)
    assert holds(All((one, other)), values) == holds(All((other, one)), values)


@given(tests, fields)
def test_a_negated_test_is_the_opposite(one: FieldTest, values: dict[str, Value]) -> None:
    turned = FieldTest(one.field, one.one_of, is_set=one.is_set, negated=not one.negated)
    assert holds(turned, values) != holds(one, values)
