"""A real company's incidents under a shorter promise: `sla diff` against a count of our own, made
straight from the log without a line of the engine."""

from __future__ import annotations

import csv
import gzip
import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import sync
from tests.test_uci import EXAMPLE

LIMITS = {"1 - Critical": 6, "2 - High": 4, "3 - Moderate": 62, "4 - Low": 134}
STRICTER = LIMITS | {"3 - Moderate": 48}
OPENS, CLOSES = 14, 23


class Incident(NamedTuple):
    """Its priority when it was first closed, and the working time until then."""

    priority: str
    used: timedelta


def incidents(path: Path) -> dict[str, Incident]:
    """By number; every incident of the log was closed."""
    first: dict[str, tuple[datetime, int, dict[str, str]]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for line, row in enumerate(csv.DictReader(lines)):
            if row["incident_state"] == "Closed":
                found = (moment(row["sys_updated_at"]), line, row)
                first[row["number"]] = min(found, first.get(row["number"], found))
    return {number: incident(at, row) for number, (at, _, row) in first.items()}


def incident(closed_at: datetime, row: dict[str, str]) -> Incident:
    return Incident(row["priority"], worked(moment(row["opened_at"]), closed_at))


@cache
def moment(text: str) -> datetime:
    day, month, year, hour, minute = map(int, re.split("[/ :]", text))
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def worked(start: datetime, end: datetime) -> timedelta:
    """Day by day, what lies between opening and closing time."""
    used, day = timedelta(), start.replace(hour=0, minute=0)
    while day < end:
        if day.weekday() < 5:
            begins = max(start, day.replace(hour=OPENS))
            ends = min(end, day.replace(hour=CLOSES))
            used += max(timedelta(), ends - begins)
        day += timedelta(days=1)
    return used


def kept(found: dict[str, Incident], limits: dict[str, int]) -> set[str]:
    return {
        number for number, one in found.items() if one.used <= timedelta(hours=limits[one.priority])
    }


@pytest.fixture(scope="module")
def log(shared: Path) -> Path:
    return shared / "data" / "uci" / "incident_event_log.csv.gz"


@pytest.fixture(scope="module")
def site(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example in a repository of its own, P3 changed from 62 h to 48 h after the commit."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "policies").mkdir()
    settings = (EXAMPLE / "event_log.yaml").read_text("utf-8")
    (path,) = [line for line in settings.splitlines() if line.lstrip().startswith("path:")]
    (folder / "service.yaml").write_text(settings.replace(path, f"    path: {log}"))
    policy = (EXAMPLE / "policies" / "uci.yaml").read_text("utf-8")
    (folder / "policies" / "uci.yaml").write_text(policy)
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@desk.example", "-c", "commit.gpgsign=false")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "62 h")):
        subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True)
    assert "P3: 62h" in policy
    (folder / "policies" / "uci.yaml").write_text(policy.replace("P3: 62h", "P3: 48h"))
    return folder


@pytest.fixture(scope="module")
def found(log: Path) -> dict[str, Incident]:
    return incidents(log)


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def diff(site: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    config = str(site / "service.yaml")
    assert sync.run(["diff", "main..", "--config", config, "--jobs", "2", *options]) == 0
    return capsys.readouterr().out


def test_the_figures_are_those_of_an_independent_count(
    site: Path, found: dict[str, Incident], capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = kept(found, LIMITS), kept(found, STRICTER)
    assert len(found) == 24_918
    told: dict[str, Any] = json.loads(diff(site, capsys, "--format", "json"))
    (promise,) = told["promises"]
    for side, right in (("before", before), ("after", after)):
        figures = promise[side]
        assert (figures["met"], figures["breached"]) == (len(right), len(found) - len(right))
        for figure in ("met", "breached"):
            assert sum(week[side][figure] for week in promise["weeks"]) == figures[figure]
    assert {change["ticket"] for change in told["changes"]} == before - after
    assert len(told["changes"]) == len(before - after)
    for change in told["changes"]:
        old, new = change["before"], change["after"]
        assert timedelta(milliseconds=old["elapsed"]) == found[change["ticket"]].used
        assert (old["fate"], new["fate"]) == ("met", "breached")
        assert (old["limit"], new["limit"]) == (62 * 3_600_000, 48 * 3_600_000)
        assert change["because"] == ["limit"]


def test_the_screen_says_it_first(
    site: Path, found: dict[str, Incident], capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = kept(found, LIMITS), kept(found, STRICTER)
    first, second, *rest = diff(site, capsys, "--all").splitlines()
    assert first.startswith("Policies main (")
    share = [f"{100 * len(right) / len(found):.1f} %" for right in (before, after)]
    assert second.startswith(f"Met {share[0]} → {share[1]} (")
    listed = {line.split()[0] for line in rest if "limit 62 h → 48 h" in line and "INC" in line}
    assert listed == before - after
