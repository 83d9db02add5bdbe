"""sla lock: what it writes, and that looking alone writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sync import sla

POLICY = """schema: sla/v1
calendars:
  plant: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00, holidays: {ics: feeds/plant.ics}}
policies: {a: {match: {project: SUP}, calendar: plant, targets: {resolution: 8h}}}
"""
FEED = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261118\nEND:VEVENT\nEND:VCALENDAR\n"
SETTINGS = """connections:
  log: {system: event_log, path: log.csv, columns: {ticket: ticket, at: at}}
policies: policies
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies" / "feeds").mkdir(parents=True)
    (tmp_path / "service.yaml").write_text(SETTINGS)
    (tmp_path / "policies" / "a.yaml").write_text(POLICY)
    (tmp_path / "policies" / "feeds" / "plant.ics").write_text(FEED)
    return tmp_path


def locking(*words: str) -> Result:
    arguments = ["lock", "--config", "service.yaml", "--now", "2026-11-21T10:00:00Z", *words]
    return CliRunner().invoke(sla, arguments, standalone_mode=False)


def test_a_lock_is_written_once_and_then_only_for_what_changes(desk: Path) -> None:
    lock = desk / "policies" / "holidays.lock.yaml"
    looked = locking("--check")
    assert (looked.return_value, looked.output.count("new")) == (1, 3)
    assert not lock.exists()
    told = locking()
    assert told.return_value == 0, told.output
    assert told.output.splitlines() == [
        "feeds/plant.ics 2026: 1 day, new",
        "feeds/plant.ics 2027: 0 days, new",
        "feeds/plant.ics 2028: 0 days, new",
        "policies/holidays.lock.yaml: 3 changes, written",
    ]
    assert locking("--check").output == "policies/holidays.lock.yaml: nothing has changed\n"
    (desk / "policies" / "feeds" / "plant.ics").write_text(FEED.replace("1118", "1119"))
    before = lock.read_text()
    again = locking("--check")
    assert again.return_value == 1
    assert "feeds/plant.ics: + 2026-11-19" in again.output
    assert "feeds/plant.ics: - 2026-11-18" in again.output
    assert lock.read_text() == before
