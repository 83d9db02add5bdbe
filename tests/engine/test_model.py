"""Journals as sequences of events in order, and field values that are told apart."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.model import Actor, At, Event, FieldValue, Journal
from sla_engine.units import Instant
from tests.engine.desk import STAFF

events = st.builds(
    Event,
    st.integers(0, 5).map(Instant),
    st.integers(0, 5),
    st.sampled_from(["status", "comment"]),
    st.none() | st.text(max_size=3),
    st.none() | st.just(("a", "b")),
    st.just(STAFF),
    st.sampled_from(["history 1", "history 2"]),
)


def event(at: int, sequence: int = 0, source_id: str = "", **more: str) -> Event:
    return Event(Instant(at), sequence, "status", more.get("old"), more.get("new"), STAFF,
                 source_id)  # fmt: skip


@given(st.lists(events))
def test_a_journal_gives_back_its_events_in_order(given_events: list[Event]) -> None:
    journal = Journal(given_events)
    assert list(journal) == sorted(given_events, key=lambda e: (e.at, e.sequence))
    assert len(journal) == len(given_events)
    assert Journal(list(journal)) == journal


@given(st.lists(events), st.integers(-7, 7), st.integers(-7, 7), st.sampled_from([1, 2, -1]))
def test_a_journal_is_cut_like_a_list(whole: list[Event], a: int, b: int, by: int) -> None:
    journal = Journal(whole)
    cut = list(journal)[a:b:by]
    assert list(journal[a:b:by]) == sorted(cut, key=lambda e: (e.at, e.sequence))
    if whole:
        assert journal[a % len(whole)] == list(journal)[a % len(whole)]
        assert journal[-1] == list(journal)[-1]


def test_beyond_its_end_there_is_no_event() -> None:
    with pytest.raises(IndexError):
        Journal([event(1)])[1]


@given(st.lists(events), st.integers(-1, 6))
def test_until_tells_what_was_known_and_never_what_came_later(whole: list[Event], now: int) -> None:
    journal = Journal(whole)
    told = list(journal.until(Instant(now)))
    known = [e for e in journal if e.at <= now]
    assert [step[:5] for step in told] == [
        (e.at, e.field, e.new, e.actor, e.source_id) for e in known
    ]
    following = [e.source_id for e in journal][1 : len(known) + 1]
    assert [step[5] for step in told] == [*following, ""][: len(known)]


def test_journals_are_equal_by_what_they_hold() -> None:
    one = Journal([event(1, 1, "a", new="x"), event(2, 2, "b")])
    same = Journal([event(2, 2, "b"), event(1, 1, "a", new="x")])
    assert one == same
    assert hash(one) == hash(same)
    assert one != Journal([event(1, 1, "a", new="y"), event(2, 2, "b")])
    assert one != Journal([event(1, 1, "a", new="x", old="o"), event(2, 2, "b")])
    assert one != Journal([event(1, 1, "a", new="x"), event(2, 3, "b")])
    assert one != one[:1]
    assert one != list(one)
    assert "history" not in repr(one)
    assert repr(Journal([event(1, 1, "history 7")])).startswith("Journal([Event(at=1, sequence=1")


def test_a_date_in_a_field_is_never_mistaken_for_text() -> None:
    values: list[FieldValue] = ["2026-11-16T09:00:00Z", ("a", "b"), None, At(Instant(7))]
    again = msgspec.json.decode(msgspec.json.encode(values), type=list[FieldValue])
    assert again == values
    assert type(again[3]) is At


def test_who_is_not_named_is_unknown() -> None:
    assert Actor("x").kind == "unknown"
    assert Actor("x").groups == ()
