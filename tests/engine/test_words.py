"""Lengths, instants and the standing of a clock in words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.model import Kind, Ref, Verdict
from sla_engine.units import HOUR, MINUTE, Instant, Millis, parse_iso
from sla_engine.words import clock_name, duration, instant, label, title

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("length", "said"),
    [
        pytest.param(0, "0 min", id="nothing"),
        pytest.param(1, "1 s", id="less than a second is not nothing"),
        pytest.param(59_999, "59 s", id="seconds are cut"),
        pytest.param(60_000, "1 min", id="a minute"),
        pytest.param(38 * 60_000 + 59_000, "38 min", id="minutes are cut, never rounded up"),
        pytest.param(4 * 3_600_000, "4 h", id="whole hours"),
        pytest.param(4 * 3_600_000 + 30_000, "4 h", id="and half a minute"),
        pytest.param(3 * 3_600_000 + 5 * 60_000, "3 h 05 min", id="two digits"),
        pytest.param(90 * 3_600_000, "90 h", id="never days: they would not be business days"),
        pytest.param(-38 * 60_000 - 1_000, "-38 min", id="over, cut towards zero"),
        pytest.param(-1_000, "-1 s", id="a second over is over"),
    ],
)
def test_durations_read_as_people_say_them(length: int, said: str) -> None:
    assert duration(Millis(length)) == said


@given(st.integers(-(10**12), 10**12))
def test_a_duration_is_zero_in_words_only_when_it_is_zero(length: int) -> None:
    assert (duration(Millis(length)) == "0 min") == (length == 0)
    assert duration(Millis(length)).startswith("-") == (length < 0)


@given(st.integers(0, 10**6), st.integers(0, 59))
def test_a_duration_reads_back_to_the_minute(hours: int, minutes: int) -> None:
    said = duration(Millis(hours * HOUR + minutes * MINUTE))
    numbers = dict(zip(said.split()[1::2], said.split()[::2], strict=True))
    assert (int(numbers.get("h", 0)), int(numbers.get("min", 0))) == (hours, minutes)


@pytest.mark.parametrize(
    ("iso", "zone", "said"),
    [
        ("2026-11-21T10:30:00Z", "Europe/Berlin", "Sat 21 Nov 11:30 CET"),
        ("2026-06-01T00:00:59Z", "Europe/Berlin", "Mon 1 Jun 02:00 CEST"),
        ("2026-11-21T10:30:00Z", "UTC", "Sat 21 Nov 10:30 UTC"),
        ("2026-11-21T10:30:00Z", "America/Sao_Paulo", "Sat 21 Nov 07:30 UTC-03"),
    ],
)
def test_instants_bear_their_zone(iso: str, zone: str, said: str) -> None:
    assert instant(parse_iso(iso) or Instant(0), ZoneInfo(zone)) == said


def test_the_repeated_hour_is_told_apart() -> None:
    first, second = "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"
    said = [instant(parse_iso(iso) or Instant(0), BERLIN) for iso in (first, second)]
    assert said == ["Sun 25 Oct 02:30 CEST", "Sun 25 Oct 02:30 CET"]


@pytest.mark.parametrize(
    ("clock", "name"),
    [("first_response", "First response"), ("vendor-repair", "Vendor repair"), ("", "")],
)
def test_clock_names_are_words(clock: str, name: str) -> None:
    assert clock_name(clock) == name


@pytest.mark.parametrize(
    ("clock", "of", "kind", "name", "short"),
    [
        ("first_response", "", "sla", "First response", "first-response"),
        ("resolution", "", "ola", "Resolution (OLA)", "ola-resolution"),
        ("ownership", "Network", "sla", "Ownership of Network", "ownership-network"),
        ("ownership", "2nd Level", "uc", "Ownership of 2nd Level (UC)", "uc-ownership-2nd-level"),
    ],
)
def test_a_promise_is_called_after_its_clock_its_value_and_its_kind(
    clock: str, of: str, kind: Kind, name: str, short: str
) -> None:
    verdict = Verdict(
        Ref("c", "K-1", "1"), "p", "v", clock, 1, "running", "running", of=of, type=kind
    )
    assert (title(verdict), label(verdict)) == (name, short)
