"""How reports say states, instants near and far, lengths in columns, numbers, people."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest

from reports import words
from sla_engine.model import Actor, At, FieldValue
from sla_engine.units import Millis, parse_iso
from tests.reports.desk import AT_RISK, LATER, MISSED, NIGHT, NOW, PAUSED, POLICIES, at, judged

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("time", "said"),
    [
        pytest.param("2026-11-20T15:22+01:00", "Fri 15:22", id="this week"),
        pytest.param("2026-11-26T12:00+01:00", "Thu 12:00", id="six days hence, less a bit"),
        pytest.param("2026-11-26T12:30+01:00", "Thu 26 Nov 12:30", id="six days hence"),
        pytest.param("2026-01-02T08:00+01:00", "Fri 2 Jan 08:00", id="this year"),
        pytest.param("2025-12-31T08:00+01:00", "Wed 31 Dec 2025 08:00", id="another year"),
    ],
)
def test_an_instant_is_said_as_shortly_as_is_plain(time: str, said: str) -> None:
    found = parse_iso(time)
    assert found is not None
    assert words.moment(found, BERLIN, NOW) == said


@pytest.mark.parametrize(
    ("minutes", "cell", "full"),
    [
        (0, "0", "0 min"),
        (38, "38 min", "38 min"),
        (185, "3 h 05", "3 h 05 min"),
        (240, "4 h 00", "4 h 00 min"),
        (-38, "-38 min", "-38 min"),
        (-240, "-4 h 00", "-4 h 00 min"),
    ],
)
def test_lengths_stand_below_each_other(minutes: int, cell: str, full: str) -> None:
    assert words.cell(Millis(minutes * 60_000)) == cell
    assert words.full_cell(Millis(minutes * 60_000)) == full


def test_thousands_stand_apart() -> None:
    assert words.number(1_234_567) == "1 234 567"
    assert words.count(1, "entry", "entries") == "1 entry"
    assert words.count(1914, "entry", "entries") == "1 914 entries"


def test_every_state_has_a_symbol_and_a_word() -> None:
    missed = judged(MISSED, LATER)[1]
    said = [
        words.state_of(missed),
        words.state_of(msgspec.structs.replace(missed, stopped_at=None)),
        words.state_of(judged(AT_RISK)[1]),
        words.state_of(judged(PAUSED)[1]),
        words.state_of(judged(NIGHT, at("19T16:55:00"))[0]),
        words.state_of(judged(NIGHT, at("19T20:00:00"))[0], lambda _: True),
        words.state_of(judged(MISSED, LATER)[0]),
        words.state_of(msgspec.structs.replace(missed, state="tolerated")),
        words.state_of(msgspec.structs.replace(missed, state="unknown")),
    ]
    assert [str(state) for state in said] == [
        "✗ missed",
        "✗ breached",
        "! at risk",
        "‖ paused: Waiting for customer",
        "● running",
        "‖ closed hours",
        "✓ met",
        "✓ met, over the aim",
        "? unknown",
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "—"),
        ((), "—"),
        ("On track", "On track"),
        (("a", "b"), "a, b"),
        (At(at("20T15:22:00")), "Fri 15:22"),
    ],
)
def test_a_field_is_said_by_its_kind(value: FieldValue, said: str) -> None:
    assert words.field_text(value, BERLIN, NOW) == said


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        (Actor("x@acme.example", "Ada Lovelake"), "Ada Lovelake"),
        (Actor("b.kettle@acme.example"), "b.kettle"),
        (Actor(""), "somebody"),
    ],
)
def test_people_are_called_by_name(actor: Actor, said: str) -> None:
    assert words.person(actor) == said


def test_what_is_unset_is_left_out_of_the_standing() -> None:
    fields = words.fields_of(POLICIES, MISSED, LATER)
    assert words.standing(fields) == "gold · P1 · Identity"
    assert words.standing({}) == ""


def test_an_assignee_by_id_is_named_from_the_history() -> None:
    ada = Actor("5b10", "Ada Lovelake", "staff")
    event = msgspec.structs.replace(MISSED.journal[0], actor=ada)
    known = msgspec.structs.replace(MISSED, journal=type(MISSED.journal)([event]))
    assert words.named({"assignee": "5b10"}, known) == {"assignee": "Ada Lovelake"}
    assert words.named({"assignee": "77aa"}, known) == {"assignee": "77aa"}
