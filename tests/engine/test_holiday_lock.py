"""The lock: imported holidays as somebody saw them last."""

from __future__ import annotations

from sla_engine.calendars import is_open
from sla_engine.holiday_lock import differences, imports_of, lock_text, read_lock, renewed
from sla_engine.policy_files import load_texts
from sla_engine.terms import Policies
from tests.engine.desk import at

POLICY = """schema: sla/v1
calendars:
  desk: {tz: UTC, hours: mon-fri 09:00-17:00, holidays: {import: NO, ics: feeds/plant.ics}}
  both: {union: [desk, mon-fri 09:00-17:00 Asia/Tokyo], day: 8h}
policies: {a: {match: {project: SUP}, calendar: both, targets: {resolution: 8h}}}
"""
FEED = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261118\nEND:VEVENT\nEND:VCALENDAR\n"
LOCK = {"NO": {"2026": ["2026-11-16"]}, "feeds/plant.ics": {"2026": ["2026-11-17"]}}


def loaded(lock: str) -> Policies:
    texts = {"p/a.yaml": POLICY, "p/feeds/plant.ics": FEED, "p/holidays.lock.yaml": lock}
    policies, problems = load_texts(texts)
    assert not [problem for problem in problems if problem.severity == "error"]
    return policies


def closed(policies: Policies, *days: str) -> list[str]:
    desk = policies.calendars["desk"]
    return [day for day in days if not is_open(desk, at(f"{day} 10:00"))]


def test_a_lock_is_read_as_it_is_written() -> None:
    assert read_lock(lock_text(LOCK), "x") == (LOCK, [])
    assert read_lock(lock_text({}), "x") == ({}, [])


def test_it_stands_instead_of_package_and_feed_for_its_years() -> None:
    days = ("2026-05-01", "2026-11-16", "2026-11-17", "2026-11-18", "2027-05-17", "2027-11-18")
    assert closed(loaded(lock_text(LOCK)), *days) == ["2026-11-16", "2026-11-17", "2027-05-17"]
    assert closed(loaded(lock_text({})), *days) == ["2026-05-01", "2026-11-18", "2027-05-17"]


def test_another_lock_is_another_version_of_the_policies() -> None:
    assert loaded(lock_text(LOCK)).version != loaded(lock_text({})).version


def test_what_is_imported_is_found_in_every_calendar() -> None:
    assert imports_of(loaded(lock_text(LOCK))) == ("NO", "p/feeds/plant.ics")


def test_a_renewal_keeps_the_years_before_and_tells_what_it_changes() -> None:
    old = {"NO": {"2019": ["2019-05-17"], "2026": ["2026-11-16"]}, "SE": {"2026": ["2026-06-06"]}}
    new = renewed(old, ["NO"], {"plant.ics": ["2026-11-18", "2031-01-01"]}, [2026])
    assert new["NO"]["2019"] == ["2019-05-17"]
    assert "2026-05-17" in new["NO"]["2026"]
    assert new["plant.ics"] == {"2026": ["2026-11-18"]}
    told = differences(old, new)
    assert "NO: - 2026-11-16" in told
    assert "NO: + 2026-05-17" in told
    assert "SE 2026: no longer imported" in told
    assert told[-1] == "plant.ics 2026: 1 day, new"
    assert differences(new, new) == []


def test_a_file_that_is_no_lock_is_told() -> None:
    _, (problem,) = read_lock("schema: sla/v1\n", "holidays.lock.yaml")
    assert (problem.code, problem.mend) == ("SLA131", "write it anew with sla lock")


def test_a_feed_that_is_not_there_is_told_at_its_place() -> None:
    _, problems = load_texts({"p/a.yaml": POLICY})
    (problem,) = [problem for problem in problems if "feed" in problem.what]
    assert problem.what == 'there is no feed "p/feeds/plant.ics"'
    assert (problem.where.line, problem.where.column) == (3, 75)
