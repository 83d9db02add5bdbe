"""Changed verdicts: what was said, what is, and why, in one reading."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from reports import screen
from reports.restated import Cause, OnRecord, Restated, Said, Stands, record_parts, render_restated
from sla_engine.units import HOUR, Instant, Millis
from tests.reports.desk import NOW

Golden = Callable[[str, str], None]
BERLIN = ZoneInfo("Europe/Berlin")


def said(state: str, hours: float, limit: int | None = 4, stopped: float | None = -20) -> Said:
    at = None if stopped is None else Instant(NOW + int(stopped * HOUR))
    promised = None if limit is None else Millis(limit * HOUR)
    return Said(state, Millis(int(hours * HOUR)), promised, at, None)  # type: ignore[arg-type]  # a State


def restated(old: Said, new: Said | None, *causes: Cause, of: str = "") -> Restated:
    clock = "ownership" if of else "resolution"
    return Restated(Instant(NOW - HOUR), "OPS-7", "incident", clock, of, 1, old, new, causes)


LATE = Cause("history", "history 88240: status", Instant(NOW - 30 * HOUR), Instant(NOW - HOUR))
STRIKE = Cause("calendar", "calendar berlin corrected", None, None)
ALL = (
    restated(said("met", 3), said("breached", 5), LATE, STRIKE),
    restated(said("met", 2), said("met", 2, stopped=-22), LATE),
    restated(said("none", 2, None), None, LATE, of="Network"),
    restated(said("met", 2), said("running", 3, stopped=None), LATE),
)


def test_the_list_reads_as_agreed(golden: Golden) -> None:
    found = screen.text(render_restated(ALL, days=90, zone=BERLIN))
    golden("reports/restated.txt", found)


def test_no_news_is_said() -> None:
    said_so = screen.text(render_restated((), days=90, zone=BERLIN))
    assert said_so == "no verdict on a finished clock was changed in the last 90 days\n"


def test_a_tickets_own_screen_says_what_stands_and_what_changed(golden: Golden) -> None:
    stands = (
        Stands("Resolution", "a1f3c9e", said("breached", 3, 2)),
        Stands("First response", "a1f3c9e", None),
    )
    lines = [line.plain for line in record_parts(OnRecord(stands, ALL[:1]), BERLIN)]
    golden("reports/record.txt", "".join(f"{line}\n" for line in lines))
