"""The line of blocks is as wide as asked, keeps the order, and shows every kind if it can."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from reports.ledger import Kind, Row
from reports.timeline import BLOCKS, timeline
from sla_engine.units import DAY, HOUR, Instant, Millis

BERLIN = ZoneInfo("Europe/Berlin")


def rows_of(lengths: list[tuple[Kind, int]]) -> list[Row]:
    rows, at = [], 1_763_000_000_000
    for kind, length in lengths:
        rows.append(Row(Instant(at), Instant(at + length), kind, Millis(0), Millis(0), ""))
        at += length
    return rows


KINDS: list[Kind] = list(BLOCKS)
LENGTHS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 30 * DAY)), min_size=1)


@given(LENGTHS, st.integers(20, 120))
def test_the_line_is_as_wide_as_asked(lengths: list[tuple[Kind, int]], width: int) -> None:
    bar = timeline(rows_of(lengths), width, BERLIN)
    assert sum(size for _, size in bar.blocks) == width


@given(LENGTHS)
def test_every_kind_shows_where_there_is_room(lengths: list[tuple[Kind, int]]) -> None:
    bar = timeline(rows_of(lengths), 2 * len(lengths), BERLIN)
    runs = [kind for n, (kind, _) in enumerate(lengths) if not n or lengths[n - 1][0] != kind]
    assert [kind for kind, _ in bar.blocks] == runs


@given(st.lists(st.integers(1, 30 * DAY), min_size=1, max_size=20))
def test_work_alone_is_to_scale(lengths: list[int]) -> None:
    whole = sum(lengths)
    rows = rows_of([("running" if n % 2 else "over", length) for n, length in enumerate(lengths)])
    bar = timeline(rows, 100, BERLIN)
    for length, (_, size) in zip(lengths, bar.blocks, strict=True):
        assert abs(size - (1 + (100 - len(lengths)) * length / whole)) <= 1


def test_a_night_is_shortened_and_work_is_not() -> None:
    bar = timeline(
        rows_of([("running", 2 * HOUR), ("closed", 60 * HOUR), ("over", HOUR)]), 60, BERLIN
    )
    sizes = dict(bar.blocks)
    assert sizes["closed"] < sizes["over"] < sizes["running"]


def test_a_row_without_length_has_no_block() -> None:
    assert timeline(rows_of([("running", 0)]), 60, BERLIN).blocks == ()


def test_weeks_are_told_by_dates() -> None:
    bar = timeline(rows_of([("running", 5 * DAY), ("paused", 5 * DAY)]), 60, BERLIN)
    assert bar.scale.split("  ")[0] == "13 Nov"
    assert "18 Nov" in bar.scale
