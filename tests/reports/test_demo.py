"""The demo screen: every kind of clock once, all of it computed."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from reports import screen
from reports.demo import Done, render_demo, telling
from reports.words import state_of
from tests.reports.desk import AT_RISK, MISSED, NIGHT, NOW, PAUSED, POLICIES, at, judged, ticket

Golden = Callable[[str, str], None]
BERLIN = ZoneInfo("Europe/Berlin")
LATE = ticket("SUP-400", "Late", "19T09:00:00", priority="P2")
DESK = [
    (MISSED, judged(MISSED, at("20T16:05:00"))),
    *((found, judged(found)) for found in (NIGHT, AT_RISK, PAUSED, LATE)),
]


def test_the_screen_reads_as_agreed(golden: Golden) -> None:
    found = render_demo(
        (
            Done("sandbox", "Jira http://127.0.0.1:8701 and ServiceNow http://127.0.0.1:8702"),
            Done("pulled", "240 tickets, 1 914 changes", 1.4),
            Done("evaluated", "447 clocks", 0.2),
        ),
        telling(DESK, POLICIES, NOW),
        POLICIES,
        now=NOW,
        zone=BERLIN,
        next_steps=(
            ("sla explain SUP-118", "why it missed, stretch by stretch"),
            ("sla plan", "edit the policies first, then see what would change"),
        ),
    )
    golden("reports/demo.txt", screen.text(found))


def test_every_kind_is_shown_once_the_most_urgent_first() -> None:
    shown = telling(DESK, POLICIES, NOW)
    words = [str(state_of(item.verdict)).split(":")[0] for item in shown]
    assert words == ["✗ missed", "✗ breached", "! at risk", "‖ paused", "● running"]


def test_the_order_of_tickets_is_nothing() -> None:
    assert telling(DESK, POLICIES, NOW) == telling(DESK[::-1], POLICIES, NOW)


def test_at_night_clocks_stand_still() -> None:
    night = at("19T20:00:00")
    shown = telling([(NIGHT, judged(NIGHT, night))], POLICIES, night)
    assert len(shown) == 1
