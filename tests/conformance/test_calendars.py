"""Calendar cases of other help desks and libraries, and a thousand drawn at random, hold here."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict

import pytest

from sla_engine.calendars import Calendar, advance, elapsed
from sla_engine.units import Instant, Millis, parse_iso

FOLDER = Path(__file__).with_name("calendars")
COUNTS = {"biz": 31, "btd": 13, "erpnext": 29, "frappe": 3, "mombt": 37, "pandas": 172}

# Ours of each point on which systems disagree, and how many cases of the point lie elsewhere.
ELSEWHERE = {
    "due_exact_close": 26,  # due at closing, not at the next opening
    "minimum_one_second": 5,  # no time is no time
    "reversed_interval": 2,  # end before start is 0, never negative
    "zero_duration": 1,  # due at once, open or not
    "dst_gap_endpoint": 1,  # what spring skips is not worked
}


class _Required(TypedDict):
    id: str
    timezone: str
    weekly_hours: dict[str, list[list[str]]]
    holidays: list[str | dict[str, str]]
    op: str
    start: str
    expected: str | int
    contested: bool


class Case(_Required, total=False):
    end: str
    seconds: int
    date_hours: dict[str, list[list[str]]]
    contested_tag: str
    convention: str
    expected_variants: dict[str, str | int]
    flags: dict[str, object]


def load(name: str) -> list[Case]:
    path = FOLDER / name
    raw = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    cases: list[Case] = json.loads(raw)["cases"]
    return cases


NAMED = [case for name in sorted(COUNTS) for case in load(f"calendar_{name}.json")]
RANDOM = load("random.json.gz")


def hours(windows: Iterable[Iterable[str]]) -> str:
    return " ".join("-".join(window) for window in windows) or "closed"


def calendar_of(case: Case) -> Calendar:
    """The case's calendar in the words of a policy file. Holidays between two instants are a
    calendar of their own, taken away."""
    days = [day for day in case["holidays"] if isinstance(day, str)]
    gaps = [gap for gap in case["holidays"] if not isinstance(gap, str)]
    terms: dict[str, object] = {
        "tz": case["timezone"],
        "hours": {day: hours(windows) for day, windows in case["weekly_hours"].items()},
        "day": "8h",
        "holidays": {"add": days},
        "special": {day: hours(w) for day, w in case.get("date_hours", {}).items()},
    }
    if gaps:
        known = {"gaps": Calendar.from_mapping({"tz": "UTC", "special": special(gaps)})}
        return Calendar.from_mapping({**terms, "minus": "gaps"}, known=known)
    return Calendar.from_mapping(terms)


def special(gaps: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for gap in gaps:
        at, end = (datetime.fromisoformat(gap[key]).astimezone(UTC) for key in ("start", "end"))
        while at < end:
            midnight = datetime(at.year, at.month, at.day, tzinfo=UTC) + timedelta(days=1)
            until = "24:00" if end >= midnight else f"{end:%H:%M:%S}"
            found.setdefault(f"{at:%Y-%m-%d}", []).append(f"{at:%H:%M:%S}-{until}")
            at = midnight
    return found


def instant(text: str) -> Instant:
    at = parse_iso(text)
    assert at is not None
    return at


def answer(case: Case) -> int | None:
    calendar, start = calendar_of(case), instant(case["start"])
    if case["op"] == "elapsed":
        return elapsed(calendar, start, instant(case["end"])) // 1000
    return advance(calendar, start, Millis(case["seconds"] * 1000))


def meant(expected: str | int) -> int:
    return expected if isinstance(expected, int) else instant(expected)


def ids(cases: Iterable[Case]) -> list[str]:
    return [case["id"] for case in cases]


AGREED = [case for case in NAMED if not case["contested"]]
CONTESTED = [case for case in NAMED if case["contested"]]


@pytest.mark.parametrize("case", AGREED, ids=ids(AGREED))
def test_what_nobody_contests_holds(case: Case) -> None:
    assert answer(case) == meant(case["expected"])


def test_contested_points_are_answered_on_our_side() -> None:
    apart = Counter(c["contested_tag"] for c in CONTESTED if answer(c) != meant(c["expected"]))
    assert apart == ELSEWHERE
    closing = [c for c in CONTESTED if c.get("convention") == "close"]
    assert closing
    assert all(answer(case) == meant(case["expected"]) for case in closing)


def test_a_thousand_random_cases_hold_each_kind_by_one_reading() -> None:
    """Where a case has variants we take `holiday_scope_shift` for shifts over midnight that touch a
    holiday, `endpoint_last` for an edge inside a repeated hour, and `expected` for all else."""
    readings: Counter[str] = Counter()
    for case in RANDOM:
        got, variants = answer(case), case.get("expected_variants", {})
        if got == meant(case["expected"]):
            readings["expected"] += 1
            assert "holiday_scope_shift" not in variants, case["id"]
        else:
            fitting = {name for name, value in variants.items() if meant(value) == got}
            wanted = {"holiday_scope_shift", "endpoint_last"} & fitting
            assert len(wanted) == 1, case["id"]
            readings[wanted.pop()] += 1
    assert readings == {"expected": 956, "holiday_scope_shift": 39, "endpoint_last": 5}


def test_no_case_went_missing() -> None:
    assert {name: len(load(f"calendar_{name}.json")) for name in COUNTS} == COUNTS
    assert (len(AGREED), len(CONTESTED), len(RANDOM)) == (246, 39, 1000)


def test_the_cases_are_those_we_were_given(shared: Path) -> None:
    given = shared / "data" / "cases"
    for name in COUNTS:
        copied = (FOLDER / f"calendar_{name}.json").read_bytes()
        assert copied == (given / f"calendar_{name}.json").read_bytes()
    copied = gzip.decompress((FOLDER / "random.json.gz").read_bytes())
    assert copied == (given / "random.json").read_bytes()
