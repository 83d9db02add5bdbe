"""What service.yaml may say of a ServiceNow, and how cursors are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.servicenow import ServiceNowSettings
from connectors.servicenow.cursors import Cursor, read_cursor, write_cursor
from connectors.servicenow.stamps import read_stamp, write_stamp
from sla_engine.units import DAY, MINUTE, Instant, Millis, parse_iso

URL = "https://acme.service-now.com"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param({"url": "http://acme.service-now.com"}, "write https://", id="plain http"),
        pytest.param({"url": "acme"}, "no address of a server", id="no url"),
        pytest.param({"table": "incident^x"}, "should match pattern", id="table"),
        pytest.param({"query": "a=1^NQb=2"}, "NQ cannot stand in `query`", id="union"),
        pytest.param({"query": "a=1^ORDERBYx"}, "ORDERBY cannot stand", id="order"),
        pytest.param({"overlap": "2bd"}, "not a fixed duration", id="business days"),
        pytest.param({"lag": "soon"}, "not a fixed duration", id="no duration"),
        pytest.param({"page": 0}, "greater than or equal to 1", id="page"),
        pytest.param({"auth": "magic"}, "'oauth', 'basic' or 'api_key'", id="auth"),
        pytest.param({"password": "tulip"}, "Extra inputs", id="a secret"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(said: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError) as error:
        ServiceNowSettings.model_validate({"url": URL, **said})
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("said", "code", "category"),
    [
        ({}, "1", "new"),
        ({}, "3", "in_progress"),
        ({}, "8", "done"),
        ({}, "", None),
        ({"table": "change_request"}, "-5", "new"),
        ({"table": "change_request"}, "4", "done"),
        ({"table": "sc_task"}, "7", "done"),
        ({"done_states": ("6", "7")}, "8", "in_progress"),
        ({"new_states": ("1", "2")}, "2", "new"),
    ],
)
def test_codes_of_state_fall_into_categories(
    said: dict[str, object], code: str, category: str | None
) -> None:
    assert ServiceNowSettings.model_validate({"url": URL, **said}).category(code) == category


SECONDS = st.integers(0, 4_000_000_000).map(lambda second: Instant(second * 1000))


@given(at=SECONDS)
def test_a_stamp_reads_as_it_was_written(at: Instant) -> None:
    assert read_stamp(write_stamp(at)) == at


@pytest.mark.parametrize("text", ["", "2026-11-16", "2026-11-16T09:00:00", "16/11/2026 09:00:00"])
def test_a_time_in_another_form_is_no_stamp(text: str) -> None:
    with pytest.raises(ValueError, match="no stored date-time"):
        read_stamp(text)


def row(sys_id: str, at: Instant, count: str = "1") -> dict[str, str]:
    return {"sys_id": sys_id, "sys_updated_on": write_stamp(at), "sys_mod_count": count}


def moment(text: str) -> Instant:
    at = parse_iso(text)
    assert at is not None
    return at


NOON = moment("2026-11-16T12:00:00Z")


def later(by: Millis) -> Instant:
    return Instant(NOON + by)


def test_a_row_is_news_until_it_was_kept_as_it_is() -> None:
    cursor = Cursor().moved(write_stamp(NOON), [row("a", NOON)], MINUTE, NOON)
    assert not cursor.is_news(row("a", NOON))
    assert cursor.is_news(row("a", NOON, "2"))
    assert cursor.is_news(row("b", NOON))


def test_what_lies_behind_the_overlap_is_forgotten() -> None:
    cursor = Cursor().moved(write_stamp(NOON), [row("a", NOON)], MINUTE, None)
    cursor = cursor.moved(write_stamp(later(DAY)), [row("b", later(DAY))], MINUTE, None)
    assert set(cursor.seen) == {"b"}


@given(at=SECONDS, server=st.none() | SECONDS, overlap=st.integers(0, 86_400_000).map(Millis))
def test_a_cursor_never_goes_back_nor_past_the_servers_clock(
    at: Instant, server: Instant | None, overlap: Millis
) -> None:
    before = Cursor(write_stamp(NOON))
    after = before.moved(write_stamp(at), [row("a", at)], overlap, server)
    assert after.at >= before.at
    if server is not None and after != before:
        assert after.at <= max(write_stamp(server), before.at)
    assert read_cursor(write_cursor(after)) == after
    rested = after.rested(overlap, server)
    assert rested.at >= after.at


def test_nothing_read_is_no_cursor() -> None:
    assert write_cursor(Cursor()) == ""
    assert Cursor().rested(MINUTE, NOON) == Cursor()
